"""The inbox over HTTP: one's own posts' and one's own, whoever one is now; and agencies' webhooks."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from hub.agencies.models import HolderKind, Holding
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.ledger.models import LedgerEntry
from hub.notices.models import Webhook
from hub.notices.telling import AgencyRecipient, Message, PersonRecipient, PostRecipient, tell
from tests.hub.notices.conftest import seat

HOOK = "/api/v1/agencies/bpbj/notice-webhook"


@pytest.fixture
def post_of(hub: TestClient) -> Callable[[Any], str]:
    """The post that a program or person holds."""

    def find(holder: str) -> str:
        with reading(hub.app.state.engine) as session:  # type: ignore[attr-defined]
            return session.exec(select(Holding.post).where(Holding.holder == holder)).one()

    return find


@pytest.fixture
def tell_them(hub: TestClient, message: Callable[..., Message]) -> Callable[..., None]:
    def make(*to: Any, **said: Any) -> None:
        with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
            tell(session, to, message(**said))

    return make


def subjects(client: TestClient, query: str = "") -> list[str]:
    answer = client.get(f"/api/v1/notices{query}")
    assert answer.status_code == 200, answer.text
    return [item["subject_id"] for item in answer.json()["items"]]


def test_an_inbox_shows_what_the_posts_were_told_and_nothing_else(
    make_client: Callable[..., Any], post_of: Callable[[str], str], tell_them: Callable[..., None]
) -> None:
    steward, other = make_client("steward", "bpbj"), make_client("analyst", "bappeda")
    tell_them(PostRecipient(post_of(steward.client_id)), subject_id="untuk steward")
    tell_them(PostRecipient(post_of(other.client_id)), AgencyRecipient("bpbj"), subject_id="lain")
    assert subjects(steward) == ["untuk steward"]
    assert subjects(other) == ["lain"]
    [item] = other.get("/api/v1/notices").json()["items"]
    assert steward.post(f"/api/v1/notices/{item['id']}/read").status_code == 404
    assert item["at"].startswith("2026-03-27T08:00:00")
    assert make_client(scopes="data:read").get("/api/v1/notices").status_code == 403


def test_the_inbox_of_a_post_goes_to_who_holds_it_next(
    hub: TestClient,
    make_person: Callable[..., Any],
    sign_in: Callable[..., TestClient],
    post_of: Callable[[str], str],
    tell_them: Callable[..., None],
) -> None:
    first = make_person("steward", "bpbj", password="sandi-uji-panjang-1")
    second = make_person(password="sandi-uji-panjang-2")
    post = post_of(first.id)
    tell_them(PostRecipient(post), subject_id="untuk jabatan")
    tell_them(PersonRecipient(first.id), subject_id="untuk orangnya")
    before, after = sign_in(first), sign_in(second)
    assert subjects(before) == ["untuk orangnya", "untuk jabatan"]
    assert subjects(after) == []
    with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        held = session.exec(select(Holding).where(Holding.holder == first.id)).one()
        held.until = real_now()
        session.add(held)
        seat(session, post, second.id)
    assert subjects(before) == ["untuk orangnya"]
    assert subjects(after) == ["untuk jabatan"]


def test_what_is_read_stays_read_for_all_who_hold_the_post(
    hub: TestClient,
    make_client: Callable[..., Any],
    post_of: Callable[[str], str],
    tell_them: Callable[..., None],
) -> None:
    one, two = make_client("steward", "bpbj"), make_client()
    post = post_of(one.client_id)
    with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        session.add(
            Holding(
                post=post, holder_kind=HolderKind.CLIENT, holder=two.client_id, since=real_now()
            )
        )
    for number in range(5):
        tell_them(PostRecipient(post), once=f"kejadian/{number}", subject_id=f"pesan {number}")
    page = one.get("/api/v1/notices?limit=2").json()
    assert [item["subject_id"] for item in page["items"]] == ["pesan 4", "pesan 3"]
    rest = subjects(one, f"?limit=9&cursor={page['next']}")
    assert rest == ["pesan 2", "pesan 1", "pesan 0"]
    newest = page["items"][0]["id"]
    read = one.post(f"/api/v1/notices/{newest}/read")
    assert read.status_code == 200
    assert read.json()["read_at"]
    assert two.post(f"/api/v1/notices/{newest}/read").json() == read.json()
    assert subjects(two, "?unread=true") == ["pesan 3", "pesan 2", "pesan 1", "pesan 0"]
    assert subjects(two, "?unread=false") == ["pesan 4"]


def test_the_secret_of_a_webhook_is_shown_once_and_sealed(
    hub: TestClient, make_client: Callable[..., Any]
) -> None:
    steward = make_client("steward", "bpbj")
    assert steward.get(HOOK).status_code == 404
    made = steward.put(HOOK, json={"url": "https://aplikasi.example.com/simpul"})
    assert made.status_code == 200, made.text
    secret = made.json()["secret"]
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    shown = steward.get(HOOK).json()
    assert shown == {key: value for key, value in made.json().items() if key != "secret"}
    with reading(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        kept = session.exec(select(Webhook)).one()
        kinds = session.exec(select(LedgerEntry.kind)).all()
    assert secret.removeprefix("whsec_").encode() not in kept.secret
    assert "notice_webhook.set" in kinds
    again = steward.put(HOOK, json={"url": "https://aplikasi.example.com/simpul"})
    assert again.json()["secret"] != secret
    assert make_client("walidata", "dkisp").delete(HOOK).status_code == 204
    assert steward.get(HOOK).status_code == 404


@pytest.mark.parametrize(
    ("role", "agency"), [("steward", "bappeda"), ("head", "bpbj"), ("analyst", "bpbj")]
)
def test_a_webhook_is_set_by_the_agencys_steward_or_the_walidata(
    make_client: Callable[..., Any], make_agency: Callable[..., str], role: str, agency: str
) -> None:
    make_agency("bpbj")
    client = make_client(role, agency)
    wanted = {"url": "https://aplikasi.example.com/simpul"}
    assert client.put(HOOK, json=wanted).status_code == 403
    assert client.get(HOOK).status_code == 403
    assert client.delete(HOOK).status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        "http://aplikasi.example.com/simpul",
        "https://127.0.0.1/simpul",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://u:p@aplikasi.example.com/",
        "ftp://aplikasi.example.com/",
        "https://",
        "https://aplikasi.example.com:99999/",
        "https://a..example.com/",
        "https://a b/",
        "https://\ud800.example.com/",
        "bukan alamat",
    ],
)
def test_a_webhook_leads_out_of_the_house(make_client: Callable[..., Any], url: str) -> None:
    answer = make_client("steward", "bpbj").put(
        HOOK, content=json.dumps({"url": url}), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (403, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
