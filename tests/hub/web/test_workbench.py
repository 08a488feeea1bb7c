"""/sql in a browser without script: asking, reading, drawing, keeping, handing on; nothing leaks."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.settings import Settings
from hub.web.pages import workbench
from hub.web.query_page import REST
from tests.hub.access.conftest import CANARY, ROWS, give, penerima, publish_rows, text_of
from tests.hub.web.conftest import Enter

__all__ = ["give", "penerima", "publish_rows"]

TEXT = "SELECT kode, nilai, nama FROM bpbj.penerima ORDER BY kode"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", database_url=database_url, query_confirm_rows=5000)


@pytest.fixture
def beneficiaries(
    penerima: Callable[..., str],
    publish_rows: Callable[..., int],
    make_client: Callable[..., TestClient],
    give: Callable[..., str],
) -> str:
    """A restricted dataset; Bappeda's grant names three columns and the rows of one district."""
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    give(
        make_client("analyst", "bappeda"),
        dataset,
        columns=["kode", "nilai", "nama"],
        masks={"nama": "hide"},
        filter={"eq": ["kecamatan", "Kuaro"]},
    )
    return dataset


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, an answer comes with its page."""
    monkeypatch.setattr(workbench, "PATIENCE", 60.0)


def run(browser: TestClient, sql: str, at: str = "/sql", **more: Any) -> Any:
    return browser.post(at, data={"sql": sql, **more})


def words_of(answer: Any) -> str:
    """The text of a page as somebody reads it."""
    main = answer.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def cells_of(answer: Any) -> list[list[str]]:
    """The body of the first table of the answer."""
    body = answer.text.partition('class="scroll scroll-framed answer-rows"')[2]
    body = body.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in body.split("<tr>")[1:]]
    return [[html.unescape(cell) for cell in row] for row in rows]


def test_a_visitor_signs_in_first(visitor: TestClient) -> None:
    answer = visitor.get("/sql?tabel=bpbj/penerima")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/masuk?next=/sql")


def test_beside_the_editor_are_the_tables_and_columns_that_one_may_use(
    enter: Enter, beneficiaries: str
) -> None:
    own, granted, stranger = (
        enter("steward", "bpbj"),
        enter("analyst", "bappeda"),
        enter("analyst", "dinkes"),
    )
    columns = re.compile(r"<li><code>(\w+)</code><span class=\"([^\"]*)\">([^<]+)")
    seen = columns.findall(granted.get("/sql").text.replace("<span>", '<span class="">'))
    assert [(name, word) for name, _, word in seen] == [
        ("kode", "teks"),
        ("nilai", "bilangan bulat"),
        ("nama", "disembunyikan"),
    ]
    assert [kind for _, kind, _ in seen] == ["", "", "masked"]
    whole = own.get("/sql").text
    assert "<code>catatan</code>" in whole
    assert '<code>nama</code><span class="tag tag-personal">pribadi</span>' in whole
    for path in ("/sql", "/sql?saring=penerima", f"/sql?tabel={beneficiaries}"):
        page = stranger.get(path)
        assert page.status_code == 200
        assert "bpbj.penerima" not in page.text
        assert "catatan" not in page.text
    assert "<code>kode</code>" not in granted.get("/sql?saring=tidakada").text
    assert "<code>kode</code>" in granted.get("/sql?saring=NILAI").text
    start = granted.get(f"/sql?tabel={beneficiaries}")
    assert "SELECT kode, nilai\nFROM bpbj.penerima\nLIMIT 100</textarea>" in start.text


def test_an_answer_is_read_through_the_grant_and_has_a_receipt(
    enter: Enter, beneficiaries: str
) -> None:
    granted = enter("analyst", "bappeda")
    answer = run(granted, TEXT.replace(" ORDER", "\r\nORDER"))
    assert answer.status_code == 200, answer.text
    assert cells_of(answer) == [[f"000{n}", f"{n}000", "disamarkan"] for n in (1, 3, 5, 7, 9)]
    assert '<td class="masked">disamarkan</td>' in answer.text
    assert CANARY not in answer.text
    said = words_of(answer)
    assert "5 baris" in said
    assert re.search(r"bpbj\.penerima rilis 1, HA-\d{4}-\d{5}", said)
    entry = re.search(r"/api/v1/ledger/entries/([0-9a-f]+)/receipt", answer.text)
    assert entry is not None
    steward = enter("steward", "bpbj")
    assert cells_of(run(steward, TEXT))[0] == ["0001", "1000", ROWS[0]["nama"]]


def test_a_table_that_is_closed_and_one_that_does_not_exist_are_told_alike(
    enter: Enter, beneficiaries: str
) -> None:
    stranger = enter("analyst", "dinkes")
    closed = run(stranger, TEXT)
    absent = run(stranger, TEXT.replace("penerima", "tiadanya"))
    assert (closed.status_code, absent.status_code) == (422, 422)
    told = "Tabel “bpbj.penerima” tidak ada atau tidak boleh Anda baca"
    assert told in words_of(closed)
    unlike = re.compile(r"[0-9a-f]{20,}|[\w-]{24}|data-(start|end)=\"\d+\"|\d+ Nov.*?<")

    def plain(answer: Any) -> str:
        text = answer.text.partition('id="hasil"')[2].partition('id="daftar"')[0]
        return unlike.sub("", text.replace("penerima", "tiadanya"))

    assert plain(closed) == plain(absent)


def test_an_error_is_told_in_words_at_its_place(enter: Enter, beneficiaries: str) -> None:
    granted = enter("analyst", "bappeda")
    wrong = "SELECT kode,\n  nilay + 1 AS lebih\nFROM bpbj.penerima"
    answer = run(granted, wrong)
    assert answer.status_code == 422
    assert "Ada nama kolom, nama fungsi, atau jenis nilai yang tidak cocok." in words_of(answer)
    assert "Baris ke-2: ke tempatnya" in words_of(answer)
    assert "<code>  <mark>nilay</mark> + 1 AS lebih</code>" in answer.text
    start = wrong.index("nilay")
    assert f'data-start="{start}" data-end="{start + 5}"' in answer.text
    assert 'aria-invalid="true" aria-describedby="salah"' in answer.text
    assert html.escape(wrong) in answer.text
    hidden = run(granted, "SELECT catatan FROM bpbj.penerima")
    other = run(granted, "SELECT tidakada FROM bpbj.penerima")
    assert hidden.status_code == other.status_code == 422
    assert CANARY not in hidden.text + other.text
    assert "Baris ke-1" in words_of(run(granted, "SELEC 1"))
    english = granted.post("/sql?lang=en", data={"sql": "SELECT read_text('x')"})
    assert "The function “read_text” is not accepted." in words_of(english)


def test_a_long_answer_goes_on_where_it_was_cut(
    enter: Enter, make_client: Callable[..., TestClient]
) -> None:
    browser = enter("analyst", "bappeda")
    many = "SELECT i FROM range(450) AS r(i) ORDER BY i"
    first = run(browser, many)
    assert len(cells_of(first)) == 200
    assert "200 baris dari 450" in words_of(first)
    assert "200 baris berikutnya" in words_of(first)
    second = run(browser, many, **going_on(first))
    assert (cells_of(second)[0], cells_of(second)[-1]) == (["200"], ["399"])
    assert "baris 201 sampai 400 dari 450" in words_of(second)
    last = run(browser, many, **going_on(second))
    assert [row[0] for row in cells_of(last)] == [str(n) for n in range(400, 450)]
    assert 'name="cursor"' not in last.text
    other = run(browser, many.replace("450", "451"), **going_on(first))
    assert other.status_code == 422


def going_on(answer: Any) -> dict[str, str]:
    cursor = re.search(r'name="cursor" value="([^"]+)"', answer.text)
    before = re.search(r'name="before" value="(\d+)"', answer.text)
    assert cursor
    assert before
    return {"cursor": html.unescape(cursor[1]), "before": before[1]}


def test_only_the_rows_that_are_shown_are_asked_for(
    enter: Enter, make_client: Callable[..., TestClient], penerima: Any, publish_rows: Any
) -> None:
    dataset = penerima("TERBUKA")
    publish_rows(dataset, [{"kode": f"{n:05}", "nilai": n} for n in range(900)])
    sql = f"SELECT kode, nilai FROM {dataset.replace('/', '.')}"
    browser = enter("analyst", "bappeda")
    assert run(browser, sql).status_code == 200
    assert run(browser, sql, kind="bar", x="kode", y="nilai").status_code == 200
    found = browser.get("/api/v1/queries").json()["items"]
    assert [one["rows"] for one in found] == [900, 200]


def test_a_chart_is_drawn_told_and_given_as_a_table(enter: Enter, beneficiaries: str) -> None:
    browser = enter("steward", "bpbj")
    by = "SELECT kecamatan, kode, nilai FROM bpbj.penerima"
    answer = run(browser, by, kind="bar", x="kecamatan", y="nilai", agg="sum")
    assert "Batang: jumlah nilai menurut kecamatan; terendah 25.000 pada Kuaro" in words_of(answer)
    assert answer.text.count('<rect class="fill fill-1"') == 2
    assert '<th scope="row">Kuaro</th><td class="num">25.000</td>' in answer.text
    assert "style=" not in answer.text
    first = run(browser, by, kind="line")
    assert "Pilih kolom tegak" not in first.text
    assert '<option value="kecamatan" selected>' in first.text
    none = run(browser, by, kind="line", x="kecamatan", y="kode")
    assert "Kolom tegak tidak berisi bilangan: kode." in words_of(none)
    assert len(cells_of(none)) == 10
    gone = run(browser, by, kind="line", x="tidakada", y="nilai")
    assert "Hasil kueri tidak memuat kolom tidakada." in words_of(gone)
    odd = run(browser, by, kind="line", x="kode", y="nilai", agg="drop")
    assert odd.status_code == 422


def test_markup_in_data_stays_text(enter: Enter) -> None:
    browser = enter("analyst", "bappeda")
    sql = "SELECT '<b onclick=x>&' AS \"<i>\", 1 AS n"
    answer = run(browser, sql, kind="bar", x="<i>", y="n", series="<i>")
    assert answer.status_code == 200
    assert "<b onclick" not in answer.text
    assert "<i>" not in answer.text
    assert answer.text.count("&lt;b onclick=x&gt;&amp;") >= 3


def test_the_answer_can_be_downloaded_in_every_form(enter: Enter, beneficiaries: str) -> None:
    granted = enter("analyst", "bappeda")
    for format in ("csv", "xlsx", "parquet", "json", "ndjson", "arrow"):
        answer = run(granted, TEXT, "/sql/unduh", format=format)
        assert answer.status_code == 200, answer.text
        assert re.fullmatch(
            rf'attachment; filename="kueri-[0-9a-f]+\.{format}"',
            answer.headers["content-disposition"],
        )
        assert "Simpul-Receipt" in answer.headers
        assert CANARY not in text_of(answer)
        if format == "csv":
            assert answer.text.splitlines()[:2] == ["kode,nilai,nama", "0001,1000,"]
    refused = run(enter("analyst", "dinkes"), TEXT, "/sql/unduh", format="csv")
    assert refused.status_code == 422
    assert "tidak boleh Anda baca" in refused.text


def test_what_is_costly_is_told_first(enter: Enter, beneficiaries: str) -> None:
    browser = enter("steward", "bpbj")
    wide = ", ".join(f"bpbj.penerima p{n}" for n in range(4))
    sql = f"SELECT count(*) AS n FROM {wide}"
    told = run(browser, sql, "/sql/biaya")
    assert told.status_code == 200
    assert "Perkiraan biaya: besar" in words_of(told)
    asked = run(browser, sql)
    assert asked.status_code == 422
    assert "Kueri ini besar. Tetap jalankan?" in words_of(asked)
    assert "Langkah terbesarnya mengolah sekitar 10.000 baris." in words_of(asked)
    done = run(browser, sql, confirm="1")
    assert cells_of(done) == [["10.000"]]
    assert "/sql/unduh?confirm=true" in done.text
    assert run(browser, sql, "/sql/unduh?confirm=true", format="csv").text == "n\r\n10000\r\n"
    assert run(browser, sql, "/sql/unduh", format="csv").status_code == 422
    small = run(browser, "SELECT 1 AS n", "/sql/biaya")
    assert "Perkiraan biaya: kecil" in words_of(small)


def key_of(answer: Any) -> str:
    found = re.search(r'name="key" value="([^"]+)"', answer.text)
    assert found
    return found[1]


def test_a_query_is_kept_handed_on_changed_and_thrown_away(
    enter: Enter, beneficiaries: str
) -> None:
    owner, colleague = enter("analyst", "bpbj"), enter("steward", "bpbj")
    stranger, granted = enter("analyst", "dinkes"), enter("analyst", "bappeda")
    chart = {"kind": "line", "x": "kode", "y": "nilai", "agg": "none"}
    said = {"title": "Nilai per kode", "description": "Untuk rapat", "shared": "agency", **chart}
    key = key_of(run(owner, TEXT, **chart))
    assert "Tulis judul" in run(owner, TEXT, "/sql/simpan", key=key).text
    made = run(owner, TEXT, "/sql/simpan", key=key, **said)
    again = run(owner, TEXT, "/sql/simpan", key=key, **said)
    assert made.status_code == 303
    link = made.headers["location"]
    assert re.fullmatch(r"/sql/[0-9a-f]{32}", link)
    assert again.headers["location"] == link

    opened = colleague.get(link)
    assert "Kueri ini milik rekan Anda." in words_of(opened)
    assert html.escape(TEXT) in opened.text
    assert CANARY not in opened.text
    assert 'name="kind" value="line" form="kueri"' in opened.text
    assert "Nilai per kode" in words_of(colleague.get("/sql"))
    assert "dari rekan" in words_of(colleague.get("/sql/tersimpan"))
    for other in (stranger, granted):
        assert other.get(link).status_code == 404
        assert other.post(link, data={"sql": TEXT, **said}).status_code == 404
        assert other.post(f"{link}/hapus").status_code == 404
    refused = run(colleague, "SELECT 1", link, version='"1"', **said)
    assert refused.status_code == 403
    assert "Hanya pemiliknya" in refused.text

    mine = {"saved": link.removeprefix("/sql/"), "version": '"1"'}
    ran = run(owner, TEXT, **mine, **said)
    assert "Simpan perubahan" in words_of(ran)
    assert 'class="series line-1"' in ran.text
    changed = run(owner, "SELECT 1 AS n", link, **mine, **said, key=key_of(ran))
    assert changed.headers["location"] == link
    late = run(owner, "SELECT 2 AS n", link, **mine, **said, key="lain")
    assert late.status_code == 412
    assert "SELECT 1 AS n</textarea>" in owner.get(link).text
    assert owner.post(f"{link}/hapus").headers["location"] == "/sql/tersimpan"
    assert owner.get(link).status_code == 404


def test_history_is_ones_own(enter: Enter, beneficiaries: str) -> None:
    granted, other = enter("analyst", "bappeda"), enter("analyst", "bappeda")
    run(granted, "SELECT 4711 AS rahasia")
    run(granted, "SELECT salah")
    listed = granted.get("/sql/riwayat")
    assert [word in words_of(listed) for word in ("SELECT 4711", "selesai", "gagal")] == [True] * 3
    link = re.search(r'href="(/sql\?riwayat=[0-9a-f]+)">SELECT 4711', listed.text)
    assert link is not None
    assert "SELECT 4711 AS rahasia</textarea>" in granted.get(link[1]).text
    assert other.get(link[1]).status_code == 404
    assert "4711" not in other.get("/sql/riwayat").text + other.get("/sql").text


def test_a_slow_answer_follows_the_page_that_says_it_is_running(
    enter: Enter, beneficiaries: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench, "PATIENCE", 0.0)
    granted = enter("analyst", "bappeda")
    name = "0f" * 16
    answer = run(granted, TEXT, id=name)
    assert answer.status_code == 200
    before, _, after = answer.text.partition(REST)
    assert f'name="stop" value="{name}"' in before
    assert "Kueri sedang berjalan" in before
    assert len(cells_of(answer)) == 5
    assert "answer-rows" in after
    assert after.count("<footer") == answer.text.count("<footer") == 1
    assert answer.headers["content-encoding"] == "identity"
    # The same id again, as a browser sends it that went back: the query runs under another one.
    once_more = run(granted, TEXT, id=name)
    assert name not in once_more.text.partition(REST)[0]
    assert len(cells_of(once_more)) == 5
    cancelled = run(granted, TEXT, "/sql/batal", stop=name)
    assert "Kueri dibatalkan. Teksnya masih di sini." in words_of(cancelled)
    assert html.escape(TEXT) in cancelled.text


def test_nobody_stops_the_query_of_somebody_else(
    enter: Enter, beneficiaries: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []
    other = enter("analyst", "dinkes")
    monkeypatch.setattr(other.app.state.attendant, "stop", stopped.append)  # type: ignore[attr-defined]
    owner = enter("analyst", "bappeda")
    run(owner, TEXT, id="1e" * 16)
    run(other, TEXT, "/sql/batal", stop="1e" * 16)
    assert stopped == []
    run(owner, TEXT, "/sql/batal", stop="1e" * 16)
    assert stopped == ["1e" * 16]


def test_the_editor_completes_functions_that_the_gate_lets_through(enter: Enter) -> None:
    told = enter("analyst", "bappeda").get("/sql/kata").json()
    assert {"count", "sum", "date_trunc", "median"} <= {*told["functions"]}
    assert not {"read_csv", "getenv", "current_setting"} & {*told["functions"]}
