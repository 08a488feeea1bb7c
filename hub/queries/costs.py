"""What a query would cost, in three classes."""

from typing import Literal

from hub.access import query
from hub.access.query import Question
from hub.agencies.principal import Principal
from hub.queries.running import Desk
from hub.queries.shapes import CostOut, TableCost

MIDDLE = 100
"""A hundredth of what needs to be confirmed is no longer small."""


def estimate(desk: Desk, principal: Principal, question: Question) -> CostOut:
    """Raises what `prepare` and `cost` of `hub.access.query` raise."""
    ready = query.prepare(desk.reader, principal, question)
    told = query.cost(desk.reader, desk.workers, ready)
    limit = desk.reader.settings.query_confirm_rows
    class_ = class_of(told.work, limit)
    tables = [
        TableCost(
            name=name,
            dataset=door.dataset.id,
            release=door.release.number,
            rows=told.sizes[name].rows,
            bytes=told.sizes[name].bytes,
        )
        for name, door in ready.doors.items()
    ]
    return CostOut(
        **{"class": class_},
        confirm=class_ == "besar",
        rows=sum(table.rows for table in tables),
        bytes=sum(table.bytes for table in tables),
        work=told.work,
        tables=tables,
    )


def class_of(work: int, limit: int) -> Literal["kecil", "sedang", "besar"]:
    """`limit` is what runs unasked."""
    if work > limit:
        return "besar"
    return "sedang" if work > limit // MIDDLE else "kecil"
