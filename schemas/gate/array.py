"""A JSON array of records, taken element by element: the file is never held as a whole."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.blocks import Block, Broken
from schemas.gate.limits import Limits
from schemas.gate.lines import broken_json
from schemas.gate.outcome import Note
from schemas.strict import MAX_DEPTH, StrictError, strict

# A string that ends in the buffer, a structural character, or a string that does not end yet.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]|"', re.DOTALL)
_CHUNK = 1 << 18
_BOM = b"\xef\xbb\xbf"


class ArrayReader:
    """A file that holds one JSON array; numbers are positions in it, from 1."""

    header: list[str] | None = None
    typed = False
    spreadsheet = False

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        with path.open("rb") as file:
            head = file.read(1024).removeprefix(_BOM).lstrip()
        if not head:
            raise UnreadableFile("Berkas kosong.", "The file is empty.")
        if not head.startswith(b"["):
            raise UnreadableFile(
                "Berkas JSON harus berupa larik rekaman: [ {…}, {…} ].",
                "A JSON file must be an array of records: [ {…}, {…} ].",
                "byte 1",
            )

    def notes(self) -> list[Note]:
        return []

    def blocks(self) -> Iterator[Block]:
        numbers: list[int] = []
        records: list[Any] = []
        broken: list[Broken] = []
        size = 0
        with self._path.open("rb") as file:
            for number, text in enumerate(_elements(file, self._limits.block), 1):
                try:
                    records.append(strict(text))
                    numbers.append(number)
                except StrictError as error:
                    broken.append(broken_json(number, text, error))
                size += len(text)
                if size >= self._limits.block:
                    yield Block(numbers, records=records, broken=tuple(broken))
                    numbers, records, broken, size = [], [], [], 0
        yield Block(numbers, records=records, broken=tuple(broken))


def _elements(file: BinaryIO, limit: int) -> Iterator[bytes]:
    """The text of each element of the outermost array; raises UnreadableFile if it is not one."""
    buffer, at, start, depth, base, number = b"", 0, 0, 0, 0, 0
    while True:
        chunk = file.read(_CHUNK)
        if not chunk:
            raise _cut_off(base + len(buffer), number)
        buffer = buffer[start:] + chunk
        base, at, start = base + start, at - start, 0
        while token := _TOKEN.search(buffer, at):
            mark = token[0]
            if mark == b'"':
                break
            at = token.end()
            if mark in (b"[", b"{"):
                depth += 1
                if depth == 1:
                    start = at
                if depth > MAX_DEPTH:
                    raise _too_deep(base + at)
            elif mark in (b"]", b"}"):
                depth -= 1
            ends = depth == 0 or (depth == 1 and mark == b",")
            if not ends:
                continue
            element = buffer[start : token.start()]
            start = at
            if element.strip() or number or mark == b",":
                number += 1
                yield element
            if depth == 0:
                if mark != b"]":
                    raise _cut_off(base + at, number)
                _expect_end(buffer[at:], file, base + at)
                return
        else:
            at = max(at, len(buffer))
        if len(buffer) - start > limit:
            raise _too_large(number + 1, limit)


def _expect_end(rest: bytes, file: BinaryIO, at: int) -> None:
    while rest:
        if rest.strip():
            raise UnreadableFile(
                "Ada isi setelah akhir larik JSON.",
                "Something follows the end of the JSON array.",
                f"byte {at}",
            )
        rest = file.read(_CHUNK)


def _cut_off(byte: int, number: int) -> UnreadableFile:
    return UnreadableFile(
        f"Larik JSON terpotong setelah rekaman ke-{number}.",
        f"The JSON array is cut off after record {number}.",
        f"byte {byte}",
    )


def _too_deep(byte: int) -> FileTooLarge:
    return FileTooLarge(
        f"JSON bersarang lebih dari {MAX_DEPTH} tingkat.",
        f"The JSON is nested deeper than {MAX_DEPTH} levels.",
        f"byte {byte}",
    )


def _too_large(number: int, limit: int) -> FileTooLarge:
    return FileTooLarge(
        f"Rekaman ke-{number} lebih besar dari {limit} bita.",
        f"Record {number} is larger than {limit} bytes.",
        f"record {number}",
    )
