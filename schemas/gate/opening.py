"""Which reader opens which format."""

from pathlib import Path

from schemas.errors import UnreadableFile
from schemas.gate.blocks import Reader
from schemas.gate.limits import Limits

FORMATS = ("csv", "ndjson", "json", "xlsx", "parquet", "arrow")


def open_reader(
    path: Path, form: str, known: set[str], limits: Limits, sheet: str | None = None
) -> Reader:
    """A reader for the file; raises UnreadableFile if it is not of the format it claims."""
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
        case "xlsx":
            from schemas.gate.workbook import WorkbookReader

            return WorkbookReader(path, known, limits, sheet)
        case _:
            raise UnreadableFile(
                f"Format {form} tidak dikenal; pakai salah satu dari {', '.join(FORMATS)}.",
                f"Unknown format {form}; use one of {', '.join(FORMATS)}.",
            )
