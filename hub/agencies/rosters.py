"""People in bulk: what a judged sheet would change is said first, then it is entered as a whole.

A sheet that is entered again changes nothing: people, posts and holdings that are there are left alone.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from sqlmodel import Session, col, delete, or_, select, update

from hub.agencies import accounts, entry, service
from hub.agencies.desk_models import Roster
from hub.agencies.models import HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.auth.models import Person
from hub.auth.sealing import seal, unseal
from hub.errors import Conflict, NotFound
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger
from schemas.document import SchemaDocument

KEPT = timedelta(days=30)
"""After that a sheet is forgotten, with codes that nobody fetched: those have expired by then."""
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclass(frozen=True)
class Planned:
    """What one line would do. `why` says what is refused; `post` is None for one that would be made."""

    line: Mapping[str, Any]
    kind: str
    person: Person | None
    post: Post | None
    seated: bool
    why: str = ""


@dataclass(frozen=True)
class Fetched:
    """A one-time code with its line."""

    line: Mapping[str, Any]
    code: str


@cache
def document() -> SchemaDocument:
    """The schema of a sheet of people, by which the gate judges it."""
    return SchemaDocument.parse(
        json.loads(files("hub.agencies").joinpath("people-sheet.json").read_text())
    )


def begin(
    session: Session,
    by: Actor,
    lines: Sequence[Mapping[str, Any]],
    outcome: Mapping[str, Any],
    *,
    file_name: str,
    now: datetime,
) -> Roster:
    """Keep what a sheet says until it is entered; what lies here for long is forgotten."""
    session.exec(delete(Roster).where(col(Roster.created_at) < now - KEPT))
    roster = Roster(
        made_by=by.id,
        file_name=file_name[:200],
        lines=[dict(line) for line in lines],
        outcome=dict(outcome),
        created_at=now,
    )
    session.add(roster)
    session.flush()  # its id leads to its page
    return roster


def find(session: Session, roster_id: str, *, locked: bool = False) -> Roster:
    found = session.get(Roster, roster_id, with_for_update=locked)
    if found is None:
        raise NotFound("Tidak ada lembar itu.", "There is no such sheet.")
    return found


def plan(session: Session, lines: Sequence[Mapping[str, Any]], *, now: datetime) -> list[Planned]:
    """What each line would do now, in the order of the sheet."""
    names = [line["username"] for line in lines]
    found = session.exec(select(Person).where(col(Person.username).in_(names))).all()
    people = {person.username: person for person in found}
    posts = _posts(session, {line["instansi"] for line in lines})
    seated = _seated(session, [person.id for person in found], now)
    planned = []
    for line in lines:
        person = people.get(line["username"])
        post = posts.get(_name_of(line["instansi"], line["jabatan"]))
        sits = person is not None and post is not None and (post.id, person.id) in seated
        planned.append(_planned(line, person, post, sits))
    return planned


def enter(
    session: Session,
    ledger: Ledger,
    by: Actor,
    key: bytes,
    roster_id: str,
    *,
    days: int,
    now: datetime,
) -> Roster:
    """Enter all lines that are not refused, with a code for each new person. Conflict the second time."""
    roster = find(session, roster_id, locked=True)
    if roster.applied_at is not None:
        raise Conflict("Lembar ini sudah didaftarkan.", "This sheet was entered already.")
    codes: dict[str, str] = {}
    made: dict[tuple[str, str], Post] = {}
    planned = plan(session, roster.lines, now=now)
    for one in planned:
        if one.kind in (NEW, CHANGED):
            person = _person(session, ledger, by, one, now)
            _seat(session, ledger, by, one, person, made, now)
        if one.kind == NEW:
            code = entry.hand_out(session, ledger, by, key, person.id, days=days, now=now)
            codes[person.username] = code.code
    roster.applied_at = now
    roster.outcome = {**roster.outcome, "entered": Counter(one.kind for one in planned)}
    roster.sealed = seal(key, _owner(roster.id), codes) if codes else None
    target = Target("roster", roster.id)
    ledger.record(session, kind="people.entered", actor=by, target=target)
    return roster


def fetch(session: Session, ledger: Ledger, by: Actor, key: bytes, roster_id: str) -> list[Fetched]:
    """The codes of a sheet, this once; Conflict for whoever comes second."""
    roster = find(session, roster_id)
    sealed = roster.sealed
    taken = session.exec(
        update(Roster)
        .where(col(Roster.id) == roster_id, col(Roster.sealed).is_not(None))
        .values(sealed=None)
    )
    if taken.rowcount != 1 or sealed is None:
        raise Conflict(
            "Kode lembar ini sudah diambil. Buat kode baru di halaman orangnya.",
            "The codes of this sheet were fetched already. Make new ones on the people's pages.",
        )
    ledger.record(session, kind="people.codes", actor=by, target=Target("roster", roster_id))
    codes = unseal(key, _owner(roster_id), sealed)
    return [Fetched(x, codes[x["username"]]) for x in roster.lines if x["username"] in codes]


def _planned(
    line: Mapping[str, Any], person: Person | None, post: Post | None, sits: bool
) -> Planned:
    if post is not None and post.role != line["peran"]:
        return Planned(line, REFUSED, person, post, sits, "role")
    if person is None:
        return Planned(line, NEW, person, post, sits)
    if not person.active:
        return Planned(line, REFUSED, person, post, sits, "off")
    same = sits and person.name == line["nama"] and (line["email"] or "") in ("", person.email)
    return Planned(line, SAME if same else CHANGED, person, post, sits)


def _person(session: Session, ledger: Ledger, by: Actor, one: Planned, now: datetime) -> Person:
    line = one.line
    email = line["email"] or ""
    if one.person is None:
        return accounts.create_person(
            session,
            ledger,
            by,
            username=line["username"],
            name=line["nama"],
            email=email,
            now=now,
        )
    if one.person.name != line["nama"] or email not in ("", one.person.email):
        return accounts.change_person(
            session, ledger, by, one.person.id, name=line["nama"], email=email or None
        )
    return one.person


def _seat(
    session: Session,
    ledger: Ledger,
    by: Actor,
    one: Planned,
    person: Person,
    made: dict[tuple[str, str], Post],
    now: datetime,
) -> None:
    """On the post of the line, made when it is not there; `made` are those of lines before."""
    if one.seated:
        return
    name = _name_of(one.line["instansi"], one.line["jabatan"])
    post = one.post or made.get(name)
    if post is None:
        post = service.create_post(
            session,
            ledger,
            by,
            agency=one.line["instansi"],
            title=one.line["jabatan"],
            role=Role(one.line["peran"]),
        )
        made[name] = post
    service.begin_holding(
        session,
        ledger,
        by,
        post=post.id,
        holder_kind=HolderKind.PERSON,
        holder=person.id,
        since=now,
    )


def _posts(session: Session, agencies: set[str]) -> dict[tuple[str, str], Post]:
    found = session.exec(select(Post).where(col(Post.agency).in_(agencies)).order_by(col(Post.id)))
    return {_name_of(post.agency, post.title): post for post in found}


def _name_of(agency: str, title: str) -> tuple[str, str]:
    return agency, " ".join(title.casefold().split())


def _seated(session: Session, people: Sequence[str], now: datetime) -> set[tuple[str, str]]:
    found = session.exec(
        select(Holding.post, Holding.holder).where(
            Holding.holder_kind == HolderKind.PERSON,
            col(Holding.holder).in_(people),
            or_(col(Holding.until).is_(None), col(Holding.until) > now),
        )
    )
    return set(found.all())


def _owner(roster_id: str) -> str:
    return f"roster:{roster_id}"
