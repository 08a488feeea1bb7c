"""Every grant on personal data has its record, written with it; nobody sees what is not her business."""

from datetime import timedelta

import pytest

from hub.calendar import real_now
from hub.db import unit_of_work
from hub.grants import processing
from tests.hub.access.conftest import give

__all__ = ["give"]

PATH = "/api/v1/processing-records"
FORM = {
    "periode": "2026",
    "bentuk": "api",
    "frekuensi": "bulanan",
    "dasar_pemrosesan": "kewajiban_hukum",
    "alasan_kolom": {"nik": "Mencocokkan penerima", "nama": "Mencocokkan penerima"},
    "penerima_internal": ["Kepala Bidang Bantuan"],
    "retensi_hari": 60,
}


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


def records(who, **asked):
    answer = who.get(PATH, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_grant_on_personal_columns_writes_its_record(people, give, make_client, walidata):
    analyst = make_client("analyst", "dinsos")
    grant = give(analyst, people, columns=["nomor", "nik", "nama"], answers=FORM)
    [record] = records(walidata)
    assert record["hak_akses"] == grant
    assert record["kode_skpd_pengendali"] == "disdukcapil"
    assert record["kode_skpd_penerima"] == "dinsos"
    assert record["penerima"][1:] == ["Kepala Bidang Bantuan"]
    assert (record["dasar_pemrosesan"], record["dasar_dinyatakan"]) == ("kewajiban_hukum", True)
    assert record["masa_retensi"] == 60
    assert [(one["column"], one["kind"]) for one in record["kategori_data"]] == [
        ("nik", "umum"),
        ("nama", "umum"),
    ]
    assert record["tujuan"] == "Menyusun RKPD 2026"
    assert record["penilaian_dampak"]["needed"] is False
    assert record["tanggal_berakhir"] is None
    assert (record["transfer_luar"], record["terbawa"]) == (False, False)
    assert len(record["langkah_keamanan"]) >= 3


def test_the_record_ends_with_its_grant(people, give, make_client, walidata):
    grant = give(make_client("analyst", "dinsos"), people, columns=["nik"], answers=FORM)
    head = make_client("head", "disdukcapil")
    ended = head.request("DELETE", f"/api/v1/grants/{grant}", json={"reason": "Tujuan selesai"})
    assert ended.status_code == 200, ended.text
    assert records(walidata)[0]["tanggal_berakhir"] is not None


def test_open_and_shared_data_with_named_personal_columns_count_too(
    penerima_of, give, make_client, walidata
):
    for number, access_class in enumerate(("BERBAGI", "TERBUKA"), start=1):
        dataset = penerima_of(access_class)
        analyst = make_client("analyst", "dinsos")
        give(analyst, dataset, columns=["nomor", "nama"], answers=FORM)
        if access_class == "BERBAGI":
            give(make_client("analyst", "dinkes"), dataset, columns=["nomor", "desa"])
        assert len(records(walidata)) == number
        assert records(walidata)[0]["dataset"] == dataset


@pytest.fixture
def penerima_of(people, make_dataset):
    def make(access_class):
        schema = ("disdukcapil/penduduk", "1.0.0")
        return make_dataset(access_class, access_class.lower(), "disdukcapil", schema=schema)

    return make


def test_grants_from_before_get_their_record_once(hub, people, allow, walidata):
    allow(people, "dinsos", ["nomor", "nik"])
    allow(people, "dinkes", ["nomor", "desa"])
    allow(people, "bpkad", ["nomor", "nik"], expires_at=real_now() - timedelta(days=1))
    engine = hub.app.state.engine
    for expected in (1, 0):
        with unit_of_work(engine) as session:
            assert processing.carry_over(session, now=real_now()) == expected
    [record] = records(walidata)
    assert record["terbawa"] is True
    assert (record["dasar_pemrosesan"], record["dasar_dinyatakan"]) == ("kepentingan_umum", False)


def test_an_assumed_basis_is_put_right_by_those_who_answer_for_it(
    hub, people, allow, walidata, make_client
):
    allow(people, "dinsos", ["nik"])
    with unit_of_work(hub.app.state.engine) as session:
        processing.carry_over(session, now=real_now())
    at = f"{PATH}/{records(walidata)[0]['id_catatan']}"
    said = {"basis": "kewajiban_hukum", "article": "UU 11/2009 (contoh)"}
    assert make_client("head", "dinsos").post(f"{at}/basis", json=said).status_code == 403
    assert walidata.post(f"{at}/basis", json={**said, "basis": "izin"}).status_code == 422
    stated = walidata.post(f"{at}/basis", json=said)
    assert stated.status_code == 200, stated.text
    assert stated.json()["dasar_dinyatakan"] is True
    assert walidata.get(at).json()["pasal_rujukan"] == said["article"]


def test_both_sides_see_it_and_others_do_not(hub, people, allow, make_client, walidata):
    allow(people, "dinsos", ["nik"])
    with unit_of_work(hub.app.state.engine) as session:
        processing.carry_over(session, now=real_now())
    name = records(walidata)[0]["id_catatan"]
    for role, agency in (
        ("head", "dinsos"),
        ("steward", "disdukcapil"),
        ("auditor", "inspektorat"),
    ):
        assert len(records(make_client(role, agency))) == 1
    stranger = make_client("head", "bappeda")
    assert records(stranger) == []
    assert stranger.get(f"{PATH}/{name}").status_code == 404
    assert make_client("analyst", "dinsos").get(PATH).status_code == 403
    assert hub.get(PATH).status_code == 401
    csv = walidata.get(PATH, params={"format": "csv"}).text.splitlines()
    assert csv[0].startswith("id_catatan,kode_skpd_pengendali")
    assert len(csv) == 2
    assert walidata.get(PATH, params={"format": "xlsx"}).content[:2] == b"PK"
