"""`simpul demo`: what it writes, what it serves beside itself, and that it loads once."""

import json
import shutil
import sqlite3
import stat
import urllib.request

PEOPLE = {"steward", "head", "walidata", "analyst", "rw", "executive", "auditor"}
CLIENTS = {"steward", "walidata", "analyst", "outsider", "auditor"}
SKPD = {
    "bkad": "struktur-anggaran program kegiatan sub-kegiatan",
    "bpbj": (
        "paket-nontender hasil-nontender sppbj-nontender kontrak-nontender spmk-nontender"
        " bast-nontender paket-tender hasil-tender sppbj-tender kontrak-tender spmk-tender"
        " jadwal-tender peserta-tender epurchasing swakelola realisasi-swakelola"
    ),
    "dkisp": "wilayah satker",
}
AT_LEAST = {f"{agency}/{slug}" for agency, slugs in SKPD.items() for slug in slugs.split()}


def test_demo_json_names_who_may_sign_in_and_every_dataset(demo):
    told = demo.told
    assert told["base_url"] == demo.url
    assert told["people"].keys() >= PEOPLE
    assert told["clients"].keys() >= CLIENTS
    for person in told["people"].values():
        assert person.keys() == {"username", "password", "role", "agency"}
    for client in told["clients"].values():
        assert client.keys() == {"client_id", "client_secret", "scope", "agency"}
    assert set(told["datasets"]) >= AT_LEAST
    assert told["services"] == []
    posts = {name: told["people"][name]["agency"] for name in ("steward", "head", "analyst")}
    assert posts == {"steward": "bpbj", "head": "bpbj", "analyst": "bappeda"}
    assert told["people"]["walidata"]["agency"] == "dkisp"
    assert told["clients"]["outsider"]["agency"] is None


def test_demo_json_is_for_its_owner_alone(demo):
    assert stat.S_IMODE((demo.home / "demo.json").stat().st_mode) == 0o600


def test_a_second_demo_in_the_same_home_does_not_load_again(loaded_home, tmp_path, here):
    home = tmp_path / "home"
    shutil.copytree(loaded_home, home)
    before = _releases(home)
    again = here("demo", "--no-serve", "--json", SIMPUL_HOME=str(home))
    assert again.exit_code == 0
    assert "already loaded" in again.stderr
    told = json.loads(again.stdout)
    assert told == json.loads((home / "demo.json").read_bytes())
    assert told["base_url"] == "http://127.0.0.1:8000"
    assert told["clients"] == json.loads((loaded_home / "demo.json").read_bytes())["clients"]
    assert _releases(home) == before >= len(AT_LEAST)


def _releases(home):
    with sqlite3.connect(home / "control.db") as database:
        (count,) = database.execute("SELECT count(*) FROM catalog_release").fetchone()
    database.close()
    return count


def test_an_interrupted_loading_is_named_and_not_built_upon(loaded_home, tmp_path, here):
    home = tmp_path / "home"
    shutil.copytree(loaded_home, home)
    (home / "demo.json").unlink()
    refused = here("demo", "--no-serve", SIMPUL_HOME=str(home))
    assert refused.exit_code == 1
    assert str(home) in refused.stderr
    assert not (home / "demo.json").exists()


def test_the_home_of_another_instance_is_left_alone(tmp_path, here):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "simpul.env").write_text("SIMPUL_INSTANCE_NAME=Kabupaten Contoh\n")
    refused = here("demo", "--no-serve", SIMPUL_HOME=str(tmp_path / "home"))
    assert refused.exit_code == 1
    assert "belongs to another instance" in refused.stderr


def test_a_port_in_use_is_told_before_anything_is_loaded(demo, tmp_path, simpul):
    port = demo.url.rpartition(":")[2]
    refused = simpul("demo", "--port", port, SIMPUL_HOME=str(tmp_path / "home"))
    assert refused.returncode == 2
    assert port in refused.stderr
    assert not (tmp_path / "home").exists()


def test_while_it_serves_the_bus_is_up_and_a_source_can_be_tried_and_run(demo, simpul):
    tried = simpul("source", "test", "bpbj-paket-tender", "--json", **demo.as_client("steward"))
    assert tried.returncode == 0, tried.stderr
    assert json.loads(tried.stdout)["ok"]
    ran = simpul("source", "run", "bpbj-paket-tender", "--json", **demo.as_client("steward"))
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["outcome"] == "nothing-new"


def test_a_source_that_nobody_made_is_refused(demo, simpul):
    refused = simpul("source", "run", "tidak-ada", **demo.as_client("steward"))
    assert refused.returncode == 1
    assert refused.stdout == ""


def test_the_first_page_is_served(demo):
    with urllib.request.urlopen(demo.url) as page:
        assert b"Kabupaten Peragaan" in page.read()
