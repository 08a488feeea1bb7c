"""A person's own tools: Power Query by Basic, pandas and the shell by Bearer."""

import base64
from datetime import timedelta

import pytest
from sqlmodel import select, update

from hub.auth.models import PersonalToken
from hub.calendar import real_now
from hub.db import reading, unit_of_work

PASSWORD = "rahasia-sintetis"


@pytest.fixture
def analyst(make_person, sign_in):
    person = make_person("analyst", "bappeda", username="ana", password=PASSWORD)
    return sign_in(person)


def basic(username: str, token: str) -> dict[str, str]:
    pair = base64.b64encode(f"{username}:{token}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def test_a_token_opens_by_bearer_and_by_basic_within_its_scope(hub, analyst):
    made = analyst.post(
        "/api/v1/tokens",
        json={"name": "Power Query", "scope": "data:read", "dataset": "bpbj/kontrak-nontender"},
    )
    assert made.status_code == 201
    token = made.json()["token"]
    assert token.startswith("smp_")
    for header in (
        {"Authorization": f"Bearer {token}"},
        basic("ana", token),
        basic(" ANA ", token),
    ):
        me = hub.get("/api/v1/me", headers=header).json()
        assert me["via"] == "personal-token"
        assert me["scopes"] == ["data:read"]
        assert me["dataset"] == "bpbj/kontrak-nontender"
    (listed,) = analyst.get("/api/v1/tokens").json()["items"]
    assert listed["name"] == "Power Query"
    assert listed["last_used_at"] is not None
    with reading(hub.app.state.engine) as session:
        assert token not in session.exec(select(PersonalToken.hash)).one()
    for header in (basic("ani", token), basic("ana", token + "x"), basic("ana", "")):
        answer = hub.get("/api/v1/me", headers=header)
        assert answer.status_code == 401
        assert answer.json()["error"] == "invalid_token"


def test_a_token_ends_by_time_by_revocation_and_not_by_a_stranger(
    hub, analyst, make_person, sign_in
):
    made = analyst.post("/api/v1/tokens", json={"name": "skrip"}).json()
    header = {"Authorization": f"Bearer {made['token']}"}
    other = sign_in(make_person("analyst", "bappeda", password=PASSWORD))
    assert other.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
    assert hub.get("/api/v1/me", headers=header).status_code == 200
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(PersonalToken).values(expires_at=real_now() - timedelta(seconds=1)))
    assert hub.get("/api/v1/me", headers=header).status_code == 401
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(PersonalToken).values(expires_at=real_now() + timedelta(days=1)))
    assert hub.get("/api/v1/me", headers=header).status_code == 200
    assert analyst.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert analyst.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
    assert hub.get("/api/v1/me", headers=header).status_code == 401
    assert analyst.get("/api/v1/tokens").json()["items"] == []


def test_a_token_is_never_wider_than_its_maker_nor_made_by_a_token(hub, analyst, make_client):
    def ask(who, **body):
        return who.post("/api/v1/tokens", json={"name": "x"} | body).status_code

    assert ask(analyst, scope="data:write") == 403
    assert ask(analyst, scope="no:such") == 422
    assert ask(analyst, days=0) == 422
    assert ask(analyst, days=366) == 422
    assert ask(analyst, dataset="../x") == 422
    assert ask(analyst, person="somebody") == 422
    assert ask(make_client("analyst", "bappeda")) == 403
    token = analyst.post("/api/v1/tokens", json={"name": "x"}).json()["token"]
    by_token = hub.post(
        "/api/v1/tokens", json={"name": "y"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert by_token.status_code == 403


def test_a_repeated_request_makes_one_token_and_shows_it_once(analyst):
    key = {"Idempotency-Key": "once"}
    first = analyst.post("/api/v1/tokens", json={"name": "x"}, headers=key).json()
    again = analyst.post("/api/v1/tokens", json={"name": "x"}, headers=key).json()
    assert again == {"id": first["id"], "token": None}
