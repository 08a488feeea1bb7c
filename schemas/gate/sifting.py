"""The schema's verdict on a block: which rows it accepts, as typed columns, and what is wrong with the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from schemas.arrow import arrow_schema
from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.gate.blocks import Block, Finding, Reader
from schemas.gate.cells import rows_of
from schemas.gate.checking import Check, Findings, add
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.keeping import typed
from schemas.gate.rows import Rows
from schemas.gate.ruling import Ruling
from schemas.steps import Pipeline

Records = Callable[[Sequence[int]], list[Any]]


@dataclass(frozen=True)
class Sifted:
    """A block after the steps and the schema. Indexes count the rows that the steps left.

    `kept` are the rows that the schema accepts and the columns can hold, `places` their indexes.
    `findings` are those of the cells, the schema and the checks; `refused` holds the records of the rows
    that are not kept.
    """

    block: Block
    stay: Sequence[int] | None
    kept: pa.RecordBatch
    places: Sequence[int]
    size: int
    findings: Findings
    refused: Mapping[int, Any]
    records: Records

    def row(self, index: int) -> int:
        """The row of the block that a row after the steps comes from."""
        return index if self.stay is None else self.stay[index]


class Sieve:
    """Everything that judges a block by itself; what compares blocks comes afterwards."""

    def __init__(
        self,
        reader: Reader,
        document: SchemaDocument,
        wanted: tuple[str, ...],
        ruling: Ruling,
        checks: Sequence[Check],
    ) -> None:
        self._reader, self._wanted = reader, wanted
        self._columns: Mapping[str, Column] = document.by_name
        self._ruling, self._checks = ruling, checks
        self.schema = arrow_schema(document, wanted)

    def sift(self, block: Block, pipeline: Pipeline) -> Sifted:
        """Judge a block after the steps of `pipeline`."""
        rows, stay, findings = self._prepared(block, pipeline)
        kept, places = self._ruled(rows, findings)
        self._check(kept, places, findings)
        accepted = set(places)
        refused = {i: record for i, record in enumerate(rows.records) if i not in accepted}

        def records(indexes: Sequence[int]) -> list[Any]:
            return [rows.records[index] for index in indexes]

        return Sifted(block, stay, kept, places, len(rows), findings, refused, records)

    def _prepared(
        self, block: Block, pipeline: Pipeline
    ) -> tuple[Rows, list[int] | None, Findings]:
        """Rows for the schema, which of the block's they are, and what their cells show already."""
        if block.table is None:
            records, stay = pipeline.records(block.records or [])
            return Rows.of(records, self._wanted), stay, {}
        table = {n: cells for n, cells in block.table.items() if n not in REPORT_COLUMNS}
        table, stay = pipeline.table(table)
        table = {n: cells for n, cells in table.items() if n in self._wanted}
        rows, findings = rows_of(
            table,
            dict(self._columns),
            typed=self._reader.typed,
            spreadsheet=self._reader.spreadsheet,
        )
        return rows, stay, findings

    def _ruled(self, rows: Rows, findings: Findings) -> tuple[pa.RecordBatch, Sequence[int]]:
        """The rows that pass the schema and fit their columns, with their indexes."""
        for index, found in self._ruling.findings(rows.records).items():
            seen = {finding.column for finding in findings.get(index, ())}
            add(findings, {index: [f for f in found if f.column not in seen]})
        fit = [index for index in range(len(rows)) if index not in findings]
        kept, unfit = typed(rows, fit, self.schema)
        if not unfit:
            return kept, fit
        for index, names in unfit.items():
            record = rows.records[index]
            findings[index] = [Finding(n, f"/{n}", "di-luar-jangkauan", record[n]) for n in names]
        fit = [index for index in fit if index not in unfit]
        return typed(rows, fit, self.schema)[0], fit

    def _check(self, kept: pa.RecordBatch, places: Sequence[int], findings: Findings) -> None:
        columns = dict(zip(kept.schema.names, kept.columns, strict=True))
        for check in self._checks:
            found = check.findings(columns) if kept.num_rows else {}
            add(findings, {places[index]: more for index, more in found.items()})
