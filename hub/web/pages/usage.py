"""/pemakaian: who reads my data, how much and for what, and what agencies give each other."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.db import reading
from hub.usage import service
from hub.usage.service import Wish
from hub.usage.shapes import GivenOut, PairOut, UsageOut
from hub.web.naming import names_of, titled
from hub.web.page import MemberPageDep

router = APIRouter(include_in_schema=False)

WINDOWS = (30, 90, 365)


@dataclass(frozen=True)
class Bar:
    """Reads of one day, and its height in a drawing that is 100 high."""

    day: date
    reads: int
    height: float


@dataclass(frozen=True)
class Exchange:
    """What one of my agencies gives another and gets from it."""

    mine: str
    other: str
    gives: GivenOut
    gets: GivenOut


@router.get("/pemakaian")
def usage(
    page: MemberPageDep,
    dataset: Annotated[str | None, Query(max_length=200)] = None,
    hari: Annotated[int, Query(ge=1, le=366)] = 30,
    own: bool = False,
) -> Response:
    now, zone = real_now(), page.settings.zone
    today = now.astimezone(zone).date()
    since = today - timedelta(days=hari - 1)
    wish = Wish(since, dataset or None, own)
    with reading(page.engine) as session:
        every = service.usage(session, page.reader, Wish(since, None, own), zone)
        lines = [line for line in every if dataset in (None, "", line.dataset)]
        days = service.days(session, page.reader, wish, zone)
        pairs = service.reciprocity(session, page.reader, since=since, zone=zone, now=now)
        exchanges = _exchanges(pairs, page.reader)
        names = names_of(session, [code for e in exchanges for code in (e.mine, e.other)])
        titles = titled(session, {line.dataset for line in every})
    return page.render(
        "pemakaian.html",
        lines=lines,
        datasets=sorted({line.dataset for line in every} | ({dataset} if dataset else set())),
        dataset=dataset or "",
        window=hari,
        windows=WINDOWS,
        own=own,
        since=since,
        now=now,
        bars=_bars(days, since, today),
        most=max((line.reads for line in lines), default=0),
        reads=sum(line.reads for line in lines),
        rows=sum(line.rows for line in lines),
        readers=len(_readers(lines)),
        exchanges=exchanges,
        names=names,
        titles=titles,
    )


def _readers(lines: list[UsageOut]) -> set[tuple[str | None, str | None]]:
    return {(line.reader.agency, line.reader.party) for line in lines}


def _bars(days: dict[date, int], since: date, today: date) -> list[Bar]:
    """One bar for each day, those without reads too."""
    highest = max(days.values(), default=0) or 1
    every = [since + timedelta(days=n) for n in range((today - since).days + 1)]
    return [Bar(day, days.get(day, 0), round(100 * days.get(day, 0) / highest, 1)) for day in every]


def _exchanges(pairs: list[PairOut], reader: Principal) -> list[Exchange]:
    """Pairs with one of the reader's agencies, seen from there."""
    found = []
    for pair in pairs:
        if pair.first in reader.agencies:
            found.append(Exchange(pair.first, pair.second, pair.first_gives, pair.second_gives))
        elif pair.second in reader.agencies:
            found.append(Exchange(pair.second, pair.first, pair.second_gives, pair.first_gives))
    return found
