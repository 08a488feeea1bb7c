"""An agency at a shell: makes a key, signs a contract with it, and judges contracts without a hub."""

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from hub.grants.verify import open_key_file, thumbprint

GRANT = "HA-2025-00001"
"""The first grant of the demonstration; both agencies signed it with their own keys."""


def test_a_contract_is_fetched_and_judged_offline(demo, simpul, tmp_path):
    analyst = demo.as_client("analyst")
    shown = simpul("grant", "contract", GRANT, "--json", **analyst)
    assert json.loads(json.loads(shown.stdout)["text"])["producer"] == "bpbj"
    fetched = simpul("grant", "contract", GRANT, "-o", "kontrak.json", **analyst)
    assert fetched.returncode == 0, fetched.stderr

    keys = demo.told["agency_keys"]
    public = {}
    for agency, private in keys.items():
        assert demo.home not in Path(private).parents
        public[agency] = tmp_path / f"{agency}.json"
        public[agency].write_text(json.dumps(open_key_file(Path(private))))
    held = [f"--agency-key={agency}={file}" for agency, file in public.items()]
    judged = simpul("grant", "verify", "kontrak.json", *held, "--json")
    assert judged.returncode == 0, judged.stderr
    names = [check["name"] for check in json.loads(judged.stdout)["checks"]]
    assert {"producer agency_key", "consumer agency_key"} <= set(names)

    bundle = json.loads((tmp_path / "kontrak.json").read_bytes())
    bundle["contract"]["columns"] = ["nilai_kontrak"]
    bundle["contract"]["purpose"] = "Apa saja"
    (tmp_path / "diubah.json").write_text(json.dumps(bundle))
    refused = simpul("grant", "verify", "diubah.json")
    assert refused.returncode == 1
    assert "purpose: changed" in refused.stdout
    assert "columns: changed" in refused.stdout


def test_the_verifier_runs_without_simpul(demo, simpul, tmp_path):
    root = Path(__file__).parents[2]
    for file in ("hub/grants/verify.py", "hub/ledger/verify.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file, tmp_path / file)
    simpul("grant", "contract", GRANT, "-o", "kontrak.json", **demo.as_client("analyst"))
    script = (
        "import sys; sys.path.insert(0, '.'); import hub.grants.verify as v; "
        "sys.exit(v.main(['kontrak.json']) or any(n.startswith(('rfc8785', 'sqlmodel')) for n in sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "ok    text  as it was signed" in ran.stdout


def test_a_key_is_made_registered_and_signs(demo, simpul, tmp_path):
    made = simpul("grant", "key", "kunci.jwk", "--curve", "P-256")
    assert made.returncode == 0, made.stderr
    public = json.loads(made.stdout)
    assert "d" not in public
    assert stat.S_IMODE((tmp_path / "kunci.jwk").stat().st_mode) == 0o600
    assert simpul("grant", "key", "kunci.jwk").returncode == 1
    walidata = demo.as_client("walidata")
    options = ("--agency", "bappeda", "--name", "Kunci kedua", "--json")
    registered = simpul("grant", "register", "kunci.jwk", *options, **walidata)
    assert registered.returncode == 0, registered.stderr
    assert json.loads(registered.stdout)["id"] == thumbprint(public)
    assert "d" not in json.loads(registered.stdout)["jwk"]

    # Bappeda has signed this one already, with the key that it had.
    again = simpul(
        "grant", "sign", GRANT, "--key", "kunci.jwk", "--yes", **demo.as_client("analyst")
    )
    assert again.returncode == 1
    assert "sudah ditandatangani" in again.stderr
    unsure = simpul(
        "grant", "sign", GRANT, "--key", "kunci.jwk", input="n\n", **demo.as_client("analyst")
    )
    assert unsure.returncode == 1
    assert "purpose" in unsure.stdout
    assert "sudah ditandatangani" not in unsure.stderr


def test_what_is_no_key_and_no_contract_is_said(simpul, tmp_path):
    (tmp_path / "bukan.txt").write_text("bukan apa-apa")
    (tmp_path / "kosong.json").write_text("{}")
    assert simpul("grant", "verify", "bukan.txt").returncode == 1
    assert simpul("grant", "verify", "kosong.json").returncode == 1
    assert simpul("grant", "verify", "kosong.json", "--agency-key", "bpbj").returncode == 2
    wrong = simpul("grant", "verify", "kosong.json", "--agency-key", "bpbj=bukan.txt")
    assert "no public key" in wrong.stderr
    wrong = simpul("grant", "sign", "HA-2025-00001", "--key", "bukan.txt", "--yes")
    assert "no private key" in wrong.stderr
