"""Yes or no for records that somebody shows, and nothing of the data."""

import json

import pytest

from hub.db import reading
from hub.ledger.models import LedgerEntry

PATH = "/api/v1/datasets/bpbj/penerima/verifications"
NAME = "Orang {n} (sintetis) KENARI-7F3A"


@pytest.fixture
def checker(penerima, publish_rows, make_client, give):
    """An analyst whose agency may compare key, name and district, and read nothing."""
    dataset = penerima("PRIBADI")
    publish_rows(dataset)
    analyst = make_client("analyst", "dinsos")
    give(analyst, dataset, use="verify", columns=["kode", "nama", "kecamatan", "nilai"])
    return analyst


def asked(who, *rows, **more):
    answer = who.post(PATH, json={"rows": list(rows), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def test_right_records_match_and_wrong_ones_do_not(checker):
    right = {"kode": "0003", "nama": NAME.format(n=3)}
    assert asked(
        checker,
        right,
        right | {"nama": "  orang  3 (SINTETIS) kenari-7f3a "},
        right | {"nama": NAME.format(n=4)},
        right | {"kode": "9999"},
        right | {"nama": None},
        right | {"kode": "3"},
    ) == ["cocok", "cocok", "tidak_cocok", "tidak_cocok", "tidak_cocok", "tidak_cocok"]
    assert asked(
        checker,
        {"kode": "0003", "nilai": 3000},
        {"kode": "0003", "nilai": "3000"},
        {"kode": "0003", "nilai": 3000.0},
        {"kode": "0003", "nilai": "tiga ribu"},
        {"kode": "0003", "nilai": ""},
    ) == ["cocok", "cocok", "cocok", "tidak_cocok", "tidak_cocok"]


def test_a_number_near_the_true_one_is_another_number(checker):
    """Rounded into its column it would match, and a search for it would need half the questions."""
    near = (3000.4, 2999.6, "3000.01", "2999.999", "3e3")
    assert set(asked(checker, *({"kode": "0003", "nilai": said} for said in near))) == {
        "tidak_cocok"
    }


def test_nothing_is_empty_and_only_nothing(penerima, publish_rows, make_client, give):
    dataset = penerima("PRIBADI")
    publish_rows(
        dataset, [{"kode": "A", "nilai": None, "nama": None}, {"kode": "B", "nilai": 0, "nama": ""}]
    )
    analyst = make_client("analyst", "dinsos")
    give(analyst, dataset, use="verify", columns=["kode", "nama", "nilai"])
    assert asked(
        analyst,
        {"kode": "A", "nilai": None},
        {"kode": "A", "nilai": "x"},
        {"kode": "A", "nilai": 0},
        {"kode": "B", "nilai": None},
        {"kode": "B", "nilai": 0},
    ) == ["cocok", "tidak_cocok", "tidak_cocok", "tidak_cocok", "cocok"]


def test_a_grant_for_verification_opens_no_row(checker):
    base = "/api/v1/datasets/bpbj/penerima"
    for path in ("rows", "rows?format=csv", "sample", "profile", "releases/1/changes"):
        assert checker.get(f"{base}/{path}").status_code == 403, path
    sql = checker.post("/api/v1/query", json={"sql": "SELECT * FROM bpbj.penerima"})
    assert sql.status_code in (403, 422)


def test_a_grant_to_read_does_not_verify_and_a_stranger_neither(
    penerima, publish_rows, make_client, give, hub
):
    dataset = penerima("PRIBADI")
    publish_rows(dataset)
    reader = make_client("analyst", "bappeda")
    give(reader, dataset, columns=["kode", "nama"])
    body = {"rows": [{"kode": "0003"}]}
    assert reader.post(PATH, json=body).status_code == 403
    assert make_client("walidata", "dkisp").post(PATH, json=body).status_code == 403
    assert make_client().post(PATH, json=body).status_code == 403
    assert hub.post(PATH, json=body).status_code == 401


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([{"nama": "Orang 3"}], 422),
        ([{"kode": None}], 422),
        ([{"kode": "0001"}, {"kode": "0002", "nama": "x"}], 422),
        ([{"kode": "0001", "catatan": "x"}], 422),
        ([{"kode": "0001", "tidakada": "x"}], 422),
        ([], 422),
        ([{}], 422),
        ([{"kode": ["0001"]}], 422),
        ([{"kode": "0001"}] * 1001, 422),
        ([{"kode": "'; DROP TABLE given; --"}], 200),
    ],
)
def test_what_may_be_asked(checker, rows, status):
    answer = checker.post(PATH, json={"rows": rows})
    assert answer.status_code == status, answer.text
    assert "KENARI" not in answer.text


def test_columns_outside_the_grant_and_columns_that_do_not_exist_look_alike(checker):
    outside = checker.post(PATH, json={"rows": [{"kode": "0001", "catatan": "x"}]}).json()
    absent = checker.post(PATH, json={"rows": [{"kode": "0001", "tidakada": "x"}]}).json()
    hide = json.dumps(outside).replace("catatan", "?")
    assert hide == json.dumps(absent).replace("tidakada", "?")


def test_the_ledger_keeps_how_many_were_asked_and_matched(hub, checker):
    answer = checker.post(
        PATH, json={"rows": [{"kode": "0003"}, {"kode": "0004"}, {"kode": "zzz"}]}
    )
    receipt = json.loads(answer.headers["simpul-receipt"])
    with reading(hub.app.state.engine) as session:
        entry = json.loads(session.get_one(LedgerEntry, receipt["entry_id"]).body)
    assert (entry["kind"], entry["counts"]) == ("verify.read", {"matched": 2, "rows": 3})
    assert "0003" not in json.dumps(entry["target"])


def test_every_record_counts_against_the_quota(penerima, publish_rows, make_client, give):
    dataset = penerima("PRIBADI")
    publish_rows(dataset)
    analyst = make_client("analyst", "dinsos")
    give(analyst, dataset, use="verify", columns=["kode", "nama"], daily_rows=3)
    assert asked(analyst, {"kode": "0001"}, {"kode": "zzz"}) == ["cocok", "tidak_cocok"]
    answer = analyst.post(PATH, json={"rows": [{"kode": "0001"}, {"kode": "0002"}]})
    assert answer.status_code == 429, answer.text
    assert asked(analyst, {"kode": "0002"}) == ["cocok"]


def test_rows_outside_the_filter_of_the_grant_do_not_match(
    penerima, publish_rows, make_client, give
):
    dataset = penerima("PRIBADI")
    publish_rows(dataset)
    analyst = make_client("analyst", "dinsos")
    give(analyst, dataset, use="verify", columns=["kode"], filter={"eq": ["kecamatan", "Kuaro"]})
    assert asked(analyst, {"kode": "0003"}, {"kode": "0004"}) == ["cocok", "tidak_cocok"]
