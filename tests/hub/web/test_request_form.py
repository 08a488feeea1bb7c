"""/katalog/{agency}/{slug}/minta: as many questions as the class needs, and none of the answers lost."""

import re
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from tests.hub.web.conftest import ANSWERS

Enter = Callable[..., TestClient]
Make = Callable[..., str]
PEOPLE = ("e-musrenbang/usulan-musrenbang", "1.0.0")
PERSONAL = ["dasar_pemrosesan", "alasan_kolom", "penerima_internal", "retensi_hari"]
ASSESSED = ["dpia", "pengamanan"]
WHY = {"answer-alasan_kolom": "nik_pengusul: memadankan usulan ganda"}


def tasks(text: str) -> list[str]:
    """What the list of things to fill in leads to."""
    listed = text.split('id="isian"')[1].split("</ul>")[0]
    return [field.removeprefix("answer-") for field in re.findall(r'href="#([^"]+)"', listed)]


def test_the_form_grows_with_the_class(enter: Enter, make_dataset: Make) -> None:
    analyst = enter("analyst", "bappeda")
    plain = ["purpose", "basis", "periode", "bentuk", "frekuensi"]
    for access_class, expected in {
        "TERBATAS": plain,
        "PRIBADI": [*plain, *PERSONAL, "pemicu_dpia"],
        "PRIBADI_SPESIFIK": [*plain, *PERSONAL, "pemicu_dpia", *ASSESSED],
    }.items():
        slug = access_class.lower().replace("_", "-")
        name = make_dataset(access_class, slug, schema=PEOPLE)
        assert tasks(analyst.get(f"/katalog/{name}/minta").text) == expected
    shared = analyst.get(f"/katalog/{make_dataset('BERBAGI', 'bersama')}/minta").text
    assert 'id="isian"' not in shared
    asked = shared.split('class="stack">', 1)[1].split("<details")[0]
    assert len(re.findall(r"<(?:input|textarea|select) id=", asked)) == 3


def test_everything_that_is_missing_is_named_and_what_was_written_stays(
    enter: Enter, make_dataset: Make, ask: Callable[..., Any]
) -> None:
    name = make_dataset("PRIBADI_SPESIFIK", schema=PEOPLE)
    analyst = enter("analyst", "bappeda")
    said = {"columns": ["nik_pengusul"], "answer-periode": "", "answer-retensi_hari": ""}
    answer = ask(analyst, name, **said)
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    missing = re.findall(r'href="#answer-([^"]+)"', summary)
    assert missing == ["periode", "alasan_kolom", "retensi_hari", "dpia", "pengamanan"]
    for field in missing:
        assert f'id="answer-{field}"' in answer.text
    assert "Kepala Bidang Perencanaan</textarea>" in answer.text
    assert 'value="kepentingan_umum" checked' in answer.text
    assert 'value="nik_pengusul" checked' in answer.text
    assert analyst.get("/api/v1/requests").json()["items"] == []


def test_a_personal_column_of_another_class_brings_the_questions_of_personal_data(
    enter: Enter, make_dataset: Make, ask: Callable[..., Any]
) -> None:
    name = make_dataset("TERBATAS", schema=PEOPLE)
    analyst = enter("analyst", "bappeda")
    bare = {name: "" for name in ANSWERS if name.removeprefix("answer-") in PERSONAL}
    assert ask(analyst, name, **bare).status_code == 303
    refused = ask(analyst, name, columns=["nik_pengusul"], **bare)
    assert refused.status_code == 422
    assert set(PERSONAL) <= set(tasks(refused.text))
    made = ask(analyst, name, columns=["nik_pengusul"], **WHY)
    text = analyst.get(made.headers["location"]).text
    assert "nik_pengusul: memadankan usulan ganda" in text
    assert "Kepala Bidang Perencanaan" in text


def test_personal_data_is_asked_for_by_columns_and_a_wrong_one_is_told(
    enter: Enter, make_dataset: Make, ask: Callable[..., Any]
) -> None:
    name = make_dataset("PRIBADI", schema=PEOPLE)
    analyst = enter("analyst", "bappeda")
    unnamed = ask(analyst, name, **WHY)
    assert unnamed.status_code == 422
    assert 'href="#columns"' in unnamed.text
    odd = {"answer-alasan_kolom": "bukan_kolom: memadankan usulan ganda"}
    assert 'href="#answer-alasan_kolom"' in ask(analyst, name, columns=["nik_pengusul"], **odd).text


def test_who_needs_only_an_answer_gets_a_request_to_match(
    enter: Enter, make_dataset: Make, ask: Callable[..., Any]
) -> None:
    analyst = enter("analyst", "bappeda")
    ask(analyst, make_dataset("TERBATAS"), **{"answer-bentuk": "verifikasi"})
    (made,) = analyst.get("/api/v1/requests").json()["items"]
    assert (made["use"], made["answers"]["bentuk"]) == ("verify", "verifikasi")


def test_who_may_not_ask_is_led_to_what_is_said_of_access(enter: Enter, make_dataset: Make) -> None:
    name = make_dataset("TERBATAS")
    answer = enter("head", "bpbj").get(f"/katalog/{name}/minta")
    assert answer.headers["location"] == f"/katalog/{name}#akses"
