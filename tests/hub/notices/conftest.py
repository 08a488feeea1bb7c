"""A control plane with agencies, posts and the people on them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.auth.models import Person
from hub.calendar import real_now
from hub.db import open_engine, unit_of_work
from hub.notices.telling import Message

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
