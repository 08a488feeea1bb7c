"""What the description of a dataset promises, and which side a change of it breaks."""

from collections.abc import Iterator

from catalog.datasets import Description
from catalog.models import AccessClass, Frequency
from schemas.errors import Reason
from schemas.promises import PRODUCER, READER


def changed_promises(before: Description, after: Description) -> list[Reason]:
    """READER (FORWARD): those who rely on it get less. PRODUCER (BACKWARD): he owes more, or has
    given under terms that hold no longer.
    """
    return [*_freshness(before, after), *_schedule(before, after), *_class(before, after)]


def _freshness(before: Description, after: Description) -> Iterator[Reason]:
    kinds = list(Frequency)
    was, now = kinds.index(before.frequency), kinds.index(after.frequency)
    if was == now:
        return
    words = (
        f"Frekuensi pembaruan berubah dari {before.frequency} menjadi {after.frequency}.",
        f"The frequency of renewal changes from {before.frequency} to {after.frequency}.",
    )
    code = "kesegaran-melonggar" if now > was else "kesegaran-mengetat"
    yield Reason(code, "/frequency", *words, READER if now > was else PRODUCER)


def _schedule(before: Description, after: Description) -> Iterator[Reason]:
    """Free words have no order: any other schedule is another promise."""
    was, now = before.update_schedule.strip(), after.update_schedule.strip()
    if not was or was == now:
        return
    words = (
        f"Jadwal pembaruan berubah dari “{was}” menjadi “{now or 'tidak dinyatakan'}”.",
        f"The update schedule changes from “{was}” to “{now or 'none stated'}”.",
    )
    yield Reason("jadwal-berubah", "/update_schedule", *words, READER)


def _class(before: Description, after: Description) -> Iterator[Reason]:
    kinds = list(AccessClass)
    was, now = kinds.index(before.access_class), kinds.index(after.access_class)
    if was == now:
        return
    words = (
        f"Kelas akses berubah dari {before.access_class} menjadi {after.access_class}.",
        f"The access class changes from {before.access_class} to {after.access_class}.",
    )
    code = "kelas-naik" if now > was else "kelas-turun"
    yield Reason(code, "/access_class", *words, READER if now > was else PRODUCER)
