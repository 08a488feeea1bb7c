"""What will change for the readers of a dataset, and on which day, in words."""

from dataclasses import dataclass
from datetime import date

from hub.access.descriptions import DatasetOut
from hub.web import words
from hub.web.page import Page
from hub.web.translation import N_

_LABELS = {
    "frequency": N_("Janji terbit"),
    "update_schedule": N_("Jadwal pembaruan"),
    "access_class": N_("Kelas akses"),
    "restriction_basis": N_("Dasar pembatasan"),
}


@dataclass(frozen=True)
class Coming:
    """One announced change: from the day on it may be made; `what` are label and new value."""

    day: date
    what: tuple[tuple[str, str], ...]


def coming(page: Page, dataset: DatasetOut) -> list[Coming]:
    """What was announced and is not made yet, the nearest day first."""
    now = {
        "frequency": dataset.frequency,
        "update_schedule": dataset.update_schedule,
        "access_class": dataset.access.class_,
        "restriction_basis": dataset.restriction_basis,
    }
    found = []
    for notice in dataset.announced:
        new = {n: str(v) for n, v in notice.changes.items() if n in now and now[n] != v}
        if new and not notice.reason:
            what = tuple((page.say(_LABELS[n]), _value(page, n, v)) for n, v in new.items())
            found.append(Coming(notice.until, what))
    return found


def _value(page: Page, name: str, value: str) -> str:
    match name:
        case "frequency":
            return page.say(words.frequency_word(value))
        case "access_class":
            return page.say(words.class_word(value))
        case _:
            return value
