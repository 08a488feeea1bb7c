"""The rules of rule books: which is in force, which was, and how the walidata replaces values.

Days, grounds, bands and thresholds are values of the instance, never of the code. A book comes with
the hub as version 0; what the walidata puts in its place is a new version, and older ones stay, for
whatever began under them ends under them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import rfc8785
from jsonschema import Draft202012Validator
from sqlmodel import Session, col, select

from catalog.turns import take_turn
from hub.agencies.principal import Principal, actor_of
from hub.auth import scopes
from hub.errors import ChangedMeanwhile, Conflict, InvalidInput, NotFound
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.rules import soundness
from hub.rules.models import RuleBook

PACKAGED = 0
SHORTEST_BASIS = 5
MANDATES = "mandat"
PROCEDURE = "procedure"
"""The shape that every book with states and moves shares."""
VALUES_OF_A_PROCEDURE = frozenset(
    {"clock", "at_most", "source", "proposal", "notice_hour", "title", "note"}
)
"""What an instance may change in a procedure: its states and moves are what the code knows."""


@dataclass(frozen=True)
class Book:
    """One version of a book; 0 came with the hub. `put_at` and `basis` are of the others."""

    name: str
    version: int
    body: Mapping[str, Any]
    put_at: datetime | None = None
    basis: str = ""


@cache
def names() -> tuple[str, ...]:
    """Every book, in order of its name."""
    found = (file.name for file in (files("hub.rules") / "books").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in found if name.endswith(".json")))


@cache
def packaged(name: str) -> Book:
    """The book as it comes with the hub; raises NotFound."""
    if name not in names():
        raise _unknown(name)
    text = (files("hub.rules") / "books" / f"{name}.json").read_text(encoding="utf-8")
    return Book(name, PACKAGED, json.loads(text))


def current(session: Session, name: str) -> Book:
    """The version in force; raises NotFound for an unknown name."""
    packaged(name)
    newest = (
        select(RuleBook)
        .where(RuleBook.name == name)
        .order_by(col(RuleBook.version).desc())
        .limit(1)
    )
    row = session.exec(newest).first()
    return packaged(name) if row is None else _book(row)


def of_version(session: Session, name: str, version: int) -> Book:
    """A version by its number; raises NotFound."""
    if version == PACKAGED:
        return packaged(name)
    row = session.get(RuleBook, (name, version))
    if row is None:
        raise _unknown(f"{name}/{version}")
    return _book(row)


def versions(session: Session, name: str) -> list[Book]:
    """Newest first, the packaged one last."""
    kept = select(RuleBook).where(RuleBook.name == name).order_by(col(RuleBook.version).desc())
    return [*(_book(row) for row in session.exec(kept)), packaged(name)]


def put(
    session: Session,
    ledger: Ledger,
    principal: Principal,
    name: str,
    body: Mapping[str, Any],
    *,
    basis: str,
    now: datetime,
    seen: int | None = None,
) -> Book:
    """Replace the values of a book, on the `basis` of a decree or decision; by the walidata.

    `seen` is the version that she looked at. Raises NotFound, NotPermitted, ChangedMeanwhile when that
    is no longer in force, Conflict when nothing differs, InvalidInput for a body that is not of
    the book's shape, that changes the states and moves of a procedure, or that is not sound.
    """
    principal.must(scopes.AGENCY_ADMIN)
    principal.must_have("walidata")
    take_turn(session, f"simpul rule book {name}")
    before = current(session, name)
    if seen is not None and seen != before.version:
        raise ChangedMeanwhile(before.version)
    check(name, body)
    if len(basis.strip()) < SHORTEST_BASIS:
        raise InvalidInput(
            "Sebutkan dasar perubahannya, misalnya nomor peraturan atau keputusan (basis).",
            "Name what the change rests on, for example the number of a regulation (basis).",
            member="basis",
        )
    if dict(body) == dict(before.body):
        raise Conflict(
            f"Buku aturan {name} sudah berisi nilai itu.",
            f"The rule book {name} holds these values already.",
            version=before.version,
        )
    row = RuleBook(
        name=name,
        version=before.version + 1,
        body=dict(body),
        basis=basis.strip(),
        put_by=principal.id,
        put_at=now,
    )
    session.add(row)
    ledger.record(
        session,
        kind="rules.put",
        actor=actor_of(principal),
        target=Target("rule_book", name, version=str(row.version)),
        digests={"file": sha256(rfc8785.dumps(row.body)).hexdigest()},
    )
    return _book(row)


def check(name: str, body: Mapping[str, Any]) -> None:
    """Raise InvalidInput with every place at which `body` is not what the book must be."""
    base = packaged(name)
    try:
        rfc8785.dumps(dict(body))
    except rfc8785.CanonicalizationError as error:
        raise InvalidInput(
            "Isi buku aturan memuat angka yang bukan angka JSON.",
            "The rule book holds a number that is none in JSON.",
            member="body",
        ) from error
    faults = [
        {
            "pointer": "/" + "/".join(str(step) for step in fault.absolute_path),
            "fault": fault.message,
        }
        for fault in _judge(name).iter_errors(dict(body))
    ]
    if faults:
        raise InvalidInput(
            f"Isi buku aturan {name} tidak sesuai bentuknya; lihat faults.",
            f"The rule book {name} is not of its shape; see faults.",
            faults=faults[:20],
        )
    if is_procedure(base) and frame(body) != frame(base.body):
        raise InvalidInput(
            "Keadaan dan langkah prosedur tidak dapat diubah lewat buku aturan; ubah hari, sumber, "
            "dan pemberitahuannya saja.",
            "States and moves of a procedure cannot be changed in a rule book; change its days, "
            "sources and notices only.",
        )
    faults = _unsound(name, body)
    if faults:
        raise InvalidInput(
            f"Dengan isi itu buku aturan {name} dapat menelantarkan perkara; lihat faults.",
            f"With these values the rule book {name} could lose what waits by it; see faults.",
            faults=faults[:20],
        )


def _unsound(name: str, body: Mapping[str, Any]) -> list[dict[str, str]]:
    mandates: Mapping[str, Any] = packaged(MANDATES).body["mandates"]
    if name == MANDATES:
        missing = mandates.keys() ^ body["mandates"].keys()
        return [
            {"pointer": f"/mandates/{one}", "fault": "mandates are neither added nor left out"}
            for one in sorted(missing)
        ]
    return list(soundness.faults(body, mandates)) if is_procedure(packaged(name)) else []


def is_procedure(book: Book) -> bool:
    return "moves" in book.body


def frame(part: Any) -> Any:
    """What stays of a procedure when its values are left out."""
    if isinstance(part, Mapping):
        kept = (key for key in part if key not in VALUES_OF_A_PROCEDURE)
        framed = {key: frame(part[key]) for key in kept}
        clock = part.get("clock")
        return framed | ({"clock": _frame_of(clock)} if isinstance(clock, Mapping) else {})
    if isinstance(part, list):
        return [frame(one) for one in part]
    return part


def _frame_of(clock: Mapping[str, Any]) -> dict[str, Any]:
    return {"then": clock.get("then"), "kind": clock.get("kind")}


@cache
def _judge(name: str) -> Draft202012Validator:
    shape = PROCEDURE if is_procedure(packaged(name)) else name
    text = (files("hub.rules") / "shapes" / f"{shape}.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _book(row: RuleBook) -> Book:
    return Book(row.name, row.version, row.body, row.put_at, row.basis)


def _unknown(name: str) -> NotFound:
    return NotFound(f"Tidak ada buku aturan {name}.", f"There is no rule book {name}.")
