"""A large upload is judged later, and its page follows it until there is a verdict."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.intake import waiting
from hub.settings import Settings
from hub.standards import service as standards

PAKET = "bpbj/paket-nontender"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """A hub to which nearly every file is large."""
    return Settings(
        home=tmp_path / "home",
        database_url=database_url,
        public_url="http://testserver",
        small_batch_bytes=1000,
    )


def test_the_page_reloads_while_the_file_is_judged_and_then_shows_the_report(
    hub: TestClient,
    enter: Callable[..., TestClient],
    demo_dataset: Callable[..., str],
    form_key: Callable[..., str],
    rows_of: Callable[..., Any],
    csv_of: Callable[..., bytes],
) -> None:
    demo_dataset(PAKET)
    steward = enter("steward", "bpbj")
    said = {
        "key": form_key(steward, "/publikasi"),
        "dataset": PAKET,
        "mode": "upsert",
        "on_error": "quarantine",
    }
    file = ("paket.csv", csv_of(rows_of(PAKET)[:20]))
    place = steward.post("/publikasi", data=said, files={"file": file}).headers["location"]
    followed = steward.get(place)
    assert followed.headers["refresh"] == "2"
    assert "menunggu giliran" in followed.text
    assert isinstance(hub.app, FastAPI)
    waiting.work_off(hub.app.state.intake, find_document=standards.find)
    done = steward.get(place)
    assert "refresh" not in done.headers
    assert "20 baris, rilis 1" in done.text
