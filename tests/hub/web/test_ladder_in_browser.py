"""The whole ladder, walked by people in browsers of their own, on a phone and at a desk.

The business clock stands where the test puts it; silence is a tick of the clock at a later moment.
"""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import uvicorn
from fastapi import FastAPI

from catalog.models import AccessClass, Dataset
from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.app import create_app
from hub.auth.models import Person
from hub.auth.passwords import hash_password
from hub.calendar import StoppedClock, real_now
from hub.db import reading, unit_of_work
from hub.intake.judges import Judges
from hub.ledger import sequencer
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.ticking import tick
from hub.settings import Settings
from hub.subjects import subjects

CHROMIUM = shutil.which("chromium")
PASSWORD = "kata sandi panjang (sintetis)"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=WITA)
PEOPLE = {
    "analyst": ("analyst", "bappeda", AgencyKind.BODY),
    "head": ("head", "bpbj", AgencyKind.OFFICE),
    "walidata": ("walidata", "dkisp", AgencyKind.OFFICE),
    "sekda": ("head", "setda", AgencyKind.SECRETARIAT),
}
KONTRAK, BAST, PENERIMA = "bpbj/kontrak", "bpbj/bast", "bpbj/penerima"
SCHEMAS = {
    KONTRAK: ("lkpp/nontender-kontrak", AccessClass.TERBATAS),
    BAST: ("lkpp/nontender-bast", AccessClass.TERBATAS),
    PENERIMA: ("e-musrenbang/usulan-musrenbang", AccessClass.PRIBADI_SPESIFIK),
}
LONGEST_SILENCE = 60
WIDE = "document.documentElement.scrollWidth > innerWidth"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
    # Playwright's own event loop and pipes end with the interpreter.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@dataclass
class Served:
    """A running hub whose business clock stands."""

    base: str
    app: FastAPI

    def stand(self, moment: datetime) -> None:
        self.app.state.clock = StoppedClock(WITA, moment=moment)

    def stay_silent_until(self, path: str, state: str) -> list[str]:
        """Day after day goes by and nobody acts; the states that the request went through."""
        seen: list[str] = []
        for _ in range(LONGEST_SILENCE):
            moment = self.app.state.clock.now() + timedelta(days=1)
            self.stand(moment)
            office = Office(self.app.state.ledger, self.app.state.clock)
            tick(self.app.state.engine, office, subjects(), now=moment)
            with reading(self.app.state.engine) as session:
                stands = session.get_one(Proceeding, path.rpartition("/")[2]).state
            seen += [stands] if stands not in seen else []
            if stands == state:
                return seen
        raise AssertionError(f"{path} never came to {state}: {seen}")

    def place_entries(self) -> None:
        """As the worker does: entries get their place, so that they have receipts."""
        sequencer.run_once(self.app.state.engine, self.app.state.ledger.signer)


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, judges: Judges
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("tangga")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copyfile(sqlite_template, home / "control.db")
    app = create_app(Settings(home=home, public_url=f"http://127.0.0.1:{port}"), judges=judges)
    with unit_of_work(app.state.engine) as session:
        for name, (role, agency, kind) in PEOPLE.items():
            _seat(session, name, role, agency, kind)
        for name in SCHEMAS:
            _enter(session, name)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    made = Served(app.state.settings.public_url, app)
    made.stand(MONDAY)
    yield made
    server.should_exit = True
    thread.join(20)


def _seat(session: Any, name: str, role: str, agency: str, kind: AgencyKind) -> None:
    now = real_now()
    person = Person(username=name, name=name, password_hash=hash_password(PASSWORD), created_at=now)
    session.add(Agency(code=agency, name=f"Instansi {agency}", kind=kind, created_at=now))
    session.flush()  # the post refers to the agency
    post = Post(agency=agency, title=f"Jabatan {name} (sintetis)", role=Role(role))
    session.add_all([person, post])
    session.flush()  # the holding refers to both
    session.add(Holding(post=post.id, holder_kind=HolderKind.PERSON, holder=person.id, since=now))


def _enter(session: Any, name: str) -> None:
    schema, access_class = SCHEMAS[name]
    now = real_now()
    session.add(
        Dataset(
            id=name,
            agency="bpbj",
            slug=name.partition("/")[2],
            title=f"Data {name.partition('/')[2]} (sintetis)",
            schema_name=schema,
            schema_version="1.0.0",
            access_class=access_class,
            created_at=now,
            updated_at=now,
        )
    )


@dataclass
class Desk:
    """One person's browser; `said` is what the console complained of."""

    page: Any
    base: str
    said: list[str]

    def go(self, path: str) -> str:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        return str(self.page.inner_text("main"))

    def sound(self) -> list[str]:
        """Faults of the page as it stands: what axe finds, and a page wider than its window."""
        from axe_playwright_python.base import AXE_SCRIPT

        self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("axe.run().then(seen => seen.violations.map(v => v.id))")
        wide = ["wider than its window"] if self.page.evaluate(WIDE) else []
        return [f"{self.page.url}: {fault}" for fault in [*found, *wide]]

    def step(self, path: str, event: str, reason: str = "") -> str:
        """Make a step on its own page; what the page of the request says after it."""
        self.go(path)
        self.page.click(f"a[href$='/langkah/{event}']")
        self.page.wait_for_url(f"**/langkah/{event}")
        assert self.sound() == []
        if reason:
            self.page.fill("#reason", reason)
        self.page.click("main form button.btn")
        self.page.wait_for_url(f"**{path}")
        return str(self.page.inner_text("main"))


@pytest.fixture
def desk(served: Served) -> Iterator[Callable[..., Desk]]:
    """Somebody signed in, on a phone (360) or at a desk (1280)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)

        def sit(who: str, width: int) -> Desk:
            context = browser.new_context(
                viewport={"width": width, "height": 800}, is_mobile=width == 360
            )
            context.set_default_timeout(15_000)
            page = context.new_page()
            made = Desk(page, served.base, [])
            page.on("pageerror", lambda error: made.said.append(str(error)))
            page.on(
                "console",
                lambda line: (
                    made.said.append(line.text)
                    if line.type == "error" and "status of" not in line.text
                    else None
                ),
            )
            made.go("/masuk")
            page.fill("input[name=username]", who)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/")
            return made

        yield sit
        browser.close()


def ask(analyst: Desk, name: str, **answers: str) -> str:
    """Ask on the form; first without its answers, which it names and waits for. The request's path."""
    page = analyst.page
    analyst.go(f"/katalog/{name}")
    page.click("aside >> text=Minta akses")
    page.fill("#purpose", "Menyusun RKPD 2027")
    page.fill("#basis", "Tupoksi Bidang Perencanaan (sintetis)")
    page.click("text=Kirim permintaan")
    page.wait_for_selector(".error-summary >> text=Belum dijawab")
    assert page.input_value("#purpose") == "Menyusun RKPD 2027"
    assert "Terisi" in page.inner_text("#isian + ul li:first-child")
    assert page.locator("#isian + ul >> text=Belum").count() >= 3
    assert analyst.sound() == []
    page.fill("#answer-periode", "2025")
    page.check("input[name=answer-bentuk][value=api]")
    page.check("input[name=answer-frekuensi][value=sekali]")
    for field, text in answers.items():
        if field == "columns":
            page.check(f"input[name=columns][value={text}]")
        elif page.locator(f"input[type=radio][name=answer-{field}]").count():
            page.check(f"input[name=answer-{field}][value={text}]")
        else:
            page.fill(f"#answer-{field}", text)
    page.click("text=Kirim permintaan")
    page.wait_for_url("**/permintaan/PD-*")
    return str(page.url.removeprefix(analyst.base))


def awaited(someone: Desk, path: str) -> bool:
    """Whether the list begins with it as waiting for this reader."""
    someone.go("/permintaan")
    assert someone.sound() == []
    found: int = someone.page.locator(f"section[aria-labelledby=putuskan] a[href='{path}']").count()
    return found == 1


def test_a_refusal_is_objected_to_and_the_forum_gives_what_was_asked(
    served: Served, desk: Callable[..., Desk]
) -> None:
    analyst, head, walidata = desk("analyst", 360), desk("head", 1280), desk("walidata", 360)
    path = ask(analyst, KONTRAK)
    assert not awaited(analyst, path)
    assert awaited(walidata, path)
    returned = walidata.step(path, "minta_perbaikan", "Sebutkan bulan yang diperlukan")
    assert "Menunggu perbaikan pemohon" in returned
    assert awaited(analyst, path)
    analyst.go(path)
    analyst.page.click("a[href$='/langkah/perbaiki']")
    assert analyst.page.input_value("#answer-periode") == "2025"
    analyst.page.fill("#answer-periode", "Januari sampai Juni 2025")
    analyst.page.click("main form button.btn")
    analyst.page.wait_for_url(f"**{path}")
    assert "Januari sampai Juni 2025" in walidata.step(path, "lengkap")

    assert awaited(head, path)
    text = head.go(path)
    assert "Menunggu Anda, sisa 5 hari kerja" in text
    assert "Terlambat: produsen belum menjawab" in text.split("Jika tidak ada jawaban")[1]
    assert "Dianggap disetujui" in text.split("Jika tidak ada jawaban")[1]
    assert head.sound() == []
    assert head.page.is_hidden("#offer-columns")
    head.page.check("#tolak")
    head.page.check("#ground-T13")
    assert head.page.is_visible("#offer-columns")
    assert head.page.is_hidden("#offer-test_number")
    head.page.check("input[name=offer-columns][value=no_kontrak]")
    head.page.check("input[name=offer-columns][value=nilai_kontrak]")
    head.page.click("text=Tanda tangani keputusan")
    head.page.wait_for_selector(".error-summary >> text=alasan tertulis")
    assert head.page.is_checked("#ground-T13")
    head.page.fill("#reason", "Untuk RKPD dua kolom ini sudah cukup")
    head.page.click("text=Tanda tangani keputusan")
    head.page.wait_for_selector("text=Ditolak, dapat diajukan keberatan")

    refused = analyst.go(path)
    assert "no_kontrak, nilai_kontrak" in refused
    assert "Menunggu Anda, sisa 10 hari kerja" in refused
    assert analyst.sound() == []
    analyst.step(path, "keberatan", "Tanpa kolom penyedia RKPD tidak dapat disusun")
    walidata.step(path, "ke_forum", "Kolomnya memang dipakai dalam RKPD")
    assert awaited(walidata, path)
    given = walidata.step(path, "kabulkan", "Keberatan beralasan; kolomnya diperlukan")
    assert "Akses aktif" in given

    won = analyst.go(path)
    assert "Langkah Anda berikutnya: baca datanya" in won
    for step in ("Minta dilengkapi", "Kirim perbaikan", "Tolak", "Ajukan keberatan", "Kabulkan"):
        assert step in won.split("Riwayat")[1]
    assert "Jabatan head (sintetis)" in won
    assert analyst.sound() == []
    served.place_entries()
    receipt = analyst.page.locator("text=Bukti").first.get_attribute("href")
    assert analyst.page.request.get(analyst.base + receipt).status == 200
    assert analyst.said + head.said + walidata.said == []


def test_a_producer_who_stays_silent_is_deemed_to_have_agreed(
    served: Served, desk: Callable[..., Desk]
) -> None:
    analyst, head = desk("analyst", 1280), desk("head", 360)
    path = ask(analyst, BAST)
    stale = head.go(path)
    assert "Keputusan Anda" in stale
    passed = served.stay_silent_until(path, "aktif")
    assert passed[-3:] == ["menunggu_produsen", "terlambat", "aktif"]
    assert "Dianggap disetujui: produsen tetap diam" in analyst.go(path)
    assert "oleh jam" in analyst.page.inner_text("main")
    assert "Akses aktif" in analyst.page.inner_text("#jam")
    assert analyst.sound() == []
    head.page.check("#setuju")
    head.page.click("text=Tanda tangani keputusan")
    told = head.page.inner_text(".error-summary")
    assert "Keputusan belum tercatat" in told
    assert head.said == []


def test_personal_data_is_never_opened_by_silence_but_goes_to_the_secretary(
    served: Served, desk: Callable[..., Desk]
) -> None:
    analyst, head = desk("analyst", 1280), desk("head", 360)
    walidata, sekda = desk("walidata", 1280), desk("sekda", 360)
    path = ask(
        analyst,
        PENERIMA,
        columns="nik_pengusul",
        dasar_pemrosesan="kepentingan_umum",
        alasan_kolom="nik_pengusul: memadankan usulan ganda",
        penerima_internal="Kepala Bidang Perencanaan",
        retensi_hari="90",
        dpia="Risiko salah padan; dikurangi dengan pemeriksaan dua orang (sintetis)",
        pengamanan="Disimpan pada peladen Bappeda, dihapus sesudah 90 hari",
    )
    assert "Pendapat sebelum diputus" in walidata.go(path)
    assert walidata.page.locator("#pendapat form").count() == 3
    first = walidata.page.locator("#pendapat form").first
    first.locator("input[value=catatan]").check()
    first.locator("textarea").fill("Batasi pada satu kolom ini")
    assert walidata.sound() == []
    first.locator("button").click()
    walidata.page.wait_for_selector("text=Batasi pada satu kolom ini")

    shown = head.go(path)
    assert "Lihat dahulu" in shown
    assert head.page.locator(".sorted-notes > li").count() <= 5
    assert "nik_pengusul" in head.page.locator(".sorted-notes > li").first.inner_text()
    assert "Data pribadi tidak pernah dibuka karena diam." in shown
    head.page.check("#setuju")
    head.page.click("text=Tanda tangani keputusan")
    head.page.wait_for_selector(".error-summary >> text=Pejabat Pelindungan Data Pribadi")
    assert head.sound() == []

    assert not awaited(sekda, path)
    passed = served.stay_silent_until(path, "eskalasi_sekda")
    assert passed[-3:] == ["menunggu_produsen", "terlambat", "eskalasi_sekda"]
    assert "Menunggu Sekretaris Daerah" in analyst.go(path)
    assert awaited(sekda, path)
    assert "Menunggu Anda" in sekda.go(path)
    assert sekda.sound() == []
    sekda.page.check("#setuju")
    sekda.page.click("text=Tanda tangani keputusan")
    sekda.page.wait_for_selector("text=Akses aktif")
    assert "Tidak berpendapat" in analyst.go(path)
    assert "Langkah Anda berikutnya: baca datanya" in analyst.page.inner_text("main")
    assert analyst.said + head.said + walidata.said + sekda.said == []
