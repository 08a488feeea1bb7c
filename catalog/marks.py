"""Cells that are said to be wrong: which they are, kept beside the data, for every reader of it.

A mark names a row by the text of its key, which may be personal data: it stays in this table, and what
leaves the hub is the mark on the row, for whoever may see both. `catalog.marking` finds the rows.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select

from catalog.moments import UtcDateTime
from catalog.turns import take_turn

UNDER_RESEARCH = "dalam penelitian"
UNANSWERED = "pemilik belum menjawab"
CONFIRMED = "dinyatakan benar oleh pemilik"
ADMITTED = "diakui salah, menunggu perbaikan"


class Mark(SQLModel, table=True):
    """One cell; `id` is that of the report that marked it.

    `key` is the text of each key column. `value` is a keyed digest of the wrong value: the cell is
    marked in every release that holds just this value there. `says` is what readers are told.
    """

    __tablename__ = "catalog_mark"

    id: str = Field(primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    key: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    field: str
    value: str
    says: str = UNDER_RESEARCH
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Marked(SQLModel, table=True):
    """A dataset that has marks, or had some; `stamp` is another one whenever they change."""

    __tablename__ = "catalog_marked"

    dataset: str = Field(foreign_key="catalog_dataset.id", primary_key=True)
    stamp: str
    open: int


@dataclass(frozen=True)
class OpenMark:
    """What a reader needs of a mark; `key` in the order of its columns' names."""

    key: tuple[tuple[str, str], ...]
    field: str
    value: str
    says: str


@dataclass(frozen=True)
class Marks:
    """The open marks of a dataset as they were at the change named `stamp`."""

    stamp: str
    marks: tuple[OpenMark, ...]


def of_dataset(session: Session, dataset: str) -> Marks | None:
    """None where nothing is marked, which costs one look; the marks are read when they changed."""
    asked = select(Marked.stamp).where(Marked.dataset == dataset, col(Marked.open) > 0)
    stamp = session.exec(asked).first()
    if stamp is None:
        return None
    return _kept(stamp) or _keep(Marks(stamp, _as_open(open_marks(session, dataset))))


def open_marks(session: Session, dataset: str) -> list[Mark]:
    """Those that are open, oldest first."""
    wanted = select(Mark).where(Mark.dataset == dataset, col(Mark.closed_at).is_(None))
    return list(session.exec(wanted.order_by(col(Mark.opened_at), col(Mark.id))))


def find(session: Session, dataset: str, key: dict[str, str], field: str) -> Mark | None:
    """The open mark on a cell."""
    return next(
        (one for one in open_marks(session, dataset) if (one.key, one.field) == (key, field)), None
    )


def take_turns(session: Session, dataset: str) -> None:
    """Marks of one dataset change one after another."""
    take_turn(session, f"simpul marks {dataset}")


def put(session: Session, mark: Mark, stamp: str) -> None:
    """Mark a cell; readers show it from their next answer on."""
    session.add(mark)
    _restamp(session, mark.dataset, stamp)


def reword(session: Session, mark_id: str, says: str, stamp: str) -> None:
    """Say something else of an open mark; a closed one stays as it is."""
    mark = session.get_one(Mark, mark_id)
    if mark.closed_at is None and mark.says != says:
        mark.says = says
        _restamp(session, mark.dataset, stamp)


def close(session: Session, mark_id: str, at: datetime, stamp: str) -> bool:
    """Take the mark away; whether it was there."""
    mark = session.get_one(Mark, mark_id)
    if mark.closed_at is not None:
        return False
    mark.closed_at = at
    _restamp(session, mark.dataset, stamp)
    return True


def _restamp(session: Session, dataset: str, stamp: str) -> None:
    session.flush()  # the marks are counted in the database
    row = session.get(Marked, dataset, with_for_update=True)
    count = len(open_marks(session, dataset))
    if row is None:
        session.add(Marked(dataset=dataset, stamp=stamp, open=count))
        return
    row.stamp, row.open = stamp, count
    session.add(row)


_KEPT: OrderedDict[str, Marks] = OrderedDict()
"""By stamp. Stamps are random, so no two databases share one."""
_LOCK = Lock()
_MOST_KEPT = 256


def _kept(stamp: str) -> Marks | None:
    with _LOCK:
        found = _KEPT.get(stamp)
        if found is not None:
            _KEPT.move_to_end(stamp)
        return found


def _keep(marks: Marks) -> Marks:
    with _LOCK:
        _KEPT[marks.stamp] = marks
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return marks


def _as_open(rows: Sequence[Mark]) -> tuple[OpenMark, ...]:
    return tuple(
        OpenMark(tuple(sorted(one.key.items())), one.field, one.value, one.says) for one in rows
    )
