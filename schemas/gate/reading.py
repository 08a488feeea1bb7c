"""One or two readings of a file: the second only where rows share a key, to refuse them all.

The verdict of each block is one call of the schema over all its rows. A columnar verdict would stand in
front of `Ruling`: rows that it proves valid would not be asked about again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument
from schemas.gate.blocks import Block, Finding, Reader
from schemas.gate.cells import rows_of
from schemas.gate.codes import Codes
from schemas.gate.headings import REPORT_COLUMNS
from schemas.gate.keeping import Keeper
from schemas.gate.keys import Keys
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note
from schemas.gate.recording import Recorder
from schemas.gate.rows import Rows
from schemas.gate.ruling import Ruling
from schemas.steps import Pipeline

Findings = dict[int, list[Finding]]
"""What is wrong, by index of the row in its block."""
_ABOUT_EMPTINESS = frozenset({"required", "type"})


@dataclass(frozen=True)
class Batch:
    """One file with everything that judges it; `wanted` are the columns to keep."""

    reader: Reader
    document: SchemaDocument
    steps: Sequence[dict[str, Any]]
    wanted: tuple[str, ...]
    ruling: Ruling
    codes: Codes
    limits: Limits
    work: Path

    @property
    def accepted_file(self) -> Path:
        return self.work / "accepted.parquet"

    @property
    def quarantine_file(self) -> Path:
        return self.work / "quarantine.ndjson"

    @property
    def whole(self) -> bool:
        """All columns are kept, not only the key's."""
        return self.wanted == self.document.columns


@dataclass(frozen=True)
class Result:
    """What a reading came to. `ignored` counts rows by property that the schema allows and does not name."""

    recorder: Recorder
    accepted: int = 0
    merged: int = 0
    ignored: Mapping[str, int] | None = None

    @classmethod
    def refused(cls, batch: Batch) -> "Result":
        """Nothing was read, because the header is not the schema's."""
        with Recorder(batch.document, batch.quarantine_file, batch.limits) as recorder:
            return cls(recorder)

    def notes(self) -> list[Note]:
        notes = []
        if self.merged:
            notes.append(
                Note(
                    "merged",
                    self.merged,
                    f"{self.merged} baris yang persis sama digabungkan.",
                    f"{self.merged} exact repeats of a row were merged.",
                )
            )
        for name, count in (self.ignored or {}).items():
            notes.append(
                Note(
                    "ignored",
                    name,
                    f"Kolom {name} tidak ada di skema dan tidak disimpan ({count} baris).",
                    f"The column {name} is not in the schema and is not kept ({count} rows).",
                )
            )
        return notes


def read(batch: Batch) -> Result:
    """Read the file, and once more if rows share a key: only then is it known which to refuse."""
    keys = Keys(batch.document)
    result = _reading(batch, keys, {})
    repeats = keys.repeated()
    return _reading(batch, Keys(batch.document), repeats) if repeats else result


def _reading(batch: Batch, keys: Keys, repeats: Mapping[int, int]) -> Result:
    schema = arrow_schema(batch.document, batch.wanted)
    with (
        Recorder(batch.document, batch.quarantine_file, batch.limits) as recorder,
        Keeper(batch.accepted_file, schema) as keeper,
    ):
        reading = _Reading(batch, keys, repeats, recorder, keeper)
        for block in batch.reader.blocks():
            reading.take(block)
    return Result(recorder, reading.accepted, reading.pipeline.merged, reading.ignored)


class _Reading:
    """The state of one reading from beginning to end."""

    def __init__(
        self,
        batch: Batch,
        keys: Keys,
        repeats: Mapping[int, int],
        recorder: Recorder,
        keeper: Keeper,
    ) -> None:
        self._batch, self._keys, self._repeats = batch, keys, repeats
        self._recorder, self._keeper = recorder, keeper
        self.pipeline = Pipeline(batch.steps, batch.document)
        self.accepted = 0
        self.ignored: dict[str, int] = {}
        body = batch.document.body
        closed = False in (body.get("additionalProperties"), body.get("unevaluatedProperties"))
        self._open = batch.whole and not closed

    def take(self, block: Block) -> None:
        """Judge a block: what passes is kept, the rest recorded in the order of the file."""
        rows, stay, findings = self._prepared(block)
        numbers = block.numbers if stay is None else [block.numbers[i] for i in stay]
        self._judge(numbers, rows, findings)
        if self._open:
            self._count_ignored(rows, findings)
        unfit = self._keeper.keep(rows, findings)
        self.accepted += len(rows) - len(findings) - len(unfit)
        for index, names in unfit.items():
            record = rows.records[index]
            findings[index] = [Finding(n, f"/{n}", "di-luar-jangkauan", record[n]) for n in names]
        self._reject(block, rows.records, findings, stay)

    def _prepared(self, block: Block) -> tuple[Rows, list[int] | None, Findings]:
        """Rows for the schema, which of the block's they are, and what their cells show already."""
        if block.table is None:
            records, stay = self.pipeline.records(block.records or [])
            return Rows.of(records, self._batch.wanted), stay, {}
        table = {n: cells for n, cells in block.table.items() if n not in REPORT_COLUMNS}
        table, stay = self.pipeline.table(table)
        if not self._batch.whole:
            table = {n: cells for n, cells in table.items() if n in self._batch.wanted}
        reader = self._batch.reader
        columns = self._batch.document.by_name
        rows, findings = rows_of(table, columns, typed=reader.typed, spreadsheet=reader.spreadsheet)
        return rows, stay, findings

    def _judge(self, numbers: Sequence[int], rows: Rows, findings: Findings) -> None:
        """Add to `findings` what schema, codes and keys have against the rows."""
        for index, found in self._batch.ruling.findings(rows.records).items():
            seen = {finding.column for finding in findings.get(index, ())}
            new = [finding for finding in found if finding.column not in seen]
            findings.setdefault(index, []).extend(new)
        for index, found in self._batch.codes.findings(rows).items():
            findings.setdefault(index, []).extend(found)
        missing = self._keys.missing(rows)
        for index, found in missing.items():
            findings[index] = [*_without_emptiness(findings.get(index, ()), found), *found]
        self._keys.add(numbers, rows, missing)
        if self._repeats:
            self._find_repeats(numbers, rows.records, findings)

    def _find_repeats(
        self, numbers: Sequence[int], records: Sequence[Any], findings: Findings
    ) -> None:
        names = self._batch.document.key
        for index, number in enumerate(numbers):
            if number in self._repeats:
                value = ", ".join(str(records[index][name]) for name in names)
                other = self._repeats[number]
                finding = Finding(names[0], f"/{names[0]}", "kunci-ganda", value, other)
                findings.setdefault(index, []).append(finding)

    def _reject(
        self,
        block: Block,
        records: Sequence[Any],
        findings: Findings,
        stay: list[int] | None,
    ) -> None:
        rejected: list[tuple[int, Any, Any, list[Finding]]] = [
            (broken.number, broken.received, None, [broken.finding]) for broken in block.broken
        ]
        for index, found in findings.items():
            source = index if stay is None else stay[index]
            received = _without_report_columns(block.received(source))
            rejected.append((block.numbers[source], received, records[index], found))
        for number, received, record, found in sorted(rejected, key=lambda row: row[0]):
            self._recorder.reject(number, received, self._key(record), found)

    def _key(self, record: Any) -> dict[str, Any]:
        if not isinstance(record, dict):
            return {}
        return {name: record.get(name) for name in self._batch.document.key}

    def _count_ignored(self, rows: Rows, rejected: Findings) -> None:
        known = self._batch.document.by_name
        for index, record in enumerate(rows.records):
            if index not in rejected:
                for name in record:
                    if name not in known:
                        self.ignored[name] = self.ignored.get(name, 0) + 1


def _without_emptiness(found: Iterable[Finding], more: Sequence[Finding]) -> list[Finding]:
    """The schema's findings, less those that an empty key column explains better."""
    empty = {finding.column for finding in more if finding.rule == "kunci-kosong"}
    return [f for f in found if f.column not in empty or f.rule not in _ABOUT_EMPTINESS]


def _without_report_columns(received: Any) -> Any:
    if not isinstance(received, dict):
        return received
    return {name: value for name, value in received.items() if name not in REPORT_COLUMNS}
