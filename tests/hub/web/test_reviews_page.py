"""/telaah and the drafts: the steward sees who holds a column, gives a reason, and reviewers judge it."""

import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from tests.hub.web.test_drafts_page import XLSX, act

Enter = Callable[..., TestClient]
HEADINGS = ("NIK", "Nama Lengkap", "Tanggal Lahir", "Nilai Bantuan")
WHY = "Data penerima diverifikasi di lapangan setiap bulan"


@pytest.fixture
def population(make_client: Callable[..., TestClient]) -> str:
    """`disdukcapil/penduduk` publishes residents, reviewed."""
    steward, walidata = (
        make_client("steward", "disdukcapil"),
        make_client("walidata", "dkisp"),
    )
    columns = {
        name: {"type": "string", "x-data-pribadi": "umum"}
        for name in ("nik", "nama_lengkap", "tgl_lahir")
    }
    name = "disdukcapil/penduduk"
    schema = {
        "$id": f"https://simpul.invalid/schemas/{name}/1.0.0.json",
        "type": "object",
        "title": "Penduduk",
        "properties": columns,
        "x-kunci": ["nik"],
    }
    steward.post(f"/api/v1/schemas/{name}/versions", content=json.dumps(schema))
    said = {
        "agency": "disdukcapil",
        "slug": "penduduk",
        "title": "Penduduk menurut KTP",
        "schema": f"{name}/1.0.0",
        "access_class": "PRIBADI",
        "restriction_basis": "UU 24/2013",
        "personal_data": "umum",
    }
    assert steward.post("/api/v1/datasets", json=said).status_code == 201
    sent = walidata.post("/api/v1/reviews", json={"dataset": name}).json()["review"]["id"]
    walidata.post(f"/api/v1/reviews/{sent}/moves", json={"event": "setuju"})
    row = {"nik": "1", "nama_lengkap": "Orang (sintetis)", "tgl_lahir": "1990-01-01"}
    answer = steward.post(
        f"/api/v1/datasets/{name}/batches?mode=append",
        content=json.dumps(row),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 201, answer.text
    return name


@pytest.fixture
def sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(HEADINGS)
    for day in range(1, 29):
        nik = f"640101{day:02}03900000"
        page.append((nik, f"Orang {day} (sintetis)", f"{day:02}/03/1990", 250000 + day))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def draft(enter: Enter, population: str, sheet: bytes) -> tuple[TestClient, str]:
    """The steward of dinsos with the page of a draft that asks for what disdukcapil holds."""
    steward = enter("steward", "dinsos")
    answer = steward.post(
        "/publikasi/skema/baru",
        data={"agency": "dinsos"},
        files={"file": ("penerima.xlsx", sheet, XLSX)},
    )
    assert answer.status_code == 303, answer.text
    return steward, str(answer.headers["location"])


def reasons(why: str = WHY) -> dict[str, str]:
    """Of the second and third column of the sheet: name and day of birth."""
    said = {"why": why, "ground": "Permensos 3/2021"}
    return {f"k{n}.{name}": value for n in (1, 2) for name, value in said.items()}


def send(steward: TestClient, path: str, **said: str) -> Any:
    wishes = {"record": "penerima", "dataset_title": "Penerima", "restriction_basis": "UU 27/2022"}
    return act(steward, path, "send", **wishes, **said)


def test_the_steward_sees_the_holder_at_once_and_cannot_send_without_a_reason(
    draft: tuple[TestClient, str],
) -> None:
    steward, path = draft
    page = steward.get(path).text
    assert "Sudah dipegang instansi lain" in page
    assert "Penduduk menurut KTP" in page
    assert "istilah rujukan sama" in page
    assert "pengenal orang sama" in page
    refused = send(steward, path)
    assert refused.status_code == 422
    assert "sudah dipegang Instansi disdukcapil" in refused.text
    assert send(steward, path, **reasons("singkat")).status_code == 422
    assert send(steward, path, **reasons()).status_code == 303


def test_the_walidata_publishes_and_stands_in_for_the_reviewers_so_that_nobody_waits(
    draft: tuple[TestClient, str], enter: Enter
) -> None:
    steward, path = draft
    assert send(steward, path, **reasons()).status_code == 303
    walidata = enter("walidata", "dkisp")
    shown = walidata.get(path).text
    assert "Dengan menerbitkan, Anda menyetujuinya sebagai" in shown
    assert WHY in shown
    published = act(walidata, path, "publish")
    assert published.status_code == 303, published.text
    assert "Kolom baru sudah ditelaah" in steward.get(path).text
    listed = walidata.get("/telaah").text
    assert "dinsos/penerima" in listed
    assert "Disetujui" in listed
    tidy = steward.get(f"{path}/rapi.xlsx")
    answer = steward.post(
        "/publikasi",
        data={"dataset": "dinsos/penerima", "mode": "upsert", "on_error": "reject"},
        files={"file": ("kirim.xlsx", tidy.content, XLSX)},
    )
    assert "28 baris, rilis 1" in steward.get(answer.headers["location"]).text


def test_a_dataset_of_the_api_gets_its_reasons_and_its_review_on_a_page(
    population: str, enter: Enter, make_client: Callable[..., TestClient]
) -> None:
    client, steward = make_client("steward", "dinsos"), enter("steward", "dinsos")
    schema = {
        "$id": "https://simpul.invalid/schemas/dinsos/penerima/1.0.0.json",
        "type": "object",
        "properties": {"nik": {"type": "string"}, "nama": {"type": "string"}},
    }
    client.post("/api/v1/schemas/dinsos/penerima/versions", content=json.dumps(schema))
    said = {"agency": "dinsos", "slug": "penerima", "title": "P", "schema": "dinsos/penerima/1.0.0"}
    assert client.post("/api/v1/datasets", json=said).status_code == 201
    assert "/telaah/baru?dataset=dinsos/penerima" in steward.get("/publikasi/dinsos/penerima").text
    form = {"dataset": "dinsos/penerima", "why.nama": "singkat", "ground.nama": "Permensos"}
    refused = steward.post("/telaah/baru", data=form)
    assert refused.status_code == 422
    assert "singkat" in refused.text
    taken = steward.post("/telaah/baru", data=form | {"why.nama": WHY})
    assert taken.status_code == 303, taken.text
    path = taken.headers["location"]
    page = steward.get(path).text
    assert "Sedang ditelaah" in page
    assert "Belum berpendapat" in page
    assert "Tarik" in page
    assert "Pendapat Anda" not in page
    walidata = enter("walidata", "dkisp")
    assert "menunggu Anda" in walidata.get("/telaah").text
    assert "Telaah menunggu Anda" in walidata.get("/kelola").text
    assert "Pendapat Anda" in walidata.get(path).text
    short = walidata.post(path, data={"event": "keberatan", "reason": "tidak"})
    assert short.status_code == 422
    objects = {"event": "keberatan", "reason": "Sudah ada di Disdukcapil"}
    assert walidata.post(path, data=objects).status_code == 303
    concluded = walidata.get(path).text
    assert "Ada keberatan, menunggu walidata" in concluded
    assert "Tolak" in concluded
    assert walidata.post(
        path, data={"event": "tolak", "reason": "Pakai data Disdukcapil"}
    ).is_redirect
    ended = steward.get(path).text
    assert "Tidak boleh dikumpulkan:" in ended
    assert enter("steward", "dinkes").get(path).status_code == 404


def test_a_column_gets_a_reference_term_on_the_page_of_the_draft(
    draft: tuple[TestClient, str], hub: TestClient, enter: Enter
) -> None:
    steward, path = draft
    assert '<option value="kependudukan/agama">' in steward.get(path).text
    wrong = send(steward, path, **reasons(), **{"k3.term": "bantuan"})
    assert wrong.status_code == 422
    assert "Tulis istilah rujukan seperti" in wrong.text
    assert send(steward, path, **reasons(), **{"k3.term": "bansos/nilai"}).status_code == 303
    assert act(enter("walidata", "dkisp"), path, "publish").status_code == 303
    schema = hub.get("/schemas/dinsos/penerima/1.0.0.json").json()
    assert schema["properties"]["nilai_bantuan"]["x-istilah"] == "bansos/nilai"
