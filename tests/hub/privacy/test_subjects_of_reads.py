"""Small reads of personal data name their subjects by keyed hashes; larger ones say how many rows left."""

import json

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from hub.access.subject_models import PersonalRead, ReadSubject
from hub.access.subjects import hashes_of
from hub.auth.sealing import key_from
from hub.db import reading
from tests.hub.privacy.conftest import READS, nik, person

ALL = ["nomor", "desa", "nik", "nama"]


@pytest.fixture
def recorded(hub):
    """Of every personal read, oldest first: its row and the hashes beside it."""
    engine = hub.app.state.engine

    def look():
        with reading(engine) as session:
            rows = session.exec(select(PersonalRead).order_by(PersonalRead.entry)).all()
            return [
                (
                    row,
                    {
                        one.subject
                        for one in session.exec(
                            select(ReadSubject).where(ReadSubject.entry == row.entry)
                        )
                    },
                )
                for row in rows
            ]

    return look


@pytest.fixture
def hashed(hub):
    settings = hub.app.state.settings
    secret = key_from(settings.secret_key, settings.keys)
    return lambda *numbers: set(hashes_of(secret, "nik", [nik(n) for n in numbers]))


@pytest.fixture
def analyst(people, allow, make_client):
    made = make_client("analyst", "dinsos")
    allow(people, "dinsos", ALL)
    return made


def sent(answer):
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("format", ["json", "ndjson", "csv", "parquet", "arrow"])
def test_a_page_names_just_its_own_people_whatever_its_form(
    analyst, recorded, hashed, entries, format
):
    sent(analyst.get(READS, params={"limit": 3, "sort": "nomor", "format": format}))
    [(row, people)] = recorded()
    assert people == hashed(1, 2, 3)
    assert (row.rows, row.recorded, row.columns) == (3, 3, ["nik", "nama"])
    [entry] = entries()
    body = json.loads(entry.body)
    assert row.entry == entry.id
    assert (row.policy, row.release) == (body["decision"]["policy"], body["target"]["release"])


def test_the_second_page_and_a_filtered_one_name_theirs(analyst, recorded, hashed):
    first = sent(analyst.get(READS, params={"limit": 15})).json()
    sent(analyst.get(READS, params={"limit": 15, "cursor": first["next"]}))
    sent(analyst.get(READS, params={"filter": "desa=Janju", "limit": 2}))
    sent(analyst.get(READS, params={"columns": "nama", "filter": "nomor=00007"}))
    assert [people for _, people in recorded()] == [
        hashed(*range(1, 16)),
        hashed(*range(16, 21)),
        hashed(2, 4),
        hashed(7),
    ]
    assert recorded()[-1][0].columns == ["nama"]


def test_whoever_may_not_see_the_identifier_leaves_the_same_trace(
    people, allow, make_client, recorded, hashed
):
    allow(people, "dinkes", ["nomor", "nama"])
    allow(people, "bpkad", ["nomor", "nik"], masks={"nik": "hash"})
    for agency in ("dinkes", "bpkad"):
        who = make_client("analyst", agency)
        sent(who.get(READS, params={"limit": 2, "format": "csv"}))
        sent(who.get(READS, params={"limit": 2}))
    assert [people for _, people in recorded()] == [hashed(1, 2)] * 4


def test_without_key_and_identifier_rows_are_a_set_and_a_whole_file_is_not(
    people, allow, make_client, recorded, hashed
):
    allow(people, "dinkes", ["desa", "nama"])
    who = make_client("analyst", "dinkes")
    sent(who.get(READS, params={"limit": 2}))
    [(row, found)] = recorded()
    assert (row.recorded, row.rows, found) == (None, 2, set())
    sent(who.get(READS, params={"format": "csv", "download": "true"}))
    assert recorded()[-1][1] == hashed(*range(1, 21))


def test_reads_without_personal_columns_leave_no_trace_of_persons(analyst, recorded, entries):
    sent(analyst.get(READS, params={"columns": "nomor,desa"}))
    sent(analyst.post("/api/v1/query", json={"sql": "SELECT desa FROM disdukcapil.penduduk"}))
    assert len(entries()) == 2
    assert recorded() == []


def test_a_query_names_those_in_its_answer_or_is_a_set(analyst, recorded, hashed):
    def ask(sql):
        sent(analyst.post("/api/v1/query", json={"sql": sql}))

    ask("SELECT nik AS x, nama FROM disdukcapil.penduduk WHERE nomor <= '00002'")
    ask("SELECT nik::BIGINT AS angka FROM disdukcapil.penduduk WHERE nomor = '00005'")
    ask("SELECT nama FROM disdukcapil.penduduk WHERE nik = '" + nik(5) + "'")
    [first, second, third] = recorded()
    assert first[1] == hashed(1, 2)
    assert second[1] == hashed(5)
    assert (third[0].recorded, third[0].rows) == (None, 1)


def test_a_read_of_more_rows_than_the_book_says_is_a_set(
    people, analyst, publish_rows, recorded, hashed
):
    publish_rows(people, [person(n) for n in range(1, 1002)])
    sent(analyst.get(READS, params={"limit": 1000}))
    sent(analyst.get(READS, params={"limit": 1001}))
    sent(analyst.get(READS, params={"format": "csv", "download": "true"}))
    sent(analyst.post("/api/v1/query", json={"sql": "SELECT nik FROM disdukcapil.penduduk"}))
    told = [(row.recorded, row.rows, len(people)) for row, people in recorded()]
    assert told == [(1000, 1000, 1000), (None, 1001, 0), (None, 1001, 0), (None, 1001, 0)]


def test_verification_names_whom_it_was_about(people, allow, make_client, recorded, hashed):
    allow(people, "dinsos", ["nomor", "nik", "nama"], use="verify")
    who = make_client("analyst", "dinsos")
    rows = [{"nomor": "00001", "nik": nik(1)}, {"nomor": "00002", "nik": nik(999)}]
    path = "/api/v1/datasets/disdukcapil/penduduk/verifications"
    sent(who.post(path, json={"rows": rows}))
    sent(who.post(path, json={"rows": [{"nomor": "00001", "nama": "x"}]}))
    [named, unnamed] = recorded()
    assert named[1] == hashed(1, 999)
    assert unnamed[0].recorded is None


def test_the_agency_of_the_data_leaves_traces_too(people, make_client, recorded, hashed):
    sent(make_client("steward", "disdukcapil").get(READS, params={"limit": 1}))
    [(row, found)] = recorded()
    assert (found, row.grant) == (hashed(1), None)
    assert row.columns == ["nik", "nama", "penyakit"]


def test_no_identifier_stands_in_ledger_log_or_metrics(analyst, hub, entries, recorded):
    with capture_logs() as logs:
        sent(analyst.get(READS, params={"limit": 3, "filter": f"nik={nik(3)}"}))
    told = json.dumps(logs, default=str) + hub.get("/metrics").text
    told += "".join(entry.body.decode() for entry in entries())
    told += str(recorded())
    assert nik(3) not in told
    assert len(recorded()) == 1
