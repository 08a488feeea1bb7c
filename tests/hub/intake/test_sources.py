"""Pulling from an agency's system, played by a small real server."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.settings import Settings

Rows = list[dict[str, Any]]
DATASET = "bpbj/paket-nontender"
URL = "/api/v1/sources"


class Agency:
    """An agency's system: `status`, `kind` and `body` are what it answers; `cut` drops the line half-way."""

    def __init__(self) -> None:
        self.status, self.kind, self.body, self.cut = 200, "application/json", b"[]", False
        agency = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(agency.status)
                self.send_header("Content-Type", agency.kind)
                self.send_header("Content-Length", str(len(agency.body)))
                self.end_headers()
                whole = len(agency.body)
                self.wfile.write(agency.body[: whole // 2 if agency.cut else whole])

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])


@pytest.fixture
def agency() -> Iterator[Agency]:
    playing = Agency()
    yield playing
    playing.server.shutdown()
    playing.server.server_close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, agency: Agency) -> Settings:
    files = tmp_path / "berkas"
    files.mkdir()
    return Settings(
        home=tmp_path / "home",
        database_url=database_url,
        public_url="http://testserver",
        allowed_sources=frozenset({f"127.0.0.1:{agency.port}"}),
        source_root=files,
    )


@pytest.fixture
def source(make_dataset: Callable[..., Any], steward: TestClient, agency: Agency) -> str:
    make_dataset()
    wanted = {
        "dataset": DATASET,
        "kind": "http-json",
        "stream": "rows",
        "options": {"url": f"http://127.0.0.1:{agency.port}/isb/{{secret}}/data", "attempts": 1},
        "secrets": {"url_secret": "kunci-wilayah"},
        "on_error": "reject",
    }
    answer = steward.post(URL, json=wanted)
    assert answer.status_code == 201, answer.text
    assert "kunci-wilayah" not in answer.text
    made: str = answer.json()["id"]
    return made


def run(steward: TestClient, source: str) -> dict[str, Any]:
    answer = steward.post(f"{URL}/{source}/run")
    assert answer.status_code == 201, answer.text
    ran: dict[str, Any] = answer.json()
    return ran


def latest(steward: TestClient) -> int:
    items = steward.get(f"/api/v1/datasets/{DATASET}/releases").json()["items"]
    return max((item["number"] for item in items), default=0)


def test_a_run_publishes_what_the_source_serves_and_a_second_run_finds_nothing_new(
    steward: TestClient, agency: Agency, source: str, rows: Rows
) -> None:
    agency.body = json.dumps(rows[:40]).encode()
    first = run(steward, source)
    assert (first["outcome"], first["accepted"]) == ("ok", 40)
    again = run(steward, source)
    assert (again["outcome"], again["batches"]) == ("nothing-new", 0)
    assert latest(steward) == 1
    assert [r["outcome"] for r in steward.get(f"{URL}/{source}/runs").json()] == [
        "nothing-new",
        "ok",
    ]


@pytest.mark.parametrize("trouble", ["500", "html", "half a body"])
def test_a_source_in_trouble_is_named_and_nothing_is_lost(
    steward: TestClient, agency: Agency, source: str, rows: Rows, trouble: str
) -> None:
    agency.body = json.dumps(rows[:40]).encode()
    run(steward, source)
    agency.body = json.dumps(rows[:45]).encode()
    match trouble:
        case "500":
            agency.status = 500
        case "html":
            agency.kind, agency.body = "text/html", b"<html><body>Maintenance</body></html>"
        case _:
            agency.cut = True
    failed = run(steward, source)
    assert failed["outcome"] == "failed"
    assert failed["layer"]
    assert failed["message_id"]
    assert failed["message_en"]
    assert latest(steward) == 1
    agency.status, agency.kind, agency.cut = 200, "application/json", False
    agency.body = json.dumps(rows[:45]).encode()
    assert run(steward, source)["outcome"] == "ok"
    assert latest(steward) == 2


def test_a_batch_the_gate_refuses_moves_the_state_but_publishes_nothing(
    steward: TestClient, agency: Agency, source: str, rows: Rows
) -> None:
    agency.body = json.dumps([{**rows[0], "pagu": "banyak"}]).encode()
    assert run(steward, source)["outcome"] == "refused"
    assert latest(steward) == 0


def test_a_check_names_the_layer_that_fails(
    steward: TestClient, agency: Agency, source: str, rows: Rows
) -> None:
    agency.body = json.dumps(rows[:2]).encode()
    assert steward.post(f"{URL}/{source}/check").json()["ok"] is True
    agency.status = 500
    report = steward.post(f"{URL}/{source}/check").json()
    assert (report["ok"], report["failing"]) == (False, "query")


def test_a_source_of_another_agency_is_not_there(
    make_client: Callable[..., TestClient], source: str
) -> None:
    other = make_client("steward", "bkad")
    assert other.get(f"{URL}/{source}").status_code == 404
    assert other.post(f"{URL}/{source}/run").status_code == 404


def test_files_in_a_folder_arrive_once(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    settings: Settings,
    rows: Rows,
    csv_of: Callable[[Rows], bytes],
) -> None:
    make_dataset()
    assert settings.source_root is not None
    (settings.source_root / "paket.csv").write_bytes(csv_of(rows[:25]))
    wanted = {
        "dataset": DATASET,
        "kind": "folder",
        "stream": "files",
        "options": {"path": str(settings.source_root), "pattern": "*.csv", "settle_seconds": 0},
    }
    made = steward.post(URL, json=wanted).json()["id"]
    assert run(steward, made)["accepted"] == 25
    assert run(steward, made)["outcome"] == "nothing-new"


def test_the_options_of_a_source_are_judged_before_it_is_made(
    make_dataset: Callable[..., Any], steward: TestClient
) -> None:
    make_dataset()
    wanted = {"dataset": DATASET, "kind": "http-json", "options": {"url": "ftp://x"}}
    answer = steward.post(URL, json=wanted)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/source-options"
