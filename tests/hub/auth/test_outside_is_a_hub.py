"""One hub signs people in at another: our client and our provider understand each other."""

import shutil
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.testclient import TestClient

from hub.app import create_app
from hub.settings import Settings
from tests.hub.auth.conftest import decide

CLIENT = "https://klien.example.org"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"public_url": f"http://127.0.0.1:{_free_port()}"})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def served(hub, settings):
    port = int(settings.public_url.rpartition(":")[2])
    config = uvicorn.Config(hub.app, port=port, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    yield settings.public_url
    server.should_exit = True
    thread.join(20)


def test_somebody_of_one_hub_signs_in_at_another(
    hub, served, register, analyst, judges, workers, sqlite_template, tmp_path
):
    back = f"{CLIENT}/masuk/lewat/hub/kembali"
    program = register("hub-lain", scope="catalog:read", redirect_uris=[back])
    shutil.copyfile(sqlite_template, tmp_path / "other.db")
    settings = Settings(
        home=tmp_path / "other",
        database_url=f"sqlite:///{tmp_path / 'other.db'}",
        public_url=CLIENT,
        oidc_issuer=served,
        oidc_name="hub",
        oidc_client_id=program.client_id,
        oidc_client_secret=program.secret,
        oidc_newcomers=True,
    )
    other = create_app(settings, judges=judges, workers=workers)
    with TestClient(other, base_url=CLIENT, follow_redirects=False) as browser:
        asked = urlsplit(browser.get("/masuk/lewat/hub?next=/katalog").headers["location"])
        question = analyst.get(f"{asked.path}?{asked.query}", follow_redirects=False)
        answer = decide(analyst, question)
        returned = browser.get(answer.headers["location"].removeprefix(CLIENT))
        assert (returned.status_code, returned.headers["location"]) == (303, "/katalog")
        me = browser.get("/api/v1/me").json()
        assert me["name"] == analyst.get("/api/v1/me").json()["name"]
        assert me["via"] == "session"
        assert "__Host-simpul" in browser.cookies
