"""/permintaan/{id}/langkah/{event}: every step has a page, and what cannot be is said in words."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from hub.agencies.models import Agency, AgencyKind
from hub.calendar import StoppedClock
from hub.db import unit_of_work

Enter = Callable[..., TestClient]
KONTRAK, BAST = "bpbj/kontrak-nontender", "bpbj/bast-nontender"
WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=WITA)
Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def stand(hub: TestClient) -> Callable[[datetime], None]:
    """Let the business clock stand at a moment; it begins on a Monday morning."""

    def at(moment: datetime) -> None:
        hub.app.state.clock = StoppedClock(WITA, moment=moment)  # type: ignore[attr-defined]

    at(MONDAY)
    return at


@pytest.fixture
def asked(enter: Enter, demo_dataset: Callable[..., str], ask: Callable[..., Any]) -> Any:
    """(analyst, path of the page of her request) for a restricted dataset."""
    demo_dataset(KONTRAK)
    analyst = enter("analyst", "bappeda")
    return analyst, ask(analyst, KONTRAK).headers["location"]


@pytest.fixture
def step(form_key: Callable[[TestClient, str], str]) -> Send:
    """Make a step as its page does; the answer to the form."""

    def make(who: TestClient, path: str, event: str, **said: Any) -> Any:
        page = f"{path}/langkah/{event}"
        return who.post(page, data={"key": form_key(who, page)} | said)

    return make


def refuse(head: TestClient, path: str, key: str, ground: str, **offer: Any) -> Any:
    said = {"decision": "refuse", "ground": ground, "reason": "Alasan yang cukup panjang"}
    return head.post(path, data=said | {"key": key} | offer)


def test_a_page_offers_exactly_the_steps_that_are_the_readers(enter: Enter, asked: Any) -> None:
    analyst, path = asked
    expected = {
        analyst: {"tarik"},
        enter("walidata", "dkisp"): {"lengkap", "minta_perbaikan", "alihkan"},
        enter("head", "bpbj"): set(),
    }
    for who, events in expected.items():
        text = who.get(path).text
        assert set(re.findall(rf"{path}/langkah/([a-z_]+)", text)) == events


def test_a_step_without_its_reason_is_shown_again_with_what_was_typed(
    enter: Enter, asked: Any, step: Send
) -> None:
    _, path = asked
    answer = step(enter("walidata", "dkisp"), path, "minta_perbaikan", reason="singkat")
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    assert ">singkat</textarea>" in answer.text


def test_who_comes_too_late_is_told_what_is_possible_now(
    enter: Enter, asked: Any, step: Send, form_key: Callable[..., str]
) -> None:
    _, path = asked
    walidata, other = enter("walidata", "dkisp"), enter("walidata", "dkisp")
    late = form_key(other, f"{path}/langkah/lengkap")
    assert step(walidata, path, "lengkap").status_code == 303
    answer = other.post(f"{path}/langkah/lengkap", data={"key": late})
    assert answer.status_code == 409
    assert "Langkah belum tercatat" in answer.text
    again = other.get(f"{path}/langkah/lengkap")
    assert again.status_code == 409
    assert "Alihkan ke pemegang datanya" in again.text
    assert other.get(f"{path}/langkah/terbang").status_code == 404


def test_a_double_click_is_one_step(enter: Enter, asked: Any, form_key: Callable[..., str]) -> None:
    _, path = asked
    walidata = enter("walidata", "dkisp")
    page = f"{path}/langkah/lengkap"
    said = {"key": form_key(walidata, page)}
    assert [walidata.post(page, data=said).status_code for _ in range(2)] == [303, 303]


def test_the_steward_asks_for_more_time_once_and_the_clock_says_so(
    enter: Enter, asked: Any, step: Send
) -> None:
    _, path = asked
    step(enter("walidata", "dkisp"), path, "lengkap")
    steward = enter("steward", "bpbj")
    assert path in steward.get("/permintaan").text.split('id="putuskan"')[1].split("</section>")[0]
    assert "9 Mar 2026" in steward.get(path).text
    why = "Datanya masih diperiksa pengelola kontrak"
    assert step(steward, path, "tambah_waktu", reason=why).status_code == 303
    text = steward.get(path).text
    assert "12 Mar 2026" in text
    assert f"{path}/langkah/tambah_waktu" not in text


def test_a_request_that_came_to_the_wrong_agency_goes_on_to_the_holder(
    enter: Enter, asked: Any, demo_dataset: Callable[..., str], step: Send
) -> None:
    analyst, path = asked
    demo_dataset(BAST)
    walidata = enter("walidata", "dkisp")
    assert f'<option value="{BAST}">' in walidata.get(f"{path}/langkah/alihkan").text
    why = "Berita acara ada pada dataset itu"
    assert step(walidata, path, "alihkan", dataset="bpbj/tiada", reason=why).status_code == 422
    assert step(walidata, path, "alihkan", dataset=BAST, reason=why).status_code == 303
    text = analyst.get(path).text
    onward = re.search(r'Dialihkan menjadi</dt><dd><a href="(/permintaan/[^"]+)"', text)
    assert onward
    assert BAST in analyst.get(onward[1]).text


OFFERS = [
    ("T01", {"offer-holder": "bkad"}, ['href="/katalog?agency=bkad"']),
    ("T02", {}, [f'href="/katalog/{KONTRAK}/verifikasi"', "jawaban cocok atau tidak cocok"]),
    ("T05", {"offer-alternative": "agregat"}, [f'href="/katalog/{KONTRAK}#agregat"']),
    (
        "T08",
        {"offer-test_number": "12/UK/2026", "offer-test_on": "2026-02-02", "offer-letter": "b"},
        ["12/UK/2026", "2026-02-02", "Huruf pasal 17"],
    ),
    ("T09", {"offer-review_on": "2026-06-01"}, ["Ditinjau kembali pada", "2026-06-01"]),
    ("T13", {"offer-columns": ["no_kontrak"]}, ["Kolom yang cukup", "no_kontrak"]),
]


def test_a_refusal_shows_what_is_offered_instead(
    enter: Enter,
    demo_dataset: Callable[..., str],
    ask: Callable[..., Any],
    make_agency: Callable[..., str],
    form_key: Callable[..., str],
) -> None:
    demo_dataset(KONTRAK)
    make_agency("bkad")
    analyst, head = enter("analyst", "bappeda"), enter("head", "bpbj")
    # what other grounds would need is filled in too, as somebody who changed her mind leaves it
    left = {"offer-article": "pasal ke-99", "offer-review_on": "2026-06-01"}
    for ground, offer, shown in OFFERS:
        path = ask(analyst, KONTRAK).headers["location"]
        answer = refuse(head, path, form_key(head, path), ground, **(left | offer))
        assert answer.status_code == 303, ground
        text = analyst.get(path).text.split('id="pengganti"')[1].split("</dl>")[0]
        for part in shown:
            assert part in text, ground
        assert "pasal ke-99" not in text, ground


def test_a_refusal_without_what_its_ground_needs_names_the_field(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    _, path = asked
    head = enter("head", "bpbj")
    for ground, field in (("T01", "offer-holder"), ("T08", "offer-test_number")):
        answer = refuse(head, path, form_key(head, path), ground)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
    wrong = {"offer-review_on": "besok"}
    answer = refuse(head, path, form_key(head, path), "T09", **wrong)
    assert 'href="#offer-review_on"' in answer.text


def test_time_is_told_by_the_party_that_took_it(
    enter: Enter, asked: Any, step: Send, stand: Callable[[datetime], None]
) -> None:
    analyst, path = asked
    walidata = enter("walidata", "dkisp")
    step(walidata, path, "minta_perbaikan", reason="Sebutkan bulannya lebih dahulu")
    stand(MONDAY + timedelta(days=2))
    assert step(analyst, path, "perbaiki").status_code == 303
    stand(MONDAY + timedelta(days=2, hours=6))
    text = analyst.get(path).text.split("Waktu:")[1].split("</p>")[0]
    assert "pemohon (Instansi bappeda (sintetis)) 2 hari kerja" in text
    assert "walidata 0,2 hari kerja" in text


def test_an_emergency_is_opened_by_the_secretary_and_reviewed(
    enter: Enter,
    make_secretary: Callable[[], TestClient],
    demo_dataset: Callable[..., str],
    ask: Callable[..., Any],
    step: Send,
) -> None:
    demo_dataset(KONTRAK)
    analyst = enter("analyst", "bappeda")
    bare = ask(analyst, KONTRAK, emergency="1")
    assert bare.status_code == 422
    assert 'href="#emergency_reason"' in bare.text
    why = "Banjir di dua kecamatan sejak semalam"
    path = ask(analyst, KONTRAK, emergency="1", emergency_reason=why).headers["location"]
    sekda = make_secretary()
    assert why in sekda.get(path).text
    said = {"reason": "Banjir, dibuka 14 hari"}
    assert step(sekda, path, "darurat", **said).status_code == 303
    assert "Akses darurat, menunggu tinjauan" in analyst.get(path).text
    walidata = enter("walidata", "dkisp")
    front = walidata.get("/permintaan").text.split('id="putuskan"')[1].split("</section>")[0]
    assert path in front
    assert step(walidata, path, "tinjau_sah", reason="Pemakaiannya wajar").status_code == 303
    assert "Akses aktif" in analyst.get(path).text


@pytest.fixture
def make_secretary(
    hub: TestClient, enter: Enter, make_agency: Callable[..., str]
) -> Callable[[], TestClient]:
    """The head of the secretariat, who stands in for the mandate of the Sekda."""

    def make() -> TestClient:
        make_agency("setda")
        with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
            session.get_one(Agency, "setda").kind = AgencyKind.SECRETARIAT
        return enter("head", "setda")

    return make


def test_access_is_suspended_with_a_reason_and_restored(
    enter: Enter, asked: Any, step: Send, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    head = enter("head", "bpbj")
    assert head.post(path, data={"key": form_key(head, path), "decision": "approve"}).is_redirect
    why = {"reason": "Pembacaan tengah malam diperiksa dahulu"}
    assert step(head, path, "tangguhkan", **why).status_code == 303
    assert "Ditangguhkan" in analyst.get(path).text
    assert "Langkah Anda berikutnya" not in analyst.get(path).text
    assert step(head, path, "pulihkan").status_code == 303
    assert "Langkah Anda berikutnya" in analyst.get(path).text
    assert step(analyst, path, "selesai").status_code == 303
    assert "Selesai: tujuan tercapai" in analyst.get(path).text


def test_the_list_goes_by_state_and_by_pages(
    enter: Enter,
    demo_dataset: Callable[..., str],
    ask: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hub.web.pages.requests.PAGE", 2)
    demo_dataset(KONTRAK)
    analyst = enter("analyst", "bappeda")
    paths = [ask(analyst, KONTRAK, purpose=f"Tujuan ke-{n}").headers["location"] for n in range(3)]
    first = analyst.get("/permintaan").text
    assert (paths[-1] in first, paths[0] in first) == (True, False)
    older = re.search(r'href="(/permintaan\?cursor=[^"]+)"', first)
    assert older
    second = analyst.get(older[1]).text
    assert (paths[-1] in second, paths[0] in second) == (False, True)
    assert "Ke yang terbaru" in second
    assert paths[-1] in analyst.get("/permintaan?state=diajukan").text
    none = analyst.get("/permintaan?state=aktif").text
    assert "Tidak ada di bagian ini." in none
    assert 'value="aktif" selected' in none
    assert analyst.get("/permintaan?state=karangan").status_code == 200


def test_to_strangers_there_is_no_step_either(enter: Enter, asked: Any) -> None:
    _, path = asked
    stranger = enter("head", "bkad")
    assert stranger.get(f"{path}/langkah/tolak").status_code == 404
    assert stranger.post(f"{path}/langkah/tarik", data={}).status_code == 404
    assert stranger.post(f"{path}/pendapat", data={"seat": "ppdp"}).status_code == 404


def test_what_a_program_left_out_is_told_to_the_walidata_and_repaired_on_a_page(
    enter: Enter,
    make_client: Callable[..., TestClient],
    demo_dataset: Callable[..., str],
    step: Send,
) -> None:
    demo_dataset(KONTRAK)
    said = {"purpose": "Menyusun RKPD 2026", "basis": "Tupoksi Bappeda (sintetis)"}
    program = make_client("analyst", "bappeda")
    made = program.post(f"/api/v1/datasets/{KONTRAK}/requests", json=said)
    assert made.status_code == 201
    path = f"/permintaan/{made.json()['id']}"
    walidata, analyst = enter("walidata", "dkisp"), enter("analyst", "bappeda")
    assert "Belum dijawab:" in walidata.get(path).text
    step(walidata, path, "minta_perbaikan", reason="Lengkapi yang belum dijawab")
    wrong = {"answer-periode": "2025", "answer-bentuk": "fotokopi"}
    refused = step(analyst, path, "perbaiki", **wrong)
    assert refused.status_code == 422
    assert 'href="#answer-bentuk"' in refused.text
    assert 'value="2025"' in refused.text
    right = wrong | {"answer-bentuk": "api", "answer-frekuensi": "sekali", "purpose": "RKPD 2027"}
    assert step(analyst, path, "perbaiki", **right).status_code == 303
    text = walidata.get(path).text
    assert "Belum dijawab:" not in text
    assert "RKPD 2027" in text
    assert "Baris lewat API atau SQL" in text


def test_what_to_look_at_first_is_for_the_decider_alone(
    enter: Enter, asked: Any, ask: Callable[..., Any], form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    head = enter("head", "bpbj")
    assert refuse(head, path, form_key(head, path), "T13").status_code == 303
    again = ask(analyst, KONTRAK, until="2030-01-01").headers["location"]
    shown = head.get(again).text.split('id="sorotan"')[1].split("</ol>")[0]
    assert "Lebih lama daripada kelasnya" in shown
    assert f'href="{path}"' in shown
    assert shown.count("<li>") <= 5
    assert 'id="sorotan"' not in analyst.get(again).text
