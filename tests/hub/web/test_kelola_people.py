"""/kelola/orang: the walidata finds people, seats them and lets them in."""

import re

import pytest

PASSWORD = "kata sandi panjang (sintetis)"


@pytest.fixture
def walidata(enter):
    return enter("walidata", "dkisp")


def key_on(browser, path):
    return re.search(r'name="key" value="([^"]+)"', browser.get(path).text)[1]


def person_named(browser, name):
    return re.search(rf'/kelola/orang/([0-9a-f]{{32}})">{name}', browser.get("/kelola/orang").text)[
        1
    ]


def test_a_person_is_registered_once_and_found_by_part_of_her_name(walidata):
    said = {"key": "satu", "name": "Siti Contoh", "username": "siti.c", "email": ""}
    made = walidata.post("/kelola/orang", data=said)
    assert made.status_code == 303
    again = walidata.post("/kelola/orang", data=said)
    assert again.headers["location"] == made.headers["location"]
    assert "Siti Contoh" in walidata.get("/kelola/orang?q=conto+siti").text
    assert "Tidak ada yang cocok" in walidata.get("/kelola/orang?q=%25").text


def test_a_user_name_that_is_taken_is_told_at_its_field(walidata, make_person):
    taken = make_person()
    said = {"key": "dua", "name": "Siti", "username": taken.username}
    answer = walidata.post("/kelola/orang", data=said)
    assert answer.status_code == 409
    assert 'href="#username"' in answer.text
    assert 'value="Siti"' in answer.text


def test_a_person_takes_a_post_and_leaves_it(walidata, make_person, make_agency):
    make_person("steward", "bpbj", username="pemangku")
    newcomer = make_person(username="baru")
    here = f"/kelola/orang/{newcomer.id}"
    shown = walidata.get(here).text
    assert "Belum memangku jabatan" in shown
    post = re.search(r'<option value="([0-9a-f]{32})">Jabatan steward', shown)[1]
    key = key_on(walidata, here)
    assert walidata.post(f"{here}/jabatan", data={"key": key, "post": post}).status_code == 303
    held = walidata.get(here).text
    end = re.search(rf'action="({here}/jabatan/[0-9a-f]{{32}}/akhiri)"', held)[1]
    assert walidata.post(end, data={"key": "akhir"}).status_code == 303
    assert "berakhir</td>" in walidata.get(here).text


def test_a_code_is_shown_once_on_the_answer(walidata, make_person):
    person = make_person("rw", "bpbj")
    here = f"/kelola/orang/{person.id}"
    said = {"key": key_on(walidata, here)}
    shown = walidata.post(f"{here}/kode", data=said).text
    code = re.search(r'id="kode">([0-9A-Z]{5}-[0-9A-Z]{5})<', shown)[1]
    assert code not in walidata.get(here).text
    assert code not in walidata.post(f"{here}/kode", data=said).text
    assert "berlaku sampai" in walidata.get(here).text


def test_switching_an_account_off_ends_its_sessions(walidata, make_person, sign_in):
    person = make_person("steward", "bpbj", password=PASSWORD)
    browser = sign_in(person)
    here = f"/kelola/orang/{person.id}"
    assert walidata.post(f"{here}/keadaan", data={"active": "tidak"}).status_code == 303
    assert browser.get("/api/v1/me").status_code == 401
    assert walidata.post(f"{here}/keadaan", data={"active": "ya"}).status_code == 303


def test_nobody_switches_herself_off(hub, make_person, sign_in):
    person = make_person("walidata", "dkisp", password=PASSWORD)
    browser = sign_in(person)
    browser.headers["Accept"] = "text/html"
    answer = browser.post(f"/kelola/orang/{person.id}/keadaan", data={"active": "tidak"})
    assert answer.status_code == 409
    assert "walidata lain" in answer.text


@pytest.mark.parametrize("role", ["steward", "head", "analyst", "auditor", None])
def test_the_desk_is_the_walidatas_alone(enter, make_person, role):
    other = make_person("rw", "bpbj")
    browser = enter(role, "bpbj")
    assert browser.get("/kelola/orang").status_code == 403
    assert browser.get(f"/kelola/orang/{other.id}").status_code == 403
    assert browser.post(f"/kelola/orang/{other.id}/kode", data={}).status_code == 403
    assert "/kelola" not in browser.get("/").text


def test_the_pages_speak_english(walidata, make_person):
    person = make_person("rw", "bpbj")
    assert "Register somebody" in walidata.get("/kelola/orang?lang=en").text
    assert "One-time code" not in walidata.get(f"/kelola/orang/{person.id}?lang=id").text
    assert "Make a one-time code" in walidata.get(f"/kelola/orang/{person.id}?lang=en").text
