"""As a new user would: an untidy workbook becomes a schema, a template and a first release, without script."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
import uvicorn
from fastapi import FastAPI

from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.app import create_app
from hub.auth.models import Person
from hub.auth.passwords import hash_password
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.intake import waiting
from hub.intake.judges import Judges
from hub.settings import Settings
from hub.standards import service as standards

CHROMIUM = shutil.which("chromium")
PASSWORD = "kata sandi panjang (sintetis)"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
    # Playwright's own event loop and pipes end with the interpreter.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, judges: Judges) -> FastAPI:
    """A hub with a steward of dinkes and the walidata."""
    home = tmp_path_factory.mktemp("rancangan")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copyfile(sqlite_template, home / "control.db")
    app = create_app(Settings(home=home, public_url=f"http://127.0.0.1:{port}"), judges=judges)
    with unit_of_work(app.state.engine) as session:
        for role, agency in (("steward", "dinkes"), ("walidata", "dkisp")):
            _seat(session, role, agency)
    return app


@pytest.fixture(scope="module")
def base(app: FastAPI) -> Iterator[str]:
    """The hub, really served."""
    port = int(app.state.settings.public_url.rpartition(":")[2])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    yield app.state.settings.public_url
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def work(app: FastAPI) -> Callable[[], None]:
    """What the worker does with batches that wait."""

    def run() -> None:
        waiting.work_off(app.state.intake, find_document=standards.find)

    return run


def _seat(session: Any, role: str, agency: str) -> None:
    now = real_now()
    person = Person(username=role, name=role, password_hash=hash_password(PASSWORD), created_at=now)
    session.add(Agency(code=agency, name=agency, kind=AgencyKind.OFFICE, created_at=now))
    session.flush()  # the post refers to the agency
    post = Post(agency=agency, title=f"Jabatan {role} (sintetis)", role=Role(role))
    session.add_all([person, post])
    session.flush()  # the holding refers to both
    session.add(Holding(post=post.id, holder_kind=HolderKind.PERSON, holder=person.id, since=now))


@pytest.fixture
def enter(base: str) -> Iterator[Callable[..., Any]]:
    """A phone or a desk on which somebody has signed in."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)

        def sit(who: str, width: int = 1280, **wanted: Any) -> Any:
            context = browser.new_context(viewport={"width": width, "height": 800}, **wanted)
            context.set_default_timeout(15_000)
            page = context.new_page()
            page.goto(f"{base}/masuk")
            page.fill("input[name=username]", who)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/")
            return page

        yield sit
        browser.close()


def test_from_an_untidy_workbook_to_a_first_release_on_a_phone_without_script(
    base: str,
    enter: Callable[..., Any],
    work: Callable[[], None],
    untidy: ModuleType,
    tmp_path: Path,
) -> None:
    workbook = tmp_path / "penerima.xlsx"
    workbook.write_bytes(untidy.recipients())
    steward = enter("steward", 360, java_script_enabled=False)
    steward.goto(f"{base}/publikasi")
    steward.click("text=Data yang belum punya skema")
    steward.click("text=Buat skema dari lembar kerja")
    steward.set_input_files("#file", workbook)
    steward.click("text=Susun skema")
    assert "51 dari 60 baris lolos; 9 tidak" in steward.inner_text("main")
    draft = steward.url
    steward.fill("#dataset_title", "Penerima bantuan sosial")
    steward.fill("#record", "bantuan-sosial")
    steward.fill("#restriction_basis", "UU 27/2022 tentang Pelindungan Data Pribadi")
    steward.click("text=Kirim ke walidata")
    assert "Menunggu walidata" in steward.inner_text("main")

    walidata = enter("walidata")
    walidata.goto(f"{base}/publikasi/skema")
    walidata.click("text=Penerima bantuan sosial")
    assert "Jalan Contoh" not in walidata.content()
    walidata.click("text=Setujui dan terbitkan")
    assert "Skema dan dataset sudah terbit" in walidata.inner_text("main")

    steward.goto(draft)
    with steward.expect_download() as download:
        steward.click("text=unduh tabel Anda yang sudah dirapikan")
    mended = _mended(Path(download.value.path()), tmp_path / "kirim.xlsx")
    steward.click("text=Unggah, menjadi rilis 1")
    steward.set_input_files("#file", mended)
    steward.click("text=Unggah dan periksa")
    # Personal finance is specific personal data: a second person signs before it is published.
    assert "Menunggu pengesahan walidata" in steward.inner_text("main")
    walidata.goto(steward.url)
    walidata.click("text=Sahkan dan terbitkan")
    walidata.wait_for_url(steward.url)
    work()
    steward.reload()
    assert "60 baris, rilis 1" in steward.inner_text("main")


def _mended(source: Path, target: Path) -> Path:
    """What the steward does in Excel: codes that were numbers are typed again as text."""
    shutil.copyfile(source, target)
    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.column_letter == "B":
                cell.value = str(cell.value)
            if cell.column_letter == "G" and isinstance(cell.value, int):
                cell.value = f"0{cell.value}"
    book.save(target)
    return target


def test_the_pages_of_a_draft_are_sound_on_both_widths(
    base: str, enter: Callable[..., Any], untidy: ModuleType, tmp_path: Path
) -> None:
    from axe_playwright_python.base import AXE_SCRIPT

    workbook = tmp_path / "posyandu.xlsx"
    workbook.write_bytes(untidy.facilities())
    steward = enter("steward", 360)
    said: list[str] = []
    steward.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    steward.goto(f"{base}/publikasi/skema/baru")
    steward.set_input_files("#file", workbook)
    steward.click("text=Susun skema")
    steward.wait_for_selector("text=40 dari 40 baris lolos")
    faults = []
    paths = [steward.url, f"{base}/publikasi/skema", f"{base}/publikasi/skema/baru"]
    for path in paths:
        for width, language in ((320, "id"), (1280, "en")):
            steward.set_viewport_size({"width": width, "height": 800})
            steward.goto(f"{path}?lang={language}")
            if steward.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append(f"{path} {width}: sideways")
            steward.evaluate(AXE_SCRIPT)
            found = steward.evaluate("axe.run().then(s => s.violations.map(v => v.id))")
            faults += [f"{path} {width}: {fault}" for fault in found]
    assert faults + said == []
