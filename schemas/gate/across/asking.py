"""The check of a document's `x-aturan`, as the gate calls it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_

import polars as pl
import pyarrow as pa

from schemas.document import SchemaDocument
from schemas.gate.across import orders, texts, totals
from schemas.gate.across.cells import Cells
from schemas.gate.across.fault import Fault
from schemas.gate.across.wording import sentence_of
from schemas.gate.blocks import Finding
from schemas.gate.sentences import Sentence
from schemas.rules.faults import column_at
from schemas.rules.language import Composed, Ordered, Place, Rule, Total, rules_of


class Across:
    """All rules of a document: columnar suspicion first, exact arithmetic for the suspects alone.

    `severities` by name of the rule stand above the document's own.
    """

    def __init__(
        self, document: SchemaDocument, severities: Mapping[str, str] | None = None
    ) -> None:
        said = severities or {}
        self._asked = tuple(
            _asked(replace(rule, severity=said.get(rule.name, rule.severity)), document)
            for rule in rules_of(document.body)
        )

    def findings(self, columns: Mapping[str, pa.Array]) -> dict[int, list[Finding]]:
        """What is wrong, by index of the row."""
        cells = Cells(columns)
        found: dict[int, list[Finding]] = {}
        for asked in self._asked:
            for index in asked.suspects(cells).arg_true():
                for fault in asked.faults(cells, index):
                    found.setdefault(index, []).append(asked.finding(fault))
        return found


@dataclass(frozen=True)
class _Asked:
    """A rule with all that its findings need."""

    rule: Rule
    kinds: Mapping[Place, str]
    sentences: Mapping[Place, Sentence]
    private: bool

    def suspects(self, cells: Cells) -> pl.Series:
        match self.rule.claim:
            case Total() as total:
                suspects = totals.suspects(total, cells)
            case Composed() as composed:
                suspects = texts.suspects(composed, cells)
            case Ordered() as ordered:
                suspects = orders.suspects(ordered, cells, self.kinds)
        meant = (cells.column(n).is_in(v).fill_null(value=False) for n, v in self.rule.when.items())
        return reduce(and_, meant, suspects)

    def faults(self, cells: Cells, index: int) -> list[Fault]:
        match self.rule.claim:
            case Total() as total:
                return totals.faults(total, cells, index)
            case Composed() as composed:
                return texts.faults(composed, cells, index)
            case Ordered() as ordered:
                return orders.faults(ordered, cells, index, self.kinds)

    def finding(self, fault: Fault) -> Finding:
        value, expected = (None, None) if self.private else (fault.value, fault.expected)
        return Finding(
            fault.place.column,
            fault.place.pointer,
            self.rule.name,
            value,
            expected,
            severity=self.rule.severity,
            sentence=self.sentences[fault.place],
        )


def _asked(rule: Rule, document: SchemaDocument) -> _Asked:
    private = not rule.columns.isdisjoint(document.personal)
    columns = {place: column_at(document.body, place) for place in rule.claim.places}
    kinds = {place: column.kind for place, column in columns.items() if column}
    sentences = {place: sentence_of(rule, place, private=private) for place in columns}
    return _Asked(rule, kinds, sentences, private)
