"""A control plane with agencies, posts and the people on them, and real receivers of what goes out."""

import asyncio
import email
import email.policy
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Session_
from sqlalchemy import Engine
from sqlmodel import Session

from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.auth.models import Person
from hub.calendar import real_now
from hub.db import open_engine, unit_of_work
from hub.notices.telling import Message
from hub.settings import Settings

AT = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
COUNT = count(1)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def make_post(engine: Engine) -> Callable[..., str]:
    """A post in an agency, with an agency when it is not there; returns its id."""

    def make(agency: str = "bpbj", role: Role = Role.STEWARD) -> str:
        with unit_of_work(engine) as session:
            if session.get(Agency, agency) is None:
                session.add(
                    Agency(code=agency, name=agency, kind=AgencyKind.OFFICE, created_at=real_now())
                )
                session.flush()  # the post refers to it
            post = Post(agency=agency, title=f"Jabatan {next(COUNT)} (sintetis)", role=role)
            session.add(post)
            return post.id

    return make


@pytest.fixture
def make_holder(engine: Engine) -> Callable[..., str]:
    """A person with an address of mail, seated on the posts that are named; returns her id."""

    def make(*posts: str, email: str | None = None) -> str:
        name = f"orang{next(COUNT)}"
        with unit_of_work(engine) as session:
            person = Person(
                username=name,
                name=f"Nama {name} (sintetis)",
                email=f"{name}@contoh.invalid" if email is None else email,
                created_at=real_now(),
            )
            session.add(person)
            session.flush()  # the holdings refer to her
            for post in posts:
                seat(session, post, person.id)
            return person.id

    return make


def seat(session: Session, post: str, person: str) -> None:
    session.add(
        Holding(
            post=post,
            holder_kind=HolderKind.PERSON,
            holder=person,
            since=real_now() - timedelta(seconds=1),
        )
    )


@pytest.fixture
def message() -> Callable[..., Message]:
    """A message of which the parts that matter are said."""

    def make(once: str = "PD-2026-000001/2/H-2", **said: object) -> Message:
        parts: dict[str, object] = {
            "once": once,
            "topic": "request.due",
            "subject_id": "Permintaan PD-2026-000001 jatuh tempo 27 Maret 2026",
            "subject_en": "Request PD-2026-000001 is due on 27 March 2026",
            "body_id": "Putuskan paling lambat pukul 16.00 WITA.",
            "body_en": "Decide by 16.00 WITA.",
            "path": "/permintaan/PD-2026-000001",
            "at": AT,
        }
        return Message(**(parts | said))  # type: ignore[arg-type]

    return make


class Letters:
    """A real mail server; `answers` are said to the next RCPT in turn, else all is taken."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.to: list[str] = []
        self.answers: list[str] = []
        self.said_to_data = "250 OK"
        self.silence = 0.0

    async def handle_RCPT(
        self, server: SMTP, session: Session_, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers and (answer := self.answers.pop(0)) != "250 OK":
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session_, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.taken.append(letter)
        self.to.extend(envelope.rcpt_tos)
        await asyncio.sleep(self.silence)
        return self.said_to_data


@dataclass
class MailHouse:
    letters: Letters
    port: int


@pytest.fixture
def open_house() -> Iterator[Callable[..., MailHouse]]:
    """A mail server on loopback; `how` is said to aiosmtpd."""
    running: list[Controller] = []

    def make(**how: Any) -> MailHouse:
        letters = Letters()
        controller = Controller(letters, hostname="127.0.0.1", port=free_port(), **how)
        controller.start()
        running.append(controller)
        return MailHouse(letters, controller.port)

    yield make
    for controller in running:
        controller.stop()


@pytest.fixture
def mail_house(open_house: Callable[..., MailHouse]) -> MailHouse:
    return open_house()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver(ThreadingHTTPServer):
    """A gateway or an agency's system; `answers` are (status, seconds of silence), then 200 at once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.heard: list[Heard] = []
        self.answers: list[tuple[int, float]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who hung up is no news here."""


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.append(Heard(self.path, headers, body))
        status, silence = self.server.answers.pop(0) if self.server.answers else (200, 0.0)
        time.sleep(silence)
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("location", "/lain")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture
def settings_for(tmp_path: Path, database_url: str) -> Callable[..., Settings]:
    def make(**said: Any) -> Settings:
        base = {
            "home": tmp_path / "home",
            "database_url": database_url,
            "public_url": "https://simpul.contoh.invalid",
            "smtp_from": "simpul@contoh.invalid",
            "smtp_starttls": False,
        }
        return Settings(**(base | said))

    return make
