"""The slow part, without a transaction: drafting from a file, and what the gate says of it under a plan."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hub.drafts import keeping
from hub.drafts.models import SchemaDraft
from hub.drafts.shapes import BadCell, Broken, Outcome, outcome_of, plan_of
from hub.errors import NotFound
from hub.intake.judges import Judges, JudgeTask
from hub.settings import Settings
from schemas.document import SchemaDocument
from schemas.drafting import Draft, Plan, draft
from schemas.drafting.drafting import chosen
from schemas.drafting.sheets import grids
from schemas.drafting.tidying import write_table
from schemas.errors import InvalidSchema, InvalidSteps
from schemas.gate import Verdict
from schemas.gate.limits import Limits
from schemas.gate.quarantine import head_of

VERSION = "1.0.0"
"""A draft becomes the first version of its name."""
SHOWN = 12
"""Bad cells that the page shows."""


def look(
    judges: Judges,
    path: Path,
    form: str,
    lists: Mapping[str, frozenset[str]],
    *,
    sheet: str | None,
    zone: str,
) -> Draft:
    """The draft of a file, without the cells of columns that may be personal: those are not kept.

    Raises UnreadableFile.
    """
    found = judges.do(draft, path.stat().st_size, path, form, lists, sheet=sheet, zone=zone)
    guesses = (
        replace(g, samples=(), remarks=tuple(replace(r, samples=()) for r in g.remarks))
        if g.plan.personal
        else g
        for g in found.guesses
    )
    return replace(found, guesses=tuple(guesses))


def judged(
    settings: Settings,
    judges: Judges,
    row: SchemaDraft,
    plan: Plan,
    sheet: str,
    codes: Mapping[str, Path],
) -> Outcome:
    """What the gate makes of the draft's file; a plan that is no schema comes back as its faults."""
    if plan == plan_of(row) and not keeping.file_of(settings, row.id, row.file_form).exists():
        return outcome_of(row)  # a draft may wait for the walidata longer than its file is kept
    try:
        document = SchemaDocument.parse(plan.document(f"{row.agency}/rancangan", VERSION))
    except InvalidSchema as error:
        return Outcome(faults=tuple((f.message_id, f.message_en) for f in error.faults))
    with (
        _bench(settings) as bench,
        tidied(settings, judges, row, sheet, bench, compact=False) as path,
    ):
        wanted = {name: file for name, file in codes.items() if name in document.codes.values()}
        task = JudgeTask(path, "xlsx", document, plan.steps(), bench, wanted)
        try:
            verdict = judges.judge(task, size=path.stat().st_size)
        except InvalidSteps as error:
            return Outcome(faults=tuple((f.message_id, f.message_en) for f in error.faults))
        return _outcome(verdict, document)


def source_of(settings: Settings, row: SchemaDraft) -> Path:
    """The file of a draft. Raises NotFound when it was tidied away."""
    source = keeping.file_of(settings, row.id, row.file_form)
    if not source.exists():
        raise NotFound(
            "Berkas rancangan ini sudah tidak disimpan; unggah lagi sebagai rancangan baru.",
            "The file of this draft is not kept any more; upload it again as a new draft.",
        )
    return source


@contextmanager
def tidied(
    settings: Settings,
    judges: Judges,
    row: SchemaDraft,
    sheet: str,
    folder: Path,
    *,
    compact: bool,
) -> Iterator[Path]:
    """The draft's table alone as a workbook, for as long as it is needed. Raises NotFound."""
    source = source_of(settings, row)
    path = folder / "rapi.xlsx"
    judges.do(_tidy, source.stat().st_size, source, row.file_form, sheet, path, compact)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _tidy(source: Path, form: str, sheet: str, path: Path, compact: bool) -> None:
    write_table(chosen(list(grids(source, form, Limits())), sheet), path, compact=compact)


@contextmanager
def _bench(settings: Settings) -> Iterator[Path]:
    settings.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="rancangan-", dir=settings.work))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _outcome(verdict: Verdict, document: SchemaDocument) -> Outcome:
    faults = tuple((e.message_id, e.message_en) for e in verdict.header_errors)
    rules = tuple(Broken(r.column, r.count, r.message_id, r.message_en) for r in verdict.by_rule)
    return Outcome(
        rows=verdict.rows,
        accepted=verdict.accepted,
        rejected=verdict.rejected,
        rules=rules[:SHOWN],
        cells=tuple(_cells(verdict.report_file, document)),
        faults=faults,
    )


def _cells(report: Path, document: SchemaDocument) -> Iterator[BadCell]:
    found = (
        (row["row"], error)
        for row in head_of(report, SHOWN).get("rows", [])
        for error in row["errors"]
    )
    for _, (number, error) in zip(range(SHOWN), found, strict=False):
        hidden = error["column"] in document.personal
        value = error.get("value")
        yield BadCell(
            row=number,
            column=error["column"],
            value="" if hidden or value is None else str(value)[:60],
            message_id=str(error.get("message_id", "")),
            message_en=str(error.get("message_en", "")),
        )
