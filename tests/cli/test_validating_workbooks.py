"""`simpul validate` and `simpul schema template` at home: workbooks, ways of writing, code lists, reports."""

import json
import subprocess
import sys

import openpyxl
import pytest

from tests.schemas.workbooks import make

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/bpbj/belanja/1.0.0.json",
    "title": "Belanja (sintetis)",
    "type": "object",
    "x-kunci": ["kode"],
    "required": ["kode", "nilai"],
    "properties": {
        "kode": {"type": "string", "pattern": "^[0-9]{4}$"},
        "nilai": {"type": "number", "minimum": 0},
        "tanggal": {"type": "string", "format": "date"},
        "wilayah": {"type": "string", "x-kode-referensi": "referensi/wilayah"},
    },
    "additionalProperties": False,
}
HEAD = ["kode", "nilai", "tanggal", "wilayah"]


@pytest.fixture(autouse=True)
def home(tmp_path):
    """A folder with a schema of its own and a list of codes as CSV."""
    (tmp_path / "belanja.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "wilayah.csv").write_text("kode;nama\n64.01;Satu\n64.02;Dua\n")
    return tmp_path


def counts(ran):
    return json.loads(ran.stdout)["counts"]


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_sheet_and_header_row_are_chosen(home, simpul, form):
    rows = [["Daftar belanja"], HEAD, ["0001", 5, None, None]]
    book = make(home, form, {"Lama": [HEAD, ["9", 1, None, None]], "Baru": rows})
    named = ("validate", book.name, "--schema", "belanja.json", "--json")
    first = simpul(*named)
    assert first.returncode == 1
    assert counts(first)["rejected"] == 1
    chosen = simpul(*named, "--sheet", "Baru", "--header-row", "2")
    assert chosen.returncode == 0, chosen.stdout
    told = {note["code"]: note["value"] for note in json.loads(chosen.stdout)["notes"]}
    assert (told["sheet"], told["header_row"]) == ("Baru", 2)
    refused = simpul(*named, "--sheet", "Tiada")
    assert refused.returncode == 1
    assert "Lama, Baru" in refused.stderr


def test_the_way_of_writing_is_declared_at_home_too(home, simpul):
    (home / "data.csv").write_text("kode;nilai;tanggal\n0001;1.234,50;31/12/2025\n")
    named = ("validate", "data.csv", "--schema", "belanja.json", "--json")
    assert counts(simpul(*named))["rejected"] == 1
    assert simpul(*named, "--locale", "id").returncode == 0
    assert simpul(*named, "--locale", "en").returncode == 1
    assert simpul(*named, "--locale", "de").returncode == 2


def test_code_lists_are_checked_at_home_when_they_are_there(home, simpul):
    (home / "data.csv").write_text("kode,nilai,wilayah\n0001,1,64.01\n0002,2,99.99\n")
    named = ("validate", "data.csv", "--schema", "belanja.json", "--json")
    without = simpul(*named)
    assert without.returncode == 0
    assert "codes-unchecked" in without.stdout
    checked = simpul(*named, "--codes", "wilayah=wilayah.csv")
    assert checked.returncode == 1
    (rule,) = json.loads(checked.stdout)["by_rule"]
    assert (rule["column"], rule["count"]) == ("wilayah", 1)
    assert simpul(*named, "--codes", "wilayah=tiada.csv").returncode == 2


def test_reports_are_written_in_three_forms(home, simpul):
    (home / "data.csv").write_text("kode,nilai\n1,5\n0002,7\n")
    for name in ("laporan.xlsx", "laporan.csv", "laporan.json"):
        ran = simpul("validate", "data.csv", "--schema", "belanja.json", "--report", name)
        assert (ran.returncode, name in ran.stderr) == (1, True)
    assert len(openpyxl.load_workbook(home / "laporan.xlsx").sheetnames) == 2
    assert "kode,pattern" in (home / "laporan.csv").read_text()
    assert json.loads((home / "laporan.json").read_text())["counts"]["rejected"] == 1
    wrong = simpul("validate", "data.csv", "--schema", "belanja.json", "--report", "laporan.pdf")
    assert wrong.returncode == 2


def test_a_template_is_written_filled_and_passes_at_home(home, simpul):
    written = simpul("schema", "template", "belanja.json", "isi.xlsx", "--lang", "en")
    assert written.returncode == 0, written.stderr
    book = openpyxl.load_workbook(home / "isi.xlsx")
    assert book.sheetnames == ["Data", "Instructions"]
    book["Data"].append(["0001", 12.5, None, None])
    book.save(home / "isi.xlsx")
    passed = simpul("validate", "isi.xlsx", "--schema", "belanja.json")
    assert passed.returncode == 0, passed.stdout
    packaged = simpul("schema", "template", "lkpp/program/1.0.0", "program.xlsx")
    assert packaged.returncode == 0
    assert simpul("schema", "template", "lkpp/tiada/1.0.0", "x.xlsx").returncode == 1


@pytest.mark.parametrize("form", ["csv", "xlsx", "xls", "ods"])
def test_judging_at_home_loads_no_server_and_no_database_and_opens_no_socket(home, form):
    if form == "csv":
        (home / "buku.csv").write_text("kode,nilai\n0001,5\n")
    else:
        make(home, form, {"Data": [HEAD, ["0001", 5, None, None]]})
    command = ["validate", f"buku.{form}", "--schema", "belanja.json"]
    script = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('a socket was opened')\n"
        "socket.socket.__init__ = refuse\n"
        "from hub.cli import app\n"
        f"app({command!r}, standalone_mode=False)\n"
        "print(sorted({'fastapi', 'starlette', 'sqlalchemy', 'sqlmodel', 'hub.settings', 'hub.db'}"
        " & sys.modules.keys()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=home
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "[]"
