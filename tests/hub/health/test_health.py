"""What a supervisor of the hub sees."""

from fastapi import FastAPI
from starlette.testclient import TestClient


def test_a_hub_is_alive_and_ready(hub: TestClient) -> None:
    assert hub.get("/healthz").json() == {"status": "ok"}
    answer = hub.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"] == {"database": "ok", "storage": "ok", "ledger": "ok"}


def test_a_hub_whose_storage_is_gone_says_which_part(hub: TestClient) -> None:
    assert isinstance(hub.app, FastAPI)
    storage = hub.app.state.settings.storage
    storage.parent.mkdir(parents=True, exist_ok=True)
    storage.write_text("a file where a folder should be")
    answer = hub.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["storage"] != "ok"
    assert answer.json()["parts"]["database"] == "ok"


def test_requests_are_counted_by_route_and_not_by_what_was_asked(hub: TestClient) -> None:
    hub.get("/api/v1/datasets/rahasia/nama-dataset")
    text = hub.get("/metrics").text
    assert 'route="/api/v1/datasets/{agency}/{slug}"' in text
    assert "nama-dataset" not in text


def test_how_long_nobody_looked_at_the_terms_is_a_metric(hub: TestClient) -> None:
    assert "simpul_terms_clock_age_seconds NaN" in hub.get("/metrics").text
