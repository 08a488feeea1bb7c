"""Rows that a published batch left aside: open until a correction mends them or somebody gives them up.

The rows that stay wrong in a correction stay open in the batch that it corrects, so that every row is
counted once. A correction of a correction is one of the batch where it all began.
"""

import hashlib
import zlib
from collections.abc import Iterable

from sqlalchemy import update
from sqlmodel import Session, col, select

from hub.errors import Conflict, InvalidInput, NotFound
from hub.intake import keeping
from hub.intake.models import Batch, BatchState, Mending, Mode
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger, Receipt
from hub.settings import Settings


def corrected(session: Session, dataset: str, batch_id: str) -> Batch:
    """The batch that a correction naming `batch_id` corrects.

    Raises NotFound for a batch of another dataset, Conflict when nothing of it was published.
    """
    batch = session.get(Batch, batch_id)
    if batch is not None and batch.corrects:
        batch = session.get(Batch, batch.corrects)
    if batch is None or batch.dataset != dataset:
        raise NotFound(
            f"Tidak ada kiriman {batch_id:.64} pada {dataset} untuk diperbaiki.",
            f"There is no batch {batch_id:.64} of {dataset} to correct.",
        )
    if batch.state is not BatchState.PUBLISHED:
        raise Conflict(
            "Dari kiriman itu tidak ada yang terbit. Perbaiki berkasnya lalu kirim seluruhnya lagi, "
            "tanpa menyebut kiriman itu.",
            "Nothing of that batch was published. Correct the file and send all of it again, without "
            "naming that batch.",
        )
    return batch


def must_be_open(session: Session, settings: Settings, batch_id: str | None) -> None:
    """Raises Conflict when a batch that is to be corrected has no row open any more."""
    if batch_id is None:
        return
    batch = session.get_one(Batch, batch_id)
    if not batch.open_rows or not _kept(settings, batch):
        raise Conflict(
            "Karantina kiriman itu sudah selesai: tidak ada baris yang masih terbuka. "
            "Kirim baris ini sebagai kiriman biasa.",
            "The quarantine of that batch is closed: no row is open any more. "
            "Send these rows as a batch of their own.",
        )


def mode_of(batch: Batch, key: tuple[str, ...], wanted: Mode | None) -> Mode:
    """How a correction is taken: it adds to what its batch has published and replaces nothing else.

    `wanted` is what the sender said. Raises InvalidInput when that would do something else.
    """
    fitting: list[Mode] = ["append"]
    if batch.mode == "delete":
        fitting = ["delete"]
    elif key:
        fitting = ["append", "upsert"] if batch.mode == "append" else ["upsert", "append"]
    if wanted is not None and wanted not in fitting:
        raise InvalidInput(
            f"Perbaikan kiriman ini dikirim dengan cara {fitting[0]}, bukan {wanted}.",
            f"A correction of this batch is sent in mode {fitting[0]}, not {wanted}.",
        )
    return wanted or fitting[0]


def mend(session: Session, ledger: Ledger, correction: Batch, rows: Iterable[int]) -> None:
    """Take rows that now pass out of the quarantine; rows mended before are not counted again."""
    batch = _held(session, correction.corrects or "")
    mended = bits(rows)
    before = session.get(Mending, batch.id)
    new = (mended & ~unpacked(before.rows)) if before else mended
    fresh = min(new.bit_count(), batch.open_rows)
    if fresh:
        together = new | (unpacked(before.rows) if before else 0)
        session.merge(Mending(batch=batch.id, rows=packed(together)))
    batch.mended_rows += fresh
    batch.open_rows -= fresh
    session.add(batch)
    ledger.record(
        session,
        kind="quarantine.mended",
        actor=Actor(**correction.actor),
        target=Target("batch", batch.id, owner=batch.dataset.partition("/")[0]),
        digests={"request": correction.sha256},
        counts={"mended": fresh, "open": batch.open_rows},
    )


def give_up(session: Session, ledger: Ledger, actor: Actor, batch_id: str, reason: str) -> Receipt:
    """Close what is open of a quarantine without correcting it. Raises Conflict when nothing is."""
    batch = _held(session, batch_id)
    if not batch.open_rows:
        raise Conflict(
            "Tidak ada baris yang masih terbuka pada kiriman ini.",
            "No row of this batch is open any more.",
        )
    left, batch.given_up_why = batch.open_rows, reason
    batch.given_up_rows += left
    batch.open_rows = 0
    session.add(batch)
    return ledger.record(
        session,
        kind="quarantine.given-up",
        actor=actor,
        target=Target("batch", batch.id, owner=batch.dataset.partition("/")[0]),
        digests={"request": hashlib.sha256(reason.encode()).hexdigest()},
        counts={"given_up": left},
    )


def superseded(session: Session, batch: Batch) -> None:
    """A batch that replaced all rows leaves nothing to add to of those before it."""
    session.execute(
        update(Batch)
        .where(
            col(Batch.dataset) == batch.dataset,
            col(Batch.open_rows) > 0,
            col(Batch.id) != batch.id,
        )
        .values(
            given_up_rows=col(Batch.given_up_rows) + col(Batch.open_rows),
            open_rows=0,
            given_up_why=f"Digantikan oleh kiriman {batch.id}, yang mengganti semua baris.",
        )
        .execution_options(synchronize_session=False)
    )


def open_of(session: Session, datasets: Iterable[str]) -> list[Batch]:
    """The batches of these datasets with rows still open, oldest first."""
    wanted = (
        select(Batch)
        .where(col(Batch.dataset).in_(list(datasets)), col(Batch.open_rows) > 0)
        .order_by(col(Batch.received_at))
    )
    return list(session.exec(wanted).all())


def corrections_of(session: Session, batch: Batch) -> list[Batch]:
    """The batches that corrected it, oldest first."""
    wanted = select(Batch).where(col(Batch.corrects) == batch.id).order_by(col(Batch.id))
    return list(session.exec(wanted).all())


def mended_of(session: Session, batch: Batch) -> int:
    """A bit for each row of the batch that has been mended."""
    found = session.get(Mending, batch.id)
    return unpacked(found.rows) if found else 0


def bits(rows: Iterable[int]) -> int:
    numbers = list(rows)
    field = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        field[number // 8] |= 1 << number % 8
    return int.from_bytes(field, "little")


def packed(field: int) -> bytes:
    return zlib.compress(field.to_bytes(field.bit_length() // 8 + 1, "little"))


def unpacked(rows: bytes) -> int:
    return int.from_bytes(zlib.decompress(rows), "little")


def _held(session: Session, batch_id: str) -> Batch:
    """The batch's row, locked until the transaction ends."""
    batch = session.get(Batch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotFound(f"Tidak ada kiriman {batch_id:.64}.", f"There is no batch {batch_id:.64}.")
    return batch


def _kept(settings: Settings, batch: Batch) -> bool:
    return (keeping.folder(settings, batch.id) / keeping.QUARANTINE).exists()
