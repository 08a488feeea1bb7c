"""What of one person's data was shared with whom: from the reads that name her, and the sets she may be in.

The identifier is never kept, logged or shown: what is recorded of the question is its keyed hash. Nothing
of other persons is told, neither who they are nor that they stood in the same read.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalog.models import Release
from hub.access import membership, subjects
from hub.access.reader import Reader
from hub.access.subject_models import PersonalRead, ReadSubject
from hub.access.witness import keyed_digest
from hub.agencies.principal import Principal, actor_of
from hub.db import reading
from hub.errors import InvalidInput
from hub.ledger.entry import HUB, Facts, Target
from hub.ledger.models import LedgerEntry
from hub.ledger.service import Receipt
from hub.privacy import naming
from hub.privacy.desk import must_act
from hub.privacy.naming import Known
from hub.privacy.reads import READ, Way, way_of

MOST_SETS = 5_000
"""Reads without names that are looked at for one person, the newest."""
AT_ONCE = 500


@dataclass(frozen=True)
class Asked:
    """Whose data: `kind` is nik or nip."""

    kind: str
    identifier: str = field(repr=False)


@dataclass(frozen=True)
class Share:
    """One read. `certain` is false for a set of which it is known only that she was in the release."""

    entry: str
    at: datetime
    way: Way
    columns: list[str]
    rows: int
    named: bool
    certain: bool


@dataclass(frozen=True)
class Answer:
    """Newest first. `recorded_since` is when persons began to be recorded at all; `unread` releases are
    gone, so that nobody can say whether she was in them; `capped` when there were more sets than are read.
    """

    shares: list[Share]
    known: Known
    recorded_since: datetime | None
    unread: list[str]
    capped: bool
    receipt: Receipt


def answer(reader: Reader, actor: Principal, asked: Asked) -> Answer:
    """Raises NotPermitted, InvalidInput; EvidenceUnavailable, and then nothing is told."""
    with reading(reader.engine) as session:
        must_act(session, actor)
    person = _checked(asked)
    [key] = subjects.hashes_of(reader.secret, asked.kind, [person])
    with reading(reader.engine) as session:
        named = _named(session, key)
        sets, capped = _sets(session)
        since = session.exec(select(PersonalRead.at).order_by(col(PersonalRead.entry)).limit(1))
        recorded_since = since.first()
        shares = [*named, *_in_sets(reader, session, sets, asked.kind, person)]
        unread = sorted({f"{one.dataset}/{one.release}" for one in _gone(session, sets)})
        shares.sort(key=lambda one: one.entry, reverse=True)
        known = naming.known(session, [one.way for one in shares])
    receipt = reader.evidence.record(
        **Facts(
            kind="subject.answered",
            actor=actor_of(actor),
            target=Target("subject_access", "subject"),
            digests={"request": keyed_digest(reader.secret, {asked.kind: key.hex()})},
            counts={"reads": len(shares)},
        )
    )
    return Answer(shares, known, recorded_since, unread, capped, receipt)


def _checked(asked: Asked) -> str:
    """The digits; the refusal does not repeat what was sent."""
    person = subjects.plain(asked.identifier)
    digits = subjects.DIGITS[asked.kind]
    if len(person) != digits:
        raise InvalidInput(
            f"{asked.kind.upper()} terdiri dari {digits} angka.",
            f"A {asked.kind.upper()} has {digits} digits.",
            member="identifier",
        )
    return person


def _named(session: Session, key: bytes) -> list[Share]:
    """The reads that recorded her."""
    wanted = (
        select(PersonalRead)
        .join(ReadSubject, col(ReadSubject.entry) == col(PersonalRead.entry))
        .where(ReadSubject.subject == key)
    )
    rows = {row.entry: row for row in session.exec(wanted)}
    return [
        _share(entry, rows[entry.id], named=True, certain=True) for entry in _entries(session, rows)
    ]


def _sets(session: Session) -> tuple[list[PersonalRead], bool]:
    """Reads that name nobody, newest first, and whether there are more."""
    wanted = select(PersonalRead).where(col(PersonalRead.recorded).is_(None))
    newest = wanted.order_by(col(PersonalRead.entry).desc()).limit(MOST_SETS + 1)
    rows = list(session.exec(newest))
    return rows[:MOST_SETS], len(rows) > MOST_SETS


def _in_sets(
    reader: Reader, session: Session, sets: Iterable[PersonalRead], kind: str, person: str
) -> list[Share]:
    """Those sets whose release holds her, as far as the reader's policy reached."""
    places: dict[tuple[str, int, str | None], tuple[bool, int]] = {}
    held: dict[str, tuple[PersonalRead, bool]] = {}
    for row in sets:
        place = (row.dataset, row.release, row.grant)
        if place not in places:
            places[place] = membership.held(reader, session, *place, kind=kind, person=person)
        there, permitted = places[place]
        if there:
            held[row.entry] = (row, row.rows >= permitted)
    return [
        _share(entry, held[entry.id][0], named=False, certain=held[entry.id][1])
        for entry in _entries(session, held)
    ]


def _gone(session: Session, sets: Iterable[PersonalRead]) -> list[PersonalRead]:
    """Sets whose release is not there any more."""
    rows = list(sets)
    there = set(session.exec(select(Release.dataset, Release.number)).all()) if rows else set()
    return [row for row in rows if (row.dataset, row.release) not in there]


def _entries(session: Session, ids: Collection[str]) -> list[LedgerEntry]:
    """Their entries in the ledger, without those by which the hub tries its own grants."""
    wanted, found = sorted(ids), []
    for start in range(0, len(wanted), AT_ONCE):
        some = col(LedgerEntry.id).in_(wanted[start : start + AT_ONCE])
        found += [row for row in session.exec(select(LedgerEntry).where(some)) if _counts(row)]
    return found


def _counts(row: LedgerEntry) -> bool:
    return row.kind.endswith(READ) and row.actor != HUB.id


def _share(row: LedgerEntry, read: PersonalRead, *, named: bool, certain: bool) -> Share:
    entry: Mapping[str, Any] = json.loads(row.body)
    return Share(
        row.id, row.at, way_of(row, entry), read.columns, read.rows, named=named, certain=certain
    )
