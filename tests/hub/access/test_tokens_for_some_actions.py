"""A personal token that was narrowed to some ways of reading opens no other, whoever its person is."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from hub.access.judging import Action
from hub.access.models import AccessDecision
from hub.access.replay import replay
from hub.auth import personal
from hub.db import reading
from hub.web.pages.account import ACTIONS
from tests.hub.conftest import BASE

PASSWORD = "kata sandi panjang (sintetis)"


def paths(dataset: str) -> dict[Action, tuple[str, str, dict[str, str] | None]]:
    at = f"/api/v1/datasets/{dataset}"
    sql = f"SELECT kode FROM {dataset.replace('/', '.')}"
    return {
        Action.ROWS: ("GET", f"{at}/rows?limit=1", None),
        Action.EXPORT: ("GET", f"{at}/rows?format=csv", None),
        Action.SAMPLE: ("GET", f"{at}/sample", None),
        Action.PROFILE: ("GET", f"{at}/profile", None),
        Action.CHANGES: ("GET", f"{at}/releases/1/changes", None),
        Action.QUERY: ("POST", "/api/v1/query", {"sql": sql}),
    }


@pytest.fixture
def browser(make_person, sign_in):
    """Somebody of the producer, who may read all of it."""
    return sign_in(make_person("analyst", "bpbj", password=PASSWORD))


@pytest.fixture
def with_token(hub, browser):
    def make(**wanted) -> TestClient:
        answer = browser.post("/api/v1/tokens", json={"name": "alat", **wanted})
        assert answer.status_code == 201, answer.text
        bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
        return TestClient(hub.app, base_url=BASE, headers=bearer)

    return make


def test_the_ways_of_reading_are_the_same_everywhere():
    assert {str(action) for action in Action} == personal.ACTIONS == set(ACTIONS)


@pytest.mark.parametrize("access_class", ["TERBATAS", "TERBUKA"])
def test_each_way_of_reading_opens_itself_alone(
    hub, penerima, publish_rows, with_token, access_class
):
    dataset = penerima(access_class)
    publish_rows(dataset)
    ways = paths(dataset)
    whole = with_token()
    for action, (method, path, body) in ways.items():
        assert whole.request(method, path, json=body).status_code == 200, action
    opened = {}
    for allowed in ways:
        token = with_token(actions=[allowed])
        assert token.get("/api/v1/me").json()["actions"] == [allowed]
        answers = {
            action: token.request(method, path, json=body).status_code
            for action, (method, path, body) in ways.items()
        }
        opened[allowed] = [action for action, status in answers.items() if status == 200]
        assert set(answers.values()) <= {200, 403, 404, 422}, answers
    assert opened == {action: [action] for action in ways}


def test_a_refusal_is_recorded_and_can_be_made_again(hub, penerima, publish_rows, with_token):
    dataset = penerima()
    publish_rows(dataset)
    refused = with_token(actions=["rows"]).get(f"/api/v1/datasets/{dataset}/sample")
    assert refused.status_code == 403
    with reading(hub.app.state.engine) as session:
        one = session.exec(
            select(AccessDecision).where(AccessDecision.action == Action.SAMPLE)
        ).one()
        assert one.reason == "narrowed_token"
        assert [again.same for again in replay(session, [one.id])] == [True]


def test_a_token_is_not_narrowed_to_nothing_or_to_words_that_are_none(hub, browser):
    for actions in ([], ["rows", "segalanya"]):
        wrong = browser.post("/api/v1/tokens", json={"name": "alat", "actions": actions})
        assert wrong.status_code == 422
        assert "export" in wrong.json()["detail"]


def test_the_page_narrows_and_shows_it(hub, browser):
    page = browser.get("/akun").text
    assert page.count('type="checkbox" name="actions"') == len(Action)
    said = {"name": "Excel", "days": "30", "narrowed": "1"}
    none = browser.post("/akun", data=said)
    assert none.status_code == 422
    odd = browser.post("/akun", data=said | {"actions": ["rows"], "dataset": "bukan-nama"})
    assert odd.status_code == 422
    assert 'href="#dataset"' in odd.text
    made = browser.post("/akun", data=said | {"actions": ["rows"], "dataset": "bkad/program"})
    assert made.status_code == 200
    rows = browser.get("/api/v1/tokens").json()["items"]
    assert [(one["dataset"], one["actions"]) for one in rows] == [("bkad/program", ["rows"])]
    assert "Baris demi baris" in made.text.split("<tbody>")[2]
