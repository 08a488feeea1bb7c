"""The rows of a JSON array in a file, one by one, as the very bytes that were served.

Nothing is decoded and written again, so digits, duplicate keys and `null` reach the gate
untouched. Memory stays that of one row: the file is mapped, and pages already read are let go.
"""

import contextlib
import mmap
import re
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from connectors.errors import BodyFault, Sentence, SourceBodyInvalid

MAX_ROW = 16 << 20
_LET_GO = 8 << 20
_NEAR = 64 << 10
_GUESSES = 8

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
# Up to the next bracket that stands outside a string; the skipping is done in C.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]|\\.)*+")*+([\[\]{}])', re.DOTALL)
_SCALAR = re.compile(rb"[^,\]}\s]+")
_OBJECT_END = re.compile(rb"\}(?=[ \t\r\n]*[,\]])")
_ONE_VALUE = msgspec.json.Decoder(msgspec.Raw)


class JsonRows:
    """A body on disk. `path` leads from the top to the array, () when the body is the array."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._in: IO[bytes] = file.open("rb")
        self._size = file.stat().st_size
        self._map = mmap.mmap(self._in.fileno(), 0, access=mmap.ACCESS_READ) if self._size else None
        self._let_go = 0

    def __enter__(self) -> "JsonRows":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._map is not None:
            self._map.close()
        self._in.close()

    def rows(self, path: Sequence[str] = ()) -> Iterator[bytes]:
        """Each element on one line, verbatim but for line breaks between its tokens.

        Raises SourceBodyInvalid: html, empty, not-json, half, no-array, not-objects.
        """
        start = self._start()
        at, open_objects = self._find(start, path)
        if self._peek(at) != b"[":
            raise _no_array(path, at)
        at = yield from self._elements(at)
        for _ in range(open_objects):
            at = self._leave_object(at)
        at = self._space(at)
        if at != self._size:
            raise _invalid("not-json", at)

    def value(self, path: Sequence[str]) -> object:
        """The decoded value at `path`, or None when there is none; for cursors and links."""
        try:
            at, _ = self._find(self._start(), path)
            end = self._end_of_value(at)
        except SourceBodyInvalid as error:
            if error.fault == "no-array":
                return None
            raise
        if end - at > 64 << 10:
            raise _invalid("not-json", at)
        try:
            return msgspec.json.decode(self._bytes(at, end))
        except (msgspec.DecodeError, RecursionError) as error:
            raise _invalid("not-json", at) from error

    def _bytes(self, start: int, end: int) -> bytes:
        return self._map[start:end] if self._map is not None else b""

    def _peek(self, at: int) -> bytes:
        return self._bytes(at, at + 1)

    def _match(self, pattern: re.Pattern[bytes], at: int, end: int | None = None) -> int | None:
        found = pattern.match(self._map, at, end or self._size) if self._map is not None else None
        return found.end() if found else None

    def _space(self, at: int) -> int:
        return self._match(_SPACE, at) or at

    def _start(self) -> int:
        at = self._space(3 if self._bytes(0, 3) == b"\xef\xbb\xbf" else 0)
        if at == self._size:
            raise _invalid("empty", at)
        first = self._peek(at)
        if first == b"<":
            raise _invalid("html", at)
        if first not in b"[{":
            raise _invalid("not-json", at)
        return at

    def _find(self, at: int, path: Sequence[str]) -> tuple[int, int]:
        """Where the value at `path` starts, and how many objects are open around it."""
        for name in path:
            if self._peek(at) != b"{":
                raise _no_array(path, at)
            at = self._space(at + 1)
            while (found := self._member(at)) is not None:
                key, value = found
                if key == name:
                    at = value
                    break
                at = self._next_member(self._end_of_value(value))
            else:
                raise _no_array(path, at)
        return at, len(path)

    def _member(self, at: int) -> tuple[str, int] | None:
        """The key of the member at `at` and where its value starts; None at the closing brace."""
        if self._peek(at) == b"}":
            return None
        end = self._match(_STRING, at)
        colon = self._space(end) if end is not None else self._size
        if end is None or self._peek(colon) != b":":
            raise self._broken(at)
        try:
            key = msgspec.json.decode(self._bytes(at, end), type=str)
        except msgspec.DecodeError as error:
            raise _invalid("not-json", at) from error
        return key, self._space(colon + 1)

    def _next_member(self, at: int) -> int:
        at = self._space(at)
        match self._peek(at):
            case b",":
                return self._space(at + 1)
            case b"}":
                return at
        raise self._broken(at)

    def _leave_object(self, at: int) -> int:
        """Past the end of the object whose member's value ended at `at`."""
        at = self._next_member(at)
        while (found := self._member(at)) is not None:
            at = self._next_member(self._end_of_value(found[1]))
        return at + 1

    def _elements(self, at: int) -> Generator[bytes, None, int]:
        """Yields the elements of the array at `at`; returns where it ended."""
        at = self._space(at + 1)
        if self._peek(at) == b"]":
            return at + 1
        if self._peek(at) != b"{":
            raise _invalid("not-objects" if at < self._size else "half", at)
        while True:
            row, at = self._element(at)
            yield row
            at = self._space(at)
            match self._peek(at):
                case b",":
                    at = self._space(at + 1)
                case b"]":
                    return at + 1
                case _:
                    raise self._broken(at)
            self._release(at)

    def _element(self, at: int) -> tuple[bytes, int]:
        """One element and where it ends: the first closing brace that makes it whole, mostly."""
        # Checking a guess is far cheaper than counting brackets; eight guesses keep it linear.
        end = at
        for _ in range(_GUESSES if self._map is not None and self._peek(at) == b"{" else 0):
            found = _OBJECT_END.search(self._map or b"", end, min(at + _NEAR, self._size))
            if found is None:
                break
            end = found.end()
            if _is_json(raw := self._bytes(at, end)):
                return _one_line(raw), end
        end = self._end_of_value(at)
        raw = self._bytes(at, end)
        # A row that is wrong inside is the gate's to refuse, unless we had to touch it.
        if b"\n" in raw or b"\r" in raw:
            if not _is_json(raw):
                raise _invalid("not-json", at)
            raw = _one_line(raw)
        return raw, end

    def _end_of_value(self, at: int) -> int:
        """Where the value that starts at `at` ends, by brackets alone."""
        first = self._peek(at)
        if first == b'"' or first not in (b"{", b"["):
            end = self._match(_STRING if first == b'"' else _SCALAR, at)
            if end is None:
                raise self._broken(at)
            return end
        depth, end = 0, at
        last = min(at + MAX_ROW, self._size)
        while found := _TO_BRACKET.match(self._map or b"", end, last):
            end = found.end()
            depth += 1 if found[1] in b"{[" else -1
            if depth == 0:
                return end
        raise _invalid("half" if last == self._size else "row", at)

    def _broken(self, at: int) -> SourceBodyInvalid:
        endless = self._peek(at) == b'"' and self._match(_STRING, at) is None
        return _invalid("half" if endless or at >= self._size else "not-json", at)

    def _release(self, at: int) -> None:
        """Let the kernel drop what has been read: the map must not count as our memory."""
        if self._map is not None and at - self._let_go > _LET_GO:
            page = at - at % mmap.PAGESIZE
            with contextlib.suppress(AttributeError):  # madvise is absent on Windows
                self._map.madvise(mmap.MADV_DONTNEED, self._let_go, page - self._let_go)
            self._let_go = page


def _is_json(raw: bytes) -> bool:
    try:
        _ONE_VALUE.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _one_line(raw: bytes) -> bytes:
    """Valid JSON holds line breaks between tokens only."""
    return raw.replace(b"\n", b" ").replace(b"\r", b" ")


_SAID: dict[BodyFault, Sentence] = {
    "html": Sentence(
        id="Sumber menjawab dengan halaman HTML, bukan JSON.",
        en="The source answered with an HTML page, not with JSON.",
    ),
    "empty": Sentence(
        id="Sumber menjawab tanpa isi.", en="The source answered with an empty body."
    ),
    "half": Sentence(
        id="JSON dari sumber terpotong sebelum selesai.",
        en="The JSON of the source ends before it is complete.",
    ),
    "not-json": Sentence(
        id="Jawaban sumber bukan JSON yang sah.", en="The answer of the source is not valid JSON."
    ),
    "not-objects": Sentence(
        id="Larik dari sumber tidak berisi objek.",
        en="The array of the source does not hold objects.",
    ),
    "row": Sentence(
        id="Satu baris dari sumber lebih besar dari 16 MiB.",
        en="One row of the source is larger than 16 MiB.",
    ),
}


def _invalid(fault: BodyFault, at: int) -> SourceBodyInvalid:
    return SourceBodyInvalid(fault, _SAID[fault], at=at)


def _no_array(path: Sequence[str], at: int) -> SourceBodyInvalid:
    where = ".".join(path)
    return SourceBodyInvalid(
        "no-array",
        Sentence(
            id=f"Tidak ada larik JSON di '{where}'." if where else "Jawaban bukan larik JSON.",
            en=f"There is no JSON array at '{where}'." if where else "The answer is no JSON array.",
        ),
        at=at,
    )
