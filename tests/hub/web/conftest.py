"""People in browsers of ours, and datasets of the demonstration with some of their real rows."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog import datasets
from catalog.models import AccessClass
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.demo.regency import regency
from hub.standards import service as standards

PASSWORD = "kata sandi panjang (sintetis)"

Enter = Callable[..., TestClient]


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
def demo_dataset(hub: TestClient, make_agency: Callable[..., str]) -> Callable[..., str]:
    """Enter one of the demonstration's datasets, without rows; return `agency/slug`."""

    def make(name: str, access_class: str | None = None) -> str:
        dataset = regency().dataset(name)
        make_agency(dataset.agency)
        assert isinstance(hub.app, FastAPI)
        said = datasets.Description(
            title=dataset.title,
            title_en=dataset.title_en,
            summary=dataset.summary,
            summary_en=dataset.summary_en,
            topic=dataset.topic,
            schema_name=dataset.schema_name,
            schema_version=dataset.schema_version,
            intake=list(dataset.intake),
            access_class=AccessClass(access_class or dataset.access_class),
            restriction_basis=dataset.restriction_basis or "Peragaan (sintetis)",
        )
        with unit_of_work(hub.app.state.engine) as session:
            document = standards.find(session, dataset.schema_name, dataset.schema_version)
            datasets.create(
                session,
                dataset.agency,
                dataset.slug,
                said,
                document,
                agency_name=dataset.agency,
                now=real_now(),
            )
        return name

    return make


@pytest.fixture
def push_rows(make_client: Callable[..., TestClient]) -> Callable[..., None]:
    """Push the first real rows of a demonstration dataset as its steward's program."""

    def push(name: str, count: int = 20) -> None:
        answer = make_client("steward", name.split("/")[0]).post(
            f"/api/v1/datasets/{name}/batches?mode=upsert",
            content=b"\n".join(json.dumps(row).encode() for row in _rows_of(name)[:count]),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 201, answer.text

    return push


@pytest.fixture(scope="session")
def rows_of() -> Callable[[str], list[dict[str, Any]]]:
    """The real rows of a dataset that is served as NDJSON."""
    return _rows_of


@pytest.fixture(scope="session")
def csv_of() -> Callable[[list[dict[str, Any]]], bytes]:
    def write(rows: list[dict[str, Any]]) -> bytes:
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()

    return write


@pytest.fixture(scope="session")
def form_key() -> Callable[[TestClient, str], str]:
    """The hidden key of the first form on a page that has one."""
    return _form_key


def _rows_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in regency().dataset(name).served().splitlines()]


def _form_key(browser: TestClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    found = re.search(r'name="key" value="([^"]+)"', answer.text)
    assert found, "the page has no form"
    return found[1]


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Ask for a dataset through its page; returns the answer to the form."""

    def send(browser: TestClient, name: str, **said: Any) -> Any:
        path = f"/katalog/{name}"
        wanted = {
            "key": _form_key(browser, path),
            "purpose": "Menyusun RKPD 2026",
            "basis": "Tupoksi Bidang Perencanaan (sintetis)",
        }
        return browser.post(path, data=wanted | said)

    return send
