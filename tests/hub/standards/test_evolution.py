"""Modes, notices and whom a new version concerns, over HTTP."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from hub.app import create_app
from hub.ledger.models import LedgerEntry
from hub.outbox.models import OutboxEvent
from hub.settings import Settings

Make = Callable[..., Any]
NAME = "bpbj/harga"
TODAY = date(2025, 10, 6)
SOON, LATER = date(2025, 11, 1), date(2026, 1, 31)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"business_date": TODAY})


@pytest.fixture
def steward(make_client: Make) -> TestClient:
    client: TestClient = make_client("steward", "bpbj")
    return client


@pytest.fixture
def publish(as_text: Make, a_schema: Make) -> Callable[..., Any]:
    def send(client: TestClient, version: str, until: date | None = None, **columns: Any) -> Any:
        query = {"notice_until": until.isoformat()} if until else {}
        path = f"/api/v1/schemas/{NAME}/versions"
        body = as_text(a_schema(version=version, **columns))
        return client.post(path, content=body, params=query)

    return send


@pytest.fixture
def later(
    hub: TestClient, settings: Settings
) -> Iterator[Callable[[TestClient, date], TestClient]]:
    """The same hub on another day, as the same program."""
    opened: list[TestClient] = []

    def on(client: TestClient, day: date) -> TestClient:
        state = hub.app.state  # type: ignore[attr-defined]
        app = create_app(
            settings.model_copy(update={"business_date": day}),
            judges=state.intake.judges,
            workers=state.workers,
        )
        other = TestClient(app, base_url=str(client.base_url), headers=client.headers)
        opened.append(other.__enter__())
        return other

    yield on
    for client in opened:
        client.__exit__(None, None, None)


def config(client: TestClient, mode: str) -> Any:
    return client.put(f"/api/v1/schemas/{NAME}/config", json={"mode": mode})


def test_the_mode_is_set_by_who_publishes_and_leaves_an_entry(
    hub: TestClient, steward: TestClient, make_client: Make, publish: Make
) -> None:
    assert publish(steward, "1.0.0").status_code == 201
    told = hub.get(f"/api/v1/schemas/{NAME}/config").json()
    assert (told["mode"], told["changed_by"], told["notices"]) == ("BACKWARD", None, [])
    assert config(make_client("analyst", "bpbj"), "NONE").status_code == 403
    assert config(make_client("steward", "bkad"), "NONE").status_code == 403
    assert config(steward, "SIDEWAYS").status_code == 422
    told = config(steward, "FULL_TRANSITIVE").json()
    assert (told["mode"], told["changed_by"]) == ("FULL_TRANSITIVE", steward.client_id)  # type: ignore[attr-defined]
    assert config(steward, "FULL_TRANSITIVE").status_code == 200
    with Session(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        kinds = session.exec(select(LedgerEntry.kind)).all()
        assert kinds.count("schema.mode") == 1
    nowhere = make_client("walidata", "dkisp").put(
        "/api/v1/schemas/lkpp/tiada/config", json={"mode": "NONE"}
    )
    assert nowhere.status_code == 404


def test_a_shared_system_is_the_walidatas_alone(make_client: Make, steward: TestClient) -> None:
    path = "/api/v1/schemas/lkpp/nontender-pengumuman/config"
    assert steward.put(path, json={"mode": "FULL"}).status_code == 403
    assert make_client("walidata", "dkisp").put(path, json={"mode": "FULL"}).status_code == 200


def test_each_mode_protects_its_side(steward: TestClient, publish: Make) -> None:
    publish(steward, "1.0.0", jenis={"enum": ["a", "b"]})
    grown, shrunk = {"enum": ["a", "b", "c"]}, {"enum": ["a"]}
    for mode, column, passes in (
        ("BACKWARD", grown, True), ("BACKWARD", shrunk, False),
        ("FORWARD", grown, False), ("FORWARD", shrunk, True),
        ("FULL", grown, False), ("FULL", shrunk, False),
        ("NONE", grown, True), ("NONE", shrunk, True),
    ):  # fmt: skip
        config(steward, mode)
        answer = publish_check(steward, publish, column)
        assert (answer["rule"], answer["compatible"]) == (mode, passes)
        assert bool(answer["witnesses"]) == (not passes)


def publish_check(client: TestClient, publish: Make, column: dict[str, Any]) -> Any:
    """The verdict, without publishing: the same body to the other address."""

    class Asking:
        def post(self, path: str, **rest: Any) -> Any:
            return client.post(path.replace("/versions", "/compatibility"), **rest)

    return publish(Asking(), "1.1.0", jenis=column).json()


def test_a_transitive_mode_asks_every_version_and_names_the_one_that_breaks(
    steward: TestClient, publish: Make
) -> None:
    text = {"type": "string"}
    publish(steward, "1.0.0", satuan=text)
    publish(steward, "1.1.0", satuan={"type": ["string", "null"]})
    config(steward, "NONE")
    publish(steward, "1.2.0", satuan={"type": ["string", "null"], "maxLength": 5})
    config(steward, "BACKWARD")
    assert (
        publish(steward, "1.3.0", satuan={"type": ["string", "null"], "maxLength": 5}).status_code
        == 201
    )
    config(steward, "BACKWARD_TRANSITIVE")
    refused = publish(steward, "1.4.0", satuan={"type": ["string", "null"], "maxLength": 5})
    assert refused.status_code == 409
    assert [r["against"] for r in refused.json()["reasons"]] == ["1.1.0", "1.0.0"]
    shown = refused.json()["witnesses"][0]
    assert (shown["accepted_by"], shown["refused_by"]) == ("1.1.0", "1.4.0")
    assert len(shown["rows"][0]["satuan"]) > 5


def test_a_refusal_carries_reasons_and_a_row(steward: TestClient, publish: Make) -> None:
    publish(steward, "1.0.0")
    refused = publish(steward, "1.1.0", harga={"type": "integer", "minimum": 100}).json()
    assert refused["type"] == "/problems/incompatible-schema"
    assert {(r["code"], r["direction"]) for r in refused["reasons"]} == {
        ("batas-menyempit", "BACKWARD")
    }
    (shown,) = refused["witnesses"]
    assert 0 <= shown["rows"][0]["harga"] < 100
    assert shown["refusals"][0]["pointer"] == "/harga"


def test_a_breaking_major_needs_a_notice_that_is_long_enough(
    hub: TestClient, steward: TestClient, publish: Make
) -> None:
    publish(steward, "1.0.0")
    text = {"type": "string"}
    assert publish(steward, "2.0.0", harga=text).status_code == 409
    short = publish(steward, "2.0.0", SOON, harga=text)
    assert (short.status_code, short.json()["earliest"]) == (422, "2026-01-04")
    minor = publish(steward, "1.1.0", LATER, harga=text)
    assert minor.status_code == 409
    made = publish(steward, "2.0.0", LATER, harga=text)
    assert (made.status_code, made.json()["notice_until"]) == (201, "2026-01-31")
    told = hub.get(f"/api/v1/schemas/{NAME}/config").json()
    assert told["notices"] == [{"major": 1, "until": "2026-01-31", "by": "2.0.0"}]
    assert publish(steward, "2.1.0", harga={"type": ["string", "null"]}).status_code == 201
    with Session(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        events = session.exec(
            select(OutboxEvent).where(OutboxEvent.type == "schema.superseded")
        ).all()
        assert [event.data["until"] for event in events] == ["2026-01-31"]


def test_the_old_major_is_served_until_its_day_and_then_moves_with_replace(
    hub: TestClient, steward: TestClient, publish: Make, later: Make
) -> None:
    publish(steward, "1.0.0")
    at = "/api/v1/datasets/bpbj/harga"
    made = steward.post(
        "/api/v1/datasets",
        json={"agency": "bpbj", "slug": "harga", "title": "Harga", "schema": f"{NAME}/1.0.0"},
    )
    assert made.status_code == 201, made.text
    first = push(steward, b"kode,harga\na,1\nb,2\n")
    assert first.status_code == 201, first.text
    publish(steward, "2.0.0", LATER, harga={"type": "string"})
    assert hub.get(f"/api/v1/schemas/{NAME}/config").json()["notices"]
    assert steward.get(at).json()["schema_until"] == LATER.isoformat()
    assert push(later(steward, LATER), b"kode,harga\nc,3\n").status_code == 201
    after = later(steward, LATER + timedelta(days=1))
    ended = push(after, b"kode,harga\nd,4\n")
    assert (ended.status_code, ended.json()["type"]) == (409, "/problems/schema-ended")
    assert ended.json()["by"] == f"{NAME}/2.0.0"
    moved = after.patch(at, json={"schema": f"{NAME}/2.0.0"})
    assert moved.status_code == 200, moved.text
    assert moved.json()["schema_until"] is None
    onto = push(after, b"kode,harga\nd,empat\n")
    assert (onto.status_code, onto.json()["type"]) == (409, "/problems/conflict")
    whole = push(after, b"kode,harga\nd,empat\n", mode="replace")
    assert whole.status_code == 201, whole.text
    rows = after.get(f"{at}/rows").json()["items"]
    assert rows == [{"kode": "d", "harga": "empat"}]
    old = after.get(f"{at}/rows?release=2").json()["items"]
    assert [row["harga"] for row in old] == [1, 2, 3]


def push(client: TestClient, body: bytes, mode: str = "append") -> Any:
    return client.post(
        f"/api/v1/datasets/bpbj/harga/batches?mode={mode}",
        content=body,
        headers={"Content-Type": "text/csv"},
    )


def test_a_dataset_grows_with_its_schema(
    steward: TestClient, publish: Make, make_client: Make
) -> None:
    """Append and upsert after a repin keep the old rows, in the form of the new version."""
    publish(steward, "1.0.0")
    at = "/api/v1/datasets/bpbj/harga"
    steward.post(
        "/api/v1/datasets",
        json={"agency": "bpbj", "slug": "harga", "title": "Harga", "schema": f"{NAME}/1.0.0"},
    )
    assert push(steward, b"kode,harga\na,1\nb,2\n").status_code == 201
    wider = {"type": ["number", "null"], "minimum": 0}
    grown = publish(steward, "1.1.0", harga=wider, satuan={"type": "string"})
    assert grown.status_code == 201, grown.text
    assert steward.patch(at, json={"schema": f"{NAME}/1.1.0"}).status_code == 200
    assert push(steward, b"kode,harga,satuan\nc,2.5,kg\n").status_code == 201
    answer = push(steward, b"kode,harga,satuan\na,1.5,m\n", mode="upsert")
    assert answer.status_code == 201, answer.text
    rows = steward.get(f"{at}/rows").json()["items"]
    assert rows == [
        {"kode": "a", "harga": 1.5, "satuan": "m"},
        {"kode": "b", "harga": 2.0, "satuan": None},
        {"kode": "c", "harga": 2.5, "satuan": "kg"},
    ]
    changes = steward.get(f"{at}/releases/3/changes?since=1").json()
    assert (changes["added"], changes["changed"], changes["removed"]) == (1, 1, 0)
    first = steward.get(f"{at}/rows?release=1").json()["items"]
    assert first == [{"kode": "a", "harga": 1}, {"kode": "b", "harga": 2}]
