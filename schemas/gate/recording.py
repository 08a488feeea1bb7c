"""The report: summary, then by rule, then rows; and the quarantine with every rejected row."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.cells import shown
from schemas.gate.limits import Limits
from schemas.gate.messages import general_message, quoted, row_message
from schemas.gate.outcome import ByRule

FORM = "simpul-validation/1"
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)


@dataclass
class _Tally:
    first: Finding
    count: int = 0
    rows: list[int] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


class Recorder:
    """Takes rejected rows one by one; keeps counts exact and details up to the limit."""

    def __init__(self, document: SchemaDocument, quarantine: Path, limits: Limits) -> None:
        self._document, self._limits = document, limits
        self._file = quarantine.open("w", encoding="utf-8")
        self._tallies: dict[tuple[str, str, str], _Tally] = {}
        self.detailed: list[dict[str, Any]] = []
        self.rejected = 0
        self.errors = 0

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def reject(
        self, number: int, received: Any, key: dict[str, Any], findings: Sequence[Finding]
    ) -> None:
        """A row with everything that is wrong in it."""
        self.rejected += 1
        self.errors += len(findings)
        for finding in findings:
            self._tally(number, finding)
        errors = [self._described(finding) for finding in findings]
        row = {"row": number, "record": _plain(received), "errors": errors}
        self._file.write(_ENCODER.encode(row) + "\n")
        if len(self.detailed) < self._limits.rows_detailed:
            self.detailed.append({"row": number, "key": _plain(key), **row})

    def by_rule(self) -> tuple[ByRule, ...]:
        """Faults from the most frequent to the rarest."""
        ranked = sorted(self._tallies.values(), key=lambda tally: -tally.count)
        return tuple(self._summary(tally) for tally in ranked)

    def _tally(self, number: int, finding: Finding) -> None:
        place = (finding.pointer, finding.rule, finding.schema_path)
        tally = self._tallies.get(place)
        if tally is None:
            tally = self._tallies[place] = _Tally(finding)
        tally.count += 1
        if len(tally.rows) < self._limits.first_rows:
            tally.rows.append(number)
        full = len(tally.examples) >= self._limits.examples
        if not full and finding.value is not None and finding.column not in self._document.personal:
            example = quoted(finding.value).strip("“”")
            if example not in tally.examples:
                tally.examples.append(example)

    def _described(self, finding: Finding) -> dict[str, Any]:
        column = self._document.by_name.get(finding.column)
        message_id, message_en = row_message(finding, column)
        return {
            "column": finding.column,
            "pointer": finding.pointer,
            "rule": finding.rule,
            "value": _plain(finding.value),
            "expected": _plain(finding.expected),
            "message_id": message_id,
            "message_en": message_en,
            "detail": finding.detail[:300],
        }

    def _summary(self, tally: _Tally) -> ByRule:
        finding = tally.first
        column = self._document.by_name.get(finding.column)
        return ByRule(
            finding.column,
            finding.pointer,
            finding.rule,
            finding.schema_path,
            tally.count,
            tuple(tally.rows),
            tuple(tally.examples),
            *general_message(finding, column),
        )


def write_report(path: Path, facts: dict[str, Any], recorder: Recorder) -> None:
    """The report as JSON; `facts` are its first members."""
    report = {
        "report": FORM,
        **facts,
        "by_rule": [asdict(rule) for rule in recorder.by_rule()],
        "rows": recorder.detailed,
        "truncated": {
            "rows_detailed": len(recorder.detailed),
            "rows_rejected": recorder.rejected,
        },
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(report, ensure_ascii=False, default=str))


def _plain(value: Any) -> Any:
    """A value that JSON can carry, typed cells as a person would have typed them."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return shown(value)
