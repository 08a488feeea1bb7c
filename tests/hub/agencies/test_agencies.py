"""Agencies, posts and who holds them, over HTTP."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hub.calendar import real_now
from hub.db import reading
from hub.ledger.models import LedgerEntry


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


def kinds(hub) -> list[str]:
    with reading(hub.app.state.engine) as session:
        return sorted(session.exec(select(LedgerEntry.kind)))


def test_the_walidata_enters_and_changes_agencies_and_everybody_sees_them(hub, walidata):
    body = {
        "code": "bkad",
        "name": "Badan Keuangan dan Aset Daerah",
        "kind": "badan",
        "satker_code": "63401",
    }
    made = walidata.post("/api/v1/agencies", json=body)
    assert made.status_code == 201
    assert made.json() == body | {"parent": None, "active": True}
    assert walidata.post("/api/v1/agencies", json=body).status_code == 409
    unit = {"code": "bkad-aset", "name": "Bidang Aset", "parent": "bkad"}
    assert walidata.post("/api/v1/agencies", json=unit).status_code == 201
    changed = walidata.patch("/api/v1/agencies/bkad", json={"name": "BKAD"}).json()
    assert (changed["name"], changed["satker_code"]) == ("BKAD", "63401")
    circle = walidata.patch("/api/v1/agencies/bkad", json={"parent": "bkad-aset"})
    assert circle.status_code == 409
    assert hub.get("/api/v1/agencies/bkad").json()["name"] == "BKAD"
    assert hub.get("/api/v1/agencies/tiada").status_code == 404
    assert kinds(hub) == ["agency.changed", "agency.created", "agency.created"]


def test_a_long_list_comes_in_pages(hub, make_agency):
    codes = [f"skpd{n}" for n in range(7)]
    for code in codes:
        make_agency(code)
    seen, cursor = [], None
    while True:
        asked = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = hub.get("/api/v1/agencies", params=asked).json()
        assert page["count"] is None
        seen += [item["code"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == codes
    counted = hub.get("/api/v1/agencies", params={"limit": 1, "count": True}).json()
    assert counted["count"] == 7
    for cursor in ("nonsense", "bnVsbA", "WzFd", "W10", "é"):
        assert hub.get("/api/v1/agencies", params={"cursor": cursor}).status_code == 422
    assert hub.get("/api/v1/agencies", params={"limit": 0}).status_code == 422


def test_authority_over_agencies_needs_the_role_and_the_scope(hub, make_client):
    body = {"code": "baru", "name": "Baru"}
    for caller in (
        make_client("steward", "bpbj"),
        make_client("head", "bpbj"),
        make_client("auditor", "inspektorat"),
        make_client(),
        make_client("walidata", "dkisp", scopes="catalog:read data:read"),
    ):
        assert caller.post("/api/v1/agencies", json=body).status_code == 403
        assert caller.get("/api/v1/people").status_code == 403
        assert caller.get("/api/v1/clients").status_code == 403
    assert hub.post("/api/v1/agencies", json=body).status_code == 401
    assert hub.get("/api/v1/agencies/bpbj/posts").status_code == 401
    assert kinds(hub) == []


def test_members_that_nobody_declared_are_refused(walidata):
    for body in (
        {"code": "baru", "name": "Baru", "active": False},
        {"code": "baru", "name": "Baru", "created_at": "2020-01-01T00:00:00Z"},
        {"code": "Baru!", "name": "Baru"},
        {"code": "baru", "name": "  "},
        {"code": "baru", "name": "Baru", "kind": "partai"},
    ):
        assert walidata.post("/api/v1/agencies", json=body).status_code == 422
    orphan = {"code": "baru", "name": "Baru", "parent": "tiada"}
    assert walidata.post("/api/v1/agencies", json=orphan).status_code == 404


def test_a_post_gives_its_role_to_whoever_holds_it_while_they_hold_it(hub, walidata, make_client):
    newcomer = make_client()
    post = walidata.post(
        "/api/v1/agencies/dkisp/posts", json={"title": "Kepala Bidang", "role": "head"}
    ).json()
    seat = f"/api/v1/posts/{post['id']}/holdings"
    body = {"holder_kind": "client", "holder": newcomer.client_id}
    later = body | {"since": (real_now() + timedelta(days=1)).isoformat()}
    future = walidata.post(seat, json=later).json()
    assert newcomer.get("/api/v1/me").json()["agency"] is None
    assert walidata.delete(f"/api/v1/holdings/{future['id']}").status_code == 200
    holding = walidata.post(seat, json=body).json()
    assert walidata.post(seat, json=body).status_code == 409
    me = newcomer.get("/api/v1/me").json()
    assert (me["agency"], me["roles"], me["posts"][0]["title"]) == (
        "dkisp",
        ["head"],
        "Kepala Bidang",
    )
    assert walidata.delete(f"/api/v1/holdings/{holding['id']}").status_code == 200
    assert walidata.delete(f"/api/v1/holdings/{holding['id']}").status_code == 409
    assert newcomer.get("/api/v1/me").json()["roles"] == []
    history = walidata.get(seat).json()["items"]
    assert {item["holder"] for item in history} == {newcomer.client_id}
    assert walidata.post(seat, json=body | {"holder": "nobody"}).status_code == 404
    assert kinds(hub).count("post.taken") == kinds(hub).count("post.left") == 2


def test_an_agency_that_is_switched_off_lends_nobody_its_authority(walidata, make_client):
    steward = make_client("steward", "bpbj")
    assert steward.get("/api/v1/me").json()["agency"] == "bpbj"
    assert walidata.patch("/api/v1/agencies/bpbj", json={"active": False}).status_code == 200
    assert steward.get("/api/v1/me").json()["agency"] is None


def test_holders_are_seen_by_their_own_agency_and_exist_for_nobody_else(walidata, make_client):
    mine, other = make_client("steward", "bpbj"), make_client("steward", "bkad")
    (post,) = mine.get("/api/v1/agencies/bpbj/posts").json()["items"]
    seat = f"/api/v1/posts/{post['id']}/holdings"
    assert mine.get(seat).json()["items"][0]["holder"] == mine.client_id
    assert walidata.get(seat).status_code == 200
    hidden, absent = other.get(seat), other.get("/api/v1/posts/tiada/holdings")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.json()["detail"] == absent.json()["detail"]


def test_a_repeated_request_enters_one_agency(hub, walidata):
    key = {"Idempotency-Key": "agency-1"}
    body = {"code": "baru", "name": "Baru"}
    answers = [walidata.post("/api/v1/agencies", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert kinds(hub) == ["agency.created"]
