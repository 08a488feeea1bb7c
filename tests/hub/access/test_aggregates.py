"""Counting over data that is not given: who may see it, and that small cells stay hidden."""

import io
import json

import pyarrow.parquet as pq
import pytest
from sqlmodel import select

from hub.db import reading
from hub.ledger.models import LedgerEntry
from tests.hub.access.conftest import CANARY

PATH = "/api/v1/datasets/bpbj/penerima/aggregates"
BY_DISTRICT = {
    "name": "per-kecamatan",
    "title": "Penerima per kecamatan",
    "groups": [{"column": "kecamatan"}],
    "measures": [
        {"kind": "count"},
        {"kind": "sum", "column": "nilai"},
        {"kind": "mean", "column": "nilai"},
    ],
}


def rows():
    """Kuaro 12, Long Ikis 8, Muara Komam 9, Batu Sopang 2; one of Kuaro has nearly all its money."""
    sizes = {"Kuaro": 12, "Long Ikis": 8, "Muara Komam": 9, "Batu Sopang": 2}
    return [
        {
            "kode": f"{place}-{n:02}",
            "kecamatan": place,
            "nilai": 1000 + n,
            "penyedia": "PERORANGAN",
            "nama": f"Orang {place} {n} (sintetis) {CANARY}",
            "catatan": CANARY,
        }
        for place, size in sizes.items()
        for n in range(size)
    ]


@pytest.fixture
def steward(penerima, publish_rows, make_client):
    penerima("PRIBADI")
    publish_rows("bpbj/penerima", rows())
    return make_client("steward", "bpbj")


def test_members_see_the_counts_and_no_small_cell(hub, steward, make_client):
    made = steward.post(PATH, json=BY_DISTRICT)
    assert made.status_code == 201, made.text
    analyst = make_client("analyst", "bappeda")
    assert analyst.get("/api/v1/datasets/bpbj/penerima/rows").status_code == 403
    assert [one["name"] for one in analyst.get(PATH).json()] == ["per-kecamatan"]
    answer = analyst.get(f"{PATH}/per-kecamatan")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    cells = {cell["values"]["kecamatan"]: cell for cell in told["items"]}
    assert cells["Kuaro"]["measures"] == {
        "jumlah_baris": 12,
        "sum_nilai": 12 * 1000 + 66,
        "mean_nilai": (12 * 1000 + 66) / 12,
    }
    # The two of Batu Sopang would follow from the number of all; so the next smallest goes too.
    hidden = {place for place, cell in cells.items() if cell["suppressed"]}
    assert hidden == {"Batu Sopang", "Long Ikis"}
    assert set(cells["Batu Sopang"]["measures"].values()) == {None}
    assert (told["records"], told["withheld"]) == (31, 2)
    assert CANARY not in answer.text


def test_every_read_of_an_aggregate_is_in_the_ledger(hub, steward, make_client):
    steward.post(PATH, json=BY_DISTRICT)
    answer = make_client("analyst", "bappeda").get(f"{PATH}/per-kecamatan")
    receipt = json.loads(answer.headers["simpul-receipt"])
    with reading(hub.app.state.engine) as session:
        entry = json.loads(session.get_one(LedgerEntry, receipt["entry_id"]).body)
        kinds = {row.kind for row in session.exec(select(LedgerEntry))}
    assert (entry["kind"], entry["counts"]) == ("aggregate.read", {"rows": 4})
    assert "aggregate.defined" in kinds


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet", "ndjson", "arrow"])
def test_files_withhold_the_same_cells(steward, make_client, format):
    steward.post(PATH, json=BY_DISTRICT)
    answer = make_client("analyst", "bappeda").get(f"{PATH}/per-kecamatan?format={format}")
    assert answer.status_code == 200
    if format == "csv":
        lines = sorted(answer.text.splitlines()[1:])
        assert lines[0] == "Batu Sopang,,,,true"
        assert lines[1].startswith("Kuaro,12,12066,1005.5,false")
    if format == "parquet":
        table = pq.read_table(io.BytesIO(answer.content)).to_pydict()
        told = dict(zip(table["kecamatan"], table["jumlah_baris"], strict=True))
        assert told == {"Kuaro": 12, "Muara Komam": 9, "Batu Sopang": None, "Long Ikis": None}


def test_a_sum_that_tells_of_one_record_is_withheld(penerima, publish_rows, make_client):
    penerima("PRIBADI")
    made = rows()
    made[0]["nilai"] = 10_000_000
    publish_rows("bpbj/penerima", made)
    steward = make_client("steward", "bpbj")
    steward.post(PATH, json=BY_DISTRICT)
    cells = steward.get(f"{PATH}/per-kecamatan").json()["items"]
    assert {c["values"]["kecamatan"] for c in cells if c["suppressed"]} >= {"Kuaro", "Batu Sopang"}


def test_who_may_see_it_is_the_audience(hub, steward, make_client):
    for name, audience in (("sendiri", "agency"), ("daerah", "regency")):
        body = {**BY_DISTRICT, "name": name, "audience": audience}
        assert steward.post(PATH, json=body).status_code == 201
    seen = {
        "own": make_client("head", "bpbj"),
        "member": make_client("analyst", "bappeda"),
        "walidata": make_client("walidata", "dkisp"),
        "outsider": make_client(),
        "visitor": hub,
    }
    told = {
        who: {
            name
            for name in ("sendiri", "daerah")
            if client.get(f"{PATH}/{name}").status_code == 200
        }
        for who, client in seen.items()
    }
    assert told == {
        "own": {"sendiri", "daerah"},
        "member": {"daerah"},
        "walidata": {"daerah"},
        "outsider": set(),
        "visitor": set(),
    }
    closed = make_client("analyst", "bappeda").get(f"{PATH}/sendiri").json()
    absent = make_client("analyst", "bappeda").get(f"{PATH}/tidak-ada").json()
    assert closed["title"] == absent["title"]
    assert closed["detail"].replace("sendiri", "x") == absent["detail"].replace("tidak-ada", "x")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"groups": [{"column": "nama"}]}, 422),
        ({"groups": [{"column": "penyedia"}]}, 422),
        ({"groups": [{"column": "tidakada"}]}, 422),
        ({"groups": [{"column": "kecamatan"}, {"column": "kecamatan"}]}, 422),
        ({"groups": [{"column": "kecamatan"}] * 4}, 422),
        ({"measures": [{"kind": "sum"}]}, 422),
        ({"measures": [{"kind": "count", "column": "nilai"}]}, 422),
        ({"k": 2}, 422),
        ({"audience": "public"}, 422),
        ({"audience": "siapa saja"}, 422),
        ({"name": "Nama Buruk"}, 422),
        ({"lain": 1}, 422),
        ({"groups": [{"column": "kecamatan", "form": "hash"}]}, 422),
        ({"groups": [{"column": "nama", "form": "region:district"}]}, 201),
    ],
)
def test_what_may_be_counted(steward, change, status):
    answer = steward.post(PATH, json=BY_DISTRICT | change)
    assert answer.status_code == status, answer.text


def test_only_the_producer_and_the_walidata_define_and_withdraw(steward, make_client):
    for role, agency in (("analyst", "bpbj"), ("steward", "bappeda"), ("auditor", "itda")):
        assert make_client(role, agency).post(PATH, json=BY_DISTRICT).status_code == 403
    assert steward.post(PATH, json=BY_DISTRICT).status_code == 201
    assert steward.post(PATH, json=BY_DISTRICT).status_code == 409
    assert make_client("steward", "bappeda").delete(f"{PATH}/per-kecamatan").status_code == 403
    assert steward.delete(f"{PATH}/per-kecamatan").status_code == 204
    assert steward.delete(f"{PATH}/per-kecamatan").status_code == 404
    assert steward.get(f"{PATH}/per-kecamatan").status_code == 404


def test_a_column_that_cannot_be_summed_is_refused(steward):
    body = BY_DISTRICT | {"measures": [{"kind": "sum", "column": "catatan"}]}
    assert steward.post(PATH, json=body).status_code == 422
