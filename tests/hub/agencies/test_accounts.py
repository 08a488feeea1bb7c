"""People and programs as the walidata manages them, over HTTP."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from hub.auth.signing_in import sign_in as open_session
from hub.calendar import real_now
from hub.db import reading
from hub.idempotency.models import IdempotencyKey
from hub.ledger.models import LedgerEntry


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


def ledger(hub) -> list[tuple[str, str]]:
    with reading(hub.app.state.engine) as session:
        rows = session.exec(select(LedgerEntry.kind, LedgerEntry.body)).all()
    return [(kind, body.decode()) for kind, body in rows]


def token_of(hub, client_id: str, secret: str):
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return hub.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {pair}"},
    )


def test_a_program_is_registered_rotated_and_revoked(hub, walidata):
    made = walidata.post(
        "/api/v1/clients", json={"name": "Gudang Data BKAD", "scope": "data:read catalog:read"}
    ).json()
    client, secret = made["client_id"], made["client_secret"]
    assert client.startswith("gudang-data-bkad-")
    assert made["scope"] == "catalog:read data:read"
    old = token_of(hub, client, secret)
    assert old.status_code == 200
    renewed = walidata.post(f"/api/v1/clients/{client}/rotate").json()["client_secret"]
    assert token_of(hub, client, secret).status_code == 401
    bearer = {"Authorization": f"Bearer {token_of(hub, client, renewed).json()['access_token']}"}
    assert hub.get("/api/v1/me", headers=bearer).status_code == 200
    listed = walidata.get("/api/v1/clients", params={"count": True}).json()
    assert listed["count"] == 2
    assert "secret" not in str(listed["items"]).replace("client_secret_basic", "")
    narrowed = walidata.patch(f"/api/v1/clients/{client}", json={"scope": "data:read"})
    assert narrowed.json()["scope"] == "data:read"
    assert walidata.delete(f"/api/v1/clients/{client}").status_code == 204
    assert token_of(hub, client, renewed).status_code == 401
    assert hub.get("/api/v1/me", headers=bearer).status_code == 401
    kinds = sorted(kind for kind, _ in ledger(hub))
    assert kinds == ["client.changed", "client.created", "client.revoked", "client.rotated"]
    assert walidata.post("/api/v1/clients/tiada/rotate").status_code == 404


def test_a_secret_is_shown_once_and_kept_nowhere(hub, walidata):
    key = {"Idempotency-Key": "client-1"}
    body = {"name": "x", "scope": "data:read", "client_id": "satu"}
    first = walidata.post("/api/v1/clients", json=body, headers=key).json()
    again = walidata.post("/api/v1/clients", json=body, headers=key).json()
    assert again == first | {"client_secret": None}
    with reading(hub.app.state.engine) as session:
        stored = session.exec(select(IdempotencyKey)).one()
    assert first["client_secret"] not in str(stored.model_dump())
    assert walidata.post("/api/v1/clients", json=body).status_code == 409
    unknown = {"name": "x", "scope": "data:eat"}
    assert walidata.post("/api/v1/clients", json=unknown).status_code == 422
    wrong_keys = body | {"client_id": "dua", "jwks": {"keys": []}}
    assert walidata.post("/api/v1/clients", json=wrong_keys).status_code == 422


def test_a_person_is_registered_gets_a_password_and_is_switched_off(hub, walidata):
    body = {"username": "Sri.Utami", "name": "Sri Utami (sintetis)", "email": "sri@bkad.invalid"}
    person = walidata.post("/api/v1/people", json=body).json()
    assert person["username"] == "sri.utami"
    assert walidata.post("/api/v1/people", json=body).status_code == 409
    secret = {"password": "kata-sandi-sintetis"}
    path = f"/api/v1/people/{person['id']}"
    assert walidata.put(f"{path}/password", json={"password": "pendek"}).status_code == 422
    assert walidata.put(f"{path}/password", json=secret).status_code == 204
    engine = hub.app.state.engine
    assert open_session(engine, "sri.utami", secret["password"], now=real_now()).person
    changed = walidata.patch(path, json={"active": False}).json()
    assert changed["active"] is False
    assert changed["email"] == "sri@bkad.invalid"
    (listed,) = walidata.get("/api/v1/people").json()["items"]
    assert listed["id"] == person["id"]
    entries = ledger(hub)
    assert sorted(kind for kind, _ in entries) == [
        "person.changed",
        "person.created",
        "person.password",
    ]
    for _, text in entries:  # the ledger knows ids, never names
        assert person["id"] in text
        assert "Sri" not in text
        assert "sri" not in text


def test_a_person_cannot_be_made_with_members_that_are_not_hers_to_choose(walidata):
    for extra in ({"password_hash": "x"}, {"id": "x"}, {"role": "walidata"}, {"password": "x" * 9}):
        body = {"username": "ada", "name": "Ada (sintetis)"} | extra
        assert walidata.post("/api/v1/people", json=body).status_code == 422


def test_of_two_that_take_one_name_at_once_one_gets_it(walidata):
    body = {"username": "ada", "name": "Ada (sintetis)"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: walidata.post("/api/v1/people", json=body), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    program = {"name": "x", "scope": "data:read", "client_id": "satu"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: walidata.post("/api/v1/clients", json=program), range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
