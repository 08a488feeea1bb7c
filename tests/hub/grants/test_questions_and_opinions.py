"""The form grows with the class, and specific personal data is given only after three were heard."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from hub.calendar import StoppedClock
from tests.hub.grants.conftest import ASKED, COLUMNS

WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=WITA)
SEATS = ["walidata", "ppdp", "keamanan"]


@pytest.fixture
def stand(hub: TestClient) -> Callable[[datetime], None]:
    """Let the business clock stand at a moment."""

    def at(moment: datetime) -> None:
        state = hub.app.state  # type: ignore[attr-defined]
        state.clock = StoppedClock(WITA, moment=moment)

    at(MONDAY)
    return at


def opinions(who: TestClient, request: str) -> dict[str, Any]:
    answer = who.get(f"/api/v1/requests/{request}/opinions")
    assert answer.status_code == 200, answer.text
    return {one["seat"]: one for one in answer.json()}


def approve(who: TestClient, request: str) -> Any:
    body = {"decision": "approve", "reason": "Sesuai tupoksi"}
    return who.post(f"/api/v1/requests/{request}/decision", json=body)


def test_specific_personal_data_waits_for_three_named_opinions(
    stand: Callable[..., None],
    asks: Callable[..., Any],
    analyst: TestClient,
    head: TestClient,
    walidata: TestClient,
) -> None:
    request = asks("PRIBADI_SPESIFIK", columns=COLUMNS)["id"]
    assert list(opinions(head, request)) == SEATS
    refused = approve(head, request)
    assert refused.status_code == 409
    assert refused.json()["awaited"] == SEATS
    path = f"/api/v1/requests/{request}/opinions"
    assert analyst.post(path, json={"seat": "ppdp", "opinion": "setuju"}).status_code == 403
    assert head.post(path, json={"seat": "ppdp", "opinion": "setuju"}).status_code == 403
    bare = {"seat": "ppdp", "opinion": "keberatan"}
    assert walidata.post(path, json=bare).json()["member"] == "text"
    assert walidata.post(path, json=bare | {"seat": "tetangga"}).json()["seats"] == SEATS
    for seat in SEATS:
        said = {"seat": seat, "opinion": "catatan", "text": "Cukup tiga kolom ini saja"}
        assert walidata.post(path, json=said).status_code == 200
        assert walidata.post(path, json=said).status_code == 409
    told = opinions(analyst, request)
    assert told["ppdp"]["text"] == "Cukup tiga kolom ini saja"
    assert told["ppdp"]["post_title"]
    assert told["ppdp"]["entry"]
    assert approve(head, request).status_code == 200


def test_who_says_nothing_in_the_term_is_on_record_as_silent(
    stand: Callable[..., None], asks: Callable[..., Any], head: TestClient, walidata: TestClient
) -> None:
    request = asks("PRIBADI_SPESIFIK", columns=COLUMNS)["id"]
    due = datetime.fromisoformat(opinions(head, request)["ppdp"]["due_at"])
    assert due == datetime(2026, 3, 9, 16, 0, tzinfo=WITA)
    stand(due)
    assert approve(head, request).status_code == 409
    stand(due + timedelta(minutes=1))
    late = {"seat": "ppdp", "opinion": "setuju"}
    assert walidata.post(f"/api/v1/requests/{request}/opinions", json=late).status_code == 409
    assert approve(head, request).status_code == 200
    told = opinions(head, request)
    assert {one["opinion"] for one in told.values()} == {"tidak_berpendapat"}
    assert all(one["entry"] for one in told.values())


def test_nobody_is_heard_on_other_data(asks: Callable[..., Any], head: TestClient) -> None:
    request = asks("PRIBADI", columns=COLUMNS)["id"]
    assert opinions(head, request) == {}
    assert approve(head, request).status_code == 200


WRONG = [
    ({"warna": "biru"}, "answers"),
    ({"bentuk": "fotokopi"}, "answers.bentuk"),
    ({"retensi_hari": 0}, "answers.retensi_hari"),
    ({"retensi_hari": True}, "answers.retensi_hari"),
    ({"dasar_pemrosesan": "izin_pimpinan"}, "answers.dasar_pemrosesan"),
    ({"alasan_kolom": {"bukan_kolom": "karena diperlukan"}}, "answers.alasan_kolom"),
    ({"alasan_kolom": {"no_kontrak": "pendek"}}, "answers.alasan_kolom"),
    ({"penerima_internal": "Kabid"}, "answers.penerima_internal"),
    ({"pemicu_dpia": ["sihir"]}, "answers.pemicu_dpia"),
    ({"periode": " "}, "answers.periode"),
]
RIGHT = {
    "periode": "2024 sampai 2025",
    "bentuk": "api",
    "frekuensi": "bulanan",
    "dasar_pemrosesan": "kepentingan_umum",
    "alasan_kolom": {"no_kontrak": "untuk memadankan dengan SP2D"},
    "penerima_internal": ["Kepala Bidang Perencanaan"],
    "retensi_hari": 90,
    "pemicu_dpia": ["pencocokan"],
}


def test_answers_are_held_against_their_questions(
    analyst: TestClient, make_dataset: Callable[..., str]
) -> None:
    path = f"/api/v1/datasets/{make_dataset('TERBATAS')}/requests"
    for answers, member in WRONG:
        refused = analyst.post(path, json=ASKED | {"answers": answers})
        assert (refused.status_code, refused.json().get("member")) == (422, member), answers
    made = analyst.post(path, json=ASKED | {"answers": RIGHT})
    assert made.status_code == 201
    assert analyst.get(f"/api/v1/requests/{made.json()['id']}").json()["answers"] == RIGHT


def test_a_repair_is_held_against_the_same_questions(
    asks: Callable[..., Any], analyst: TestClient, walidata: TestClient
) -> None:
    request = asks()["id"]
    path = f"/api/v1/requests/{request}/moves"
    why = {"event": "minta_perbaikan", "reason": "Periode belum disebut"}
    assert walidata.post(path, json=why).status_code == 200
    repaired = {"event": "perbaiki", "said": {"answers": {"bentuk": "fotokopi"}}}
    assert analyst.post(path, json=repaired).json()["member"] == "answers.bentuk"
    repaired["said"] = {"answers": {"periode": "2025", "bentuk": "api", "frekuensi": "sekali"}}
    assert analyst.post(path, json=repaired).json()["answers"]["periode"] == "2025"
