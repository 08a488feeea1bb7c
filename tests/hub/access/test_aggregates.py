"""Counting over data that is not given: who may see it, and that small cells stay hidden."""

import io
import itertools
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


def people(places, **said):
    """One row for each of so many people of each place; `said` gives a column by place and number."""
    numbers = itertools.count(1)
    return [
        {
            "kode": f"{next(numbers):04}",
            "kecamatan": place,
            "nilai": 100,
            "penyedia": "PERORANGAN",
            "nama": "Orang (sintetis)",
            "catatan": CANARY,
            **{name: value(place, n) for name, value in said.items()},
        }
        for place, size in places.items()
        for n in range(size)
    ]


def counted(steward, made, *bodies):
    """Define aggregates, then read all: the cells of each by their values."""
    for body in bodies:
        answer = steward.post(PATH, json={"title": "Uji hitung", **body})
        assert answer.status_code == 201, answer.text
    told = []
    for body in bodies:
        items = steward.get(f"{PATH}/{body['name']}").json()["items"]
        told.append({tuple(i["values"].values()): i for i in items})
    return told


def shown(table):
    return {values for values, cell in table.items() if not cell["suppressed"]}


@pytest.fixture
def counting(penerima, publish_rows, make_client):
    """Publish rows; a function that lets them be counted."""
    penerima("PRIBADI")

    def publish(rows, *bodies):
        publish_rows("bpbj/penerima", rows)
        return counted(make_client("steward", "bpbj"), rows, *bodies)

    return publish


SIZES = {"64.01.01": 3, "64.01.02": 20, "64.01.03": 30, "64.02.01": 7, "64.02.02": 40}


def test_a_coarser_form_of_a_column_cannot_be_subtracted(counting):
    """The smallest companion of 64.01.01 lies in another regency, whose total would tell of both."""
    fine, coarse = counting(
        people(SIZES),
        {"name": "kecamatan", "groups": [{"column": "kecamatan", "form": "region:district"}]},
        {"name": "kabupaten", "groups": [{"column": "kecamatan", "form": "region:regency"}]},
    )
    assert shown(coarse) == {("64.01",), ("64.02",)}
    hidden = [values[0] for values in fine.keys() - shown(fine)]
    assert "64.01.01" in hidden
    assert sum(place.startswith("64.01") for place in hidden) >= 2


def test_a_column_that_is_coarser_than_another_cannot_be_subtracted(counting):
    """Villages and their districts stand in two columns, as registers have them."""
    fine, coarse = counting(
        people(
            {"Desa A1": 3, "Desa A2": 20, "Desa B1": 7, "Desa B2": 40},
            catatan=lambda place, n: place,
            kecamatan=lambda place, n: place[5],
        ),
        {"name": "desa", "groups": [{"column": "catatan"}]},
        {"name": "kecamatan", "groups": [{"column": "kecamatan"}]},
    )
    assert shown(coarse) == {("A",), ("B",)}
    assert fine.keys() - shown(fine) >= {("Desa A1",), ("Desa A2",)}


def test_a_small_total_is_no_sum_of_cells_of_a_finer_table(counting):
    """Kuaro has 3; its companion Muara has two sexes of many, which would add up to what is hidden."""
    fine, coarse = counting(
        people(
            {"Kuaro": 3, "Muara": 14, "Tanjung": 60},
            catatan=lambda place, n: "LP"[n % 2],
        ),
        {"name": "menurut", "groups": [{"column": "kecamatan"}, {"column": "catatan"}]},
        {"name": "kecamatan", "groups": [{"column": "kecamatan"}]},
    )
    hidden = {values[0] for values in coarse.keys() - shown(coarse)}
    assert hidden == {"Kuaro", "Muara"}
    for place in hidden:
        assert not {(place, "L"), (place, "P")} <= shown(fine)


def test_two_aggregates_by_the_same_columns_withhold_the_same_cells(counting):
    """Else a companion of the one would be told by the other, and the small cell by subtraction."""
    money = {"name": "uang", "groups": [{"column": "kecamatan"}]}
    number, summed, larger = counting(
        people(
            {"A": 2, "B": 8, "C": 9, "D": 30},
            nilai=lambda place, n: 10**6 if (place, n) == ("D", 0) else 10,
        ),
        {"name": "jumlah", "groups": [{"column": "kecamatan"}]},
        {**money, "measures": [{"kind": "sum", "column": "nilai"}]},
        {"name": "besar", "groups": [{"column": "kecamatan"}], "k": 9},
    )
    assert ("A",) not in shown(number)
    assert shown(number) == shown(summed) == shown(larger)


def test_what_is_left_of_a_sum_does_not_tell_of_one_record(counting):
    """A is one rich record; with only the 6 poor ones of B beside it, the rest of the total is its."""
    by_place, by_kind = counting(
        people(
            {"A": 1, "B": 6, "C": 30, "D": 30},
            nilai=lambda place, n: 3000 if place == "A" else 1 if place == "B" else 100,
            catatan=lambda place, n: "satu",
        ),
        {
            "name": "tempat",
            "groups": [{"column": "kecamatan"}],
            "measures": [{"kind": "sum", "column": "nilai"}],
        },
        {
            "name": "semua",
            "groups": [{"column": "catatan"}],
            "measures": [{"kind": "sum", "column": "nilai"}],
        },
    )
    total = by_kind["satu",]["measures"]["sum_nilai"]
    rest = total - sum(by_place[values]["measures"]["sum_nilai"] for values in shown(by_place))
    assert 3000 / rest <= 0.85
