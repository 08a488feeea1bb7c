"""The verdict of the schema on a block of records, as findings by row.

The engine makes all errors of a call at once, some 2 kB each, and a record may have as many as it has values. So
records are handed to it in runs of so many values; and of a record with more than that, or of any large one after
others had very many faults that nobody will read, only the first fault is asked for.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import jsonschema_rs

from schemas.engine import compile_rows
from schemas.gate.blocks import Finding
from schemas.gate.limits import Limits
from schemas.gate.sentences import MANY_VALUES
from schemas.pointers import pointer_of

_LISTS_NAMES = ("additionalProperties", "unevaluatedProperties")
_MORE = "kesalahan-lain"
_ONE_OF_SEVERAL = frozenset({"anyOf", "oneOf"})
_VALUES = 10_000
"""In the records of one call to the engine."""
_LEFT_OUT = 20_000
"""Faults of a block that were found and not told, before no more are looked for in large records."""
_LONGEST_DETAIL = 300


class Ruling:
    """A schema compiled once for many blocks; `most` findings of a row are told."""

    def __init__(self, body: dict[str, Any] | bool, most: int = Limits.findings) -> None:
        self._rows, self._most = compile_rows(body), most
        self._branching = _branches(body)

    def findings(self, records: Sequence[Any]) -> dict[int, list[Finding]]:
        """What the schema has against each row, by index; a row that is not there is valid."""
        block = _Block(self._rows, self._most, branching=self._branching)
        for index, record in enumerate(records):
            block.take(index, record)
        block.judge()
        return block.found


class _Block:
    """The records of a block one after the other; `found` is complete after the last `judge`."""

    def __init__(self, rows: jsonschema_rs.Validator, most: int, *, branching: bool) -> None:
        self._rows, self._most, self._branching = rows, most, branching
        self._run: list[Any] = []
        self._start = self._values = self._left_out = 0
        self.found: dict[int, list[Finding]] = {}

    def take(self, index: int, record: Any) -> None:
        size = _size(record)
        if self._values + size > _VALUES:
            self.judge()
        if size > (_VALUES if self._left_out < _LEFT_OUT else self._most):
            self.judge()
            if not self._rows.is_valid([record]):
                whole = Finding("", "", _MORE, sentence=MANY_VALUES)
                self.found[index] = [*self._first(record), whole]
            return
        if not self._run:
            self._start = index
        self._run.append(record)
        self._values += size

    def _first(self, record: Any) -> list[Finding]:
        """The first fault of a record; of a schema with branches none, for one fault may hold all others."""
        if self._branching:
            return []
        try:
            self._rows.validate([record])
        except jsonschema_rs.ValidationError as error:
            return list(islice(_findings(error), self._most))
        return []

    def judge(self) -> None:
        """The run so far, by one call to the engine."""
        more: dict[int, int] = {}
        for error in self._rows.iter_errors(self._run) if self._run else ():
            row = self._start + int(error.instance_path[0])
            told = self.found.setdefault(row, [])
            room = self._most - len(told)
            findings = _findings(error)
            told += islice(findings, room)
            rest = sum(1 for _ in findings) if room else 1
            if rest:
                more[row] = more.get(row, 0) + rest
        for row, rest in more.items():
            self.found[row].append(Finding("", "", _MORE, rest, self._most))
            self._left_out += rest
        self._run, self._values = [], 0


def _branches(part: Any) -> bool:
    """Somewhere in a schema one of several forms is asked for."""
    if isinstance(part, list):
        return any(map(_branches, part))
    if not isinstance(part, dict):
        return False
    return not part.keys().isdisjoint(_ONE_OF_SEVERAL) or any(map(_branches, part.values()))


def _size(record: Any) -> int:
    """How many values a record holds at any depth; of one that is too large, some number beyond that."""
    total, waiting = 1, [record] if isinstance(record, dict | list) else []
    while waiting and total <= _VALUES:
        holder = waiting.pop()
        total += len(holder)
        if total <= _VALUES:
            inner = holder.values() if isinstance(holder, dict) else holder
            waiting += [value for value in inner if isinstance(value, dict | list)]
    return total


def _findings(error: jsonschema_rs.ValidationError) -> Iterator[Finding]:
    """Usually one; one per column where the schema names several that it does not know."""
    path = error.instance_path[1:]
    facts = error.kind.as_dict()
    schema_path = pointer_of(error.schema_path[1:])
    if error.kind.name in _LISTS_NAMES:
        for name in facts["unexpected"]:
            value = error.instance.get(name) if isinstance(error.instance, dict) else None
            yield _finding([*path, name], error, value, None, schema_path)
    elif error.kind.name == "required":
        yield _finding([*path, facts["property"]], error, None, None, schema_path)
    else:
        expected = next((facts[k] for k in facts if k not in ("context", "error")), None)
        yield _finding(path, error, error.instance, expected, schema_path)


def _finding(
    path: list[str | int],
    error: jsonschema_rs.ValidationError,
    value: Any,
    expected: Any,
    schema_path: str,
) -> Finding:
    pointer = pointer_of(path)
    column = str(path[0]) if path else ""
    return Finding(
        column,
        pointer,
        error.kind.name,
        value,
        expected,
        schema_path,
        error.message[:_LONGEST_DETAIL],
    )
