"""What an agency and an analyst do at a shell, against the served demonstration."""

import io
import json
import stat
import time

import openpyxl
import pandas as pd
import pytest

from hub.client import Refused, Simpul
from hub.demo.newer import DATASET, newer_announcements
from hub.demo.regency import regency

OPEN = "dkisp/satker"


def test_login_remembers_in_a_file_for_its_owner_alone(demo, simpul, tmp_path):
    client = demo.told["clients"]["analyst"]
    answer = simpul("login", demo.url, input=f"{client['client_id']}\n{client['client_secret']}\n")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == ""
    kept = tmp_path / ".config" / "simpul" / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_bytes())["url"] == demo.url
    counted = simpul("sql", "SELECT count(*) AS n FROM bpbj.paket_tender", "--json")
    assert json.loads(counted.stdout) == [{"n": 92}]


def test_login_with_a_wrong_secret_is_explained_and_remembers_nothing(demo, simpul, tmp_path):
    refused = simpul("login", demo.url, "--client-id", "demo-analyst", "--client-secret", "salah")
    assert refused.returncode == 1
    assert "rahasianya" in refused.stderr
    assert not (tmp_path / ".config").exists()


@pytest.fixture(scope="module")
def newer():
    return newer_announcements()


def test_a_newer_snapshot_is_pushed_once_however_often_it_is_sent(demo, simpul, tmp_path, newer):
    (tmp_path / "baru.csv").write_bytes(newer.csv)
    command = ("push", "baru.csv", "--dataset", DATASET, "--mode", "upsert", "--json")
    steward = demo.as_client("steward")
    first, again = (simpul(*command, "--idempotency-key", "pekan-41", **steward) for _ in range(2))
    assert first.returncode == again.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert (told["state"], told["accepted"], told["rejected"]) == ("published", newer.rows, 0)
    assert json.loads(again.stdout)["receipt"] == told["receipt"]
    path = f"SELECT count(*) AS n FROM {DATASET.replace('/', '.').replace('-', '_')}"
    rows = simpul("sql", path, "--json", **steward)
    assert json.loads(rows.stdout) == [{"n": 2386 + len(newer.new)}]


def test_a_bad_file_is_refused_with_the_rules_it_broke(demo, simpul, tmp_path, newer):
    header, first, second, *_ = newer.csv.decode().splitlines()
    bad = second.replace("2025", "dua ribu dua puluh lima", 1)
    (tmp_path / "rusak.csv").write_text(f"{header}\n{first}\n{bad}\n")
    command = ("push", "rusak.csv", "--dataset", DATASET, "--mode", "upsert")
    refused = simpul(*command, **demo.as_client("steward"))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "1× tahun_anggaran" in refused.stderr
    assert "errors?format=xlsx" in refused.stderr
    english = simpul(*command, "--lang", "en", "--json", **demo.as_client("steward"))
    assert english.returncode == 1
    problem = json.loads(english.stdout)
    assert problem["type"] == "/problems/batch-refused"
    assert problem["report"]["by_rule"][0]["message_en"] in english.stderr


def test_who_may_not_push_is_told_so(demo, simpul, tmp_path):
    (tmp_path / "apa.csv").write_text("a\n1\n")
    refused = simpul("push", "apa.csv", "--dataset", OPEN, **demo.as_client("analyst"))
    assert refused.returncode == 1
    assert "data:write" in refused.stderr


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "json"])
def test_pull_writes_every_format_whole(demo, simpul, tmp_path, suffix):
    out = tmp_path / f"satker.{suffix}"
    pulled = simpul("pull", OPEN, "-o", out.name, "--json", SIMPUL_URL=demo.url)
    assert pulled.returncode == 0, pulled.stderr
    assert json.loads(pulled.stdout).keys() == {"entry_id", "entry_hash", "signature"}
    assert _rows(out) == 165
    assert list(tmp_path.glob("*.part")) == []


def _rows(path):
    match path.suffix:
        case ".csv":
            return len(pd.read_csv(path))
        case ".xlsx":
            return openpyxl.load_workbook(path, read_only=True).active.max_row - 1
        case ".parquet":
            return len(pd.read_parquet(path))
        case _:
            return len(json.loads(path.read_bytes()))


def test_pull_without_a_file_writes_rows_to_the_output_and_nothing_else(demo, simpul):
    as_csv = simpul("pull", OPEN, SIMPUL_URL=demo.url)
    assert (as_csv.returncode, as_csv.stderr) == (0, "")
    assert len(pd.read_csv(io.StringIO(as_csv.stdout))) == 165
    as_json = simpul("pull", OPEN, "--json", "--release", "1", SIMPUL_URL=demo.url)
    assert len(json.loads(as_json.stdout)) == 165


def test_a_refused_pull_leaves_no_file(demo, simpul, tmp_path):
    refused = simpul("pull", "bpbj/kontrak-tender", "-o", "x.csv", **demo.as_client("outsider"))
    assert refused.returncode == 1
    assert list(tmp_path.glob("x.csv*")) == []


def test_a_file_name_that_says_no_format_is_a_mistake_of_the_caller(simpul):
    wrong = simpul("pull", OPEN, "-o", "satker.doc")
    assert wrong.returncode == 2
    assert ".parquet" in wrong.stderr


def test_search_finds_what_the_caller_may_know_of(demo, simpul):
    found = simpul("search", "paket", "tender", **demo.as_client("analyst"))
    header, *lines = found.stdout.splitlines()
    assert header.split() == ["dataset", "class", "title"]
    assert {"bpbj/paket-tender", "bpbj/paket-nontender"} <= {line.split()[0] for line in lines}
    nothing = simpul("search", "zzzz", SIMPUL_URL=demo.url)
    assert (nothing.returncode, nothing.stdout) == (0, "")


def test_sql_is_read_from_the_input_and_printed_one_line_a_row(demo, simpul):
    query = "SELECT * FROM dkisp.satker ORDER BY kd_satker LIMIT 3"
    answer = simpul("sql", "-", input=query, **demo.as_client("analyst"))
    assert answer.returncode == 0, answer.stderr
    assert len(answer.stdout.splitlines()) == 4
    exported = simpul("sql", query, "-o", "tiga.csv", **demo.as_client("analyst"))
    assert (exported.returncode, exported.stdout) == (0, "")


def test_sql_that_is_not_a_question_is_refused_with_the_place(demo, simpul):
    refused = simpul("sql", "SELEC 1", "--lang", "en", **demo.as_client("analyst"))
    assert refused.returncode == 1
    assert 'near "SELEC"' in refused.stderr
    assert simpul("sql", "-", input=" ").returncode == 2


def test_who_has_not_signed_in_is_told_how(demo, simpul):
    refused = simpul("sql", "SELECT 1", SIMPUL_URL=demo.url)
    assert refused.returncode == 1
    assert "simpul login" in refused.stderr


def test_a_schema_is_published_and_a_breaking_one_refused_with_reasons(demo, simpul, tmp_path):
    schema = _schema("bpbj/catatan", "1.0.0", {"kode": {"type": "string"}})
    (tmp_path / "satu.json").write_text(json.dumps(schema))
    made = simpul("schema", "publish", "satu.json", "--json", **demo.as_client("steward"))
    assert made.returncode == 0, made.stdout + made.stderr
    broken = _schema("bpbj/catatan", "1.1.0", {"kode": {"type": "integer"}})
    (tmp_path / "dua.json").write_text(json.dumps(broken))
    refused = simpul("schema", "publish", "dua.json", **demo.as_client("steward"))
    assert refused.returncode == 1
    assert "/properties/kode" in refused.stderr
    assert '{"kode": "' in refused.stderr
    major = _schema("bpbj/catatan", "2.0.0", {"kode": {"type": "integer"}})
    (tmp_path / "tiga.json").write_text(json.dumps(major))
    notice = ("schema", "publish", "tiga.json", "--notice-until", "2099-01-31", "--json")
    announced = simpul(*notice, **demo.as_client("steward"))
    assert json.loads(announced.stdout)["notice_until"] == "2099-01-31"


def _schema(name, version, properties):
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://simpul.invalid/schemas/{name}/{version}.json",
        "title": "Catatan (sintetis)",
        "x-title-en": "Note (synthetic)",
        "type": "object",
        "properties": {
            field: {"title": field, "x-title-en": field, **rest}
            for field, rest in properties.items()
        },
        "required": list(properties),
        "x-kunci": list(properties),
        "additionalProperties": False,
    }


def test_a_receipt_can_be_checked_at_home_and_a_tampered_one_is_not_believed(
    demo, simpul, tmp_path, bundle_of
):
    pulled = simpul("pull", OPEN, "-o", "s.csv", "--json", **demo.as_client("auditor"))
    bundle = bundle_of(json.loads(pulled.stdout)["entry_id"])
    (tmp_path / "bukti.json").write_text(json.dumps(bundle))
    held = simpul("ledger", "verify", "bukti.json", "--json", "--key", bundle["key"])
    assert held.returncode == 0, held.stdout
    assert json.loads(held.stdout)["ok"]
    bundle["entry"] = bundle["entry"].replace("read", "rewd", 1)
    (tmp_path / "palsu.json").write_text(json.dumps(bundle))
    tampered = simpul("ledger", "verify", "palsu.json")
    assert tampered.returncode == 1
    assert "does NOT hold" in tampered.stderr
    (tmp_path / "bukan.json").write_text("bukan JSON")
    assert simpul("ledger", "verify", "bukan.json").returncode == 1


@pytest.fixture
def bundle_of(demo):
    """The receipt's bundle, asked for until the entry has its place in the tree."""
    client = demo.told["clients"]["auditor"]

    def get(entry):
        with Simpul(demo.url, client["client_id"], client["client_secret"]) as hub:
            for _ in range(50):
                try:
                    return hub.ask("GET", f"/api/v1/ledger/entries/{entry}/receipt")
                except Refused as not_yet:
                    if not_yet.status != 409:
                        raise
                    time.sleep(0.2)
        raise TimeoutError(entry)

    return get


def test_the_whole_ledger_of_the_demonstration_holds(demo, simpul):
    held = simpul("ledger", "verify", "--json", SIMPUL_HOME=str(demo.home))
    assert held.returncode == 0, held.stderr
    told = json.loads(held.stdout)
    assert told["ok"]
    assert all(check["ok"] for check in told["checks"])


def test_a_hub_that_does_not_answer_is_exit_code_3(simpul):
    for url in ("http://127.0.0.1:1", "127.0.0.1:1", "http://tidak-ada.invalid"):
        lost = simpul("search", "apa", "--url", url)
        assert lost.returncode == 3
        assert "unreachable" in lost.stderr
    assert lost.stdout == ""


def test_the_demonstration_has_the_datasets_this_page_speaks_of():
    assert regency().dataset(OPEN).access_class == "TERBUKA"
    assert regency().dataset("bpbj/kontrak-tender").access_class == "TERBATAS"


def test_the_mode_of_a_schema_is_shown_and_set(demo, simpul):
    walidata = demo.as_client("walidata")
    name = "lkpp/swakelola-realisasi"
    assert (
        json.loads(simpul("schema", "mode", name, "--json", **walidata).stdout)["mode"]
        == "BACKWARD"
    )
    told = simpul("schema", "mode", name, "FULL_TRANSITIVE", "--json", **walidata)
    assert json.loads(told.stdout)["mode"] == "FULL_TRANSITIVE"
    refused = simpul("schema", "mode", name, "NONE", **demo.as_client("analyst"))
    assert refused.returncode == 1
