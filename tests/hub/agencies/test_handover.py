"""A post passes from one person to the next at one instant, with what was open on it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hub.agencies.models import Holding
from hub.calendar import real_now
from hub.db import reading

PASSWORD = "empat kata tanpa hubungan"


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


@pytest.fixture
def giver(make_person):
    return make_person("steward", "bpbj", password=PASSWORD)


def holding_of(hub, person):
    with reading(hub.app.state.engine) as session:
        return session.exec(select(Holding).where(Holding.holder == person.id)).one()


def hand_over(walidata, holding, taker, **said):
    return walidata.post(
        f"/api/v1/holdings/{holding.id}/hand-over", json={"taker": taker.id, **said}
    )


def saved(browser, shared):
    said = {"title": "Ringkas", "description": "", "sql": "SELECT 1", "shared": shared}
    answer = browser.post("/api/v1/saved-queries", json=said)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_one_holding_ends_when_the_next_begins(hub, walidata, giver, make_person):
    holding = holding_of(hub, giver)
    done = hand_over(walidata, holding, make_person(password=PASSWORD)).json()
    assert done["ended"]["until"] == done["begun"]["since"]
    assert done["begun"]["post"] == holding.post
    kinds = [
        item["entry"]["kind"]
        for item in walidata.get("/api/v1/ledger/entries?limit=4").json()["items"]
    ]
    assert {"post.taken", "post.left", "post.handed_over"} <= set(kinds)


def test_what_the_giver_shared_is_the_takers_to_change_and_the_rest_is_not(
    hub, walidata, giver, make_person, sign_in
):
    browser = sign_in(giver)
    shared, own = saved(browser, "agency"), saved(browser, "private")
    taker = make_person(password=PASSWORD)
    assert hand_over(walidata, holding_of(hub, giver), taker).json()["moved"] == 1
    hers = sign_in(taker)
    path = f"/api/v1/saved-queries/{shared}"
    tag = hers.get(path).headers["etag"]
    changed = hers.patch(path, json={"title": "Milik baru"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert hers.get(f"/api/v1/saved-queries/{own}").status_code == 404


def test_a_giver_without_another_post_is_out_with_her_tokens(
    hub, walidata, giver, make_person, sign_in
):
    browser = sign_in(giver)
    token = browser.post("/api/v1/tokens", json={"name": "Excel"}).json()["token"]
    done = hand_over(walidata, holding_of(hub, giver), make_person()).json()
    assert done["signed_out"] is True
    assert browser.get("/api/v1/me").status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert hub.get("/api/v1/me", headers=headers).status_code == 401


def test_from_a_later_day_on_the_giver_keeps_the_post_until_then(
    hub, walidata, giver, make_person, sign_in
):
    browser, taker = sign_in(giver), make_person(password=PASSWORD)
    later = (real_now() + timedelta(days=3)).isoformat()
    done = hand_over(walidata, holding_of(hub, giver), taker, since=later).json()
    assert done["signed_out"] is False
    assert browser.get("/api/v1/me").json()["roles"] == ["steward"]
    assert sign_in(taker).get("/api/v1/me").json()["roles"] == []


def test_what_cannot_be_handed_over(hub, walidata, giver, make_person, make_client):
    holding, taker = holding_of(hub, giver), make_person()
    assert hand_over(walidata, holding, giver).status_code == 422
    assert hand_over(make_client("head", "bpbj"), holding, taker).status_code == 403
    walidata.patch(f"/api/v1/people/{taker.id}", json={"active": False})
    assert hand_over(walidata, holding, taker).status_code == 409
    walidata.delete(f"/api/v1/holdings/{holding.id}")
    assert hand_over(walidata, holding, make_person()).status_code == 409
    holding.id = "0" * 32
    assert hand_over(walidata, holding, make_person()).status_code == 404


def test_the_page_says_what_is_open_and_hands_over(hub, giver, make_person, sign_in):
    browser = sign_in(make_person("walidata", "dkisp", password=PASSWORD))
    browser.headers["Accept"], browser.follow_redirects = "text/html", False
    holding, taker = holding_of(hub, giver), make_person()
    here = f"/kelola/jabatan/{holding.post}/serah-terima"
    shown = browser.get(f"{here}?dari={holding.id}").text
    assert "0 menunggu keputusan" in shown
    assert f'value="{taker.username}"' in shown
    said = {"dari": holding.id, "taker": taker.username, "key": "satu"}
    wrong = browser.post(here, data=said | {"taker": "tidak.ada"})
    assert wrong.status_code == 422
    done = browser.post(here, data=said)
    assert done.headers["location"] == f"/kelola/orang/{taker.id}"
    assert browser.post(here, data=said).headers["location"] == done.headers["location"]
