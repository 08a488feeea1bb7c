"""A person is told with whom her data was shared: exactly what the ledger proves, and nothing of others."""

import json

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from hub.db import reading
from hub.ledger.models import LedgerEntry
from tests.hub.privacy.conftest import PEOPLE, READS, nik, person

PATH = "/api/v1/subject-access"


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


def asked(who, number, **more):
    answer = who.post(PATH, json={"identifier": nik(number)}, **more)
    assert answer.status_code == 200, answer.text
    return answer


def told(who, number):
    return asked(who, number).json()["items"]


@pytest.fixture
def shared(people, allow, make_client):
    """Three agencies read; of person 3 dinsos read twice, dinkes once, the owner never."""
    allow(people, "dinsos", ["nomor", "nik", "nama"], purpose="Bantuan sosial")
    allow(people, "dinkes", ["nomor", "nama"], filter={"eq": ["desa", "Kuaro"]})
    dinsos, dinkes = make_client("analyst", "dinsos"), make_client("analyst", "dinkes")
    owner = make_client("steward", "disdukcapil")
    for who, wish in (
        (dinsos, {"limit": 5}),
        (dinsos, {"columns": "nama", "filter": "nomor=00003"}),
        (dinkes, {"format": "csv", "download": "true"}),
        (owner, {"filter": "nomor=00009"}),
        (dinsos, {"columns": "nomor"}),
    ):
        assert who.get(READS, params=wish).status_code == 200
    return dinsos


def test_the_answer_is_exactly_the_reads_newest_first(shared, walidata, entries):
    items = told(walidata, 3)
    assert [(one["agency"], one["columns"]) for one in items] == [
        ("dinkes", ["nama"]),
        ("dinsos", ["nama"]),
        ("dinsos", ["nik", "nama"]),
    ]
    proven = [entry.id for entry in entries()]
    assert [one["entry"] for one in items] == [proven[2], proven[1], proven[0]]
    assert [one["purpose"] for one in items] == ["Uji", "Bantuan sosial", "Bantuan sosial"]
    assert {one["kind"] for one in items} == {"tercatat"}
    assert [one["agency"] for one in told(walidata, 9)] == ["disdukcapil", "dinkes"]
    assert [one["agency"] for one in told(walidata, 8)] == []


def test_a_thousand_persons_are_each_told_what_the_ledger_holds(
    people, publish_rows, allow, make_client, walidata
):
    """Seeded reads of pages: whose row was in which page is known beforehand."""
    publish_rows(people, [person(n) for n in range(1, 1001)])
    allow(people, "dinsos", ["nomor", "nik"])
    dinsos, cursor = make_client("analyst", "dinsos"), None
    pages = []
    for size in (400, 350, 250):
        params = {"limit": size} | ({"cursor": cursor} if cursor else {})
        page = dinsos.get(READS, params=params)
        cursor = page.json()["next"]
        receipt = json.loads(page.headers["simpul-receipt"])
        pages.append((receipt["entry_id"], {row["nik"] for row in page.json()["items"]}))
    for number in (1, 399, 400, 401, 750, 751, 1000):
        expected = [entry for entry, there in pages if nik(number) in there]
        assert [one["entry"] for one in told(walidata, number)] == expected, number
    assert told(walidata, 1001) == []


def test_of_larger_reads_a_person_learns_that_she_was_in_a_set(
    people, publish_rows, allow, make_client, walidata
):
    publish_rows(people, [person(n) for n in range(1, 1202)])
    allow(people, "dinsos", ["nomor", "nik"])
    allow(people, "dinkes", ["nomor", "nama"], filter={"eq": ["desa", "Kuaro"]})
    dinsos, dinkes = make_client("analyst", "dinsos"), make_client("analyst", "dinkes")
    assert dinsos.get(READS, params={"format": "csv", "download": "true"}).status_code == 200
    assert dinsos.get(READS, params={"limit": 1100}).status_code == 200
    sql = {"sql": "SELECT nama FROM disdukcapil.penduduk"}
    assert dinkes.post("/api/v1/query", json=sql).status_code == 200
    seen = [(one["agency"], one["kind"], one["rows"], one["certain"]) for one in told(walidata, 3)]
    assert seen == [
        ("dinkes", "himpunan", 601, True),
        ("dinsos", "himpunan", 1100, False),
        ("dinsos", "himpunan", 1201, True),
    ]
    assert [one["agency"] for one in told(walidata, 4)] == ["dinsos", "dinsos"]
    assert told(walidata, 5000) == []


def test_nothing_of_others_in_the_same_reads_is_told(shared, walidata):
    """The heir's complaint: one's own log must not show the other's affairs."""
    answer = asked(walidata, 3).text
    for number in (1, 2, 4, 5):
        assert nik(number) not in answer
        assert f"Orang {number} " not in answer
    for one in json.loads(answer)["items"]:
        assert one["rows"] is None
        assert set(one) == {
            "at", "entry", "dataset", "release", "reader", "agency", "way", "columns", "contract",
            "purpose", "basis", "kind", "rows", "certain",
        }  # fmt: skip
    shared_reads = {one["entry"] for one in told(walidata, 3)}
    assert not shared_reads & {one["entry"] for one in told(walidata, 8)}


def test_only_those_who_answer_persons_may_ask(make_client, hub):
    body = {"identifier": nik(3)}
    for role in ("steward", "head", "analyst", "rw", "executive", "auditor"):
        assert make_client(role, "bappeda").post(PATH, json=body).status_code == 403, role
    assert hub.post(PATH, json=body).status_code == 401
    narrow = make_client("walidata", "dkisp", scopes="catalog:read data:read")
    assert narrow.post(PATH, json=body).status_code == 403


def test_the_question_is_in_the_ledger_and_the_identifier_nowhere(shared, walidata, hub):
    with capture_logs() as logs:
        csv = asked(walidata, 3, params={"format": "csv"}).text
        for wrong in ("12", nik(3) + "1", "nik " + nik(3)[:10]):
            refused = walidata.post(PATH, json={"identifier": wrong})
            assert refused.status_code == 422
            assert nik(3) not in refused.text
        odd = walidata.post(PATH, json={"identifier": nik(3), "kind": "sim"})
        assert odd.status_code == 422
        assert nik(3) not in odd.text
    with reading(hub.app.state.engine) as session:
        bodies = [row.body.decode() for row in session.exec(select(LedgerEntry))]
    asked_for = [body for body in bodies if '"subject.answered"' in body]
    assert len(asked_for) == 1
    everything = "".join(bodies) + json.dumps(logs, default=str) + hub.get("/metrics").text + csv
    assert nik(3) not in everything
    assert len(csv.splitlines()) == 4


def test_data_without_identifiers_is_about_nobody_in_particular(people, walidata):
    assert told(walidata, 3) == []
    assert PEOPLE not in asked(walidata, 3).text
