"""/kelola/orang/lembar and /kelola/kode: people from a sheet, and codes on paper."""

import io
import re

import openpyxl
import pytest

HEAD = "nama,username,instansi,jabatan,peran,email\n"
GOOD = (
    "Siti Contoh,siti.c,bpbj,Pengelola Data,steward,\n"
    "Rahmat Contoh,rw05,bpbj,Ketua RW 05,rw,\n"
    "Rini Contoh,rw06,bpbj,Ketua RW 06,rw,rini@example.com\n"
)


@pytest.fixture
def walidata(enter, make_agency):
    make_agency("bpbj")
    return enter("walidata", "dkisp")


def send(browser, text, name="orang.csv"):
    return browser.post("/kelola/orang/lembar", files={"file": (name, text.encode())})


def entered(browser, text):
    here = send(browser, text).headers["location"]
    key = re.search(r'name="key" value="([^"]+)"', browser.get(here).text)
    if key is not None:
        assert browser.post(here, data={"key": key[1]}).status_code == 303
    return here


def figures(page):
    return [int(n) for n in re.findall(r"<dd>(?:<span[^>]*>)?(\d+)(?:</span>)?</dd>", page)]


def test_a_sheet_says_first_what_it_would_change_and_enters_it_once(walidata, hub):
    here = send(walidata, HEAD + GOOD).headers["location"]
    assert figures(walidata.get(here).text) == [3, 0, 0, 0]
    assert "siti.c" not in walidata.get("/kelola/orang").text
    key = re.search(r'name="key" value="([^"]+)"', walidata.get(here).text)[1]
    assert walidata.post(here, data={"key": key}).status_code == 303
    assert "siti.c" in walidata.get("/kelola/orang?q=siti").text
    assert walidata.post(here, data={"key": "lain"}).status_code == 409
    assert figures(walidata.get(here).text) == [3, 0, 0, 0]

    again = send(walidata, HEAD + GOOD).headers["location"]
    shown = walidata.get(again).text
    assert figures(shown) == [0, 0, 3, 0]
    assert 'name="key"' not in shown


def test_the_codes_come_as_a_sheet_once_and_open_the_accounts(walidata, hub):
    here = entered(walidata, HEAD + GOOD)
    answer = walidata.post(f"{here}/kode")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert [row[1] for row in rows] == ["username", "siti.c", "rw05", "rw06"]
    again = walidata.post(f"{here}/kode")
    assert again.status_code == 409
    assert rows[1][4] not in again.text
    browser = hub
    browser.headers.update({"Accept": "text/html", "Sec-Fetch-Site": "same-origin"})
    assert "Rahmat Contoh" in browser.post("/masuk/kode", data={"code": rows[2][4]}).text


def test_wrong_rows_are_told_cell_by_cell_and_the_good_ones_may_be_entered(walidata):
    bad = "Budi,bu di,bpbj,Staf,steward,\nTuti,tuti,antah,Staf,steward,\nWati,wati,bpbj,Wali,walidata,\n"
    shown = walidata.get(send(walidata, HEAD + GOOD + bad).headers["location"]).text
    assert figures(shown) == [3, 0, 0, 3]
    for text in ("Baris 5", "bu di", "Baris 6", "antah", "Baris 7"):
        assert text in shown


def test_a_post_with_another_role_and_an_account_that_is_off_are_refused(walidata, make_person):
    here = entered(walidata, HEAD + GOOD)
    siti = re.search(r'/kelola/orang/([0-9a-f]{32})">Siti', walidata.get(here).text)[1]
    walidata.post(f"/kelola/orang/{siti}/keadaan", data={"active": "tidak"})
    other = "Ana Contoh,ana,bpbj,ketua  rw 05,steward,\nSiti Contoh,siti.c,bpbj,Kepala,head,\n"
    shown = walidata.get(send(walidata, HEAD + other).headers["location"]).text
    assert figures(shown) == [0, 0, 0, 2]
    assert "peran lain" in shown
    assert "nonaktif" in shown


def test_a_changed_name_is_a_change_and_makes_no_code(walidata):
    entered(walidata, HEAD + GOOD)
    here = entered(walidata, HEAD + GOOD.replace("Siti Contoh", "Siti C. Contoh"))
    shown = walidata.get(here).text
    assert "Tidak ada kode yang menunggu" in shown
    assert "Siti C. Contoh" in walidata.get("/kelola/orang?q=siti").text


@pytest.mark.parametrize(
    ("name", "text"), [("orang.pdf", "x"), ("orang.csv", "nama,alamat\nx,y\n"), ("orang.xlsx", "x")]
)
def test_a_file_that_is_no_sheet_of_people_enters_nothing(walidata, name, text):
    answer = send(walidata, text, name)
    shown = (
        answer.text if answer.status_code != 303 else walidata.get(answer.headers["location"]).text
    )
    assert "Daftarkan 0" not in shown
    assert "error-summary" in shown


def test_the_template_is_what_the_gate_takes(walidata):
    book = openpyxl.load_workbook(io.BytesIO(walidata.get("/kelola/orang/templat.xlsx").content))
    book["Data"].append(["Siti Contoh", "siti.c", "bpbj", "Pengelola Data", "steward", None])
    out = io.BytesIO()
    book.save(out)
    sent = walidata.post("/kelola/orang/lembar", files={"file": ("isi.xlsx", out.getvalue())})
    assert figures(walidata.get(sent.headers["location"]).text) == [1, 0, 0, 0]


def test_sheets_and_slips_are_the_walidatas_alone(enter):
    steward = enter("steward", "bpbj")
    assert send(steward, HEAD + GOOD).status_code == 403
    assert steward.get("/kelola/orang/templat.xlsx").status_code == 403
    assert steward.get("/kelola/kode").status_code == 403
    assert steward.post("/kelola/kode", data={"person": "0" * 32}).status_code == 403


def test_slips_carry_each_name_with_a_code_of_its_own(walidata, make_person, visitor):
    entered(walidata, HEAD + GOOD)
    shown = walidata.get("/kelola/kode").text
    ids = re.findall(r'name="person" value="([0-9a-f]{32})"', shown)
    assert len(ids) == 2
    slips = walidata.post("/kelola/kode", data={"person": ids})
    assert slips.headers["cache-control"] == "no-store"
    codes = re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", slips.text)
    assert len(set(codes)) == 2
    assert slips.text.count("<svg") >= 2
    assert "Rahmat Contoh" in slips.text
    assert walidata.post("/kelola/kode", data={}).status_code == 422
