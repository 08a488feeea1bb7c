"""Wire shapes of raises."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from catalog.models import AccessClass
from hub.classification.models import Raise
from hub.proceedings.models import Proceeding

Event = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]


class RaiseOut(BaseModel):
    """A raise with where it stands; `fallback` is the class without a confirmation by `due_at`."""

    id: str
    dataset: str
    agency: str
    to_class: AccessClass
    fallback: AccessClass
    ground: str
    article: str
    reason: str
    test_number: str
    test_on: date | None
    review_on: date | None
    state: str
    opened_at: datetime
    due_at: datetime | None
    ends_at: datetime | None


class RaisesOut(BaseModel):
    """Those that were raised under the rule, and the datasets whose class is older than it."""

    items: list[RaiseOut]
    before_the_rule: list[str]


class RaiseMoveIn(BaseModel):
    """`said` for beri_dasar: `ground`, `article`, for T08 `test_number` and `test_on`, `review_on`."""

    model_config = ConfigDict(extra="forbid")

    event: Event
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    said: dict[str, Any] | None = None


def raise_out(raised: Raise, proceeding: Proceeding) -> RaiseOut:
    return RaiseOut(
        **raised.model_dump(),
        state=proceeding.state,
        due_at=proceeding.due_at,
        ends_at=proceeding.ends_at,
    )
