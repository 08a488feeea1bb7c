"""What may be asked of the catalog, what comes back, and where a page goes on."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.errors import CursorInvalid
from catalog.models import Dataset

FACETS: Mapping[str, str] = {
    "agency": "agency",
    "topic": "topic",
    "access": "access_class",
    "frequency": "frequency",
    "schema": "schema_name",
}
"""Name of a facet, as in the address, to the column of `Dataset` behind it."""
MOST_RANKED = 500
"""By relevance a question lists this many at most, the best candidates first."""


class Order(StrEnum):
    RELEVANCE = "relevance"
    UPDATED = "updated"
    TITLE = "title"


@dataclass(frozen=True)
class Question:
    """`chosen` holds the values picked in each facet; several values of one mean any of them."""

    words: tuple[str, ...] = ()
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    order: Order = Order.UPDATED
    limit: int = 20
    cursor: str | None = None
    nothing: bool = False
    """Something was typed in which there is no word: it finds nothing, rather than everything."""


@dataclass(frozen=True)
class FacetValue:
    value: str
    count: int


@dataclass(frozen=True)
class Found:
    """One page, where the next begins (None at the end), and counts over everything found."""

    items: list[Dataset]
    next: str | None
    facets: dict[str, list[FacetValue]]
    total: int


def to_cursor(order: Order, *place: str | float) -> str:
    raw = json.dumps([order, *place]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_cursor(order: Order, cursor: str) -> tuple[str | float, str]:
    """(sort value, dataset) after which the page begins; raises CursorInvalid."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        made_for, value, dataset = json.loads(raw)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise CursorInvalid from None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = number if order is Order.RELEVANCE else isinstance(value, str)
    if made_for != order or not fits or not isinstance(dataset, str):
        raise CursorInvalid
    return value, dataset
