"""What a class means for a request: at once or not, what silence does, how long a grant may last.

The values are those of the rule book `kelas-akses` (domain.md §3.3); that silence and haste never open
personal data is not one of them.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from catalog.models import AccessClass
from hub.rules.classes import classes

PERSONAL_CLASSES = frozenset({AccessClass.PRIBADI, AccessClass.PRIBADI_SPESIFIK})


def is_personal(access_class: AccessClass, *, names_personal: bool) -> bool:
    """By its class, or because a personal column is asked for by name."""
    return access_class in PERSONAL_CLASSES or names_personal


def opens_at_once(
    session: Session, access_class: AccessClass, *, member: bool, personal: bool
) -> bool:
    """Whether stating the purpose is enough: between agencies, and never for personal data."""
    said = classes(session).classes[access_class.value]
    return said.at_once and member and not personal


def silence_is_yes(
    session: Session, access_class: AccessClass, *, member: bool, personal: bool
) -> bool:
    """Whether a producer's silence opens it: between agencies, and never for personal data."""
    said = classes(session).classes[access_class.value]
    return said.silence_is_yes and member and not personal


def longest_life(session: Session, access_class: AccessClass, *, personal: bool) -> timedelta:
    """The class's; with personal columns no longer than that of personal data."""
    book = classes(session).classes
    own = book[access_class.value].longest
    return min(own, book[AccessClass.PRIBADI.value].longest) if personal else own


def end_of(until: datetime | None, starts_at: datetime, longest: timedelta) -> datetime:
    """When a grant ends: as asked, but never past `longest`."""
    latest = starts_at + longest
    return latest if until is None else min(until, latest)
