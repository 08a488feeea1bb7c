"""Reporting a wrong value over HTTP: who may, what is checked, what is marked, who is told."""

import json
import time

from sqlmodel import Session, select

from hub.ledger.models import LedgerEntry
from hub.notices.models import Notice
from hub.outbox.models import OutboxEvent
from tests.hub.corrections.conftest import wrong

COLUMN = "_dalam_penelitian"
SAID = '{"nilai": "dalam penelitian"}'


def file(who, dataset, **said):
    return who.post(f"/api/v1/datasets/{dataset}/reports", json=wrong(**said))


def rows(who, dataset, **params):
    return who.get(f"/api/v1/datasets/{dataset}/rows", params=params)


def marked(who, dataset, **params):
    found = rows(who, dataset, **params).json()["items"]
    return {row["kode"]: row[COLUMN] for row in found if row.get(COLUMN)}


def notices(hub, topic="correction.told"):
    with Session(hub.app.state.engine) as session:
        return list(session.exec(select(Notice).where(Notice.topic == topic)))


def test_a_report_marks_the_row_within_a_second_and_the_clock_runs(
    clock, penerima, publish_rows, make_client, give
):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    reader = make_client("analyst", "bappeda")
    give(reader, dataset, columns=["kode", "nilai"])
    before = time.monotonic()
    answer = file(reader, dataset, suggested=3300)
    assert answer.status_code == 201, answer.text
    assert marked(reader, dataset) == {"0003": SAID}
    assert time.monotonic() - before < 5
    told = answer.json()
    assert (told["state"], told["joined"]) == ("dilaporkan", False)
    # Monday 9.00 + 3 working days, until 16.00 of the third (WITA).
    assert told["due_at"].startswith("2026-03-05T")
    csv = rows(reader, dataset, format="csv", limit=100).text
    assert csv.splitlines()[3].endswith('"{""nilai"": ""dalam penelitian""}"')
    star = reader.post("/api/v1/query", json={"sql": "SELECT * FROM bpbj.penerima ORDER BY kode"})
    assert star.json()["rows"][2][-1] == SAID
    one = reader.get(f"/api/v1/reports/{told['id']}").json()
    assert one["said"] == {"row": {"kode": "0003"}, "observed": "3000", "suggested": "3300"}
    assert one["mark"] == "dalam penelitian"
    assert [step["event"] for step in one["history"]] == ["ajukan"]
    assert {m["event"] for m in one["possible"]} == {"tarik"}
    steward = make_client("steward", "bpbj")
    seen = steward.get(f"/api/v1/reports/{told['id']}").json()
    assert seen["said"]["suggested"] == "3300"
    assert {m["event"] for m in seen["possible"]} >= {"periksa", "akui", "nyatakan_benar"}
    assert [one["id"] for one in steward.get("/api/v1/reports").json()["items"]] == [told["id"]]


def test_what_one_may_not_read_looks_absent(clock, penerima, publish_rows, make_client, give):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    reader, hashed = make_client("analyst", "bappeda"), make_client("analyst", "dpupr")
    outsider = make_client("analyst", "dinkes")
    give(reader, dataset, columns=["kode", "nilai"], filter={"eq": ["kecamatan", "Kuaro"]})
    give(hashed, dataset, columns=["kode", "nilai"], masks={"kode": "hash", "nilai": "hash"})
    absent = [
        file(reader, dataset, row="0999"),
        file(reader, dataset, row="0002", observed=2000),  # behind the filter
        file(reader, dataset, name="catatan", observed="x"),  # not given
        file(reader, dataset, name="nama", observed="x"),
        file(reader, dataset, name="tiada", observed="x"),
    ]
    for answer in absent:
        assert answer.status_code == 404
    assert len({json.dumps({**one.json(), "instance": ""}) for one in absent}) == 1
    assert file(outsider, dataset).status_code == 403
    shown = rows(hashed, dataset).json()["items"][2]
    assert file(hashed, dataset, row=shown["kode"], observed=shown["nilai"]).status_code == 404
    assert file(reader, dataset, observed=3001).status_code == 409
    assert marked(make_client("analyst", "bpbj"), dataset) == {}


def test_a_reader_of_hashed_keys_names_the_row_as_she_sees_it(
    clock, penerima, publish_rows, make_client, give
):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    reader, owner = make_client("analyst", "bappeda"), make_client("analyst", "bpbj")
    give(reader, dataset, columns=["kode", "nilai"], masks={"kode": "hash"})
    place = next(row for row in rows(reader, dataset).json()["items"] if row["nilai"] == 3000)
    answer = file(reader, dataset, row=place["kode"])
    assert answer.status_code == 201, answer.text
    assert marked(owner, dataset) == {"0003": SAID}
    assert marked(reader, dataset) == {place["kode"]: SAID}


def test_the_same_cell_again_joins_and_the_same_key_is_one_report(
    clock, penerima, publish_rows, make_client
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    first, second = make_client("analyst", "bappeda"), make_client("analyst", "dpupr")
    path, once = f"/api/v1/datasets/{dataset}/reports", {"Idempotency-Key": "sekali"}
    filed = first.post(path, json=wrong(), headers=once)
    again = first.post(path, json=wrong(), headers=once)
    assert filed.json() == again.json()
    other = first.post(path, json=wrong(row="0004", observed=4000), headers=once)
    assert other.status_code == 422
    joined = file(second, dataset)
    assert joined.status_code == 201
    assert joined.json()["id"] == filed.json()["id"]
    assert joined.json()["joined"] is True
    line = second.get("/api/v1/reports").json()["items"][0]
    assert (line["reporters"], line["mine"]) == (2, True)
    # The report is no longer the first reporter's alone.
    own = first.get(f"/api/v1/reports/{line['id']}").json()
    assert own["possible"] == []


def test_reports_of_one_reader_on_one_dataset_are_bounded(
    clock, penerima, publish_rows, make_client
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset, [{"kode": f"{n:04}", "nilai": n} for n in range(1, 30)])
    who = make_client("analyst", "bappeda")
    codes = [file(who, dataset, row=f"{n:04}", observed=n).status_code for n in range(1, 22)]
    assert codes == [201] * 20 + [409]
    assert (
        file(make_client("analyst", "dpupr"), dataset, row="0021", observed=21).status_code == 201
    )


def test_a_release_that_corrects_the_cell_settles_it_and_tells_each_reader_once(
    clock, hub, penerima, publish_rows, released, make_client, give
):
    dataset = penerima("TERBATAS")
    released(dataset)
    reporter, reader = make_client("analyst", "bappeda"), make_client("analyst", "dpupr")
    narrow, idle = make_client("analyst", "dinkes"), make_client("analyst", "disdik")
    give(reporter, dataset, columns=["kode", "nilai"])
    give(reader, dataset, columns=["kode", "nilai"])
    give(narrow, dataset, columns=["kode", "kecamatan"])
    give(idle, dataset, columns=["kode", "nilai"])
    for _ in range(3):
        assert rows(reader, dataset).status_code == 200
    assert rows(narrow, dataset).status_code == 200
    report = file(reporter, dataset).json()["id"]
    assert notices(hub) == []

    released(dataset, [{"kode": "0001", "nilai": 1}], "upsert")  # some other cell
    assert marked(reporter, dataset) == {"0003": SAID}
    released(dataset, [{"kode": "0003", "nilai": 3300}], "upsert")
    one = reporter.get(f"/api/v1/reports/{report}").json()
    assert (one["state"], one["fixed_in"], one["mark"]) == ("diperbaiki", 3, None)
    assert one["history"][-1]["event"] == "rilis_mengubah"
    assert marked(reporter, dataset) == {}
    assert marked(reporter, dataset, release=1) == {}
    for _ in range(2):
        released.hear()
        told = notices(hub)
        posts = {one.post for one in told if one.post}
        assert {one.agency for one in told if one.agency} == {"dpupr"}
        assert len(posts) == 1
        assert len(told) == 2
    assert "0003" not in json.dumps([one.model_dump(mode="json") for one in told])
    assert reader.get(f"/api/v1/reports/{report}").json()["told"] == 1
    # Who was told may look which row it was; who may not read the cell sees no report.
    assert reader.get(f"/api/v1/reports/{report}").json()["said"]["row"] == {"kode": "0003"}
    assert narrow.get(f"/api/v1/reports/{report}").status_code == 404


def test_no_key_and_no_value_stands_in_ledger_events_and_notices(
    clock, hub, penerima, released, make_client, give
):
    dataset = penerima("TERBATAS")
    kenari = [{"kode": "KENARI-K", "nilai": 424242}]
    released(dataset, kenari)
    reader = make_client("analyst", "bappeda")
    give(reader, dataset, columns=["kode", "nilai"])
    assert rows(reader, dataset).status_code == 200
    answer = file(reader, dataset, row="KENARI-K", observed=424242, suggested=434343)
    assert answer.status_code == 201
    released(dataset, [{"kode": "KENARI-K", "nilai": 434343}], "upsert")
    with Session(hub.app.state.engine) as session:
        kept = [entry.body.decode() for entry in session.exec(select(LedgerEntry))]
        kept += [str(one.model_dump()) for one in session.exec(select(OutboxEvent))]
        kept += [str(one.model_dump()) for one in session.exec(select(Notice))]
    for secret in ("KENARI", "424242", "434343"):
        assert not [text for text in kept if secret in text]
    assert any("correction.submitted" in text for text in kept)


def move(who, report, event, reason=""):
    return who.post(f"/api/v1/reports/{report}/moves", json={"event": event, "reason": reason})


def test_an_owner_that_is_silent_keeps_the_mark_and_others_decide(
    clock, penerima, publish_rows, pass_days, make_client
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    who, walidata = make_client("analyst", "bappeda"), make_client("walidata", "dkisp")
    report = file(who, dataset).json()["id"]
    pass_days(8)
    assert who.get(f"/api/v1/reports/{report}").json()["state"] == "lewat"
    assert marked(who, dataset) == {"0003": '{"nilai": "pemilik belum menjawab"}'}
    ruled = move(walidata, report, "tetapkan_salah", "Dokumen kontrak menunjukkan nilai lain")
    assert ruled.json()["state"] == "perlu_perbaikan", ruled.text
    assert marked(who, dataset) == {"0003": '{"nilai": "diakui salah, menunggu perbaikan"}'}
    pass_days(400)
    end = who.get(f"/api/v1/reports/{report}").json()
    assert (end["state"], end["mark"]) == ("tidak_dijawab", "pemilik belum menjawab")
    assert marked(who, dataset) == {"0003": '{"nilai": "pemilik belum menjawab"}'}
    again = file(who, dataset).json()
    assert (again["joined"], again["state"]) == (False, "dilaporkan")
    assert marked(who, dataset) == {"0003": SAID}


def test_a_value_that_is_right_loses_its_mark_after_the_reporter_could_object(
    clock, penerima, publish_rows, pass_days, make_client
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    who, steward = make_client("analyst", "bappeda"), make_client("steward", "bpbj")
    walidata = make_client("walidata", "dkisp")
    report = file(who, dataset).json()["id"]
    assert move(who, report, "periksa").status_code == 403
    assert move(steward, report, "nyatakan_benar").status_code == 422
    still = move(steward, report, "nyatakan_diperbaiki", "Sudah kami perbaiki di sumbernya")
    assert still.status_code == 409
    said = move(steward, report, "nyatakan_benar", "Sesuai kontrak induk halaman 1")
    assert said.json()["state"] == "dinilai_benar", said.text
    assert move(who, report, "keberatan", "Addendum kedua mengubahnya").status_code == 200
    assert marked(who, dataset) == {"0003": SAID}
    assert move(steward, report, "tetapkan_benar", "Kami yakin nilai benar").status_code == 403
    done = move(walidata, report, "tetapkan_benar", "Addendum itu untuk paket lain")
    assert done.json()["state"] == "ditolak", done.text
    assert marked(who, dataset) == {}
    second = file(who, dataset, row="0004", observed=4000).json()["id"]
    move(steward, second, "nyatakan_benar", "Sesuai kontrak induk halaman 1")
    pass_days(15)
    assert who.get(f"/api/v1/reports/{second}").json()["state"] == "ditolak"


def test_own_people_report_and_may_withdraw(clock, penerima, publish_rows, make_client):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    own, head = make_client("analyst", "bpbj"), make_client("head", "bpbj")
    report = file(own, dataset).json()["id"]
    assert move(head, report, "akui").json()["state"] == "perlu_perbaikan"
    second = file(own, dataset, row="0004", observed=4000).json()["id"]
    assert move(own, second, "tarik").json()["state"] == "ditarik"
    assert "0004" not in marked(own, dataset)


def test_the_walidata_decides_without_seeing_what_she_may_not_read(
    clock, penerima, publish_rows, make_client
):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    report = file(make_client("analyst", "bpbj"), dataset).json()["id"]
    seen = make_client("walidata", "dkisp").get(f"/api/v1/reports/{report}").json()
    assert seen["said"] is None
    assert seen["evidence"]
    assert make_client("analyst", "dpupr").get(f"/api/v1/reports/{report}").status_code == 404
    # A post of the owner that reads no data is no party either.
    assert make_client("rw", "bpbj").get(f"/api/v1/reports/{report}").status_code == 404


def test_of_small_reads_of_persons_only_those_that_held_the_person_are_told(
    clock, hub, publish, make_client, give, released
):
    """Which persons a small read was about is recorded, so nobody else is troubled."""
    dataset = "dinsos/bansos"
    columns = {"nik": {"x-data-pribadi": "umum"}, "nilai": {}}
    publish(dataset, columns, **{"x-kunci": ["nik"]})
    people = ["6401010101010000", "6401010202020000"]

    def send(nik, nilai):
        steward = make_client("steward", "dinsos")
        answer = steward.post(
            f"/api/v1/datasets/{dataset}/batches?mode=upsert",
            content=json.dumps({"nik": nik, "nilai": nilai}),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 201, answer.text
        released.hear()

    for nik in people:
        send(nik, "100")
    one, other = make_client("analyst", "bappeda"), make_client("analyst", "dpupr")
    for who, nik in ((one, people[0]), (other, people[1])):
        give(who, dataset, columns=["nik", "nilai"])
        assert len(rows(who, dataset, filter=f"nik={nik}").json()["items"]) == 1
    own = make_client("analyst", "dinsos")
    said = wrong(observed="100") | {"row": {"nik": people[0]}}
    filed = own.post(f"/api/v1/datasets/{dataset}/reports", json=said)
    assert filed.status_code == 201, filed.text
    send(people[0], "150")
    released.hear()
    told = notices(hub)
    assert {notice.agency for notice in told if notice.agency} == {"bappeda"}
    assert all("memuat baris itu" in notice.body_id for notice in told)
    assert all("dapat memuat" not in notice.body_id for notice in told)


def test_rows_without_a_key_cannot_be_pointed_at(clock, publish, make_client):
    publish("dinsos/catatan", {"isi": {}})
    steward = make_client("steward", "dinsos")
    steward.post(
        "/api/v1/datasets/dinsos/catatan/batches?mode=append",
        content=json.dumps({"isi": "a"}),
        headers={"Content-Type": "application/x-ndjson"},
    )
    said = {"row": {"isi": "a"}, "field": "isi", "observed": "a", "evidence": "Dokumen halaman 3"}
    answer = steward.post("/api/v1/datasets/dinsos/catatan/reports", json=said)
    assert answer.status_code == 422
    assert "x-kunci" in answer.json()["detail"]
