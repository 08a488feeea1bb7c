"""Keeping the counts: entries are folded in by the order of the ledger, each exactly once.

The counts are derived: thrown away, they grow again from the ledger. What has no place yet, or
came after the last folding, is counted when somebody looks; so what is shown equals the ledger.
"""

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, or_, select

from hub.db import reading, unit_of_work
from hub.ledger.models import LedgerEntry
from hub.usage.models import CountedUpTo, ReadCount
from hub.usage.tally import Count, Counts, Read, merged, tally

READS = "reads"
STEP = 2_000
"""Entries folded in one transaction; on SQLite it holds the only write lock."""
TRIES = 5


def fold(engine: Engine, zone: ZoneInfo) -> int:
    """Fold in every placed entry that is not counted yet; how many. Any number may run at once."""
    folded = 0
    while _something_waits(engine):
        with unit_of_work(engine) as session:
            step = _fold_step(session, zone)
        folded += step
        if step < STEP:
            return folded
    return folded


def counts_of(
    session: Session, zone: ZoneInfo, *, since: date, owners: Collection[str] | None = None
) -> Counts:
    """Reads of the datasets of these agencies (None: of all), from a day on up to this moment."""
    for _ in range(TRIES):
        before = _place(session)
        after = tally(_after(session, before, owners), zone)
        fresh = {read: count for read, count in after.items() if read.day >= since}
        counts = merged(_folded(session, since, owners), fresh)
        if _place(session) == before:
            return counts
        session.expire_all()  # somebody folded in between: look again
    raise RuntimeError("the counts were folded faster than they could be read")


def _something_waits(engine: Engine) -> bool:
    """A look without the write lock, so that an idle hub writes nothing."""
    with reading(engine) as session:
        wanted = select(LedgerEntry.id).where(col(LedgerEntry.idx) >= _place(session)).limit(1)
        return session.exec(wanted).first() is not None


def _fold_step(session: Session, zone: ZoneInfo) -> int:
    position = session.exec(select(CountedUpTo).with_for_update()).first()
    if position is None:
        position = CountedUpTo(name=READS, place=0)
        session.add(position)
        session.flush()  # of two that begin at the same time, the second fails here and tries again
    wanted = (
        select(LedgerEntry)
        .where(col(LedgerEntry.idx) >= position.place)
        .order_by(col(LedgerEntry.idx))
        .limit(STEP)
    )
    entries = session.exec(wanted).all()
    for read, count in tally(entries, zone).items():
        _add(session, read, count)
    if entries:
        last = entries[-1].idx
        assert last is not None  # noqa: S101 - the query asked for placed ones
        position.place = last + 1
    return len(entries)


def _add(session: Session, read: Read, count: Count) -> None:
    key = (read.dataset, read.day, read.agency, read.party, read.grant, read.way)
    row = session.get(ReadCount, key)
    if row is None:
        row = ReadCount(
            dataset=read.dataset,
            day=read.day,
            agency=read.agency,
            party=read.party,
            grant=read.grant,
            way=read.way,
            owner=read.dataset.partition("/")[0],
            reads=0,
            rows=0,
            cut=0,
            last_at=count.last_at,
        )
        session.add(row)
    both = _count_of(row) + count
    row.reads, row.rows, row.cut, row.last_at = both.reads, both.rows, both.cut, both.last_at


def _place(session: Session) -> int:
    return session.exec(select(CountedUpTo.place)).first() or 0


def _folded(session: Session, since: date, owners: Collection[str] | None) -> Counts:
    wanted = select(ReadCount).where(col(ReadCount.day) >= since)
    if owners is not None:
        wanted = wanted.where(col(ReadCount.owner).in_(owners))
    return {
        Read(row.dataset, row.day, row.agency, row.party, row.grant, row.way): _count_of(row)
        for row in session.exec(wanted)
    }


def _after(session: Session, place: int, owners: Collection[str] | None) -> list[LedgerEntry]:
    """Reads that are in the ledger and not yet in the counts."""
    wanted = select(LedgerEntry).where(
        or_(col(LedgerEntry.idx).is_(None), col(LedgerEntry.idx) >= place),
        col(LedgerEntry.target_type) == "dataset",
        col(LedgerEntry.kind).like("%.read"),
    )
    if owners is not None:
        wanted = wanted.where(col(LedgerEntry.owner).in_(owners))
    return list(session.exec(wanted))


def _count_of(row: ReadCount) -> Count:
    return Count(row.reads, row.rows, row.cut, row.last_at)
