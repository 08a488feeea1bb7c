"""A row that shows why two versions do not fit: the one accepts it, the other refuses it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from schemas.columns import columns_of
from schemas.engine import canonical, compile_schema
from schemas.errors import Refusal
from schemas.sampling import Sampler

MOST = 6_000
"""Rows put before the engine at most; thousands take milliseconds."""
_PER_COLUMN = 40
Schema = dict[str, Any] | bool


@dataclass(frozen=True)
class Search:
    """What a search found, and after how many rows it ended."""

    row: Any
    found: bool
    tried: int


def search(narrow: Schema, wide: Schema) -> Search:
    """A row of `narrow` that `wide` refuses; the search is the same every time."""
    accepts, covers = _validator(narrow), _validator(wide)
    if accepts is None or covers is None:
        return Search(None, found=False, tried=0)
    tried, seen = 0, set()
    for row in _candidates(narrow, wide):
        told = json.dumps(row, sort_keys=True)
        if told in seen:
            continue
        seen.add(told)
        tried += 1
        if accepts.is_valid(row) and not covers.is_valid(row):
            return Search(_smallest(row, accepts, covers), found=True, tried=tried)
        if tried >= MOST:
            break
    return Search(None, found=False, tried=tried)


def _smallest(row: Any, accepts: jsonschema_rs.Validator, covers: jsonschema_rs.Validator) -> Any:
    """The row without every column that it does not need to show the same."""
    if not isinstance(row, dict):
        return row
    for name in list(row):
        less = {other: value for other, value in row.items() if other != name}
        if accepts.is_valid(less) and not covers.is_valid(less):
            row = less
    return row


def refusals_of(body: dict[str, Any], row: Any) -> tuple[Refusal, ...]:
    """Every rule of the document that the row breaks, in the gate's own sentences."""
    from schemas.gate.messages import row_message  # late: only a refusal needs the gate
    from schemas.gate.ruling import Ruling

    columns = columns_of(body)
    found = Ruling(body).findings([row]).get(0, [])
    return tuple(
        Refusal(one.pointer, one.rule, *row_message(one, columns.get(one.column)), one.detail)
        for one in found
    )


def pair(body: dict[str, Any], column: str) -> tuple[Any, Any] | None:
    """Two valid rows that differ in this column alone."""
    accepts = _validator(body)
    properties = body.get("properties", {})
    if accepts is None or column not in properties:
        return None
    values = _pool(properties[column], body, properties[column], body)
    for row in Sampler(body).rows(body):
        if isinstance(row, dict) and accepts.is_valid(row):
            twins = [twin for v in values if accepts.is_valid(twin := row | {column: v})]
            if len(twins) > 1:
                return twins[0], twins[1]
    return None


def _validator(body: Schema) -> jsonschema_rs.Validator | None:
    try:
        return compile_schema(body)
    except jsonschema_rs.ValidationError:
        return None


def _candidates(narrow: Schema, wide: Schema) -> Iterator[Any]:
    """First of what the engine can subtract, then around every column that changed."""
    rest = _subtracted(narrow, wide)
    if rest is not None:
        yield from Sampler(rest).rows(rest)
    yield from _around(narrow, wide)
    yield from Sampler(narrow).rows(narrow)
    yield from Sampler(wide).rows(wide)


def _subtracted(narrow: Schema, wide: Schema) -> Any:
    """What `narrow` takes and `wide` does not, as a schema; None when the engine cannot say."""
    try:
        return canonical(narrow).subtract(canonical(wide)).to_json_schema()
    except (
        ValueError,
        jsonschema_rs.canonical.CanonicalizationError,
        jsonschema_rs.ValidationError,
    ):
        return None


def _around(narrow: Schema, wide: Schema) -> Iterator[Any]:
    """A valid row with one column changed to what only `narrow` might take, or with a column less."""
    if not isinstance(narrow, dict) or not isinstance(wide, dict):
        return
    mine, theirs = narrow.get("properties"), wide.get("properties")
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return
    pools = {name: _pool(one, narrow, theirs.get(name), wide) for name, one in mine.items()}
    bases = _bases(narrow, pools)
    changed = [n for n in pools if mine[n] != theirs.get(n)] or list(pools)
    for base in bases:
        yield base
        for name in changed:
            for value in pools[name]:
                yield base | {name: value}
        for name in base:
            yield {other: value for other, value in base.items() if other != name}
    for base in bases:
        yield from _pairs(base, pools, changed)


def _pairs(
    base: dict[str, Any], pools: dict[str, list[Any]], changed: list[str]
) -> Iterator[dict[str, Any]]:
    """Two columns at a time, for rules across columns."""
    for name in changed[:8]:
        for other in list(pools)[:12]:
            for value in pools[name][:8]:
                for beside in pools[other][:8]:
                    yield base | {name: value, other: beside}


def _bases(narrow: dict[str, Any], pools: dict[str, list[Any]]) -> list[dict[str, Any]]:
    required = [name for name in narrow.get("required", ()) if name in pools]
    least = {name: pools[name][0] for name in required if pools[name]}
    every = {name: pool[0] for name, pool in pools.items() if pool}
    return [least, every]


def _pool(schema: Any, root: dict[str, Any], other: Any, other_root: dict[str, Any]) -> list[Any]:
    """Values that the column takes: its own samples, and those of the same column of the other."""
    found = [*Sampler(root).values(schema), *Sampler(other_root).values(other)]
    validator = _validator(_alone(schema, root))
    if validator is None:
        return found[:_PER_COLUMN]
    return [value for value in found if validator.is_valid(value)][:_PER_COLUMN]


def _alone(schema: Any, root: dict[str, Any]) -> Any:
    if not isinstance(schema, dict) or "$defs" not in root:
        return schema
    return {**schema, "$defs": root["$defs"]}
