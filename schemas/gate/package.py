"""What a workbook weighs before it is opened: its zip directory, then its parts counted while unpacked."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from schemas.errors import UnreadableFile
from schemas.gate.limits import Limits
from schemas.gate.sheets import bomb, damaged, locked

_CHUNK = 1 << 18
_SMALL = 10 << 20
_LONGEST_TAG = 1 << 20

Look = Callable[[str, bytes], None]
"""Is shown each piece of each part, by the part's name; no piece ends within a tag."""


@contextmanager
def unpacking(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip, opened; whatever is wrong with it is an UnreadableFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except UnreadableFile:
        raise
    except RuntimeError as error:  # zipfile says so of an encrypted part
        raise damaged(str(error)) if isinstance(error, NotImplementedError) else locked() from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise damaged(str(error)) from error


def weigh(path: Path, limits: Limits, look: Look) -> None:
    """Unpack every part once, keeping none; raises UnreadableFile for a bomb or a damaged file."""
    with unpacking(path) as archive:
        parts = archive.infolist()
        if len(parts) > limits.workbook_parts:
            raise bomb(f"{len(parts)} parts")
        if sum(part.file_size for part in parts) > limits.workbook:
            raise bomb("declared size")
        budget = _Budget(limits)
        for part in parts:
            with archive.open(part) as stream:
                for text in _counted(stream, part, budget):
                    look(part.filename, text)


def pieces(path: Path, name: str) -> Iterator[bytes]:
    """A part again, piece by piece, after the whole was weighed."""
    with unpacking(path) as archive, archive.open(name) as stream:
        yield from _cut(iter(lambda: stream.read(_CHUNK), b""))


class _Budget:
    """Bytes that may still be unpacked."""

    def __init__(self, limits: Limits) -> None:
        self._left, self._ratio = limits.workbook, limits.workbook_ratio

    def spend(self, size: int, unpacked: int, packed: int, name: str) -> None:
        self._left -= size
        if self._left < 0:
            raise bomb("total size")
        if unpacked > _SMALL and unpacked > self._ratio * max(packed, 1):
            raise bomb(name)


def _counted(stream: IO[bytes], part: zipfile.ZipInfo, budget: _Budget) -> Iterator[bytes]:
    def chunks() -> Iterator[bytes]:
        unpacked = 0
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            budget.spend(len(chunk), unpacked, part.compress_size, part.filename)
            yield chunk

    is_xml = part.filename.lower().endswith((".xml", ".rels"))
    return _cut(chunks()) if is_xml else chunks()


def _cut(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces that end with the end of a cell where there is one; no tag is cut in two."""
    tail = b""
    for chunk in chunks:
        text = tail + chunk
        cut = max(text.rfind(b"</c>") + 4, text.rfind(b":c>") + 3)
        if cut <= len(text) - _CHUNK // 2:
            last = text.rfind(b"<")
            cut = last if last >= 0 and text.find(b">", last) < 0 else len(text)
        tail = text[cut:]
        if len(tail) > _LONGEST_TAG:
            raise damaged("a tag without an end")
        yield text[:cut]
    yield tail
