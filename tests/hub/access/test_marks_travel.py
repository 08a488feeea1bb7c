"""A cell that is reported wrong is marked in every form in which its row leaves, for whoever may see it."""

import csv
import io
import json
import time
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from catalog import marks
from catalog.joining import COLUMN
from catalog.marks import Mark
from hub.access.reader import reader_of
from hub.access.vault import digest_of
from hub.app import create_app
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.identifiers import new_id
from hub.settings import Settings
from tests.hub.conftest import BASE

SAID = '{"nilai": "dalam penelitian"}'


@pytest.fixture
def mark(hub):
    """Mark cells as the report of a reader does; returns the ids."""
    state = hub.app.state
    secret = reader_of(state.settings, state.engine, state.evidence).secret

    def put(dataset: str, key: str, field: str, value: Any) -> str:
        text = None if value is None else str(value)
        row = Mark(
            id=f"LDS-2026-{new_id()}",
            dataset=dataset,
            key={"kode": key},
            field=field,
            value=digest_of(secret)(text),
            opened_at=real_now(),
        )
        with unit_of_work(state.engine) as session:
            marks.put(session, row, new_id())
        return row.id

    return put


def rows_in(answer) -> list[dict[str, Any]]:
    """The rows of an answer in whatever format it came."""
    assert answer.status_code == 200, answer.text
    kind = answer.headers["content-type"].split(";")[0].rsplit("/", 1)[-1]
    match kind:
        case "json":
            body = answer.json()
            return body["items"] if isinstance(body, dict) else body
        case "x-ndjson":
            return [json.loads(line) for line in answer.text.splitlines()]
        case "csv":
            return list(csv.DictReader(io.StringIO(answer.text)))
        case "vnd.apache.parquet":
            return pq.read_table(io.BytesIO(answer.content)).to_pylist()
        case "vnd.apache.arrow.stream":
            return pa.ipc.open_stream(answer.content).read_all().to_pylist()
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    head, *rest = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


def said_of(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["kode"]: row[COLUMN] for row in rows if row.get(COLUMN)}


FORMATS = ("json", "ndjson", "csv", "xlsx", "parquet", "arrow")


def test_a_mark_travels_in_every_format(penerima, publish_rows, make_client, mark, hub, workers):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    path, who = f"/api/v1/datasets/{dataset}/rows", make_client("analyst", "bappeda")
    before = {form: rows_in(who.get(path, params={"format": form})) for form in FORMATS}
    mark(dataset, "0003", "nilai", 3000)
    since = time.monotonic()
    for form in FORMATS:
        for params in ({"format": form}, {"format": form, "limit": 5}):
            answer = who.get(path, params=params)
            found = rows_in(answer)
            assert said_of(found) == {"0003": SAID}, (form, params)
            assert list(found[0])[-1] == COLUMN
            assert answer.headers["Simpul-Under-Research"] == "1"
    assert time.monotonic() - since < 10
    for form in FORMATS:
        found = rows_in(who.get(path, params={"format": form}))
        assert [{k: v for k, v in row.items() if k != COLUMN} for row in found] == before[form]
    whole = who.get(path, params={"download": True})
    assert said_of(whole.json()) == {"0003": SAID}
    assert who.get(path).json()["under_research"] == 1
    sample = who.get(f"/api/v1/datasets/{dataset}/sample")
    assert said_of(sample.json()["items"]) == {"0003": SAID}


def test_a_mark_travels_in_changes_and_goes_with_the_wrong_value(
    penerima, publish_rows, make_client, mark
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    who, base = make_client(), f"/api/v1/datasets/{dataset}"
    made = mark(dataset, "0003", "nilai", 3000)
    first = who.get(f"{base}/releases/1/changes").json()
    assert said_of(first["items"]) == {"0003": SAID}
    assert first["under_research"] == 1
    assert made not in json.dumps(first)
    publish_rows(dataset, [{"kode": "0003", "nilai": 3333}], "upsert")
    assert said_of(who.get(f"{base}/releases/2/changes").json()["items"]) == {}
    assert COLUMN not in who.get(f"{base}/rows").json()["items"][0]
    old = who.get(f"{base}/rows", params={"release": 1}).json()
    assert said_of(old["items"]) == {"0003": SAID}


def sql(who, text: str, **more: Any):
    return who.post("/api/v1/query", json={"sql": text, **more})


def test_sql_has_the_column_when_it_is_asked_for_or_something_is_marked(
    penerima, publish_rows, make_client, mark
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    who = make_client("analyst", "bappeda")
    star = "SELECT * FROM bpbj.penerima ORDER BY kode"
    named = f"SELECT kode, {COLUMN} FROM bpbj.penerima WHERE {COLUMN} IS NOT NULL"
    assert COLUMN not in sql(who, star).json()["columns"]
    assert sql(who, named).json()["rows"] == []
    mark(dataset, "0003", "nilai", 3000)
    answer = sql(who, star)
    body = answer.json()
    assert body["columns"][-1] == COLUMN
    assert [row[-1] for row in body["rows"]] == [None, None, SAID] + [None] * 7
    assert answer.headers["Simpul-Under-Research"] == "1"
    assert body["tables"][0]["under_research"] == 1
    assert sql(who, named).json()["rows"] == [["0003", SAID]]
    assert sql(who, "SELECT sum(nilai) AS n FROM bpbj.penerima").json()["rows"] == [[55000]]
    frame = sql(who, star, format="parquet")
    assert said_of(rows_in(frame)) == {"0003": SAID}


class TestLongAnswers:
    @pytest.fixture
    def settings(self, database_url, tmp_path):
        return Settings(
            home=tmp_path / "home", database_url=database_url, public_url=BASE, query_rows=4
        )

    def test_an_answer_that_goes_on_ends_when_marks_change(
        self, penerima, publish_rows, make_client, mark
    ):
        dataset = penerima("TERBUKA")
        publish_rows(dataset)
        who = make_client("analyst", "bappeda")
        text = "SELECT * FROM bpbj.penerima ORDER BY kode"
        following = sql(who, text).json()["next"]
        assert sql(who, text, cursor=following).status_code == 200
        mark(dataset, "0009", "nilai", 9000)
        assert sql(who, text, cursor=following).json()["type"].endswith("/cursor-invalid")


def test_another_process_shows_the_mark_at_once(
    penerima, publish_rows, make_client, mark, settings, judges, workers
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    path = f"/api/v1/datasets/{dataset}/rows"
    who = make_client("analyst", "bappeda")
    with TestClient(create_app(settings, judges=judges, workers=workers)) as other:
        other.headers["Authorization"] = who.headers["Authorization"]
        assert COLUMN not in other.get(path).json()["items"][0]
        mark(dataset, "0003", "nilai", 3000)
        assert said_of(other.get(path).json()["items"]) == {"0003": SAID}
        assert said_of(rows_in(other.get(path, params={"format": "csv"}))) == {"0003": SAID}


def test_what_a_policy_hides_is_not_marked(penerima, publish_rows, make_client, give, mark):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    reader = make_client("analyst", "bappeda")
    tree = {"eq": ["kecamatan", "Kuaro"]}
    give(reader, dataset, columns=["kode", "kecamatan", "nilai"], filter=tree)
    path = f"/api/v1/datasets/{dataset}/rows"
    mark(dataset, "0002", "nilai", 2000)  # a row behind the filter
    mark(dataset, "0003", "catatan", f"=1+3 {'KENARI-7F3A'}")  # a column that was not given
    mark(dataset, "0005", "nama", "Orang 5 (sintetis) KENARI-7F3A")
    for params in ({}, {"limit": 3}, {"format": "csv", "limit": 100}, {"columns": "kode"}):
        answer = reader.get(path, params=params)
        assert COLUMN not in answer.text
        assert "under" not in str(answer.headers).lower() + answer.text
    star = sql(reader, "SELECT * FROM bpbj.penerima")
    assert COLUMN not in star.json()["columns"]
    named = sql(reader, f"SELECT count({COLUMN}) AS n FROM bpbj.penerima")
    assert named.json()["rows"] == [[0]]
    mark(dataset, "0003", "nilai", 3000)
    assert said_of(rows_in(reader.get(path))) == {"0003": SAID}
    owner = make_client("analyst", "bpbj")
    shown = owner.get(path).json()
    assert set(said_of(shown["items"])) == {"0002", "0003", "0005"}
    assert shown["under_research"] == 3
    both = json.loads(said_of(shown["items"])["0003"])
    assert both == {"catatan": "dalam penelitian", "nilai": "dalam penelitian"}


def test_columns_asked_for_bound_what_is_marked_and_a_page_stays_what_it_was(
    penerima, publish_rows, make_client, mark
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    mark(dataset, "0003", "nilai", 3000)
    who, path = make_client(), f"/api/v1/datasets/{dataset}/rows"
    rows = who.get(path, params={"columns": "nilai", "sort": "-nilai", "limit": 8}).json()
    assert list(rows["items"][0]) == ["nilai", COLUMN]
    assert [row["nilai"] for row in rows["items"]] == [n * 1000 for n in range(10, 2, -1)]
    assert [row[COLUMN] for row in rows["items"]] == [None] * 7 + [SAID]
    rest = who.get(
        path, params={"columns": "nilai", "sort": "-nilai", "limit": 8, "cursor": rows["next"]}
    ).json()
    assert [row["nilai"] for row in rest["items"]] == [2000, 1000]
    other = who.get(path, params={"columns": "kecamatan"}).json()
    assert list(other["items"][0]) == ["kecamatan"]


def test_a_hashed_key_still_shows_the_mark_and_a_hidden_one_only_the_count(
    penerima, publish_rows, make_client, give, mark
):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    hashed, hidden = make_client("analyst", "bappeda"), make_client("analyst", "dpupr")
    give(hashed, dataset, columns=["kode", "nilai"], masks={"kode": "hash"})
    give(hidden, dataset, columns=["nilai"])
    mark(dataset, "0003", "nilai", 3000)
    path = f"/api/v1/datasets/{dataset}/rows"
    for params in ({}, {"format": "parquet", "limit": 100}):
        found = rows_in(hashed.get(path, params=params))
        assert [row["nilai"] for row in found if row[COLUMN]] == [3000]
        assert "0003" not in str(found)
    star = sql(hashed, "SELECT * FROM bpbj.penerima").json()
    place = star["columns"].index("nilai")
    assert [row[place] for row in star["rows"] if row[-1]] == [3000]
    plain = hidden.get(path)
    assert list(plain.json()["items"][0]) == ["nilai"]
    assert plain.headers["Simpul-Under-Research"] == "1"
