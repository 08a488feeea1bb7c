"""Which format a body is in: what the sender says, else what the first bytes show."""

from pathlib import Path

from hub.errors import InvalidInput
from schemas.gate.opening import FORMATS

BY_MEDIA_TYPE = {
    "text/csv": "csv",
    "application/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/json": "json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.apache.arrow.stream": "arrow",
}
BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".ods": "ods",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
}
EXCEL = "application/vnd.ms-excel"
"""Says little: browsers with Excel beside them call CSV so too. The first bytes decide."""
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


def format_of(path: Path, *, declared: str | None, media_type: str | None, name: str = "") -> str:
    """One of FORMATS: `?format=` wins, then the media type, the file name, the first bytes.

    Raises InvalidInput when `?format=` names something else.
    """
    if declared is not None:
        if declared not in FORMATS:
            known = ", ".join(FORMATS)
            raise InvalidInput(
                f"Format '{declared}' tidak dikenal. Pilih salah satu: {known}.",
                f"The format '{declared}' is not known. Choose one of: {known}.",
            )
        return declared
    said = BY_MEDIA_TYPE.get((media_type or "").split(";")[0].strip().lower())
    return said or BY_SUFFIX.get(Path(name).suffix.lower()) or _by_first_bytes(path)


def _by_first_bytes(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PK\x03\x04"):
        return "ods" if head[30:].startswith(_ODS) else "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "xls"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\xff\xff\xff\xff"):
        return "arrow"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"["):
        return "json"
    return "ndjson" if text.startswith(b"{") else "csv"
