"""What a workbook weighs before it is opened: its zip directory, then its parts counted while unpacked."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.limits import Limits

_CHUNK = 1 << 18
_SMALL = 10 << 20
# A cell whose formula failed, such as <c r="B7" s="1" t="e"><f>1/0</f><v>#DIV/0!</v></c>.
_ERROR_CELL = re.compile(
    rb'(<(?:\w+:)?c\s[^<>]*?t="e"[^<>]*>)'
    rb"(?:<(?:\w+:)?f[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>))?(?:<(?:\w+:)?v>([^<]{1,40})<)?"
)
_PLACE = re.compile(rb'\sr="([A-Z]{1,3}[0-9]{1,7})"')
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')


def weigh(path: Path, limits: Limits) -> dict[str, list[tuple[str, str]]]:
    """Unpack every part without keeping it; raises UnreadableFile for a bomb or a damaged file.

    Gives the addresses of cells with formula errors by part, because the reader shows them as empty.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > limits.workbook_parts:
                raise _bomb(f"{len(parts)} parts")
            if sum(part.file_size for part in parts) > limits.workbook:
                raise _bomb("declared size")
            budget = _Budget(limits)
            return {
                part.filename: places
                for part in parts
                if (places := _inspect(archive, part, budget))
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise damaged(str(error)) from error
    except RuntimeError as error:  # zipfile says so of an encrypted part
        raise UnreadableFile(
            "Buku kerja dilindungi kata sandi.", "The workbook is protected by a password."
        ) from error


def sheet_part(path: Path, sheet: str) -> str | None:
    """The part that holds the sheet of this name."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return None
        book = archive.read("xl/workbook.xml")
        relations = archive.read("xl/_rels/workbook.xml.rels")
    targets = {a.get("Id"): a.get("Target", "") for a in _attributes(_RELATION, relations)}
    for attributes in _attributes(_SHEET, book):
        if _unescaped(attributes.get("name", "")) == sheet:
            target = targets.get(attributes.get("r:id"), "")
            return (
                target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
            )
    return None


def damaged(detail: str) -> UnreadableFile:
    """The workbook cannot be opened at all."""
    return UnreadableFile(
        "Buku kerja rusak atau terpotong; simpan ulang sebagai .xlsx dan kirim lagi.",
        "The workbook is damaged or cut off; save it again as .xlsx and resend.",
        detail[:200],
    )


class _Budget:
    """Bytes that may still be unpacked."""

    def __init__(self, limits: Limits) -> None:
        self._left, self._ratio = limits.workbook, limits.workbook_ratio

    def spend(self, size: int, unpacked: int, packed: int, name: str) -> None:
        self._left -= size
        if self._left < 0:
            raise _bomb("total size")
        if unpacked > _SMALL and unpacked > self._ratio * max(packed, 1):
            raise _bomb(name)


def _inspect(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, budget: _Budget
) -> list[tuple[str, str]]:
    """Unpack one part; address and text of the cells with formula errors if it is a sheet."""
    wanted = _SHEET_PART.fullmatch(part.filename) is not None
    cells: list[tuple[str, str]] = []
    with archive.open(part) as stream:
        for text in _counted(stream, part, budget):
            if wanted and b't="e"' in text:
                cells += _error_cells(text)
    return cells


def _error_cells(text: bytes) -> Iterator[tuple[str, str]]:
    for tag, value in _ERROR_CELL.findall(text):
        place = _PLACE.search(tag)
        if place:
            yield place[1].decode(), value.decode("utf-8", "replace") or "#galat"


def _counted(stream: IO[bytes], part: zipfile.ZipInfo, budget: _Budget) -> Iterator[bytes]:
    """Pieces of the part that end with the end of a cell where there is one."""
    tail, unpacked = b"", 0
    while chunk := stream.read(_CHUNK):
        unpacked += len(chunk)
        budget.spend(len(chunk), unpacked, part.compress_size, part.filename)
        text = tail + chunk
        cut = max(text.rfind(b"</c>") + 4, text.rfind(b":c>") + 3)
        cut = cut if cut > len(text) - _CHUNK // 2 else len(text)
        tail = text[cut:]
        yield text[:cut]
    yield tail


def _attributes(tags: re.Pattern[bytes], text: bytes) -> Iterator[dict[str, str]]:
    for tag in tags.findall(text):
        pairs = _ATTRIBUTE.findall(tag)
        yield {name.decode(): value.decode("utf-8", "replace") for name, value in pairs}


def _unescaped(text: str) -> str:
    for mark, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        text = text.replace(mark, character)
    return text.replace("&amp;", "&")


def _bomb(what: str) -> FileTooLarge:
    return FileTooLarge(
        "Isi buku kerja jauh lebih besar daripada berkasnya; berkas ini ditolak tanpa dibuka.",
        "The workbook unpacks to far more than its size; it is refused unopened.",
        what,
    )
