"""The parties around a grant, their keys, and what somebody with the database can do to it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from hub.grants.jws import PrivateKey, new_key, sign
from hub.grants.verify import public_jwk, thumbprint
from hub.ledger import sequencer

ASKED = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi Bappeda pasal 4"}
COLUMNS = ["kd_nontender", "no_kontrak", "nilai_kontrak"]


@pytest.fixture
def analyst(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("analyst", "bappeda")


@pytest.fixture
def head(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("head", "bpbj")


@pytest.fixture
def walidata(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("walidata", "dkisp")


@pytest.fixture
def asks(analyst: TestClient, make_dataset: Callable[..., str]) -> Callable[..., Any]:
    """Ask for a dataset of bpbj as Bappeda's analyst; the answer's body."""

    def ask(access_class: str = "TERBATAS", **more: Any) -> Any:
        dataset = make_dataset(access_class)
        answer = analyst.post(f"/api/v1/datasets/{dataset}/requests", json=ASKED | more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return ask


@pytest.fixture
def approves(head: TestClient) -> Callable[..., Any]:
    """The head of bpbj approves; the answer's body."""

    def approve(request: str, **terms: Any) -> Any:
        body: dict[str, Any] = {"decision": "approve", "reason": "Sesuai tupoksi"}
        if terms:
            body["terms"] = terms
        answer = head.post(f"/api/v1/requests/{request}/decision", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return approve


@pytest.fixture
def granted(asks: Callable[..., Any], approves: Callable[..., Any]) -> str:
    """A grant on three columns, asked for by Bappeda and approved by the head of bpbj."""
    return str(approves(asks(columns=COLUMNS)["id"])["grant"])


@pytest.fixture
def registers() -> Callable[..., PrivateKey]:
    """Make a key, and register its public half through this caller."""

    def register(who: TestClient, agency: str, curve: str = "Ed25519") -> PrivateKey:
        key = new_key(curve)
        body = {"name": f"Kunci {agency} (sintetis)", "jwk": public_jwk(key.public_key())}
        answer = who.post(f"/api/v1/agencies/{agency}/keys", json=body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["id"] == thumbprint(body["jwk"])
        return key

    return register


@pytest.fixture
def hands_in() -> Callable[..., Any]:
    """Sign the contract as it is served with this key, and hand the signature in."""

    def hand_in(who: TestClient, grant: str, key: PrivateKey) -> Any:
        served = who.get(f"/api/v1/grants/{grant}/contract").json()
        body = {"jws": sign(key, served["text"])}
        return who.post(f"/api/v1/grants/{grant}/signatures", json=body)

    return hand_in


@pytest.fixture
def database(hub: TestClient) -> Callable[..., None]:
    """Run a statement behind the hub's back, as whoever holds the database can."""

    def run(statement: str, /, **values: Any) -> None:
        bound = {k: json.dumps(v) if isinstance(v, list | dict) else v for k, v in values.items()}
        with hub.app.state.engine.begin() as connection:  # type: ignore[attr-defined]
            connection.execute(text(statement), bound)

    return run


@pytest.fixture
def contract_of(hub: TestClient) -> Callable[..., Any]:
    """The bundle of a grant as this caller gets it, with its entries placed in the tree."""

    def fetch(who: TestClient, grant: str) -> Any:
        state = hub.app.state  # type: ignore[attr-defined]
        sequencer.run_once(state.engine, state.ledger.signer)
        answer = who.get(f"/api/v1/grants/{grant}/contract")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return fetch
