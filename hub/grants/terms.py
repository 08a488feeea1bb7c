"""Terms per access class: how long a producer may take, how long a grant may last (domain.md §3.3)."""

from datetime import datetime, timedelta

from catalog.models import AccessClass

LONGEST = timedelta(days=365)
LONGEST_PERSONAL = timedelta(days=180)

PERSONAL_CLASSES = frozenset({AccessClass.PRIBADI, AccessClass.PRIBADI_SPESIFIK})


SILENT_CLASSES = frozenset({AccessClass.BERBAGI, AccessClass.TERBATAS})
DEEMED_DAYS, EMERGENCY_DAYS = 90, 14


def is_personal(access_class: AccessClass, *, names_personal: bool) -> bool:
    """By its class, or because a personal column is asked for by name."""
    return access_class in PERSONAL_CLASSES or names_personal


def silence_is_yes(access_class: AccessClass, *, member: bool, personal: bool) -> bool:
    """Whether a producer's silence opens it: between agencies, and never for personal data."""
    return access_class in SILENT_CLASSES and member and not personal


def longest_life(*, personal: bool) -> timedelta:
    return LONGEST_PERSONAL if personal else LONGEST


def end_of(until: datetime | None, starts_at: datetime, longest: timedelta) -> datetime:
    """When a grant ends: as asked, but never past `longest`."""
    latest = starts_at + longest
    return latest if until is None else min(until, latest)
