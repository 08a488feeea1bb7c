"""The terms of a contract: masks that fit, approvals that are narrower and never wider, successors."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.db import reading
from hub.grants.models import Grant
from hub.grants.signing import flaw
from tests.hub.grants.conftest import ASKED, COLUMNS

USULAN = ("e-musrenbang/usulan-musrenbang", "1.0.0")


@pytest.fixture
def usulan(make_dataset):
    """A dataset with regions, dates of birth in a NIK, and personal columns."""
    return make_dataset("TERBATAS", "usulan", "bpbj", schema=USULAN)


def ask(who, dataset, **more):
    return who.post(f"/api/v1/datasets/{dataset}/requests", json=ASKED | more)


def grant_of(who, grant):
    return next(one for one in who.get("/api/v1/grants").json()["items"] if one["id"] == grant)


FITTING = [
    ("judul_usulan", "hide"),
    ("nama_pengusul", "hash"),
    ("nik_pengusul", "last_four"),
    ("kode_wilayah", "region:province"),
    ("kode_wilayah", "region:regency"),
    ("kode_wilayah", "region:district"),
    ("berkas", "hide"),
]
UNFITTING = [
    ("judul_usulan", "year"),
    ("judul_usulan", "region:regency"),
    ("kode_skpd_tujuan", "region:district"),
    ("rt", "region:district"),
    ("nik_pengusul", "region:province"),
    ("volume", "last_four"),
    ("berkas", "hash"),
    ("judul_usulan", "blur"),
    ("judul_usulan", "HIDE"),
    ("judul_usulan", ""),
    ("prioritas", "hide"),
    ("tiada", "hide"),
]


def test_a_mask_must_be_one_and_fit_its_column(usulan, analyst, head, approves):
    columns = ["judul_usulan", "nama_pengusul", "nik_pengusul", "kode_wilayah", "berkas", "volume"]
    columns += ["kode_skpd_tujuan", "rt"]
    for column, kind in FITTING:
        answer = ask(analyst, usulan, columns=columns, masks={column: kind})
        assert answer.status_code == 201, answer.text
    for column, kind in UNFITTING:
        answer = ask(analyst, usulan, columns=columns, masks={column: kind})
        assert answer.status_code == 422, (column, kind)
        assert answer.json()["member"] == f"masks.{column}", answer.text
        assert answer.json()["detail"]
    unnamed = ask(analyst, usulan, masks={"nik_pengusul": "hash"})
    assert unnamed.status_code == 422
    assert unnamed.json()["columns"] == ["nik_pengusul"]
    given = approves(
        ask(analyst, usulan, columns=columns, masks={"nik_pengusul": "hash"}).json()["id"]
    )
    assert grant_of(analyst, given["grant"])["masks"] == {"nik_pengusul": "hash"}


def test_a_date_shows_its_year(make_dataset, analyst):
    dataset = make_dataset("TERBATAS")
    for column in ("tgl_kontrak", "tgl_penetapan_status_kontrak"):
        assert ask(analyst, dataset, masks={column: "year"}).status_code == 201
    code = ask(analyst, dataset, masks={"kd_satker_str": "region:regency"})
    assert code.status_code == 422
    assert "region" not in code.json()["masks"]


def test_what_is_stored_follows_the_class_unless_it_is_asked_for(usulan, make_dataset, analyst):
    def stored(answer):
        return analyst.get(f"/api/v1/requests/{answer.json()['id']}").json()["may_store"]

    assert stored(ask(analyst, make_dataset("TERBATAS"))) is True
    assert stored(ask(analyst, usulan, columns=["nik_pengusul"])) is False
    assert stored(ask(analyst, usulan, columns=["nik_pengusul"], may_store=True)) is True


def test_a_request_says_its_use_and_its_quota(analyst, usulan, approves):
    for wrong in ({"use": "write"}, {"daily_rows": 0}, {"daily_rows": -1}, {"daily_rows": 1.5}):
        assert ask(analyst, usulan, **wrong).status_code == 422, wrong
    asked = ask(analyst, usulan, use="verify", daily_rows=500).json()["id"]
    given = grant_of(analyst, approves(asked)["grant"])
    assert (given["use"], given["daily_rows"]) == ("verify", 500)


UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=90)
EARLIER, LATER = (UNTIL + timedelta(days=days) for days in (-30, 30))
NARROWER = [
    ({"columns": ["no_kontrak"]}, "columns", ["no_kontrak"]),
    ({"filter": {"eq": ["tahun_anggaran", 2025]}}, "filter",
     {"and": [{"gt": ["nilai_kontrak", 5]}, {"eq": ["tahun_anggaran", 2025]}]}),
    ({"masks": {"no_kontrak": "hide"}}, "masks", {"no_kontrak": "hide", "nilai_kontrak": "hash"}),
    ({"daily_rows": 10}, "daily_rows", 10),
    ({"may_store": False}, "may_store", False),
    ({"until": EARLIER.isoformat()}, "expires_at", EARLIER),
]  # fmt: skip
WIDER = [
    ({"columns": ["no_kontrak", "nama_satker"]}, "columns"),
    ({"columns": ["tiada"]}, "columns"),
    ({"filter": {"eq": ["tiada", 1]}}, "filter"),
    ({"filter": {"drop": "table"}}, "filter"),
    ({"masks": {"nilai_kontrak": "last_four"}}, "masks.nilai_kontrak"),
    ({"masks": {"nama_satker": "hide"}}, "masks.nama_satker"),
    ({"masks": {"no_kontrak": "year"}}, "masks.no_kontrak"),
    ({"daily_rows": 101}, "daily_rows"),
    ({"until": LATER.isoformat()}, "until"),
    ({"until": "2020-01-01"}, "until"),
]


@pytest.fixture
def wish(make_dataset, analyst):
    """A request with something in every member; makes a new one each time."""
    dataset = make_dataset("TERBATAS")

    def make(**more):
        terms = {
            "columns": COLUMNS,
            "filter": {"gt": ["nilai_kontrak", 5]},
            "masks": {"nilai_kontrak": "hash"},
            "daily_rows": 100,
            "until": UNTIL.isoformat(),
        }
        return ask(analyst, dataset, **(terms | more)).json()["id"]

    return make


def test_an_approval_may_be_narrower_in_every_member(hub, wish, analyst, approves):
    for terms, member, expected in NARROWER:
        request = wish()
        given = grant_of(analyst, approves(request, **terms)["grant"])
        found = given[member]
        if isinstance(expected, datetime):
            found = datetime.fromisoformat(found)
        assert found == expected, member
        untouched = {"columns": COLUMNS, "daily_rows": 100, "may_store": True} | {
            member: given[member]
        }
        assert {name: given[name] for name in untouched} == untouched
        asked = analyst.get(f"/api/v1/requests/{request}").json()
        assert (asked["columns"], asked["daily_rows"], asked["may_store"]) == (COLUMNS, 100, True)
        with reading(hub.app.state.engine) as session:
            assert flaw(session, session.get_one(Grant, given["id"])) is None


def test_an_approval_is_never_wider_and_says_in_which_member(wish, head, analyst):
    request = wish()
    for terms, member in WIDER:
        body = {"decision": "approve", "terms": terms}
        answer = head.post(f"/api/v1/requests/{request}/decision", json=body)
        assert answer.status_code == 422, terms
        assert answer.json()["member"] == member, answer.text
    storing = wish(may_store=False)
    body = {"decision": "approve", "terms": {"may_store": True}}
    answer = head.post(f"/api/v1/requests/{storing}/decision", json=body)
    assert (answer.status_code, answer.json()["member"]) == (422, "may_store")
    assert analyst.get(f"/api/v1/requests/{request}").json()["state"] == "diajukan"


def test_no_personal_column_comes_with_a_request_for_everything(usulan, analyst, head):
    request = ask(analyst, usulan).json()["id"]
    body = {"decision": "approve", "terms": {"columns": ["judul_usulan", "nik_pengusul"]}}
    answer = head.post(f"/api/v1/requests/{request}/decision", json=body)
    assert (answer.status_code, answer.json()["member"]) == (422, "columns")
    body["terms"] = {"columns": ["judul_usulan"]}
    assert head.post(f"/api/v1/requests/{request}/decision", json=body).status_code == 200


@pytest.mark.parametrize(
    ("asked", "given", "narrower"),
    [
        (None, "hash", True),
        ("region:district", "region:province", True),
        ("region:district", "hide", True),
        ("region:province", "region:district", False),
        ("hide", "hash", False),
        ("hash", "last_four", False),
        ("hash", "hash", True),
    ],
)
def test_which_mask_shows_less(asked, given, narrower):
    from hub.grants.masks import shows_no_more

    assert shows_no_more(given, asked) is narrower


# A change is a new contract


def test_an_extension_is_a_new_contract_that_ends_the_old_one(
    wish, analyst, head, approves, make_client
):
    request = wish()
    old = approves(request, masks={"no_kontrak": "hide"})["grant"]
    path = f"/api/v1/requests/{request}/extension"
    assert make_client("analyst", "dinkes").post(path, json={}).status_code == 404
    assert head.post(path, json={}).status_code in (403, 409)
    asked = analyst.post(path, json={"until": LATER.isoformat()})
    assert asked.status_code == 201, asked.text
    assert grant_of(analyst, old)["state"] == "aktif"
    new = grant_of(analyst, approves(asked.json()["id"])["grant"])
    assert new["supersedes"] == old
    assert datetime.fromisoformat(new["expires_at"]) == LATER
    assert new["masks"] == {"nilai_kontrak": "hash", "no_kontrak": "hide"}
    ended = grant_of(analyst, old)
    assert (ended["state"], ended["revoke_reason"]) == ("dicabut", f"Digantikan {new['id']}.")
    assert analyst.post(path, json={}).status_code == 409


def test_a_change_names_the_running_grant_of_the_same_reader(
    wish, analyst, approves, make_client, make_dataset, asks
):
    old = approves(wish())["grant"]
    stranger = make_client("analyst", "dinkes")
    dataset = "bpbj/kontrak-nontender"
    assert ask(stranger, dataset, supersedes=old).status_code == 404
    assert ask(analyst, dataset, supersedes="HA-2025-09999").status_code == 404
    other = make_dataset("TERBATAS", "lain")
    assert ask(analyst, other, supersedes=old).status_code == 409
    new = approves(ask(analyst, dataset, columns=["no_kontrak"], supersedes=old).json()["id"])[
        "grant"
    ]
    assert grant_of(analyst, old)["state"] == "dicabut"
    assert grant_of(analyst, new)["columns"] == ["no_kontrak"]
    assert ask(analyst, dataset, supersedes=old).status_code == 409
