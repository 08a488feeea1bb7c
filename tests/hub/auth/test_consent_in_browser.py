"""The page in a real browser: its form leads to the program, as the content security policy allows."""

import http.server
import shutil
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.hub.auth.conftest import PASSWORD
from tests.hub.auth.test_served import served, settings

__all__ = ["served", "settings"]

CHROMIUM = shutil.which("chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
    # Playwright's own event loop and pipes end with the interpreter.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


class Listening(http.server.BaseHTTPRequestHandler):
    """A program on this machine that waits to be called back."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>Sampai</title>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def program() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/kembali"
    server.shutdown()
    thread.join(10)
    server.server_close()


def arrived(page: Any) -> dict[str, list[str]]:
    """What the program was told when she came to it."""
    assert page.title() == "Sampai"
    return parse_qs(urlsplit(page.url).query)


def test_a_person_signs_in_allows_and_arrives(hub, served, program, register, make_person):
    from playwright.sync_api import sync_playwright

    make_person("analyst", "bappeda", username="ana", password=PASSWORD)
    client = register("meja", redirect_uris=[program])
    asked = f"{served}/oauth/authorize?{urlencode(client.asks())}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        # Without script as well: nothing on these pages needs it.
        said: list[str] = []
        for script in (True, False):
            page = browser.new_context(java_script_enabled=script).new_page()
            page.on("console", lambda message: said.append(message.text))

            page.goto(asked)
            page.fill("input[name=username]", "ana")
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            # Allowed before or not: after signing in she sees who asks, so that no form on the
            # way leads to another site than its policy names.
            page.get_by_role("button", name="Izinkan").click()
            page.wait_for_url(lambda url: url.startswith(program), timeout=10_000)
            first = arrived(page)
            assert first["state"] == ["keadaan"]
            page.goto(asked)
            assert arrived(page)["code"] != first["code"], "the second time nothing is asked"
            page.goto(f"{asked}&prompt=consent")
            page.get_by_role("button", name="Tolak").click()
            page.wait_for_url(lambda url: url.startswith(program), timeout=10_000)
            assert arrived(page)["error"] == ["access_denied"]
        browser.close()
    assert said == []
