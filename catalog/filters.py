"""Row filters: a small JSON tree, or a short readable line, turned into SQL with bound values.

Tree: {"and": [...]}, {"or": [...]}, {"not": tree}, {"eq": [column, value]} and likewise ne, lt,
le, gt, ge, contains, starts; {"in": [column, [values]]}; {"is_null": column}.
Line: `pagu>=1000000,status=Selesai,nama~jalan` means all of these; operators = != < <= > >=
~ (contains) ^= (starts with); a value may stand in double quotes; `column=` asks for empty ones.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from catalog.duck import identifier
from catalog.errors import FilterInvalid, QueryFailed
from catalog.keyset import Condition

Filter = dict[str, Any]

_COMPARE = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_TEXT = {"contains": "contains", "starts": "starts_with"}
_LINE = {
    "=": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "~": "contains",
    "^=": "starts",
}
_TERM = re.compile(
    r'\s*([^=!<>~^,"]+?)\s*(\^=|!=|<=|>=|=|<|>|~)\s*("(?:[^"]|"")*"|[^,]*)\s*(?:,|$)'
)

MAX_NODES = 200
MAX_DEPTH = 20
MAX_LENGTH = 20_000


def parse(text: str) -> Filter:
    """A filter as it stands in a query string: JSON when it starts with a brace, else a line."""
    if len(text) > MAX_LENGTH:
        raise FilterInvalid("Saringan terlalu panjang.", "The filter is too long.")
    if not text.lstrip().startswith("{"):
        return _parse_line(text)
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FilterInvalid(
            "Saringan bukan JSON yang benar.", "The filter is not valid JSON."
        ) from error
    return _mapping(tree)


def _parse_line(text: str) -> Filter:
    terms: list[Filter] = []
    place = 0
    while place < len(text):
        match = _TERM.match(text, place)
        if match is None:
            raise FilterInvalid(
                f"Saringan tidak dapat dibaca mulai “{text[place : place + 40]}”.",
                f"The filter cannot be read from “{text[place : place + 40]}” on.",
            )
        column, sign, value = match.groups()
        if value.startswith('"'):
            value = value[1:-1].replace('""', '"')
        elif not value and sign in {"=", "!="}:
            empty: Filter = {"is_null": column}
            terms.append(empty if sign == "=" else {"not": empty})
            place = match.end()
            continue
        terms.append({_LINE[sign]: [column, value]})
        place = match.end()
    if not terms:
        raise FilterInvalid("Saringan kosong.", "The filter is empty.")
    return terms[0] if len(terms) == 1 else {"and": terms}


def columns_of(tree: Filter) -> set[str]:
    """The columns that a filter mentions; raise FilterInvalid when it is not one."""
    builder = _Builder(None)
    builder.build(tree, 0)
    return builder.used


def to_sql(tree: Filter | None, types: Mapping[str, str]) -> Condition:
    """The condition over these columns (name to DuckDB type) and the values to bind.

    Raises FilterInvalid; a column outside `types` is unknown, whatever the reason.
    """
    if tree is None:
        return "TRUE", []
    builder = _Builder(types)
    return builder.build(tree, 0), builder.bound


def _mapping(tree: object) -> Filter:
    if not isinstance(tree, dict) or len(tree) != 1:
        raise FilterInvalid(
            "Setiap bagian saringan adalah satu operator dengan isinya.",
            "Every part of a filter is one operator with what it works on.",
        )
    return tree


class _Builder:
    """Collects SQL and values; without types it only checks the form."""

    def __init__(self, types: Mapping[str, str] | None) -> None:
        self._types = types
        self._nodes = 0
        self.bound: list[Any] = []
        self.used: set[str] = set()

    def build(self, tree: object, depth: int) -> str:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise FilterInvalid("Saringan terlalu rumit.", "The filter is too complex.")
        ((operator, operand),) = _mapping(tree).items()
        match operator:
            case "and" | "or":
                return self._joined(operator, operand, depth)
            case "not":
                # A row whose value is unknown does not pass, nor does its opposite: SQL's own rule.
                return f"(NOT {self.build(operand, depth + 1)})"
            case "is_null":
                return f"({self._column(operand)[0]} IS NULL)"
            case "in":
                return self._member(operand)
            case "like" | "contains" | "starts":
                return self._text(operator, operand)
            case _ if operator in _COMPARE:
                return self._compared(operator, operand)
            case _:
                raise FilterInvalid(
                    f"Operator saringan “{str(operator)[:40]}” tidak dikenal.",
                    f"The filter operator “{str(operator)[:40]}” is not known.",
                )

    def _joined(self, operator: str, operand: object, depth: int) -> str:
        if not isinstance(operand, list) or not operand:
            raise FilterInvalid(
                f"“{operator}” memerlukan daftar syarat.",
                f"“{operator}” needs a list of conditions.",
            )
        parts = [self.build(part, depth + 1) for part in operand]
        return "(" + f" {operator.upper()} ".join(parts) + ")"

    def _pair(self, operator: str, operand: object) -> tuple[str, str, Any]:
        if not isinstance(operand, list | tuple) or len(operand) != 2:
            raise FilterInvalid(
                f"“{operator}” memerlukan kolom dan nilai.",
                f"“{operator}” needs a column and a value.",
            )
        sql, type_ = self._column(operand[0])
        return sql, type_, operand[1]

    def _compared(self, operator: str, operand: object) -> str:
        sql, type_, value = self._pair(operator, operand)
        if value is None:
            if operator not in {"eq", "ne"}:
                raise FilterInvalid("Nilai kosong tidak berurutan.", "An empty value has no order.")
            return f"({sql} IS {'NOT ' if operator == 'ne' else ''}NULL)"
        return f"({sql} {_COMPARE[operator]} {self._value(value, type_)})"

    def _member(self, operand: object) -> str:
        sql, type_, values = self._pair("in", operand)
        if not isinstance(values, list) or not 0 < len(values) <= 10_000:
            raise FilterInvalid(
                "“in” memerlukan daftar 1 sampai 10.000 nilai.",
                "“in” needs a list of 1 to 10,000 values.",
            )
        return f"({sql} IN ({', '.join(self._value(value, type_) for value in values)}))"

    def _text(self, operator: str, operand: object) -> str:
        sql, type_, value = self._pair(operator, operand)
        if not isinstance(value, str) or (self._types is not None and type_ != "VARCHAR"):
            raise FilterInvalid(
                f"“{operator}” hanya untuk kolom teks.", f"“{operator}” works on text columns only."
            )
        self.bound.append(_sound(value))
        if operator == "like":
            return f"({sql} LIKE CAST(? AS VARCHAR))"
        return f"{_TEXT[operator]}({sql}, CAST(? AS VARCHAR))"

    def _column(self, name: object) -> tuple[str, str]:
        if not isinstance(name, str):
            raise FilterInvalid("Nama kolom harus teks.", "A column name must be text.")
        self.used.add(name)
        if self._types is None:
            return identifier(name), ""
        if name not in self._types:
            raise FilterInvalid(
                f"Kolom “{name[:80]}” tidak ada atau tidak boleh dilihat.",
                f"Column “{name[:80]}” does not exist or may not be seen.",
            )
        return identifier(name), self._types[name]

    def _value(self, value: object, type_: str) -> str:
        if isinstance(value, dict | list) or value is None:
            raise FilterInvalid(
                "Nilai saringan harus teks, angka, atau benar/salah.",
                "A filter value must be text, a number or true/false.",
            )
        if isinstance(value, str):
            self.bound.append(_sound(value))
        else:
            self.bound.append(value if isinstance(value, bool) else _number(value))
        return f"CAST(? AS {type_ or 'VARCHAR'})"


def _sound(text: str) -> str:
    """JSON can spell half a surrogate pair, which is no text at all."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FilterInvalid(
            "Nilai saringan memuat karakter yang tidak utuh.",
            "A filter value holds a broken character.",
        ) from error
    return text


def _number(value: object) -> Any:
    if isinstance(value, int | float):
        # Text keeps integers of any size exact on their way into the column's type.
        return str(value) if isinstance(value, int) else value
    raise FilterInvalid("Nilai saringan tidak dikenal.", "The filter value is of no known kind.")


def mentions_only(tree: Filter, allowed: Collection[str]) -> bool:
    """Whether a filter stays within these columns."""
    return columns_of(tree) <= set(allowed)


@contextmanager
def values_fit() -> Iterator[None]:
    """Around a query of ours: a failed conversion can only be that of a caller's filter value.

    Raises FilterInvalid, and QueryFailed when the memory does not suffice.
    """
    try:
        yield
    except duckdb.ConversionException as error:
        raise FilterInvalid(
            "Nilai saringan tidak cocok dengan jenis kolomnya.",
            "A filter value does not fit the type of its column.",
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise QueryFailed("The question needs more memory than one reading may use.") from error
