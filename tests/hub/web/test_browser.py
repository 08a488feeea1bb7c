"""The pages in a real browser, against a hub that is really served: looks, journey, no script."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from sqlmodel import Session

from catalog import datasets
from catalog.models import AccessClass
from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.app import create_app
from hub.auth.models import Person
from hub.auth.passwords import hash_password
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.demo.regency import regency
from hub.intake.judges import Judges
from hub.settings import Settings
from hub.standards import service as standards
from tests.hub.web.conftest import ANSWERS

CHROMIUM = shutil.which("chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
    # Playwright's own event loop and pipes end with the interpreter.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PASSWORD = "kata sandi panjang (sintetis)"
PAKET, KONTRAK, PROGRAM = "bpbj/paket-nontender", "bpbj/kontrak-nontender", "bkad/program"
BAST = "bpbj/bast-nontender"
REQUEST = "/permintaan/PD-2025-000001"
PEOPLE = (("steward", "bpbj"), ("head", "bpbj"), ("analyst", "bappeda"))


@dataclass(frozen=True)
class Served:
    """A hub under `base`, its three people and three datasets of the demonstration."""

    base: str
    home: Path


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, judges: Judges
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("browser")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copyfile(sqlite_template, home / "control.db")
    settings = Settings(
        home=home,
        public_url=f"http://127.0.0.1:{port}",
        demo=True,
        business_date=date(2025, 10, 3),
    )
    app = create_app(settings, judges=judges)
    with unit_of_work(app.state.engine) as session:
        _people(session)
        for name in (PAKET, KONTRAK, BAST, PROGRAM):
            _dataset(session, name)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    _fill(settings.public_url)
    yield Served(settings.public_url, home)
    server.should_exit = True
    thread.join(20)


def _fill(base: str) -> None:
    """A delivery with one wrong row, and a request that waits, both sent as a page sends them."""
    steward, analyst = _entered(base, "steward"), _entered(base, "analyst")
    said = {"dataset": PAKET, "mode": "upsert", "on_error": "quarantine"}
    file = ("paket.ndjson", _lines(PAKET, 40, pagu="Rp dua juta"))
    assert steward.post("/publikasi", data=said, files={"file": file}).status_code == 303
    asked = {"purpose": "Evaluasi RKPD triwulanan", "basis": "Tupoksi (sintetis)", **ANSWERS}
    assert analyst.post(f"/katalog/{KONTRAK}/minta", data=asked).headers["location"] == REQUEST
    for client in (steward, analyst):
        client.close()


def _entered(base: str, who: str) -> httpx2.Client:
    client = httpx2.Client(base_url=base, headers={"Origin": base}, timeout=60)
    said = {"username": who, "password": PASSWORD}
    assert client.post("/masuk", data=said).status_code == 303
    return client


def _lines(name: str, count: int, **spoiled: Any) -> bytes:
    """The first rows of a dataset as NDJSON, the second of them spoiled."""
    rows = [json.loads(line) for line in regency().dataset(name).served().splitlines()[:count]]
    rows[1] |= spoiled
    return "\n".join(json.dumps(row) for row in rows).encode()


def _people(session: Session) -> None:
    hashed = hash_password(PASSWORD)
    for agency in ("bpbj", "bappeda", "bkad"):
        session.add(
            Agency(
                code=agency,
                name=f"Instansi {agency} (sintetis)",
                kind=AgencyKind.OFFICE,
                created_at=real_now(),
            )
        )
    session.flush()  # posts refer to agencies
    for role, agency in PEOPLE:
        person = Person(
            username=role,
            name=f"{role} (sintetis)",
            password_hash=hashed,
            created_at=real_now(),
        )
        post = Post(agency=agency, title=f"Jabatan {role} (sintetis)", role=Role(role))
        session.add_all([person, post])
        session.flush()  # the holding refers to both
        session.add(
            Holding(post=post.id, holder_kind=HolderKind.PERSON, holder=person.id, since=real_now())
        )


def _dataset(session: Session, name: str) -> None:
    demo = regency().dataset(name)
    said = datasets.Description(
        title=demo.title,
        title_en=demo.title_en,
        summary=demo.summary,
        summary_en=demo.summary_en,
        topic=demo.topic,
        schema_name=demo.schema_name,
        schema_version=demo.schema_version,
        intake=list(demo.intake),
        access_class=AccessClass(demo.access_class),
        restriction_basis=demo.restriction_basis,
        source_note=demo.source_note,
    )
    document = standards.find(session, demo.schema_name, demo.schema_version)
    datasets.create(
        session, demo.agency, demo.slug, said, document, agency_name=demo.agency, now=real_now()
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@dataclass
class Desk:
    """One person's browser tab; `said` collects what the console and the CSP complain about."""

    page: Any
    base: str
    said: list[str]

    def go(self, path: str) -> None:
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def sign_in(self, who: str) -> None:
        self.go("/masuk")
        self.page.fill("input[name=username]", who)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_selector(".account .btn-link")


@pytest.fixture
def desk(chromium: Any, served: Served) -> Iterator[Callable[..., Desk]]:
    contexts = []

    def sit(who: str | None = None, **wanted: Any) -> Desk:
        usual = {"viewport": {"width": 1280, "height": 900}, "locale": "id-ID"}
        context = chromium.new_context(**usual | wanted)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        page.on(
            "console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        made = Desk(page, served.base, said)
        if who is not None:
            made.sign_in(who)
        return made

    yield sit
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def file_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write rows of a demonstration dataset to a file as its agency would keep them."""

    def write(name: str, count: int, **spoiled: Any) -> Path:
        path = tmp_path_factory.mktemp("berkas") / f"{name.split('/')[1]}.ndjson"
        path.write_bytes(_lines(name, count, **spoiled))
        return path

    return write


def upload(desk: Desk, name: str, path: Path) -> None:
    desk.go("/publikasi")
    desk.page.select_option("#dataset", name)
    desk.page.set_input_files("#file", path)
    desk.page.click("text=Unggah dan periksa")
    desk.page.wait_for_url("**/kiriman/*")


def test_from_a_file_to_a_reader_in_another_agency(
    desk: Callable[..., Desk], file_of: Callable[..., Path], served: Served
) -> None:
    steward = desk("steward")
    upload(steward, BAST, file_of(BAST, 31, nilai_kontrak="Rp dua juta"))
    assert "30 baris, rilis 1" in steward.page.inner_text("main")
    assert "Rp dua juta" in steward.page.inner_text("main")

    analyst = desk("analyst")
    analyst.go(f"/katalog/{BAST}")
    assert "belum terbuka bagi Anda" in analyst.page.inner_text("main")
    analyst.go(f"/katalog/{BAST}/minta")
    analyst.page.fill("#purpose", "Evaluasi RKPD triwulanan")
    analyst.page.fill("#answer-periode", "2025")
    analyst.page.check("input[name=answer-bentuk][value=api]")
    analyst.page.check("input[name=answer-frekuensi][value=sekali]")
    analyst.page.fill("#basis", "Tupoksi Bidang Perencanaan (sintetis)")
    analyst.page.click("text=Kirim permintaan")
    analyst.page.wait_for_url("**/permintaan/PD-*")
    request = analyst.page.url.removeprefix(served.base)
    assert "sisa" in analyst.page.inner_text(".clock-box")

    head = desk("head")
    head.go("/permintaan")
    head.page.click(f"a[href='{request}']")
    assert head.page.url.endswith(request)
    assert head.page.is_hidden("#ground-T01")
    head.page.check("#tolak")
    assert head.page.is_visible("#ground-T01")
    head.page.check("#setuju")
    head.page.click("text=Tanda tangani keputusan")
    head.page.wait_for_selector("text=Akses aktif")

    analyst.page.reload()
    analyst.page.click("text=Buka datanya")
    analyst.page.wait_for_selector("text=Menurut hak akses")
    with analyst.page.expect_download() as download:
        analyst.page.click(".row.after >> text=CSV")
    assert len(Path(download.value.path()).read_text().splitlines()) == 31
    for person in (steward, analyst, head):
        assert person.said == []


SHORTEN = """() => {
  for (const body of document.querySelectorAll("tbody")) [...body.rows].slice(4).forEach(r => r.remove());
  [...document.querySelectorAll("details.fold")].slice(8).forEach(fold => fold.remove());
}"""
"""Further rows of a table are made of the same markup; axe need not weigh each."""
AXE = "options => axe.run(document, options).then(seen => seen.violations.map(v => v.id))"
LOOK = """() => ({wide: document.documentElement.scrollWidth > innerWidth, lang: document.documentElement.lang})"""


def test_every_page_is_sound_on_both_widths_in_both_looks_and_languages(
    desk: Callable[..., Desk], served: Served
) -> None:
    """All of axe on both widths; then what another look or another language alone can change."""
    faults: list[str] = []
    for width in (1280, 360):
        mobile = {"viewport": {"width": width, "height": 800}, "is_mobile": width == 360}
        for someone, paths in _walks(desk, **mobile):
            for path in paths:
                faults += _seen(someone, path, "id", width)
                faults += _sound(someone, f"{path} {width}", {})
                if width == 1280:
                    someone.page.emulate_media(color_scheme="dark")
                    faults += _sound(someone, f"{path} dark", {"runOnly": ["color-contrast"]})
                    someone.page.emulate_media(color_scheme="light")
                faults += _seen(someone, path, "en", width)
                if width == 360:
                    unlike = {"rules": {"color-contrast": {"enabled": False}}}
                    faults += _sound(someone, f"{path} en", unlike)
            faults += someone.said
    assert faults == []


def _walks(desk: Callable[..., Desk], **wanted: Any) -> list[tuple[Desk, list[str]]]:
    visitor, head, steward = desk(**wanted), desk("head", **wanted), desk("steward", **wanted)
    schema = "/skema/lkpp/nontender-kontrak/1.0.0"
    everybody = ["/", "/masuk", "/docs", "/katalog?q=program", "/skema", schema]
    return [
        (visitor, [*everybody, "/problems", "/problems/keys-exist"]),
        (head, ["/", "/akun", "/permintaan", REQUEST, f"/katalog/{KONTRAK}"]),
        (
            steward,
            ["/publikasi", f"/publikasi/{PAKET}", steward_report(steward), f"/katalog/{PAKET}"],
        ),
    ]


def _seen(someone: Desk, path: str, language: str, width: int) -> list[str]:
    """Faults of one view: a page wider than its window, or in another language than asked for."""
    someone.go(f"{path}{'&' if '?' in path else '?'}lang={language}")
    seen = someone.page.evaluate(LOOK)
    someone.page.evaluate(SHORTEN)
    return [f"{path} {width}: {seen}"] if seen["wide"] or seen["lang"] != language else []


def _sound(someone: Desk, what: str, options: dict[str, Any]) -> list[str]:
    from axe_playwright_python.base import AXE_SCRIPT

    if someone.page.evaluate("typeof axe") == "undefined":
        someone.page.evaluate(AXE_SCRIPT)
    found = someone.page.evaluate(AXE, {"resultTypes": ["violations"], **options})
    return [f"{what}: {fault}" for fault in found]


def steward_report(steward: Desk) -> str:
    """The path of the report of the first delivery."""
    steward.go(f"/publikasi/{PAKET}")
    return str(steward.page.get_attribute("#kiriman >> xpath=.. >> tbody a", "href"))


def test_no_page_is_wider_than_320_px(desk: Callable[..., Desk]) -> None:
    steward = desk("steward", viewport={"width": 320, "height": 700}, is_mobile=True)
    for path in ("/", "/katalog", f"/katalog/{PAKET}", "/publikasi", "/permintaan", "/docs"):
        steward.go(path)
        assert not steward.page.evaluate(LOOK)["wide"], path


def test_results_come_while_one_types_and_the_field_keeps_the_focus(
    desk: Callable[..., Desk],
) -> None:
    from playwright.sync_api import expect

    analyst = desk("analyst")
    analyst.go("/katalog")
    analyst.page.keyboard.press("/")
    analyst.page.keyboard.type("pengumuman")
    expect(analyst.page.locator(".result")).to_have_count(2)
    expect(analyst.page.locator("#q")).to_be_focused()
    expect(analyst.page).to_have_url(f"{analyst.base}/katalog?q=pengumuman")
    expect(analyst.page.locator("#kabar")).to_have_text("2 dataset untuk “pengumuman”")
    analyst.page.fill("#q", "")
    expect(analyst.page.locator(".result")).to_have_count(4)
    analyst.page.check("input[name=access][value=TERBUKA]")
    expect(analyst.page.locator(".chip, .result")).to_have_count(2)
    expect(analyst.page).to_have_url(f"{analyst.base}/katalog?access=TERBUKA")
    expect(analyst.page.locator("input[value=TERBUKA]")).to_be_focused()
    analyst.page.go_back()
    expect(analyst.page.locator(".result")).to_have_count(4)
    assert analyst.said == []


def test_everything_that_matters_works_without_script(desk: Callable[..., Desk]) -> None:
    analyst = desk("analyst", java_script_enabled=False)
    analyst.go("/katalog")
    analyst.page.fill("#q", "kontrak")
    analyst.page.press("#q", "Enter")
    assert analyst.page.url.endswith("/katalog?q=kontrak&sort=updated")
    analyst.page.click(".result a")
    analyst.page.click("footer >> text=English")
    assert "Who uses it" in analyst.page.inner_text("main")
    assert analyst.page.is_hidden("[data-copy]")
    analyst.page.click("text=Sign out")
    assert analyst.page.is_visible("text=Sign in")


def test_the_snippets_run_as_they_stand(
    desk: Callable[..., Desk], served: Served, tmp_path: Path
) -> None:
    """With a personal token in the environment, and nothing else."""
    analyst = desk("analyst")
    analyst.go(f"/katalog/{PAKET}")
    analyst.page.fill("#purpose", "Evaluasi RKPD triwulanan")
    analyst.page.click("text=Buka akses")
    analyst.page.wait_for_selector("text=Akses terbuka.")
    made = analyst.page.request.post(
        f"{served.base}/api/v1/tokens",
        data={"name": "cuplikan"},
        headers={"Origin": served.base, "Sec-Fetch-Site": "same-origin"},
    )
    assert made.status == 201, made.text()
    environment = {"PATH": "/usr/bin:/bin", "SIMPUL_TOKEN": made.json()["token"]}
    curl = analyst.page.text_content("#cuplikan-curl")
    subprocess.run(curl, shell=True, cwd=tmp_path, env=environment, check=True, timeout=30)
    [file] = tmp_path.glob("*.csv")
    assert len(file.read_text().splitlines()) == 40
    pandas = analyst.page.text_content("#cuplikan-pandas") + "\nprint(len(data))"
    run = [sys.executable, "-W", "error::DeprecationWarning", "-c", pandas]
    done = subprocess.run(
        run, cwd=tmp_path, env=environment, check=True, timeout=60, capture_output=True, text=True
    )
    assert done.stdout.strip() == "39"
