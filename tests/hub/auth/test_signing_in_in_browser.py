"""The pages of signing in and of the account in a real browser: narrow and wide, with axe, without script."""

import re
import shutil
import socket
from collections.abc import Callable
from typing import Any

import pytest

from hub.auth import totp
from hub.calendar import real_now
from hub.settings import Settings
from tests.hub.auth.conftest import PASSWORD
from tests.hub.auth.test_outside_provider import Provider, provider
from tests.hub.auth.test_served import served

__all__ = ["provider", "served"]

CHROMIUM = shutil.which("chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
WIDTHS = (360, 1280)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
    # Playwright's own event loop and pipes end with the interpreter.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return settings.model_copy(
        update={
            "public_url": f"http://127.0.0.1:{port}",
            "second_factor_roles": frozenset({"walidata"}),
            "oidc_issuer": provider.issuer,
            "oidc_client_id": "simpul",
            "oidc_client_secret": Settings(oidc_client_secret="x").oidc_client_secret,
        }
    )


Look = Callable[[Any], None]


@pytest.fixture
def look() -> Look:
    """Judge a page in both widths: axe finds nothing, nothing sticks out sideways."""
    from axe_playwright_python.sync_playwright import Axe

    def judge(page: Any) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page).response["violations"]
            assert [one["id"] for one in found] == [], f"{page.url} at {width}"
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, f"{page.url} sticks out at {width}"

    return judge


def code_of(page: Any) -> str:
    """What the app would show that read the secret on this page."""
    found = re.search(r"[A-Z2-7]{4}( [A-Z2-7]{4}){7}", page.inner_text("main"))
    assert found
    return totp.code_at(found[0].replace(" ", ""), totp.step_of(real_now()))


def sign_in(page: Any, served: str, username: str) -> None:
    page.goto(f"{served}/masuk?next=/akun")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")


def test_the_pages_are_whole_in_both_widths_and_both_languages(hub, served, look, make_person):
    from playwright.sync_api import sync_playwright

    make_person("walidata", "dkisp", username="wali", password=PASSWORD)
    make_person("analyst", "bappeda", username="ana", password=PASSWORD)
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_context().new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{served}/masuk?lang=en")
        look(page)
        page.goto(f"{served}/masuk/lewat/sso/kembali?code=x&state=y&lang=id")
        assert page.title().startswith("Anda belum masuk")
        look(page)
        said.clear()  # a browser tells every status of 400 and more

        sign_in(page, served, "wali")
        assert page.title().startswith("Masuk: pasang aplikasi kode")
        look(page)
        page.fill("#code", code_of(page))
        page.press("#code", "Enter")
        assert page.locator("ol.paper-codes li").count() == 10
        look(page)
        codes = page.locator("ol.paper-codes li").all_inner_texts()
        page.get_by_role("link", name="Sudah saya simpan").click()
        assert page.url == f"{served}/akun"
        for path in ("/akun", "/akun/sandi", "/akun/dua-langkah", "/akun/luar"):
            page.goto(f"{served}{path}")
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            look(page)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        assert page.get_by_role("link", name="Lanjut ke akun kabupaten").count() == 1
        look(page)

        other = browser.new_context().new_page()
        sign_in(other, served, "wali")
        assert other.title().startswith("Masuk: langkah kedua")
        look(other)
        other.fill("#code", codes[0])
        other.press("#code", "Enter")
        assert other.url == f"{served}/akun"
        look(other)

        third = browser.new_context().new_page()
        sign_in(third, served, "ana")
        third.goto(f"{served}/akun/dua-langkah")
        third.fill("#password", PASSWORD)
        third.press("#password", "Enter")
        look(third)
        browser.close()
    assert said == []


def test_without_script_a_person_ends_another_sign_in_and_makes_a_narrow_token(
    hub, served, make_person
):
    from playwright.sync_api import sync_playwright

    make_person("analyst", "bappeda", username="ana", password=PASSWORD)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        pages = [browser.new_context(java_script_enabled=False).new_page() for _ in range(2)]
        for page in pages:
            sign_in(page, served, "ana")
            assert page.url == f"{served}/akun"
        here, there = pages
        here.reload()
        here.get_by_role("button", name="Keluar dari semua yang lain").click()
        there.reload()
        assert there.url.startswith(f"{served}/masuk")
        here.fill("#name", "Excel")
        here.get_by_text("Persempit token ini").click()
        for label in ("Berkas utuh", "SQL"):
            here.get_by_label(label).uncheck()
        here.get_by_role("button", name="Buat token").click()
        assert "smp_" in here.inner_text("main")
        assert "Berkas utuh" not in here.inner_text("table:has-text('Excel')")
        browser.close()
