"""Whole permitted releases as files: written first, proven, then sent while the door stays open."""

import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from catalog import export, reading
from hub.access import marking
from hub.access.door import Asked, Door, open_door, still_open
from hub.access.formats import Format
from hub.access.reader import Reader
from hub.access.rows import TableAnswer, Wish, through
from hub.access.subjects import about
from hub.access.witness import of_same_read, prove, read_facts
from hub.db import reading as reading_session
from hub.errors import EvidenceUnavailable, HubError
from hub.ledger.entry import Facts
from hub.ledger.service import Receipt

CHUNK = 256 * 1024
CHECK_EVERY = 0.25
"""Seconds between two looks at the grant while a file is on its way; ends it within one second."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Download:
    """A file without a name on disk any more, and the receipt for it; `body` sends and closes it.

    `marked` rows of the release, as far as they are shown, are said to be wrong.
    """

    name: str
    format: Format
    size: int
    receipt: Receipt
    body: Iterator[bytes]
    doors: tuple[Door, ...] = ()
    marked: int = 0


def whole(reader: Reader, asked: Asked, wish: Wish, format: Format) -> Download:
    """Every permitted row of a release that passes the filter.

    Raises what `open_door` raises, ColumnNotReadable, FilterInvalid, ExportTooLarge, StorageFull,
    EvidenceUnavailable, QuotaSpent; in every case before the first byte.
    """
    with reading_session(reader.engine) as session:
        door = open_door(session, reader, asked)
    read = through(reader, door)
    release = export.release(**read, columns=wish.columns, filter=wish.filter, sort=wish.sort)
    rows = reading.count(**read, filter=wish.filter)
    marks = marking.shown(reader, door)
    wide = release
    if marks.of(wish.columns):
        more = marking.widened(marks, wish.columns)
        wide = export.release(**read, columns=more, filter=wish.filter, sort=wish.sort)
    marked = marking.with_marks(marks, wide, wish.columns)
    spooled = spool(reader, lambda path: export.to_file(marked, format.value, path))
    told = wish.told(format=format.value)
    seen = about(door.personal, release.types, _people(reader, door, wish, rows))
    facts = read_facts(door, reader.secret, told, rows=rows, file=spooled.sha256, about=seen)
    receipt = or_closed(spooled, lambda: prove(reader.evidence, facts))
    body = _guarded(reader, door, facts, spooled)
    doors, count = (door,), marks.count
    return Download(file_name(door, format), format, spooled.size, receipt, body, doors, count)


def _people(reader: Reader, door: Door, wish: Wish, rows: int) -> list[Any] | None:
    """Whom the rows of a file are about, unless they are too many to be recorded."""
    personal = door.personal
    if personal is None or personal.subject is None or rows > personal.most:
        return None
    return reading.values(
        door.table,
        door.manifest,
        door.schema,
        door.policy,
        column=personal.subject,
        key=door.key,
        filter=wish.filter,
        stored=door.stored,
    )


def of_page(reader: Reader, answer: TableAnswer, format: Format) -> Download:
    """One page of rows, proven already, in a form of its own."""
    spooled = spool(
        reader, lambda path: export.to_file(export.Answer(answer.table), format.value, path)
    )
    name, body = file_name(answer.door, format), spooled.pieces()
    doors, count = (answer.door,), answer.marked
    return Download(name, format, spooled.size, answer.receipt, body, doors, count)


def file_name(door: Door, format: Format) -> str:
    """`agency-slug-r3.csv`: only letters, digits and hyphens, whatever the names hold."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", door.dataset.id).strip("-")
    return f"{plain}-r{door.release.number}.{format.value}"


@dataclass(frozen=True)
class Spooled:
    """An open file whose name is gone: when it is closed, nothing is left of it."""

    file: BinaryIO
    size: int
    sha256: str

    def pieces(self) -> Iterator[bytes]:
        with self.file:
            while piece := self.file.read(CHUNK):
                yield piece


def spool(reader: Reader, write: Callable[[Path], object]) -> Spooled:
    """Let `write` fill a file in a private folder; the folder is gone when this returns."""
    rooms = reader.settings.work / "answers"
    rooms.mkdir(mode=0o700, parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(dir=rooms))
    try:
        path = room / "answer"
        write(path)
        file = path.open("rb")
        with path.open("rb") as again:
            sha256 = hashlib.file_digest(again, "sha256").hexdigest()
        return Spooled(file, path.stat().st_size, sha256)
    finally:
        shutil.rmtree(room)


def or_closed(spooled: Spooled, proof: Callable[[], Receipt]) -> Receipt:
    """The receipt; when there is none the file goes away with the error."""
    try:
        return proof()
    except HubError:
        spooled.file.close()
        raise


def _guarded(reader: Reader, door: Door, facts: Facts, spooled: Spooled) -> Iterator[bytes]:
    """The file, as long as the answer would still be yes; then the connection is cut short."""
    looked, sent = time.monotonic(), 0
    for piece in spooled.pieces():
        if time.monotonic() - looked >= CHECK_EVERY:
            if not still_open(reader.engine, door):
                _stopped(reader, facts, sent)
                return
            looked = time.monotonic()
        yield piece
        sent += len(piece)


def _stopped(reader: Reader, facts: Facts, sent: int) -> None:
    """Record that less left than the first entry says; the receipt of that one stays true of it."""
    log.warning("download_stopped", dataset=facts["target"].id, sent=sent)
    cut = of_same_read(facts, outcome="aborted", counts={"bytes": sent})
    with suppress(EvidenceUnavailable):
        prove(reader.evidence, cut)
