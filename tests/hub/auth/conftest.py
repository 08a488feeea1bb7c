"""Programs with ways back, and people who are led to the page on which they allow them something."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.auth import service
from hub.calendar import real_now
from hub.db import unit_of_work

PASSWORD = "kata sandi panjang (sintetis)"
BACK = "https://aplikasi.example.org/kembali"


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class Program:
    """A program that leads people to the hub; `proof` are the headers of its secret, if any."""

    hub: Any
    client_id: str
    secret: str | None
    redirect_uri: str = BACK
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def asks(self, **changes: str | None) -> dict[str, str]:
        """The parameters of a good request, with changes; None leaves one out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile data:read",
            "state": "keadaan",
            "nonce": "sekali",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (asked | changes).items() if value is not None}

    def post(self, path: str, **form: str) -> Any:
        """A request of the program itself, with its secret or only its name."""
        if self.secret is None:
            return self.hub.post(path, data={"client_id": self.client_id, **form})
        return self.hub.post(path, data=form, headers=basic(self.client_id, self.secret))

    def redeem(self, code: str, **changes: str) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return self.post("/oauth/token", **form | changes)

    def refresh(self, token: str, **more: str) -> Any:
        return self.post("/oauth/token", grant_type="refresh_token", refresh_token=token, **more)


Browser = TestClient


def ask(browser: Browser, asked: dict[str, str]) -> Any:
    return browser.get("/oauth/authorize", params=asked, follow_redirects=False)


def decide(browser: Browser, page: Any, decision: str = "allow") -> Any:
    """Press a button of the form on a page, as a browser without script would."""
    found = re.search(r'action="(/oauth/authorize\?[^"]*)"', page.text)
    assert found, page.text
    return browser.post(unescape(found[1]), data={"decision": decision}, follow_redirects=False)


def told(answer: Any) -> dict[str, str]:
    """What the way back says."""
    assert answer.status_code == 303, answer.text
    query = urlsplit(answer.headers["location"]).query
    assert all(len(values) == 1 for values in parse_qs(query).values())
    return dict(parse_qsl(query))


@pytest.fixture
def register(hub: TestClient) -> Callable[..., Program]:
    """Register a program; confidential unless its method says otherwise."""

    def make(
        client_id: str = "aplikasi",
        scope: str = "catalog:read data:read",
        *,
        redirect_uris: list[str] | None = None,
        **more: Any,
    ) -> Program:
        addresses = [BACK] if redirect_uris is None else redirect_uris
        assert isinstance(hub.app, FastAPI)
        with unit_of_work(hub.app.state.engine) as session:
            made = service.create_client(
                session,
                name=f"Aplikasi {client_id} (sintetis)",
                client_id=client_id,
                scope=scope,
                redirect_uris=addresses,
                now=real_now(),
                **more,
            )
        return Program(hub, made.client_id, made.secret, (addresses or [BACK])[0])

    return make


@pytest.fixture
def public(register: Callable[..., Program]) -> Program:
    return register("publik", token_endpoint_auth_method="none")


@pytest.fixture
def confidential(register: Callable[..., Program]) -> Program:
    return register("rahasia")


@pytest.fixture
def analyst(make_person: Callable[..., Any], sign_in: Callable[..., Browser]) -> Browser:
    """The browser of somebody who holds a post of analyst in bappeda."""
    return sign_in(make_person("analyst", "bappeda", username="ana", password=PASSWORD))


@pytest.fixture
def authorize() -> Callable[..., dict[str, Any]]:
    """Lead a person through the page and redeem the code; returns the token response."""

    def run(program: Program, browser: Browser, **changes: str | None) -> dict[str, Any]:
        page = ask(browser, program.asks(**changes))
        back = page if page.status_code == 303 else decide(browser, page)
        answer = program.redeem(told(back)["code"])
        assert answer.status_code == 200, answer.text
        token: dict[str, Any] = answer.json()
        return token

    return run
