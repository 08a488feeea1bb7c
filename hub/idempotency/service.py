"""Once: the rule of the `Idempotency-Key` header, kept in the transaction of the effect."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, text
from sqlmodel import Session, col

from catalog.moments import UtcDateTime
from hub.calendar import real_now
from hub.errors import IdempotencyMismatch, InvalidInput
from hub.idempotency.models import IdempotencyKey

LIFETIME = timedelta(days=30)
LONGEST_KEY = 255

_CLAIM = text(
    "INSERT INTO hub_idempotency (caller, key, route, digest, at)"
    " VALUES (:caller, :key, :route, :digest, :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=UtcDateTime))


def digest_of(*parts: bytes) -> str:
    """SHA-256 over parts of a request, each framed by its length so that none runs into the next."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return hashed.hexdigest()


@dataclass(frozen=True, slots=True)
class Once:
    """One write, under the key its sender chose; without a key it simply takes effect."""

    key: str | None
    route: str

    def __post_init__(self) -> None:
        if self.key is not None and not (
            0 < len(self.key) <= LONGEST_KEY and self.key.isascii() and self.key.isprintable()
        ):
            raise InvalidInput(
                f"Idempotency-Key berisi 1 sampai {LONGEST_KEY} karakter ASCII.",
                f"Idempotency-Key is 1 to {LONGEST_KEY} ASCII characters.",
            )

    def run(
        self, session: Session, caller: str, digest: str, fn: Callable[[], dict[str, Any]]
    ) -> tuple[dict[str, Any], bool]:
        """The answer of `fn`, or the stored one and True; IdempotencyMismatch for another body.

        A second request under the same key waits for the first to commit. When `fn` raises, the
        caller's transaction rolls back and the key is free again.
        """
        if self.key is None:
            return fn(), False
        if not self._claim(session, caller, digest):
            stored = self.recall(session, caller, digest)
            assert stored is not None  # noqa: S101 - claimed by a transaction that has committed
            return stored, True
        answer = fn()
        self._row(session, caller).body = answer
        session.flush()  # the answer is written before the transaction can end
        return answer, False

    def recall(self, session: Session, caller: str, digest: str) -> dict[str, Any] | None:
        """The stored answer, None when there is none yet: ask before slow work, `run` after it."""
        if self.key is None:
            return None
        row = session.get(IdempotencyKey, (caller, self.key, self.route), populate_existing=True)
        if row is None:
            return None
        if row.digest != digest:
            raise IdempotencyMismatch(
                "Idempotency-Key ini sudah dipakai untuk permintaan lain.",
                "This Idempotency-Key was already used for another request.",
            )
        return row.body

    def _claim(self, session: Session, caller: str, digest: str) -> bool:
        """True when the key is ours; waits for a transaction that holds it."""
        values = {
            "caller": caller,
            "key": self.key,
            "route": self.route,
            "digest": digest,
            "at": real_now(),
        }
        return session.connection().execute(_CLAIM, values).rowcount == 1

    def _row(self, session: Session, caller: str) -> IdempotencyKey:
        return session.get_one(IdempotencyKey, (caller, self.key, self.route))


def sweep(session: Session, *, now: datetime) -> int:
    """Forget keys older than 30 days; returns how many."""
    old = delete(IdempotencyKey).where(col(IdempotencyKey.at) < now - LIFETIME)
    return session.connection().execute(old).rowcount
