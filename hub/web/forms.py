"""A form that counts once: its hidden key is an idempotency key, new with every rendering."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from hub.db import reading, unit_of_work
from hub.errors import IdempotencyMismatch, InvalidInput
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
            stored = once(page, key).recall(session, page.reader.id, digest(said))
        except IdempotencyMismatch:  # another form did, under the same key; `take` refuses this one
            return False
    return stored is not None


def take(
    page: Page, key: str, said: tuple[str, ...], fn: Callable[[Session], dict[str, Any]]
) -> dict[str, Any]:
    """Carry out what a form asks, in one transaction and once; raises what `fn` raises."""
    told = digest(said)
    with unit_of_work(page.engine) as session:
        return once(page, key).run(session, page.reader.id, told, lambda: fn(session))[0]


def digest(said: tuple[str, ...]) -> str:
    """Of what a form says."""
    return digest_of(*(part.encode() for part in said))


def day_of(text: str) -> date | None:
    """What a date field holds; None for nothing."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise InvalidInput(
            "Tulis tanggal seperti 2026-12-31.", "Write the date like 2026-12-31."
        ) from error


def whole_number(text: str, member: str) -> int | None:
    """What a number field holds, from 1; None for nothing."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:13]) < 10**12):
        raise InvalidInput(
            "Tulis bilangan bulat, sedikitnya 1.",
            "Write a whole number, at least 1.",
            member=member,
        )
    return int(text)


def masks_of(chosen: Iterable[str]) -> dict[str, str]:
    """Masks as selects send them, `column=kind`; an empty one is none."""
    pairs = (one.rpartition("=") for one in chosen if one)
    return {column: kind for column, _, kind in pairs}
