"""JSON lines: each line judged for itself, so that a broken line harms no other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.errors import UnreadableFile
from schemas.gate.blocks import Block, Broken, Finding
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note
from schemas.strict import StrictError, strict

_BOM = b"\xef\xbb\xbf"
_SHOWN = 1_000


class LinesReader:
    """A file with one JSON record per line, UTF-8; blank lines are skipped but counted."""

    header: list[str] | None = None
    typed = False
    spreadsheet = False

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        with path.open("rb") as file:
            head = file.read(4)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnreadableFile("JSON harus UTF-8.", "JSON must be UTF-8.", "line 1")

    def notes(self) -> list[Note]:
        return []

    def blocks(self) -> Iterator[Block]:
        number = 0
        with self._path.open("rb") as file:
            while lines := _some_lines(file, self._limits.block):
                yield _block(lines, number)
                number += len(lines)


def _some_lines(file: Any, size: int) -> list[bytes]:
    """Lines of about `size` bytes; a longer line comes cut, marked by its missing end."""
    lines: list[bytes] = []
    total = 0
    while total < size and (line := file.readline(size + 1)):
        if len(line) > size and not line.endswith(b"\n"):
            while (rest := file.readline(size)) and not rest.endswith(b"\n"):
                pass
            line = _TOO_LONG
        lines.append(line)
        total += len(line)
    return lines


_TOO_LONG = b"\x00too long"


def _block(lines: list[bytes], before: int) -> Block:
    numbers: list[int] = []
    records: list[Any] = []
    broken: list[Broken] = []
    for number, line in enumerate(lines, before + 1):
        if number == 1 and line.startswith(_BOM):
            line = line[3:]
        if not line.strip():
            continue
        try:
            records.append(_record(line))
            numbers.append(number)
        except StrictError as error:
            broken.append(broken_json(number, line, error))
    return Block(numbers, records=records, broken=tuple(broken))


def _record(line: bytes) -> Any:
    if line is _TOO_LONG:
        raise StrictError("rekaman-terlalu-besar", "larger than a block")
    return strict(line)


def broken_json(number: int, text: bytes, error: StrictError) -> Broken:
    """A record that is not strict JSON, with the beginning of its text."""
    shown = text[:_SHOWN].decode("utf-8", "replace").rstrip("\r\n\x00")
    return Broken(number, shown, Finding("", "", error.rule, shown[:80], None, "", error.detail))
