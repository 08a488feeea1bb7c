"""Passwords, kept as argon2id in the OWASP profile (19 MiB, 2 passes, 1 lane; about 0.12 s)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from hub.errors import InvalidInput, TooManyRequests

SHORTEST = 8
LONGEST = 256
AT_ONCE = 2
PATIENCE = 10.0
"""Seconds to wait for a turn before the caller is told to come back."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A flood of sign-ins must not take all processors and 19 MiB each.
_turns = BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """Argon2id of a new password; InvalidInput when it is too short or absurdly long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(
            f"Kata sandi berisi {SHORTEST} sampai {LONGEST} karakter.",
            f"A password has {SHORTEST} to {LONGEST} characters.",
            field="password",
        )
    with _turn():
        return _hasher.hash(password)


def is_password(password: str, stored: str) -> bool:
    """Compare in the same time whether or not there is anything to compare with."""
    with _turn():
        try:
            _hasher.verify(stored or _dummy(), password[:LONGEST])
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return bool(stored) and len(password) <= LONGEST


def is_outdated(stored: str) -> bool:
    """True when a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _dummy() -> str:
    return _hasher.hash("nobody")


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise TooManyRequests(
            "Terlalu banyak yang masuk bersamaan; coba lagi sebentar lagi.",
            "Too many sign-ins at once; try again shortly.",
            retry_after=5,
        )
    try:
        yield
    finally:
        _turns.release()
