"""Which kind of workbook a file is, and the book that reads it."""

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from schemas.errors import UnreadableFile
from schemas.gate.limits import Limits
from schemas.gate.sheets import Book, damaged, locked

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20


def open_book(path: Path, form: str, limits: Limits) -> Book:
    """The workbook by its kind; raises UnreadableFile and FileTooLarge."""
    match form:
        case "xlsx":
            from schemas.gate.xlsx import XlsxBook

            return XlsxBook(path, limits)
        case "ods":
            from schemas.gate.ods import OdsBook

            return OdsBook(path, limits)
        case _:
            from schemas.gate.xls import XlsBook

            return XlsBook(path, limits)


def form_of(path: Path) -> str:
    """Which kind of workbook the bytes are, whatever the file is called; raises UnreadableFile."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(_COMPOUND):
        if _holds(path, _ENCRYPTED):
            raise locked()
        return "xls"
    if head.startswith(b"PK\x03\x04"):
        return _form_of_package(path)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise UnreadableFile(
            "Berkas ini bukan buku kerja melainkan halaman HTML atau XML yang dinamai buku kerja; "
            "buka di Excel lalu simpan sebagai .xlsx.",
            "This is no workbook but an HTML or XML page named as one; open it in Excel and save it "
            "as .xlsx.",
        )
    raise damaged("neither a zip nor a compound file")


def _form_of_package(path: Path) -> str:
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise damaged(str(error)) from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    if "xl/workbook.bin" in names:
        raise UnreadableFile(
            "Buku kerja biner (.xlsb) tidak dibaca; simpan sebagai .xlsx.",
            "A binary workbook (.xlsb) is not read; save it as .xlsx.",
        )
    # Parts are weighed before anything is said about them, so a bomb of another kind is still one.
    return "xlsx"


def _holds(path: Path, mark: bytes) -> bool:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if mark in tail + chunk:
                return True
            tail = chunk[-len(mark) :]
    return False
