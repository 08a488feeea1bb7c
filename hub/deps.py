"""FastAPI dependencies that every route shares."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from hub.calendar import BusinessClock
from hub.db import reading, unit_of_work
from hub.errors import InvalidInput
from hub.settings import Settings

# Dependencies that only look something up are async: a sync one costs a turn in the threadpool.


async def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def get_engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


async def get_clock(request: Request) -> BusinessClock:
    clock: BusinessClock = request.app.state.clock
    return clock


def get_session(request: Request) -> Iterator[Session]:
    with unit_of_work(request.app.state.engine) as session:
        yield session


def get_reading_session(request: Request) -> Iterator[Session]:
    with reading(request.app.state.engine) as session:
        yield session


SettingsDep = Annotated[Settings, Depends(get_settings)]
EngineDep = Annotated[Engine, Depends(get_engine)]
ClockDep = Annotated[BusinessClock, Depends(get_clock)]
# scope="function": the commit happens BEFORE the answer leaves, so a failed commit is never a 201.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
# Reads take no write lock; a writer held by somebody else never delays them.
ReadingDep = Annotated[Session, Depends(get_reading_session, scope="function")]

Item = TypeVar("Item")
Row = TypeVar("Row")
Key = tuple[str | int | None, ...]
"""The ordering columns of a row, as they go into a cursor."""


LONGEST_CURSOR = 2048


class Page(BaseModel, Generic[Item]):
    """One page of a list. `count` is null unless `?count=true` asked for it."""

    items: list[Item]
    next: str | None
    count: int | None


@dataclass(frozen=True)
class PageQuery:
    """Which page is wanted: at most `limit` rows after the row with the key `after`."""

    limit: int
    after: Key | None
    count: bool

    @property
    def fetch(self) -> int:
        """Rows to ask the database for: one more than shown says whether there is a next page."""
        return self.limit + 1

    @property
    def word(self) -> str | None:
        """`after` in a list that is ordered by one text."""
        match self.after:
            case None:
                return None
            case (str(word),):
                return word
        raise _bad_cursor()

    @property
    def pair(self) -> tuple[str, str] | None:
        """`after` in a list that is ordered by two texts."""
        match self.after:
            case None:
                return None
            case (str(first), str(second)):
                return first, second
        raise _bad_cursor()

    @property
    def moment(self) -> tuple[datetime, str] | None:
        """`after` in a list that is ordered by a moment and a text."""
        if self.pair is None:
            return None
        first, second = self.pair
        try:
            return datetime.fromisoformat(first).astimezone(UTC), second
        except (ValueError, OverflowError) as error:
            raise _bad_cursor() from error

    def of(
        self,
        rows: Sequence[Row],
        key: Callable[[Row], Key],
        shape: Callable[[Row], Item],
        count: int | None = None,
    ) -> Page[Item]:
        """The page of up to `fetch` rows in the order of `key`."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return Page(
            items=[shape(row) for row in shown],
            next=_cursor(key(shown[-1])) if more else None,
            count=count,
        )


async def get_page(
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR)] = None,
    count: bool = False,
) -> PageQuery:
    return PageQuery(limit, None if cursor is None else _key(cursor), count)


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _key(cursor: str) -> Key:
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _bad_cursor() from error
    if not isinstance(key, list) or not all(
        part is None or type(part) in (str, int)
        for part in key  # a bool is an int, but no key
    ):
        raise _bad_cursor()
    return tuple(key)


def _bad_cursor() -> InvalidInput:
    return InvalidInput(
        "cursor ini tidak berasal dari daftar ini; mulai lagi tanpa cursor.",
        "This cursor is not from this list; start again without one.",
    )


PageDep = Annotated[PageQuery, Depends(get_page)]
