"""Reading what the gate put aside: the summary of a report, and rejected rows with their sentences.

Two older forms lie in hubs that have run for a while and are read as if they were of today: a report that is
one line of JSON, and rows written with spaces, without key and always with their sentences.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.messages import row_message
from schemas.gate.recording import FORM

Wanted = Callable[[int], bool]
"""Whether the row of this number is wanted."""
_NUMBER = re.compile(rb'\{"row": ?(\d+),')
_ROWS_FOLLOW = '"rows": [\n'
MOST_READ = 64 << 20
"""Octets of a quarantine that one page looks through."""


@dataclass(frozen=True)
class Part:
    """Some rejected rows; `after` is where the next part begins, None when there is none."""

    rows: list[dict[str, Any]]
    after: int | None


def all_of(_: int) -> bool:
    """Every row is wanted."""
    return True


def all_but(rows: int) -> Wanted:
    """Every row whose bit is not set; by octets, for a shift would copy the whole field each time."""
    field = rows.to_bytes(rows.bit_length() // 8 + 1, "little")
    return lambda number: number // 8 >= len(field) or not field[number // 8] >> number % 8 & 1


def head_of(report_file: Path, rows: int = 0) -> dict[str, Any]:
    """A report with its first rows alone; the others are not read. Raises ValueError when it is none."""
    with report_file.open(encoding="utf-8") as lines:
        first = next(lines, "")
        if first.endswith(_ROWS_FOLLOW):
            report = json.loads(first + "]}")
            some = (line.rstrip(",\n") for line in islice(lines, rows))
            report["rows"] = [json.loads(line) for line in some if line.startswith("{")]
        else:
            report = json.loads(first + lines.read())
    return _of_today(report, report_file, rows)


def _of_today(report: Any, report_file: Path, rows: int) -> dict[str, Any]:
    try:
        if report["report"] == FORM:
            return {
                **report,
                "counts": {"warnings": 0, **report["counts"]},
                "by_rule": [{"severity": "error", **rule} for rule in report["by_rule"]],
                "rows": report["rows"][:rows],
            }
    except (KeyError, TypeError) as error:
        raise ValueError(f"{report_file.name} is no report of the gate") from error
    raise ValueError(f"{report_file.name} is not of the form {FORM}")


def rows_of(
    document: SchemaDocument, quarantine_file: Path, wanted: Wanted = all_of
) -> Iterator[dict[str, Any]]:
    """Every wanted row as the report would describe it."""
    with quarantine_file.open("rb") as lines:
        for line in lines:
            if wanted(number_of(line)):
                yield told(document, row_of(line))


def part_of(
    document: SchemaDocument,
    quarantine_file: Path,
    *,
    after: int = 0,
    most: int = 100,
    column: str | None = None,
    rule: str | None = None,
) -> Part:
    """The next rows from a place in the file, of one column and rule if they are said.

    A place that is not the beginning of a row counts as the beginning of the file.
    """
    found: list[dict[str, Any]] = []
    mark = json.dumps(rule, ensure_ascii=False).encode() if rule else b""
    with quarantine_file.open("rb") as lines:
        place = start = _beginning(lines, after)
        for line in lines:
            if len(found) == most or place - start > MOST_READ:
                return Part(found, place)
            place += len(line)
            if mark not in line:
                continue
            row = row_of(line)
            if _has(row, column, rule):
                found.append(told(document, row))
    return Part(found, None)


def number_of(line: bytes) -> int:
    """The row's number, without reading the rest of the line."""
    match = _NUMBER.match(line)
    return int(match[1]) if match else 0


def row_of(line: bytes) -> dict[str, Any]:
    """A line of the quarantine as it lies there."""
    row: dict[str, Any] = {"key": {}, **json.loads(line)}
    return row


def told(document: SchemaDocument, row: dict[str, Any]) -> dict[str, Any]:
    """The row with a sentence for each of its errors; those beyond the report's details have none yet."""
    for error in row["errors"]:
        if "message_id" not in error:
            finding = Finding(
                error["column"],
                error["pointer"],
                error["rule"],
                error["value"],
                error["expected"],
                error["schema_path"],
            )
            column = document.by_name.get(finding.column)
            error["message_id"], error["message_en"] = row_message(finding, column)
    return row


def _beginning(file: Any, after: int) -> int:
    """Go to a place if a row begins there."""
    if after > 0:
        file.seek(after - 1)
        if file.read(1) == b"\n":
            return after
        file.seek(0)
    return 0


def _has(row: dict[str, Any], column: str | None, rule: str | None) -> bool:
    return any(
        (rule is None or error["rule"] == rule) and (column is None or error["column"] == column)
        for error in row["errors"]
    )
