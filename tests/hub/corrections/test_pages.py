"""Reporting from the pages: a reader on a phone without JavaScript, and the steward who answers."""

import html
import re

import pytest

from tests.hub.corrections.conftest import EVIDENCE

PASSWORD = "kata sandi panjang (sintetis)"


@pytest.fixture
def enter(make_person, sign_in):
    def browser(role, agency):
        made = sign_in(make_person(role, agency, password=PASSWORD))
        made.headers["Accept"] = "text/html"
        made.follow_redirects = False
        return made

    return browser


def key_of(page):
    return re.search(r'name="key" value="([^"]+)"', page.text)[1]


def test_a_reader_reports_from_the_page_and_the_steward_answers(
    clock, penerima, publish_rows, enter
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    reader, steward = enter("analyst", "bappeda"), enter("steward", "bpbj")
    page = reader.get(f"/katalog/{dataset}")
    assert f'action="/katalog/{dataset}/lapor/baris"' in page.text
    assert "dalam penelitian" not in page.text
    form = reader.post(f"/katalog/{dataset}/lapor/baris", data={"kunci": "0003"})
    assert form.status_code == 200
    assert 'name="kunci"' in form.text
    assert 'value="0003"' in form.text
    assert '<option value="catatan"' in form.text
    assert '<option value="nama"' not in form.text  # personal: no reader of open data sees it
    said = {
        "kunci": "0003",
        "field": "nilai",
        "observed": "3000",
        "evidence": "pendek",
        "key": key_of(form),
    }
    wrong = reader.post(f"/katalog/{dataset}/lapor", data=said)
    assert wrong.status_code == 422
    assert 'href="#evidence"' in wrong.text
    absent = reader.post(
        f"/katalog/{dataset}/lapor", data=said | {"evidence": EVIDENCE, "kunci": "0999"}
    )
    assert absent.status_code == 404
    assert "Laporan belum terkirim" in absent.text
    for _ in range(2):
        sent = reader.post(f"/katalog/{dataset}/lapor", data=said | {"evidence": EVIDENCE})
        assert sent.status_code == 303
    place = sent.headers["location"]
    assert "LDS-2026-000001" in place
    assert "0003" not in place
    assert "dalam penelitian" in reader.get(f"/katalog/{dataset}").text
    assert "dalam penelitian" in reader.get(f"/katalog/{dataset}/rilis/1").text
    listed = steward.get("/laporan-data").text
    assert "Menunggu Anda" in listed
    assert "Menunggu Anda" not in reader.get("/laporan-data").text
    shown = steward.get(place)
    assert "0003" in shown.text
    done = steward.post(
        place, data={"event": "nyatakan_benar", "reason": "pendek", "key": key_of(shown)}
    )
    assert done.status_code == 422
    again = {"event": "nyatakan_benar", "reason": "Sesuai kontrak halaman 1", "key": key_of(done)}
    assert steward.post(place, data=again).status_code == 303
    seen = html.unescape(reader.get(place).text)
    assert "Sesuai kontrak halaman 1" in seen
    assert "Berkeberatan" in seen


def test_a_stranger_reads_no_report_and_finds_no_form(clock, penerima, publish_rows, enter):
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    stranger = enter("analyst", "dpupr")
    assert stranger.get(f"/katalog/{dataset}/lapor").status_code == 403
    assert stranger.get("/laporan-data/LDS-2026-000001").status_code == 404
    assert "Belum ada laporan" in stranger.get("/laporan-data").text
