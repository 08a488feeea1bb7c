"""Tables of the second factor and of sign-ins that are under way."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class Authenticator(SQLModel, table=True):
    """A person's app that shows codes (RFC 6238). `sealed` is its secret, bound to her id.

    It counts once `confirmed_at` is set. No code of a step up to `last_step` opens any more.
    """

    __tablename__ = "hub_auth_authenticator"

    person: str = Field(primary_key=True, foreign_key="hub_auth_person.id")
    sealed: bytes
    last_step: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """One of the codes that stand in for a lost app, each once; used ones stay, to be counted."""

    __tablename__ = "hub_auth_recovery_code"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="hub_auth_person.id", index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HalfSignIn(SQLModel, table=True):
    """The first proof was right, the second is missing; opens nothing but the page that asks for it."""

    __tablename__ = "hub_auth_half_sign_in"

    hash: str = Field(primary_key=True)
    person: str = Field(foreign_key="hub_auth_person.id", index=True)
    provider: str = ""
    outside_session: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)


class OutsideIdentity(SQLModel, table=True):
    """Somebody as an outside provider knows her. Issuer and subject name her, never her e-mail."""

    __tablename__ = "hub_auth_outside_identity"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    person: str = Field(foreign_key="hub_auth_person.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OutsideAttempt(SQLModel, table=True):
    """A sign-in that is at the provider's at the moment; `state` and `browser` are hashes.

    `person` is set when somebody who has signed in wants the identity joined to her account.
    """

    __tablename__ = "hub_auth_outside_attempt"

    state: str = Field(primary_key=True)
    browser: str
    provider: str
    nonce: str
    verifier: str
    after: str
    person: str | None = Field(default=None, foreign_key="hub_auth_person.id")
    expires_at: datetime = Field(sa_type=UtcDateTime)
