"""Failures of protection: opened with a scope, told to whom the law says in time, and closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from hub.agencies.principal import Principal, actor_of
from hub.errors import Conflict, InvalidInput, NotFound
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.privacy import reads
from hub.privacy.desk import must_act, must_look
from hub.privacy.models import Breach, BreachState
from hub.privacy.reads import Found, Scope
from hub.proceedings.numbering import next_number
from hub.rules import service as rules

BOOK = "pelindungan-data-pribadi"
LONGEST = timedelta(days=366)
SHORTEST = 10
PUBLIC = "masyarakat"
"""Whom the law has told in certain cases only (pasal 46 ayat (3)); the others are the book's receivers."""


@dataclass(frozen=True)
class Told:
    """What is known of a failure when it is opened. `columns` keeps the reads of any of these."""

    scope: Scope
    columns: Sequence[str]
    what: str
    known_at: datetime


def open_case(
    session: Session, ledger: Ledger, actor: Principal, told: Told, *, now: datetime
) -> Breach:
    """Open a case; its clock runs from the moment of knowing. Raises NotPermitted, InvalidInput."""
    must_act(session, actor)
    scope = _checked(told, now)
    book = rules.current(session, BOOK)
    hours = int(book.body["breach"]["notice_hours"]["value"])
    read = of_columns(reads.found(session, scope), told.columns)
    row = Breach(
        id=next_number(session, "KP", now.year, 4),
        since=scope.since,
        until=scope.until,
        dataset=scope.dataset,
        agency=scope.agency,
        party=scope.party,
        columns=list(told.columns),
        what=told.what,
        known_at=told.known_at,
        due_at=told.known_at + timedelta(hours=hours),
        rules=book.version,
        entries=read.entries,
        digest=read.digest,
        told={},
        opened_at=now,
        opened_by=actor.id,
    )
    session.add(row)
    session.flush()  # the number is taken before the entry names it
    _record(session, ledger, actor, row, "breach.opened")
    return row


def report(session: Session, actor: Principal, breach_id: str) -> tuple[Breach, Found]:
    """A case with its reads, folded from the ledger at this moment; raises NotPermitted, NotFound."""
    row = the_case(session, actor, breach_id)
    return row, of_columns(reads.found(session, scope_of(row)), row.columns)


def the_case(session: Session, actor: Principal, breach_id: str) -> Breach:
    """Raises NotPermitted, NotFound."""
    must_look(session, actor)
    row = session.get(Breach, breach_id)
    if row is None:
        raise NotFound(
            f"Tidak ada laporan kegagalan {breach_id}.", f"There is no breach report {breach_id}."
        )
    return row


def listed(session: Session, actor: Principal, *, limit: int, before: str | None) -> list[Breach]:
    """Newest first; raises NotPermitted."""
    must_look(session, actor)
    wanted = select(Breach).order_by(col(Breach.id).desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(col(Breach.id) < before)
    return list(session.exec(wanted))


def tell(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    breach_id: str,
    *,
    whom: str,
    how: str,
    at: datetime,
    now: datetime,
) -> Breach:
    """Note that somebody was told; raises NotPermitted, NotFound, Conflict, InvalidInput."""
    row = _mine(session, actor, breach_id)
    receivers = receivers_of(session, row)
    if whom not in (*receivers, PUBLIC):
        raise InvalidInput(
            f"Yang diberi tahu (to) salah satu dari: {', '.join((*receivers, PUBLIC))}.",
            f"Whom you told (to) is one of: {', '.join((*receivers, PUBLIC))}.",
            member="to",
        )
    if not row.known_at <= at <= now:
        raise InvalidInput(
            "Saat pemberitahuan (at) tidak boleh sebelum diketahui atau di masa depan.",
            "The notice (at) is neither before the failure was known nor in the future.",
            member="at",
        )
    row.told = {
        **row.told,
        whom: {"at": at.isoformat(timespec="seconds"), "how": how, "late": at > row.due_at},
    }
    if all(one in row.told for one in receivers):
        row.state = BreachState.TOLD.value
    session.add(row)
    _record(session, ledger, actor, row, "breach.told")
    return row


def handle(session: Session, actor: Principal, breach_id: str, *, handling: str) -> Breach:
    """Write what is done about it, the third content of the notice; raises as `tell`."""
    row = _mine(session, actor, breach_id)
    row.handling = handling
    session.add(row)
    return row


def close(
    session: Session, ledger: Ledger, actor: Principal, breach_id: str, *, why: str, now: datetime
) -> Breach:
    """Raises as `tell`; Conflict while the law's receivers have not been told."""
    row = _mine(session, actor, breach_id)
    missing = [one for one in receivers_of(session, row) if one not in row.told]
    if missing:
        raise Conflict(
            f"Belum diberitahukan kepada: {', '.join(missing)}. Catat pemberitahuannya dahulu.",
            f"Not told yet: {', '.join(missing)}. Note that they were told first.",
            missing=missing,
        )
    row.state, row.closed_at, row.closed_because = BreachState.CLOSED.value, now, why
    session.add(row)
    _record(session, ledger, actor, row, "breach.closed")
    return row


def receivers_of(session: Session, row: Breach) -> list[str]:
    """Whom the law has told, by the book that was in force."""
    body = rules.of_version(session, BOOK, row.rules).body
    return [one["code"] for one in body["breach"]["receivers"]]


def scope_of(row: Breach) -> Scope:
    return Scope(row.since, row.until, row.dataset, row.agency, row.party)


def of_columns(read: Found, columns: Sequence[str]) -> Found:
    """The lines that opened one of these columns; all when none is named."""
    if not columns:
        return read
    kept = [
        line
        for line in read.lines
        if line.columns is None or not line.known or set(line.columns) & set(columns)
    ]
    return replace(read, lines=kept)


def _checked(told: Told, now: datetime) -> Scope:
    scope = replace(told.scope, until=min(told.scope.until, now))
    if scope.since >= scope.until:
        raise InvalidInput(
            "Awal (since) harus sebelum akhir (until), dan tidak di masa depan.",
            "The begin (since) is before the end (until), and not in the future.",
            member="since",
        )
    if scope.until - scope.since > LONGEST:
        raise InvalidInput(
            f"Jangka waktu paling lama {LONGEST.days} hari.",
            f"A period is at most {LONGEST.days} days.",
            member="until",
        )
    if told.known_at > now:
        raise InvalidInput(
            "Saat diketahui (known_at) tidak boleh di masa depan.",
            "The moment of knowing (known_at) is not in the future.",
            member="known_at",
        )
    return scope


def _mine(session: Session, actor: Principal, breach_id: str) -> Breach:
    must_act(session, actor)
    row = the_case(session, actor, breach_id)
    if row.state == BreachState.CLOSED:
        raise Conflict(f"Laporan {row.id} sudah selesai.", f"Report {row.id} is closed.")
    return row


def _record(session: Session, ledger: Ledger, actor: Principal, row: Breach, kind: str) -> Any:
    return ledger.record(
        session,
        kind=kind,
        actor=actor_of(actor),
        target=Target("breach", row.id),
        outcome=row.state,
        digests={"file": row.digest},
        counts={"entries": row.entries},
    )


def said(text: str) -> str:
    """Words of a form, at least ten letters; raises InvalidInput."""
    if len(text.strip()) < SHORTEST:
        raise InvalidInput(
            f"Tulis sedikitnya {SHORTEST} huruf.", f"Write at least {SHORTEST} letters."
        )
    return text.strip()
