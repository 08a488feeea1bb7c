"""The pages on personal data, walked by people in browsers without scripts."""

import re
from datetime import timedelta

import pytest

from hub.calendar import real_now
from hub.db import unit_of_work
from hub.grants import processing
from tests.hub.privacy.conftest import READS, allow, entries, nik, people, publish_rows

__all__ = ["allow", "entries", "people", "publish_rows"]


@pytest.fixture
def walidata(make_person, sign_in):
    return sign_in(make_person("walidata", "dkisp", password="kata-sandi-panjang"))


def key_of(page):
    return re.search(r'name="key" value="([^"]+)"', page.text).group(1)


def shown(browser, path):
    page = browser.get(path)
    assert page.status_code == 200, (path, page.text[-2000:])
    return page


@pytest.fixture
def read(hub, people, allow, make_client):
    allow(people, "dinsos", ["nomor", "nik", "nama"], purpose="Bantuan sosial 2026")
    who = make_client("analyst", "dinsos")
    assert who.get(READS, params={"limit": 3}).status_code == 200
    with unit_of_work(hub.app.state.engine) as session:
        processing.carry_over(session, now=real_now())


def test_the_walidata_opens_a_case_tells_and_closes_it(read, walidata):
    page = shown(walidata, "/pdp/kegagalan")
    now = real_now() + timedelta(minutes=5)
    typed = {
        "key": key_of(page),
        "what": "Berkas ekspor ditemukan di luar instansi",
        "known_at": (real_now() - timedelta(hours=2.5)).isoformat(),
        "since": (real_now() - timedelta(hours=1)).isoformat(),
        "until": now.isoformat(),
    }
    wrong = walidata.post("/pdp/kegagalan", data={**typed, "what": "x"})
    assert wrong.status_code == 422
    assert "error-summary" in wrong.text
    opened = walidata.post("/pdp/kegagalan", data=typed, follow_redirects=False)
    assert opened.status_code == 303, opened.text
    at = opened.headers["location"]
    case = shown(walidata, at)
    for told in ("Instansi dinsos", "nik", "Bantuan sosial 2026", "sisa 69 jam"):
        assert told in case.text, told
    assert nik(1) not in case.text
    for whom in ("subjek", "lembaga"):
        form = {"to": whom, "how": "Surat nomor 1 (sintetis)"}
        assert walidata.post(f"{at}/diberitahu", data=form).status_code == 200
    handled = {"handling": "Hak akses dicabut dan kunci diganti"}
    assert handled["handling"] in walidata.post(f"{at}/penanganan", data=handled).text
    closed = walidata.post(f"{at}/selesai", data={"reason": "Sudah ditangani semua"})
    assert "status-good" in closed.text
    assert "Tutup laporan" not in closed.text
    assert "KP-" in shown(walidata, "/pdp/kegagalan").text


def test_a_person_is_answered_and_her_number_is_not_shown_again(read, walidata):
    answer = walidata.post("/pdp/subjek", data={"kind": "nik", "identifier": nik(2)})
    assert answer.status_code == 200
    assert "Bantuan sosial 2026" in answer.text
    assert "tercatat" in answer.text
    assert nik(2) not in answer.text
    wrong = walidata.post("/pdp/subjek", data={"kind": "nik", "identifier": nik(2) + "9"})
    assert wrong.status_code == 422
    assert nik(2) not in wrong.text


def test_records_are_seen_by_both_sides_and_the_basis_is_stated(
    read, walidata, make_person, sign_in
):
    listed = shown(walidata, "/pdp/catatan")
    assert "belum dinyatakan" in listed.text
    [at] = set(re.findall(r"/pdp/catatan/CP-\d+-\d+", listed.text))
    page = shown(walidata, at)
    form = {"key": key_of(page), "basis": "kewajiban_hukum", "article": "UU 11/2009 (contoh)"}
    stated = walidata.post(f"{at}/dasar", data=form)
    assert "UU 11/2009 (contoh)" in stated.text
    head = sign_in(make_person("head", "dinsos", password="kata-sandi-panjang"))
    assert "Nyatakan dasar" not in shown(head, at).text
    stranger = sign_in(make_person("head", "bappeda", password="kata-sandi-panjang"))
    assert stranger.get(at).status_code == 404
    assert stranger.get("/pdp/kegagalan").status_code == 403
    assert stranger.get("/pdp/subjek").status_code == 403


def test_an_analyst_makes_an_assessment_and_the_officer_judges_it(
    people, walidata, make_person, sign_in
):
    analyst = sign_in(make_person("analyst", "dinsos", password="kata-sandi-panjang"))
    form = shown(analyst, f"/pdp/dpia?dataset={people}")
    typed = {
        "key": key_of(form),
        "dataset": people,
        "purpose": "Mencocokkan penerima bantuan",
        "yes": ["pencocokan"],
        "risks": "Salah cocok merugikan penerima",
        "measures": "Diperiksa ulang oleh petugas",
        "result": "dapat_dilanjutkan",
    }
    wrong = analyst.post("/pdp/dpia", data={**typed, "risks": "x"})
    assert wrong.status_code == 422
    assert 'value="pencocokan" checked' in wrong.text
    made = analyst.post("/pdp/dpia", data=typed, follow_redirects=False)
    assert made.status_code == 303, made.text
    at = made.headers["location"]
    assert "Beri pendapat" not in shown(analyst, at).text
    opinion = {"verdict": "setuju", "text": "Dapat dilanjutkan dengan baik"}
    judged = walidata.post(f"{at}/pendapat", data=opinion)
    assert opinion["text"] in judged.text
    assert analyst.get("/pdp/pemusnahan").status_code == 403


def test_the_front_leads_each_to_his_own(people, walidata, make_person, sign_in, hub):
    assert walidata.get("/pdp", follow_redirects=False).headers["location"] == "/pdp/kegagalan"
    head = sign_in(make_person("head", "disdukcapil", password="kata-sandi-panjang"))
    assert head.get("/pdp", follow_redirects=False).headers["location"] == "/pdp/catatan"
    assert "Masa simpan" in shown(head, "/pdp/pemusnahan").text
    assert hub.get("/pdp").status_code == 401
    english = shown(walidata, "/pdp/kegagalan?lang=en").text
    assert "Failures of personal data protection" in english
