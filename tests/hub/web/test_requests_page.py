"""/permintaan: who sees a request, deciding, and taking a grant back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.grants.jws import new_key
from hub.grants.verify import public_jwk

Enter = Callable[..., TestClient]
KONTRAK = "bpbj/kontrak-nontender"


@pytest.fixture
def asked(enter: Enter, demo_dataset: Callable[..., str], ask: Callable[..., Any]) -> Any:
    """(analyst, path of the page of her request) for a restricted dataset."""
    demo_dataset(KONTRAK)
    analyst = enter("analyst", "bappeda")
    return analyst, ask(analyst, KONTRAK).headers["location"]


def test_the_head_sees_it_first_and_nothing_is_chosen_for_her(enter: Enter, asked: Any) -> None:
    _, path = asked
    head = enter("head", "bpbj")
    assert "Menunggu Anda" in head.get("/permintaan").text
    form = head.get(path).text.split('action="' + path)[1].split("</form>")[0]
    assert form.count('type="radio"') == 15
    assert not re.search(r'type="radio"[^>]* checked', form)
    assert form.count('class="btn"') == 1


def test_the_asking_side_sees_it_without_the_decision(asked: Any) -> None:
    analyst, path = asked
    text = analyst.get(path).text
    assert "Yang diminta" in text
    assert 'name="decision"' not in text
    assert 'id="bukti"' in text


def test_to_everybody_else_there_is_no_such_request(enter: Enter, asked: Any) -> None:
    assert enter("head", "bkad").get(asked[1]).status_code == 404


def decide(head: TestClient, path: str, key: str, **said: Any) -> Any:
    return head.post(path, data={"key": key, **said})


def test_an_incomplete_decision_says_what_is_missing_and_decides_nothing(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    head = enter("head", "bpbj")
    for said, missing in (
        ({}, "#setuju"),
        ({"decision": "refuse"}, "#ground-T01"),
        ({"decision": "refuse", "ground": "T13", "reason": "tidak"}, "#reason"),
    ):
        answer = decide(head, path, form_key(head, path), **said)
        assert answer.status_code == 422
        assert f'href="{missing}"' in answer.text
    assert "Menunggu walidata" in analyst.get(path).text


def test_approval_opens_the_rows_and_revoking_closes_them(
    enter: Enter, asked: Any, push_rows: Callable[..., None], form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    push_rows(KONTRAK, 3)
    rows = f"/api/v1/datasets/{KONTRAK}/rows"
    head = enter("head", "bpbj")
    assert analyst.get(rows).status_code == 403
    key = form_key(head, path)
    for _ in range(2):  # a double click
        assert decide(head, path, key, decision="approve").status_code == 303
    assert analyst.get(rows).status_code == 200
    assert "Akses aktif" in analyst.get(path).text
    page = head.get(path).text
    revoke = re.search(r'action="(/hak-akses/[^"]+/cabut)"', page)
    assert revoke
    assert head.post(revoke[1], data={"reason": "Tujuan sudah selesai"}).status_code == 303
    assert analyst.get(rows).status_code == 403
    assert "Tujuan sudah selesai" in analyst.get(path).text


def test_a_refusal_carries_its_ground_to_the_requester(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    head = enter("head", "bpbj")
    said = {"decision": "refuse", "ground": "T13", "reason": "Dua kolom sudah cukup untuk ini"}
    assert decide(head, path, form_key(head, path), **said).status_code == 303
    text = analyst.get(path).text
    assert "T13" in text
    assert "Dua kolom sudah cukup untuk ini" in text


def test_the_walidata_may_decide_and_the_asking_side_may_not(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    assert analyst.post(path, data={"decision": "approve"}).status_code == 403
    assert 'name="decision"' in enter("walidata", "dkisp").get(path).text


NARROWER = {
    "decision": "approve",
    "bounded": "1",
    "keep": ["no_kontrak", "nilai_kontrak", "tgl_kontrak"],
    "masks": ["", "tgl_kontrak=year", "kd_klpd=hide"],
    "only_rows": "tahun_anggaran=2025",
    "daily_rows": "500",
}


def test_an_approval_may_be_narrower_and_both_see_in_what(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    head = enter("head", "bpbj")
    assert 'name="keep" value="no_kontrak" checked' in head.get(path).text
    assert decide(head, path, form_key(head, path), **NARROWER).status_code == 303
    for browser in (analyst, head):
        text = browser.get(path).text
        assert "<code>no_kontrak</code>" in text
        assert "<del><code>kd_satker</code></del>" in text
        assert "<ins>tgl_kontrak: tahunnya saja</ins>" in text
        assert "<ins>500 baris sehari</ins>" in text
        assert "<del>boleh menyimpan berkas utuh</del>" in text
        assert text.count("lewat masuk sebagai pejabat, disaksikan hub") == 2
        assert "Jabatan head (sintetis)" in text
    served = analyst.get(re.search(r'href="(/api/v1/grants/[^"]+/contract)"', text)[1]).json()
    assert served["contract"]["masks"] == {"tgl_kontrak": "year"}
    assert served["contract"]["filter"] == {"eq": ["tahun_anggaran", "2025"]}
    assert served["contract"]["daily_rows"] == 500


WRONG = [
    ({"keep": []}, "Sisakan sedikitnya satu kolom."),
    ({"daily_rows": "banyak"}, "Tulis bilangan bulat, sedikitnya 1."),
    ({"only_rows": "bukan_kolom=1"}, "Saringan menyebut kolom yang tidak ada dalam skema."),
    ({"only_rows": "(("}, "Saringan tidak dapat dibaca"),
    ({"until": "kemarin"}, "Tulis tanggal seperti"),
    ({"masks": ["no_kontrak=year"]}, "isinya bukan tanggal"),
]


def test_a_narrowing_that_cannot_be_is_shown_again_as_it_was_typed(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    _, path = asked
    head = enter("head", "bpbj")
    for wrong, said in WRONG:
        answer = decide(head, path, form_key(head, path), **(NARROWER | wrong))
        assert answer.status_code == 422, wrong
        assert said in answer.text
        assert 'id="sempit" tabindex="-1" open' in answer.text
        assert f'value="{(NARROWER | wrong)["daily_rows"]}"' in answer.text
    assert 'name="decision"' in head.get(path).text


def test_shared_data_asks_three_questions_and_opens_at_once(
    enter: Enter, demo_dataset: Callable[..., str], ask: Callable[..., Any]
) -> None:
    name = demo_dataset("bpbj/paket-nontender")
    analyst = enter("analyst", "bappeda")
    form = analyst.get(f"/katalog/{name}").text.split('class="stack">', 1)[1].split("</form>")[0]
    asked_openly = form.split("<details")[0]
    assert len(re.findall(r"<(?:input|textarea|select) id=", asked_openly)) == 3
    answer = ask(analyst, name, daily_rows="100", store="no", masks=[""])
    assert answer.headers["location"].startswith(f"/katalog/{name}?terbuka=")
    (grant,) = analyst.get("/api/v1/grants").json()["items"]
    assert (grant["daily_rows"], grant["may_store"], grant["use"]) == (100, False, "read")
    text = analyst.get(f"/permintaan/{grant['request']}").text
    assert "menurut aturan, tanpa keputusan orang" in text


def test_who_masks_a_personal_column_asks_for_it(
    enter: Enter, make_dataset: Callable[..., str], ask: Callable[..., Any]
) -> None:
    name = make_dataset("TERBATAS", schema=("e-musrenbang/usulan-musrenbang", "1.0.0"))
    analyst = enter("analyst", "bappeda")
    page = analyst.get(f"/katalog/{name}/minta").text
    assert 'value="nik_pengusul=last_four"' in page
    why = {"answer-alasan_kolom": "nik_pengusul: memadankan usulan ganda"}
    path = ask(analyst, name, masks=["nik_pengusul=hash"], **why).headers["location"]
    text = analyst.get(path).text
    assert "nik_pengusul: disandikan, masih dapat dicocokkan" in text
    assert "tanpa berkas utuh" in text


def test_a_contract_that_waits_for_a_key_says_so(
    hub: TestClient,
    enter: Enter,
    asked: Any,
    form_key: Callable[..., str],
    make_client: Callable[..., TestClient],
) -> None:
    analyst, path = asked
    chief = make_client("head", "bpbj")
    key = {"name": "Kunci", "jwk": public_jwk(new_key().public_key())}
    assert chief.post("/api/v1/agencies/bpbj/keys", json=key).status_code == 201
    chief.put("/api/v1/agencies/bpbj/signing", json={"requires_key": True})
    head = enter("head", "bpbj")
    assert decide(head, path, form_key(head, path), decision="approve").status_code == 303
    text = analyst.get(path).text
    assert "Menunggu tanda tangan" in text
    assert "simpul grant sign HA-" in text
    assert "Buka datanya" not in text
    assert "Menunggu tanda tangan" in analyst.get("/permintaan").text
    revoke = re.search(r'action="(/hak-akses/[^"]+/cabut)"', head.get(path).text)
    assert revoke
    assert head.post(revoke[1], data={"reason": "Tidak jadi"}).status_code == 303
