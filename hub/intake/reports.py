"""The error report of a batch, as JSON, CSV or a workbook that can be sent back corrected."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.errors import NotFound
from hub.intake import keeping
from hub.intake.judges import DrawTask, Judges
from hub.settings import Settings
from schemas.document import SchemaDocument
from schemas.gate.quarantine import Part, all_but, head_of, part_of
from schemas.gate.report import as_csv, rows_as_csv

HEAD_ROWS = 100


def head(settings: Settings, batch: str) -> dict[str, Any]:
    """The report with its first 100 detailed rows; {} when the batch left none."""
    path = keeping.folder(settings, batch) / keeping.REPORT
    if not path.exists():
        return {}
    return head_of(path, HEAD_ROWS)


def without_cells(report: dict[str, Any], document: SchemaDocument) -> dict[str, Any]:
    """The summary by rule for whoever may know how a batch ended, but not what was in it.

    A column that the schema does not know, and every header error, may be made of cells: a file
    without a header has its first row there.
    """
    rules = [
        {**rule, "examples": []}
        for rule in report.get("by_rule", [])
        if not rule["column"] or rule["column"] in document.by_name
    ]
    return {**report, "by_rule": rules, "header_errors": [], "rows": []}


def whole(settings: Settings, batch: str) -> bytes:
    """The report file as it is. Raises NotFound when the batch left none."""
    return _file(settings, batch, keeping.REPORT).read_bytes()


@dataclass(frozen=True)
class Report:
    """What a batch left behind, as files for its steward; `mended` is a bit for each row to leave out."""

    settings: Settings
    batch: str
    document: SchemaDocument
    language: str

    def errors_as_csv(self) -> Iterator[bytes]:
        """One line per error of every row."""
        return as_csv(self.document, *self._files(), self.language)

    def rows_as_csv(self, mended: int) -> Iterator[bytes]:
        """The rows as they were received, to be sent back corrected."""
        return rows_as_csv(self.document, *self._files(), self.language, all_but(mended))

    def as_xlsx(self, judges: Judges, out: Path, mended: int) -> None:
        """The workbook of the rejected rows: bad cells red, every cell text; drawn by a judge."""
        report, quarantine = self._files()
        task = DrawTask(self.document, report, quarantine, out, self.language, mended)
        judges.draw(task, size=quarantine.stat().st_size)

    def part(self, after: int, most: int, column: str | None, rule: str | None) -> Part:
        """Some of the rows, from a place on."""
        _, quarantine = self._files()
        return part_of(self.document, quarantine, after=after, most=most, column=column, rule=rule)

    def _files(self) -> tuple[Path, Path]:
        return (
            _file(self.settings, self.batch, keeping.REPORT),
            _file(self.settings, self.batch, keeping.QUARANTINE),
        )


def has_rows(settings: Settings, batch: str) -> bool:
    """Whether the rejected rows themselves are still there."""
    return (keeping.folder(settings, batch) / keeping.QUARANTINE).exists()


def _file(settings: Settings, batch: str, name: str) -> Path:
    path = keeping.folder(settings, batch) / name
    if not path.exists():
        raise NotFound(
            f"Kiriman {batch} tidak meninggalkan laporan, atau masa simpannya sudah habis.",
            f"Batch {batch} left no report, or its time is over.",
        )
    return path
