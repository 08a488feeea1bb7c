"""Deciding and taking back: by whom, on which grounds, seen by whom."""

import pytest

ASKED = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi Bappeda pasal 4"}
APPROVE = {"decision": "approve", "reason": "Sesuai tupoksi"}


@pytest.fixture
def analyst(make_client):
    return make_client("analyst", "bappeda")


@pytest.fixture
def head(make_client):
    return make_client("head", "bpbj")


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


@pytest.fixture
def request_id(make_dataset, analyst):
    dataset = make_dataset("TERBATAS")
    return analyst.post(f"/api/v1/datasets/{dataset}/requests", json=ASKED).json()["id"]


def decide(who, request_id, body=APPROVE):
    return who.post(f"/api/v1/requests/{request_id}/decision", json=body)


@pytest.mark.parametrize("by", ["head", "walidata"])
def test_the_producers_head_or_the_walidata_approves(by, request, request_id, analyst):
    answer = decide(request.getfixturevalue(by), request_id)
    assert answer.status_code == 200, answer.text
    seen = analyst.get(f"/api/v1/requests/{request_id}").json()
    assert seen["state"] == "aktif"
    assert seen["grant"] == answer.json()["grant"]
    assert seen["decided_by"] == request.getfixturevalue(by).client_id
    assert decide(request.getfixturevalue(by), request_id).status_code == 409


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [
        ("steward", "bpbj", 403),
        ("analyst", "bpbj", 404),
        ("head", "bappeda", 403),
        ("head", "dinkes", 404),
        ("walidata", "bappeda", 403),
        ("auditor", "inspektorat", 404),
        (None, None, 404),
    ],
)
def test_nobody_else_decides_and_strangers_do_not_even_see_it(
    role, agency, status, make_client, request_id
):
    who = make_client(role, agency)
    assert decide(who, request_id).status_code == status
    seen = who.get(f"/api/v1/requests/{request_id}").status_code
    listed = [item["id"] for item in who.get("/api/v1/requests").json()["items"]]
    assert (seen == 404) == (status == 404) == (listed == [])


def test_a_refusal_needs_a_ground_of_the_closed_list_and_a_written_reason(
    request_id, analyst, head
):
    for body in (
        {"decision": "refuse", "reason": "Menunggu izin pimpinan"},
        {"decision": "refuse", "ground": "T14", "reason": "Menunggu izin pimpinan"},
        {"decision": "refuse", "ground": "T13", "reason": "tidak"},
        {"decision": "perhaps", "reason": "Menunggu izin pimpinan"},
    ):
        assert decide(head, request_id, body).status_code == 422, body
    refused = {
        "decision": "refuse",
        "ground": "T13",
        "reason": "Cukup no_kontrak dan nilai_kontrak.",
    }
    assert decide(head, request_id, refused).json()["state"] == "ditolak"
    seen = analyst.get(f"/api/v1/requests/{request_id}").json()
    assert seen["ground"]["code"] == "T13"
    assert seen["ground"]["also"] == "Sebutkan kolom yang cukup."
    assert seen["grant"] is None
    assert analyst.get("/api/v1/grants").json()["items"] == []


def test_the_closed_list_can_be_read(head):
    codes = [ground["code"] for ground in head.get("/api/v1/requests/grounds").json()]
    assert codes == [f"T{n:02}" for n in range(1, 14)]


def test_lists_show_what_is_asked_of_me_and_by_me(request_id, analyst, head, walidata):
    for who in (analyst, head, walidata):
        found = who.get("/api/v1/requests?state=diajukan&dataset=bpbj/kontrak-nontender")
        assert [item["id"] for item in found.json()["items"]] == [request_id]
        assert who.get("/api/v1/requests?state=ditolak").json()["items"] == []
        assert who.get("/api/v1/requests?dataset=bpbj/lain").json()["items"] == []


def test_lists_come_in_pages(make_dataset, analyst):
    dataset = make_dataset("TERBATAS")
    for _ in range(5):
        analyst.post(f"/api/v1/datasets/{dataset}/requests", json=ASKED)
    seen, cursor = [], ""
    for _ in range(3):
        page = analyst.get(f"/api/v1/requests?limit=2{cursor}&count=true").json()
        assert page["count"] == 5
        seen += [item["id"][-1] for item in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert seen == ["5", "4", "3", "2", "1"]
    assert page["next"] is None


def test_the_asked_end_bounds_the_grant(make_dataset, analyst, head):
    dataset = make_dataset("TERBATAS")
    asked = ASKED | {"until": "2999-12-31"}
    path = f"/api/v1/datasets/{dataset}/requests"
    long = analyst.post(path, json=asked).json()["id"]
    assert decide(head, long).status_code == 200
    (grant,) = head.get("/api/v1/grants").json()["items"]
    assert not grant["expires_at"].startswith("2999")


@pytest.mark.parametrize(
    ("role", "agency", "status"),
    [
        ("head", "bpbj", 200),
        ("steward", "bpbj", 200),
        ("walidata", "dkisp", 200),
        ("analyst", "bappeda", 403),
        ("head", "bappeda", 403),
        ("head", "dinkes", 404),
        (None, None, 404),
    ],
)
def test_a_grant_is_taken_back_by_those_who_answer_for_the_data(
    role, agency, status, request_id, head, analyst, make_client
):
    grant = decide(head, request_id).json()["grant"]
    who = make_client(role, agency)
    answer = who.delete(f"/api/v1/grants/{grant}?reason=Tujuan+selesai")
    assert answer.status_code == status, answer.text
    state = analyst.get(f"/api/v1/requests/{request_id}").json()["state"]
    assert state == ("dicabut" if status == 200 else "aktif")
    found = analyst.get(f"/api/v1/requests?state={state}").json()["items"]
    assert [item["id"] for item in found] == [request_id]
    if status == 200:
        assert who.delete(f"/api/v1/grants/{grant}").status_code == 409
        assert analyst.get("/api/v1/grants?live=true").json()["items"] == []
        (ended,) = analyst.get("/api/v1/grants?live=false").json()["items"]
        assert ended["revoke_reason"] == "Tujuan selesai"


def test_a_grant_for_a_party_outside_is_for_that_party_alone(make_dataset, make_client, head):
    dataset = make_dataset("TERBATAS")
    outsider, other = make_client(), make_client()
    asked = outsider.post(f"/api/v1/datasets/{dataset}/requests", json=ASKED).json()["id"]
    assert decide(outsider, asked).status_code == 403
    assert decide(head, asked).status_code == 200
    (grant,) = outsider.get("/api/v1/grants").json()["items"]
    assert (grant["grantee_agency"], grant["grantee"]) == (None, outsider.client_id)
    assert other.get("/api/v1/grants").json()["items"] == []
