"""Sign-ins that are at the provider's: each with its own state, nonce and verifier, each good once.

Kept by the hub rather than in a cookie, so that two tabs do not put each other out; a cookie binds
them to the browser that began them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete

from hub.auth.errors import AttemptGone
from hub.auth.factors import OutsideAttempt
from hub.auth.secret import digest, new_secret

LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Begun:
    """What goes along to the provider; the hub keeps of `state` only the hash."""

    state: str
    nonce: str
    verifier: str


def begin(
    session: Session, provider: str, browser: str, after: str, *, now: datetime, person: str | None
) -> Begun:
    """Keep an attempt of this browser; `after` is where it goes on, a path of ours."""
    begun = Begun(new_secret(), new_secret(), new_secret())
    session.add(
        OutsideAttempt(
            state=digest(begun.state),
            browser=digest(browser),
            provider=provider,
            nonce=begun.nonce,
            verifier=begun.verifier,
            after=after,
            person=person,
            expires_at=now + LIFE,
        )
    )
    return begun


def take(
    session: Session, provider: str, state: str, browser: str, *, now: datetime
) -> OutsideAttempt:
    """The attempt that comes back, which is gone now; of many at once one gets it."""
    found: OutsideAttempt | None = session.exec(
        delete(OutsideAttempt)
        .where(
            col(OutsideAttempt.state) == digest(state),
            col(OutsideAttempt.browser) == digest(browser),
            col(OutsideAttempt.provider) == provider,
            col(OutsideAttempt.expires_at) > now,
        )
        .returning(OutsideAttempt)
    ).scalar_one_or_none()
    if found is None:
        raise AttemptGone
    return found


def sweep(session: Session, *, now: datetime) -> None:
    session.exec(delete(OutsideAttempt).where(col(OutsideAttempt.expires_at) < now))
