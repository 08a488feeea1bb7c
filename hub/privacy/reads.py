"""Reads in a period, folded from the ledger: who, which release, through which policy, how often.

The ids of entries begin with their moment, so a period is a range of the primary key: any hour of a year
is found without looking at the others.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from hub.access import replay
from hub.access.subject_models import PersonalRead, ReadSubject
from hub.ledger.entry import HUB
from hub.ledger.models import LedgerEntry
from hub.ledger.service import TABLE

READ = ".read"
SLACK = timedelta(minutes=5)
"""How far the moment in an id and that of its entry may lie apart (a slow seal, a clock set right)."""
AT_ONCE = 5_000
Entry = Row[Any]

ENTRIES: Select[Any] = columns_of(
    TABLE.c.id,
    TABLE.c.at,
    TABLE.c.kind,
    TABLE.c.body,
    TABLE.c.hash,
    TABLE.c.actor,
    TABLE.c.agency,
    TABLE.c.target_type,
    TABLE.c.target_id,
)


@dataclass(frozen=True)
class Scope:
    """Which reads: from `since` up to before `until`; `agency` and `party` (person or client) read."""

    since: datetime
    until: datetime
    dataset: str | None = None
    agency: str | None = None
    party: str | None = None


@dataclass(frozen=True)
class Way:
    """What is told in one line: one reader, one release, one policy, one kind of reading."""

    dataset: str
    release: int
    kind: str
    agency: str
    person: str
    client: str
    post: str
    grant: str
    policy: str


@dataclass
class Line:
    """What was read in one way. `cut` counts reads that ended early, of those in `reads`.

    `columns` None is every column of the release; `personal` are the personal ones that left,
    `persons` how many different persons are recorded, `sets` reads that name nobody.
    """

    way: Way
    first_at: datetime
    last_at: datetime
    reads: int = 0
    rows: int = 0
    failed: int = 0
    cut: int = 0
    columns: list[str] | None = None
    filter: Any = None
    masks: dict[str, str] = field(default_factory=dict)
    personal: list[str] = field(default_factory=list)
    persons: int = 0
    sets: int = 0
    known: bool = True
    """False when the decision is gone by which the columns are known."""


@dataclass(frozen=True)
class Found:
    """All reads of a scope. `entries` of the ledger they are, and `digest` is over their hashes in order."""

    lines: list[Line]
    entries: int
    digest: str
    persons: int
    sets: int


def found(session: Session, scope: Scope) -> Found:
    """Fold the entries of a scope; the last reader first."""
    lines: dict[Way, Line] = {}
    deciders: dict[Way, str] = {}
    places: dict[str, Way] = {}
    whole, entries = sha256(), 0
    for row in _entries(session, scope):
        entry = json.loads(row.body)
        way = way_of(row, entry)
        _count(lines.setdefault(way, Line(way, row.at, row.at)), row, entry)
        deciders[way] = entry["decision"]["id"]
        if entry["outcome"] == "ok":
            places[row.id] = way
        whole.update(row.hash)
        entries += 1
    _add_policies(session, lines, deciders)
    persons, sets = _add_people(session, lines, places)
    ordered = sorted(lines.values(), key=lambda line: line.last_at, reverse=True)
    return Found(ordered, entries, whole.hexdigest(), persons, sets)


def floor_of(moment: datetime) -> str:
    """An id that no id of this moment or later lies below."""
    return f"{int(moment.timestamp() * 1000):012x}"


def way_of(row: Entry | LedgerEntry, entry: Mapping[str, Any]) -> Way:
    actor = entry["actor"]
    return Way(
        dataset=row.target_id,
        release=int(entry["target"]["release"]),
        kind=row.kind.removesuffix(READ),
        agency=row.agency or "",
        person=actor.get("person", ""),
        client=actor.get("client", ""),
        post=actor.get("post") or "",
        grant=entry.get("grant") or "",
        policy=entry["decision"]["policy"],
    )


def _entries(session: Session, scope: Scope) -> Iterator[Entry]:
    """Oldest first; the hub's own nightly reads are left out.

    By the primary key alone, the rest is judged here: an index on a target would sort a year of reads.
    """
    after = floor_of(scope.since - SLACK)
    end = floor_of(scope.until + SLACK)
    while True:
        within = ENTRIES.where(TABLE.c.id > after, TABLE.c.id < end).order_by(TABLE.c.id)
        rows = session.connection().execute(within.limit(AT_ONCE)).all()
        yield from (row for row in rows if _fits(row, scope))
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].id


def _fits(row: Entry, scope: Scope) -> bool:
    return (
        row.target_type == "dataset"
        and row.kind.endswith(READ)
        and row.actor != HUB.id
        and scope.since <= row.at < scope.until
        and scope.dataset in (None, row.target_id)
        and scope.agency in (None, row.agency)
        and scope.party in (None, row.actor)
    )


def _count(line: Line, row: Entry, entry: Mapping[str, Any]) -> None:
    """A read that was cut stands twice in the ledger, a failed one handed out nothing."""
    match entry["outcome"]:
        case "ok":
            line.reads += 1
            line.rows += int(entry.get("counts", {}).get("rows", 0))
        case "aborted":
            line.cut += 1
        case _:
            line.failed += 1
    line.last_at = max(line.last_at, row.at)


def _add_policies(session: Session, lines: dict[Way, Line], deciders: Mapping[Way, str]) -> None:
    """What each policy opened, made again from the recorded decision."""
    made = replay.outcomes(session, set(deciders.values()))
    for way, line in lines.items():
        outcome = made.get(deciders[way])
        given = None if outcome is None else outcome.given
        line.known = given is not None
        if given is not None:
            line.columns = None if given.columns is None else list(given.columns)
            line.filter, line.masks = given.filter, dict(given.masks)


def _add_people(
    session: Session, lines: dict[Way, Line], places: Mapping[str, Way]
) -> tuple[int, int]:
    """How many persons are recorded in all, and how many reads name nobody; into the lines too."""
    if not places:
        return 0, 0
    first, last = min(places), max(places)
    sets = 0
    personal: dict[Way, set[str]] = defaultdict(set)
    told = select(PersonalRead.entry, PersonalRead.columns, PersonalRead.recorded)
    within = told.where(col(PersonalRead.entry) >= first, col(PersonalRead.entry) <= last)
    for entry, columns, recorded in session.exec(within):
        if entry in places:
            personal[places[entry]] |= set(columns)
            if recorded is None:
                lines[places[entry]].sets += 1
                sets += 1
    people: dict[Way, set[bytes]] = defaultdict(set)
    named = select(ReadSubject.entry, ReadSubject.subject).where(
        col(ReadSubject.entry) >= first, col(ReadSubject.entry) <= last
    )
    for entry, subject in session.exec(named):
        if entry in places:
            people[places[entry]].add(subject)
    for way, line in lines.items():
        line.personal, line.persons = sorted(personal[way]), len(people[way])
    return len(set().union(*people.values())), sets


def subjects(session: Session, scope: Scope) -> list[tuple[str, int]]:
    """Every person recorded in a scope, as the hash in hexadecimal, with how many reads; most first."""
    places = {row.id for row in _entries(session, scope)}
    times: dict[bytes, int] = defaultdict(int)
    if places:
        named = select(ReadSubject.entry, ReadSubject.subject).where(
            col(ReadSubject.entry) >= min(places), col(ReadSubject.entry) <= max(places)
        )
        for entry, subject in session.exec(named):
            times[subject] += entry in places
    counted = ((subject.hex(), n) for subject, n in times.items() if n)
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))
