"""Rows out of a JSON body: the bytes as served, whatever surrounds them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import SourceBodyInvalid
from connectors.json_rows import JsonRows


def rows(file: Path, body: bytes, *path: str) -> list[bytes]:
    file.write_bytes(body)
    with JsonRows(file) as found:
        return list(found.rows(path))


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        (b"[]", (), []),
        (b' \n[ {"a":1} , {"a":2}\n]\n', (), [b'{"a":1}', b'{"a":2}']),
        (b'\xef\xbb\xbf[{"a":1}]', (), [b'{"a":1}']),
        (b'[{"a":1.10,"b":12345678901234567890123,"c":1e999}]', (), None),
        (b'[{"a":1,"a":2}]', (), None),
        (b'[{"a":null},{}]', (), [b'{"a":null}', b"{}"]),
        (b'[{"s":"},{\\"]["},{"n":[{"x":1},{"x":{"y":"}"}}]}]', (), None),
        (b'[{"a":\n  1,\r\n "b":"\\n"}]', (), [b'{"a":   1,   "b":"\\n"}']),
        (b'[{"a":"\\ud800"},{"a":tru}]', (), [b'{"a":"\\ud800"}', b'{"a":tru}']),
        (
            b'{"data":{"items":[{"a":1}],"n":{"items":[]}},"next":null}',
            ("data", "items"),
            [b'{"a":1}'],
        ),
        (b'{"x":[{"data":[{"b":1}]}],"d\\u0061ta":[{"a":1}]}', ("data",), [b'{"a":1}']),
    ],
)
def test_each_element_is_one_line_verbatim(tmp_path: Path, body, path, expected):
    found = rows(tmp_path / "x", body, *path)
    if expected is None:
        assert b"[" + b",".join(found) + b"]" == body
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("body", "path", "fault"),
    [
        (b"", (), "empty"),
        (b"  \n", (), "empty"),
        (b"<!DOCTYPE html><html>", (), "html"),
        (b"Service unavailable", (), "not-json"),
        (b"[", (), "half"),
        (b'[{"a":1}', (), "half"),
        (b'[{"a":1},', (), "half"),
        (b'[{"a":1},{"a":', (), "half"),
        (b'[{"a":"x}', (), "half"),
        (b'[{"a":"},{', (), "half"),
        (b'{"data":[{"a":1}]', ("data",), "half"),
        (b'{"data":[{"a":1}],"n', ("data",), "half"),
        (b'[{"a":1}]x', (), "not-json"),
        (b'[{"a":1} {"a":2}]', (), "not-json"),
        (b'[{"a":"x\ny"}]', (), "not-json"),
        (b"[1,2]", (), "not-objects"),
        (b'{"data":[]}', (), "no-array"),
        (b'{"data":[]}', ("rows",), "no-array"),
        (b'{"data":{}}', ("data",), "no-array"),
        (b'[{"a":1}]', ("data",), "no-array"),
        (b"[" * 200_000, (), "not-objects"),
        (b'[{"a":' + b"[" * 200_000, (), "half"),
    ],
)
def test_what_is_wrong_with_a_body_is_named(tmp_path: Path, body, path, fault):
    with pytest.raises(SourceBodyInvalid) as wrong:
        rows(tmp_path / "x", body, *path)
    assert wrong.value.fault == fault
    assert wrong.value.sentence.id != wrong.value.sentence.en


def test_a_row_nested_two_hundred_thousand_deep_goes_to_the_gate_as_it_is(tmp_path: Path):
    deep = b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert rows(tmp_path / "x", b"[" + deep + b"]") == [deep]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=4), values, max_size=4), max_size=6), st.booleans()
)
def test_whatever_json_holds_comes_out_equal(tmp_path_factory, served, pretty: bool):
    file = tmp_path_factory.getbasetemp() / "served.json"
    body = json.dumps({"x": [served], "d": served}, indent=2 if pretty else None).encode()
    assert [json.loads(row) for row in rows(file, body, "d")] == served


def test_a_cursor_is_read_wherever_it_stands(tmp_path: Path):
    file = tmp_path / "x"
    file.write_bytes(b'{"data":[{"next":1}],"meta":{"next":"abc","n":3,"o":null}}')
    with JsonRows(file) as body:
        assert body.value(("meta", "next")) == "abc"
        assert body.value(("meta", "n")) == 3
        assert body.value(("meta", "o")) is None
        assert body.value(("meta", "absent")) is None
        assert body.value(("data", "next")) is None
