"""`simpul validate` and `simpul schema`: no hub, no server, the gate's own verdict."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from hub.demo.newer import DATASET, newer_announcements
from hub.demo.regency import regency

SCHEMA = "lkpp/nontender-pengumuman/1.0.0"


@pytest.fixture
def files(tmp_path):
    """A good file, one with a bad row, and the steps of the dataset as a file."""
    header, *rows = newer_announcements().csv.decode().splitlines()
    bad = rows[1].replace("2025", "dua ribu", 1)
    (tmp_path / "baik.csv").write_text("\n".join([header, *rows[:50], ""]))
    (tmp_path / "rusak.csv").write_text("\n".join([header, rows[0], bad, ""]))
    (tmp_path / "dataset.json").write_text(
        json.dumps({"intake": list(regency().dataset(DATASET).intake)})
    )
    return tmp_path


def test_a_good_file_passes_with_the_steps_of_its_dataset(files, simpul):
    good = simpul("validate", "baik.csv", "--schema", SCHEMA, "--dataset", "dataset.json", "--json")
    assert good.returncode == 0, good.stderr
    counts = json.loads(good.stdout)["counts"]
    assert (counts["rows"], counts["accepted"], counts["rejected"]) == (50, 50, 0)


def test_a_bad_file_is_explained_and_its_cells_are_marked(files, simpul):
    command = ("validate", "rusak.csv", "--schema", SCHEMA, "--dataset", "dataset.json")
    bad = simpul(*command, "--report", "laporan.xlsx", "--lang", "en")
    assert bad.returncode == 1
    assert "tahun_anggaran" in bad.stdout
    assert "laporan.xlsx" in bad.stderr
    assert len(openpyxl.load_workbook(files / "laporan.xlsx").sheetnames) == 2


def test_the_severities_of_the_dataset_hold_at_home(files, simpul):
    pack = Path(__file__).parents[1] / "schemas" / "packs" / "kinerja-layanan.json"
    (row, *_) = json.loads(pack.read_text())["good"]
    (files / "kinerja.ndjson").write_text(json.dumps({**row, "pengaduan_masuk": 7}))
    command = ("validate", "kinerja.ndjson", "--schema", "kinerja/kinerja-layanan/1.0.0")
    warned = simpul(*command)
    assert (warned.returncode, "warning" in warned.stdout) == (0, True)
    rule = "pengaduan-tepat-waktu-tidak-lebih-dari-masuk"
    (files / "tegas.json").write_text(json.dumps({"intake": [], "severities": {rule: "error"}}))
    assert simpul(*command, "--dataset", "tegas.json").returncode == 1


def test_without_the_steps_the_untidy_spellings_are_found(files, simpul):
    untidy = simpul("validate", "baik.csv", "--schema", SCHEMA, "--json")
    assert untidy.returncode == 1
    assert json.loads(untidy.stdout)["counts"]["rejected"] == 50


def test_judging_loads_neither_the_server_nor_a_database(files):
    command = ["validate", "baik.csv", "--schema", SCHEMA, "--dataset", "dataset.json"]
    script = (
        "import sys\nfrom hub.cli import app\n"
        f"app({command!r}, standalone_mode=False)\n"
        "print(sorted({'fastapi', 'starlette', 'sqlalchemy', 'sqlmodel', 'hub.settings', 'hub.db'}"
        " & sys.modules.keys()))"
    )
    seen = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=files
    )
    assert seen.stdout.splitlines()[-1] == "[]"


def test_steps_and_schema_can_be_taken_from_the_hub(demo, files, simpul):
    named = ("validate", "baik.csv", "--dataset", DATASET, "--json")
    by_name = simpul(*named, "--schema", SCHEMA, **demo.as_client("steward"))
    assert by_name.returncode == 0, by_name.stderr
    urls = (
        "--schema",
        f"{demo.url}/schemas/{SCHEMA}.json",
        "--dataset",
        f"{demo.url}/api/v1/datasets/{DATASET}",
    )
    by_url = simpul("validate", "baik.csv", *urls, "--json", **demo.as_client("steward"))
    assert by_url.returncode == 0, by_url.stderr
    assert json.loads(by_url.stdout) == json.loads(by_name.stdout)


def test_who_we_are_is_not_told_to_another_host(demo, files, simpul):
    strange = simpul(
        *("validate", "baik.csv", "--schema", SCHEMA),
        *("--dataset", f"{demo.url}/api/v1/datasets/{DATASET}"),
        **demo.as_client("steward") | {"SIMPUL_URL": "http://hub.invalid"},
    )
    assert strange.returncode == 1
    assert DATASET in strange.stderr


@pytest.mark.parametrize("wrong", ["lkpp/tidak-ada/1.0.0", "lkpp/nontender-pengumuman/9.9.9"])
def test_an_unknown_schema_is_refused_with_where_to_look(files, simpul, wrong):
    refused = simpul("validate", "baik.csv", "--schema", wrong)
    assert refused.returncode == 1
    assert "simpul schema list" in refused.stderr


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(files, simpul):
    (files / "potong.xlsx").write_bytes(b"PK\x03\x04 potong")
    refused = simpul("validate", "potong.xlsx", "--schema", SCHEMA)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert refused.stderr.strip()


def test_the_packaged_schemas_are_listed(simpul):
    listed = simpul("schema", "list", "--json")
    assert SCHEMA in {row["schema"] for row in json.loads(listed.stdout)}


def test_a_new_version_is_compared_with_the_old_one(simpul, tmp_path):
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://simpul.invalid/schemas/bpbj/catatan/1.0.0.json",
        "title": "Catatan (sintetis)",
        "x-title-en": "Note (synthetic)",
        "type": "object",
        "properties": {"kode": {"title": "Kode", "x-title-en": "Code", "type": "string"}},
        "required": ["kode"],
        "x-kunci": ["kode"],
        "additionalProperties": False,
    }
    (tmp_path / "satu.json").write_text(json.dumps(document))
    document["$id"] = document["$id"].replace("1.0.0", "1.1.0")
    (tmp_path / "sama.json").write_text(json.dumps(document))
    document["properties"]["kode"]["type"] = "integer"
    (tmp_path / "lain.json").write_text(json.dumps(document))
    assert simpul("schema", "check", "sama.json", "--against", "satu.json").returncode == 0
    broken = simpul("schema", "check", "lain.json", "--against", "satu.json", "--json")
    assert broken.returncode == 1
    told = json.loads(broken.stdout)
    assert told["reasons"][0]["pointer"] == "/properties/kode/type"
    assert told["witnesses"][0]["refusals"][0]["pointer"] == "/kode"
    in_words = simpul("schema", "check", "lain.json", "--against", "satu.json")
    assert '{"kode": "' in in_words.stdout
    nothing = simpul("schema", "check", "lain.json", "--against", "satu.json", "--mode", "NONE")
    assert nothing.returncode == 0
