"""HTTP of the counts."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import ReadingDep, SettingsDep
from hub.usage import service
from hub.usage.service import Wish
from hub.usage.shapes import PairOut, UsageOut

router = APIRouter(prefix="/api/v1", tags=["usage"])

YEAR = timedelta(days=365)


class UsageList(BaseModel):
    """`since` is a day of the instance's zone; the counts are those of this moment."""

    since: date
    items: list[UsageOut]


class Pairs(BaseModel):
    since: date
    items: list[PairOut]


@router.get("/usage")
def usage(
    session: ReadingDep,
    settings: SettingsDep,
    actor: ActorDep,
    dataset: Annotated[str | None, Query(max_length=200)] = None,
    since: date | None = None,
    own: bool = False,
) -> UsageList:
    """Who reads the data of one's agency, how much, for which purpose; equal to the ledger."""
    first = since or real_now().astimezone(settings.zone).date() - YEAR
    wish = Wish(first, dataset, own)
    return UsageList(since=first, items=service.usage(session, actor, wish, settings.zone))


@router.get("/reciprocity")
def reciprocity(
    session: ReadingDep, settings: SettingsDep, actor: ActorDep, since: date | None = None
) -> Pairs:
    """What each pair of agencies gives each other."""
    now = real_now()
    first = since or now.astimezone(settings.zone).date() - YEAR
    found = service.reciprocity(session, actor, since=first, zone=settings.zone, now=now)
    return Pairs(since=first, items=found)
