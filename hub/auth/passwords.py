"""Passwords, kept as argon2id in the OWASP profile (19 MiB, 2 passes, 1 lane; about 0.12 s).

What may be chosen follows NIST SP 800-63B-4 §3.1.1: a length, no rules of composition, and nothing
that everybody tries first.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from hub.errors import InvalidInput, TooManyRequests

SHORTEST = 12
LONGEST = 256
FEWEST_DIFFERENT = 5
"""Different characters that a password has at least."""
AT_ONCE = 2
PATIENCE = 10.0
"""Seconds to wait for a turn before the caller is told to come back."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# A flood of sign-ins must not take all processors and 19 MiB each.
_turns = BoundedSemaphore(AT_ONCE)
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
"""Digits and signs before and after the word that somebody had in mind."""


def hash_password(password: str, *, username: str = "") -> str:
    """Argon2id of a new password of `username`; InvalidInput when it should not be one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(
            f"Kata sandi berisi {SHORTEST} sampai {LONGEST} karakter.",
            f"A password has {SHORTEST} to {LONGEST} characters.",
            field="password",
        )
    if _is_guessed_first(password.casefold(), username.strip().casefold()):
        raise InvalidInput(
            "Kata sandi ini termasuk yang pertama kali dicoba orang. Pilih yang lain, misalnya "
            "empat kata yang tidak berhubungan.",
            "This password is one of those that are tried first. Choose another, for example four "
            "words that have nothing to do with each other.",
            field="password",
        )
    return _hash(password)


def rehash_password(password: str) -> str:
    """A newer hash of a password that was right a moment ago, whatever its form."""
    return _hash(password)


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


def _is_guessed_first(password: str, username: str) -> bool:
    """A common password or the user name: as it is, between digits and signs, or repeated."""
    once = password[: (password * 2).find(password, 1)]
    forms = {password, once, _AROUND.sub("", password), _AROUND.sub("", once)}
    if len(set(password)) < FEWEST_DIFFERENT or (username and username in forms):
        return True
    return not forms.isdisjoint(_common())


def _hash(password: str) -> str:
    with _turn():
        return _hasher.hash(password)


@cache
def _common() -> frozenset[str]:
    lines = files("hub.auth").joinpath("common-passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


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
