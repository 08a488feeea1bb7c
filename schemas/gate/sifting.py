"""The schema's verdict on a block: which rows it accepts, as typed columns, and what is wrong with the others.

What the columns prove valid never becomes a Python object. Every other row is a suspect, and is judged as a JSON
record by the engine: all suspects of a block in one call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.arrow import arrow_schema
from schemas.columnar import Proof
from schemas.columnar.buffers import flags_of, indexes_of, truths
from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.gate.blocks import Block, Finding, Reader, Unread, values_of
from schemas.gate.cells import rows_of
from schemas.gate.checking import Check, Findings, add
from schemas.gate.flat import FlatReader
from schemas.gate.headings import REPORT_COLUMNS, without_report_columns
from schemas.gate.keeping import typed
from schemas.gate.limits import Limits
from schemas.gate.rows import Rows
from schemas.gate.ruling import Ruling
from schemas.steps import Pipeline

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Columns = dict[str, pa.Array]
Take = Callable[[Places], tuple[Rows, Findings]]


@dataclass(frozen=True)
class Prepared:
    """A block after the steps: columns, or rows with what their cells show already, or neither: lines of JSON.

    `stay` are the rows of the block that are left, None if all are.
    """

    block: Block
    stay: Places | None
    columns: Columns | None = None
    rows: Rows | None = None
    findings: Findings | None = None


@dataclass(frozen=True)
class Sifted:
    """A block after the steps and the schema. Indexes count the rows that the steps left.

    `kept` are the rows that the schema accepts and the columns can hold, `places` their indexes.
    `findings` are those of the cells, the schema and the checks; `refused` holds the records of the rows
    that are not kept.
    """

    block: Block
    stay: Places | None
    kept: pa.RecordBatch
    places: Places
    findings: Findings
    refused: Mapping[int, Any]
    records: Callable[[Sequence[int]], list[Any]]

    def row(self, index: int) -> int:
        """The row of the block that a row after the steps comes from."""
        return index if self.stay is None else int(self.stay[index])


class Sieve:
    """Everything that judges a block by itself; what compares blocks comes afterwards."""

    def __init__(
        self,
        reader: Reader,
        document: SchemaDocument,
        wanted: tuple[str, ...],
        body: dict[str, Any],
        checks: Sequence[Check],
        limits: Limits,
    ) -> None:
        self._reader, self._wanted = reader, wanted
        self._columns: dict[str, Column] = {n: document.by_name[n] for n in wanted}
        self._ruling, self._checks = Ruling(body, limits.findings), checks
        self._proof = Proof(body, self._columns)
        self._flat = FlatReader(self._columns)
        # Of an open schema it is told which names were left out, so each record is looked at.
        self._closed = False in (
            body.get("additionalProperties"),
            body.get("unevaluatedProperties"),
        )
        self.schema = arrow_schema(document, wanted)

    def prepare(self, block: Block, pipeline: Pipeline) -> Prepared:
        """Take the block through the steps, which may remember earlier ones: call this in file order."""
        if block.lines is not None:
            if self._closed and self._flat.useful and not pipeline:
                return Prepared(block, None)
            block = block.lines.parsed()
        if block.records is not None:
            records, left = pipeline.records(_meant(block.records))
            return Prepared(block, _places(left), rows=Rows.of(records, self._wanted), findings={})
        if block.columns is not None:
            columns = {n: c for n, c in block.columns.items() if n not in REPORT_COLUMNS}
            done = pipeline.columns(columns)
            if done is not None:
                columns, stay = done
                mine = {n: c for n, c in columns.items() if n in self._columns}
                return Prepared(block, stay, columns=mine)
            table = {name: values_of(column) for name, column in columns.items()}
        else:
            table = {n: c for n, c in (block.table or {}).items() if n not in REPORT_COLUMNS}
        table, left = pipeline.table(table)
        rows, findings = self._rows_of(table)
        return Prepared(block, _places(left), rows=rows, findings=findings)

    def sift(self, prepared: Prepared) -> Sifted:
        """Judge a block by itself; several threads may do so at a time."""
        sifted = self._sifted(prepared)
        columns = dict(zip(self.schema.names, sifted.kept.columns, strict=True))
        for check in self._checks if sifted.kept.num_rows else ():
            found = check.findings(columns)
            add(sifted.findings, {int(sifted.places[i]): more for i, more in found.items()})
        return sifted

    def _sifted(self, prepared: Prepared) -> Sifted:
        columns, lines = prepared.columns, prepared.block.lines
        if columns is not None:
            return self._proven(prepared, columns, lambda indexes: self._taken(columns, indexes))
        if lines is None:
            return self._judged(prepared)
        flat = self._flat.read(lines.text)
        if flat is not None:
            return self._proven(prepared, flat.columns, partial(_read, lines), flat.sure)
        block = lines.parsed()
        rows = Rows.of(_meant(block.records or []), self._wanted)
        return self._judged(Prepared(block, None, rows=rows, findings={}))

    def _proven(
        self, prepared: Prepared, columns: Columns, take: Take, surely: Flags | None = None
    ) -> Sifted:
        """By columns, then the suspects as records: rows not proven, or read without being sure."""
        proven = self._proof.of(columns)
        kept = self._batch(proven.typed)
        sure = surely
        if proven.rows is not None:
            rows = flags_of(proven.rows)
            sure = rows if surely is None else rows & surely
        if sure is None or sure.all():
            suspects, places = np.empty(0, np.int64), np.arange(kept.num_rows)
        else:
            suspects, places = np.flatnonzero(~sure), np.flatnonzero(sure)
            kept = kept.filter(truths(sure)) if len(places) else kept.slice(0, 0)
        findings: Findings = {}
        refused: dict[int, Any] = {}
        if len(suspects):
            some, found = take(suspects)
            late, fit = self._ruled(some, found)
            findings = {int(suspects[i]): more for i, more in found.items()}
            refused = {int(suspects[i]): some.records[i] for i in found}
            kept, places = _merged(kept, places, late, suspects[fit])

        def records(indexes: Sequence[int]) -> list[Any]:
            more = [index for index in indexes if index not in refused]
            taken = take(np.asarray(more, np.int64))[0].records if more else ()
            known = {**refused, **dict(zip(more, taken, strict=True))}
            return [known[index] for index in indexes]

        return Sifted(prepared.block, prepared.stay, kept, places, findings, refused, records)

    def _judged(self, prepared: Prepared) -> Sifted:
        """Every row as a record."""
        rows, findings = prepared.rows or Rows([]), prepared.findings or {}
        kept, fit = self._ruled(rows, findings)
        refused = {index: rows.records[index] for index in findings}

        def records(indexes: Sequence[int]) -> list[Any]:
            return [rows.records[index] for index in indexes]

        return Sifted(prepared.block, prepared.stay, kept, fit, findings, refused, records)

    def _ruled(self, rows: Rows, findings: Findings) -> tuple[pa.RecordBatch, Places]:
        """The rows that pass the schema and fit their columns, with their indexes."""
        for index, found in self._ruling.findings(rows.records).items():
            seen = {finding.column for finding in findings.get(index, ())}
            add(findings, {index: [f for f in found if f.column not in seen]})
        fit = [index for index in range(len(rows)) if index not in findings]
        kept, unfit = typed(rows, fit, self.schema)
        for index, names in unfit.items():
            record = rows.records[index]
            findings[index] = [Finding(n, f"/{n}", "di-luar-jangkauan", record[n]) for n in names]
        if unfit:
            fit = [index for index in fit if index not in unfit]
            kept, _ = typed(rows, fit, self.schema)
        return kept, np.asarray(fit, np.int64)

    def _taken(self, columns: Columns, indexes: Places) -> tuple[Rows, Findings]:
        """Some rows of the columns as records."""
        rows = indexes_of(indexes)
        return self._rows_of({n: values_of(c.take(rows)) for n, c in columns.items()})

    def _rows_of(self, table: dict[str, list[Any]]) -> tuple[Rows, Findings]:
        return rows_of(
            {name: cells for name, cells in table.items() if name in self._columns},
            self._columns,
            typed=self._reader.typed,
            spreadsheet=self._reader.spreadsheet,
        )

    def _batch(self, columns: Columns) -> pa.RecordBatch:
        arrays = [
            column if column.type == field.type else column.cast(field.type)
            for field in self.schema
            for column in (columns[field.name],)
        ]
        return pa.record_batch(arrays, schema=self.schema)


def _merged(
    kept: pa.RecordBatch, places: Places, late: pa.RecordBatch, more: Places
) -> tuple[pa.RecordBatch, Places]:
    """Rows of both in the order of the file."""
    if not late.num_rows:
        return kept, places
    places = np.concatenate([places, more])
    order = np.argsort(places)
    return pa.concat_batches([kept, late]).take(indexes_of(order)), places[order]


def _read(lines: Unread, indexes: Places) -> tuple[Rows, Findings]:
    """Some lines as records."""
    records, faults = lines.read(indexes.tolist())
    return Rows(_meant(records)), {place: [fault] for place, fault in faults.items()}


def _meant(records: Sequence[Any]) -> list[Any]:
    return list(map(without_report_columns, records))


def _places(rows: Sequence[int] | None) -> Places | None:
    return None if rows is None else np.asarray(rows, np.int64)
