"""The catalog over HTTP: who learns of which dataset, and that nothing else leaks."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from catalog.models import Dataset, Release
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.grants.models import Grant
from schemas.registry import Registry
from tests.hub.access.conftest import put_grant

Make = Callable[..., Any]
SCHEMA = "lkpp/nontender-pengumuman"
VERSION = Registry.packaged().latest(SCHEMA).version
CLASSES = {
    "terbuka": "TERBUKA",
    "berbagi": "BERBAGI",
    "terbatas": "TERBATAS",
    "dikecualikan": "DIKECUALIKAN",
}


def said(slug: str, access_class: str = "BERBAGI", **more: Any) -> dict[str, Any]:
    return {
        "agency": "bpbj",
        "slug": slug,
        "title": f"Paket kenari {slug}",
        "title_en": f"Canary packages {slug}",
        "schema": {"name": SCHEMA, "version": VERSION},
        "access_class": access_class,
        "topic": f"topik-{slug}",
        "restriction_basis": "" if access_class in ("TERBUKA", "BERBAGI") else "UU 14/2008 ps 17",
        "personal_data": "umum",
        **more,
    }


@pytest.fixture
def steward(make_client: Make) -> TestClient:
    client: TestClient = make_client("steward", "bpbj")
    return client


@pytest.fixture
def filled(hub: TestClient, steward: TestClient) -> TestClient:
    """One dataset of each class, the first with a release."""
    for slug, access_class in CLASSES.items():
        answer = steward.post("/api/v1/datasets", json=said(slug, access_class))
        assert answer.status_code == 201, answer.text
    with unit_of_work(engine(hub)) as session:
        for number in (1, 2, 3):
            session.add(a_release(number))
    return hub


def engine(hub: TestClient) -> Any:
    return hub.app.state.engine  # type: ignore[attr-defined]


def a_release(number: int) -> Release:
    return Release(
        dataset="bpbj/terbuka", number=number, delta_version=number, files=[], sha256="0" * 64,
        rows=10 * number, added=10, changed=number, removed=0, schema_name=SCHEMA,
        schema_version=VERSION, batch=f"b{number}", published_at=real_now(),
    )  # fmt: skip


def give(hub: TestClient, session: Session, dataset: str, **grantee: Any) -> Grant:
    """A grant as the service would have made it."""
    known, agency = session.get_one(Dataset, dataset), grantee.pop("grantee_agency", None)
    return put_grant(session, hub.app.state.ledger, known, agency, **grantee)  # type: ignore[attr-defined]


def slugs(client: TestClient, **asked: Any) -> set[str]:
    found = client.get("/api/v1/datasets", params=asked)
    assert found.status_code == 200, found.text
    return {item["slug"] for item in found.json()["items"]}


def test_members_see_what_they_may_ask_for_and_outsiders_only_what_is_open(
    filled: TestClient, steward: TestClient, make_client: Make
) -> None:
    everything = set(CLASSES)
    assert slugs(steward, q="kenari") == everything
    assert slugs(make_client("walidata", "dkisp"), q="kenari") == everything
    assert slugs(make_client("analyst", "bappeda"), q="kenari") == everything - {"dikecualikan"}
    assert slugs(make_client(scopes="catalog:read data:read"), q="kenari") == {"terbuka"}
    assert slugs(filled, q="kenari") == {"terbuka"}


def test_an_outsider_finds_no_trace_of_what_is_closed(
    filled: TestClient, make_client: Make
) -> None:
    outsider = make_client(scopes="catalog:read data:read")
    for client in (filled, outsider):
        for query in ({}, {"q": "terbatas"}, {"q": "kenari"}, {"access": "TERBATAS"}, {"topic": "topik-terbatas"},
                      {"sort": "title"}, {"agency": "bpbj"}, {"q": "kenari", "schema": SCHEMA}):  # fmt: skip
            text = client.get("/api/v1/datasets", params=query).text
            for slug in ("berbagi", "terbatas", "dikecualikan"):
                assert f"topik-{slug}" not in text
                assert f"kenari {slug}" not in text
        found = client.get("/api/v1/datasets").json()
        assert found["total"] == 1
        assert found["facets"]["access"] == [{"value": "TERBUKA", "count": 1}]
        assert found["facets"]["topic"] == [{"value": "topik-terbuka", "count": 1}]


def test_a_closed_dataset_is_a_403_that_says_only_its_name(
    filled: TestClient, make_client: Make
) -> None:
    outsider = make_client(scopes="catalog:read data:read")
    for client in (filled, outsider):
        for path in ("", "/releases", "/releases/1"):
            hidden = client.get(f"/api/v1/datasets/bpbj/terbatas{path}")
            absent = client.get(f"/api/v1/datasets/bpbj/tiada{path}")
            assert (hidden.status_code, absent.status_code) == (403, 403)
            assert "kenari" not in hidden.text
            assert hidden.text.replace("terbatas", "tiada") == absent.text
    member = make_client("analyst", "bappeda")
    assert member.get("/api/v1/datasets/bpbj/tiada").status_code == 404
    assert member.get("/api/v1/datasets/bpbj/dikecualikan").status_code == 403


def test_a_grant_opens_the_description_and_its_end_closes_it(
    filled: TestClient, make_client: Make
) -> None:
    outsider = make_client(scopes="catalog:read data:read")
    with unit_of_work(engine(filled)) as session:
        grant = give(filled, session, "bpbj/terbatas", grantee=outsider.client_id).id
    assert slugs(outsider, q="kenari") == {"terbuka", "terbatas"}
    shown = outsider.get("/api/v1/datasets/bpbj/terbatas").json()
    assert shown["access"] == {"class": "TERBATAS", "readable": True, "how": "grant"}
    with unit_of_work(engine(filled)) as session:
        session.get_one(Grant, grant).revoked_at = real_now()
    assert slugs(outsider, q="kenari") == {"terbuka"}
    assert outsider.get("/api/v1/datasets/bpbj/terbatas").status_code == 403


def test_a_grant_shows_nothing_that_was_closed_further_since(
    filled: TestClient, make_client: Make
) -> None:
    outsider = make_client(scopes="catalog:read data:read")
    with unit_of_work(engine(filled)) as session:
        give(filled, session, "bpbj/terbatas", grantee=outsider.client_id)
        session.get_one(Dataset, "bpbj/terbatas").access_class = "PRIBADI"  # type: ignore[assignment]
    assert slugs(outsider) == {"terbuka"}


def test_the_answer_says_how_one_comes_to_the_rows(
    filled: TestClient, steward: TestClient, make_client: Make
) -> None:
    analyst = make_client("analyst", "bappeda")
    with unit_of_work(engine(filled)) as session:
        give(filled, session, "bpbj/berbagi", grantee_agency="bappeda")

    def how(client: TestClient, slug: str) -> tuple[bool, str]:
        access = client.get(f"/api/v1/datasets/bpbj/{slug}").json()["access"]
        return access["readable"], access["how"]

    assert how(filled, "terbuka") == (True, "open")
    assert how(steward, "terbatas") == (True, "own")
    assert how(analyst, "berbagi") == (True, "grant")
    assert how(analyst, "terbatas") == (False, "request")
    assert how(make_client("walidata", "dkisp"), "dikecualikan") == (False, "closed")
    assert how(make_client("analyst", "bkad"), "berbagi") == (False, "purpose")
    listed = analyst.get("/api/v1/datasets?q=berbagi").json()["items"]
    assert listed[0]["access"] == {"class": "BERBAGI", "readable": True, "how": "grant"}


def test_a_dataset_tells_its_schema_and_its_latest_release(filled: TestClient) -> None:
    shown = filled.get("/api/v1/datasets/bpbj/terbuka").json()
    assert shown["schema"] == {
        "name": SCHEMA,
        "version": VERSION,
        "url": f"/schemas/{SCHEMA}/{VERSION}.json",
    }
    assert filled.get(shown["schema"]["url"]).status_code == 200
    assert {n: shown["release"][n] for n in ("number", "rows", "added", "changed", "removed")} == {
        "number": 3, "rows": 30, "added": 10, "changed": 3, "removed": 0,
    }  # fmt: skip
    assert shown["agency"] == {"code": "bpbj", "name": "Instansi bpbj (sintetis)"}


def test_releases_are_listed_newest_first_and_paged(filled: TestClient) -> None:
    path = "/api/v1/datasets/bpbj/terbuka/releases"
    first = filled.get(f"{path}?limit=2&count=true").json()
    assert ([r["number"] for r in first["items"]], first["count"]) == ([3, 2], 3)
    last = filled.get(f"{path}?limit=2&cursor={first['next']}").json()
    assert ([r["number"] for r in last["items"]], last["next"]) == ([1], None)
    assert filled.get(f"{path}/2").json()["rows"] == 20
    assert filled.get(f"{path}/4").status_code == 404
    assert filled.get(f"{path}?cursor=WyJ4Il0").status_code == 422


def test_bad_questions_are_clear_errors(filled: TestClient) -> None:
    for query in ("access=RAHASIA", "limit=0", "sort=acak", "cursor=%00", "cursor=" + "x" * 3000,
                  "cursor=" + "W1tb" * 400):  # fmt: skip
        answer = filled.get(f"/api/v1/datasets?{query}")
        assert answer.status_code == 422, (query, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert filled.get("/api/v1/datasets?q=%22%27!!").json()["total"] == 0
