"""What goes in and out of the grants over HTTP."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from catalog.free_objects import FreeObject
from catalog.models import AccessClass
from hub.grants.models import AccessRequest, AgencyKey, Grant, State
from hub.grants.opinions import Heard
from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.procedure import Move, Procedure, Words

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
    running grant that the new one shall replace. `emergency_reason` says why it cannot wait (disaster,
    outbreak); `answers` are those of the form of its class.
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
    emergency_reason: Text = ""
    answers: FreeObject = {}


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
    offer: FreeObject | None = None


class ExtensionIn(BaseModel):
    """Of a grant: until when, the purpose stays unless another is stated. Of a term: the `reason`."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime | date | None = None
    purpose: Stated | None = None
    reason: Text = ""


class ObjectionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Text


class OpinionIn(BaseModel):
    """What a seat says before specific personal data is given; an objection or a note has a `text`."""

    model_config = ConfigDict(extra="forbid")

    seat: Annotated[str, StringConstraints(max_length=40)]
    opinion: Literal["setuju", "keberatan", "catatan"]
    text: Text = ""


class OpinionOut(BaseModel):
    """`opinion` is None while it is awaited, until `due_at`."""

    seat: str
    title: str
    title_en: str
    source: str
    opinion: str | None
    text: str
    post_title: str
    at: datetime | None
    due_at: datetime
    entry: str | None


class MoveIn(BaseModel):
    """A move of the ladder by its event; `said` is what it needs beyond a reason."""

    model_config = ConfigDict(extra="forbid")

    event: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=40)]
    reason: Text = ""
    said: FreeObject | None = None


class MoveOut(BaseModel):
    """What the caller may do now; `to` is the state it leads to."""

    event: str
    title: str
    title_en: str
    to: str
    needs_reason: bool


class StepOut(BaseModel):
    """One step; `hash` covers it and `previous_hash`, `entry` is the ledger's."""

    number: int
    at: datetime
    event: str
    title: str
    title_en: str
    from_state: str
    to_state: str
    by_clock: bool
    actor: dict[str, Any]
    post_title: str
    reason: str
    said: dict[str, Any]
    due_at: datetime | None
    entry: str
    previous_hash: str
    hash: str


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
    gives: list[str]
    needs: list[str]


class RequestOut(BaseModel):
    """`requester` is a client id or a person's id; `grant` is the grant that came of it.

    `due_at` ends the term that runs now, of whoever is waited for.
    """

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
    offer: dict[str, Any] | None
    emergency: bool
    emergency_reason: str
    answers: dict[str, Any]
    forwarded_from: str | None
    forwarded_to: str | None
    entered_at: datetime
    ends_at: datetime | None
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
    suspended_at: datetime | None
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


def submitted_out(
    request: AccessRequest, proceeding: Proceeding, grant: Grant | None, now: datetime
) -> Submitted:
    return Submitted(
        id=request.id,
        state=grant.state_at(now) if grant else State(proceeding.state),
        due_at=proceeding.due_at,
        grant=grant.id if grant else None,
    )


def grant_out(grant: Grant, now: datetime) -> GrantOut:
    return GrantOut(**grant.model_dump(), state=grant.state_at(now))


def request_out(
    request: AccessRequest,
    proceeding: Proceeding,
    ground: GroundOut | None,
    grant: Grant | None,
    now: datetime,
) -> RequestOut:
    """A request as it stands now: an ended or revoked grant ends its request at once, whenever the
    clock comes to say so.
    """
    fields = request.model_dump() | {
        "ground": ground,
        "grant": grant.id if grant else None,
        "state": _state(proceeding, grant, now),
        "due_at": proceeding.due_at,
        "entered_at": proceeding.entered_at,
        "ends_at": proceeding.ends_at,
    }
    return RequestOut(**fields)


def _state(proceeding: Proceeding, grant: Grant | None, now: datetime) -> State:
    stands = State(proceeding.state)
    if grant is None or stands not in GIVEN:
        return stands
    of_grant = grant.state_at(now)
    return stands if of_grant is State.ACTIVE and stands is State.EMERGENCY else of_grant


GIVEN = frozenset(
    {
        State.APPROVED,
        State.APPROVED_IN_PART,
        State.APPROVED_AT_ONCE,
        State.DEEMED,
        State.ACTIVE,
        State.EMERGENCY,
    }
)
"""States that a grant speaks for: what it is at the moment is what the request is."""


def move_out(move: Move) -> MoveOut:
    return MoveOut(
        event=move.event,
        title=move.title.id,
        title_en=move.title.en,
        to=move.to,
        needs_reason=move.needs_reason,
    )


SUBMITTED_TITLE = Words("Diajukan", "Submitted")
POSTPONED_TITLE = Words(
    "Tenggat diundur: hub sempat tidak melayani", "Term put off: the hub had been away"
)
"""Steps that no move of the book describes."""


def step_out(step: Step, procedure: Procedure) -> StepOut:
    found = next(
        (
            move
            for move in procedure.moves
            if (move.event, move.to) == (step.event, step.to_state)
            and step.from_state in move.sources
        ),
        None,
    )
    unmoved = POSTPONED_TITLE if step.event == machine.POSTPONED else SUBMITTED_TITLE
    title = found.title if found is not None else unmoved
    return StepOut(**step.model_dump(exclude={"proceeding"}), title=title.id, title_en=title.en)


def opinion_out(one: Heard) -> OpinionOut:
    said = one.said
    return OpinionOut(
        seat=one.seat.name,
        title=one.seat.title.id,
        title_en=one.seat.title.en,
        source=one.seat.source,
        opinion=said.opinion if said else None,
        text=said.text if said else "",
        post_title=said.post_title if said else "",
        at=said.at if said else None,
        due_at=one.due_at,
        entry=said.entry if said else None,
    )


def key_out(key: AgencyKey) -> KeyOut:
    return KeyOut.model_validate(key, from_attributes=True)
