"""What a steward learns when a batch refers to records of other datasets, or to keys of its own release."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.intake import referenced, tidying
from hub.intake.service import Intake

NDJSON = {"Content-Type": "application/x-ndjson"}
PAKET, SATKER, SUB = "bpbj/paket-nontender", "dkisp/satker", "bkad/sub-kegiatan"
HASIL = "bpbj/hasil-nontender"

Pushes = Callable[..., Any]


@pytest.fixture
def push(
    make_client: Callable[..., TestClient], ndjson: Callable[[list[dict[str, Any]]], bytes]
) -> Pushes:
    """Send records to a dataset as its agency's steward."""

    def send(name: str, records: list[dict[str, Any]], query: str = "") -> Any:
        steward = make_client("steward", name.partition("/")[0])
        url = f"/api/v1/datasets/{name}/batches{query}"
        answer = steward.post(url, content=ndjson(records), headers=NDJSON)
        found = answer.json()
        report = steward.get(f"{url.partition('?')[0]}/{found['batch']}/errors").json()
        return answer, report

    return send


def rules(report: dict[str, Any]) -> dict[str, tuple[int, str]]:
    return {rule["rule"]: (rule["count"], rule["severity"]) for rule in report["by_rule"]}


def unchecked(report: dict[str, Any]) -> set[str]:
    return {n["value"] for n in report["notes"] if n["code"] == "reference-unchecked"}


def test_what_nobody_has_sent_yet_is_said_and_what_is_lost_is_a_warning(
    make_dataset: Callable[..., Any], push: Pushes, served: Callable[[str], Any]
) -> None:
    for name in (SATKER, SUB, PAKET):
        make_dataset(name)
    packages = served(PAKET)
    answer, report = push(PAKET, packages[:40])
    assert answer.status_code == 201
    assert unchecked(report) == {"lkpp/satker", "lkpp/sub-kegiatan"}
    push(SATKER, served(SATKER))
    answer, report = push(PAKET, packages[:40], "?mode=replace")
    assert unchecked(report) == {"lkpp/sub-kegiatan"}
    push(SUB, served(SUB))
    stranger = {**packages[0], "kd_satker_str": "9.99.9.99.9.99.99.0000"}
    answer, report = push(PAKET, [stranger, *packages[1:]], "?mode=replace")
    assert (answer.status_code, unchecked(report)) == (201, set())
    assert report["counts"]["rejected"] == 0
    by = {rule["schema_path"]: rule for rule in report["by_rule"] if rule["rule"] == "rujukan"}
    assert by["/x-rujukan/0"]["count"] == 1
    assert by["/x-rujukan/0"]["severity"] == "warning"
    # 127 packages name a budget row that is not there (docs/tutorial/anggaran-ke-paket.md), and the stranger
    assert by["/x-rujukan/1"]["count"] == 128


def test_a_dataset_that_wants_it_refuses_lost_references(
    make_dataset: Callable[..., Any], push: Pushes, served: Callable[[str], Any]
) -> None:
    make_dataset(PAKET)
    make_dataset(HASIL, severities={"rujukan": "error"})
    packages, results = served(PAKET), served(HASIL)
    push(PAKET, packages)
    assert push(HASIL, results)[0].status_code == 201
    lost = {**results[0], "kd_nontender": 1}
    answer, report = push(HASIL, [lost, results[1]], "?mode=replace")
    assert answer.status_code == 422
    assert rules(report) == {"rujukan": (1, "error")}
    assert report["rows"][0]["row"] == 1


def test_an_agency_cannot_ask_another_s_closed_data_whether_a_key_is_there(
    make_dataset: Callable[..., Any], push: Pushes, served: Callable[[str], Any]
) -> None:
    closed = {"access_class": "TERBATAS", "restriction_basis": "uji"}
    make_dataset(SATKER, **closed)
    make_dataset(PAKET)
    push(SATKER, served(SATKER))
    _, report = push(PAKET, served(PAKET)[:5])
    assert "lkpp/satker" in unchecked(report)
    assert rules(report) == {}


def test_an_append_names_the_rows_whose_keys_are_there_already(
    make_dataset: Callable[..., Any], push: Pushes, served: Callable[[str], Any]
) -> None:
    make_dataset(PAKET)
    packages = served(PAKET)
    push(PAKET, packages[:10])
    answer, report = push(PAKET, packages[7:12])
    assert answer.status_code == 409
    assert "upsert" in answer.json()["detail"]
    assert [key["kd_nontender"] for key in answer.json()["keys"]] == [
        row["kd_nontender"] for row in packages[7:10]
    ]
    assert rules(report) == {"kunci-sudah-ada": (3, "error")}
    assert [row["row"] for row in report["rows"]] == [1, 2, 3]
    answer, _ = push(PAKET, packages[7:12], "?on_error=quarantine")
    assert (answer.status_code, answer.json()["accepted"]) == (201, 2)


def test_a_deletion_says_which_keys_were_not_there(
    make_dataset: Callable[..., Any], push: Pushes, served: Callable[[str], Any]
) -> None:
    make_dataset(PAKET)
    packages = served(PAKET)
    push(PAKET, packages[:10])
    keys = [{"kd_nontender": row["kd_nontender"]} for row in packages[8:12]]
    answer, report = push(PAKET, keys, "?mode=delete")
    assert answer.status_code == 201
    assert rules(report) == {"kunci-tidak-ada": (2, "warning")}
    assert report["by_rule"][0]["first_rows"] == [3, 4]


def test_files_of_keys_are_made_once_and_go_when_nobody_asks(
    hub: TestClient,
    make_dataset: Callable[..., Any],
    push: Pushes,
    served: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_dataset(SATKER)
    make_dataset(PAKET)
    push(SATKER, served(SATKER))
    push(PAKET, served(PAKET)[:5])
    assert isinstance(hub.app, FastAPI)
    intake: Intake = hub.app.state.intake
    folder = referenced.folder(intake.settings)
    (made,) = folder.iterdir()
    before = made.stat().st_ino
    push(PAKET, served(PAKET)[:5], "?mode=upsert")
    assert [path.stat().st_ino for path in folder.iterdir()] == [before]
    tidying.sweep(intake.engine, intake.settings)
    assert made.exists()
    monkeypatch.setattr(tidying, "KEYS_AGE", -tidying.KEYS_AGE)
    tidying.sweep(intake.engine, intake.settings)
    assert not made.exists()


def test_warnings_beside_known_keys_change_neither_the_answer_nor_what_comes_first(
    make_dataset: Callable[..., Any], push: Pushes, served: Callable[[str], Any]
) -> None:
    for name in (SATKER, PAKET):
        make_dataset(name)
    packages = served(PAKET)
    push(SATKER, served(SATKER))
    push(PAKET, packages[:10])
    lost = [{**row, "kd_satker_str": "9.99.9.99.9.99.99.0000"} for row in packages[10:16]]
    answer, report = push(PAKET, [*packages[7:10], *lost])
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert [(rule["rule"], rule["count"]) for rule in report["by_rule"]] == [
        ("kunci-sudah-ada", 3),
        ("rujukan", 6),
    ]
