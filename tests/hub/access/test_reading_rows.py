"""Rows through a decision, over HTTP: who reads what, in which form."""

import csv
import io
import itertools
import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq


def test_the_story_of_a_restricted_dataset(penerima, publish_rows, make_client, hub):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    analyst, head = make_client("analyst", "bappeda"), make_client("head", "bpbj")
    path = f"/api/v1/datasets/{dataset}/rows"

    refused = analyst.get(path)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["request"] == f"/api/v1/datasets/{dataset}/requests"
    assert hub.get(path).status_code == 401

    asked = analyst.post(problem["request"], json={"purpose": "Riset", "basis": "Tupoksi"}).json()
    assert analyst.get(path).status_code == 403
    decision = f"/api/v1/requests/{asked['id']}/decision"
    grant = head.post(decision, json={"decision": "approve"}).json()["grant"]

    answer = analyst.get(path)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [row["kode"] for row in body["items"]] == [f"{n:04}" for n in range(1, 11)]
    assert (body["release"], body["grant"], body["next"]) == (1, grant, None)

    head.request("DELETE", f"/api/v1/grants/{grant}", json={"reason": "Tujuan selesai"})
    assert analyst.get(path).status_code == 403


def test_pages_filters_sorts_and_columns(penerima, publish_rows, make_client):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    path = f"/api/v1/datasets/{dataset}/rows"
    who = make_client()
    first = who.get(path, params={"limit": 4, "columns": "kode,nilai", "sort": "-nilai"}).json()
    assert [row["nilai"] for row in first["items"]] == [10000, 9000, 8000, 7000]
    assert list(first["items"][0]) == ["kode", "nilai"]
    rest = {"limit": 9, "columns": "kode,nilai", "sort": "-nilai", "cursor": first["next"]}
    assert who.get(path, params=rest).json()["items"][0]["nilai"] == 6000
    found = who.get(path, params={"filter": "nilai>=9000"}).json()["items"]
    assert len(found) == 2
    tree = json.dumps({"in": ["kode", ["0001", "0003"]]})
    assert len(who.get(path, params={"filter": tree}).json()["items"]) == 2


BAD_QUESTIONS = [
    ({"filter": "nilai>>3"}, 422),
    ({"filter": "tiada=3"}, 422),
    ({"filter": "nama=x"}, 422),
    ({"filter": "nilai=abc"}, 422),
    ({"sort": "tiada"}, 422),
    ({"sort": "nama"}, 422),
    ({"columns": "tiada"}, 422),
    ({"cursor": "AAAA"}, 422),
    ({"limit": 0}, 422),
    ({"limit": 100_000}, 422),
    ({"release": 9}, 404),
    ({"release": 0}, 422),
    ({"format": "exe"}, 422),
]


def test_a_question_that_cannot_be_answered_says_why(penerima, publish_rows, make_client):
    dataset, who = penerima("TERBUKA"), make_client()
    publish_rows(dataset)
    for params, status in BAD_QUESTIONS:
        answer = who.get(f"/api/v1/datasets/{dataset}/rows", params=params)
        assert answer.status_code == status, (params, answer.text)
        assert answer.json()["type"].startswith("/problems/")


def test_a_hidden_column_and_an_absent_one_are_refused_in_the_same_words(
    penerima, publish_rows, make_client, give
):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    analyst = make_client("analyst", "bappeda")
    give(analyst, dataset, columns=["kode", "nilai"])
    path = f"/api/v1/datasets/{dataset}/rows"
    for place in ("columns", "filter", "sort"):
        told = []
        for name in ("catatan", "tiada__"):
            value = f"{name}=a" if place == "filter" else name
            answer = analyst.get(path, params={place: value})
            assert answer.status_code == 422
            told.append(answer.text.replace(name, "X"))
        assert told[0] == told[1]


def _csv(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def _xlsx(content):
    head, *rest = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


READERS = {
    "csv": _csv,
    "ndjson": lambda content: [json.loads(line) for line in content.splitlines()],
    "xlsx": _xlsx,
    "parquet": lambda content: pq.read_table(io.BytesIO(content)).to_pylist(),
    "arrow": lambda content: pa.ipc.open_stream(content).read_all().to_pylist(),
}


def test_every_format_carries_the_permitted_rows_whole_or_by_the_page(
    penerima, publish_rows, make_client
):
    dataset, who = penerima("TERBUKA"), make_client()
    publish_rows(dataset)
    for format, limit in itertools.product(READERS, (None, 3)):
        params = {"format": format} | ({"limit": limit} if limit else {})
        answer = who.get(f"/api/v1/datasets/{dataset}/rows", params=params)
        assert answer.status_code == 200, answer.text
        rows = READERS[format](answer.content)
        assert [row["kode"] for row in rows] == [f"{n:04}" for n in range(1, (limit or 10) + 1)]
        assert all(row["nama"] in (None, "") for row in rows)
        name = f'attachment; filename="bpbj-penerima-r1.{format}"'
        assert answer.headers["content-disposition"] == name
        assert answer.headers["cache-control"] == "no-store"
        assert ("simpul-next" in answer.headers) == (limit is not None)
    whole = who.get(f"/api/v1/datasets/{dataset}/rows?format=json&download=true")
    assert [row["kode"] for row in whole.json()] == [f"{n:04}" for n in range(1, 11)]


def test_nothing_of_a_download_stays_on_the_disk(hub, penerima, publish_rows, make_client):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    make_client().get(f"/api/v1/datasets/{dataset}/rows?format=csv")
    rooms = hub.app.state.settings.work / "answers"
    assert list(rooms.iterdir()) == []


def test_samples_profiles_and_changes_show_what_the_rows_show(penerima, publish_rows, make_client):
    from tests.hub.access.conftest import ROWS

    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    publish_rows(dataset, [{**ROWS[0], "nilai": 5}, *ROWS[2:], {"kode": "0099", "nama": "Baru"}])
    who, path = make_client(), f"/api/v1/datasets/{dataset}"
    sample = who.get(f"{path}/sample?size=2&release=1").json()
    assert [row["kode"] for row in sample["items"]] == ["0001", "0002"]
    profile = who.get(f"{path}/profile").json()
    by_name = {column["column"]: column for column in profile["items"]}
    assert profile["rows"] == 10
    assert by_name["nama"]["empty"] == 1
    assert by_name["nilai"]["lowest"] == "5"
    changes = who.get(f"{path}/releases/2/changes").json()
    assert (changes["added"], changes["changed"], changes["removed"]) == (1, 1, 1)
    assert {c["kode"]: c["_perubahan"] for c in changes["items"]} == {
        "0001": "berubah",
        "0002": "hapus",
        "0099": "baru",
    }
    first = who.get(f"{path}/releases/2/changes?since=0&limit=7").json()
    assert first["added"] == 10
    rest = who.get(f"{path}/releases/2/changes?since=0&limit=7&cursor={first['next']}").json()
    assert len(first["items"] + rest["items"]) == 10
    assert rest["next"] is None
    assert who.get(f"{path}/releases/1/changes?since=1").status_code == 404
