"""The page of queries in a real browser: an analyst's story, with script and without, sound in every state."""

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from sqlmodel import Session

from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.app import create_app
from hub.auth.models import Person
from hub.auth.passwords import hash_password
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.intake.judges import Judges
from hub.settings import Settings
from tests.hub.web.test_browser import (
    LOOK,
    PASSWORD,
    Desk,
    Served,
    _dataset,
    _entered,
    _lines,
    _sound,
    chromium,
    desk,
    pytestmark,
)

__all__ = ["chromium", "desk", "pytestmark"]

PAKET = "bpbj/paket-nontender"
ROWS = {"bkad/program": 400, "dkisp/satker": 400, PAKET: 300}
SQL = """SELECT s.nama_satker AS satker, b.pagu AS anggaran, p.pagu AS paket
FROM dkisp.satker s
JOIN (SELECT kd_satker, sum(pagu_program) AS pagu FROM bkad.program GROUP BY 1) b USING (kd_satker)
JOIN (SELECT kd_satker_str, sum(pagu) AS pagu FROM bpbj.paket_nontender GROUP BY 1) p USING (kd_satker_str)
ORDER BY anggaran DESC LIMIT 8"""
ENDLESS = "SELECT count(*) FROM " + ", ".join(f"range(9000000) AS r{n}(x)" for n in range(3))
PEOPLE = {
    "steward": (("steward", "bkad"), ("steward", "bpbj"), ("steward", "dkisp")),
    "analyst": (("analyst", "bappeda"), ("analyst", "bpbj")),
    "rekan": (("analyst", "bappeda"),),
    "lain": (("analyst", "dinkes"),),
}
REFUSED = "the server responded with a status of 422"
"""What the console says of a query that was refused."""


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, judges: Judges
) -> Iterator[Served]:
    """A hub with data of three agencies; the analyst sits in Bappeda and in BPBJ, her colleague not."""
    home = tmp_path_factory.mktemp("kueri")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copyfile(sqlite_template, home / "control.db")
    settings = Settings(home=home, public_url=f"http://127.0.0.1:{port}", demo=True)
    app = create_app(settings, judges=judges)
    with unit_of_work(app.state.engine) as session:
        _people(session)
        for name in ROWS:
            _dataset(session, name)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    steward = _entered(settings.public_url, "steward")
    for name, count in ROWS.items():
        said = {"dataset": name, "mode": "upsert", "on_error": "reject"}
        file = ("baris.ndjson", _lines(name, count))
        answer = steward.post("/publikasi", data=said, files={"file": file})
        assert answer.status_code == 303, answer.text
    steward.close()
    yield Served(settings.public_url, home)
    server.should_exit = True
    thread.join(20)


def _people(session: Session) -> None:
    now, hashed = real_now(), hash_password(PASSWORD)
    for code in sorted({agency for posts in PEOPLE.values() for _, agency in posts}):
        session.add(
            Agency(code=code, name=f"Instansi {code}", kind=AgencyKind.OFFICE, created_at=now)
        )
    session.flush()  # posts refer to agencies
    for name, posts in PEOPLE.items():
        person = Person(
            username=name, name=f"{name} (sintetis)", password_hash=hashed, created_at=now
        )
        session.add(person)
        for number, (role, agency) in enumerate(posts):
            post = Post(agency=agency, title=f"Jabatan {name} (sintetis)", role=Role(role))
            session.add(post)
            session.flush()  # the holding refers to both
            since = now - timedelta(days=9 - number)
            holder = {"holder_kind": HolderKind.PERSON, "holder": person.id}
            session.add(Holding(post=post.id, since=since, **holder))


AGED = "() => { document.getElementById('hasil').dataset.aged = '1'; }"
FRESH = "#hasil:not([data-aged])"
"""The place of answers once another answer is there than the one that was aged."""


def ask(desk: Desk, sql: str, wait: str = "#ringkas") -> None:
    """Write a query and run it by Ctrl+Enter."""
    desk.page.fill("#sql", sql)
    desk.page.evaluate(AGED)
    desk.page.press("#sql", "Control+Enter")
    desk.page.wait_for_selector(f"{FRESH} >> {wait}")


def draw(desk: Desk, kind: str, x: str, *upward: str) -> None:
    desk.page.select_option("select[name=kind]", kind)
    desk.page.select_option("select[name=x]", x)
    for column in upward:
        desk.page.check(f"input[name=y][value={column}]")
    desk.page.evaluate(AGED)
    desk.page.click("text=Jalankan dan gambar")
    desk.page.wait_for_selector(f"{FRESH} >> svg.chart")


def test_an_analyst_asks_draws_saves_and_hands_on_what_each_sees_by_own_grants(
    desk: Callable[..., Desk], served: Served
) -> None:
    analyst = desk("analyst")
    analyst.go("/katalog/bkad/program")
    analyst.page.click("text=Tanyakan dengan SQL")
    assert analyst.page.input_value("#sql").endswith("FROM bkad.program\nLIMIT 100")
    analyst.page.click("nav >> text=Kueri")
    ask(analyst, SQL)
    dibaca = analyst.page.inner_text("dl.facts")
    for name in ("bkad.program", "bpbj.paket_nontender", "dkisp.satker"):
        assert name in dibaca
    draw(analyst, "bar", "satker", "anggaran", "paket")
    drawn = analyst.page.locator("svg.chart rect.fill").count()
    assert drawn == 2 * analyst.page.locator(".answer-rows tbody tr").count() > 0
    assert "anggaran, paket menurut satker" in analyst.page.inner_text("figcaption")
    analyst.page.click("summary:has-text('Simpan dan bagikan')")
    analyst.page.fill("#judul", "Anggaran dan paket per satker")
    analyst.page.check("input[name=shared][value=agency]")
    analyst.page.click("#simpan >> button:has-text('Simpan')")
    analyst.page.wait_for_url(re.compile(r"/sql/[0-9a-f]{32}$"))
    link = analyst.page.url.removeprefix(served.base)
    assert "Anggaran dan paket per satker" in analyst.page.inner_text("h1")

    colleague = desk("rekan")
    colleague.go(link)
    assert colleague.page.input_value("#sql") == SQL
    assert "milik rekan Anda" in colleague.page.inner_text("main")
    assert colleague.page.locator(".answer-rows").count() == 0
    colleague.page.press("#sql", "Control+Enter")
    colleague.page.wait_for_selector("#salah")
    told = colleague.page.inner_text("#salah")
    assert "Tabel “bpbj.paket_nontender” tidak ada atau tidak boleh Anda baca" in told
    assert "Baris ke-4" in told
    colleague.page.click("text=ke tempatnya")
    marked = "[sql.value.slice(sql.selectionStart, sql.selectionEnd), document.activeElement.id]"
    assert colleague.page.evaluate(marked) == ["bpbj.paket_nontender", "sql"]

    colleague.go(f"/katalog/{PAKET}")
    colleague.page.fill("#purpose", "Evaluasi RKPD triwulanan")
    colleague.page.click("text=Buka akses")
    colleague.page.wait_for_selector("text=Akses terbuka.")
    colleague.go(link)
    colleague.page.click("#kueri button >> nth=0")
    colleague.page.wait_for_selector("svg.chart")
    assert colleague.page.locator("svg.chart rect.fill").count() == drawn
    assert "HA-" in colleague.page.inner_text("dl.facts")
    assert colleague.page.locator("#simpan >> text=Simpan perubahan").count() == 0

    other = desk("lain")
    answer = other.page.goto(served.base + link)
    assert answer.status == 404
    assert "nama_satker" not in other.page.content()
    assert analyst.said == []
    assert all(REFUSED in line for line in colleague.said)


def test_names_are_completed_and_the_keyboard_is_never_caught(desk: Callable[..., Desk]) -> None:
    analyst = desk("analyst")
    page = analyst.page
    analyst.go("/sql")
    with page.expect_response("**/sql/kata"):
        page.click("#sql")
    page.keyboard.type("SELECT medi")
    page.wait_for_selector("#saran >> text=median()")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#sql", "aria-activedescendant") == "saran-0"
    page.keyboard.press("Enter")
    page.keyboard.type("pagu_prog")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type(") FROM bkad.")
    page.wait_for_selector("#saran >> text=bkad.program")
    page.keyboard.press("Escape")
    assert page.is_hidden("#saran")
    page.keyboard.type("pro")
    page.click("#saran >> text=bkad.program")
    assert page.input_value("#sql") == "SELECT median(pagu_program) FROM bkad.program"
    page.keyboard.type(" wh")
    page.wait_for_selector("#saran >> text=WHERE")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Jalankan"
    assert page.is_hidden("#saran")
    page.fill("#sql", "SELECT")
    page.click("summary:text-is('program')")
    page.click("[data-table='bkad.program'] .name:text-is('pagu_program')")
    page.keyboard.type(" FROM")
    page.click("[data-table='bkad.program'] .name:text-is('bkad.program')")
    assert page.input_value("#sql") == "SELECT pagu_program FROM bkad.program"
    page.fill("#saring", "eselon")
    assert page.is_visible("[data-table='dkisp.satker']")
    assert page.is_hidden("[data-table='bkad.program']")
    assert analyst.said == []


def test_a_query_that_runs_long_says_so_and_is_stopped(desk: Callable[..., Desk]) -> None:
    analyst = desk("analyst")
    analyst.go("/sql")
    ask(analyst, ENDLESS, "text=Kueri ini besar. Tetap jalankan?")
    analyst.page.click("button:has-text('Tetap jalankan')")
    analyst.page.wait_for_selector("#berjalan")
    analyst.page.wait_for_selector("#lama:has-text('detik')")
    analyst.page.click("#batal")
    analyst.page.wait_for_selector("#salah >> text=Kueri dibatalkan")
    assert analyst.page.is_hidden("#berjalan")
    assert analyst.page.inner_text("#daftar >> .status >> nth=0") == "dibatalkan"


def test_everything_works_without_script(desk: Callable[..., Desk]) -> None:
    analyst = desk("analyst", java_script_enabled=False)
    page = analyst.page
    analyst.go("/sql?tabel=bkad/program")
    page.click("#kueri button >> nth=0")
    page.wait_for_selector("#ringkas")
    assert page.locator(".answer-rows tbody tr").count() == 100
    page.fill("#sql", "SELECT i, i % 7 AS sisa FROM range(250) AS r(i) ORDER BY i")
    page.click("#kueri button >> nth=0")
    page.click("text=50 baris berikutnya")
    assert "baris 201 sampai 250" in page.inner_text("#ringkas")
    draw(analyst, "line", "i", "sisa")
    with page.expect_download() as download:
        page.click("text=CSV")
    assert len(Path(download.value.path()).read_text().splitlines()) == 251
    page.fill("#sql", ENDLESS)
    page.click("#kueri button >> nth=0")
    page.click("button:has-text('Tetap jalankan')", no_wait_after=True)
    page.wait_for_selector("text=Kueri sedang berjalan")
    assert page.is_visible("#batal")
    assert page.input_value("#sql") == ENDLESS
    page.click("#batal", no_wait_after=True)
    page.wait_for_selector("text=Kueri dibatalkan. Teksnya masih di sini.")
    assert page.input_value("#sql") == ENDLESS
    assert page.is_hidden("#berjalan")


def test_whoever_leaves_the_page_stops_the_query(desk: Callable[..., Desk]) -> None:
    analyst = desk("analyst", java_script_enabled=False)
    page = analyst.page
    analyst.go("/sql")
    page.fill("#sql", f"{ENDLESS} WHERE 4711 > 0")
    page.click("#kueri button >> nth=0")
    page.click("button:has-text('Tetap jalankan')", no_wait_after=True)
    page.wait_for_selector("#batal")
    for _ in range(40):
        analyst.go("/sql/riwayat")
        if page.inner_text("tbody >> .status >> nth=0") == "dibatalkan":
            return
        time.sleep(0.25)
    raise AssertionError("it runs on")


def test_every_state_is_sound_on_both_widths_and_in_both_looks(desk: Callable[..., Desk]) -> None:
    faults: list[str] = []
    for width in (1280, 360):
        analyst = desk("analyst", viewport={"width": width, "height": 800}, is_mobile=width == 360)
        for state, reach in STATES.items():
            reach(analyst)
            faults += _looked_at(analyst, f"{state} {width}")
            analyst.page.emulate_media(color_scheme="dark")
            faults += _sound(analyst, f"{state} {width} dark", {"runOnly": ["color-contrast"]})
            analyst.page.emulate_media(color_scheme="light")
        faults += [line for line in analyst.said if REFUSED not in line]
    assert faults == []


def _looked_at(someone: Desk, what: str) -> list[str]:
    wide = [f"{what}: wide"] if someone.page.evaluate(LOOK)["wide"] else []
    return wide + _sound(someone, what, {})


def _empty(analyst: Desk) -> None:
    analyst.go("/sql?lang=id")


def _answered(analyst: Desk) -> None:
    ask(analyst, "SELECT * FROM bpbj.paket_nontender LIMIT 5")


def _drawn(analyst: Desk) -> None:
    ask(analyst, SQL)
    draw(analyst, "bar", "satker", "anggaran", "paket")
    analyst.page.evaluate(
        "document.querySelectorAll('details').forEach(one => { one.open = true; })"
    )


def _faulty(analyst: Desk) -> None:
    analyst.go("/sql?lang=en")
    ask(analyst, "SELECT nilay FROM bkad.program", "#salah")


def _costly(analyst: Desk) -> None:
    ask(analyst, f"{ENDLESS}, bkad.program", "#biaya")


def _past(analyst: Desk) -> None:
    analyst.go("/sql/riwayat?lang=id")


def _kept(analyst: Desk) -> None:
    analyst.go("/sql/tersimpan")


STATES: dict[str, Callable[[Desk], None]] = {
    "empty": _empty,
    "answered": _answered,
    "drawn": _drawn,
    "faulty": _faulty,
    "costly": _costly,
    "past": _past,
    "kept": _kept,
}


def test_the_page_is_light(desk: Callable[..., Desk]) -> None:
    """Bytes over the wire of a first visit: page, stylesheet, both scripts, mark; goal 50 kB."""
    analyst = desk("analyst")
    cdp = analyst.page.context.new_cdp_session(analyst.page)
    cdp.send("Network.enable")
    cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[int] = []
    cdp.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    analyst.go("/sql")
    analyst.page.wait_for_load_state("networkidle")
    assert len(sizes) >= 4
    assert sum(sizes) <= 50_000


def test_the_snippets_run_as_they_stand(
    desk: Callable[..., Desk], served: Served, tmp_path: Path
) -> None:
    """With a personal token in the environment, and a query that quoting could break."""
    analyst = desk("analyst")
    analyst.go("/sql")
    ask(analyst, "SELECT 'it''s \"JSON\"' AS teks, kd_satker\nFROM bkad.program LIMIT 3")
    made = analyst.page.request.post(
        f"{served.base}/api/v1/tokens",
        data={"name": "cuplikan"},
        headers={"Origin": served.base, "Sec-Fetch-Site": "same-origin"},
    )
    assert made.status == 201, made.text()
    environment = {"PATH": "/usr/bin:/bin", "SIMPUL_TOKEN": made.json()["token"]}
    curl = analyst.page.text_content("#cuplikan-curl")
    subprocess.run(curl, shell=True, cwd=tmp_path, env=environment, check=True, timeout=30)
    assert (tmp_path / "hasil.csv").read_text().splitlines()[1].startswith('"it\'s ""JSON""",')
    pandas = analyst.page.text_content("#cuplikan-pandas") + "\nprint(data.shape)"
    root = {"PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", pandas],
        cwd=tmp_path,
        env=environment | root,
        check=True,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "(3, 2)"
