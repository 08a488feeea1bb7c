"""Which reader opens which format."""

from pathlib import Path

from schemas.errors import UnreadableFile
from schemas.gate.blocks import Reader
from schemas.gate.limits import Limits

FORMATS = ("csv", "ndjson", "json", "xlsx", "xls", "ods", "parquet", "arrow")
WORKBOOKS = ("xlsx", "xls", "ods")


def open_reader(
    path: Path,
    form: str,
    known: set[str],
    limits: Limits,
    sheet: str | None = None,
    header_row: int | None = None,
) -> Reader:
    """A reader for the file; raises UnreadableFile if it is not of the format it claims.

    `sheet` and `header_row` (a row of the sheet, from 1) are for workbooks alone.
    """
    if form not in WORKBOOKS and (sheet is not None or header_row is not None):
        raise UnreadableFile(
            f"Lembar dan baris judul hanya dapat dipilih pada buku kerja; ini {form}.",
            f"A sheet and a header row can be chosen of a workbook only; this is {form}.",
        )
    match form:
        case "csv":
            from schemas.gate.delimited import DelimitedReader

            return DelimitedReader(path, known, limits)
        case "ndjson":
            from schemas.gate.lines import LinesReader

            return LinesReader(path, limits)
        case "json":
            from schemas.gate.array import ArrayReader

            return ArrayReader(path, limits)
        case "parquet" | "arrow":
            from schemas.gate.columnar import ColumnarReader

            return ColumnarReader(path, form, limits)
        case "xlsx" | "xls" | "ods":
            from schemas.gate.workbook import WorkbookReader

            return WorkbookReader(path, form, known, limits, sheet, header_row)
        case _:
            raise UnreadableFile(
                f"Format {form} tidak dikenal; pakai salah satu dari {', '.join(FORMATS)}.",
                f"Unknown format {form}; use one of {', '.join(FORMATS)}.",
            )
