"""People as the walidata looks at them: who they are, where they sit, how they come in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from hub.agencies.models import HolderKind, Holding, Post
from hub.agencies.roles import Role
from hub.auth import one_time, second_factor, sessions
from hub.auth.credentials import SessionLimits
from hub.auth.entry_codes import EntryCode
from hub.auth.models import LoginSession, Person
from hub.auth.second_factor import State
from hub.auth.service import the_person


@dataclass(frozen=True)
class Seat:
    """A post with one person's holding of it."""

    holding: Holding
    post: Post

    def is_open(self, now: datetime) -> bool:
        """Held now, or later."""
        return self.holding.until is None or self.holding.until > now


@dataclass(frozen=True)
class Line:
    """One person in a list, with the posts she holds now or later."""

    person: Person
    seats: Sequence[Seat]


@dataclass(frozen=True)
class Standing:
    """All about one account. `last_sign_in` is of the last thirty days; `code_until` of an unused code."""

    person: Person
    seats: Sequence[Seat]
    past: Sequence[Seat]
    sessions: int
    last_sign_in: datetime | None
    factor: State
    code_until: datetime | None

    @property
    def has_password(self) -> bool:
        return bool(self.person.password_hash)


def search(
    session: Session,
    *,
    words: str = "",
    agency: str = "",
    now: datetime,
    after: str | None = None,
    limit: int = 100,
) -> list[Line]:
    """People by username whose name or username holds every word; of one agency when it is named."""
    wanted = select(Person).order_by(col(Person.username)).limit(limit)
    for word in words.casefold().split():
        wanted = wanted.where(
            or_(
                func.lower(Person.name).contains(word, autoescape=True),
                func.lower(Person.username).contains(word, autoescape=True),
            )
        )
    if agency:
        members = (
            select(Holding.holder)
            .join(Post, col(Post.id) == col(Holding.post))
            .where(Holding.holder_kind == HolderKind.PERSON, Post.agency == agency, _open(now))
        )
        wanted = wanted.where(col(Person.id).in_(members))
    if after is not None:
        wanted = wanted.where(col(Person.username) > after)
    found = session.exec(wanted).all()
    seats = _seats(session, [person.id for person in found])
    return [
        Line(person, [s for s in seats.get(person.id, []) if s.is_open(now)]) for person in found
    ]


def standing_of(session: Session, person: str, limits: SessionLimits, *, now: datetime) -> Standing:
    """Raise NotFound."""
    found = the_person(session, person)
    seats = _seats(session, [person]).get(person, [])
    last = select(func.max(LoginSession.created_at)).where(LoginSession.person == person)
    return Standing(
        person=found,
        seats=[seat for seat in seats if seat.is_open(now)],
        past=[seat for seat in seats if not seat.is_open(now)],
        sessions=len(sessions.list_sessions(session, person, limits, now=now, limit=1000)),
        last_sign_in=session.exec(last).one(),
        factor=second_factor.state_of(session, person),
        code_until=one_time.open_until(session, person, now=now),
    )


def holders_of(session: Session, posts: Iterable[str], *, now: datetime) -> dict[str, list[Seat]]:
    """By post: who among people holds it now or later."""
    found = session.exec(
        select(Holding, Post)
        .join(Post, col(Post.id) == col(Holding.post))
        .where(Holding.holder_kind == HolderKind.PERSON, col(Post.id).in_(list(posts)), _open(now))
        .order_by(col(Holding.since))
    ).all()
    by_post: dict[str, list[Seat]] = {}
    for holding, post in found:
        by_post.setdefault(post.id, []).append(Seat(holding, post))
    return by_post


def names_of_people(session: Session, ids: Iterable[str]) -> dict[str, str]:
    found = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(set(ids))))
    return dict(found.all())


def _open(now: datetime) -> ColumnElement[bool]:
    return or_(col(Holding.until).is_(None), col(Holding.until) > now)


def _seats(session: Session, people: Sequence[str]) -> dict[str, list[Seat]]:
    """By person, the one held longest first."""
    found = session.exec(
        select(Holding, Post)
        .join(Post, col(Post.id) == col(Holding.post))
        .where(Holding.holder_kind == HolderKind.PERSON, col(Holding.holder).in_(people))
        .order_by(col(Holding.since), col(Holding.id))
    ).all()
    by_person: dict[str, list[Seat]] = {}
    for holding, post in found:
        by_person.setdefault(holding.holder, []).append(Seat(holding, post))
    return by_person


def with_role(
    session: Session, role: Role, *, agency: str = "", now: datetime, limit: int
) -> list[Line]:
    """People who hold such a post now or later and whose accounts are on, by agency and title."""
    wanted = (
        select(Person, Holding, Post)
        .join(Holding, col(Holding.holder) == col(Person.id))
        .join(Post, col(Post.id) == col(Holding.post))
        .where(
            Holding.holder_kind == HolderKind.PERSON,
            Post.role == role,
            col(Person.active),
            _open(now),
        )
        .order_by(col(Post.agency), col(Post.title), col(Person.username))
        .limit(limit)
    )
    if agency:
        wanted = wanted.where(Post.agency == agency)
    lines: dict[str, Line] = {}
    for person, holding, post in session.exec(wanted):
        seats = (*(lines[person.id].seats if person.id in lines else ()), Seat(holding, post))
        lines[person.id] = Line(person, seats)
    return list(lines.values())


def codes_of(session: Session, people: Sequence[str], *, now: datetime) -> dict[str, datetime]:
    """Until when a code lies about that was not used, by person."""
    wanted = select(EntryCode.person, EntryCode.expires_at).where(
        col(EntryCode.person).in_(people),
        col(EntryCode.used_at).is_(None),
        EntryCode.expires_at > now,
    )
    return dict(session.exec(wanted).all())
