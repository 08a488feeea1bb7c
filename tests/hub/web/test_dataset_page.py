"""/katalog/{agency}/{slug}: what each reader sees, and asking for more."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from starlette.testclient import TestClient

from tests.hub.web.conftest import ANSWERS

Enter = Callable[..., TestClient]
Make = Callable[..., str]
Ask = Callable[..., Any]
Push = Callable[..., None]
PAKET, KONTRAK, PROGRAM = "bpbj/paket-nontender", "bpbj/kontrak-nontender", "bkad/program"
PATH = f"/katalog/{PAKET}"


def test_to_a_visitor_a_closed_dataset_looks_like_one_that_is_not_there(
    visitor: TestClient, demo_dataset: Make
) -> None:
    demo_dataset(PAKET, "TERBATAS")
    closed, absent = visitor.get(PATH), visitor.get("/katalog/bpbj/tiada-nontender")
    assert closed.status_code == absent.status_code == 403
    assert closed.text.replace("paket-nontender", "X") == absent.text.replace(
        "tiada-nontender", "X"
    )
    assert "/masuk?next=" in closed.text


def test_a_member_learns_that_a_name_is_free(enter: Enter) -> None:
    answer = enter("analyst", "bappeda").get("/katalog/bpbj/tiada")
    assert answer.status_code == 404
    assert "Tidak ditemukan" in answer.text


def test_anybody_sees_rows_of_open_data_and_ways_to_take_it(
    visitor: TestClient, demo_dataset: Make, push_rows: Push
) -> None:
    demo_dataset(PROGRAM)
    push_rows(PROGRAM, 5)
    text = visitor.get(f"/katalog/{PROGRAM}").text
    assert "PROGRAM" in text.split('id="contoh"')[1]
    for form in ("csv", "xlsx", "parquet", "ndjson"):
        path = f"/api/v1/datasets/{PROGRAM}/rows?format={form}"
        assert path in text
        assert visitor.get(path).status_code == 200
    assert "SIMPUL_TOKEN" not in text


def test_without_a_grant_the_columns_are_told_and_the_rows_are_not(
    enter: Enter, demo_dataset: Make, push_rows: Push, rows_of: Callable[..., Any]
) -> None:
    demo_dataset(KONTRAK)
    push_rows(KONTRAK, 5)
    text = enter("analyst", "bappeda").get(f"/katalog/{KONTRAK}").text
    assert "<code>no_kontrak</code>" in text
    assert "Isinya ada, tetapi belum terbuka bagi Anda" in text
    for row in rows_of(KONTRAK)[:5]:
        assert str(row["nama_paket"])[:30] not in text
    assert "format=csv" not in text.split('id="contoh"')[1].split('id="rilis"')[0]


def test_shared_data_opens_as_soon_as_the_purpose_is_stated(
    enter: Enter, demo_dataset: Make, push_rows: Push, ask: Ask
) -> None:
    demo_dataset(PAKET)
    push_rows(PAKET, 5)
    analyst = enter("analyst", "bappeda")
    answer = ask(analyst, PAKET)
    assert answer.status_code == 303
    opened = analyst.get(answer.headers["location"]).text
    assert "Akses terbuka." in opened
    assert "Menurut hak akses HA-" in opened
    assert "Menyusun RKPD 2026" in opened.split('id="pemakai"')[1]


def test_a_form_sent_twice_counts_once(
    enter: Enter, demo_dataset: Make, form_key: Callable[..., str]
) -> None:
    demo_dataset(KONTRAK)
    analyst = enter("analyst", "bappeda")
    path = f"/katalog/{KONTRAK}/minta"
    key = form_key(analyst, path)
    said = {"key": key, "purpose": "Riset", "basis": "Tupoksi", **ANSWERS}
    answers = [analyst.post(path, data=said) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(analyst.get("/api/v1/requests").json()["items"]) == 1


def test_what_is_missing_is_said_at_the_field_and_what_was_typed_stays(
    enter: Enter, demo_dataset: Make, ask: Ask
) -> None:
    demo_dataset(KONTRAK)
    analyst = enter("analyst", "bappeda")
    for said in (
        {"purpose": "x", "basis": "Tupoksi (sintetis)"},
        {"basis": "", "until": "2030-01-01"},
    ):
        answer = ask(analyst, KONTRAK, **said)
        assert answer.status_code == 422
        assert 'class="error-summary"' in answer.text
        assert all(
            f'value="{value}"' in answer.text for key, value in said.items() if key != "purpose"
        )
    assert analyst.get("/api/v1/requests").json()["items"] == []


def test_columns_can_be_chosen_and_the_others_are_masked(
    enter: Enter, demo_dataset: Make, push_rows: Push, ask: Ask
) -> None:
    demo_dataset(PAKET)
    push_rows(PAKET, 5)
    analyst = enter("analyst", "bappeda")
    assert ask(analyst, PAKET, columns=["kd_nontender", "nama_paket"]).status_code == 303
    sample = analyst.get(PATH).text.split('id="contoh"')[1].split("</table>")[0]
    assert sample.count("disamarkan") > 5
    assert sample.count('<td class="masked') > sample.count('<td class="num') > 0


def test_the_producer_reads_its_own_and_is_not_asked_why(
    enter: Enter, demo_dataset: Make, push_rows: Push
) -> None:
    demo_dataset(KONTRAK)
    push_rows(KONTRAK, 5)
    text = enter("steward", "bpbj").get(f"/katalog/{KONTRAK}").text
    assert "Data instansi Anda sendiri" in text
    assert 'name="purpose"' not in text
    assert f'href="/publikasi/{KONTRAK}"' in text


def test_who_uses_it_is_told_to_those_who_have_a_part_in_it(
    enter: Enter, demo_dataset: Make, ask: Ask
) -> None:
    demo_dataset(PAKET)
    ask(enter("analyst", "bappeda"), PAKET)
    assert "Menyusun RKPD 2026" in enter("head", "bpbj").get(PATH).text
    assert "Menyusun RKPD 2026" not in enter("analyst", "bkad").get(PATH).text


def test_every_look_at_rows_leaves_evidence(
    enter: Enter, demo_dataset: Make, push_rows: Push, make_client: Callable[..., TestClient]
) -> None:
    demo_dataset(KONTRAK)
    push_rows(KONTRAK, 3)
    enter("steward", "bpbj").get(f"/katalog/{KONTRAK}")
    entries = make_client("auditor", "itda").get(f"/api/v1/ledger/entries?target={KONTRAK}").json()
    kinds = [entry["entry"]["kind"] for entry in entries["items"]]
    assert {"sample.read", "profile.read"} <= set(kinds)


def test_changes_of_a_release_are_shown_row_by_row(
    visitor: TestClient, demo_dataset: Make, push_rows: Push
) -> None:
    demo_dataset(PROGRAM)
    push_rows(PROGRAM, 3)
    push_rows(PROGRAM, 5)
    text = visitor.get(f"/katalog/{PROGRAM}/rilis/2").text
    assert text.count(">baru</th>") == 2
    assert visitor.get(f"/katalog/{PROGRAM}/rilis/9").status_code == 404


def test_readers_see_what_will_change_and_when(
    visitor: TestClient, demo_dataset: Make, push_rows: Push, make_client: Callable[..., Any]
) -> None:
    demo_dataset(PROGRAM)
    push_rows(PROGRAM, 5)
    assert "Akan berubah" not in visitor.get(f"/katalog/{PROGRAM}").text
    day = date.today() + timedelta(days=91)  # noqa: DTZ011 - notices live by the real clock
    told = make_client("steward", "bkad").patch(
        f"/api/v1/datasets/{PROGRAM}",
        json={"access_class": "BERBAGI", "notice_until": day.isoformat()},
    )
    assert told.status_code == 200, told.text
    text = visitor.get(f"/katalog/{PROGRAM}").text
    assert f"{day.day} " in text.split("Akan berubah mulai")[1][:40]
    assert "Kelas akses → Berbagi" in text
    english = visitor.get(f"/katalog/{PROGRAM}?lang=en").text
    assert "Will change from" in english
    assert "Access class → Shared" in english
