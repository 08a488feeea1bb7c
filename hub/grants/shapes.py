"""What goes in and out of the grants over HTTP."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from catalog.free_objects import FreeObject
from catalog.models import AccessClass
from hub.grants.models import AccessRequest, AgencyKey, Grant, State

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Stated = Annotated[Text, StringConstraints(min_length=3)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=128)]


Masks = Annotated[
    dict[Column, Annotated[str, StringConstraints(max_length=40)]], Field(max_length=500)
]
Rows = Annotated[int, Field(gt=0, le=10**12)]
Columns = Annotated[list[Column], Field(min_length=1, max_length=500)]
GrantId = Annotated[str, StringConstraints(max_length=40)]


class RequestIn(BaseModel):
    """`until` is a day (it ends with that day) or a moment; `recipient` is for the walidata alone.

    `use` verify only asks whether records match; `masks` is column to kind; `supersedes` is the
    running grant that the new one shall replace.
    """

    model_config = ConfigDict(extra="forbid")

    purpose: Stated
    basis: Text = ""
    columns: Columns | None = None
    filter: FreeObject | None = None
    until: AwareDatetime | date | None = None
    use: Literal["read", "verify"] = "read"
    masks: Masks = {}
    daily_rows: Rows | None = None
    may_store: bool | None = None
    supersedes: GrantId | None = None
    recipient: Annotated[str, StringConstraints(max_length=64)] | None = None


class TermsIn(BaseModel):
    """Bounds of an approval, each narrower than what was asked; `filter` comes on top of the asked one."""

    model_config = ConfigDict(extra="forbid")

    columns: Columns | None = None
    filter: FreeObject | None = None
    masks: Masks | None = None
    daily_rows: Rows | None = None
    until: AwareDatetime | date | None = None
    may_store: bool | None = None


class DecisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    decision: Literal["approve", "refuse"]
    ground: Annotated[str, StringConstraints(max_length=40)] | None = None
    reason: Text = ""
    terms: TermsIn | None = None


class ExtensionIn(BaseModel):
    """The purpose stays unless another is stated."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime | date | None = None
    purpose: Stated | None = None


class SignatureIn(BaseModel):
    """A detached JWS over the text of the contract, as `simpul grant sign` makes it."""

    model_config = ConfigDict(extra="forbid")

    jws: Annotated[str, StringConstraints(max_length=4096)]


class KeyIn(BaseModel):
    """A public JWK: Ed25519 or P-256."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    jwk: FreeObject


class KeyOut(BaseModel):
    """`id` is the key's thumbprint (RFC 7638)."""

    id: str
    agency: str
    name: str
    jwk: dict[str, Any]
    registered_at: datetime
    registered_by: str
    revoked_at: datetime | None
    revoked_by: str | None


class KeysOut(BaseModel):
    """`requires_key`: nothing but a key signs contracts for the agency."""

    items: list[KeyOut]
    requires_key: bool


class SigningIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    requires_key: bool


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
    use: str
    masks: dict[str, str]
    daily_rows: int | None
    may_store: bool
    supersedes: str | None
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
    masks: dict[str, str]
    use: str
    daily_rows: int | None
    may_store: bool
    supersedes: str | None
    purpose: str
    basis: str
    starts_at: datetime
    expires_at: datetime
    request: str
    granted_by: str
    digest: str
    waits_until: datetime | None
    state: State
    revoked_at: datetime | None
    revoked_by: str | None
    revoke_reason: str | None


class Submitted(BaseModel):
    """The answer to a request; with `grant` in the state aktif the caller may read at once."""

    id: str
    state: State
    due_at: datetime | None
    grant: str | None


def end_of_day(until: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    """The moment a stated end means: a bare day ends at midnight after it, local time."""
    if until is None or isinstance(until, datetime):
        return until
    return datetime.combine(until + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def submitted_out(request: AccessRequest, grant: Grant | None, now: datetime) -> Submitted:
    return Submitted(
        id=request.id,
        state=grant.state_at(now) if grant else request.state,
        due_at=request.due_at,
        grant=grant.id if grant else None,
    )


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


def key_out(key: AgencyKey) -> KeyOut:
    return KeyOut.model_validate(key, from_attributes=True)
