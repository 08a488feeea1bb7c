"""Rule books and mandates over HTTP: everybody reads them, the walidata changes them on a basis."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

from hub.agencies.models import Post
from hub.db import reading
from hub.ledger.models import LedgerEntry
from hub.proceedings.procedure import in_force, of_version
from hub.rules import service

NAME = "permintaan-data"
BASIS = "Peraturan Bupati Nomor 1 Tahun 2026 (sintetis)"


@pytest.fixture
def walidata(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("walidata", "dkisp")


def longer(days: int = 7) -> dict[str, Any]:
    """The packaged book with another term for ordinary requests."""
    body = deepcopy(dict(service.packaged(NAME).body))
    body["states"]["menunggu_produsen"]["clock"]["terms"][2]["days"] = days
    return body


def put(who: TestClient, body: dict[str, Any], seen: str | None = '"0"', **said: Any) -> Any:
    headers = {} if seen is None else {"If-Match": seen}
    return who.put(
        f"/api/v1/rules/{NAME}", json={"body": body, "basis": BASIS} | said, headers=headers
    )


def test_everybody_reads_the_books(hub: TestClient) -> None:
    listed = hub.get("/api/v1/rules").json()["items"]
    assert [line["name"] for line in listed] == list(service.names())
    (line,) = (line for line in listed if line["name"] == NAME)
    assert (line["version"], line["procedure"], line["proposal"]) == (0, True, True)
    answer = hub.get(f"/api/v1/rules/{NAME}")
    assert answer.json()["body"]["initial"] == "diajukan"
    assert answer.headers["ETag"] == '"0"'
    assert hub.get("/api/v1/rules/tidak-ada").status_code == 404
    assert hub.get(f"/api/v1/rules/{NAME}?version=4").status_code == 404


def test_the_walidata_puts_a_version_and_what_began_before_keeps_its_own(
    hub: TestClient, walidata: TestClient
) -> None:
    answer = put(walidata, longer())
    assert answer.status_code == 200, answer.text
    assert (answer.json()["version"], answer.headers["ETag"]) == (1, '"1"')
    assert [one["basis"] for one in answer.json()["versions"]] == [BASIS, ""]
    old = hub.get(f"/api/v1/rules/{NAME}?version=0").json()["body"]
    assert old == service.packaged(NAME).body
    assert isinstance(hub.app, FastAPI)
    with reading(hub.app.state.engine) as session:
        now, before = in_force(session, NAME), of_version(session, NAME, 0)
        kinds = session.exec(select(LedgerEntry.target_id, LedgerEntry.kind)).all()
    facts = {"class": "TERBATAS", "personal": False}
    days = [one.states["menunggu_produsen"].clock for one in (before, now)]
    assert [clock.days(facts) for clock in days if clock is not None] == [5, 7]
    assert (NAME, "rules.put") in kinds


@pytest.mark.parametrize("role", ["head", "steward", "executive", "auditor"])
def test_nobody_else_puts_one(make_client: Callable[..., TestClient], role: str) -> None:
    assert put(make_client(role, "bpbj"), longer()).status_code == 403


def test_a_change_says_what_it_has_seen_and_what_it_rests_on(walidata: TestClient) -> None:
    assert put(walidata, longer(), seen=None).status_code == 428
    assert put(walidata, longer(), basis="   ").status_code == 422
    assert put(walidata, longer()).status_code == 200
    late = put(walidata, longer(9))
    assert (late.status_code, late.json()["version"]) == (412, 1)
    assert put(walidata, longer(), seen='"1"').status_code == 409


def _no_states(body: dict[str, Any]) -> None:
    del body["states"]["keberatan"]


def _silence_gives(body: dict[str, Any]) -> None:
    for move in body["moves"]:
        if move["event"] == "tetap_diam":
            move["when"] = {}


def _no_days(body: dict[str, Any]) -> None:
    body["states"]["keberatan"]["clock"]["terms"][0]["days"] = 0


def _no_source(body: dict[str, Any]) -> None:
    del body["states"]["keberatan"]["clock"]["terms"][0]["source"]


def _not_always(body: dict[str, Any]) -> None:
    body["states"]["keberatan"]["clock"]["terms"][0]["when"] = {"personal": [True]}


@pytest.mark.parametrize("spoil", [_no_states, _silence_gives, _no_days, _no_source, _not_always])
def test_what_must_not_change_is_refused(
    walidata: TestClient, spoil: Callable[[dict[str, Any]], None]
) -> None:
    body = longer()
    spoil(body)
    answer = put(walidata, body)
    assert answer.status_code == 422
    assert walidata.get(f"/api/v1/rules/{NAME}").json()["version"] == 0


def test_a_number_that_is_none_is_refused(walidata: TestClient) -> None:
    name = "indeks-keterbukaan"
    text = walidata.get(f"/api/v1/rules/{name}").text.replace('"floor":0.95', '"floor":NaN')
    inner = text[text.index('"body":') + 7 : text.index(',"versions"')]
    answer = walidata.put(
        f"/api/v1/rules/{name}",
        content=f'{{"basis": "{BASIS}", "body": {inner}}}',
        headers={"If-Match": '"0"', "Content-Type": "application/json"},
    )
    assert "NaN" in inner
    assert answer.status_code in (400, 422), answer.text


def test_a_mandate_is_named_and_taken_and_somebody_stands_in_meanwhile(
    hub: TestClient, walidata: TestClient, make_client: Callable[..., TestClient]
) -> None:
    make_client("head", "bappeda")
    assert isinstance(hub.app, FastAPI)
    with reading(hub.app.state.engine) as session:
        (post,) = session.exec(select(Post.id).where(Post.agency == "bappeda")).all()
    where = f"/api/v1/mandates/forum/posts/{post}"
    before = _mandate(hub, "forum")
    assert (before["named"], [one["agency"] for one in before["standing_in"]]) == ([], ["dkisp"])
    assert _mandate(hub, "bpbd")["standing_in"] == []
    assert make_client("head", "bappeda").put(where).status_code == 403
    assert walidata.put(where).status_code == 200
    assert walidata.put(where).json()["standing_in"] == []
    assert [one["id"] for one in _mandate(hub, "forum")["named"]] == [post]
    assert walidata.delete(where).json()["named"] == []
    assert walidata.delete(where).status_code == 404
    assert walidata.put("/api/v1/mandates/raja/posts/x").status_code == 404
    assert walidata.put("/api/v1/mandates/forum/posts/x").status_code == 404
    with reading(hub.app.state.engine) as session:
        kinds = session.exec(
            select(LedgerEntry.kind).where(LedgerEntry.target_type == "mandate")
        ).all()
    assert sorted(kinds) == ["mandate.named", "mandate.taken"]


def _mandate(who: TestClient, name: str) -> Any:
    items = who.get("/api/v1/mandates").json()["items"]
    return next(one for one in items if one["name"] == name)
