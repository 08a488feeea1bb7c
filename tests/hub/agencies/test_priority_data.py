"""The list of data prioritas: kept by the walidata, told to everybody, silent about hidden datasets."""

import pytest

PASSWORD = "empat kata tanpa hubungan"


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


def said(**more):
    return {
        "title": "Data stunting",
        "agency": "bpbj",
        "frequency": "bulanan",
        "first_due": "2026-01-31",
        "basis": "SK Bupati 1/2025 (sintetis)",
        **more,
    }


def test_data_that_nobody_publishes_yet_is_on_the_list_for_everybody(hub, walidata, make_agency):
    make_agency("bpbj")
    made = walidata.post("/api/v1/priority-data", json=said())
    assert made.status_code == 201, made.text
    (told,) = hub.get("/api/v1/priority-data").json()["items"]
    assert told == made.json()
    assert told["dataset"] is None


def test_an_entry_is_said_anew_and_taken_off(hub, walidata, make_dataset):
    name = make_dataset("BERBAGI")
    entry = walidata.post("/api/v1/priority-data", json=said()).json()["id"]
    path = f"/api/v1/priority-data/{entry}"
    changed = walidata.put(path, json=said(dataset=name, title="Kontrak"))
    assert changed.json()["dataset"] == name
    (told,) = hub.get("/api/v1/priority-data").json()["items"]
    assert (told["id"], told["title"]) == (entry, "Kontrak")
    assert walidata.delete(path).status_code == 204
    assert hub.get("/api/v1/priority-data").json()["items"] == []
    kinds = [
        item["entry"]["kind"]
        for item in walidata.get("/api/v1/ledger/entries?limit=3").json()["items"]
    ]
    assert kinds == ["priority.removed", "priority.put", "priority.put"]


def test_the_name_of_a_hidden_dataset_is_told_to_nobody_who_may_not_know_it(
    hub, walidata, make_dataset, make_client
):
    name = make_dataset("DIKECUALIKAN")
    assert walidata.post("/api/v1/priority-data", json=said(dataset=name)).status_code == 201
    assert hub.get("/api/v1/priority-data").json()["items"][0]["dataset"] is None
    assert name not in make_client("analyst", "bappeda").get("/api/v1/priority-data").text
    assert name in make_client("steward", "bpbj").get("/api/v1/priority-data").text


def test_what_cannot_be_on_the_list(walidata, make_dataset, make_agency, make_client):
    name = make_dataset("BERBAGI")
    make_agency("bkad")
    path = "/api/v1/priority-data"
    assert walidata.post(path, json=said(dataset="bpbj/antah")).status_code == 422
    assert walidata.post(path, json=said(agency="bkad", dataset=name)).status_code == 422
    assert walidata.post(path, json=said(agency="antah")).status_code == 404
    assert walidata.post(path, json=said(basis="")).status_code == 422
    assert make_client("head", "bpbj").post(path, json=said()).status_code == 403


def test_the_page_keeps_the_list_and_the_dataset_shows_its_tag(make_dataset, make_person, sign_in):
    name = make_dataset("BERBAGI")
    browser = sign_in(make_person("walidata", "dkisp", password=PASSWORD))
    browser.headers["Accept"], browser.follow_redirects = "text/html", False
    here = "/kelola/data-prioritas"
    typed = said(dataset=name, key="satu")
    assert browser.post(here, data=typed).status_code == 303
    assert "Data prioritas</span> Data stunting" in browser.get(f"/katalog/{name}").text
    entry = browser.get("/api/v1/priority-data").json()["items"][0]["id"]
    assert 'value="Data stunting"' in browser.get(f"{here}?ubah={entry}").text
    renamed = typed | {"id": entry, "title": "Balita stunting", "key": "dua"}
    assert browser.post(here, data=renamed).status_code == 303
    assert "Balita stunting" in browser.get(here).text
    wrong = browser.post(here, data=typed | {"dataset": "bpbj/antah", "key": "tiga"})
    assert wrong.status_code == 422
    assert 'href="#dataset"' in wrong.text
    assert browser.post(f"{here}/hapus", data={"id": entry, "key": "empat"}).status_code == 303
    assert "Belum ada" in browser.get(here).text
