"""/publikasi/skema: a spreadsheet becomes a schema and a dataset, from the pages alone."""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.db import reading
from hub.drafts import keeping
from hub.drafts.models import SchemaDraft
from hub.settings import Settings

Enter = Callable[..., TestClient]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB of its own; only root may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "simpul-test", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("a small file system cannot be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def begin() -> Callable[..., str]:
    """Upload a workbook as a steward of dinkes; returns the path of its draft."""

    def send(browser: TestClient, content: bytes, name: str = "daftar.xlsx") -> str:
        answer = browser.post(
            "/publikasi/skema/baru",
            data={"agency": "dinkes"},
            files={"file": (name, content, XLSX)},
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    return send


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the draft's form, without its buttons."""
    form = page.split('<form class="section" method="post"')[1].split("</form>")[0]
    found = dict(re.findall(r'<input [^>]*name="([^"]+)" type="text"[^>]*value="([^"]*)"', form))
    found |= dict.fromkeys(
        re.findall(r'<input [^>]*name="([^"]+)" type="checkbox" checked', form), "on"
    )
    for name, inner in re.findall(
        r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S
    ):
        found[name] = inner
    for name, inner in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner) or re.search(
            r'value="([^"]*)"', inner
        )
        found[name] = chosen[1] if chosen else ""
    key = re.search(r'name="key" value="([^"]+)"', form)
    return found | {"key": key[1] if key else ""}


def act(browser: TestClient, path: str, action: str, **said: str) -> Any:
    fields = fields_of(browser.get(path).text) | said | {"action": action}
    return browser.post(path, data={name: value for name, value in fields.items() if value != "\0"})


def test_from_an_untidy_workbook_to_a_first_release(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType, hub: TestClient
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    path = begin(steward, untidy.facilities())
    page = steward.get(path).text
    assert "40 dari 40 baris lolos" in page
    assert "Baris 6 hanya nomor kolom" in page
    sent = act(steward, path, "send", record="posyandu", dataset_title="Posyandu aktif")
    assert sent.status_code == 303, sent.text
    assert "Menunggu walidata" in steward.get(path).text
    assert "Posyandu aktif" in walidata.get("/publikasi/skema").text
    published = act(walidata, path, "publish")
    assert published.status_code == 303, published.text
    assert "Skema dan dataset sudah terbit" in steward.get(path).text
    schema = hub.get("/schemas/dinkes/posyandu/1.0.0.json").json()
    assert schema["x-kunci"] == ["kode_posyandu"]
    tidy = steward.get(f"{path}/rapi.xlsx")
    assert tidy.headers["content-type"] == XLSX
    answer = steward.post(
        "/publikasi",
        data={"dataset": "dinkes/posyandu", "mode": "upsert", "on_error": "reject"},
        files={"file": ("kirim.xlsx", tidy.content, XLSX)},
    )
    assert "40 baris, rilis 1" in steward.get(answer.headers["location"]).text


def test_the_template_of_a_published_draft_passes_when_it_is_filled(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    path = begin(steward, untidy.facilities())
    assert act(steward, path, "send", record="posyandu").status_code == 303
    assert act(walidata, path, "publish").status_code == 303
    template = re.search(r'href="(/skema/[^"]+\.xlsx)"', steward.get(path).text)
    assert template
    book = openpyxl.load_workbook(io.BytesIO(steward.get(template[1]).content))
    sheet = book.worksheets[0]
    row = {
        "kode_posyandu": "PSY-900",
        "nama_posyandu": "Posyandu Kenanga (sintetis)",
        "kode_wilayah": "0401",
        "tanggal_berdiri": date(2024, 3, 1),
        "strata": "Madya",
        "jumlah_sasaran_balita": 12,
        "jumlah_sasaran_ibu_hamil": 3,
        "dana_operasional": 1500000.5,
        "listrik": True,
    }
    for cell in sheet[1]:
        sheet.cell(2, cell.column, row.get(str(cell.value)))
    out = io.BytesIO()
    book.save(out)
    answer = steward.post(
        "/publikasi",
        data={"dataset": "dinkes/posyandu", "mode": "upsert", "on_error": "reject"},
        files={"file": ("templat.xlsx", out.getvalue(), XLSX)},
    )
    assert "1 baris, rilis 1" in steward.get(answer.headers["location"]).text


def test_a_draft_is_published_even_when_its_file_was_tidied_away(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType, hub: TestClient
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    path = begin(steward, untidy.monthly())
    assert act(steward, path, "send", record="kunjungan").status_code == 303
    assert isinstance(hub.app, FastAPI)
    for file in (hub.app.state.settings.home / "drafts").glob("*/asal.*"):
        os.utime(file, (0, 0))
    assert keeping.sweep(hub.app.state.settings) == 1
    changed = act(walidata, path, "save", **{"k1.title": "Bulan pertama"})
    assert "sudah tidak disimpan" in changed.text
    assert act(walidata, path, "publish").status_code == 303
    assert steward.get(f"{path}/rapi.xlsx").status_code == 404


def test_the_walidata_sees_no_cell_and_returns_a_draft_with_a_reason(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType, hub: TestClient
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    path = begin(steward, untidy.recipients())
    page = steward.get(path).text
    assert "51 dari 60 baris lolos" in page
    assert "Jalan Contoh" not in page  # personal cells are not even kept
    assert walidata.get(path).status_code == 404
    assert act(steward, path, "send", record="bansos").status_code == 422
    assert (
        act(steward, path, "send", record="bansos", restriction_basis="UU 27/2022").status_code
        == 303
    )
    page = walidata.get(path).text
    assert "55 dari 60 sel berbentuk NIK" in page
    assert "Contoh:" not in page
    assert walidata.get(f"{path}/rapi.xlsx").status_code == 403
    assert walidata.post(path, data={"action": "return", "reason": "x"}).status_code == 422
    why = "Kolom alamat tidak diperlukan untuk tujuan ini."
    assert walidata.post(path, data={"action": "return", "reason": why}).status_code == 303
    assert why in steward.get(path).text
    assert isinstance(hub.app, FastAPI)
    with reading(hub.app.state.engine) as session:
        row = session.get(SchemaDraft, path.rsplit("/", 1)[-1])
        assert row is not None
        assert "Jalan Contoh" not in str(row.evidence)
        assert "0812" not in str(row.outcome)


def test_the_same_form_sent_twice_counts_once(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    path = begin(steward, untidy.monthly())

    def twice(browser: TestClient, action: str, **said: str) -> list[int]:
        fields = fields_of(browser.get(path).text) | said | {"action": action}
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: browser.post(path, data=fields), range(2)))
        answers.append(browser.post(path, data=fields))
        return [answer.status_code for answer in answers]

    reason = "Nama pendeknya belum menyebut tahun."
    assert twice(steward, "send", record="kunjungan") == [303] * 3
    assert twice(walidata, "return", reason=reason) == [303] * 3
    assert twice(steward, "send", record="kunjungan-2025") == [303] * 3
    assert twice(walidata, "publish") == [303] * 3
    assert "Skema dan dataset sudah terbit" in steward.get(path).text
    assert act(walidata, path, "publish").status_code == 409


def test_a_form_from_before_the_return_does_not_hand_on_again(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    path = begin(steward, untidy.monthly())
    old = fields_of(steward.get(path).text) | {"action": "send", "record": "kunjungan"}
    assert steward.post(path, data=old).status_code == 303
    reason = "Nama pendeknya belum menyebut tahun."
    assert act(walidata, path, "return", reason=reason).status_code == 303
    assert steward.post(path, data=old).status_code == 303
    assert "Dikembalikan" in steward.get(path).text
    refused = steward.post(path, data=old | {"record": "kunjungan-2025"})
    assert (refused.status_code, "Belum dilanjutkan" in refused.text) == (422, True)
    assert act(steward, path, "send").status_code == 303


def test_names_of_persons_reach_neither_the_walidata_nor_the_schema(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType, hub: TestClient
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    path = begin(steward, untidy.fees())
    answers = {"record": "honor", "access_class": "PRIBADI", "restriction_basis": "UU 27/2022"}
    assert act(steward, path, "send", **answers).status_code == 303
    read = [walidata.get(path).text]
    assert act(walidata, path, "publish").status_code == 303
    schema = hub.get("/schemas/dinkes/honor/1.0.0.json")
    assert schema.json()["properties"]["tahap"]["enum"] == ["Kedua", "Pertama"]
    pages = (
        path,
        "/skema/dinkes/honor/1.0.0",
        "/katalog/dinkes/honor",
        "/api/v1/datasets/dinkes/honor",
    )
    answered = [walidata.get(page) for page in pages]
    assert {answer.status_code for answer in answered} == {200}
    read += [schema.text, *(answer.text for answer in answered)]
    assert not [
        name
        for name in untidy.FEE_NAMES
        if any(name.casefold() in text.casefold() for text in read)
    ]


def test_choices_that_came_from_cells_go_when_a_column_is_marked_personal(
    enter: Enter, begin: Callable[..., str], hub: TestClient
) -> None:
    steward, walidata = enter("steward", "dinkes"), enter("walidata", "dkisp")
    cells = ["Sekar Contoh", "SEKAR CONTOH", *["Sekar Contoh", "Bima Contoh"] * 8]
    rows = "\n".join(["Kode;Pelaksana", *(f"K-{i};{cell}" for i, cell in enumerate(cells))])
    path = begin(steward, rows.encode(), "kegiatan.csv")
    assert "Sekar Contoh" in steward.get(path).text
    said = {"record": "kegiatan", "access_class": "PRIBADI", "restriction_basis": "UU 27/2022"}
    assert act(steward, path, "save", **said, **{"k1.personal": "umum"}).status_code == 303
    assert fields_of(steward.get(path).text)["k1.allowed"] == ""
    assert act(steward, path, "send", **{"k1.allowed": "Bima Contoh\nTim A"}).status_code == 303
    page = walidata.get(path).text
    assert "Tim A" in page
    assert act(walidata, path, "publish").status_code == 303
    schema = hub.get("/schemas/dinkes/kegiatan/1.0.0.json").text
    dataset = walidata.get("/api/v1/datasets/dinkes/kegiatan").text
    assert not [text for text in (page, schema, dataset) if "sekar" in text.casefold()]


def test_what_is_typed_wrong_is_told_at_its_field_and_nothing_is_saved(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType
) -> None:
    steward = enter("steward", "dinkes")
    path = begin(steward, untidy.monthly())
    fields = {"k1.name": "puskesmas", "k2.name": "Bulan Dua!", "record": "X y"}
    answer = act(steward, path, "save", **fields)
    assert answer.status_code == 422
    for wrong in ("dipakai dua kolom", "hanya boleh huruf kecil", "Nama pendek berisi"):
        assert wrong in answer.text
    assert 'value="bulan dua!"' in answer.text
    assert 'value="bulan dua!"' not in steward.get(path).text


def test_a_question_that_the_cells_leave_open_must_be_answered_before_sending(
    enter: Enter, begin: Callable[..., str]
) -> None:
    steward = enter("steward", "dinkes")
    rows = "\n".join(["Desa;Anggaran", *(f"Desa {i};{i}.250" for i in range(1, 9))])
    path = begin(steward, rows.encode(), "anggaran.csv")
    assert "Pilih cara menulis angka" in steward.get(path).text
    assert act(steward, path, "send", record="anggaran").status_code == 422
    assert act(steward, path, "send", record="anggaran", **{"k1.locale": "id"}).status_code == 303


def test_the_file_of_a_draft_and_its_names_are_on_the_disk_before_the_draft_is_told(
    enter: Enter,
    begin: Callable[..., str],
    untidy: ModuleType,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forced, force = [], os.fsync

    def told(descriptor: int) -> None:
        forced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        force(descriptor)

    monkeypatch.setattr(os, "fsync", told)
    draft = begin(enter("steward", "dinkes"), untidy.monthly()).rsplit("/", 1)[-1]
    drafts = settings.home / "drafts"
    file = drafts / draft / "asal.xlsx"
    assert [path for path in forced if path in (file, *file.parents)] == [
        file,
        file.parent,
        drafts,
        settings.home,
    ]


def test_a_full_disk_leaves_no_draft_and_no_file(
    enter: Enter, untidy: ModuleType, settings: Settings, small_disk: Path
) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "drafts").symlink_to(small_disk, target_is_directory=True)
    (small_disk / "ballast").write_bytes(b"0" * (shutil.disk_usage(small_disk).free - 4096))
    steward = enter("steward", "dinkes")
    answer = steward.post(
        "/publikasi/skema/baru",
        data={"agency": "dinkes"},
        files={"file": ("daftar.xlsx", untidy.recipients(), XLSX)},
    )
    assert answer.status_code == 507
    assert "Belum ada rancangan" in answer.text
    assert "/publikasi/skema/0" not in steward.get("/publikasi/skema").text
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("data.pdf", b"%PDF-1.7", "Pilih lembar kerja"),
        ("data.xlsx", b"bukan zip", "rusak atau terpotong"),
        ("data.csv", b"satu kolom saja", "Tidak ditemukan tabel"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_words(
    enter: Enter, name: str, content: bytes, says: str
) -> None:
    answer = enter("steward", "dinkes").post(
        "/publikasi/skema/baru",
        data={"agency": "dinkes"},
        files={"file": (name, content, "application/octet-stream")},
    )
    assert answer.status_code in (400, 422)
    assert says in answer.text


def test_two_tables_on_one_sheet_are_refused_with_the_place_of_the_second(
    enter: Enter, untidy: ModuleType
) -> None:
    answer = enter("steward", "dinkes").post(
        "/publikasi/skema/baru",
        data={"agency": "dinkes"},
        files={"file": ("gabungan.xlsx", untidy.stacked(), XLSX)},
    )
    assert "tabel lain mulai di baris 9" in answer.text


def test_drafts_are_for_stewards_of_their_own_agency(
    enter: Enter, begin: Callable[..., str], untidy: ModuleType
) -> None:
    path = begin(enter("steward", "dinkes"), untidy.monthly())
    other = enter("steward", "bpbj")
    assert other.get(path).status_code == 404
    assert other.post(path, data={"action": "save"}).status_code == 404
    assert enter("analyst", "bappeda").get("/publikasi/skema").status_code == 403
    assert enter("analyst", "bappeda").get("/publikasi/skema/baru").status_code == 403
