"""A form that counts once: its hidden key is an idempotency key, new with every rendering."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from hub.db import reading, unit_of_work
from hub.errors import IdempotencyMismatch
from hub.idempotency.service import Once, digest_of
from hub.problems import message_of, problem_of
from hub.web.page import Page


@dataclass(frozen=True)
class Failure:
    """What the summary above a form says; `field` is the id of what to mend, if one is known."""

    title: str
    text: str
    field: str = ""


def new_key() -> str:
    return secrets.token_urlsafe(18)


def failure(page: Page, error: Exception, title: str, field: str = "") -> Failure:
    """`title` is what did not happen, in the reader's language."""
    return Failure(title, message_of(error, page.language), field)


def status_of(error: Exception) -> int:
    return int(problem_of(error).status)


def once(page: Page, key: str) -> Once:
    """The key of a form under its path; a form that lost its key simply takes effect."""
    return Once(key[:255] or None, f"{page.request.method} {page.request.url.path}")


def taken(page: Page, key: str, said: tuple[str, ...]) -> bool:
    """Whether this form has taken effect already: ask before slow work, `take` after it."""
    with reading(page.engine) as session:
        try:
            stored = once(page, key).recall(session, page.reader.id, _digest(said))
        except IdempotencyMismatch:  # another form did, under the same key; `take` refuses this one
            return False
    return stored is not None


def take(
    page: Page, key: str, said: tuple[str, ...], fn: Callable[[Session], dict[str, Any]]
) -> dict[str, Any]:
    """Carry out what a form asks, in one transaction and once; raises what `fn` raises."""
    digest = _digest(said)
    with unit_of_work(page.engine) as session:
        return once(page, key).run(session, page.reader.id, digest, lambda: fn(session))[0]


def _digest(said: tuple[str, ...]) -> str:
    return digest_of(*(part.encode() for part in said))
