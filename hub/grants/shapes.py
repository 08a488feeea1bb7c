"""What goes in and out of the grants over HTTP."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from catalog.free_objects import FreeObject
from catalog.models import AccessClass
from hub.grants.models import AccessRequest, Grant, State

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Stated = Annotated[Text, StringConstraints(min_length=3)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class RequestIn(BaseModel):
    """`until` is a day (it ends with that day) or a moment; `recipient` is for the walidata alone."""

    model_config = ConfigDict(extra="forbid")

    purpose: Stated
    basis: Text = ""
    columns: Annotated[list[Column], Field(min_length=1, max_length=500)] | None = None
    filter: FreeObject | None = None
    until: AwareDatetime | date | None = None
    recipient: Annotated[str, StringConstraints(max_length=64)] | None = None


class DecisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "refuse"]
    ground: Annotated[str, StringConstraints(max_length=40)] | None = None
    reason: Text = ""


class RevocationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Stated


class GroundOut(BaseModel):
    code: str
    title: str
    title_en: str
    law: str
    also: str
    also_en: str


class RequestOut(BaseModel):
    """`requester` is a client id or a person's id; `grant` is the grant that came of it."""

    id: str
    target_type: str
    target: str
    producer: str
    agency: str | None
    requester_kind: str
    requester: str
    purpose: str
    basis: str
    columns: list[str] | None
    filter: dict[str, Any] | None
    until: datetime | None
    personal: bool
    state: State
    due_at: datetime | None
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    ground: GroundOut | None
    reason: str | None
    grant: str | None


class GrantOut(BaseModel):
    id: str
    target_type: str
    target: str
    producer: str
    access_class: AccessClass
    grantee_agency: str | None
    grantee: str | None
    columns: list[str] | None
    filter: dict[str, Any] | None
    masks: dict[str, Any]
    purpose: str
    basis: str
    starts_at: datetime
    expires_at: datetime
    request: str
    granted_by: str
    digest: str
    state: State
    revoked_at: datetime | None
    revoked_by: str | None
    revoke_reason: str | None


class Submitted(BaseModel):
    """The answer to a request; with `grant` the caller may read at once."""

    id: str
    state: State
    due_at: datetime | None
    grant: str | None


def end_of_day(until: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    """The moment a stated end means: a bare day ends at midnight after it, local time."""
    if until is None or isinstance(until, datetime):
        return until
    return datetime.combine(until + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def grant_out(grant: Grant, now: datetime) -> GrantOut:
    return GrantOut(**grant.model_dump(), state=grant.state_at(now))


def request_out(
    request: AccessRequest, ground: GroundOut | None, grant: Grant | None, now: datetime
) -> RequestOut:
    """A request as it stands now: an ended or revoked grant ends its request too."""
    fields = request.model_dump() | {"ground": ground, "grant": grant.id if grant else None}
    if grant is not None:
        fields["state"] = grant.state_at(now)
    return RequestOut(**fields)
