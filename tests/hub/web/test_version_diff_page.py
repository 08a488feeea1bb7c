"""/skema/…/beda: two versions in words and beside each other, with verdicts, a row and whom it concerns."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

Make = Callable[..., Any]
OLD: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/bpbj/harga/1.0.0.json",
    "title": "Harga satuan",
    "x-title-en": "Unit prices",
    "type": "object",
    "x-kunci": ["kode"],
    "required": ["kode"],
    "additionalProperties": False,
    "properties": {
        "kode": {"type": "string", "title": "Kode"},
        "harga": {"type": "integer", "minimum": 0},
        "ket": {"type": "string"},
        "tetap": {"type": "string"},
    },
}


@pytest.fixture
def two(hub: TestClient, make_client: Make, make_agency: Make) -> None:
    """1.0.0, and 2.0.0 with a column less, one more, a narrower one and a new title."""
    make_agency("bpbj")
    steward = make_client("steward", "bpbj")
    new = copy.deepcopy(OLD)
    new["$id"] = new["$id"].replace("1.0.0", "2.0.0")
    del new["properties"]["ket"]
    new["properties"]["baru<b>"] = {"type": "string"}
    new["properties"]["harga"]["minimum"] = 100
    new["properties"]["kode"]["title"] = "Kode barang"
    path = "/api/v1/schemas/bpbj/harga/versions"
    assert steward.post(path, json=OLD).status_code == 201
    answer = steward.post(path, json=new, params={"notice_until": "2099-01-31"})
    assert answer.status_code == 201, answer.text


def test_both_versions_stand_beside_each_other_in_words(hub: TestClient, two: None) -> None:
    page = hub.get("/skema/bpbj/harga/beda?dari=1.0.0&ke=2.0.0").text
    for words in (
        "Kolom ket dihapus.", "Kolom baru&lt;b&gt; ditambahkan.", "Batas minimum kolom harga berubah dari 0 menjadi 100.",
        "Keterangan yang berubah:", "1 kolom tidak berubah.", "berlaku sampai",
    ):  # fmt: skip
        assert words in page
    assert "baru<b>" not in page
    assert "<del>−   &#34;minimum&#34;: 0</del>" in page
    assert "<ins>+   &#34;minimum&#34;: 100</ins>" in page


def test_the_verdict_of_each_side_has_its_reason_and_a_row(hub: TestClient, two: None) -> None:
    page = hub.get("/skema/bpbj/harga/beda?dari=1.0.0&ke=2.0.0").text
    assert "Dari sisi produsen" in page
    assert "Dari sisi pembaca" in page
    assert page.count("Tidak serasi") == 1
    assert "batas-menyempit" in page
    assert "Contoh baris: sah menurut 1.0.0, ditolak 2.0.0" in page
    assert 'class="cell-bad"' in page


def test_the_two_newest_are_compared_unless_it_is_said(hub: TestClient, two: None) -> None:
    assert "1.0.0 → 2.0.0" in hub.get("/skema/bpbj/harga/beda").text
    backwards = hub.get("/skema/bpbj/harga/beda?dari=2.0.0&ke=1.0.0").text
    assert "2.0.0 → 1.0.0" in backwards
    same = hub.get("/skema/bpbj/harga/beda?dari=1.0.0&ke=1.0.0").text
    assert "Kedua versi sama." in same
    assert same.count("status-good") == 2


def test_the_page_of_a_schema_leads_to_it(hub: TestClient, two: None) -> None:
    page = hub.get("/skema/bpbj/harga/2.0.0").text
    assert 'href="/skema/bpbj/harga/beda?dari=1.0.0&amp;ke=2.0.0"' in page
    assert "berlaku sampai" in page
    assert "<code>BACKWARD</code>" in page


def test_whom_it_concerns_is_named_to_those_who_answer_alone(
    hub: TestClient,
    two: None,
    make_client: Make,
    make_person: Make,
    sign_in: Make,
    make_dataset: Make,
) -> None:
    make_dataset("BERBAGI", "harga", schema=("bpbj/harga", "1.0.0"), title="Harga")
    asked = make_client("analyst", "bappeda").post(
        "/api/v1/datasets/bpbj/harga/requests", json={"purpose": "Menyusun RKA", "basis": "Perbup"}
    )
    assert asked.status_code == 201, asked.text
    path = "/skema/bpbj/harga/beda"
    steward = sign_in(make_person("steward", "bpbj", password="sandi-uji-panjang"))
    assert "BAPPEDA" in steward.get(path).text
    other = sign_in(make_person("analyst", "bkad", password="sandi-uji-panjang")).get(path).text
    assert "BAPPEDA" not in other
    assert "1 lainnya tidak disebut" in other


def test_what_is_not_there_is_not_found(hub: TestClient, two: None) -> None:
    assert hub.get("/skema/bpbj/tiada/beda").status_code == 404
    assert hub.get("/skema/bpbj/harga/beda?dari=9.9.9").status_code == 404
    assert hub.get("/skema/bpbj/harga/beda?dari=x").status_code == 422
    english = hub.get("/skema/bpbj/harga/beda?lang=en").text
    assert "From the producer" in english
