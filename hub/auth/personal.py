"""Personal tokens: a person's key for Power Query, pandas and the command line."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub.auth.models import PersonalToken
from hub.auth.secret import PERSONAL_PREFIX, digest, new_secret
from hub.auth.service import known_scope
from hub.errors import InvalidInput, NotFound

LONGEST_DAYS = 365


@dataclass(frozen=True)
class NewPersonalToken:
    """`secret` (`smp_…`) is shown this once."""

    id: str
    secret: str


def create_personal_token(
    session: Session,
    person_id: str,
    *,
    name: str,
    scope: str,
    days: int,
    now: datetime,
    dataset: str | None = None,
) -> NewPersonalToken:
    """A token good for `days` (1 to 365), for one `agency/slug` when `dataset` names it."""
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(
            f"Masa berlaku token 1 sampai {LONGEST_DAYS} hari.",
            f"A token is good for 1 to {LONGEST_DAYS} days.",
            field="days",
        )
    secret = new_secret(PERSONAL_PREFIX)
    token = PersonalToken(
        hash=digest(secret),
        person=person_id,
        name=name,
        scope=known_scope(scope),
        dataset=dataset,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(token)
    session.flush()  # the person must exist now, not at the commit
    return NewPersonalToken(token.id, secret)


def list_personal_tokens(
    session: Session, person_id: str, *, after: str | None = None, limit: int = 100
) -> list[PersonalToken]:
    """A person's tokens that were not revoked, by id."""
    wanted = select(PersonalToken).where(
        PersonalToken.person == person_id, col(PersonalToken.revoked_at).is_(None)
    )
    if after is not None:
        wanted = wanted.where(col(PersonalToken.id) > after)
    return list(session.exec(wanted.order_by(col(PersonalToken.id)).limit(limit)))


def revoke_personal_token(
    session: Session, person_id: str, token_id: str, *, now: datetime
) -> None:
    """End one of a person's own tokens; somebody else's does not exist for her."""
    token = session.get(PersonalToken, token_id)
    if token is None or token.person != person_id or token.revoked_at is not None:
        raise NotFound("Tidak ada token itu.", "There is no such token.")
    token.revoked_at = now
