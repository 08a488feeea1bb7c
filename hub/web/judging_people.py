"""A sheet of people before the gate, outside any transaction: its good rows, and what is wrong with the others."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hub.agencies import rosters
from hub.errors import InvalidInput
from hub.intake.judges import Judges, JudgeTask
from hub.settings import Settings
from schemas.gate import Verdict
from schemas.gate.quarantine import head_of

FORMS = {".csv": "csv", ".xlsx": "xlsx", ".xls": "xls", ".ods": "ods"}
MOST_ROWS = 2_000
SHOWN = 200
"""Rows that the page describes one by one; all are counted."""


@dataclass(frozen=True)
class Judged:
    """`lines` passed; `outcome` tells of the rest, in the words of the gate."""

    lines: list[dict[str, Any]]
    outcome: dict[str, Any]


def judged(
    settings: Settings, judges: Judges, path: Path, file_name: str, agencies: Iterable[str]
) -> Judged:
    """Raises InvalidInput for a file of another kind or too many rows, and what the gate raises."""
    form = FORMS.get(Path(file_name).suffix.casefold())
    if form is None:
        raise InvalidInput(
            "Kirim berkas Excel (.xlsx), ODS, atau CSV.", "Send an Excel file (.xlsx), ODS or CSV."
        )
    settings.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="orang-", dir=settings.work))
    try:
        codes = folder / "instansi.txt"
        codes.write_text("".join(f"{code}\n" for code in agencies))
        task = JudgeTask(path, form, rosters.document(), [], folder, {"referensi/instansi": codes})
        verdict = judges.judge(task, size=path.stat().st_size)
        return Judged(_lines(verdict), _outcome(verdict))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lines(verdict: Verdict) -> list[dict[str, Any]]:
    if verdict.accepted_file is None:
        return []
    if verdict.accepted > MOST_ROWS:
        raise InvalidInput(
            f"Paling banyak {MOST_ROWS} orang dalam satu lembar.",
            f"At most {MOST_ROWS} people in one sheet.",
        )
    lines: list[dict[str, Any]] = pq.read_table(verdict.accepted_file).to_pylist()
    return lines


def _outcome(verdict: Verdict) -> dict[str, Any]:
    report = head_of(verdict.report_file, SHOWN)
    told = ("column", "value", "message_id", "message_en")
    return {
        "rows": verdict.rows,
        "rejected": verdict.rejected,
        "faults": [
            {"message_id": e.message_id, "message_en": e.message_en, "column": e.column}
            for e in verdict.header_errors
        ],
        "bad": [
            {
                "row": row["row"],
                "errors": [{name: error.get(name) for name in told} for error in row["errors"]],
            }
            for row in report.get("rows", [])
        ],
    }
