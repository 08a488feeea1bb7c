"""What is left of an answer, kept for a while so that the very same answer can go on.

A query that is run again may give its rows in another order, or other rows, so what follows is never
computed anew. It lies on disk encrypted under a key that is in the caller's cursor and nowhere else.
"""

import base64
import re
import secrets
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from catalog.errors import CursorInvalid
from catalog.storage.writing import full_disks_told
from hub.identifiers import new_id

EACH = 3
"""Answers kept for one person or program; of more, the oldest go."""
_HEAD = struct.Struct(">II")
_NONCE = 12
_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{32}")


@dataclass(frozen=True)
class Kept:
    """Where the rest of an answer is, and the key to it; `rows` are all that are kept."""

    name: str
    key: bytes
    rows: int

    def as_list(self) -> list[str | int]:
        """As it stands in a cursor."""
        return [self.name, base64.b64encode(self.key).decode(), self.rows]


def from_list(said: list[str | int]) -> Kept:
    """Of a cursor that the hub has sealed."""
    name, key, rows = said
    return Kept(str(name), base64.b64decode(str(key)), int(rows))


def keep(folder: Path, owner: str, batches: Iterable[pa.RecordBatch]) -> Kept:
    """Write what is left of the answer that `owner` gets; there is at least one batch.

    Raises StorageFull and whatever `batches` raises; then nothing is kept.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = sha256(owner.encode()).hexdigest()[:16]
    name, key = f"{mark}-{new_id()}", secrets.token_bytes(32)
    path = folder / name
    try:
        with full_disks_told(), path.open("xb") as file:
            rows = _write(_Box(file, key), batches)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    for old in sorted(folder.glob(f"{mark}-*"))[:-EACH]:
        old.unlink(missing_ok=True)
    return Kept(name, key, rows)


def batches(folder: Path, kept: Kept, offset: int) -> Iterator[pa.RecordBatch]:
    """The rows from `offset` on, at least one batch; raises CursorInvalid when they are gone."""
    if not _NAME.fullmatch(kept.name):
        raise CursorInvalid
    try:
        file = (folder / kept.name).open("rb")
    except FileNotFoundError:
        raise CursorInvalid from None
    with file:
        try:
            yield from _read(_Box(file, kept.key), offset)
        except InvalidTag:
            raise CursorInvalid from None


def sweep(folder: Path, *, seconds: float) -> None:
    """Remove what was kept longer than this."""
    before = time.time() - seconds
    for path in folder.glob("*-*"):
        with suppress(FileNotFoundError):  # another process sweeps as well
            if path.stat().st_mtime < before:
                path.unlink()


class _Box:
    """Sealed pieces, one after another: the rows in a piece, its length, nonce and ciphertext.

    Its number is sealed with a piece, so none can be left out or moved.
    """

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._cipher, self._number = file, AESGCM(key), 0

    def put(self, rows: int, piece: bytes) -> None:
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, piece, self._mark())
        self._file.write(_HEAD.pack(rows, len(sealed)) + sealed)

    def take(self, skip: int) -> tuple[int, bytes | None]:
        """Rows of the next piece, and the piece unless it lies within the rows to `skip`."""
        rows, length = _HEAD.unpack(self._file.read(_HEAD.size))
        if 0 < rows <= skip:
            self._file.seek(length, 1)
            self._number += 1
            return rows, None
        sealed = self._file.read(length)
        return rows, self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._mark())

    def _mark(self) -> bytes:
        self._number += 1
        return self._number.to_bytes(8, "big")


def _write(box: _Box, batches: Iterable[pa.RecordBatch]) -> int:
    rows, schema = 0, None
    for batch in batches:
        if schema is None:
            box.put(0, batch.schema.serialize().to_pybytes())
        schema = batch.schema
        if batch.num_rows:
            box.put(batch.num_rows, batch.serialize().to_pybytes())
        rows += batch.num_rows
    assert schema is not None  # noqa: S101 - there is at least one batch
    # The schema of the last batch says whether the engine cut the answer there.
    box.put(0, schema.serialize().to_pybytes())
    return rows


def _read(box: _Box, skip: int) -> Iterator[pa.RecordBatch]:
    schema = _schema(box.take(0)[1])
    while True:
        rows, piece = box.take(skip)
        if rows == 0:
            # Without rows, so that the columns are known and the cut is told whatever came before.
            schema = _schema(piece)
            yield pa.RecordBatch.from_arrays([pa.nulls(0, t) for t in schema.types], schema=schema)
            return
        if piece is not None:
            yield pa.ipc.read_record_batch(pa.py_buffer(piece), schema).slice(skip)
        skip = max(skip - rows, 0)


def _schema(piece: bytes | None) -> pa.Schema:
    return pa.ipc.read_schema(pa.py_buffer(piece or b""))
