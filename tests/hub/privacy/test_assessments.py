"""When an impact assessment is needed, by what is done and by class; made, judged, attached, on record."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from catalog.models import AccessClass, Dataset
from hub.db import reading, unit_of_work
from hub.grants import assessments
from hub.standards import service as standards
from tests.hub.access.conftest import give
from tests.hub.privacy.conftest import person
from tests.hub.privacy.test_processing_records import FORM

__all__ = ["give"]

PATH = "/api/v1/assessments"
SEVEN = (
    "keputusan_otomatis", "data_spesifik", "skala_besar", "penilaian", "pencocokan", "teknologi_baru",
    "pembatasan_hak",
)  # fmt: skip


def made(**changes):
    return {
        "dataset": "disdukcapil/penduduk",
        "purpose": "Mencocokkan penerima bantuan",
        "triggers": {code: code == "pencocokan" for code in SEVEN},
        "risks": "Salah cocok merugikan penerima",
        "measures": "Diperiksa ulang oleh petugas",
        "result": "dapat_dilanjutkan",
        "number": "400/12/2026",
        "dated": "2026-03-02",
        "attachment": "ab" * 32,
        **changes,
    }


@dataclass
class Wanted:
    columns: list[str] | None
    use: str = "read"
    answers: dict[str, Any] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("access_class", "wanted", "rows", "expected"),
    [
        ("BERBAGI", Wanted(["nomor"]), 20, []),
        ("BERBAGI", Wanted(None), 2000, []),
        ("BERBAGI", Wanted(["nik"]), 20, []),
        ("BERBAGI", Wanted(["nik"]), 1000, ["skala_besar"]),
        ("PRIBADI", Wanted(["nik"]), 20, []),
        ("PRIBADI", Wanted(["penyakit"]), 20, ["data_spesifik"]),
        ("PRIBADI", Wanted(["nik"], use="verify"), 20, ["pencocokan"]),
        (
            "PRIBADI",
            Wanted(["nik"], answers={"pemicu_dpia": ["penilaian", "keputusan_otomatis"]}),
            20,
            ["keputusan_otomatis", "penilaian"],
        ),
        ("PRIBADI_SPESIFIK", Wanted(["nomor"]), 20, ["data_spesifik"]),
    ],
)
def test_what_needs_one(hub, people, publish_rows, access_class, wanted, rows, expected):
    if rows > 20:
        publish_rows(people, [person(n) for n in range(1, rows + 1)])
    with unit_of_work(hub.app.state.engine) as session:
        session.get_one(Dataset, people).access_class = AccessClass(access_class)
    with reading(hub.app.state.engine) as session:
        dataset = session.get_one(Dataset, people)
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        found = assessments.needed(session, dataset, document, wanted)
    assert [one.code for one in found] == expected
    assert all("pasal 34" in one.source for one in found)


def test_it_is_made_judged_attached_and_stands_in_the_record(people, give, make_client, hub):
    analyst = make_client("analyst", "dinsos")
    row = analyst.post(PATH, json=made())
    assert row.status_code == 201, row.text
    name = row.json()["id"]
    opinion = {"verdict": "setuju_dengan_syarat", "text": "Dengan pemeriksaan ulang"}
    assert analyst.post(f"{PATH}/{name}/opinion", json=opinion).status_code == 403
    officer = make_client("walidata", "dkisp")
    judged = officer.post(f"{PATH}/{name}/opinion", json=opinion)
    assert judged.json()["opinion"]["verdict"] == opinion["verdict"]
    assert officer.post(f"{PATH}/{name}/opinion", json=opinion).status_code == 409
    asked = {
        "purpose": "Mencocokkan penerima",
        "basis": "Perbup tupoksi pasal 4",
        "columns": ["nomor", "nik"],
        "answers": FORM | {"pemicu_dpia": ["pencocokan"]},
    }
    request = analyst.post(f"/api/v1/datasets/{people}/requests", json=asked).json()["id"]
    at = f"{PATH}/{name}/requests"
    for _ in range(2):
        assert analyst.post(at, json={"request": request}).status_code == 200
    with reading(hub.app.state.engine) as session:
        assert assessments.attached(session, request).id == name
        assert assessments.attached(session, "PD-2026-999999") is None
    head = make_client("head", "disdukcapil")
    decided = head.post(f"/api/v1/requests/{request}/decision", json={"decision": "approve"})
    assert decided.status_code == 200, decided.text
    [record] = officer.get("/api/v1/processing-records").json()["items"]
    told = record["penilaian_dampak"]
    assert (told["needed"], told["triggers"], told["id"]) == (True, ["pencocokan"], name)
    assert (told["number"], told["date"]) == ("400/12/2026", "2026-03-02")
    assert (told["result"], told["opinion"]) == ("dapat_dilanjutkan", opinion["verdict"])


def test_what_is_missing_or_odd_is_refused(people, make_client):
    analyst = make_client("analyst", "dinsos")
    for wrong in (
        {"triggers": {"pencocokan": True}},
        {"result": "bagus"},
        {"attachment": "xyz"},
        {"risks": "x"},
        {"lain": 1},
    ):
        assert analyst.post(PATH, json=made(**wrong)).status_code == 422, wrong
    assert analyst.post(PATH, json=made(dataset="tidak/ada")).status_code == 404
    for role in ("rw", "executive", "auditor"):
        assert make_client(role, "bappeda").post(PATH, json=made()).status_code == 403, role


def test_both_sides_see_it_strangers_do_not_and_only_its_maker_attaches(people, make_client, hub):
    name = make_client("analyst", "dinsos").post(PATH, json=made()).json()["id"]
    owner, stranger = make_client("head", "disdukcapil"), make_client("head", "bappeda")
    assert owner.get(f"{PATH}/{name}").status_code == 200
    assert stranger.get(f"{PATH}/{name}").status_code == 404
    assert stranger.get(PATH).json()["items"] == []
    assert make_client("auditor", "inspektorat").get(f"{PATH}/{name}").status_code == 200
    assert make_client().get(PATH).status_code == 403
    assert hub.get(PATH).status_code == 401
    assert len(stranger.get(f"{PATH}/triggers").json()) == 7
    other = make_client("analyst", "dinkes")
    asked = {"purpose": "Lain lagi", "basis": "Perbup", "columns": ["nik"], "answers": FORM}
    request = other.post(f"/api/v1/datasets/{people}/requests", json=asked).json()["id"]
    assert other.post(f"{PATH}/{name}/requests", json={"request": request}).status_code == 404
    mine = make_client("analyst", "dinsos")
    assert mine.post(f"{PATH}/{name}/requests", json={"request": request}).status_code == 404
