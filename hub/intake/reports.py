"""The error report of a batch, as JSON, CSV or a workbook that can be sent back corrected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.errors import NotFound
from hub.intake import keeping
from hub.settings import Settings
from schemas.document import SchemaDocument
from schemas.gate.quarantine import head_of
from schemas.gate.report import as_csv as report_csv
from schemas.gate.report import as_xlsx as report_xlsx

HEAD_ROWS = 100


def head(settings: Settings, batch: str) -> dict[str, Any]:
    """The report with its first 100 detailed rows; {} when the batch left none."""
    path = keeping.folder(settings, batch) / keeping.REPORT
    if not path.exists():
        return {}
    return head_of(path, HEAD_ROWS)


def whole(settings: Settings, batch: str) -> bytes:
    """The report file as it is. Raises NotFound when the batch left none."""
    return _file(settings, batch, keeping.REPORT).read_bytes()


def as_csv(
    settings: Settings, batch: str, document: SchemaDocument, language: str
) -> Iterator[bytes]:
    return report_csv(
        document,
        _file(settings, batch, keeping.REPORT),
        _file(settings, batch, keeping.QUARANTINE),
        language,
    )


def as_xlsx(
    settings: Settings, batch: str, document: SchemaDocument, out: Path, language: str
) -> Path:
    """Write the workbook of the rejected rows to `out`: bad cells red, every cell text."""
    report_xlsx(
        document,
        _file(settings, batch, keeping.REPORT),
        _file(settings, batch, keeping.QUARANTINE),
        out,
        language,
    )
    return out


def _file(settings: Settings, batch: str, name: str) -> Path:
    path = keeping.folder(settings, batch) / name
    if not path.exists():
        raise NotFound(
            f"Kiriman {batch} tidak meninggalkan laporan.", f"Batch {batch} left no report."
        )
    return path
