"""JSON lines: each line judged for itself, so that a broken line harms no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import UnreadableFile
from schemas.gate.blocks import Block, Broken, Finding
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note
from schemas.strict import StrictError, strict, strict_lines

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
            while text := _some_lines(file, self._limits.block):
                if number == 0:
                    text = text.removeprefix(_BOM)
                count = _lines_in(text)
                numbers, text = _without_blanks(text, range(number + 1, number + count + 1))
                if numbers:
                    yield Block(numbers, lines=Lines(text, numbers, self._limits.block))
                number += count


@dataclass(frozen=True)
class Lines:
    """Whole lines of a file, as bytes, none of them blank, and their numbers in the file."""

    text: bytes
    numbers: Sequence[int]
    limit: int

    @cached_property
    def _lines(self) -> list[bytes]:
        return _split(self.text)

    def parsed(self) -> Block:
        """The records of the lines, those that are no strict JSON apart."""
        return _block(self.text, self._lines, self.numbers, self.limit)

    def read(self, indexes: Sequence[int]) -> tuple[list[Any], dict[int, Finding]]:
        """Some lines read one by one, and the place and fault of those that are no strict JSON."""
        if not len(indexes):
            return [], {}
        lines, records, faults = self._lines, list[Any](), dict[int, Finding]()
        for place, index in enumerate(indexes):
            try:
                records.append(_record(lines[index], self.limit))
            except StrictError as error:
                broken = broken_json(self.numbers[index], lines[index], error)
                records.append(broken.received)
                faults[place] = broken.finding
        return records, faults


def _lines_in(text: bytes) -> int:
    return text.count(b"\n") + (bool(text) and not text.endswith(b"\n"))


def _split(text: bytes) -> list[bytes]:
    lines = text.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _without_blanks(text: bytes, numbers: Sequence[int]) -> tuple[Sequence[int], bytes]:
    """The lines that are not blank, with their numbers; a line that begins with `{` is not looked at."""
    if text.startswith(b"{") + text.count(b"\n{") == len(numbers):
        return numbers, text
    filled = [(n, line) for n, line in zip(numbers, _split(text), strict=True) if line.strip()]
    if len(filled) == len(numbers):
        return numbers, text
    return [n for n, _ in filled], b"".join(line + b"\n" for _, line in filled)


def _some_lines(file: BinaryIO, size: int) -> bytes:
    """About `size` bytes up to the end of a line; of a line longer than that only the beginning."""
    text = file.read(size)
    if not text or text.endswith(b"\n"):
        return text
    end = file.readline(size)
    text += end
    while end and not end.endswith(b"\n"):
        end = file.readline(size)
    return text


def _block(text: bytes, lines: list[bytes], numbers: Sequence[int], limit: int) -> Block:
    records = strict_lines(text, len(lines)) if len(text) < 2 * limit else None
    if records is not None:
        return Block(numbers, records=records)
    read: list[int] = []
    some: list[Any] = []
    broken: list[Broken] = []
    for number, line in zip(numbers, lines, strict=True):
        try:
            some.append(_record(line, limit))
            read.append(number)
        except StrictError as error:
            broken.append(broken_json(number, line, error))
    return Block(read, records=some, broken=tuple(broken))


def _record(line: bytes, limit: int) -> Any:
    if len(line) > limit:
        raise StrictError("rekaman-terlalu-besar", f"larger than {limit} bytes")
    return strict(line)


def broken_json(number: int, text: bytes, error: StrictError) -> Broken:
    """A record that is not strict JSON, with the beginning of its text."""
    shown = text[:_SHOWN].decode("utf-8", "replace").rstrip("\r\n")
    return Broken(number, shown, Finding("", "", error.rule, shown[:80], None, "", error.detail))
