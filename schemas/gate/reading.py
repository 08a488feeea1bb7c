"""One or two readings of a file: the second only where rows share a key, to refuse them all.

A block is sifted by itself: steps, schema, checks. What compares blocks happens here, in the order of the file.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from typing import Any

import numpy as np

from schemas.columnar.buffers import truths
from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding, Reader
from schemas.gate.cells import shown
from schemas.gate.checking import Check, Findings, add, rejected
from schemas.gate.headings import without_report_columns
from schemas.gate.keeping import Keeper
from schemas.gate.keys import Keys, Numbers, Repeats
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note
from schemas.gate.recording import Recorder
from schemas.gate.sifting import Sieve, Sifted
from schemas.gate.untidy import plainly
from schemas.steps import Pipeline

_WORKERS = 2
_AHEAD = 3
"""Blocks judged or waiting while another is written."""
_LONGEST_NAME = 200
_OTHERS = ""
_ABOUT_EMPTINESS = frozenset({"required", "type"})


@dataclass(frozen=True)
class Batch:
    """One file with everything that judges it; `wanted` are the columns to keep."""

    reader: Reader
    document: SchemaDocument
    steps: Sequence[dict[str, Any]]
    wanted: tuple[str, ...]
    body: dict[str, Any]
    checks: Sequence[Check]
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
    """What a reading came to. `ignored` counts rows by property that the schema allows and does not name; ""
    counts the values of all properties beyond the limit."""

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
        return [*notes, *starmap(_ignored, (self.ignored or {}).items())]


def read(batch: Batch) -> Result:
    """Read the file, and once more if rows share a key: only then is it known which to refuse."""
    keys = Keys(batch.document, batch.work)
    result = _reading(batch, keys, None)
    repeats = keys.repeated()
    return _reading(batch, keys, repeats) if repeats else result


def _reading(batch: Batch, keys: Keys, repeats: Repeats | None) -> Result:
    sieve = Sieve(
        batch.reader, batch.document, batch.wanted, batch.body, batch.checks, batch.limits
    )
    pipeline = Pipeline(batch.steps, batch.document)
    with (
        Recorder(batch.document, batch.quarantine_file, batch.limits) as recorder,
        Keeper(batch.accepted_file, sieve.schema) as keeper,
    ):
        reading = _Reading(batch, keys, repeats, recorder, keeper)
        for sifted in _sifted(batch, sieve, pipeline):
            reading.take(sifted)
    return Result(recorder, reading.accepted, pipeline.merged, reading.ignored)


def _sifted(batch: Batch, sieve: Sieve, pipeline: Pipeline) -> Iterator[Sifted]:
    """The blocks in file order. Columns are judged by threads, a few blocks ahead: their engines let go of the
    interpreter lock. Records are not: their engine holds it."""
    waiting: deque[Future[Sifted]] = deque()
    with ThreadPoolExecutor(_WORKERS) as workers:
        for block in batch.reader.blocks():
            prepared = sieve.prepare(block, pipeline)
            while waiting and (prepared.rows is not None or len(waiting) >= _AHEAD):
                yield waiting.popleft().result()
            if prepared.rows is not None:
                yield sieve.sift(prepared)
            else:
                waiting.append(workers.submit(sieve.sift, prepared))
        while waiting:
            yield waiting.popleft().result()


class _Reading:
    """The state of one reading from beginning to end."""

    def __init__(
        self,
        batch: Batch,
        keys: Keys,
        repeats: Repeats | None,
        recorder: Recorder,
        keeper: Keeper,
    ) -> None:
        self._batch, self._keys, self._repeats = batch, keys, repeats
        self._recorder, self._keeper = recorder, keeper
        self.accepted = 0
        self.ignored: dict[str, int] = {}
        body = batch.document.body
        closed = False in (body.get("additionalProperties"), body.get("unevaluatedProperties"))
        self._open = batch.whole and not closed

    def take(self, sifted: Sifted) -> None:
        """What passes is kept, the rest recorded in the order of the file."""
        findings = dict(sifted.findings)
        self._compare(sifted, findings)
        bad = {index for index, found in findings.items() if rejected(found)}
        self._keep(sifted, bad)
        if self._open:
            self._count_ignored(sifted, bad)
        self._report(sifted, findings, bad)

    def _compare(self, sifted: Sifted, findings: Findings) -> None:
        """Add to `findings` what the key has against the rows."""
        numbers = _numbers(sifted)
        missing = self._keys.missing(sifted)
        if self._repeats is None:
            self._keys.add(numbers, sifted, missing)
        for index, found in missing.items():
            findings[index] = [*_without_emptiness(findings.get(index, ()), found), *found]
        shared = self._repeats.among(numbers) if self._repeats else {}
        names = self._batch.document.key
        for (index, other), record in zip(
            shared.items(), sifted.records(list(shared)), strict=True
        ):
            value = ", ".join(str(shown(record[name])) for name in names)
            finding = Finding(names[0], f"/{names[0]}", "kunci-ganda", value, other)
            add(findings, {index: [finding]})

    def _keep(self, sifted: Sifted, bad: set[int]) -> None:
        kept = sifted.kept
        late = bad - sifted.refused.keys()
        if late:
            kept = kept.filter(truths(~np.isin(sifted.places, list(late))))
        self._keeper.keep(kept)
        self.accepted += kept.num_rows

    def _report(self, sifted: Sifted, findings: Findings, bad: set[int]) -> None:
        rows: list[tuple[int, Any, Any, list[Finding]]] = [
            (broken.number, broken.received, None, [broken.finding])
            for broken in sifted.block.broken
        ]
        indexes = sorted(bad)
        places = [sifted.row(index) for index in indexes]
        for index, place, record, received in zip(
            indexes,
            places,
            sifted.records(indexes),
            sifted.block.received(places),
            strict=True,
        ):
            number = int(sifted.block.numbers[place])
            received = without_report_columns(received)
            rows.append((number, received, record, plainly(received, findings[index])))
        for number, received, record, found in sorted(rows, key=lambda row: row[0]):
            self._recorder.reject(number, received, self._key(record), found)
        for index in sorted(findings.keys() - bad):
            self._recorder.warn(sifted.block.numbers[sifted.row(index)], findings[index])

    def _key(self, record: Any) -> dict[str, Any]:
        if not isinstance(record, dict):
            return {}
        return {name: record.get(name) for name in self._batch.document.key}

    def _count_ignored(self, sifted: Sifted, bad: set[int]) -> None:
        known = self._batch.document.by_name
        if sifted.block.records is None:
            return  # columns are named in the header, or by the schema
        accepted = [index for index in sifted.places if index not in bad]
        for record in sifted.records(accepted):
            for name in record:
                if name not in known:
                    name = name if self._may_name(name) else _OTHERS
                    self.ignored[name] = self.ignored.get(name, 0) + 1

    def _may_name(self, name: str) -> bool:
        """Names are a sender's to invent: so many are told, and none that is a text."""
        room = len(self.ignored) < self._batch.limits.places and len(name) <= _LONGEST_NAME
        return name in self.ignored or room


def _ignored(name: str, count: int) -> Note:
    if name == _OTHERS:
        return Note(
            "ignored-others",
            count,
            f"{count} nilai dengan nama lain yang tidak ada di skema tidak disimpan.",
            f"{count} values under other names that are not in the schema are not kept.",
        )
    return Note(
        "ignored",
        name,
        f"Kolom {name} tidak ada di skema dan tidak disimpan ({count} baris).",
        f"The column {name} is not in the schema and is not kept ({count} rows).",
    )


def _without_emptiness(found: Iterable[Finding], more: Sequence[Finding]) -> list[Finding]:
    """The schema's findings, less those that an empty key column explains better."""
    empty = {finding.column for finding in more if finding.rule == "kunci-kosong"}
    return [f for f in found if f.column not in empty or f.rule not in _ABOUT_EMPTINESS]


def _numbers(sifted: Sifted) -> Numbers:
    """The rows' numbers for people, by index."""
    numbers = sifted.block.numbers
    whole = (
        np.arange(numbers.start, numbers.stop, dtype=np.int64)
        if isinstance(numbers, range)
        else np.array(numbers, np.int64)
    )
    return whole if sifted.stay is None else whole[sifted.stay]
