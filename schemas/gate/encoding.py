"""Checksum and character encoding of a text file, in one pass of bounded memory."""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import UnreadableFile

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Text:
    """`encoding` is utf-8, cp1252 or utf-16, by the names of Python's codecs."""

    encoding: str
    bom: bool


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encoding_of(path: Path) -> Text:
    """utf-8, else utf-16 by its mark, else cp1252; raises UnreadableFile naming the line and byte."""
    with path.open("rb") as file:
        head = file.read(4)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        _decode_all(path, "utf-16")
        return Text("utf-16", True)
    if _is_utf8(path):
        return Text("utf-8", head.startswith(codecs.BOM_UTF8))
    try:
        _decode_all(path, "utf-8")
    except UnreadableFile:
        if _looks_like_utf8(path):
            raise
        _decode_all(path, "cp1252")
        return Text("cp1252", False)
    return Text("utf-8", head.startswith(codecs.BOM_UTF8))


def _is_utf8(path: Path) -> bool:
    """UTF-8 without NUL; fast, but does not say where it fails."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    pending = False
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                return False
            if pending or not chunk.isascii():
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    return False
                pending = bool(decoder.getstate()[0])
    return not pending


def _decode_all(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, line = 0, 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = offset - pending + error.start
                line += chunk[: max(error.start - pending, 0)].count(b"\n")
                raise _undecodable(encoding, line, at) from error
            if "\x00" in text:
                line += text[: text.index("\x00")].count("\n")
                raise UnreadableFile(
                    "Berkas berisi bita nol, jadi bukan berkas teks.",
                    "The file holds NUL bytes, so it is not a text file.",
                    f"line {line}",
                )
            line += text.count("\n")
            offset += len(chunk)
            if not chunk:
                return


def _looks_like_utf8(path: Path) -> bool:
    """A file with correct multi-byte characters is damaged UTF-8, not another encoding."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            if len(text.encode("utf-8")) - len(text) > 2 * text.count("\ufffd"):
                return True
    return False


def _undecodable(encoding: str, line: int, byte: int) -> UnreadableFile:
    return UnreadableFile(
        f"Pengodean karakter tidak dikenal: bita ke-{byte} (baris {line}) bukan {encoding}. "
        "Simpan ulang berkas sebagai UTF-8.",
        f"Unknown character encoding: byte {byte} (line {line}) is not {encoding}. "
        "Save the file again as UTF-8.",
        f"line {line}, byte {byte}",
    )
