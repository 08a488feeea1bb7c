"""The path of a file through the gate: read, prepare, judge, keep or quarantine."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.document import SchemaDocument
from schemas.gate.blocks import Reader
from schemas.gate.encoding import sha256_of
from schemas.gate.headings import REPORT_COLUMNS, header_errors
from schemas.gate.inforce import InForce
from schemas.gate.limits import Limits
from schemas.gate.opening import open_reader
from schemas.gate.outcome import HeaderError, Note, Verdict
from schemas.gate.received import decimal_commas, renamed
from schemas.gate.recording import write_report
from schemas.steps import Pipeline, check

if TYPE_CHECKING:
    from schemas.gate.beyond import OwnReference
    from schemas.gate.reading import Batch, Result


def judge(
    path: Path,
    format: str,
    document: SchemaDocument,
    steps: list[dict[str, Any]],
    *,
    work: Path,
    inforce: InForce = InForce(),  # noqa: B008 - frozen
    severities: Mapping[str, str] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    delete: bool = False,
    limits: Limits | None = None,
) -> Verdict:
    """Judge every row of a file; `work` is an existing folder that receives the results.

    `inforce` is what the rows are compared with; `severities` maps names of rules beyond the schema to error
    or warning; `sheet` and `header_row` (from 1) choose within a workbook. With `delete` only the key's
    columns are required, judged and kept. Raises UnreadableFile when the file as a whole cannot be read,
    InvalidSteps when the steps do not fit the schema.
    """
    # Here, so that naming the gate does not load the column engines.
    from schemas.gate.beyond import beyond
    from schemas.gate.reading import Batch, Result

    check(steps, document)
    limits = limits or Limits()
    wanted = document.key if delete and document.key else document.columns
    pipeline = Pipeline(steps, document)
    known = set(document.columns) | {n for s in steps for n in s.get("columns", ()) if n != "*"}
    reader = open_reader(path, format, known, limits, sheet, header_row)
    asked = beyond(document, inforce, severities or {}, delete=delete)
    batch = Batch(
        reader,
        document,
        steps,
        wanted,
        _scope(document, wanted),
        asked.checks,
        limits,
        work,
    )
    headers = _header_errors(reader, pipeline, document, wanted if delete else document.required)
    with ThreadPoolExecutor(1) as aside:  # hashing lets go of the interpreter lock
        digest = aside.submit(sha256_of, path)
        result = Result.refused(batch) if headers else _read(batch, asked.own)
    notes = (*batch.reader.notes(), *result.notes(), *asked.notes)
    return _verdict(batch, result, tuple(headers), notes, digest.result(), format)


def _read(batch: "Batch", own: Sequence["OwnReference"]) -> "Result":
    """Read the file, and once more if a record refers to one of its own kind that is nowhere: only when
    all were read is it known which records there are."""
    from schemas.gate.reading import read

    result = read(batch)
    broken = [check for one in own if (check := one.broken(batch.accepted_file))]
    return read(replace(batch, checks=[*batch.checks, *broken])) if broken else result


def _verdict(
    batch: "Batch",
    result: "Result",
    headers: tuple[HeaderError, ...],
    notes: tuple[Note, ...],
    sha256: str,
    format: str,
) -> Verdict:
    """Write the report and say it in short."""
    recorder = result.recorder
    verdict = Verdict(
        sha256=sha256,
        format=format,
        schema=f"{batch.document.name}/{batch.document.version}",
        rows=result.accepted + recorder.rejected + result.merged,
        accepted=result.accepted,
        rejected=recorder.rejected,
        errors=recorder.errors,
        header_errors=headers,
        by_rule=recorder.by_rule(),
        notes=notes,
        accepted_file=None if headers else batch.accepted_file,
        report_file=batch.work / "report.json",
        quarantine_file=batch.quarantine_file,
        warnings=recorder.warnings,
    )
    facts = {
        "schema": verdict.schema,
        "file": {"sha256": sha256, "format": format},
        "status": verdict.status,
        "renamed": renamed(batch.steps),
        "cells": _letters(batch),
        "decimal_commas": decimal_commas(batch.steps, batch.document),
        "counts": {
            "rows": verdict.rows,
            "accepted": verdict.accepted,
            "rejected": verdict.rejected,
            "errors": verdict.errors,
            "warnings": verdict.warnings,
            "merged": result.merged,
        },
        "notes": [asdict(note) for note in verdict.notes],
        "header_errors": [asdict(error) for error in headers],
    }
    write_report(verdict.report_file, facts, recorder)
    return verdict


def _letters(batch: "Batch") -> dict[str, str]:
    """Of a workbook the letter of each column, by the name under which it is judged; else nothing."""
    from schemas.gate.workbook import WorkbookReader

    if not isinstance(batch.reader, WorkbookReader):
        return {}
    names = renamed(batch.steps)
    return {names.get(name, name): letter for name, letter in batch.reader.letters.items()}


def _scope(document: SchemaDocument, wanted: tuple[str, ...]) -> dict[str, Any]:
    """The document's body, or for a deletion what it says about the key alone."""
    if wanted == document.columns:
        return document.body
    about_key: dict[str, Any] = {
        word: document.body[word] for word in ("$id", "$schema", "$defs") if word in document.body
    }
    about_key["type"] = "object"
    about_key["properties"] = {n: document.body["properties"][n] for n in wanted}
    about_key["required"] = list(wanted)
    return about_key


def _header_errors(
    reader: Reader, pipeline: Pipeline, document: SchemaDocument, required: Sequence[str]
) -> list[HeaderError]:
    if reader.header is None:
        return []
    header = [name for name in reader.header if name not in REPORT_COLUMNS]
    return header_errors(header, pipeline, document, required)
