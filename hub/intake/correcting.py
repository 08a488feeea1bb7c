"""A judged correction is compared with the quarantine that it corrects, before its transaction opens."""

from dataclasses import replace
from pathlib import Path

from hub.errors import Conflict
from hub.intake import keeping
from hub.intake.delivery import Delivery
from hub.intake.judges import Judges, MendTask
from hub.settings import Settings
from schemas.gate import Verdict
from schemas.gate.mending import Mending


def compared(
    settings: Settings, judges: Judges, delivery: Delivery, verdict: Verdict, folder: Path
) -> Mending:
    """The rows that the correction brings right, by their numbers in the batch it corrects.

    Raises Conflict when the rejected rows of that batch are removed while this is on its way.
    """
    assert delivery.corrects is not None  # noqa: S101 - the caller has seen it
    earlier = keeping.folder(settings, delivery.corrects) / keeping.QUARANTINE
    kept = replace(verdict, quarantine_file=folder / keeping.QUARANTINE)
    task = MendTask(delivery.body.path, delivery.format, delivery.document, kept, earlier)
    try:
        return judges.mend(task, size=delivery.body.bytes)
    except FileNotFoundError as error:
        if earlier.exists():
            raise
        raise _gone(delivery.corrects) from error


def _gone(batch: str) -> Conflict:
    return Conflict(
        "Isi karantina kiriman yang diperbaiki sudah dihapus karena masa simpannya habis; tidak ada yang "
        "terbit. Kirim baris ini sebagai kiriman biasa, tanpa menyebut kiriman itu.",
        "The rejected rows of the batch to be corrected are removed, for their time is over; nothing was "
        "published. Send these rows as a batch of their own, without naming that batch.",
        batch=batch,
    )
