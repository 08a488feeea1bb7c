"""Snapshots of the index: taken monthly and on demand, never edited, each proven in the ledger."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from catalog.turns import take_turn
from hub.calendar import BusinessClock
from hub.ledger.entry import HUB, Actor, Target
from hub.ledger.service import Ledger
from hub.openness.formula import LETTERS, Case, Result, evaluate
from hub.openness.measuring import AgencyCases, Measure, Measured, measure, measured_agencies
from hub.openness.models import Snapshot
from hub.openness.months import Month, Window
from hub.rules.service import Book

TURN = "simpul index of openness"
"""The name under which measurements take turns, so that versions are counted once."""
SCHEDULED, ASKED, CORRECTED = "scheduled", "asked", "corrected"


def take(
    session: Session,
    ledger: Ledger,
    by: Measure,
    month: Month,
    *,
    now: datetime,
    agencies: Collection[str] | None = None,
    actor: Actor = HUB,
    why: str = SCHEDULED,
) -> list[Snapshot]:
    """Measure the month and keep what is new; `now` is by the business clock.

    An agency whose figures are those of its latest version gets no new one: measuring again is free.
    """
    wanted = measured_agencies(session) if agencies is None else agencies
    window = Window.of(month, by.book.body["window_months"], by.settings.zone, now=now)
    latest = latest_of_month(session, month)
    made = []
    for agency, measured in measure(session, by, window, wanted).items():
        fresh = snapshot_of(by, agency, window, measured, why=why, now=now)
        before = latest.get(agency)
        if before is not None and (before.digest, before.final) == (fresh.digest, fresh.final):
            continue
        fresh.version = 1 if before is None else before.version + 1
        made.append(record(session, ledger, actor, fresh))
    return made


def take_due(session: Session, ledger: Ledger, by: Measure, clock: BusinessClock) -> list[Snapshot]:
    """The month that is over, when its time has come; what was measured.

    Two workers at the same time measure it once: the second finds the first's versions.
    """
    take_turn(session, TURN)
    today = clock.today()
    if not is_due(session, by, today):
        return []
    return take(session, ledger, by, Month.of(today).plus(-1), now=clock.now())


def is_due(session: Session, by: Measure, today: date) -> bool:
    """From the working day of the book on, until the month before was measured."""
    month = Month.of(today)
    begins = month.working_day(by.book.body["computed_on_working_day"], by.local)
    return today >= begins and not is_taken(session, month.plus(-1))


def is_taken(session: Session, month: Month) -> bool:
    """Whether the finished month was measured."""
    wanted = select(Snapshot.agency).where(Snapshot.month == str(month), col(Snapshot.final))
    return session.exec(wanted.limit(1)).first() is not None


def snapshot_of(
    by: Measure, agency: str, window: Window, measured: Measured, *, why: str, now: datetime
) -> Snapshot:
    """Unsaved, without version and entry."""
    result = evaluate(by.book.body, measured.cases)
    cases = written(measured.cases)
    month = str(window.month)
    return Snapshot(
        agency=agency,
        month=month,
        version=0,
        final=window.final,
        as_of=window.as_of,
        made_at=now,
        why=why,
        score=result.score,
        band=result.band,
        components=[asdict(one) for one in result.components],
        cases=cases,
        shown=measured.shown,
        book_version=by.book.version,
        digest=digest_of(agency, month, by.book.version, cases),
        entry="",
    )


def corrected(
    book: Book, old: Snapshot, cases: AgencyCases, contest: str, *, now: datetime
) -> Snapshot:
    """The same month with cases as a ruling says, unsaved; the old version stays."""
    result, told = evaluate(book.body, cases), written(cases)
    return Snapshot(
        agency=old.agency,
        month=old.month,
        version=old.version + 1,
        final=old.final,
        as_of=old.as_of,
        made_at=now,
        why=CORRECTED,
        contest=contest,
        score=result.score,
        band=result.band,
        components=[asdict(one) for one in result.components],
        cases=told,
        shown=old.shown,
        book_version=book.version,
        digest=digest_of(old.agency, old.month, book.version, told),
        entry="",
    )


def record(session: Session, ledger: Ledger, actor: Actor, fresh: Snapshot) -> Snapshot:
    """Store it together with the ledger entry that names its digest."""
    receipt = ledger.record(
        session,
        kind=f"index.{fresh.why}",
        actor=actor,
        target=Target(
            "scorecard",
            f"{fresh.agency}:{fresh.month}",
            version=str(fresh.version),
            owner=fresh.agency,
        ),
        digests={"file": fresh.digest},
    )
    fresh.entry = receipt.entry_id
    session.add(fresh)
    return fresh


def recomputed(book: Mapping[str, Any], snapshot: Snapshot) -> tuple[Result, str]:
    """The result and digest of the stored inputs; equal to the stored ones unless somebody edited."""
    return evaluate(book, read_back(snapshot.cases)), digest_of(
        snapshot.agency, snapshot.month, snapshot.book_version, snapshot.cases
    )


def written(cases: AgencyCases) -> dict[str, Any]:
    """As JSON, by component, in the order of kind, id and part."""
    return {
        letter: [
            asdict(case)
            for case in sorted(cases.get(letter, ()), key=lambda c: (c.kind, c.id, c.part))
        ]
        for letter in LETTERS
    }


def read_back(stored: Mapping[str, Sequence[Mapping[str, Any]]]) -> AgencyCases:
    return {letter: [Case(**case) for case in cases] for letter, cases in stored.items()}


def digest_of(agency: str, month: str, book_version: int, cases: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the inputs as compact JSON with sorted names."""
    told = {"agency": agency, "month": month, "book": book_version, "cases": cases}
    return sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def latest_of_month(session: Session, month: Month) -> dict[str, Snapshot]:
    """The newest version of each agency that has one."""
    newest = (
        select(Snapshot.agency, func.max(Snapshot.version).label("version"))
        .where(Snapshot.month == str(month))
        .group_by(col(Snapshot.agency))
        .subquery()
    )
    wanted = select(Snapshot).join(
        newest,
        (col(Snapshot.agency) == newest.c.agency) & (col(Snapshot.version) == newest.c.version),
    )
    return {one.agency: one for one in session.exec(wanted.where(Snapshot.month == str(month)))}


Scores = dict[str, dict[str, tuple[float | None, str | None]]]
"""By agency and month: score and band of the newest version."""


def latest_scores(session: Session, first: Month, last: Month) -> Scores:
    """Of every month from `first` to `last`, light enough for a year of all agencies."""
    wanted = (
        select(Snapshot.agency, Snapshot.month, Snapshot.score, Snapshot.band)
        .where(Snapshot.month >= str(first), Snapshot.month <= str(last))
        .order_by(col(Snapshot.agency), col(Snapshot.month), col(Snapshot.version))
    )
    found: Scores = {}
    for agency, month, score, band in session.execute(wanted):
        found.setdefault(agency, {})[month] = (score, band)
    return found
