"""A running hub, people and programs in it, and datasets of the demonstration.

`hub` is the app behind a TestClient on a fresh database (every test that asks for it runs on both).
`make_agency`, `make_person`, `make_client` and `sign_in` put somebody into it:

    analyst = make_client("analyst", "bappeda")        # bearer token, a post in bappeda
    outsider = make_client(scopes="data:read")          # no post: belongs to no agency
    browser = sign_in(make_person("steward", "bpbj", password="..."))   # session cookie

`enter_demo` enters datasets of the demonstration, `served` gives their real rows, `ndjson` and `csv_of` write
rows as a file to send.
"""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from catalog import datasets
from catalog.models import AccessClass, Dataset
from hub.access.workers import Workers
from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.app import create_app
from hub.auth import scopes as scope_words
from hub.auth import signing_in
from hub.auth.authenticate import access_tokens
from hub.auth.cookies import cookie_name
from hub.auth.models import Client, Person
from hub.auth.passwords import hash_password
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.demo.regency import regency
from hub.intake.judges import Judges
from hub.settings import Settings
from hub.standards import service as standards

BASE = "http://testserver"
COUNT = itertools.count(1)


@dataclass(frozen=True)
class MadePerson:
    id: str
    username: str
    password: str


class ProgramClient(TestClient):
    """A TestClient that carries the bearer token of one program."""

    client_id: str
    app: FastAPI


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of the hub under test; override this fixture to change one."""
    return Settings(home=tmp_path / "home", database_url=database_url, public_url=BASE)


@pytest.fixture(scope="session")
def judges() -> Iterator[Judges]:
    """Judge processes that every test of the session shares; they keep nothing between batches."""
    shared = Judges(large=1, small_bytes=1024**2)
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Query workers that every test of the session shares; none starts before the first query."""
    shared = Workers(concurrent=2, spare=1)
    yield shared
    shared.close()


@pytest.fixture
def hub(settings: Settings, judges: Judges, workers: Workers) -> Iterator[TestClient]:
    """The running hub, as a visitor sees it; `hub.app.state` has its engine and settings."""
    app = create_app(settings, judges=judges, workers=workers)
    with TestClient(app, base_url=BASE) as client:
        yield client


@pytest.fixture
def make_agency(hub: TestClient) -> Callable[..., str]:
    """Make an agency when it is not there yet; return its code."""

    def make(code: str = "bpbj", name: str | None = None, satker_code: str = "") -> str:
        with unit_of_work(_app(hub).state.engine) as session:
            _agency(session, code, name, satker_code)
        return code

    return make


@pytest.fixture
def make_person(hub: TestClient) -> Callable[..., MadePerson]:
    """Make a person, on a post when a role is named. Without a password she cannot sign in."""

    def make(
        role: str | None = None,
        agency: str | None = None,
        *,
        username: str | None = None,
        password: str = "",
    ) -> MadePerson:
        username = username or f"orang{next(COUNT)}"
        hashed = hash_password(password) if password else ""
        with unit_of_work(_app(hub).state.engine) as session:
            person = Person(
                username=username,
                name=f"Nama {username} (sintetis)",
                password_hash=hashed,
                created_at=real_now(),
            )
            session.add(person)
            _seat(session, HolderKind.PERSON, person.id, role, agency)
            return MadePerson(person.id, username, password)

    return make


@pytest.fixture
def make_client(hub: TestClient) -> Callable[..., ProgramClient]:
    """Make a program, on a post when a role is named; return an HTTP client with its token."""

    def make(
        role: str | None = None, agency: str | None = None, scopes: str | None = None
    ) -> ProgramClient:
        app, now = _app(hub), real_now()
        scope = scope_words.join(scope_words.ALL) if scopes is None else scopes
        client_id = f"program-{next(COUNT)}"
        with unit_of_work(app.state.engine) as session:
            session.add(Client(client_id=client_id, name=client_id, scope=scope, created_at=now))
            _seat(session, HolderKind.CLIENT, client_id, role, agency)
        token = access_tokens(app.state.settings).issue(client_id, scope, now=now)
        made = ProgramClient(app, base_url=BASE, headers={"Authorization": f"Bearer {token}"})
        made.client_id = client_id
        return made

    return make


@pytest.fixture
def sign_in(hub: TestClient) -> Callable[[MadePerson], TestClient]:
    """A browser of ours in which this person has signed in: session cookie and same origin."""

    def enter(person: MadePerson) -> TestClient:
        app = _app(hub)
        signed_in = signing_in.sign_in(
            app.state.engine, person.username, person.password, now=real_now()
        )
        browser = TestClient(app, base_url=BASE, headers={"Sec-Fetch-Site": "same-origin"})
        browser.cookies.set(cookie_name(app.state.settings), signed_in.secret)
        return browser

    return enter


def _app(hub: TestClient) -> FastAPI:
    assert isinstance(hub.app, FastAPI)
    return hub.app


def _agency(session: Session, code: str, name: str | None = None, satker_code: str = "") -> None:
    if session.get(Agency, code) is None:
        session.add(
            Agency(
                code=code,
                name=name or f"Instansi {code} (sintetis)",
                kind=AgencyKind.OFFICE,
                satker_code=satker_code,
                created_at=real_now(),
            )
        )
        session.flush()  # posts refer to the agency


def _seat(
    session: Session, kind: HolderKind, holder: str, role: str | None, agency: str | None
) -> None:
    """Give the holder a post of its own with this role; without a role, none."""
    if role is None:
        return
    code = agency or "bpbj"
    _agency(session, code)
    post = Post(agency=code, title=f"Jabatan {role} (sintetis)", role=Role(role))
    session.add(post)
    session.flush()  # the holding refers to the post
    session.add(Holding(post=post.id, holder_kind=kind, holder=holder, since=real_now()))


@pytest.fixture
def make_dataset(hub: TestClient) -> Callable[..., str]:
    """Enter a dataset in the catalog, without any release; return `agency/slug`."""

    def make(
        access_class: str = "TERBATAS",
        slug: str = "kontrak-nontender",
        agency: str = "bpbj",
        *,
        schema: tuple[str, str] = ("lkpp/nontender-kontrak", "1.0.0"),
        title: str = "Kontrak nontender",
    ) -> str:
        now = real_now()
        with unit_of_work(_app(hub).state.engine) as session:
            _agency(session, agency)
            session.add(
                Dataset(
                    id=f"{agency}/{slug}",
                    agency=agency,
                    slug=slug,
                    title=title,
                    schema_name=schema[0],
                    schema_version=schema[1],
                    access_class=AccessClass(access_class),
                    created_at=now,
                    updated_at=now,
                )
            )
        return f"{agency}/{slug}"

    return make


@pytest.fixture
def enter_demo(hub: TestClient, make_agency: Callable[..., str]) -> Callable[..., None]:
    """Enter datasets of the demonstration in the catalog, without rows; `changes` are of their description."""

    def enter(*names: str, **changes: Any) -> None:
        for name in names:
            dataset = regency().dataset(name)
            make_agency(dataset.agency)
            said = {
                "title": dataset.title,
                "title_en": dataset.title_en,
                "summary": dataset.summary,
                "summary_en": dataset.summary_en,
                "topic": dataset.topic,
                "schema_name": dataset.schema_name,
                "schema_version": dataset.schema_version,
                "intake": list(dataset.intake),
                "access_class": dataset.access_class,
                "restriction_basis": dataset.restriction_basis or "Peragaan (sintetis)",
                **changes,
            }
            said["access_class"] = AccessClass(said["access_class"])
            with unit_of_work(_app(hub).state.engine) as session:
                datasets.create(
                    session,
                    dataset.agency,
                    dataset.slug,
                    datasets.Description(**said),
                    standards.find(session, dataset.schema_name, dataset.schema_version),
                    agency_name=dataset.agency,
                    now=real_now(),
                )

    return enter


@pytest.fixture(scope="session")
def served() -> Callable[[str], list[dict[str, Any]]]:
    """The real rows of a dataset of the demonstration that is served as NDJSON."""
    return lambda name: [json.loads(line) for line in regency().dataset(name).served().splitlines()]


@pytest.fixture(scope="session")
def ndjson() -> Callable[[list[dict[str, Any]]], bytes]:
    return lambda rows: b"\n".join(json.dumps(row).encode() for row in rows)


@pytest.fixture(scope="session")
def csv_of() -> Callable[[list[dict[str, Any]]], bytes]:
    """Rows as a CSV file: nulls become empty cells, everything else its text."""

    def write(rows: list[dict[str, Any]]) -> bytes:
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()

    return write


@pytest.fixture
def publish(
    make_client: Callable[..., TestClient], reviewed: Callable[[str], None]
) -> Callable[..., None]:
    """Publish a schema of texts under an agency's code and enter its dataset, open to all agencies.

    Personal columns are reviewed, so that rows can be sent.
    """

    def make(name: str, columns: dict[str, dict[str, Any]], **keywords: Any) -> None:
        agency, _, slug = name.partition("/")
        body = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"https://simpul.invalid/schemas/{name}/1.0.0.json",
            "title": slug,
            "type": "object",
            "properties": {column: {"type": "string", **said} for column, said in columns.items()},
            "required": list(columns),
            "additionalProperties": False,
            **keywords,
        }
        steward = make_client("steward", agency)
        answer = steward.post(f"/api/v1/schemas/{name}/versions", content=json.dumps(body))
        assert answer.status_code == 201, answer.text
        entered = steward.post(
            "/api/v1/datasets",
            json={
                "agency": agency,
                "slug": slug,
                "title": slug,
                "schema": f"{name}/1.0.0",
                "access_class": "BERBAGI",
                "personal_data": "umum" if "x-data-pribadi" in json.dumps(body) else "tidak",
            },
        )
        assert entered.status_code == 201, entered.text
        if "x-data-pribadi" in json.dumps(body):
            reviewed(name)

    return make


@pytest.fixture
def reviewed(make_client: Callable[..., TestClient]) -> Callable[[str], None]:
    """Have the new fields of a dataset reviewed by the walidata, who stands in for every reviewer."""

    def review(name: str) -> None:
        walidata = make_client("walidata", "dkisp")
        sent = walidata.post("/api/v1/reviews", json={"dataset": name})
        assert sent.status_code == 201, sent.text
        path = f"/api/v1/reviews/{sent.json()['review']['id']}/moves"
        agreed = walidata.post(path, json={"event": "setuju"})
        assert agreed.json()["state"] == "disetujui", agreed.text

    return review
