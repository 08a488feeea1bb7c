"""HTTP of the nightly try of all grants."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from hub.access import grant_checks
from hub.agencies.actor import WalidataDep
from hub.deps import ReadingDep

router = APIRouter(prefix="/api/v1/grants", tags=["grants"])


class DriftOut(BaseModel):
    """A grant that did not do as it says: `expected` is open or closed, `found` what it did."""

    grant: str
    dataset: str
    expected: str
    found: str


class HealthOut(BaseModel):
    """The newest run; `at` is null when there was none yet."""

    at: datetime | None
    live: int
    ended: int
    drift: list[DriftOut]


@router.get("/health")
def health(session: ReadingDep, actor: WalidataDep) -> HealthOut:
    """Whether live grants really read and ended ones are really refused, as last tried."""
    found = grant_checks.latest(session)
    if found is None:
        return HealthOut(at=None, live=0, ended=0, drift=[])
    drift = [DriftOut(**one) for one in found.drift]
    return HealthOut(at=found.at, live=found.live, ended=found.ended, drift=drift)
