"""The report: summary, then by rule, then rows; and the quarantine with every rejected row.

Sentences are written for the first rows alone. Beyond the limit a row is kept as it came, with the facts
of what is wrong, and its sentences are made when somebody reads it (`schemas.gate.quarantine`): of a file
in which every row is wrong, hundreds of thousands of rows a second are put aside.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from json.encoder import encode_basestring
from pathlib import Path
from types import TracebackType
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.cells import shown
from schemas.gate.limits import Limits
from schemas.gate.messages import general_message, row_message
from schemas.gate.outcome import ByRule
from schemas.gate.wording import quoted

FORM = "simpul-validation/1"
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":"))
_AT_ONCE = 1_000
_LONGEST_SHAPE = 100_000
_LONGEST_VALUE = 10_000
_INDEX = re.compile(r"/[0-9]+(?=/|$)")
# In JSON text `\ud800` is what a lone half of a surrogate pair is written as; UTF-8 has no octets for it.
_LONE_SURROGATES = "backslashreplace"


@dataclass
class _Tally:
    """One rule broken in one place, and what all its lines in the quarantine begin with."""

    first: Finding
    pointer: str
    count: int = 0
    rows: list[int] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        facts = {"column": self.first.column, "rule": self.first.rule}
        if self.first.severity != "error":
            facts["severity"] = self.first.severity
        self.facts = _ENCODER.encode({**facts, "schema_path": self.first.schema_path})[:-1]
        self.expected = _json(self.first.expected)

    def told(self, finding: Finding) -> str:
        """The finding as the beginning of a JSON object, still open."""
        same = finding.expected is self.first.expected or finding.expected == self.first.expected
        expected = self.expected if same else _json(finding.expected)
        pointer, value = encode_basestring(finding.pointer), _cut(_json(finding.value))
        return f'{self.facts},"pointer":{pointer},"value":{value},"expected":{expected}'


class Recorder:
    """Takes rejected rows one by one; keeps counts exact and details up to the limit."""

    def __init__(self, document: SchemaDocument, quarantine: Path, limits: Limits) -> None:
        self._document, self._limits = document, limits
        self._file = quarantine.open("w", encoding="utf-8", errors=_LONE_SURROGATES)
        self._tallies: dict[tuple[str, str, str, str], _Tally] = {}
        self._lines: list[str] = []
        self._shapes: dict[tuple[str, ...], str] = {}
        self._room = limits.characters_detailed
        self.detailed: list[str] = []
        self.rejected = self.errors = self.warnings = 0

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._write()
        self._file.close()

    def reject(
        self, number: int, received: Any, key: dict[str, Any], findings: Sequence[Finding]
    ) -> None:
        """A row with everything that is wrong in it."""
        self.rejected += 1
        detail = self._room > 0 and len(self.detailed) < self._limits.rows_detailed
        told = [self._noted(number, finding, detail=detail) for finding in findings]
        line = (
            f'{{"row":{number},"key":{self._object(key)},"record":{self._object(received)},'
            f'"errors":[{",".join(told)}]}}'
        )
        if detail:
            self.detailed.append(line)
            self._room -= len(line)
        self._lines.append(line)
        if len(self._lines) >= _AT_ONCE:
            self._write()

    def warn(self, number: int, findings: Sequence[Finding]) -> None:
        """What is remarked on in an accepted row: counted by rule, the row itself is not kept here."""
        for finding in findings:
            self._tally(number, finding)

    def by_rule(self) -> tuple[ByRule, ...]:
        """What rejects rows before what only warns, each from the most frequent to the rarest."""
        ranked = sorted(
            self._tallies.values(),
            key=lambda tally: (tally.first.severity != "error", -tally.count),
        )
        return tuple(self._summary(tally) for tally in ranked)

    def _write(self) -> None:
        if self._lines:
            self._file.write("\n".join(self._lines) + "\n")
            self._lines.clear()

    def _noted(self, number: int, finding: Finding, *, detail: bool) -> str:
        """Count a finding; returns it as JSON, with sentences if it is to have detail.

        Words of its own it has from nowhere else, so they are written down in any case.
        """
        told = self._tally(number, finding).told(finding)
        if not detail and finding.sentence is None:
            return f"{told}}}"
        column = self._document.by_name.get(finding.column)
        message_id, message_en = map(encode_basestring, row_message(finding, column))
        said = encode_basestring(finding.detail[:300])
        return f'{told},"message_id":{message_id},"message_en":{message_en},"detail":{said}}}'

    def _tally(self, number: int, finding: Finding) -> _Tally:
        if finding.severity == "error":
            self.errors += 1
        else:
            self.warnings += 1
        place = (finding.pointer, finding.rule, finding.schema_path, finding.severity)
        tally = self._tallies.get(place) or self._new_tally(finding)
        tally.count += 1
        if tally.count <= self._limits.first_rows:
            tally.rows.append(number)
        if len(tally.examples) < self._limits.examples and self._may_show(finding):
            example = quoted(finding.value).strip("“”")
            if example not in tally.examples:
                tally.examples.append(example)
        return tally

    def _new_tally(self, finding: Finding) -> _Tally:
        """All items of a list are one place; names that a sender invents end up in one line too."""
        pointer = finding.pointer
        if pointer.count("/") > 1:
            head, _, rest = pointer[1:].partition("/")
            pointer = f"/{head}" + _INDEX.sub("/*", f"/{rest}")
        place = (pointer, finding.rule, finding.schema_path, finding.severity)
        if place not in self._tallies and len(self._tallies) >= self._limits.places:
            pointer = ""
            place = ("", finding.rule, "", finding.severity)
            finding = Finding("", "", finding.rule, severity=finding.severity)
        if place not in self._tallies:
            self._tallies[place] = _Tally(finding, pointer)
        return self._tallies[place]

    def _may_show(self, finding: Finding) -> bool:
        """An example is of a column that is known and not personal; of a row, if no column of it is.

        A sentence about the key shows all its columns.
        """
        if finding.value is None:
            return False
        personal = self._document.personal
        if not finding.column:
            return not personal
        known = finding.column in self._document.by_name and finding.column not in personal
        return known and not (
            finding.rule == "kunci-ganda" and set(self._document.key) & set(personal)
        )

    def _summary(self, tally: _Tally) -> ByRule:
        finding = tally.first
        column = self._document.by_name.get(finding.column)
        return ByRule(
            finding.column,
            tally.pointer,
            finding.rule,
            finding.schema_path,
            tally.count,
            tuple(tally.rows),
            tuple(tally.examples),
            *general_message(replace(finding, pointer=tally.pointer), column),
            finding.severity,
        )

    def _object(self, value: Any) -> str:
        """A record as JSON text, made after the shape of the records before it."""
        if type(value) is not dict:
            return _json(value)
        shape = self._shapes.get(names := tuple(value))
        if shape is None:
            if len(self._shapes) >= self._limits.places:
                self._shapes.clear()
            members = (f"{encode_basestring(str(n)).replace('%', '%%')}:%s" for n in names)
            shape = "{" + ",".join(members) + "}"
            if len(shape) <= _LONGEST_SHAPE:  # a sender's names are not kept at any length
                self._shapes[names] = shape
        try:
            return shape % tuple(map(encode_basestring, value.values()))
        except TypeError:  # not all of them are text
            return shape % tuple(map(_json, value.values()))


def write_report(path: Path, facts: dict[str, Any], recorder: Recorder) -> None:
    """The report as JSON; `facts` are its first members."""
    report = {
        "report": FORM,
        **facts,
        "by_rule": [asdict(rule) for rule in recorder.by_rule()],
        "truncated": {
            "rows_detailed": len(recorder.detailed),
            "rows_rejected": recorder.rejected,
        },
    }
    write_head(path, report, recorder.detailed)


def write_head(path: Path, report: dict[str, Any], rows: Sequence[str]) -> None:
    """A report and its rows, which are JSON already.

    All but the rows stands on the first line, then a row a line, so that a reader of the summary
    need not take in the rows.
    """
    head = json.dumps(report, ensure_ascii=False, default=str)
    with path.open("w", encoding="utf-8", errors=_LONE_SURROGATES) as file:
        file.write(f'{head[:-1]}, "rows": [\n')
        file.write(",\n".join(rows))
        file.write("\n]}\n")


def _json(value: Any) -> str:
    """A value as JSON text, typed cells as a person would have typed them."""
    if type(value) is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    return _ENCODER.encode(_plain(value))


def _cut(text: str) -> str:
    """JSON text, or its beginning as a text: of a list that is wrong as a whole, the record has the rest."""
    return text if len(text) <= _LONGEST_VALUE else encode_basestring(f"{text[:_LONGEST_VALUE]}…")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return shown(value)
