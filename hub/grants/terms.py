"""Terms per access class: how long a producer may take, how long a grant may last (domain.md §3.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.models import AccessClass

LONGEST = timedelta(days=365)
LONGEST_PERSONAL = timedelta(days=180)

PERSONAL_CLASSES = frozenset({AccessClass.PRIBADI, AccessClass.PRIBADI_SPESIFIK})


@dataclass(frozen=True)
class Terms:
    """`working_days` is None when the grant is given at once."""

    working_days: int | None
    personal: bool


def terms_of(access_class: AccessClass, *, member: bool, names_personal: bool) -> Terms:
    """The rule for one request; personal columns and parties outside always wait for a person."""
    personal = access_class in PERSONAL_CLASSES or names_personal
    if personal or access_class is AccessClass.DIKECUALIKAN:
        return Terms(10, personal)
    if access_class is AccessClass.BERBAGI and member:
        return Terms(None, personal)
    return Terms(5, personal)


def longest_life(*, personal: bool) -> timedelta:
    return LONGEST_PERSONAL if personal else LONGEST


def end_of(until: datetime | None, starts_at: datetime, longest: timedelta) -> datetime:
    """When a grant ends: as asked, but never past `longest`."""
    latest = starts_at + longest
    return latest if until is None else min(until, latest)
