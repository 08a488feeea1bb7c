"""A push with `Prefer: respond-async`: acknowledged at once, judged later, followed as a job."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select, update
from starlette.testclient import TestClient

from hub.db import unit_of_work
from hub.intake import inbox, tidying, waiting
from hub.intake.models import Batch
from hub.intake.service import Intake
from hub.ledger.models import LedgerEntry
from hub.standards import service as standards

Rows = list[dict[str, Any]]
Writes = Callable[[Rows], bytes]
DATASET = "/api/v1/datasets/bpbj/paket-nontender"
URL = DATASET + "/batches"
LATER = {"Content-Type": "application/x-ndjson", "Prefer": "respond-async, wait=5"}


@pytest.fixture
def intake(hub: TestClient) -> Intake:
    assert isinstance(hub.app, FastAPI)
    made: Intake = hub.app.state.intake
    return made


@pytest.fixture
def work_off(intake: Intake) -> Callable[[], int]:
    """What the worker does at every tick."""
    return lambda: waiting.work_off(intake, find_document=standards.find)


def steps(stream: str) -> list[dict[str, Any]]:
    """The documents of a stream of events, in order."""
    lines = [line for line in stream.splitlines() if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def numbers(steward: TestClient) -> list[int]:
    return [item["number"] for item in steward.get(DATASET + "/releases").json()["items"]]


def test_the_answer_comes_first_and_the_release_afterwards(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    intake: Intake,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    answer = steward.post(URL, content=ndjson(rows[:50]), headers=LATER)
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert (said["job"], said["state"]) == (said["batch"], "received")
    assert answer.headers["Location"] == f"/api/v1/jobs/{said['job']}"
    assert answer.headers["Preference-Applied"] == "respond-async"

    job = steward.get(answer.headers["Location"]).json()
    assert (job["state"], job["phase"], job["rows"]) == ("received", "waiting", None)
    assert (job["result"], job["problem"]) == (None, None)
    assert numbers(steward) == []

    assert work_off() == 1
    job = steward.get(answer.headers["Location"]).json()
    assert (job["state"], job["phase"], job["rows"]) == ("published", "done", 50)
    assert (job["result"]["release"], job["result"]["accepted"]) == (1, 50)
    assert job["result"]["receipt"] != said["receipt"]
    batch = steward.get(f"{URL}/{said['batch']}").json()
    assert (batch["state"], batch["receipt"]) == ("published", job["result"]["receipt"])
    assert not inbox.place(intake.settings, said["batch"]).exists()
    assert work_off() == 0


def test_receiving_and_accepting_are_two_entries_of_one_trace(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    intake: Intake,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {**LATER, "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    steward.post(URL, content=ndjson(rows[:5]), headers=headers)
    work_off()
    with Session(intake.engine) as session:
        wanted = select(LedgerEntry).where(LedgerEntry.trace_id == trace)
        entries = session.exec(wanted).all()
    assert {entry.kind for entry in entries} == {"batch.received", "batch.accepted"}


def test_the_same_key_and_body_again_give_the_same_202_and_nothing_twice(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    intake: Intake,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    sent = {"content": ndjson(rows[:30]), "headers": {**LATER, "Idempotency-Key": "sekali"}}
    first, again = steward.post(URL, **sent), steward.post(URL, **sent)
    work_off()
    after = steward.post(URL, **sent)
    assert [a.status_code for a in (first, again, after)] == [202, 202, 202]
    assert first.json() == again.json() == after.json()
    assert numbers(steward) == [1]
    assert list(inbox.folder(intake.settings).iterdir()) == []
    other = {**sent, "content": ndjson(rows[:31])}
    assert steward.post(URL, **other).json()["type"] == "/problems/idempotency-mismatch"


def test_a_refused_batch_is_told_with_the_problem_its_sender_would_have_got(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    bad = [*rows[:9], {**rows[9], "pagu": "delapan juta"}]
    waited = steward.post(URL, content=ndjson(bad), headers={**LATER, "Prefer": ""}).json()
    answer = steward.post(URL, content=ndjson(bad), headers=LATER)
    work_off()
    job = steward.get(answer.headers["Location"]).json()
    assert (job["state"], job["result"]) == ("refused", None)
    own = ("batch", "receipt", "errors")
    assert {k: v for k, v in job["problem"].items() if k not in own} == {
        k: v for k, v in waited.items() if k not in own
    }
    assert steward.get(job["problem"]["errors"]).json()["counts"]["rejected"] == 1


def test_a_batch_that_can_never_be_taken_fails_with_its_reason_in_both_languages(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    steward.post(URL, content=ndjson(rows[:10]), headers=LATER)
    known = steward.post(URL, content=ndjson(rows[5:15]), headers=LATER)
    broken = steward.post(URL + "?format=xlsx", content=b"PK\x03\x04x", headers=LATER)
    work_off()
    jobs = [steward.get(answer.headers["Location"]).json() for answer in (known, broken)]
    assert [job["state"] for job in jobs] == ["refused", "failed"]
    assert [job["problem"]["type"] for job in jobs] == [
        "/problems/conflict",
        "/problems/unreadable-file",
    ]
    assert len(jobs[0]["problem"]["keys"]) == 5
    english = steward.get(known.headers["Location"], headers={"Accept-Language": "en"}).json()
    assert "Use mode upsert" in english["problem"]["detail"]
    assert "Pakai mode upsert" in jobs[0]["problem"]["detail"]
    assert numbers(steward) == [1]


def test_batches_of_one_dataset_are_judged_in_the_order_in_which_they_came(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    intake: Intake,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    sent = [
        steward.post(URL + query, content=ndjson(part), headers=LATER).json()["batch"]
        for query, part in (
            ("", rows[:10]),
            ("?mode=delete", [{"kd_nontender": row["kd_nontender"]} for row in rows[:3]]),
            ("?mode=upsert", rows[2:12]),
        )
    ]
    with inbox.held(inbox.place(intake.settings, sent[0])) as ours:
        assert ours
        assert work_off() == 0  # somebody has the first: nobody goes before it
    assert work_off() == 3
    found = {steward.get(f"{URL}/{batch}").json()["release"]: batch for batch in sent}
    assert found == dict(zip((1, 2, 3), sent, strict=True))
    assert steward.get(DATASET + "/releases/3").json()["rows"] == 10


def test_a_missing_body_is_waited_for_and_after_a_day_it_is_the_end(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    intake: Intake,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    answer = steward.post(URL, content=ndjson(rows[:10]), headers=LATER)
    body = inbox.place(intake.settings, answer.json()["batch"])
    away = body.with_name("away")
    body.rename(away)
    assert work_off() == 0
    assert steward.get(answer.headers["Location"]).json()["state"] == "received"
    away.rename(body)
    assert work_off() == 1

    lost = steward.post(URL + "?mode=upsert", content=ndjson(rows[:10]), headers=LATER)
    inbox.place(intake.settings, lost.json()["batch"]).unlink()
    with unit_of_work(intake.engine) as session:
        batch = session.get_one(Batch, lost.json()["batch"])
        batch.received_at -= timedelta(hours=25)
    work_off()
    job = steward.get(lost.headers["Location"]).json()
    assert (job["state"], job["problem"]["status"]) == ("failed", 503)


def test_a_batch_that_kills_every_judge_is_given_up_and_the_next_one_goes_on(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    intake: Intake,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    poison = steward.post(URL, content=ndjson(rows[:5]), headers=LATER)
    good = steward.post(URL, content=ndjson(rows[:5]), headers=LATER)
    with unit_of_work(intake.engine) as session:
        killed = update(Batch).where(col(Batch.id) == poison.json()["batch"])
        session.execute(killed.values(tries=waiting.TRIES))
    work_off()
    assert steward.get(poison.headers["Location"]).json()["problem"]["status"] == 503
    assert steward.get(good.headers["Location"]).json()["state"] == "published"


def test_the_stream_tells_every_step_and_ends_with_the_job(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    work_off: Callable[[], int],
) -> None:
    make_dataset()
    job = steward.post(URL, content=ndjson(rows[:20]), headers=LATER).headers["Location"]
    work_off()
    answer = steward.get(job + "/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: state\n" in answer.text
    (last,) = steps(answer.text)
    assert last == steward.get(job).json()
    again = steward.get(job + "/events", headers={"Last-Event-ID": "published.done"})
    assert again.status_code == 204
    assert len(steps(steward.get(job + "/events", headers={"Last-Event-ID": "lain"}).text)) == 1


def test_a_job_is_followed_by_its_agency_its_sender_and_the_walidata_alone(
    make_dataset: Callable[..., Any],
    make_agency: Callable[..., str],
    make_client: Callable[..., TestClient],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
) -> None:
    make_dataset()
    make_agency("bkad")
    job = steward.post(URL, content=ndjson(rows[:5]), headers=LATER).headers["Location"]
    may = (steward, make_client("head", "bpbj"), make_client("walidata", "dkisp"))
    may_not = (make_client("steward", "bkad"), make_client("executive", "bkad"), make_client())
    assert [who.get(job).status_code for who in may] == [200, 200, 200]
    for path in (job, job + "/events"):
        assert [who.get(path).status_code for who in may_not] == [404, 404, 404]
    assert TestClient(steward.app).get(job).status_code == 401


def test_the_janitor_keeps_bodies_that_wait_and_removes_the_others(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    intake: Intake,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_dataset()
    batch = steward.post(URL, content=ndjson(rows[:5]), headers=LATER).json()["batch"]
    stray = inbox.place(intake.settings, "never-acknowledged")
    stray.write_bytes(b"x")
    monkeypatch.setattr(tidying, "ORPHAN_AGE", timedelta(seconds=-1))
    tidying.sweep(intake.engine, intake.settings)
    assert inbox.place(intake.settings, batch).exists()
    assert not stray.exists()
