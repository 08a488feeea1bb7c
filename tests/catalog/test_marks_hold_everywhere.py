"""Any marks under any policy: what is marked, and counted, is what a plain reckoning says, and nothing else."""

import datetime
import json
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import export, marking
from catalog.joining import COLUMN
from catalog.marks import OpenMark
from tests.catalog.test_policies_hold_everywhere import (
    COLUMNS,
    KEY,
    NEW,
    OLD,
    Asked,
    Row,
    World,
    masked,
    passes,
    questions,
    world,  # noqa: F401 - the fixture
)

SAYS = "dalam penelitian"


def text_of(value: Any) -> str | None:
    """As the catalog tells values apart: DuckDB's own text."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case datetime.datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S+00")
        case float():
            return repr(value)
        case _:
            return str(value)


@st.composite
def marks(draw: st.DrawFn) -> list[OpenMark]:
    """On cells that the release holds, holds otherwise, or does not hold."""
    found = []
    for row in draw(st.lists(st.sampled_from(OLD + NEW), max_size=6)):
        field = draw(st.sampled_from(COLUMNS))
        key = tuple(sorted((name, row[name]) for name in KEY))
        found.append(OpenMark(key, field, repr(text_of(row[field])), SAYS))
    return found


def reckoned(asked: Asked, marked: list[OpenMark]) -> dict[tuple[str, str], set[str]]:
    """Marked fields that the reader sees, by the true key of the row."""
    seen = [c for c in asked.visible if asked.kinds.get(c) != "hide"]
    found: dict[tuple[str, str], set[str]] = {}
    for row in NEW:
        if not passes(asked.policy.filter, row):
            continue
        for one in marked:
            same = all(row[name] == text for name, text in one.key)
            if same and one.field in seen and repr(text_of(row[one.field])) == one.value:
                found.setdefault((row["kelompok"], row["nik"]), set()).add(one.field)
    return found


def told_apart(asked: Asked) -> bool:
    return all(c in asked.visible and asked.kinds.get(c, "hash") == "hash" for c in KEY)


def key_as_shown(asked: Asked, row: Row) -> tuple[Any, ...]:
    return tuple(masked(asked.kinds.get(c), c, row[c]) for c in KEY)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=questions(), marked=marks())
def test_marks_show_just_what_the_policy_shows(
    world: World,  # noqa: F811
    asked: Asked,
    marked: list[OpenMark],
) -> None:
    shown = marking.shown(**world.read, policy=asked.policy, marks=marked, digest=repr)
    expected = reckoned(asked, marked)
    assert shown.count == len(expected)
    if not told_apart(asked):
        assert not shown.rows
        return
    by_shown = {
        key_as_shown(asked, row): expected[(row["kelompok"], row["nik"])]
        for row in NEW
        if (row["kelompok"], row["nik"]) in expected
    }
    found = {tuple(json.loads(place)): set(said) for place, said in (shown.rows or {}).items()}
    assert found == by_shown

    columns = asked.shown
    said = shown.of(columns)
    wide = (*columns, *(name for name in KEY if name not in columns))
    plain = export.release(
        **world.read, policy=asked.policy, columns=wide, filter=asked.filter, sort=asked.sort
    )
    assert marking.Marked(plain, tuple(columns), KEY, said).schema().names == [*columns, COLUMN]
    rows = marking.Marked(plain, wide, KEY, said)
    table = pa.Table.from_batches(list(rows.batches()), schema=rows.schema())
    bare = pa.Table.from_batches(list(plain.batches()), schema=plain.schema())
    # The rows are those of the answer without marks, in their order where there is one.
    with_marks, without = table.select(wide).to_pylist(), bare.to_pylist()
    assert sorted(map(repr, with_marks)) == sorted(map(repr, without))
    if not asked.sort or asked.key_is_clear:
        assert with_marks == without
    for row in table.to_pylist():
        fields = by_shown.get(tuple(row[name] for name in KEY), set()) & set(columns)
        assert set(json.loads(row[COLUMN] or "{}")) == fields
