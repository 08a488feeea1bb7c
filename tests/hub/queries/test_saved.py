"""A saved query is a text: its owner keeps it, her agency may run it, each through her own grants."""

import pytest

from tests.hub.access.conftest import CANARY

TEXT = "SELECT kode, catatan FROM bpbj.penerima ORDER BY kode"
CHART = {"kind": "bar", "x": "kode", "y": ["catatan"], "agg": "none"}


@pytest.fixture
def save(make_client):
    def one(who, **more):
        answer = who.post(
            "/api/v1/saved-queries", json={"title": "Penerima per kode", "sql": TEXT, **more}
        )
        assert answer.status_code == 201, answer.text
        return answer

    return one


def test_an_owner_keeps_changes_and_throws_away(make_client, save):
    who = make_client("analyst", "bappeda")
    made = save(who, description=" Untuk rapat ", chart=CHART)
    told = made.json()
    assert (told["url"], told["shared"], told["own"]) == (f"/sql/{told['id']}", "private", True)
    assert (told["description"], told["chart"], told["sql"]) == ("Untuk rapat", CHART, TEXT)
    at = f"/api/v1/saved-queries/{told['id']}"
    read = who.get(at)
    assert (read.json(), read.headers["etag"]) == (told, made.headers["etag"])
    assert who.patch(at, json={"title": "Lain"}).status_code == 428
    seen = {"If-Match": read.headers["etag"]}
    changed = who.patch(at, json={"title": "Lain", "chart": None}, headers=seen)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["title"], changed.json()["chart"], changed.json()["version"]) == (
        "Lain",
        None,
        2,
    )
    late = who.patch(at, json={"sql": "SELECT 1"}, headers=seen)
    assert (late.status_code, late.json()["version"]) == (412, 2)
    assert late.json()["type"] == "/problems/changed-meanwhile"
    assert who.get(at).json()["sql"] == TEXT
    assert who.delete(at).status_code == 204
    assert who.get(at).status_code == 404


def test_a_private_one_is_for_its_owner_alone(make_client, save):
    who = make_client("analyst", "bappeda")
    at = f"/api/v1/saved-queries/{save(who).json()['id']}"
    for other in (
        make_client("analyst", "bappeda"),
        make_client("analyst", "dinkes"),
        make_client("walidata", "dkisp"),
        make_client(),
    ):
        answers = [other.get(at), other.patch(at, json={}), other.delete(at)]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert other.get("/api/v1/saved-queries").json()["items"] == []
        assert "catatan" not in "".join(answer.text for answer in answers)


def test_a_shared_one_runs_through_the_grants_of_whoever_runs_it(
    ask, make_client, save, penerima, publish_rows, give
):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    owner = make_client("analyst", "bpbj")
    told = save(owner, shared="agency").json()
    at = f"/api/v1/saved-queries/{told['id']}"
    colleague, stranger = make_client("steward", "bpbj"), make_client("analyst", "bappeda")
    seen = colleague.get(at).json()
    assert (seen["sql"], seen["own"], seen["agency"]) == (TEXT, False, "bpbj")
    assert [one["id"] for one in colleague.get("/api/v1/saved-queries").json()["items"]] == [
        told["id"]
    ]
    assert stranger.get(at).status_code == 404
    assert colleague.patch(at, json={"title": "x"}, headers={"If-Match": '"1"'}).status_code == 403
    assert colleague.delete(at).status_code == 403
    assert CANARY in ask(colleague, seen["sql"]).text
    # The text in the hands of somebody without a grant: as if there were no such table.
    refused, invented = (ask(stranger, sql) for sql in (TEXT, TEXT.replace("penerima", "tidakada")))
    assert refused.status_code == 422
    assert refused.text == invented.text.replace("tidakada", "penerima")
    give(stranger, dataset, columns=["kode", "catatan"], filter={"eq": ["kecamatan", "Kuaro"]})
    rows = ask(stranger, TEXT).json()["rows"]
    assert [row[0] for row in rows] == ["0001", "0003", "0005", "0007", "0009"]
    taken_back = owner.patch(at, json={"shared": "private"}, headers={"If-Match": '"1"'})
    assert taken_back.json()["shared"] == "private"
    assert colleague.get(at).status_code == 404


def test_only_a_member_of_an_agency_shares(make_client):
    outsider = make_client()
    body = {"title": "x", "sql": "SELECT 1", "shared": "agency"}
    refused = outsider.post("/api/v1/saved-queries", json=body)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")


@pytest.mark.parametrize(
    "chart",
    [
        {},
        {"kind": "pie", "x": "a", "y": ["b"]},
        {"kind": "bar", "x": "a", "y": []},
        {"kind": "bar", "x": "a", "y": "b"},
        {"kind": "bar", "x": "a", "y": ["b", "b"]},
        {"kind": "bar", "x": "a", "y": ["b"], "agg": "drop"},
        {"kind": "bar", "x": "a", "y": ["b"], "script": "x"},
        {"kind": "bar", "x": "a" * 129, "y": ["b"]},
    ],
)
def test_a_chart_that_is_none_is_refused_with_the_place(make_client, chart):
    body = {"title": "x", "sql": "SELECT 1", "chart": chart}
    refused = make_client("analyst", "bappeda").post("/api/v1/saved-queries", json=body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["type"] in ("/problems/invalid-request", "/problems/invalid-input")


def test_sending_the_same_twice_saves_once(make_client):
    who, key = make_client("analyst", "bappeda"), {"Idempotency-Key": "simpan-1"}
    body = {"title": "x", "sql": "SELECT 1"}
    once, twice = (
        who.post("/api/v1/saved-queries", json=body, headers=key).json() for _ in range(2)
    )
    assert once == twice
    assert len(who.get("/api/v1/saved-queries").json()["items"]) == 1


def test_a_list_goes_on_by_title(make_client, save):
    who = make_client("analyst", "bappeda")
    for title in ("c", "a", "b", "a"):
        save(who, title=title)
    first = who.get("/api/v1/saved-queries?limit=3").json()
    second = who.get(f"/api/v1/saved-queries?limit=3&cursor={first['next']}").json()
    assert [one["title"] for one in first["items"] + second["items"]] == ["a", "a", "b", "c"]
    assert "sql" not in first["items"][0]
