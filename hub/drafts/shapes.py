"""What a draft holds besides the plan: the dataset that is wished for, and what the gate said."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from catalog.models import AccessClass, Frequency
from hub.drafts.models import SchemaDraft
from hub.reviews.service import Reason
from schemas.drafting import Draft, Plan

T = TypeVar("T")


@dataclass(frozen=True)
class Wishes:
    """What the steward says of the dataset; `record` names schema and dataset under the agency's code.

    `reasons` says, by column, why what others hold is collected again.
    """

    record: str
    title: str
    summary: str = ""
    access_class: AccessClass = AccessClass.BERBAGI
    restriction_basis: str = ""
    frequency: Frequency = Frequency.INCIDENTAL
    reasons: dict[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True)
class BadCell:
    """A cell that the gate refused; `row` is the row of the sheet."""

    row: int
    column: str
    value: str
    message_id: str
    message_en: str


@dataclass(frozen=True)
class Broken:
    """One rule broken in one column, so many times."""

    column: str
    count: int
    message_id: str
    message_en: str


@dataclass(frozen=True)
class Outcome:
    """What the gate made of the file; `faults` when the file could not be judged at all."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    rules: tuple[Broken, ...] = field(default=())
    cells: tuple[BadCell, ...] = field(default=())
    faults: tuple[tuple[str, str], ...] = field(default=())


def plan_of(row: SchemaDraft) -> Plan:
    return msgspec.convert(row.plan, Plan)


def wishes_of(row: SchemaDraft) -> Wishes:
    return msgspec.convert(row.said, Wishes)


def evidence_of(row: SchemaDraft) -> Draft:
    return msgspec.convert(row.evidence, Draft)


def outcome_of(row: SchemaDraft) -> Outcome:
    return msgspec.convert(row.outcome, Outcome)


def stored(thing: Plan | Wishes | Draft | Outcome) -> dict[str, Any]:
    """As JSON keeps it."""
    kept: dict[str, Any] = msgspec.to_builtins(thing)
    return kept
