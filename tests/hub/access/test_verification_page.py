"""People without programs verify by pasting rows from their spreadsheet."""

import pytest

from tests.hub.access.conftest import CANARY

PATH = "/katalog/bpbj/penerima/verifikasi"


@pytest.fixture
def browser(penerima, publish_rows, make_person, sign_in, make_client, give):
    dataset = penerima("PRIBADI")
    publish_rows(dataset)
    person = make_person("analyst", "dinsos", password="kata sandi panjang (sintetis)")
    give(make_client("analyst", "dinsos"), dataset, use="verify", columns=["kode", "kecamatan"])
    signed_in = sign_in(person)
    signed_in.headers["Accept"] = "text/html"
    return signed_in


def test_pasted_rows_are_told_apart_and_nothing_else_is_shown(browser):
    page = browser.get(PATH)
    assert page.status_code == 200
    assert "<b>Kode</b>" in page.text
    pasted = "Kode\tKecamatan\n0003\tKuaro\n0003\tJone\n9999\tKuaro\n"
    answer = browser.post(PATH, data={"rows": pasted})
    assert answer.status_code == 200, answer.text
    assert answer.text.count("status-good") == 1
    assert answer.text.count("status-late") == 2
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "baris judul"),
        ("kode", "baris judul"),
        ("kode;kode\n1;2", "berulang"),
        ("kode,kecamatan\n0003", "punya 1 sel"),
        ("kecamatan\nKuaro", "kunci lengkap"),
        ("kode\tcatatan\n0003\tx", "catatan"),
        ("kode\n" + "0003\n" * 1001, "Paling banyak 1000"),
    ],
)
def test_what_cannot_be_checked_says_why_and_keeps_what_was_pasted(browser, pasted, said):
    answer = browser.post(PATH, data={"rows": pasted})
    assert 400 <= answer.status_code < 500
    assert said in answer.text
    assert "Belum diperiksa" in answer.text
    assert CANARY not in answer.text


def test_nobody_verifies_without_a_grant(browser, make_person, sign_in):
    person = make_person("analyst", "bappeda", password="kata sandi panjang (sintetis)")
    other = sign_in(person)
    other.headers["Accept"] = "text/html"
    answer = other.post(PATH, data={"rows": "kode\n0003"})
    assert answer.status_code == 403
    assert "status-good" not in answer.text
