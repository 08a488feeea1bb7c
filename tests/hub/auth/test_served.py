"""A hub that is really served: many at once, and a client library that knows nothing of Simpul."""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from joserfc.jwk import ECKey
from sqlmodel import func, select
from starlette.testclient import TestClient

from hub.auth.models import RefreshToken, TokenFamily
from hub.db import reading
from hub.settings import Settings
from tests.hub.auth.conftest import PASSWORD, Program, ask, basic, decide, told

AT_ONCE = 8
SCRIPTS = Path(__file__).with_name("openid_client")
BACK = "http://127.0.0.1:9/kembali"
"""Nobody listens there: the person's part is done here, and stops at the address."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of a hub that others reach on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})


@pytest.fixture
def served(hub: TestClient, settings: Settings) -> Iterator[str]:
    """Address at which the hub of this test is served."""
    assert isinstance(hub.app, FastAPI)
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


def all_at_once(url: str, form: dict[str, str], headers: dict[str, str]) -> list[Any]:
    """The same request from several connections, sent when all of them are ready."""
    ready = threading.Barrier(AT_ONCE)

    def send(_: int) -> Any:
        with httpx2.Client(timeout=60, trust_env=False) as client:
            ready.wait(30)
            return client.post(f"{url}/oauth/token", data=form, headers=headers)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def test_of_eight_that_redeem_one_code_or_refresh_token_at_once_one_gets_it(
    hub, served, analyst, confidential
):
    headers = basic(confidential.client_id, confidential.secret)

    def code() -> dict[str, str]:
        page = ask(analyst, confidential.asks(prompt="consent"))
        return {
            "grant_type": "authorization_code",
            "code": told(decide(analyst, page))["code"],
            "redirect_uri": confidential.redirect_uri,
            "code_verifier": confidential.verifier,
        }

    def one_won(answers: list[Any]) -> None:
        assert sorted(answer.status_code for answer in answers) == [200] + [400] * (AT_ONCE - 1)
        errors = {answer.json().get("error") for answer in answers}
        assert errors == {None, "invalid_grant"}

    one_won(all_at_once(served, code(), headers))
    with reading(hub.app.state.engine) as session:
        assert session.exec(select(func.count()).select_from(RefreshToken)).one() == 1
        assert session.exec(select(TokenFamily.ended)).one() == "reused"
    token = confidential.post("/oauth/token", **code()).json()
    renew = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    one_won(all_at_once(served, renew, headers))
    with reading(hub.app.state.engine) as session:
        assert session.exec(select(func.count()).select_from(RefreshToken)).one() == 3
        assert set(session.exec(select(TokenFamily.ended))) == {"reused"}


@pytest.fixture(scope="session")
def openid_client() -> Path:
    """Folder in which openid-client lies beside our script, outside the tree; made once a lock."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed, so openid-client cannot run")
    lock = (SCRIPTS / "package-lock.json").read_bytes()
    name = f"simpul-openid-client-{os.getuid()}-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    if not (folder / "node_modules" / "openid-client").exists():
        draft = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        for file in ("package.json", "package-lock.json"):
            shutil.copy(SCRIPTS / file, draft)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
        made = subprocess.run(
            ["npm", "ci", *quiet], cwd=draft, capture_output=True, text=True, check=False
        )
        if made.returncode:
            shutil.rmtree(draft)
            pytest.skip("openid-client could not be installed: npm ci does not reach its registry")
        try:
            draft.rename(folder)
        except OSError:  # another test process was first
            shutil.rmtree(draft)
    shutil.copy(SCRIPTS / "journey.mjs", folder)
    return folder


def journey(folder: Path, person: Callable[[str], str] | None, **told: Any) -> dict[str, Any]:
    """What openid-client got; `person` goes to an address and says where she was led."""
    process = subprocess.Popen(
        ["node", "journey.mjs"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "JOURNEY": json.dumps(told)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    back = None
    if person is not None:
        url = process.stdout.readline().strip()
        back = person(url) + "\n" if url else None
    said, failed = process.communicate(back, timeout=60)
    assert process.returncode == 0, failed
    got: dict[str, Any] = json.loads(said)
    return got


def by_forms(base: str, username: str) -> Callable[[str], str]:
    """A person in a browser without script: signs in, reads, presses the button that allows."""

    def go(url: str) -> str:
        with httpx2.Client(base_url=base, headers={"Origin": base}, trust_env=False) as browser:
            form = browser.get(url, follow_redirects=True)
            next_page = re.search(r'name="next" value="([^"]+)"', form.text)
            assert next_page, form.text
            said = {"username": username, "password": PASSWORD, "next": unescape(next_page[1])}
            page = browser.post("/masuk", data=said, follow_redirects=True)
            action = re.search(r'action="(/oauth/authorize\?[^"]+)"', page.text)
            assert action, page.text
            answer = browser.post(unescape(action[1]), data={"decision": "allow"})
            return str(answer.headers["location"])

    return go


def test_openid_client_signs_people_and_itself_in(
    served, openid_client, make_person, register, hub
):
    person = make_person("analyst", "bappeda", username="ana", password=PASSWORD)
    key = ECKey.generate_key("P-256", {"kid": "k", "alg": "ES256"})
    jwks = {"keys": [key.as_dict(private=False)]}
    kinds: list[tuple[Program, dict[str, Any]]] = [
        (register("publik", redirect_uris=[BACK], token_endpoint_auth_method="none"), {}),
        (register("kunci", redirect_uris=[BACK], jwks=jwks), {"jwk": key.as_dict(private=True)}),
    ]
    secret = register("rahasia", redirect_uris=[BACK])
    kinds.append((secret, {"secret": secret.secret}))
    for program, proof in kinds:
        got = journey(
            openid_client,
            by_forms(served, "ana"),
            issuer=served,
            clientId=program.client_id,
            redirectUri=BACK,
            **proof,
        )
        assert got["issuer"] == served
        assert got["scope"] == "data:read email openid profile"
        assert got["claims"]["sub"] == got["userinfo"]["sub"] == got["me"]["id"] == person.id
        assert got["userinfo"]["preferred_username"] == "ana"
        assert got["me"]["scopes"] == ["data:read"]
        assert got["renewed"] is True
        assert got["afterRevocation"] == "invalid_grant"
    machine = register("mesin", redirect_uris=[], jwks=jwks)
    for program, proof in (
        (machine, {"jwk": key.as_dict(private=True)}),
        (plain := register("biasa", redirect_uris=[]), {"secret": plain.secret}),
    ):
        got = journey(openid_client, None, issuer=served, clientId=program.client_id, **proof)
        assert got["scope"] == "data:read"
        assert got["introspection"]["client_id"] == program.client_id
