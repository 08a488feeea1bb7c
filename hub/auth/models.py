"""Tables of people, programs and everything that proves who they are. Secrets lie here hashed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime
from hub.auth.registration import method_of
from hub.identifiers import new_id


class Person(SQLModel, table=True):
    """Somebody who signs in; `password_hash` is argon2id, or empty when there is none yet."""

    __tablename__ = "hub_auth_person"

    id: str = Field(default_factory=new_id, primary_key=True)
    username: str = Field(unique=True)
    name: str
    email: str = ""
    password_hash: str = ""
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class Client(SQLModel, table=True):
    """A program; it proves itself by a secret (kept as SHA-256) or by keys of its own (`jwks`).

    A public one (on a telephone, on a desktop) can keep neither. `grant_types` are OAuth's own
    words for its flows (RFC 7591); people are led back to one of `redirect_uris`.
    """

    __tablename__ = "hub_auth_client"

    client_id: str = Field(primary_key=True)
    name: str
    secret_hash: str = ""
    jwks: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    scope: str
    public: bool = False
    redirect_uris: list[str] = Field(default_factory=list, sa_type=JSON)
    grant_types: list[str] = Field(default_factory=lambda: ["client_credentials"], sa_type=JSON)
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def method(self) -> str:
        """How it proves itself, on every endpoint."""
        return method_of(public=self.public, jwks=self.jwks)


class PersonalToken(SQLModel, table=True):
    """A person's key for her own tools; `dataset` narrows it to one `agency/slug`, `actions` to some
    ways of reading (words of `hub.access.judging.Action`), None to neither.
    """

    __tablename__ = "hub_auth_personal_token"

    id: str = Field(default_factory=new_id, primary_key=True)
    hash: str = Field(unique=True)
    person: str = Field(foreign_key="hub_auth_person.id", index=True)
    name: str
    scope: str
    dataset: str | None = None
    actions: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LoginSession(SQLModel, table=True):
    """One sign-in of one person in one browser; the cookie holds what `hash` was made from.

    `id` names it to its person. `provider` is who vouched for her, empty when her password did;
    `outside_session` is that provider's own name of the sign-in.
    """

    __tablename__ = "hub_auth_session"

    hash: str = Field(primary_key=True)
    id: str = Field(default_factory=new_id, unique=True, index=True)
    person: str = Field(foreign_key="hub_auth_person.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    revoked: bool = False
    browser: str = ""
    network: str = ""
    provider: str = ""
    outside_session: str = Field("", index=True)
    second_factor: bool = False


class SignInTries(SQLModel, table=True):
    """Unfinished sign-ins under one name since a moment; kept for names that do not exist too."""

    __tablename__ = "hub_auth_sign_in_tries"

    name_hash: str = Field(primary_key=True)
    tries: int
    since: datetime = Field(sa_type=UtcDateTime)


class RevokedToken(SQLModel, table=True):
    """An access token that ended early; the row is of no use after `expires_at`."""

    __tablename__ = "hub_auth_revoked_token"

    jti: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class SpentAssertion(SQLModel, table=True):
    """A client assertion that was used; it opens nothing twice (RFC 7523 §3, `jti`)."""

    __tablename__ = "hub_auth_spent_assertion"

    client: str = Field(primary_key=True)
    jti: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Consent(SQLModel, table=True):
    """What a person once allowed a program; asking for no more than that needs no new question."""

    __tablename__ = "hub_auth_consent"

    person: str = Field(foreign_key="hub_auth_person.id", primary_key=True)
    client: str = Field(foreign_key="hub_auth_client.client_id", primary_key=True, index=True)
    scope: str
    at: datetime = Field(sa_type=UtcDateTime)


class TokenFamily(SQLModel, table=True):
    """All that came of one authorization of one person for one program; it ends as a whole.

    `ended` is the word for why it ended early, empty while it lives.
    """

    __tablename__ = "hub_auth_token_family"

    id: str = Field(default_factory=new_id, primary_key=True)
    client: str = Field(foreign_key="hub_auth_client.client_id", index=True)
    person: str = Field(foreign_key="hub_auth_person.id", index=True)
    scope: str
    signed_in_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended: str = ""


class AuthorizationCode(SQLModel, table=True):
    """The first of a family, good once; a used one is kept, so that a second use is noticed."""

    __tablename__ = "hub_auth_code"

    hash: str = Field(primary_key=True)
    family: str = Field(foreign_key="hub_auth_token_family.id", index=True)
    redirect_uri: str
    challenge: str
    nonce: str = ""
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RefreshToken(SQLModel, table=True):
    """One link of a family's chain, good once for the next; used ones are kept as codes are."""

    __tablename__ = "hub_auth_refresh_token"

    hash: str = Field(primary_key=True)
    family: str = Field(foreign_key="hub_auth_token_family.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
