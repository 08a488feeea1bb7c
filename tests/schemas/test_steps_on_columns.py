"""Steps on Arrow columns do to the cells exactly what they do to cells one by one."""

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.document import SchemaDocument
from schemas.steps import Pipeline

DOCUMENT = SchemaDocument.known(
    {
        "$id": "https://simpul.invalid/schemas/uji/langkah/1.0.0.json",
        "type": "object",
        "properties": {
            "a": {"type": "string"},
            "b": {"type": ["string", "null"]},
            "n": {"type": "number"},
            "t": {"type": "string", "format": "date"},
        },
    }
)
COLUMNS = st.one_of(
    st.just("*"), st.lists(st.sampled_from("abnt"), min_size=1, max_size=3, unique=True)
)
NAMED = st.lists(st.sampled_from("abnt"), min_size=1, max_size=3, unique=True)
STEPS = st.one_of(
    st.builds(lambda c: {"step": "trim", "columns": c}, COLUMNS),
    st.builds(lambda c: {"step": "empty", "columns": c, "values": ["-", "NULL", " "]}, COLUMNS),
    st.builds(lambda c: {"step": "split", "columns": c, "separators": [",", "|"]}, NAMED),
    st.builds(lambda c: {"step": "number", "columns": c, "locale": "id"}, NAMED),
    st.builds(lambda c: {"step": "boolean", "columns": c, "true": ["Ya"], "false": ["Tidak"]}, NAMED),
    st.builds(lambda c: {"step": "translate", "columns": c, "map": {"": "kosong", "L": "laki"}}, NAMED),
    st.builds(lambda c: {"step": "date", "columns": c, "to": "date", "forms": ["id-date"]}, NAMED),
    st.builds(lambda a, b: {"step": "rename", "columns": {a: b}}, st.sampled_from("abx"), st.sampled_from("bnz")),
    st.builds(lambda c: {"step": "drop", "columns": [c]}, st.sampled_from("abz")),
    st.just({"step": "distinct"}),
    st.builds(lambda c: {"step": "text", "columns": c}, NAMED),
)  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(["", " ", "-", "NULL", "L", "1.234,5", "31/12/2025", "Ya", "a|b", " x\u00a0", "\x1cy\u2028", "\u200bz"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    st.none(),
)  # fmt: skip
KINDS = st.sampled_from([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
BLOCKS = st.lists(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=12), max_size=3)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(STEPS, max_size=5), BLOCKS, KINDS)
def test_columns_of_text_come_out_as_tables_do(
    steps: list[dict[str, Any]], blocks: list[list[tuple[str | None, ...]]], kind: pa.DataType
) -> None:
    by_cells, by_columns = Pipeline(steps, DOCUMENT), Pipeline(steps, DOCUMENT)
    for block in blocks:
        cells = [list(column) for column in zip(*block, strict=True)] or [[], [], [], []]
        table = dict(zip("abnt", cells, strict=True))
        done = by_columns.columns({n: pa.array(c, kind) for n, c in table.items()})
        assert done is not None
        columns, kept = done
        expected, stay = by_cells.table(table)
        assert {n: c.to_pylist() for n, c in columns.items()} == expected
        assert (None if kept is None else kept.tolist()) == stay
    assert by_columns.merged == by_cells.merged


def test_values_that_are_not_text_are_left_to_the_cells() -> None:
    columns = {"a": pa.array([1, None]), "b": pa.array([" x", None])}
    trimmed = Pipeline([{"step": "trim", "columns": "*"}], DOCUMENT).columns(columns)
    assert trimmed is not None
    assert trimmed[0]["b"].to_pylist() == ["x", None]
    assert Pipeline([{"step": "text", "columns": ["a"]}], DOCUMENT).columns(columns) is None
    assert Pipeline([{"step": "distinct"}], DOCUMENT).columns(columns) is None
