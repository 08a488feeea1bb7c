"""A correction that finds its quarantine closed, or its row mended already, publishes nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.calendar import real_now
from hub.db import unit_of_work
from hub.intake import keeping, waiting
from hub.intake.models import Batch
from hub.settings import Settings
from hub.standards import service as standards

Rows = list[dict[str, Any]]
Writes = Callable[[Rows], bytes]
PAKET = "bpbj/paket-nontender"
CATATAN = "bpbj/catatan"
"""A dataset without a key."""
NDJSON = {"Content-Type": "application/x-ndjson"}


def at(dataset: str) -> str:
    return f"/api/v1/datasets/{dataset}/batches"


def send(
    who: TestClient, dataset: str, content: bytes, kind: str = "text/csv", **said: str
) -> tuple[int, dict[str, Any]]:
    """Status and answer of a push."""
    headers = {"Content-Type": kind}
    for name in ("prefer", "idempotency_key"):
        if name in said:
            headers[name.replace("_", "-")] = said.pop(name)
    answer = who.post(at(dataset), params=said, content=content, headers=headers)
    return answer.status_code, answer.json()


def counts(who: TestClient, dataset: str, batch: str) -> tuple[int, int, int]:
    """Open, mended, given up."""
    said = who.get(f"{at(dataset)}/{batch}").json()
    return said["open_rows"], said["mended_rows"], said["given_up_rows"]


def held(who: TestClient, dataset: str, column: str) -> list[str]:
    """One column of the release in force."""
    items = who.get(f"/api/v1/datasets/{dataset}/rows?limit=100").json()["items"]
    return sorted(str(item[column]) for item in items)


def at_once(*calls: Callable[[], tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    start = Barrier(len(calls))

    def begin(call: Callable[[], tuple[int, dict[str, Any]]]) -> tuple[int, dict[str, Any]]:
        start.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


@pytest.fixture
def partial(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> str:
    """A published batch of ten packages of which two were put aside, the third and the sixth."""
    make_dataset()
    sent = [{**row, "pagu": "x"} if n in (2, 5) else row for n, row in enumerate(rows[:10])]
    status, answer = send(
        steward, PAKET, ndjson(sent), NDJSON["Content-Type"], mode="upsert", on_error="quarantine"
    )
    assert (status, answer["accepted"], answer["rejected"]) == (201, 8, 2)
    return str(answer["batch"])


@pytest.fixture
def keyless(publish: Callable[..., None], steward: TestClient) -> str:
    """A published batch of three notes of which two were put aside: lines 2 and 3."""
    publish(CATATAN, {"isi": {}, "jumlah": {"type": "integer"}})
    status, sent = send(
        steward, CATATAN, b"isi,jumlah\na,satu\nb,dua\nc,3\n", on_error="quarantine"
    )
    assert (status, sent["accepted"], sent["rejected"]) == (201, 1, 2)
    return str(sent["batch"])


@pytest.fixture
def judge(steward: TestClient) -> Callable[[str], dict[str, Any]]:
    """Let the worker judge what waits; returns the job's end."""

    def work(job: str) -> dict[str, Any]:
        assert isinstance(steward.app, FastAPI)
        waiting.work_off(steward.app.state.intake, find_document=standards.find)
        found: dict[str, Any] = steward.get(f"/api/v1/jobs/{job}").json()
        return found

    return work


@pytest.fixture
def acknowledged(partial: str, steward: TestClient, rows: Rows, ndjson: Writes) -> str:
    """A correction of both rows that is acknowledged and not judged yet."""
    status, answer = send(
        steward,
        PAKET,
        ndjson([rows[2], rows[5]]),
        NDJSON["Content-Type"],
        corrects=partial,
        prefer="respond-async",
    )
    assert status == 202
    return str(answer["job"])


def test_what_was_closed_while_a_correction_waited_stays_closed(
    partial: str,
    acknowledged: str,
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
    judge: Callable[[str], dict[str, Any]],
) -> None:
    whole = [row for n, row in enumerate(rows[:10]) if n not in (2, 5)]
    status, _ = send(steward, PAKET, ndjson(whole), NDJSON["Content-Type"], mode="replace")
    assert status == 201
    before = held(steward, PAKET, "kd_nontender")
    job = judge(acknowledged)
    assert (job["state"], job["problem"]["status"]) == ("failed", 409)
    assert "selesai" in job["problem"]["detail"]
    assert counts(steward, PAKET, partial) == (0, 0, 2)
    assert held(steward, PAKET, "kd_nontender") == before


@pytest.mark.parametrize("how", ["given up", "past its time", "removed meanwhile"])
def test_a_correction_judged_after_the_end_of_its_quarantine_fails(
    partial: str,
    acknowledged: str,
    steward: TestClient,
    settings: Settings,
    judge: Callable[[str], dict[str, Any]],
    how: str,
) -> None:
    match how:
        case "given up":
            answer = steward.post(
                f"{at(PAKET)}/{partial}/give-up", json={"reason": "Paket dibatalkan"}
            )
            assert answer.status_code == 200
        case "past its time":
            age(steward, partial, settings.quarantine_days)
        case _:
            (keeping.folder(settings, partial) / keeping.QUARANTINE).unlink()
    job = judge(acknowledged)
    assert (job["state"], job["problem"]["status"]) == ("failed", 409)
    assert steward.get(f"/api/v1/datasets/{PAKET}/releases/2").status_code == 404


def age(who: TestClient, batch: str, days: int) -> None:
    """Let a batch have been judged that long ago, and a minute."""
    assert isinstance(who.app, FastAPI)
    with unit_of_work(who.app.state.engine) as session:
        judged = session.get_one(Batch, batch)
        judged.finished_at = real_now() - timedelta(days=days, minutes=1)


def test_a_quarantine_past_its_time_takes_no_correction_though_its_rows_still_lie_there(
    partial: str, steward: TestClient, settings: Settings, rows: Rows, ndjson: Writes
) -> None:
    age(steward, partial, settings.quarantine_days)
    assert (keeping.folder(settings, partial) / keeping.QUARANTINE).exists()
    status, answer = send(
        steward, PAKET, ndjson([rows[2]]), NDJSON["Content-Type"], corrects=partial
    )
    assert status == 409
    assert "Masa simpan" in answer["detail"]
    assert counts(steward, PAKET, partial) == (2, 0, 0)


def test_of_two_corrections_sent_at_once_one_wins_and_nothing_is_doubled(
    partial: str,
    make_client: Callable[..., TestClient],
    steward: TestClient,
    rows: Rows,
    ndjson: Writes,
) -> None:
    body, kind = ndjson([rows[2], rows[5]]), NDJSON["Content-Type"]
    others = [make_client("steward", "bpbj") for _ in range(2)]
    answers = at_once(
        *(lambda who=who: send(who, PAKET, body, kind, corrects=partial) for who in others)
    )
    assert sorted(status for status, _ in answers) == [201, 409]
    assert counts(steward, PAKET, partial) == (0, 2, 0)
    ids = sorted(str(row["kd_nontender"]) for row in rows[:10])
    assert held(steward, PAKET, "kd_nontender") == ids
    assert steward.get(f"/api/v1/datasets/{PAKET}/releases/3").status_code == 404


def test_the_same_correction_sent_twice_at_once_under_one_key_is_answered_alike(
    partial: str, steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    body, kind = ndjson([rows[2], rows[5]]), NDJSON["Content-Type"]
    call = lambda: send(  # noqa: E731 - the same call twice
        steward, PAKET, body, kind, corrects=partial, idempotency_key="perbaikan-kembar"
    )
    first, second = at_once(call, call)
    assert first == second
    assert first[0] == 201
    assert counts(steward, PAKET, partial) == (0, 2, 0)


def test_without_a_key_a_row_that_was_mended_does_not_come_in_again(
    keyless: str, steward: TestClient
) -> None:
    status, _ = send(steward, CATATAN, b"#baris,isi,jumlah\n2,a,1\n", corrects=keyless)
    assert status == 201
    status, answer = send(steward, CATATAN, b"#baris,isi,jumlah\n2,a,1\n3,b,2\n", corrects=keyless)
    assert status == 409
    assert "#baris 2" in answer["detail"]
    assert answer["rows"] == [2]
    assert counts(steward, CATATAN, keyless) == (1, 1, 0)
    assert held(steward, CATATAN, "isi") == ["a", "c"]
    status, _ = send(steward, CATATAN, b"#baris,isi,jumlah\n3,b,2\n", corrects=keyless)
    assert status == 201
    assert held(steward, CATATAN, "isi") == ["a", "b", "c"]


@pytest.mark.parametrize("second", ["1", "satu"])
def test_without_a_key_one_number_stands_in_one_row_of_a_correction(
    keyless: str, steward: TestClient, second: str
) -> None:
    body = f"#baris,isi,jumlah\n2,a,1\n2,a,{second}\n".encode()
    status, answer = send(steward, CATATAN, body, corrects=keyless, on_error="quarantine")
    assert status == 422
    assert "lebih dari satu baris" in answer["detail"]
    assert counts(steward, CATATAN, keyless) == (2, 0, 0)
    assert held(steward, CATATAN, "isi") == ["c"]


def test_without_a_key_two_at_once_that_mend_the_same_row_bring_it_in_once(
    keyless: str, steward: TestClient
) -> None:
    bodies = (b"#baris,isi,jumlah\n2,a,1\n", b"#baris,isi,jumlah\n2,a,1\n\n")
    answers = at_once(
        *(lambda body=body: send(steward, CATATAN, body, corrects=keyless) for body in bodies)
    )
    assert sorted(status for status, _ in answers) == [201, 409]
    assert held(steward, CATATAN, "isi") == ["a", "c"]
    assert counts(steward, CATATAN, keyless) == (1, 1, 0)
