"""The answer to "who are you?", before anything is known of agencies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Identity:
    """A caller whose proof was checked in this very request.

    `scopes` is what the proof allows: all of them for a session, the token's own otherwise.
    `dataset` narrows a personal token to one `agency/slug`, `actions` to some ways of reading.
    `client` is the program in whose hands a person put her authority. `signed_in_at` and `session_id`
    are known of a session.
    """

    kind: Literal["person", "client"]
    id: str
    name: str
    scopes: frozenset[str]
    via: Literal["token", "personal-token", "session"]
    dataset: str | None = None
    client: str | None = None
    signed_in_at: datetime | None = None
    actions: frozenset[str] | None = None
    session_id: str | None = None
