"""Rows that a published batch left aside: open until a correction mends them or somebody gives them up.

The rows that stay wrong in a correction stay open in the batch that it corrects, so that every row is
counted once. A correction of a correction is one of the batch where it all began.
"""

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub.errors import Conflict, InvalidInput, NotFound
from hub.intake import keeping
from hub.intake.models import Batch, BatchState, Mending, Mode
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger
from hub.settings import Settings
from schemas.gate import mending

SHOWN = 20
"""Numbers of rows that one sentence names."""


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


def must_be_open(session: Session, settings: Settings, batch_id: str, *, now: datetime) -> None:
    """Raises Conflict when a batch takes no correction: no row is open, or their time is over."""
    _check_open(settings, session.get_one(Batch, batch_id), now)


def kept_until(settings: Settings, batch: Batch) -> datetime:
    """When the rejected rows go: `quarantine_days` after the batch was judged."""
    return (batch.finished_at or batch.received_at) + timedelta(days=settings.quarantine_days)


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


def mend(
    session: Session,
    ledger: Ledger,
    settings: Settings,
    correction: Batch,
    found: mending.Mending,
    *,
    keyless: bool,
    now: datetime,
) -> None:
    """Take rows that now pass out of the quarantine; rows mended before are not counted again.

    Raises Conflict when the quarantine was closed while the correction was judged. In a dataset without a
    key, where nothing else would keep a row from coming in twice, also for one that was mended before.
    """
    batch = held(session, correction.corrects or "")
    _check_open(settings, batch, now)
    before = mended_of(session, batch)
    mended = bits(found.mended)
    if keyless:
        _check_once(found, mended & before)
    fresh = min((mended & ~before).bit_count(), batch.open_rows)
    if fresh:
        session.merge(Mending(batch=batch.id, rows=packed(mended | before)))
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


def held(session: Session, batch_id: str) -> Batch:
    """The batch's row, locked until the transaction ends. Raises NotFound."""
    batch = session.get(Batch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotFound(f"Tidak ada kiriman {batch_id:.64}.", f"There is no batch {batch_id:.64}.")
    return batch


def bits(rows: Iterable[int]) -> int:
    numbers = list(rows)
    field = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        field[number // 8] |= 1 << number % 8
    return int.from_bytes(field, "little")


def rows_in(field: int, most: int) -> list[int]:
    """The first rows whose bits are set, in their order."""
    found: list[int] = []
    while field and len(found) < most:
        lowest = field & -field
        found.append(lowest.bit_length() - 1)
        field ^= lowest
    return found


def packed(field: int) -> bytes:
    return zlib.compress(field.to_bytes(field.bit_length() // 8 + 1, "little"))


def unpacked(rows: bytes) -> int:
    return int.from_bytes(zlib.decompress(rows), "little")


def _check_open(settings: Settings, batch: Batch, now: datetime) -> None:
    until = kept_until(settings, batch)
    gone = batch.quarantine_dropped_at is not None or until < now
    if gone or (batch.open_rows and not _kept(settings, batch)):
        day = until.astimezone(settings.zone).date().isoformat()
        raise Conflict(
            f"Masa simpan karantina kiriman itu habis pada {day}. "
            "Kirim baris ini sebagai kiriman biasa, tanpa menyebut kiriman itu.",
            f"The time of that batch's quarantine was over on {day}. "
            "Send these rows as a batch of their own, without naming that batch.",
            batch=batch.id,
        )
    if not batch.open_rows:
        raise Conflict(
            "Karantina kiriman itu sudah selesai: tidak ada baris yang masih terbuka. "
            "Kirim baris ini sebagai kiriman biasa.",
            "The quarantine of that batch is closed: no row is open any more. "
            "Send these rows as a batch of their own.",
            batch=batch.id,
        )


def _check_once(found: mending.Mending, again: int) -> None:
    """Without a key every row that is sent is added, so each number may pass once."""
    if found.doubled:
        rows = sorted(found.doubled)[:SHOWN]
        told = ", ".join(map(str, rows))
        raise InvalidInput(
            f"Pada kolom #baris, nomor {told} ada di lebih dari satu baris, dan dataset ini tidak "
            "berkunci: isinya akan terbit dua kali. Sisakan satu baris untuk tiap nomor, lalu kirim lagi.",
            f"In the column #baris the number {told} stands in more than one row, and this dataset has no "
            "key: it would be published twice. Leave one row for each number, then send again.",
            rows=rows,
        )
    if again:
        rows = rows_in(again, SHOWN)
        told = ", ".join(map(str, rows))
        raise Conflict(
            f"{again.bit_count()} baris sudah diperbaiki oleh kiriman sebelumnya (#baris {told}), dan "
            "dataset ini tidak berkunci: isinya akan terbit dua kali. Hapus baris itu dari berkas, atau "
            "perbaiki buku kerja yang diunduh baru, lalu kirim lagi.",
            f"{again.bit_count()} rows were mended by an earlier batch (#baris {told}), and this dataset "
            "has no key: they would be published twice. Take these rows out of the file, or correct the "
            "workbook downloaded anew, then send again.",
            rows=rows,
        )


def _kept(settings: Settings, batch: Batch) -> bool:
    return (keeping.folder(settings, batch.id) / keeping.QUARANTINE).exists()
