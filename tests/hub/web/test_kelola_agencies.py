"""/kelola/instansi: agencies are found, entered, renamed, and switched off with open eyes."""

import re

import pytest


@pytest.fixture
def walidata(enter):
    return enter("walidata", "dkisp")


def fields(**said):
    return {"name": "Dinas Contoh", "kind": "dinas", "parent": "", "satker_code": "", **said}


def test_an_agency_is_entered_once_and_found_by_part_of_its_name(walidata):
    said = fields(code="dinas-contoh", key="satu")
    made = walidata.post("/kelola/instansi", data=said)
    assert made.headers["location"] == "/kelola/instansi/dinas-contoh"
    assert walidata.post("/kelola/instansi", data=said).status_code == 303
    assert "Dinas Contoh" in walidata.get("/kelola/instansi?q=contoh+dinas").text
    assert "Tidak ada yang cocok" in walidata.get("/kelola/instansi?q=antah").text


@pytest.mark.parametrize(("code", "status"), [("dkisp", 409), ("Besar", 422), ("", 422)])
def test_a_code_that_cannot_be_is_told_at_its_field(walidata, code, status):
    answer = walidata.post("/kelola/instansi", data=fields(code=code, key="satu"))
    assert answer.status_code == status
    assert 'href="#code"' in answer.text
    assert 'value="Dinas Contoh"' in answer.text


def test_an_agency_is_renamed_and_gets_a_parent_and_a_post(walidata, make_agency):
    make_agency("bpbj")
    here = "/kelola/instansi/bpbj"
    said = fields(name="Bagian Pengadaan", parent="dkisp", key="satu")
    assert walidata.post(here, data=said).status_code == 303
    said = {"title": "Kepala Bagian", "role": "head", "key": "dua"}
    assert walidata.post(f"{here}/jabatan", data=said).status_code == 303
    shown = walidata.get(here).text
    assert "Bagian Pengadaan" in shown
    assert "Kepala Bagian" in shown
    circle = walidata.post(here, data=fields(parent="bpbj", key="tiga"))
    assert circle.status_code == 409


def test_what_switching_off_entails_is_said_before_and_true_after(
    walidata, make_client, make_dataset, make_person, sign_in
):
    name = make_dataset("TERBATAS")
    steward = sign_in(make_person("steward", "bpbj", password="empat kata tanpa hubungan"))
    asked = {"purpose": "Evaluasi RKPD", "basis": "Tupoksi (sintetis)"}
    answer = make_client("analyst", "bappeda").post(f"/api/v1/datasets/{name}/requests", json=asked)
    assert answer.status_code == 201
    shown = re.sub(r"\s+", " ", walidata.get("/kelola/instansi/bpbj").text)
    assert "1 kehilangan kewenangan jabatannya di sini" in shown
    assert "1 tidak diperbarui lagi" in shown
    assert "1 menunggu jawabannya" in shown
    assert steward.get("/api/v1/me").json()["roles"] == ["steward"]
    walidata.post("/kelola/instansi/bpbj/keadaan", data={"active": "tidak"})
    assert steward.get("/api/v1/me").json()["roles"] == []
    walidata.post("/kelola/instansi/bpbj/keadaan", data={"active": "ya"})
    assert steward.get("/api/v1/me").json()["roles"] == ["steward"]


def test_nobody_switches_off_her_own_agency(walidata):
    answer = walidata.post("/kelola/instansi/dkisp/keadaan", data={"active": "tidak"})
    assert answer.status_code == 409
    assert walidata.get("/kelola/instansi").status_code == 200


def test_agencies_are_kept_by_the_walidata_alone(enter):
    head = enter("head", "bpbj")
    assert head.get("/kelola/instansi").status_code == 403
    assert head.post("/kelola/instansi", data=fields(code="baru")).status_code == 403
    assert head.post("/kelola/instansi/bpbj/keadaan", data={"active": "tidak"}).status_code == 403
