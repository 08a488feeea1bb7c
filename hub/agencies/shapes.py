"""What goes in and out of the routes of agencies and accounts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.consents import Allowed
from hub.auth.models import Client, Person, PersonalToken

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$")]
ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,79}$")]
ScopeString = Annotated[str, StringConstraints(max_length=500)]
Address = Annotated[str, StringConstraints(max_length=1000)]
Flow = Literal["authorization_code", "refresh_token", "client_credentials"]
ReadingAction = Annotated[str, StringConstraints(max_length=32)]
DatasetName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}/[a-z0-9][a-z0-9-]{0,99}$")
]


class Strict(BaseModel):
    """Input: a member we do not know is a mistake, not a wish to be ignored."""

    model_config = ConfigDict(extra="forbid")


class AgencyIn(Strict):
    code: Code
    name: Name
    kind: AgencyKind = AgencyKind.OTHER
    parent: Code | None = None
    satker_code: Text = ""


class AgencyChange(Strict):
    name: Name | None = None
    kind: AgencyKind | None = None
    parent: Code | None = None
    satker_code: Text | None = None
    active: bool | None = None


class AgencyOut(BaseModel):
    code: str
    name: str
    kind: AgencyKind
    parent: str | None
    satker_code: str
    active: bool


class PostIn(Strict):
    title: Name
    role: Role


class PostOut(BaseModel):
    id: str
    agency: str
    title: str
    role: Role


class HoldingIn(Strict):
    holder_kind: HolderKind
    holder: Name
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class HoldingOut(BaseModel):
    id: str
    post: str
    holder_kind: HolderKind
    holder: str
    since: datetime
    until: datetime | None


class PersonIn(Strict):
    username: Username
    name: Name
    email: Text = ""


class PersonChange(Strict):
    name: Name | None = None
    email: Text | None = None
    active: bool | None = None


class PasswordIn(Strict):
    password: str


class PersonOut(BaseModel):
    id: str
    username: str
    name: str
    email: str
    active: bool
    created_at: datetime


class ClientIn(Strict):
    name: Name
    scope: ScopeString
    client_id: ClientId | None = None
    jwks: dict[str, Any] | None = None
    token_endpoint_auth_method: Literal["client_secret_basic", "private_key_jwt", "none"] | None = (
        None
    )
    redirect_uris: list[Address] = Field(default_factory=list)
    grant_types: list[Flow] | None = None


class ClientChange(Strict):
    name: Name | None = None
    scope: ScopeString | None = None
    active: bool | None = None
    jwks: dict[str, Any] | None = None
    redirect_uris: list[Address] | None = None
    grant_types: list[Flow] | None = None


class ClientOut(BaseModel):
    client_id: str
    name: str
    scope: str
    token_endpoint_auth_method: str
    redirect_uris: list[str]
    grant_types: list[str]
    active: bool
    created_at: datetime


class NewClientOut(BaseModel):
    """`client_secret` comes once; null for a client without one and when the answer is repeated."""

    client_id: str
    scope: str
    client_secret: str | None


class SecretOut(BaseModel):
    client_id: str
    client_secret: str


class TokenIn(Strict):
    name: Name
    scope: ScopeString = "catalog:read data:read"
    days: int = 90
    dataset: DatasetName | None = None
    actions: list[ReadingAction] | None = None


class TokenOut(BaseModel):
    id: str
    name: str
    scope: str
    dataset: str | None
    actions: list[str] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class ConsentOut(BaseModel):
    client_id: str
    name: str
    scope: str
    at: datetime


class NewTokenOut(BaseModel):
    """`token` comes once; null when the answer is repeated."""

    id: str
    token: str | None


class MeOut(BaseModel):
    """`client` is the program in whose hands a person put this token, null for any other proof."""

    kind: str
    id: str
    name: str
    via: str
    client: str | None
    agency: str | None
    posts: list[PostOut]
    roles: list[Role]
    scopes: list[str]
    dataset: str | None
    actions: list[str] | None


def agency_out(row: Agency) -> AgencyOut:
    return AgencyOut.model_validate(row, from_attributes=True)


def post_out(row: Post) -> PostOut:
    return PostOut.model_validate(row, from_attributes=True)


def holding_out(row: Holding) -> HoldingOut:
    return HoldingOut.model_validate(row, from_attributes=True)


def person_out(row: Person) -> PersonOut:
    return PersonOut.model_validate(row, from_attributes=True)


def token_out(row: PersonalToken) -> TokenOut:
    return TokenOut.model_validate(row, from_attributes=True)


def consent_out(row: Allowed) -> ConsentOut:
    return ConsentOut(client_id=row.client, name=row.name, scope=scopes.join(row.scopes), at=row.at)


def client_out(row: Client) -> ClientOut:
    return ClientOut(
        client_id=row.client_id,
        name=row.name,
        scope=row.scope,
        token_endpoint_auth_method=row.method,
        redirect_uris=row.redirect_uris,
        grant_types=row.grant_types,
        active=row.active,
        created_at=row.created_at,
    )


def me_out(actor: Principal) -> MeOut:
    return MeOut(
        kind=actor.identity.kind,
        id=actor.id,
        name=actor.name,
        via=actor.identity.via,
        client=actor.identity.client,
        agency=actor.agency,
        posts=[PostOut.model_validate(post, from_attributes=True) for post in actor.posts],
        roles=sorted(actor.roles),
        scopes=sorted(actor.scopes),
        dataset=actor.identity.dataset,
        actions=None if actor.identity.actions is None else sorted(actor.identity.actions),
    )
