"""Outside identities and the posts that a provider's roles give. Every change is a ledger entry.

A role of the provider opens nothing by itself: the walidata says which post it stands for.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, or_, select

from hub.agencies import accounts, service
from hub.agencies.models import HolderKind, Holding
from hub.agencies.outside_models import OutsideRole, OutsideSeat
from hub.auth.errors import NotKnownHere
from hub.auth.factors import OutsideIdentity
from hub.auth.models import Person
from hub.auth.outside import identities
from hub.auth.outside.flow import Proven
from hub.auth.service import plain, the_person
from hub.errors import Conflict, NotFound
from hub.ledger.entry import HUB, Actor, Target
from hub.ledger.service import Ledger

LONGEST_USERNAME = 56
_ODD = re.compile(r"[^a-z0-9._-]+")


def admit(
    session: Session, ledger: Ledger, proven: Proven, *, newcomers: bool, now: datetime
) -> Person:
    """The account behind a proven identity, on the posts that its roles give at this moment.

    Raise NotKnownHere for somebody without an account, or with one that was switched off.
    """
    person = identities.person_behind(session, proven.issuer, proven.subject, now=now)
    if person is None and newcomers:
        person = _newcomer(session, ledger, proven, now)
    if person is None or not person.active:
        raise NotKnownHere
    _seat(session, ledger, proven, person.id, now)
    return person


def join(
    session: Session,
    ledger: Ledger,
    by: Actor,
    person: str,
    issuer: str,
    subject: str,
    *,
    now: datetime,
) -> OutsideIdentity:
    """This identity opens the account of this person from now on."""
    the_person(session, person)
    joined, is_new = identities.join(session, person, issuer, subject, now=now)
    if is_new:
        _record(session, ledger, by, person, "identity.joined")
    return joined


def part(
    session: Session, ledger: Ledger, by: Actor, person: str, issuer: str, subject: str
) -> None:
    identities.part(session, person, issuer, subject)
    _record(session, ledger, by, person, "identity.parted")


def list_roles(
    session: Session, *, after: str | None = None, limit: int = 100
) -> Sequence[OutsideRole]:
    """By id, from the one after `after`."""
    wanted = select(OutsideRole).order_by(col(OutsideRole.id)).limit(limit)
    if after is not None:
        wanted = wanted.where(col(OutsideRole.id) > after)
    return session.exec(wanted).all()


def add_role(
    session: Session, ledger: Ledger, by: Actor, *, provider: str, value: str, post: str
) -> OutsideRole:
    """From its next sign-in on, whoever brings this role sits on this post."""
    agency = service.the_post(session, post).agency
    role = OutsideRole(provider=provider, value=value, post=post)
    session.add(role)
    try:
        session.flush()  # the same pair twice meets itself here
    except IntegrityError as error:
        raise Conflict("Pemetaan ini sudah ada.", "This mapping is there already.") from error
    target = Target("outside_role", role.id, owner=agency)
    ledger.record(session, kind="outside_role.added", actor=by, target=target)
    return role


def remove_role(
    session: Session, ledger: Ledger, by: Actor, role_id: str, *, now: datetime
) -> None:
    """Take a mapping away, and at once the seats that it alone gave."""
    role = session.get(OutsideRole, role_id)
    if role is None:
        raise NotFound("Tidak ada pemetaan itu.", "There is no such mapping.")
    agency = service.the_post(session, role.post).agency
    session.delete(role)
    session.flush()  # what is left must not count this one
    target = Target("outside_role", role_id, owner=agency)
    ledger.record(session, kind="outside_role.removed", actor=by, target=target)
    others = select(OutsideRole).where(
        OutsideRole.provider == role.provider, OutsideRole.post == role.post
    )
    if session.exec(others).first() is None:
        for holding in _seats(session, role.provider, now):
            if holding.post == role.post:
                service.end_holding(session, ledger, by, holding.id, now=now)


def _newcomer(session: Session, ledger: Ledger, proven: Proven, now: datetime) -> Person:
    """An account without a password. A name that is taken gets a number: names prove nothing."""
    made = accounts.create_person(
        session,
        ledger,
        HUB,
        username=_free(session, proven.username),
        name=proven.name,
        email=proven.email,
        now=now,
    )
    join(session, ledger, HUB, made.id, proven.issuer, proven.subject, now=now)
    return made


def _free(session: Session, told: str) -> str:
    """What comes before an @, in the letters that a user name has here, with a number when it is taken."""
    letters = _ODD.sub("-", plain(told).partition("@")[0]).strip("-._")[:LONGEST_USERNAME]
    wanted = letters if len(letters) > 1 else "orang"
    taken = set(
        session.exec(
            select(Person.username).where(col(Person.username).startswith(wanted, autoescape=True))
        )
    )
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _seat(session: Session, ledger: Ledger, proven: Proven, person: str, now: datetime) -> None:
    """Begin what her roles give and end what they gave before; posts given by hand stay."""
    given = set(
        session.exec(
            select(OutsideRole.post).where(
                OutsideRole.provider == proven.provider, col(OutsideRole.value).in_(proven.roles)
            )
        )
    )
    by = HUB
    for holding in _seats(session, proven.provider, now, person):
        if holding.post not in given:
            service.end_holding(session, ledger, by, holding.id, now=now)
    for post in sorted(given - _held(session, person, now)):
        holding = service.begin_holding(
            session,
            ledger,
            by,
            post=post,
            holder_kind=HolderKind.PERSON,
            holder=person,
            since=now,
        )
        session.add(OutsideSeat(holding=holding.id, provider=proven.provider))


def _seats(
    session: Session, provider: str, now: datetime, person: str | None = None
) -> Sequence[Holding]:
    """Holdings that came of this provider's roles and have not ended."""
    wanted = (
        select(Holding)
        .join(OutsideSeat, col(OutsideSeat.holding) == col(Holding.id))
        .where(
            OutsideSeat.provider == provider,
            or_(col(Holding.until).is_(None), col(Holding.until) > now),
        )
    )
    if person is not None:
        wanted = wanted.where(Holding.holder == person, Holding.holder_kind == HolderKind.PERSON)
    return session.exec(wanted).all()


def _held(session: Session, person: str, now: datetime) -> set[str]:
    return set(
        session.exec(
            select(Holding.post).where(
                Holding.holder == person,
                Holding.holder_kind == HolderKind.PERSON,
                or_(col(Holding.until).is_(None), col(Holding.until) > now),
            )
        )
    )


def _record(session: Session, ledger: Ledger, by: Actor, person: str, kind: str) -> None:
    ledger.record(session, kind=kind, actor=by, target=Target("person", person))
