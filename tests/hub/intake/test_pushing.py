"""What a steward's program notices when it pushes."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

Rows = list[dict[str, Any]]
Writes = Callable[[Rows], bytes]
DATASET = "/api/v1/datasets/bpbj/paket-nontender"
URL = DATASET + "/batches"
NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}


def changed(rows: Rows, count: int, new: int) -> Rows:
    """A newer snapshot: the first `count` rows ended otherwise, `new` more packages at the end."""
    first = [{**row, "status_nontender": "Gagal/Batal"} for row in rows[:count]]
    more = [
        {**row, "kd_nontender": row["kd_nontender"] + 10**12, "lls_id": row["lls_id"] + 10**12}
        for row in rows[:new]
    ]
    return first + rows[count:] + more


def test_a_push_becomes_the_next_release_with_a_receipt(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    make_dataset()
    answer = steward.post(URL, content=ndjson(rows[:50]), headers=NDJSON)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["state"], body["release"], body["accepted"]) == ("published", 1, 50)
    assert set(body["receipt"]) == {"entry_id", "entry_hash", "signature"}
    batch = steward.get(answer.headers["Location"]).json()
    assert (batch["state"], batch["rows"], batch["via"]) == ("published", 50, "push")


def test_a_newer_snapshot_as_csv_renews_by_key_and_says_what_is_new(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    csv_of: Writes,
    ndjson: Writes,
) -> None:
    make_dataset()
    assert steward.post(URL, content=ndjson(rows), headers=NDJSON).json()["accepted"] == len(rows)
    newer = changed(rows, count=40, new=7)
    answer = steward.post(URL + "?mode=upsert", content=csv_of(newer), headers=CSV)
    assert answer.status_code == 201, answer.text
    assert answer.json()["accepted"] == len(newer)
    release = steward.get(DATASET + "/releases/2").json()
    already = sum(row["status_nontender"] == "Gagal/Batal" for row in rows[:40])
    assert release["rows"] == len(rows) + 7
    assert (release["added"], release["changed"], release["removed"]) == (7, 40 - already, 0)


def test_the_same_key_and_body_again_give_the_same_receipt_and_nothing_twice(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    make_dataset()
    sent = {"content": ndjson(rows[:30]), "headers": {**NDJSON, "Idempotency-Key": "sekali"}}
    first, again = steward.post(URL, **sent), steward.post(URL, **sent)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert steward.get(DATASET + "/releases").json()["items"][0]["number"] == 1


def test_the_same_key_with_another_body_is_refused(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    make_dataset()
    headers = {**NDJSON, "Idempotency-Key": "sekali"}
    steward.post(URL, content=ndjson(rows[:10]), headers=headers)
    answer = steward.post(URL, content=ndjson(rows[:11]), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-mismatch"


def test_one_bad_row_refuses_the_batch_with_its_report(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    make_dataset()
    bad = [*rows[:9], {**rows[9], "pagu": "delapan juta"}]
    answer = steward.post(URL, content=ndjson(bad), headers=NDJSON)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/batch-refused"
    assert problem["report"]["by_rule"][0]["column"] == "pagu"
    assert problem["report"]["rows"][0]["row"] == 10
    assert steward.get(DATASET + "/releases").json()["items"] == []


def test_quarantine_publishes_the_good_rows_and_keeps_the_bad_ones(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    make_dataset()
    bad = [*rows[:9], {**rows[9], "pagu": "delapan juta"}]
    answer = steward.post(URL + "?on_error=quarantine", content=ndjson(bad), headers=NDJSON).json()
    assert (answer["accepted"], answer["rejected"]) == (9, 1)
    errors = URL + f"/{answer['batch']}/errors"
    assert steward.get(errors).json()["counts"]["rejected"] == 1
    assert "delapan juta" in steward.get(errors + "?format=csv").text
    workbook = steward.get(errors + "?format=xlsx")
    assert workbook.content.startswith(b"PK")


def test_append_of_known_keys_is_a_conflict_that_names_upsert(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    make_dataset()
    steward.post(URL, content=ndjson(rows[:10]), headers=NDJSON)
    answer = steward.post(URL, content=ndjson(rows[5:15]), headers=NDJSON)
    assert answer.status_code == 409
    assert "upsert" in answer.json()["detail"]


def test_delete_takes_rows_out_by_key_and_the_old_release_stays(
    make_dataset: Callable[..., Any], steward: TestClient, rows: Rows, ndjson: Writes
) -> None:
    make_dataset()
    steward.post(URL, content=ndjson(rows[:10]), headers=NDJSON)
    keys = [{"kd_nontender": row["kd_nontender"]} for row in rows[:3]]
    answer = steward.post(URL + "?mode=delete", content=ndjson(keys), headers=NDJSON)
    assert answer.status_code == 201, answer.text
    numbers = {r["number"]: r["rows"] for r in steward.get(DATASET + "/releases").json()["items"]}
    assert numbers == {1: 10, 2: 7}


def test_only_a_steward_of_the_agency_may_push(
    make_dataset: Callable[..., Any],
    make_client: Callable[..., TestClient],
    make_agency: Callable[..., str],
    rows: Rows,
    ndjson: Writes,
) -> None:
    make_dataset()
    make_agency("bkad")
    body = ndjson(rows[:3])
    others = (
        make_client("steward", "bkad"),
        make_client("analyst", "bpbj"),
        make_client("head", "bpbj"),
    )
    for other in others:
        assert other.post(URL, content=body, headers=NDJSON).status_code == 403


def test_an_empty_body_and_an_unknown_format_are_clear_errors(
    make_dataset: Callable[..., Any], steward: TestClient
) -> None:
    make_dataset()
    assert steward.post(URL, content=b"").json()["type"] == "/problems/invalid-input"
    answer = steward.post(URL + "?format=dbf", content=b"x")
    assert "dbf" in answer.json()["detail"]
