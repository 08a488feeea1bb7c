"""People in browsers of ours, and datasets of the demonstration with some of their real rows."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

PASSWORD = "kata sandi panjang (sintetis)"

ANSWERS = {
    "answer-periode": "2024 sampai 2025",
    "answer-bentuk": "api",
    "answer-frekuensi": "bulanan",
    "answer-dasar_pemrosesan": "kepentingan_umum",
    "answer-penerima_internal": "Kepala Bidang Perencanaan",
    "answer-retensi_hari": "90",
}
"""What the form asks of restricted and of personal data; reasons by column come on top."""

Enter = Callable[..., TestClient]
Rows = list[dict[str, Any]]


@pytest.fixture
def enter(make_person: Callable[..., Any], sign_in: Callable[..., TestClient]) -> Enter:
    """Sign somebody in on a post of her own; return her browser."""

    def browser(role: str | None = None, agency: str | None = None) -> TestClient:
        signed_in = sign_in(make_person(role, agency, password=PASSWORD))
        signed_in.headers["Accept"] = "text/html"
        signed_in.follow_redirects = False
        return signed_in

    return browser


@pytest.fixture
def visitor(hub: TestClient) -> TestClient:
    """A browser in which nobody has signed in."""
    hub.headers["Accept"] = "text/html"
    hub.follow_redirects = False
    return hub


@pytest.fixture
def demo_dataset(enter_demo: Callable[..., None]) -> Callable[..., str]:
    """Enter one of the demonstration's datasets, without rows; return `agency/slug`."""

    def make(name: str, access_class: str | None = None) -> str:
        enter_demo(name, **({"access_class": access_class} if access_class else {}))
        return name

    return make


@pytest.fixture
def push_rows(
    make_client: Callable[..., TestClient],
    served: Callable[[str], Rows],
    ndjson: Callable[[Rows], bytes],
) -> Callable[..., None]:
    """Push the first real rows of a demonstration dataset as its steward's program."""

    def push(name: str, count: int = 20) -> None:
        answer = make_client("steward", name.split("/")[0]).post(
            f"/api/v1/datasets/{name}/batches?mode=upsert",
            content=ndjson(served(name)[:count]),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 201, answer.text

    return push


@pytest.fixture(scope="session")
def rows_of(served: Callable[[str], Rows]) -> Callable[[str], Rows]:
    """The real rows of a dataset that is served as NDJSON."""
    return served


@pytest.fixture(scope="session")
def form_key() -> Callable[[TestClient, str], str]:
    """The hidden key of the first form on a page that has one."""
    return _form_key


def _form_key(browser: TestClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    found = re.search(r'name="key" value="([^"]+)"', answer.text)
    assert found, "the page has no form"
    return found[1]


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Ask for a dataset through its form; returns the answer to it."""

    def send(browser: TestClient, name: str, **said: Any) -> Any:
        path = f"/katalog/{name}/minta"
        wanted = {
            "key": _form_key(browser, path),
            "purpose": "Menyusun RKPD 2026",
            "basis": "Tupoksi Bidang Perencanaan (sintetis)",
            **ANSWERS,
        }
        return browser.post(path, data=wanted | said)

    return send
