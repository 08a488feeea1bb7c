"""The way of a steward: what is wrong, the workbook, the correction, and what is left of the quarantine."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

Enter = Callable[..., TestClient]
PAKET = "bpbj/paket-nontender"
Rows = list[dict[str, Any]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def rows(rows_of: Callable[[str], Rows]) -> Rows:
    return [dict(row) for row in rows_of(PAKET)[:150]]


@pytest.fixture
def sent(
    enter: Enter,
    demo_dataset: Callable[..., str],
    rows: Rows,
    csv_of: Callable[..., bytes],
    form_key: Callable[..., str],
) -> Callable[[int], tuple[TestClient, str]]:
    """A steward who has uploaded rows, so many of them wrong in `pagu`; the address of the report."""

    def send(wrong: int) -> tuple[TestClient, str]:
        demo_dataset(PAKET)
        steward = enter("steward", "bpbj")
        bad = [{**row, "pagu": f"Rp{n}x"} if n < wrong else row for n, row in enumerate(rows)]
        said = {"dataset": PAKET, "mode": "upsert", "on_error": "quarantine"}
        said["key"] = form_key(steward, "/publikasi")
        answer = steward.post("/publikasi", data=said, files={"file": ("a.csv", csv_of(bad))})
        assert answer.status_code == 303, answer.text
        return steward, answer.headers["location"]

    return send


def corrected(steward: TestClient, at: str, rows: Rows, indexes: set[int]) -> bytes:
    """The workbook with its red cells written over, for the rows of these indexes."""
    batch = at.rsplit("/", 1)[1]
    content = steward.get(f"/api/v1/datasets/{PAKET}/batches/{batch}/errors?format=xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[1]
    names = {cell.column: str(cell.value) for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        for cell in row[2:]:
            index = int(row[0].value) - 2
            if index in indexes and cell.fill.start_color.rgb == "FFF8D0CC":
                cell.value = str(rows[index][names[cell.column]])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mend(steward: TestClient, at: str, content: bytes) -> Any:
    page = steward.get(at).text
    form = page.split('id="perbaiki"')[1].split("</form>")[0]
    said = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return steward.post("/publikasi", data=said, files={"file": ("b.xlsx", content, XLSX)})


def test_the_workbook_is_corrected_and_sent_back_through_the_page(
    sent: Callable[..., Any], rows: Rows
) -> None:
    steward, at = sent(3)
    page = steward.get(at).text
    assert "3 baris terbuka" in page
    assert "Rp0x" in page
    answer = mend(steward, at, corrected(steward, at, rows, {0, 1, 2}))
    assert answer.status_code == 303, answer.text
    correction = steward.get(answer.headers["location"]).text
    assert "memperbaiki karantina" in correction
    assert "Semua baris diterima" in correction
    page = steward.get(at).text
    assert "selesai" in page
    assert "3 diperbaiki" in page
    assert 'id="perbaiki"' not in page
    assert answer.headers["location"] in page


def test_the_quarantine_shows_on_the_steward_s_page_with_size_age_and_reason(
    sent: Callable[..., Any], rows: Rows, enter: Enter
) -> None:
    steward, at = sent(3)
    for browser in (steward, enter("walidata", "dkisp")):
        page = browser.get("/publikasi").text
        assert at in page
        assert "3 baris" in page
        assert "Paling sering:" in page
        assert "Kolom pagu harus bilangan bulat" in page or "Kolom pagu harus angka" in page
        own = browser.get(f"/publikasi/{PAKET}").text
        assert at in own.split('id="karantina"')[1]
        assert "180 hari sejak selesai diperiksa" in own
    mend(steward, at, corrected(steward, at, rows, {0}))
    assert "2 baris" in steward.get(f"/publikasi/{PAKET}").text.split('id="karantina"')[1]
    assert "diperbaiki" in steward.get(at).text.split('id="baris"')[1]


def test_rows_are_paged_and_filtered_by_links(sent: Callable[..., Any]) -> None:
    steward, at = sent(130)
    page = steward.get(at).text
    following = re.search(r'href="\?(after=\d+)#baris"', page)
    assert following is not None
    assert "Rp99x" in page
    assert "Rp100x" not in page
    second = steward.get(f"{at}?{following[1]}").text
    assert "Rp100x" in second
    assert "Rp129x" in second
    assert "Kembali ke baris pertama" in second
    filtered = re.search(r'href="\?(rule=[^"]+)#baris"', page)
    assert filtered is not None
    narrowed = steward.get(f"{at}?{filtered[1].replace('&amp;', '&')}").text
    assert "menurut aturan" in narrowed
    assert "Rp5x" in narrowed
    assert "Tidak ada baris lagi" in steward.get(f"{at}?rule=enum").text


def test_what_is_not_corrected_is_given_up_with_a_reason(sent: Callable[..., Any]) -> None:
    steward, at = sent(2)
    key = re.search(r'name="key" value="([^"]+)"', steward.get(at).text)
    assert key is not None
    refused = steward.post(f"{at}/abaikan", data={"key": key[1], "reason": " "})
    assert refused.status_code == 422
    assert "Tulis alasannya" in refused.text
    said = {"key": key[1], "reason": "Paket dibatalkan"}
    for _ in range(2):
        assert steward.post(f"{at}/abaikan", data=said).status_code == 303
    page = steward.get(at).text
    assert "2 diabaikan" in page
    assert "Paket dibatalkan" in page
    assert 'id="karantina"' not in steward.get(f"/publikasi/{PAKET}").text


def test_why_the_hub_gave_rows_up_is_told_in_the_reader_s_language(
    sent: Callable[..., Any], rows: Rows, form_key: Callable[..., str], csv_of: Callable[..., bytes]
) -> None:
    steward, at = sent(2)
    said = {"dataset": PAKET, "mode": "replace", "on_error": "quarantine"}
    said["key"] = form_key(steward, "/publikasi")
    answer = steward.post("/publikasi", data=said, files={"file": ("a.csv", csv_of(rows))})
    assert answer.status_code == 303, answer.text
    page = steward.get(at).text
    assert "Digantikan oleh kiriman" in page
    assert f'href="{answer.headers["location"]}">Lihat kiriman itu' in page
    assert "perbaikan tidak diterima lagi" in page
    english = steward.get(f"{at}?lang=en").text
    assert "Superseded by batch" in english
    assert "Digantikan oleh kiriman" not in english


def test_a_correction_that_cannot_be_taken_is_told_on_the_report(
    sent: Callable[..., Any],
) -> None:
    steward, at = sent(2)
    answer = mend(steward, at, b"bukan buku kerja")
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert 'id="perbaiki"' in answer.text
        assert "Berkas belum terkirim" in answer.text


def test_only_the_steward_corrects_and_gives_up(sent: Callable[..., Any], enter: Enter) -> None:
    _, at = sent(2)
    for role, agency in (("analyst", "bpbj"), ("walidata", "dkisp")):
        browser = enter(role, agency)
        page = browser.get(at)
        assert page.status_code == 200
        assert 'id="perbaiki"' not in page.text
        assert browser.post(f"{at}/abaikan", data={"reason": "coba saja"}).status_code == 403
    walidata = enter("walidata", "dkisp").get(at).text
    assert "Rp0x" not in walidata
    assert "Kolom pagu harus" in walidata


def test_no_value_of_a_personal_column_reaches_who_may_not_read_it(
    enter: Enter,
    demo_dataset: Callable[..., str],
    form_key: Callable[..., str],
    make_client: Callable[..., TestClient],
) -> None:
    canary = "9999990101000000"
    demo_dataset(PAKET)
    steward = enter("steward", "bpbj")
    said = {"dataset": PAKET, "mode": "upsert", "on_error": "quarantine"}
    for name, content in {
        "tanpa-kepala.csv": f"{canary},b\n1,2\n".encode(),
        "kolom.ndjson": json.dumps({"kd_nontender": canary, canary: canary}).encode(),
    }.items():
        said["key"] = form_key(steward, "/publikasi")
        at = steward.post("/publikasi", data=said, files={"file": (name, content)}).headers[
            "location"
        ]
        assert canary in steward.get(at).text
        batch = at.rsplit("/", 1)[1]
        others = [
            enter("walidata", "dkisp"),
            enter("auditor", "inspektorat"),
            make_client("walidata", "dkisp"),
        ]
        for other in others:
            places = [at, f"{at}?rule=type", "/publikasi", f"/publikasi/{PAKET}"]
            places += [f"/api/v1/datasets/{PAKET}/batches/{batch}", f"/api/v1/jobs/{batch}"]
            places += [
                f"/api/v1/datasets/{PAKET}/batches/{batch}/errors?format={form}"
                for form in ("json", "csv", "csv-rows", "xlsx")
            ]
            for place in places:
                assert canary not in other.get(place).text, place
