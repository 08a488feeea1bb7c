"""From a JSON Schema of flat records to what must hold of a row for it to be surely valid.

Every part of the schema becomes two expressions: `must`, which only valid values satisfy, and `may`, which
every valid value satisfies. They are the same where the part is understood; a keyword that is not
understood gives (nothing, everything). `not`, `if` and `oneOf` need both sides.

All of it holds under one condition, which `proof_of` adds at the top: each filled cell could be read as a
value of its column's kind.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any as Json
from typing import Literal

from schemas.columnar.expression import (
    FALSE,
    TRUE,
    Asked,
    Constant,
    Expression,
    Filled,
    Given,
    all_of,
    any_of,
    negation,
)
from schemas.columnar.patterns import pattern_of
from schemas.columnar.questions import (
    FORMATS,
    Above,
    AtLeast,
    AtMost,
    Below,
    HasFormat,
    Matches,
    MultipleOf,
    NoLonger,
    NoShorter,
    OneOf,
    Question,
    Readable,
    Whole,
)
from schemas.columns import Column
from schemas.engine import DIALECT
from schemas.pointers import unescaped

_SAY_NOTHING = frozenset(
    [
        "title",
        "description",
        "default",
        "examples",
        "$comment",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$defs",
        "definitions",
    ]
)
_READ_WITH_OTHERS = frozenset(("then", "else"))
_ABOUT_OBJECTS = frozenset(
    [
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "required",
        "dependentRequired",
        "dependentSchemas",
        "minProperties",
        "maxProperties",
    ]
)
_ABOUT_ARRAYS = frozenset(
    [
        "items",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "unevaluatedItems",
    ]
)
_ABOUT_SCALARS = frozenset(
    [
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "format",
    ]
)
_NUMERIC = frozenset(("integer", "number"))
_EXACT = 2**53
_BOUNDS: dict[str, tuple[type[AtLeast | AtMost | Above | Below], Callable[[float], int]]] = {
    "minimum": (AtLeast, math.ceil),
    "maximum": (AtMost, math.floor),
    "exclusiveMinimum": (Above, math.floor),
    "exclusiveMaximum": (Below, math.ceil),
}
_MAX_PARTS = 10_000
_MAX_NESTING = 64
_MAX_BRANCHES = 64


@dataclass(frozen=True)
class Pair:
    """`must` implies that the part accepts the value; that it accepts the value implies `may`."""

    must: Expression
    may: Expression


def _exactly(expression: Expression) -> Pair:
    return Pair(expression, expression)


_ACCEPT = _exactly(TRUE)
_UNSURE = Pair(FALSE, TRUE)


def proof_of(body: dict[str, Json] | bool, columns: Mapping[str, Column]) -> Expression:
    """What makes a row surely valid, given that it has no properties but the columns."""
    try:
        valid = _Compiler(body, columns).record(body, ()).must
    except _TooMuch:
        return FALSE
    return all_of([*(Asked(name, Readable()) for name in columns), valid])


def scalar_type(column: Column) -> str | None:
    """The JSON type of a filled cell that was read; None if its cells are never read."""
    if column.textual:
        return "string"
    return column.kind if column.kind in ("integer", "number", "boolean") else None


class _TooMuch(Exception):
    """The schema unfolds to more parts than it is worth to look at."""


class _Compiler:
    """Reads one document. `column` is None where the value is the record itself."""

    def __init__(self, body: dict[str, Json] | bool, columns: Mapping[str, Column]) -> None:
        self._body, self._columns = body, columns
        self._left = _MAX_PARTS

    def record(self, schema: Json, within: tuple[str, ...]) -> Pair:
        """What a schema says about the row as a whole; `within` are the references being followed."""
        return self._schema(schema, None, within)

    def _schema(self, schema: Json, column: Column | None, within: tuple[str, ...]) -> Pair:
        self._left -= 1
        if self._left < 0 or len(within) > _MAX_NESTING:
            raise _TooMuch
        if isinstance(schema, bool):
            return _exactly(Constant(schema))
        if not isinstance(schema, dict) or self._is_another_document(schema):
            return _UNSURE
        return _every(self._keywords(schema, column, within))

    def _is_another_document(self, schema: dict[str, Json]) -> bool:
        embedded = "$id" in schema and schema is not self._body
        return embedded or str(schema.get("$schema", DIALECT)).removesuffix("#") != DIALECT

    def _keywords(
        self, schema: dict[str, Json], column: Column | None, within: tuple[str, ...]
    ) -> Iterator[Pair]:
        for word, value in schema.items():
            if word in _SAY_NOTHING or word in _READ_WITH_OTHERS or word.startswith("x-"):
                continue
            if word in ("$id", "$schema", "$anchor", "$dynamicAnchor"):
                continue
            yield self._combined(word, value, schema, column, within) or (
                self._of_record(word, value, schema, within)
                if column is None
                else self._of_cell(word, value, column)
            )

    def _combined(
        self,
        word: str,
        value: Json,
        schema: dict[str, Json],
        column: Column | None,
        within: tuple[str, ...],
    ) -> Pair | None:
        """Keywords that mean the same for a record and for a cell; None for any other."""

        def part(inner: Json) -> Pair:
            return self._schema(inner, column, within)

        match word:
            case "$ref":
                return self._referred(value, column, within)
            case "allOf":
                return _every(part(inner) for inner in value)
            case "anyOf":
                return _some([part(inner) for inner in value])
            case "oneOf" if column is not None and (texts := _constants(value)):
                return self._listed(texts, column, scalar_type(column))
            case "oneOf":
                return _one([part(inner) for inner in value])
            case "not":
                return _none(part(value))
            case "if":
                then, other = schema.get("then", True), schema.get("else", True)
                return _conditional(part(value), part(then), part(other))
            case _:
                return None

    def _referred(self, reference: Json, column: Column | None, within: tuple[str, ...]) -> Pair:
        """A pointer into this document is followed; one that comes back to itself is not."""
        target = self._target(reference)
        if target is None or reference in within:
            return _UNSURE
        return self._schema(target, column, (*within, reference))

    def _target(self, reference: Json) -> Json | None:
        if not isinstance(reference, str) or not reference.startswith("#/") or "%" in reference:
            return None
        here: Json = self._body
        for token in map(unescaped, reference[2:].split("/")):
            if here is not self._body and isinstance(here, dict) and "$id" in here:
                return None
            if not isinstance(here, dict) or token not in here:
                return None
            here = here[token]
        return here

    # The record

    def _of_record(
        self, word: str, value: Json, schema: dict[str, Json], within: tuple[str, ...]
    ) -> Pair:
        match word:
            case "type":
                return _exactly(Constant("object" in _names(value)))
            case "properties":
                return _every(self._property(n, inner, within) for n, inner in value.items())
            case "required":
                return _exactly(all_of(map(self._given, value)))
            case "dependentRequired":
                return _every(
                    _exactly(any_of([negation(self._given(name)), all_of(map(self._given, then))]))
                    for name, then in value.items()
                )
            case "dependentSchemas":
                return _every(
                    _guarded(self._given(name), self.record(inner, within))
                    for name, inner in value.items()
                )
            case "additionalProperties" if "patternProperties" not in schema:
                others = [
                    name for name in self._columns if name not in schema.get("properties", {})
                ]
                return _every(self._property(name, value, within) for name in others)
            case "unevaluatedProperties":
                return self._unevaluated(value, schema, within)
            case _ if word in _ABOUT_ARRAYS or word in _ABOUT_SCALARS:
                return _ACCEPT
            case _:
                return _UNSURE

    def _property(self, name: str, schema: Json, within: tuple[str, ...]) -> Pair:
        column = self._columns.get(name)
        if column is None:
            return _ACCEPT
        return _guarded(self._given(name), self._schema(schema, column, within))

    def _given(self, name: str) -> Expression:
        column = self._columns.get(name)
        if column is None:
            return FALSE
        return Given(name) if column.nullable else Filled(name)

    def _unevaluated(self, value: Json, schema: dict[str, Json], within: tuple[str, ...]) -> Pair:
        """Sure for what is not named here; what a branch names may count as evaluated or not."""
        if "additionalProperties" in schema:
            return _ACCEPT
        others = [name for name in self._columns if name not in schema.get("properties", {})]
        pair = _every(self._property(name, value, within) for name in others)
        alone = not any(
            word in schema
            for word in ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
                         "dependentSchemas", "patternProperties")
        )  # fmt: skip
        return pair if alone else Pair(pair.must, TRUE)

    # A cell

    def _of_cell(self, word: str, value: Json, column: Column) -> Pair:
        kind = scalar_type(column)
        if word == "type":
            return self._typed(_names(value), column, kind)
        if word in ("enum", "const"):
            return self._listed(value if word == "enum" else [value], column, kind)
        if word in _ABOUT_ARRAYS or word in _ABOUT_OBJECTS:
            return _ACCEPT
        if word in _ABOUT_SCALARS:
            return self._limited(word, value, column, kind)
        return _UNSURE

    def _typed(self, types: frozenset[str], column: Column, kind: str | None) -> Pair:
        if kind in types or (kind == "integer" and "number" in types):
            cell: Expression = TRUE
        elif kind == "number" and "integer" in types:
            cell = Asked(column.name, Whole())
        else:
            cell = FALSE
        return _exactly(_of_value(column, cell, when_null="null" in types))

    def _listed(self, values: Json, column: Column, kind: str | None) -> Pair:
        wanted = [value for value in values if _matches_type(value, kind)]
        if kind in _NUMERIC:
            if any(not isinstance(v, int | float) or abs(v) >= _EXACT for v in wanted):
                return _UNSURE
            if kind == "integer":
                wanted = [int(v) for v in wanted if v == int(v)]
        cell = Asked(column.name, OneOf(tuple(wanted))) if wanted else FALSE
        return _exactly(_of_value(column, cell, when_null=None in values))

    def _limited(self, word: str, value: Json, column: Column, kind: str | None) -> Pair:
        if word in _BOUNDS:
            asked: Question | Literal[True] | None = (
                _bound(word, value, kind) if kind in _NUMERIC else True
            )
        elif word == "multipleOf":
            asked = _multiple(value, kind) if kind in _NUMERIC else True
        else:
            asked = _textual(word, value) if kind == "string" else True
        match asked:
            case True:
                return _ACCEPT
            case None:
                return Pair(_of_value(column, FALSE, when_null=True), TRUE)
            case HasFormat():
                return Pair(_of_value(column, Asked(column.name, asked), when_null=True), TRUE)
            case _:
                return _exactly(_of_value(column, Asked(column.name, asked), when_null=True))


def _of_value(column: Column, cell: Expression, *, when_null: bool) -> Expression:
    """`cell` of a filled cell, `when_null` of null; that there is a value at all is asked elsewhere."""
    if not column.nullable:
        return cell
    filled = Filled(column.name)
    return any_of([negation(filled), cell]) if when_null else all_of([filled, cell])


def _matches_type(value: Json, kind: str | None) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "number":
            return not isinstance(value, bool | str | list | dict) and value is not None
        case _:
            return False


def _bound(word: str, value: Json, kind: str | None) -> Question | None:
    """Whole columns get whole bounds, so that no kernel turns their values into floats."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    question, rounded = _BOUNDS[word]
    if kind == "integer":
        if isinstance(value, float) and abs(value) > _EXACT:
            return None
        return question(rounded(value))
    return question(value) if abs(value) <= _EXACT else None


def _multiple(value: Json, kind: str | None) -> Question | None:
    if kind != "integer" or not isinstance(value, int | float) or not 1 <= value <= _EXACT:
        return None
    return MultipleOf(int(value)) if value == int(value) else None


def _textual(word: str, value: Json) -> Question | Literal[True] | None:
    match word:
        case "minLength":
            return NoShorter(int(value)) if value > 1 else True
        case "maxLength":
            return NoLonger(int(value)) if value < 2**31 else True
        case "pattern":
            pattern = pattern_of(value)
            return None if pattern is None else Matches(pattern)
        case _:
            return HasFormat(value) if value in FORMATS else None


def _constants(branches: list[Json]) -> list[str] | None:
    """The texts of branches that each say no more than one text, all different; else None."""
    texts = [
        branch["const"]
        for branch in branches
        if isinstance(branch, dict)
        and isinstance(branch.get("const"), str)
        and all(word == "const" or word in _SAY_NOTHING for word in branch)
    ]
    return texts if len(set(texts)) == len(branches) else None


def _names(types: Json) -> frozenset[str]:
    return frozenset([types] if isinstance(types, str) else types)


def _every(pairs: Iterable[Pair]) -> Pair:
    found = list(pairs)
    return Pair(all_of(p.must for p in found), all_of(p.may for p in found))


def _some(pairs: list[Pair]) -> Pair:
    return Pair(any_of(p.must for p in pairs), any_of(p.may for p in pairs))


def _none(pair: Pair) -> Pair:
    return Pair(negation(pair.may), negation(pair.must))


def _one(pairs: list[Pair]) -> Pair:
    """Exactly one branch accepts: one must, and every other may not."""
    if len(pairs) > _MAX_BRANCHES:
        return _UNSURE
    others = [[p for j, p in enumerate(pairs) if j != i] for i in range(len(pairs))]
    alone = [
        Pair(
            all_of([pair.must, *(negation(o.may) for o in rest)]),
            all_of([pair.may, *(negation(o.must) for o in rest)]),
        )
        for pair, rest in zip(pairs, others, strict=True)
    ]
    return _some(alone)


def _conditional(condition: Pair, then: Pair, other: Pair) -> Pair:
    met, unmet = condition, _none(condition)
    return Pair(
        all_of([any_of([unmet.must, then.must]), any_of([met.must, other.must])]),
        all_of([any_of([unmet.may, then.may]), any_of([met.may, other.may])]),
    )


def _guarded(given: Expression, pair: Pair) -> Pair:
    """The pair where the property is given; nothing to say where it is not."""
    absent = negation(given)
    return Pair(any_of([absent, pair.must]), any_of([absent, pair.may]))
