"""What the decider leaves of what was asked: never more, in no member."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.errors import FilterInvalid
from catalog.filters import columns_of
from hub.errors import InvalidInput
from hub.grants import masks as kinds
from hub.grants.masks import shows_no_more
from hub.grants.models import AccessRequest, Names, Tree
from schemas.document import SchemaDocument


@dataclass(frozen=True)
class Bounds:
    """Terms of an approval; None leaves a member as it was asked. `filter` comes on top of the asked one."""

    columns: list[str] | None = None
    filter: dict[str, Any] | None = None
    masks: Mapping[str, str] | None = None
    daily_rows: int | None = None
    until: datetime | None = None
    may_store: bool | None = None


@dataclass(frozen=True)
class Given:
    """The terms that go into the contract."""

    columns: Names
    filter: Tree
    masks: dict[str, str]
    daily_rows: int | None
    until: datetime | None
    may_store: bool


def within(
    request: AccessRequest, bounds: Bounds, document: SchemaDocument, open_columns: list[str]
) -> Given:
    """The asked terms within these bounds; raises InvalidInput naming the member that is wider.

    `open_columns` are those that a request without columns opens.
    """
    columns = _columns(request, bounds, open_columns)
    return Given(
        columns=columns,
        filter=_filter(request, bounds, document),
        masks=_masks(request, bounds, document, columns),
        daily_rows=_daily_rows(request, bounds),
        until=_until(request, bounds),
        may_store=_may_store(request, bounds),
    )


def _columns(request: AccessRequest, bounds: Bounds, open_columns: list[str]) -> Names:
    if bounds.columns is None:
        return request.columns
    asked = open_columns if request.columns is None else request.columns
    more = [column for column in bounds.columns if column not in asked]
    if more:
        raise wider(
            "columns", f"{', '.join(more)} tidak diminta", f"{', '.join(more)} not asked for"
        )
    return [column for column in asked if column in bounds.columns]


def _filter(request: AccessRequest, bounds: Bounds, document: SchemaDocument) -> Tree:
    if bounds.filter is None:
        return request.filter
    try:
        unknown = sorted(columns_of(bounds.filter) - set(document.by_name))
    except FilterInvalid as fault:
        raise InvalidInput(fault.reason_id, fault.reason_en, member="filter") from fault
    if unknown:
        raise InvalidInput(
            "Saringan menyebut kolom yang tidak ada dalam skema.",
            "The filter names columns that the schema does not have.",
            member="filter",
            columns=unknown,
        )
    if request.filter is None or request.filter == bounds.filter:
        return bounds.filter
    return {"and": [request.filter, bounds.filter]}


def _masks(
    request: AccessRequest, bounds: Bounds, document: SchemaDocument, columns: Names
) -> dict[str, str]:
    asked = {
        name: kind for name, kind in request.masks.items() if columns is None or name in columns
    }
    given = {**asked, **(bounds.masks or {})}
    kinds.check(document, bounds.masks or {}, columns)
    for name, kind in given.items():
        if not shows_no_more(kind, asked.get(name)):
            raise wider(
                f"masks.{name}",
                f"{kind} memperlihatkan lebih dari {asked[name]}",
                f"{kind} shows more than {asked[name]}",
            )
    return given


def _daily_rows(request: AccessRequest, bounds: Bounds) -> int | None:
    if bounds.daily_rows is None:
        return request.daily_rows
    if request.daily_rows is not None and bounds.daily_rows > request.daily_rows:
        raise wider(
            "daily_rows", f"diminta {request.daily_rows}", f"{request.daily_rows} were asked for"
        )
    return bounds.daily_rows


def _until(request: AccessRequest, bounds: Bounds) -> datetime | None:
    if bounds.until is None:
        return request.until
    if request.until is not None and bounds.until > request.until:
        asked = request.until.isoformat(timespec="seconds")
        raise wider("until", f"diminta sampai {asked}", f"asked for until {asked}")
    return bounds.until


def _may_store(request: AccessRequest, bounds: Bounds) -> bool:
    if bounds.may_store and not request.may_store:
        raise wider("may_store", "penyimpanan tidak diminta", "storing was not asked for")
    return request.may_store if bounds.may_store is None else bounds.may_store


def wider(member: str, why_id: str, why_en: str) -> InvalidInput:
    return InvalidInput(
        f"Persetujuan hanya boleh lebih sempit daripada yang diminta. {member}: {why_id}.",
        f"An approval may only be narrower than what was asked. {member}: {why_en}.",
        member=member,
    )
