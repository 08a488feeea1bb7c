"""Access classes as the rule book `kelas-akses` describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from hub.rules import service as rules

BOOK = "kelas-akses"


@dataclass(frozen=True)
class ClassRules:
    """What one class means and brings with it; `source` is the law or the proposal.

    `grounds` are the codes that may carry a raise to it, `fallback` the class to which an unconfirmed
    raise returns, `kip` the classes of public information that go with it.
    """

    meaning: Mapping[str, str]
    at_once: bool
    silence_is_yes: bool
    longest_days: int
    two_persons: bool
    assessment: str
    kip: list[str]
    grounds: list[str]
    fallback: str
    source: str
    proposal: bool

    @property
    def longest(self) -> timedelta:
        return timedelta(days=self.longest_days)


@dataclass(frozen=True)
class ClassBook:
    """The book in one version. Days are calendar days."""

    version: int
    classes: Mapping[str, ClassRules]
    kip: Mapping[str, Mapping[str, Any]]
    personal_fallback: Mapping[str, str]
    deemed_days: int
    emergency_days: int
    renewal_days: int

    def kip_of(self, access_class: str) -> str:
        """The class of public information that goes with an access class when none is named."""
        return next(name for name, said in self.kip.items() if access_class in said["default_for"])


def classes(session: Session) -> ClassBook:
    """As they are in force now."""
    book = rules.current(session, BOOK)
    body = book.body
    return ClassBook(
        version=book.version,
        classes={name: ClassRules(**said) for name, said in body["classes"].items()},
        kip=body["kip"],
        personal_fallback=body["personal_fallback"],
        deemed_days=body["deemed_days"]["days"],
        emergency_days=body["emergency_days"]["days"],
        renewal_days=body["renewal_days"]["days"],
    )
