"""Which rejected rows of an earlier file a corrected one brings right.

A row is known by its first number, which the report wrote beside it (`#baris`: a column, or of JSON a name in the
record), and in a file without these by its key.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.gate.blocks import Block, Reader, values_of
from schemas.gate.cells import shown
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.keeping import moment_of
from schemas.gate.limits import Limits
from schemas.gate.opening import open_reader
from schemas.gate.outcome import Verdict
from schemas.gate.quarantine import number_of, row_of

_NUMBER = REPORT_COLUMNS[0]
Keys = dict[str, list[int]]


@dataclass(frozen=True)
class Mending:
    """Numbers of the earlier file: rows that now pass, and of rows that still do not their new number.

    `doubled` are those that stand in several rows of the correction, of which one passes.
    """

    mended: frozenset[int]
    still: dict[int, int]
    doubled: frozenset[int] = frozenset()


def mending_of(
    path: Path,
    format: str,
    document: SchemaDocument,
    verdict: Verdict,
    earlier: Path,
    limits: Limits | None = None,
) -> Mending:
    """Compare a judged file with the quarantine of the earlier one; a file refused by its header mends nothing."""
    if verdict.accepted_file is None:
        return Mending(frozenset(), {})
    open_rows = frozenset(_numbers(earlier))
    rejected = frozenset(_numbers(verdict.quarantine_file))
    known = {_NUMBER, *document.columns}
    sheet, row = (_noted(verdict, code) for code in ("sheet", "header_row"))
    reader = open_reader(path, format, known, limits or Limits(), sheet, row)
    if _has_numbers(reader):
        return _by_number(reader, open_rows, rejected)
    return _by_key(document, verdict, earlier)


def _has_numbers(reader: Reader) -> bool:
    """Its header names the column of numbers; of records that name their own columns, one of them does."""
    if reader.header is not None:
        return _NUMBER in reader.header
    return any(said is not None for block in reader.blocks() for said in _said(_parsed(block)))


def _noted(verdict: Verdict, code: str) -> Any:
    """What the gate found out about the file, so that it is read the same way again."""
    return next((note.value for note in verdict.notes if note.code == code), None)


def name_origins(quarantine: Path, still: dict[int, int]) -> None:
    """Write beside each rejected row of a correction the number it had in the earlier file."""
    made = quarantine.with_suffix(".named")
    with quarantine.open("rb") as lines, made.open("wb") as out:
        for line in lines:
            origin = json.dumps(still.get(number_of(line)))
            head, rest = line.split(b",", 1)
            out.write(head + f',"origin":{origin},'.encode() + rest)
    made.replace(quarantine)


def _by_number(reader: Reader, open_rows: frozenset[int], rejected: frozenset[int]) -> Mending:
    passing: set[int] = set()
    several: set[int] = set()
    still: dict[int, int] = {}
    wrong: set[int] = set()
    for block in map(_parsed, reader.blocks()):
        for number, said in zip(block.numbers, _said(block), strict=True):
            origin = _whole(said)
            if origin not in open_rows:
                continue
            if origin in passing or origin in wrong:
                several.add(origin)
            if number in rejected:
                still[number] = origin
                wrong.add(origin)
            else:
                passing.add(origin)
    return Mending(frozenset(passing - wrong), still, frozenset(several & passing))


def _by_key(document: SchemaDocument, verdict: Verdict, earlier: Path) -> Mending:
    if not document.key:
        return Mending(frozenset(), {})
    keys = _keys_of(document, earlier)
    mended = {n for key in _accepted_keys(document, verdict) for n in keys.get(key, ())}
    again = _keys_of(document, verdict.quarantine_file)
    still = {n: keys[key][0] for key, numbers in again.items() if key in keys for n in numbers}
    return Mending(frozenset(mended - set(still.values())), still)


def _keys_of(document: SchemaDocument, quarantine: Path) -> Keys:
    """Numbers of rejected rows by their key, as far as they have one."""
    keys: Keys = {}
    with quarantine.open("rb") as lines:
        for line in lines:
            row = row_of(line)
            if len(row["key"]) == len(document.key) and None not in row["key"].values():
                keys.setdefault(_written(document, row["key"]), []).append(row["row"])
    return keys


def _accepted_keys(document: SchemaDocument, verdict: Verdict) -> Iterator[str]:
    import pyarrow.parquet as pq

    if verdict.accepted_file is None:
        return
    file = pq.ParquetFile(verdict.accepted_file)
    for batch in file.iter_batches(columns=list(document.key)):
        for key in batch.to_pylist():
            yield _written(document, key)


def _written(document: SchemaDocument, key: dict[str, Any]) -> str:
    """A key as text, the same whether its values were read from JSON or from the kept columns."""
    values = [_comparable(document.by_name[name], key[name]) for name in document.key]
    return json.dumps(values, ensure_ascii=False, default=str)


def _comparable(column: Column, value: Any) -> Any:
    if column.kind == "date-time":
        moment = moment_of(value) if isinstance(value, str) else value
        if isinstance(moment, datetime):
            return moment.astimezone(UTC).isoformat()
    if column.kind == "json" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return shown(value)


def _numbers(quarantine: Path) -> Iterator[int]:
    with quarantine.open("rb") as lines:
        yield from map(number_of, lines)


def _parsed(block: Block) -> Block:
    return block if block.lines is None else block.lines.parsed()


def _said(block: Block) -> list[Any]:
    """What each row of a block has in the column of numbers."""
    if block.columns is not None:
        return values_of(block.columns[_NUMBER])
    if block.records is not None:
        return [r.get(_NUMBER) if isinstance(r, dict) else None for r in block.records]
    return (block.table or {}).get(_NUMBER, [])


def _whole(said: Any) -> int:
    """A number as a cell shows it: a person may have typed one anew; 0 is nobody's."""
    if isinstance(said, float):
        return int(said) if said.is_integer() else 0
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    text = str(said).strip().removesuffix(".0")
    return int(text) if text.isdecimal() and len(text) <= 12 else 0
