"""/kelas: the producer names the ground of a raised class, the forum confirms it, everybody sees it."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.outbox import delivery
from hub.subscribers import subscribers

Enter = Callable[..., TestClient]
WHY = "Pemeriksaan sedang berjalan (sintetis)"


@pytest.fixture
def raised(hub: TestClient, enter: Enter, make_client: Callable[..., TestClient]) -> str:
    """A contract list of bpbj in TERBATAS without a coded ground; the path of its page."""
    enter("steward", "bpbj")
    api = make_client("steward", "bpbj")
    said = {
        "agency": "bpbj",
        "slug": "kontrak",
        "title": "Kontrak (sintetis)",
        "schema": {"name": "lkpp/nontender-kontrak", "version": "1.0.0"},
        "access_class": "TERBATAS",
        "restriction_basis": "untuk internal",
    }
    assert api.post("/api/v1/datasets", json=said).status_code == 201
    state: Any = hub.app.state  # type: ignore[attr-defined]
    delivery.deliver(state.engine, subscribers(state.engine, state.settings))
    (item,) = api.get("/api/v1/classifications").json()["items"]
    return f"/kelas/{item['id']}"


def test_the_ground_is_named_then_the_walidata_confirms_for_the_forum(
    raised: str, enter: Enter
) -> None:
    steward, walidata = enter("steward", "bpbj"), enter("walidata", "dkisp")
    page = steward.get(raised).text
    assert "menunggu dasar hukum" in page
    assert 'value="T09"' in page
    assert 'value="T05"' not in page
    assert "Konfirmasi kelas" not in walidata.get(raised).text
    lacking = {"event": "beri_dasar", "ground": "T09", "reason": "singkat"}
    refused = steward.post(raised, data=lacking)
    assert refused.status_code == 422
    assert "sedikitnya 10 huruf" in refused.text
    named = lacking | {"reason": WHY, "article": "Perbup (sintetis)", "review_on": "2027-01-04"}
    assert steward.post(raised, data=named).status_code == 303
    assert "Konfirmasi kelas" not in steward.get(raised).text
    assert "Kelas akses menunggu penetapan" in walidata.get("/kelola").text
    shown = walidata.get(raised).text
    assert WHY in shown
    assert "4 Januari 2027" in shown
    assert walidata.post(raised, data={"event": "sahkan"}).status_code == 303
    assert "Kelas dikonfirmasi" in steward.get(raised).text
    dataset = enter("analyst", "bappeda").get("/katalog/bpbj/kontrak").text
    assert "Kelas dikonfirmasi" in dataset
    assert "T09, Perbup (sintetis)" in dataset


def test_a_refusal_without_a_reason_is_shown_again(raised: str, enter: Enter) -> None:
    steward, walidata = enter("steward", "bpbj"), enter("walidata", "dkisp")
    steward.post(raised, data={"event": "beri_dasar", "ground": "T10", "reason": WHY})
    refused = walidata.post(raised, data={"event": "tolak", "reason": ""})
    assert refused.status_code == 422
    assert "Langkah ini memerlukan alasan tertulis" in refused.text
    told = walidata.post(
        raised, data={"event": "tolak", "reason": "Tidak ada aturan yang membatasi"}
    )
    assert told.status_code == 303
    assert "Kembali ke kelas yang lebih terbuka" in walidata.get("/kelas").text
    assert "Berbagi" in steward.get("/katalog/bpbj/kontrak").text


def test_strangers_see_neither_the_list_nor_the_raise(raised: str, enter: Enter) -> None:
    stranger = enter("steward", "bappeda")
    assert "bpbj/kontrak" not in stranger.get("/kelas").text
    assert stranger.get(raised).status_code == 404


def test_classes_from_before_the_rule_are_listed_for_their_agency_and_the_walidata(
    hub: TestClient, demo_dataset: Callable[..., str], enter: Enter
) -> None:
    name = demo_dataset("bpbj/kontrak-nontender", "TERBATAS")
    for who in (enter("steward", "bpbj"), enter("walidata", "dkisp")):
        page = who.get("/kelas").text
        assert "Ditetapkan sebelum aturan ini" in page
        assert f'href="/katalog/{name}"' in page
    assert name not in enter("steward", "bappeda").get("/kelas").text
