"""A field that another agency holds is not collected again without a reason on record."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from catalog.models import AccessClass, Dataset
from hub.db import unit_of_work
from hub.outbox.delivery import deliver
from hub.reviews.terms import BOOK
from hub.rules import service as rules
from hub.rules.models import RuleBook
from hub.subscribers import new_fields
from tests.hub.reviews.conftest import MORNING, RESIDENTS, ROADS, WHY

pytestmark = pytest.mark.usefixtures("clock")
AGAIN = {"no": {"type": "string"}, "panjang_km": ROADS["panjang"]}


def test_a_field_that_another_agency_holds_is_not_released_without_a_reason(
    roads: str, enter: Callable[..., TestClient], send: Callable[..., Any]
) -> None:
    steward = enter("dishub/trayek", AGAIN)
    refused = send(steward, "dishub/trayek", {"no": "1", "panjang_km": 3})
    assert refused.status_code == 422
    told = refused.json()
    assert told["type"] == "/problems/collected-elsewhere"
    assert told["fields"] == [
        {
            "field": "panjang_km",
            "term": "jalan/panjang-ruas",
            "holders": [
                {
                    "dataset": roads,
                    "agency": "dpupr",
                    "access_class": "BERBAGI",
                    "field": "panjang",
                    "ask": "/api/v1/datasets/dpupr/jalan/requests",
                }
            ],
        }
    ]
    assert steward.get("/api/v1/datasets/dishub/trayek/releases").json()["items"] == []


def test_with_its_reason_reviewed_the_field_is_released(
    roads: str,
    enter: Callable[..., TestClient],
    send: Callable[..., Any],
    make_client: Callable[..., TestClient],
) -> None:
    steward = enter("dishub/trayek", AGAIN)
    short = {"reasons": {"panjang_km": {"reason": "perlu", "ground": "Perbup 1"}}}
    said = {"dataset": "dishub/trayek"}
    assert steward.post("/api/v1/reviews", json=said).status_code == 422
    assert steward.post("/api/v1/reviews", json=said | short).status_code == 422
    unknown = {"reasons": {"panjang_km": WHY, "no": WHY}}
    assert steward.post("/api/v1/reviews", json=said | unknown).status_code == 422
    sent = steward.post("/api/v1/reviews", json=said | {"reasons": {"panjang_km": WHY}})
    assert sent.status_code == 201, sent.text
    review = sent.json()["review"]
    assert (review["state"], review["reviewers"]) == (
        "ditelaah",
        ["walidata", "keamanan", "statistik"],
    )
    [field] = review["fields"]
    assert (field["name"], field["reason"]) == ("panjang_km", WHY["reason"])
    assert [(one["dataset"], one["match"]) for one in field["holders"]] == [(roads, "istilah")]

    waiting = send(steward, "dishub/trayek", {"no": "1", "panjang_km": 3})
    assert waiting.status_code == 409
    assert waiting.json()["type"] == "/problems/review-awaited"
    assert waiting.json()["review"] == review["id"]

    walidata = make_client("walidata", "dkisp")
    agreed = walidata.post(f"/api/v1/reviews/{review['id']}/moves", json={"event": "setuju"})
    assert (agreed.status_code, agreed.json()["state"]) == (200, "disetujui"), agreed.text
    assert send(steward, "dishub/trayek", {"no": "1", "panjang_km": 3}).status_code == 201


def test_a_harmless_sheet_waits_for_nobody(
    roads: str, enter: Callable[..., TestClient], send: Callable[..., Any]
) -> None:
    steward = enter("dishub/halte", {"no": {"type": "string"}, "panjang": {"type": "number"}})
    assert send(steward, "dishub/halte", {"no": "1", "panjang": 3}).status_code == 201
    nothing = steward.post("/api/v1/reviews", json={"dataset": "dishub/halte"})
    assert nothing.status_code == 409


def test_new_personal_fields_wait_for_their_review(
    enter: Callable[..., TestClient],
    send: Callable[..., Any],
    reviewed: Callable[[str], None],
) -> None:
    steward = enter("dinsos/penerima", {"nama": {"type": "string", "x-data-pribadi": "umum"}})
    row = {"nama": "Orang (sintetis)"}
    assert send(steward, "dinsos/penerima", row).json()["type"] == "/problems/review-awaited"
    reviewed("dinsos/penerima")
    assert send(steward, "dinsos/penerima", row).status_code == 201


def test_data_of_fields_that_were_released_flows_on_while_new_ones_wait(
    roads: str, enter: Callable[..., TestClient], send: Callable[..., Any]
) -> None:
    steward = enter("dishub/trayek", {"no": {"type": "string"}})
    assert send(steward, "dishub/trayek", {"no": "1"}).status_code == 201
    enter("dishub/trayek", AGAIN, version="1.1.0")
    path = "/api/v1/datasets/dishub/trayek"
    to = {"schema": "dishub/trayek/1.1.0"}
    assert steward.patch(path, json=to).json()["type"] == "/problems/collected-elsewhere"
    asked = {
        "dataset": "dishub/trayek",
        "version": "1.1.0",
        "reasons": {"panjang_km": WHY},
    }
    sent = steward.post("/api/v1/reviews", json=asked)
    assert sent.status_code == 201, sent.text
    assert steward.patch(path, json=to).json()["type"] == "/problems/review-awaited"
    assert send(steward, "dishub/trayek", {"no": "2"}).status_code == 201


def test_a_refused_field_may_be_asked_for_again_with_another_reason(
    roads: str,
    enter: Callable[..., TestClient],
    send: Callable[..., Any],
    make_client: Callable[..., TestClient],
) -> None:
    steward = enter("dishub/trayek", AGAIN)
    asked = {"dataset": "dishub/trayek", "reasons": {"panjang_km": WHY}}
    review = steward.post("/api/v1/reviews", json=asked).json()["review"]["id"]
    assert steward.post("/api/v1/reviews", json=asked).status_code == 409
    moves = f"/api/v1/reviews/{review}/moves"
    walidata = make_client("walidata", "dkisp")
    assert walidata.post(moves, json={"event": "keberatan"}).status_code == 422
    objects = {"event": "keberatan", "reason": "Data DPUPR sudah cukup rinci"}
    assert walidata.post(moves, json=objects).json()["state"] == "menunggu_walidata"
    refuses = {"event": "tolak", "reason": "Pakai data DPUPR"}
    assert walidata.post(moves, json=refuses).json()["state"] == "ditolak"
    barred = send(steward, "dishub/trayek", {"no": "1", "panjang_km": 3})
    assert (barred.status_code, barred.json()["fields"]) == (409, ["panjang_km"])
    again = steward.post("/api/v1/reviews", json=asked).json()["review"]["id"]
    assert again != review


def test_who_publishes_a_variable_is_asked_by_term_or_name(
    roads: str,
    enter: Callable[..., TestClient],
    send: Callable[..., Any],
    make_client: Callable[..., TestClient],
    hub: TestClient,
) -> None:
    steward = enter("disdukcapil/penduduk", RESIDENTS)
    member, walidata = make_client("analyst", "bappeda"), make_client("walidata", "dkisp")
    sent = steward.post("/api/v1/reviews", json={"dataset": "disdukcapil/penduduk"}).json()
    walidata.post(f"/api/v1/reviews/{sent['review']['id']}/moves", json={"event": "setuju"})
    row = {"nik": "1", "nama_lengkap": "Orang (sintetis)", "tgl_lahir": "1"}
    assert send(steward, "disdukcapil/penduduk", row).status_code == 201
    exclude(hub, "disdukcapil/penduduk")

    def asked(who: TestClient, **question: str) -> list[tuple[str, str]]:
        answer = who.get("/api/v1/variables", params=question)
        assert answer.status_code == 200, answer.text
        return [(one["holder"]["dataset"], one["term"]) for one in answer.json()["items"]]

    assert asked(member, term="jalan/panjang-ruas") == [(roads, "jalan/panjang-ruas")]
    assert asked(member, name="Panjang") == [(roads, "jalan/panjang-ruas")]
    assert asked(hub, name="panjang") == []
    assert asked(member, name="tgl_lahir") == []
    assert asked(walidata, term="kependudukan/tanggal-lahir") == [
        ("disdukcapil/penduduk", "kependudukan/tanggal-lahir")
    ]
    assert member.get("/api/v1/variables").status_code == 422


def test_what_is_excluded_by_law_asks_nobody_for_a_reason_and_is_not_told(
    enter: Callable[..., TestClient],
    send: Callable[..., Any],
    reviewed: Callable[[str], None],
    make_client: Callable[..., TestClient],
    hub: TestClient,
) -> None:
    holder = enter("disdukcapil/penduduk", RESIDENTS)
    reviewed("disdukcapil/penduduk")
    row = {"nik": "1", "nama_lengkap": "Orang (sintetis)", "tgl_lahir": "1"}
    assert send(holder, "disdukcapil/penduduk", row).status_code == 201
    exclude(hub, "disdukcapil/penduduk")
    steward = enter("dinsos/penerima", RESIDENTS)
    sent = steward.post("/api/v1/reviews", json={"dataset": "dinsos/penerima"})
    assert sent.status_code == 201
    review = sent.json()["review"]
    assert [field["holders"] for field in review["fields"]] == [[], [], []]
    walidata = make_client("walidata", "dkisp")
    shown = walidata.get(f"/api/v1/reviews/{review['id']}").json()
    assert {one["dataset"] for field in shown["fields"] for one in field["holders"]} == {
        "disdukcapil/penduduk"
    }


def test_only_the_agency_and_the_reviewers_see_a_review(
    roads: str, enter: Callable[..., TestClient], make_client: Callable[..., TestClient]
) -> None:
    steward = enter("dishub/trayek", AGAIN)
    asked = {"dataset": "dishub/trayek", "reasons": {"panjang_km": WHY}}
    review = steward.post("/api/v1/reviews", json=asked).json()["review"]["id"]
    other = make_client("steward", "dinkes")
    assert other.get(f"/api/v1/reviews/{review}").status_code == 404
    assert other.get("/api/v1/reviews").json()["items"] == []
    assert other.post("/api/v1/reviews", json=asked).status_code == 403
    moves = f"/api/v1/reviews/{review}/moves"
    assert other.post(moves, json={"event": "setuju"}).status_code == 404
    assert steward.post(moves, json={"event": "setuju"}).status_code == 403
    assert [one["id"] for one in steward.get("/api/v1/reviews").json()["items"]] == [review]


def test_the_hub_sends_new_personal_fields_to_their_reviewers_by_itself(
    enter: Callable[..., TestClient], hub: TestClient
) -> None:
    steward = enter("dinsos/penerima", {"nama": {"type": "string", "x-data-pribadi": "umum"}})
    enter("dinsos/harmless", {"jumlah": {"type": "integer"}})
    state = hub.app.state  # type: ignore[attr-defined]
    for _ in range(2):
        deliver(state.engine, [new_fields(state.engine, state.settings)])
    [review] = steward.get("/api/v1/reviews").json()["items"]
    assert (review["dataset"], review["state"]) == ("dinsos/penerima", "ditelaah")


def test_a_regency_that_asks_for_no_review_still_asks_for_the_reason(
    roads: str, enter: Callable[..., TestClient], send: Callable[..., Any], hub: TestClient
) -> None:
    body = copy.deepcopy(dict(rules.packaged(BOOK).body))
    body["collecting"]["required"] = False
    rules.check(BOOK, body)
    with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        session.add(
            RuleBook(name=BOOK, version=1, body=body, basis="Perbup", put_by="uji", put_at=MORNING)
        )
    steward = enter("dishub/trayek", AGAIN)
    row = {"no": "1", "panjang_km": 3}
    assert send(steward, "dishub/trayek", row).json()["type"] == "/problems/collected-elsewhere"
    asked = {"dataset": "dishub/trayek", "reasons": {"panjang_km": WHY}}
    answer = steward.post("/api/v1/reviews", json=asked)
    assert (answer.status_code, answer.json()["review"]) == (201, None)
    assert send(steward, "dishub/trayek", row).status_code == 201


def test_an_agency_that_holds_a_term_itself_collects_nothing_anew(
    roads: str, enter: Callable[..., TestClient], send: Callable[..., Any], reviewed: Any
) -> None:
    other = enter("dishub/trayek", AGAIN)
    asked = {"dataset": "dishub/trayek", "reasons": {"panjang_km": WHY}}
    assert other.post("/api/v1/reviews", json=asked).status_code == 201
    holder = enter("dpupr/jembatan", {"panjang": ROADS["panjang"]})
    assert send(holder, "dpupr/jembatan", {"panjang": 1}).status_code == 201


def test_a_token_for_one_dataset_knows_the_reviews_of_no_other(
    roads: str,
    enter: Callable[..., TestClient],
    make_person: Callable[..., Any],
    sign_in: Callable[..., TestClient],
    hub: TestClient,
) -> None:
    sent = {}
    for name in ("dishub/trayek", "dishub/lintas"):
        steward = enter(name, AGAIN)
        asked = {"dataset": name, "reasons": {"panjang_km": WHY}}
        sent[name] = steward.post("/api/v1/reviews", json=asked).json()["review"]["id"]
    browser = sign_in(make_person("steward", "dishub", password="kata-sandi-panjang"))
    wanted = {"name": "alat", "scope": "dataset:write", "days": 1, "dataset": "dishub/trayek"}
    token = browser.post("/api/v1/tokens", json=wanted).json()["token"]
    said = {"Authorization": f"Bearer {token}"}
    listed = hub.get("/api/v1/reviews", headers=said).json()["items"]
    assert [one["id"] for one in listed] == [sent["dishub/trayek"]]
    other = f"/api/v1/reviews/{sent['dishub/lintas']}"
    assert hub.get(other, headers=said).status_code == 404
    withdraw = {"event": "tarik"}
    assert hub.post(f"{other}/moves", json=withdraw, headers=said).status_code == 404
    mine = f"/api/v1/reviews/{sent['dishub/trayek']}/moves"
    assert hub.post(mine, json=withdraw, headers=said).json()["state"] == "ditarik"
    assert hub.post(mine, json={"event": "setuju"}, headers=said).status_code == 403


def exclude(hub: TestClient, dataset: str) -> None:
    """Close a published dataset by law; how a class is raised is tested with the classes."""
    with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        session.get_one(Dataset, dataset).access_class = AccessClass.DIKECUALIKAN
