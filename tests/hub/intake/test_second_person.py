"""Where the class asks for two persons, a batch that passed waits until somebody else has signed it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from catalog.models import AccessClass, Dataset
from hub.agencies.models import Agency, AgencyKind, Holding, Post
from hub.agencies.roles import Role
from hub.calendar import StoppedClock, real_now
from hub.db import reading, unit_of_work
from hub.intake import tidying, waiting
from hub.ledger.models import LedgerEntry
from hub.proceedings import ticking
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.standards import service as standards
from hub.subjects import subjects
from tests.hub.access.conftest import publish_rows

__all__ = ["publish_rows"]

PAKET = "bpbj/paket-nontender"
AT = f"/api/v1/datasets/{PAKET}/batches"
Rows = list[dict[str, Any]]
Send = Callable[..., dict[str, Any]]
HELD = "menunggu_pengesahan"


@pytest.fixture
def send(
    make_dataset: Callable[..., Any],
    steward: TestClient,
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
) -> Send:
    """Push packages to a dataset that is excluded by law."""
    make_dataset(PAKET, access_class="DIKECUALIKAN")

    def push(start: int = 0, *, status: int = 201, **headers: str) -> dict[str, Any]:
        answer = steward.post(
            f"{AT}?mode=upsert",
            content=ndjson(rows[start : start + 3]),
            headers={"Content-Type": "application/x-ndjson", **headers},
        )
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    return push


@pytest.fixture
def walidata(hub: TestClient, make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("walidata", "dkisp")


@pytest.fixture
def worked(hub: TestClient) -> Callable[[], None]:
    """Let the worker judge what waits."""
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def run() -> None:
        waiting.work_off(state.intake, find_document=standards.find)

    return run


@pytest.fixture
def silence(hub: TestClient) -> Callable[[str], None]:
    """Let the term that runs for a batch end, and the clock make its move."""
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def run(batch: str) -> None:
        with reading(state.engine) as session:
            due = session.get_one(Proceeding, batch).due_at
        assert due is not None
        now = due + timedelta(minutes=1)
        office = Office(state.ledger, StoppedClock(state.settings.zone, moment=now))
        ticking.tick(state.engine, office, subjects(), now=now)

    return run


PEOPLE = "disdukcapil/penduduk"
REGISTER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/disdukcapil/penduduk/1.0.0.json",
    "title": "Penduduk (sintetis)",
    "type": "object",
    "additionalProperties": False,
    "required": ["nomor"],
    "x-kunci": ["nomor"],
    "properties": {
        "nomor": {"title": "Nomor", "type": "string"},
        "penyakit": {"title": "Penyakit", "type": ["string", "null"], "x-data-pribadi": "spesifik"},
    },
}


@pytest.fixture
def enter_register(hub: TestClient) -> Callable[[], str]:
    """Enter the register as specific personal data."""
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def enter() -> str:
        now = real_now()
        with unit_of_work(state.engine) as session:
            session.add(
                Dataset(
                    id=PEOPLE,
                    agency="disdukcapil",
                    slug="penduduk",
                    title="Penduduk (sintetis)",
                    schema_name="disdukcapil/penduduk",
                    schema_version="1.0.0",
                    access_class=AccessClass.PRIBADI_SPESIFIK,
                    created_at=now,
                    updated_at=now,
                )
            )
        return PEOPLE

    return enter


@pytest.fixture
def of_a_person(
    hub: TestClient,
    make_agency: Callable[..., str],
    make_client: Callable[..., TestClient],
    walidata: TestClient,
    enter_register: Callable[..., str],
    publish_rows: Callable[..., int],
) -> tuple[TestClient, str]:
    """A batch with specific personal data that waits, and whoever sent it."""
    make_agency("disdukcapil")
    versions = "/api/v1/schemas/disdukcapil/penduduk/versions"
    assert walidata.post(versions, json=REGISTER).status_code == 201
    enter_register()
    publish_rows(PEOPLE, [{"nomor": "1", "penyakit": "flu"}])
    sender = make_client("steward", "disdukcapil")
    answer = sender.post(
        f"/api/v1/datasets/{PEOPLE}/batches?mode=upsert",
        content=b'{"nomor": "2", "penyakit": "batuk"}',
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.json()["state"] == HELD, answer.text
    return sender, str(answer.json()["batch"])


@pytest.fixture
def sekda(
    hub: TestClient, make_agency: Callable[..., str], make_client: Callable[..., TestClient]
) -> TestClient:
    make_agency("setda")
    state: Any = hub.app.state  # type: ignore[attr-defined]
    with unit_of_work(state.engine) as session:
        session.get_one(Agency, "setda").kind = AgencyKind.SECRETARIAT
    return make_client("head", "setda")


def state_of(who: TestClient, batch: str, dataset: str = PAKET) -> tuple[str, int | None]:
    found = who.get(f"/api/v1/datasets/{dataset}/batches/{batch}").json()
    return found["state"], found["release"]


def move(who: TestClient, batch: str, event: str, reason: str = "", dataset: str = PAKET) -> Any:
    path = f"/api/v1/datasets/{dataset}/batches/{batch}/moves"
    return who.post(path, json={"event": event, "reason": reason})


def test_a_batch_waits_and_the_signature_of_another_publishes_it(
    hub: TestClient,
    send: Send,
    steward: TestClient,
    walidata: TestClient,
    worked: Callable[[], None],
) -> None:
    sent = send(**{"Idempotency-Key": "kedua-1"})
    assert (sent["state"], sent["release"], sent["accepted"]) == (HELD, None, 3)
    assert send(**{"Idempotency-Key": "kedua-1"}) == sent
    worked()
    assert state_of(steward, sent["batch"]) == (HELD, None)
    assert steward.get(f"/api/v1/datasets/{PAKET}/releases").json()["items"] == []
    assert move(steward, sent["batch"], "sahkan").status_code == 403
    assert move(walidata, sent["batch"], "sahkan").status_code == 200
    worked()
    assert state_of(steward, sent["batch"]) == ("published", 1)
    state: Any = hub.app.state  # type: ignore[attr-defined]
    with reading(state.engine) as session:
        bodies = [json.loads(entry.body) for entry in session.exec(select(LedgerEntry))]
    by = {body["kind"]: body["actor"] for body in bodies}
    assert by["batch.accepted"]["agency"] == "bpbj"
    assert by["batch.signed"]["agency"] == "dkisp"
    assert move(walidata, sent["batch"], "sahkan").status_code == 409


def test_whoever_sent_it_never_signs_it(
    make_dataset: Callable[..., Any],
    make_client: Callable[..., TestClient],
    rows: Rows,
    ndjson: Callable[[Rows], bytes],
    hub: TestClient,
) -> None:
    make_dataset(PAKET, access_class="DIKECUALIKAN")
    both = make_client("steward", "bpbj")
    state: Any = hub.app.state  # type: ignore[attr-defined]
    with unit_of_work(state.engine) as session:
        posts = select(Post, Holding).join(Holding, col(Holding.post) == col(Post.id))
        (mine,) = session.exec(posts.where(Post.agency == "bpbj", Post.role == "steward")).all()
        post = Post(agency="bpbj", title="Walidata (sintetis)", role=Role.WALIDATA)
        session.add(post)
        session.flush()  # the holding refers to the post
        seat = mine[1].model_dump(exclude={"id", "post"})
        session.add(Holding(**seat, post=post.id))
    sent = both.post(
        f"{AT}?mode=upsert",
        content=ndjson(rows[:2]),
        headers={"Content-Type": "application/x-ndjson"},
    )
    answer = move(both, sent.json()["batch"], "sahkan")
    assert answer.status_code == 403
    assert "orang kedua" in answer.json()["detail"]


def test_it_is_returned_with_a_reason_and_the_sender_reads_it(
    send: Send, steward: TestClient, walidata: TestClient, worked: Callable[[], None]
) -> None:
    sent = send()
    assert move(walidata, sent["batch"], "kembalikan").status_code == 422
    reason = "Kolom nilai belum disamarkan (sintetis)"
    assert move(walidata, sent["batch"], "kembalikan", reason).json()["state"] == "failed"
    worked()
    found = steward.get(f"{AT}/{sent['batch']}").json()
    assert (found["state"], found["release"]) == ("failed", None)
    assert reason in found["message_id"]


def test_the_walidatas_silence_publishes_what_holds_no_person(
    send: Send, steward: TestClient, silence: Callable[[str], None], worked: Callable[[], None]
) -> None:
    sent = send()
    silence(sent["batch"])
    worked()
    assert state_of(steward, sent["batch"]) == ("published", 1)


def test_the_older_batch_is_decided_first_and_its_body_is_kept(
    hub: TestClient,
    send: Send,
    steward: TestClient,
    walidata: TestClient,
    worked: Callable[[], None],
) -> None:
    first, second = send(), send(3)
    assert move(walidata, second["batch"], "sahkan").json()["batch"] == first["batch"]
    state: Any = hub.app.state  # type: ignore[attr-defined]
    tidying.sweep(state.engine, state.settings)
    assert move(steward, first["batch"], "tarik").status_code == 200
    assert move(walidata, second["batch"], "sahkan").status_code == 200
    worked()
    assert state_of(steward, second["batch"]) == ("published", 1)


def test_a_batch_that_is_judged_later_waits_too(
    send: Send, steward: TestClient, walidata: TestClient, worked: Callable[[], None]
) -> None:
    sent = send(status=202, Prefer="respond-async")
    worked()
    assert state_of(steward, sent["batch"]) == (HELD, None)
    assert move(walidata, sent["batch"], "sahkan").status_code == 200
    worked()
    assert state_of(steward, sent["batch"]) == ("published", 1)


def test_silence_never_publishes_personal_columns_and_the_sekda_may_sign(
    of_a_person: tuple[TestClient, str],
    sekda: TestClient,
    make_client: Callable[..., TestClient],
    silence: Callable[[str], None],
    worked: Callable[[], None],
) -> None:
    sender, batch = of_a_person
    stranger = make_client("head", "bappeda")
    assert move(stranger, batch, "sahkan", dataset=PEOPLE).status_code == 404
    assert move(sekda, batch, "sahkan", dataset=PEOPLE).status_code == 403
    silence(batch)
    worked()
    assert state_of(sender, batch, PEOPLE) == (HELD, None)
    assert move(sekda, batch, "sahkan", dataset=PEOPLE).status_code == 200
    worked()
    assert state_of(sekda, batch, PEOPLE) == ("published", 2)


def test_what_nobody_signs_is_returned_and_not_published(
    of_a_person: tuple[TestClient, str],
    sekda: TestClient,
    silence: Callable[[str], None],
    worked: Callable[[], None],
) -> None:
    sender, batch = of_a_person
    silence(batch)
    silence(batch)
    worked()
    assert state_of(sender, batch, PEOPLE) == ("failed", None)
    assert sender.get(f"/api/v1/datasets/{PEOPLE}/releases").json()["items"][0]["number"] == 1
