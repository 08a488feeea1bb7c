"""An operator registers programs for people and turns over the keys that sign tokens."""

import json
import sqlite3
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

BACK = "https://aplikasi.example.org/kembali"


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> str:
    """The home of an instance whose database is ready."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "control.db").write_bytes(sqlite_template.read_bytes())
    return str(folder)


def said(ran) -> dict | list:
    assert ran.exit_code == 0, ran.stderr
    return json.loads(ran.stdout)


def test_every_kind_of_program_is_registered(here, home, tmp_path):
    def add(*more: str):
        return here("client", "add", "Aplikasi", *more, "--json", SIMPUL_HOME=home)

    confidential = said(add("--redirect-uri", BACK, "--scope", "openid data:read"))
    assert confidential["client_secret"]
    assert confidential["scope"] == "data:read openid"
    public = said(
        add("--public", "--redirect-uri", BACK, "--redirect-uri", "http://127.0.0.1/kembali")
    )
    assert public["client_secret"] is None
    keys = tmp_path / "jwks.json"
    jwk = ECKey.generate_key("P-256", {"kid": "a"}).as_dict(private=False)
    keys.write_text(json.dumps({"keys": [jwk]}))
    signer = said(add("--jwks", str(keys), "--grant-type", "client_credentials"))
    assert signer["client_secret"] is None
    with sqlite3.connect(Path(home) / "control.db") as database:
        rows = {
            client: json.loads(flows)
            for client, flows in database.execute(
                "SELECT client_id, grant_types FROM hub_auth_client"
            )
        }
    assert rows == {
        confidential["client_id"]: ["authorization_code", "refresh_token"],
        public["client_id"]: ["authorization_code", "refresh_token"],
        signer["client_id"]: ["client_credentials"],
    }
    keys.write_text("[]")
    for wrong, code in (
        (["--public"], 1),
        (["--redirect-uri", "http://aplikasi.example.org/"], 1),
        (["--grant-type", "implicit"], 1),
        (["--jwks", str(keys)], 2),
        (["--jwks", str(tmp_path / "tiada.json")], 2),
    ):
        assert add(*wrong).exit_code == code, wrong


def test_keys_are_turned_over_and_an_old_one_goes_when_its_tokens_have_ended(here, home):
    def keys(*words: str):
        return here("keys", *words, "--json", SIMPUL_HOME=home)

    (first,) = said(keys("list"))
    assert first["retired_at"] is None
    second = said(keys("rotate"))["kid"]
    listed = said(keys("list"))
    assert [key["kid"] for key in listed] == [first["kid"], second]
    assert listed[0]["retired_at"] == listed[1]["made_at"]
    for kid in (first["kid"], second, "tiada", "../ledger"):
        refused = keys("remove", kid)
        assert refused.exit_code == 1, kid
    assert "Tokens that this key signed are good until" in keys("remove", first["kid"]).stderr
    assert said(keys("remove", first["kid"], "--at-once")) == {"kid": first["kid"]}
    assert [key["kid"] for key in said(keys("list"))] == [second]
    assert keys("remove", second, "--at-once").exit_code == 1
    with sqlite3.connect(Path(home) / "control.db") as database:
        kinds = [
            row[0] for row in database.execute("SELECT kind FROM hub_ledger_entry ORDER BY id")
        ]
    assert kinds == ["signing-key.made", "signing-key.removed"]


def test_an_old_key_goes_by_itself_of_its_age(here, home):
    """Tokens live as long as the hub says, and so long an old key is needed."""
    (first,) = said(here("keys", "list", "--json", SIMPUL_HOME=home))
    assert here("keys", "rotate", SIMPUL_HOME=home).exit_code == 0
    folder = Path(home) / "keys"
    for path in folder.glob("oauth-*.pem"):
        path.rename(path.with_name(path.name.replace("oauth-20", "oauth-19")))
    old = first["kid"].replace("20", "19", 1)
    assert here("keys", "remove", old, SIMPUL_HOME=home).exit_code == 0
