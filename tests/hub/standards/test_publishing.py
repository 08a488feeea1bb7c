"""Publishing schemas over HTTP: whose names, which versions, what is refused and why."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlmodel import Session, select
from starlette.testclient import TestClient

from hub.ledger.models import LedgerEntry
from hub.outbox.models import OutboxEvent
from hub.standards import service
from schemas.registry import Registry

Make = Callable[..., Any]
PACKAGED = "lkpp/nontender-pengumuman"


def publish(client: TestClient, text: bytes, name: str = "bpbj/harga", **headers: str) -> Any:
    return client.post(f"/api/v1/schemas/{name}/versions", content=text, headers=headers)


def test_a_steward_publishes_under_the_code_of_his_agency(
    hub: TestClient, make_client: Make, a_schema: Make, as_text: Make
) -> None:
    steward = make_client("steward", "bpbj")
    text = as_text(a_schema())
    answer = publish(steward, text)
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"] == "/schemas/bpbj/harga/1.0.0.json"
    assert set(answer.json()["receipt"]) == {"entry_id", "entry_hash", "signature"}
    open_document = hub.get("/schemas/bpbj/harga/1.0.0.json")
    assert open_document.content == text
    shown = hub.get("/api/v1/schemas/bpbj/harga/versions/1.0.0").json()
    assert shown["document"] == a_schema()
    assert (shown["agency"], shown["published_by"]) == ("bpbj", steward.client_id)
    with Session(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        kinds = session.exec(select(LedgerEntry.kind)).all()
        events = session.exec(select(OutboxEvent.type)).all()
        assert "schema.published" in kinds
        assert events == ["schema.published"]
        assert service.find(session, "bpbj/harga", "1.0.0").body == a_schema()
        assert len(service.registry(session)) == len(Registry.packaged()) + 1


def test_shared_systems_belong_to_the_walidata(
    make_client: Make, a_schema: Make, as_text: Make
) -> None:
    text = as_text(a_schema("e-project/harga"))
    refused = publish(make_client("steward", "bpbj"), text, "e-project/harga")
    assert refused.status_code == 403
    assert publish(make_client("walidata", "dkisp"), text, "e-project/harga").status_code == 201


def test_an_agency_does_not_publish_under_the_code_of_another(
    make_agency: Make, make_client: Make, a_schema: Make, as_text: Make
) -> None:
    make_agency("bkad")
    text = as_text(a_schema("bkad/harga"))
    assert publish(make_client("steward", "bpbj"), text, "bkad/harga").status_code == 403
    assert publish(make_client("walidata", "dkisp"), text, "bkad/harga").status_code == 201


def test_who_may_not_publish_is_told_so(
    hub: TestClient, make_client: Make, a_schema: Make, as_text: Make
) -> None:
    text = as_text(a_schema())
    assert publish(hub, text).status_code == 401
    assert publish(make_client("analyst", "bpbj"), text).status_code == 403
    assert publish(make_client("steward", "bpbj", scopes="data:read"), text).status_code == 403
    nowhere = publish(
        make_client("walidata", "dkisp"), as_text(a_schema("tiada/harga")), "tiada/harga"
    )
    assert (nowhere.status_code, nowhere.json()["type"]) == (422, "/problems/invalid-input")


def test_a_published_version_never_changes_and_versions_only_grow(
    make_client: Make, a_schema: Make, as_text: Make
) -> None:
    steward = make_client("steward", "bpbj")
    assert publish(steward, as_text(a_schema(version="1.2.0"))).status_code == 201
    again = publish(steward, as_text(a_schema(version="1.2.0", satuan={"type": "string"})))
    assert (again.status_code, again.json()["type"]) == (409, "/problems/schema-exists")
    older = publish(steward, as_text(a_schema(version="1.1.9", satuan={"type": "string"})))
    assert (older.status_code, older.json()["latest"]) == (409, "1.2.0")
    newer = publish(steward, as_text(a_schema(version="1.10.0", satuan={"type": "string"})))
    assert newer.status_code == 201, newer.text


def test_a_breaking_version_is_refused_with_its_reasons(
    hub: TestClient, make_client: Make, a_schema: Make, as_text: Make
) -> None:
    steward = make_client("steward", "bpbj")
    publish(steward, as_text(a_schema()))
    breaking = as_text(a_schema(version="2.0.0", harga={"type": "integer", "minimum": 100}))
    asked = steward.post("/api/v1/schemas/bpbj/harga/compatibility", content=breaking).json()
    assert (asked["compatible"], asked["against"]) == (False, "1.0.0")
    refused = publish(steward, breaking)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/incompatible-schema")
    reason = refused.json()["reasons"][0]
    assert "harga" in reason["pointer"]
    assert reason["message_id"]
    assert reason["message_en"]
    assert hub.get("/schemas/bpbj/harga/2.0.0.json").status_code == 404


def test_compatibility_is_asked_without_publishing(
    hub: TestClient, make_client: Make, a_schema: Make, as_text: Make
) -> None:
    analyst = make_client("analyst", "bappeda")
    asked = analyst.post("/api/v1/schemas/bpbj/harga/compatibility", content=as_text(a_schema()))
    told = asked.json()
    assert (told["compatible"], told["against"], told["rule"]) == (True, None, "BACKWARD")
    assert (told["reasons"], told["witnesses"], told["asked"]) == ([], [], [])
    assert hub.get("/schemas/bpbj/harga/1.0.0.json").status_code == 404


def test_a_bad_document_is_refused_with_every_fault(
    make_client: Make, a_schema: Make, as_text: Make
) -> None:
    steward = make_client("steward", "bpbj")
    for text in (
        b"",
        b"{",
        b"[]",
        b'{"a": 1, "a": 2}',
        b"[" * 200_000,
        b"\xff\xfe",
        as_text({**a_schema(), "properties": {"kode": {"type": "teks"}}}),
        as_text(a_schema("bpbj/lain")),
    ):
        answer = publish(steward, text)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-schema")
        assert answer.json()["faults"]
    assert publish(steward, b" " * 1_000_001).status_code == 413


def test_the_same_key_publishes_once(make_client: Make, a_schema: Make, as_text: Make) -> None:
    steward, text = make_client("steward", "bpbj"), as_text(a_schema())
    first = publish(steward, text, **{"Idempotency-Key": "terbit-1"})
    again = publish(steward, text, **{"Idempotency-Key": "terbit-1"})
    assert first.json() == again.json()
    assert (first.status_code, again.status_code) == (201, 201)


def test_the_open_document_is_immutable_and_open_to_all(hub: TestClient) -> None:
    version = Registry.packaged().latest(PACKAGED).version
    path = f"/schemas/{PACKAGED}/{version}.json"
    got = hub.get(path)
    assert got.headers["content-type"] == "application/schema+json"
    assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert got.json()["$id"] == f"https://simpul.invalid{path}"
    head = hub.head(path, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]
    unchanged = hub.get(path, headers={"If-None-Match": f'"x", W/{got.headers["etag"]}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for nothing in ("/schemas/lkpp/tiada/1.0.0.json", f"/schemas/{PACKAGED}/9.9.9.json"):
        assert hub.get(nothing).status_code == 404
    for odd in (
        "/schemas/../etc/1.0.0.json",
        "/schemas/lkpp/x/1.0.json",
        "/schemas/L%00/x/1.0.0.json",
    ):
        assert hub.get(odd).status_code in (404, 422)


def test_the_list_is_open_searched_and_paged(hub: TestClient) -> None:
    whole = hub.get("/api/v1/schemas?count=true").json()
    assert whole["count"] == len(Registry.packaged().names())
    line = next(line for line in whole["items"] if line["name"] == PACKAGED)
    assert hub.get(line["url"]).json()["title"] == line["title"]
    first = hub.get("/api/v1/schemas?limit=2").json()
    second = hub.get(f"/api/v1/schemas?limit=2&cursor={first['next']}").json()
    assert [line["name"] for line in (*first["items"], *second["items"])] == [
        line["name"] for line in whole["items"][:4]
    ]
    found = hub.get("/api/v1/schemas?q=NONTENDER kontrak").json()["items"]
    assert [line["name"] for line in found] == ["lkpp/nontender-kontrak"]


def test_of_two_at_the_same_moment_one_publishes(
    make_client: Make, a_schema: Make, as_text: Make
) -> None:
    stewards = [make_client("steward", "bpbj") for _ in range(4)]
    text = as_text(a_schema())
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda steward: publish(steward, text), stewards)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_the_example_of_the_manual_is_a_schema() -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "terbitkan-skema.md"
    example = page.read_text(encoding="utf-8").split("```json\n", 1)[1].split("```", 1)[0]
    assert service.parse(example.encode(), "bpbj/harga-satuan").key == ("kode",)
