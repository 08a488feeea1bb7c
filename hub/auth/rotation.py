"""Turning over the keys that sign tokens: a new one signs, an old one goes when nothing needs it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from hub.auth.keys import SigningKeys, made_at
from hub.auth.tokens import LEEWAY
from hub.errors import Conflict, NotFound


@dataclass(frozen=True)
class KeyState:
    """A signing key; `retired_at` is when its successor was made, None for the one that signs."""

    kid: str
    made_at: datetime
    retired_at: datetime | None


def states(keys: SigningKeys) -> list[KeyState]:
    """Every key, oldest first."""
    names: list[str | None] = [*keys.names(), None]
    return [
        KeyState(kid, made_at(kid), None if after is None else made_at(after))
        for kid, after in pairwise(names)
        if kid is not None
    ]


def remove(
    keys: SigningKeys, kid: str, *, token_seconds: int, now: datetime, at_once: bool = False
) -> None:
    """Remove a key that signs no more and whose tokens have ended; `at_once` does not wait for that.

    Raises NotFound for a name that is no key, Conflict for one that is still needed.
    """
    state = next((state for state in states(keys) if state.kid == kid), None)
    if state is None:
        raise NotFound(f"Tidak ada kunci {kid}.", f"There is no key {kid}.")
    if state.retired_at is None:
        raise Conflict(
            "Kunci ini yang menandatangani. Buat dahulu yang baru: simpul keys rotate.",
            "This key is the one that signs. Make a new one first: simpul keys rotate.",
        )
    needed_until = state.retired_at + timedelta(seconds=token_seconds + LEEWAY)
    if now < needed_until and not at_once:
        raise Conflict(
            f"Token yang ditandatangani kunci ini berlaku sampai {needed_until:%H.%M.%S} UTC.",
            f"Tokens that this key signed are good until {needed_until:%H:%M:%S} UTC.",
            until=needed_until.isoformat(),
        )
    keys.remove(kid)
