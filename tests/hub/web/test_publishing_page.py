"""/publikasi: sending a file as a person, and the report that comes back."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

Enter = Callable[..., TestClient]
PAKET = "bpbj/paket-nontender"
Rows = list[dict[str, Any]]


@pytest.fixture
def rows(rows_of: Callable[[str], Rows]) -> Rows:
    return [dict(row) for row in rows_of(PAKET)[:20]]


@pytest.fixture
def upload(form_key: Callable[..., str]) -> Callable[..., Any]:
    def send(browser: TestClient, content: bytes, name: str = "paket.csv", **said: str) -> Any:
        wanted = {"dataset": PAKET, "mode": "upsert", "on_error": "quarantine"} | said
        wanted.setdefault("key", form_key(browser, "/publikasi"))
        return browser.post("/publikasi", data=wanted, files={"file": (name, content)})

    return send


def test_good_rows_are_published_and_bad_ones_reported_with_place_and_reason(
    enter: Enter,
    demo_dataset: Callable[..., str],
    rows: Rows,
    csv_of: Callable[..., bytes],
    upload: Callable[..., Any],
) -> None:
    demo_dataset(PAKET)
    steward = enter("steward", "bpbj")
    rows[2]["kd_nontender"], rows[5]["pagu"] = "abc", "Rp dua juta"
    answer = upload(steward, csv_of(rows))
    assert answer.status_code == 303
    page = steward.get(answer.headers["location"]).text
    assert "18 baris, rilis 1" in page
    assert "sudah terbit" in page
    bad = page.split('id="baris"')[1].split("</table>")[0]
    assert "<code>kd_nontender</code>" in bad
    assert "<code>abc</code>" in bad
    assert "Rp dua juta" in bad
    book = steward.get(
        f"/api/v1/datasets/{PAKET}/batches/{answer.headers['location'].split('/')[-1]}"
        "/errors?format=xlsx"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[1]
    assert sheet.max_row == 3


def test_a_form_sent_twice_is_one_delivery(
    enter: Enter,
    demo_dataset: Callable[..., str],
    rows: Rows,
    csv_of: Callable[..., bytes],
    upload: Callable[..., Any],
    form_key: Callable[..., str],
) -> None:
    demo_dataset(PAKET)
    steward = enter("steward", "bpbj")
    key = form_key(steward, "/publikasi")
    places = {upload(steward, csv_of(rows), key=key).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert len(steward.get(f"/api/v1/datasets/{PAKET}/batches").json()) == 1
    assert "Unggahan" in steward.get(f"/publikasi/{PAKET}").text


def test_a_wrong_header_is_told_by_its_columns_and_nothing_is_published(
    enter: Enter,
    demo_dataset: Callable[..., str],
    rows: Rows,
    csv_of: Callable[..., bytes],
    upload: Callable[..., Any],
) -> None:
    demo_dataset(PAKET)
    steward = enter("steward", "bpbj")
    content = csv_of(rows).replace(b"kd_nontender", b"kode_paket", 1)
    answer = upload(steward, content)
    page = steward.get(answer.headers["location"]).text
    assert "kode_paket" in page.split('id="kepala"')[1]
    assert "Kiriman terakhir ditolak" in steward.get("/publikasi").text
    assert steward.get(f"/api/v1/datasets/{PAKET}/releases").json()["items"] == []


@pytest.mark.parametrize(
    ("said", "content", "status"),
    [
        ({"mode": "mustahil"}, b"a,b\r\n1,2\r\n", 422),
        ({"dataset": "bkad/program"}, b"a,b\r\n1,2\r\n", 403),
        ({"dataset": "bpbj/tiada"}, b"a,b\r\n1,2\r\n", 404),
        ({}, b"", 422),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence(
    enter: Enter,
    demo_dataset: Callable[..., str],
    upload: Callable[..., Any],
    said: dict[str, str],
    content: bytes,
    status: int,
) -> None:
    demo_dataset(PAKET)
    demo_dataset("bkad/program")
    answer = upload(enter("steward", "bpbj"), content, **said)
    assert answer.status_code == status
    assert "text/html" in answer.headers["content-type"]


def test_only_a_steward_sends_and_nobody_else_sees_deliveries(
    enter: Enter, demo_dataset: Callable[..., str]
) -> None:
    demo_dataset(PAKET)
    analyst = enter("analyst", "bappeda")
    assert analyst.get("/publikasi").status_code == 403
    assert analyst.get(f"/publikasi/{PAKET}").status_code == 404
    sent = analyst.post("/publikasi", data={"dataset": PAKET}, files={"file": ("a.csv", b"a\n1\n")})
    assert sent.status_code == 403
    walidata = enter("walidata", "dkisp")
    assert PAKET in walidata.get("/publikasi").text
    assert 'type="file"' not in walidata.get("/publikasi").text


def test_a_source_says_which_layer_fails_and_a_run_keeps_it(
    enter: Enter,
    demo_dataset: Callable[..., str],
    make_client: Callable[..., TestClient],
) -> None:
    demo_dataset(PAKET)
    made = make_client("steward", "bpbj").post(
        "/api/v1/sources",
        json={
            "dataset": PAKET,
            "kind": "http-json",
            "options": {"url": "http://127.0.0.1:9/tiada"},
        },
    )
    assert made.status_code == 201, made.text
    path = f"/publikasi/sumber/{made.json()['id']}"
    steward = enter("steward", "bpbj")
    check = steward.post(f"{path}/uji")
    assert check.status_code == 200
    assert "Gagal" in check.text
    assert steward.post(f"{path}/jalankan").status_code == 303
    assert "Tarikan terakhir gagal" in steward.get("/publikasi").text
    assert "Gagal" in steward.get(path).text
    assert enter("analyst", "bappeda").post(f"{path}/uji").status_code == 404


def workbook_of(rows: Rows) -> bytes:
    """The rows on the second sheet, under two rows of titles, as an agency keeps them."""
    book = openpyxl.Workbook()
    book.active.append(["Petunjuk"])
    sheet = book.create_sheet("Triwulan 3")
    for title in (["PEMERINTAH KABUPATEN (SINTETIS)"], ["Daftar paket"], list(rows[0])):
        sheet.append(title)
    for row in rows:
        sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_sheet_and_header_row_of_a_workbook_are_chosen_on_the_page_and_remembered(
    enter: Enter, demo_dataset: Callable[..., str], rows: Rows, upload: Callable[..., Any]
) -> None:
    demo_dataset(PAKET)
    steward = enter("steward", "bpbj")
    content = workbook_of(rows)
    wrong = upload(steward, content, "paket.xlsx", sheet="Tiada")
    assert wrong.status_code == 422
    assert "Triwulan 3" in wrong.text
    assert 'value="Tiada"' in wrong.text
    assert upload(steward, content, "paket.xlsx", header_row="dua").status_code == 422
    answer = upload(steward, content, "paket.xlsx", sheet="Triwulan 3", header_row="3")
    assert answer.status_code == 303
    page = steward.get(answer.headers["location"]).text
    assert "Triwulan 3" in page
    again = steward.get(f"/publikasi/{PAKET}").text
    assert 'value="Triwulan 3"' in again
    assert 'name="header_row"' in again


def test_the_template_is_offered_where_files_are_sent_and_is_a_workbook(
    enter: Enter, demo_dataset: Callable[..., str]
) -> None:
    demo_dataset(PAKET)
    steward = enter("steward", "bpbj")
    path = "/skema/lkpp/nontender-pengumuman/1.0.0"
    assert f'href="{path}.xlsx"' in steward.get(f"/publikasi/{PAKET}").text
    assert f'href="{path}.xlsx"' in steward.get(path).text
    answer = steward.get(f"{path}.xlsx")
    assert answer.status_code == 200
    assert "templat-nontender-pengumuman-1.0.0.xlsx" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[:2] == ["Data", "Petunjuk"]
    assert steward.get("/skema/lkpp/tiada/1.0.0.xlsx").status_code == 404
