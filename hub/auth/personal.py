"""Personal tokens: a person's key for Power Query, pandas and the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub.auth.models import PersonalToken
from hub.auth.secret import PERSONAL_PREFIX, digest, new_secret
from hub.auth.service import known_scope
from hub.errors import InvalidInput, NotFound

LONGEST_DAYS = 365
ACTIONS = frozenset(
    {"rows", "export", "changes", "sample", "profile", "query", "aggregate", "verify"}
)
"""Ways of reading that a token may be narrowed to; `hub.access` knows them, a test compares."""


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
    actions: Sequence[str] | None = None,
) -> NewPersonalToken:
    """A token good for `days` (1 to 365), for one `agency/slug` when `dataset` names it, and for some
    ways of reading when `actions` does.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(
            f"Masa berlaku token 1 sampai {LONGEST_DAYS} hari.",
            f"A token is good for 1 to {LONGEST_DAYS} days.",
            field="days",
        )
    if actions is not None and (not actions or not ACTIONS.issuperset(actions)):
        known = ", ".join(sorted(ACTIONS))
        raise InvalidInput(
            f"Pilih paling sedikit satu cara membaca, dari: {known}.",
            f"Choose at least one way of reading, out of: {known}.",
            field="actions",
        )
    if dataset is not None and dataset.count("/") != 1:
        raise InvalidInput(
            f"Tulis dataset sebagai instansi/nama, bukan {dataset}.",
            f"Write the dataset as agency/name, not {dataset}.",
            field="dataset",
        )
    secret = new_secret(PERSONAL_PREFIX)
    token = PersonalToken(
        hash=digest(secret),
        person=person_id,
        name=name,
        scope=known_scope(scope),
        dataset=dataset,
        actions=None if actions is None else sorted(set(actions)),
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
