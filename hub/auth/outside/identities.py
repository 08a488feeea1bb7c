"""Whom a provider's subject stands for here. Never found by e-mail or name: those can be chosen."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from hub.auth.factors import OutsideIdentity
from hub.auth.models import Person
from hub.errors import Conflict, NotFound


def person_behind(session: Session, issuer: str, subject: str, *, now: datetime) -> Person | None:
    """The person who was joined to this identity, which was seen now."""
    identity = session.get(OutsideIdentity, (issuer, subject))
    if identity is None:
        return None
    identity.seen_at = now
    return session.get_one(Person, identity.person)


def join(
    session: Session, person: str, issuer: str, subject: str, *, now: datetime
) -> tuple[OutsideIdentity, bool]:
    """From now on this identity opens this account; with whether that is new.

    Conflict when it opens somebody else's.
    """
    there = session.get(OutsideIdentity, (issuer, subject))
    if there is not None:
        if there.person != person:
            raise _taken()
        return there, False
    made = OutsideIdentity(issuer=issuer, subject=subject, person=person, created_at=now)
    session.add(made)
    try:
        session.flush()  # of two accounts at once one gets it
    except IntegrityError as error:
        raise _taken() from error
    return made, True


def part(session: Session, person: str, issuer: str, subject: str) -> None:
    """This identity opens the account no more; raise NotFound when it did not."""
    there = session.get(OutsideIdentity, (issuer, subject))
    if there is None or there.person != person:
        raise NotFound("Tidak ada identitas itu.", "There is no such identity.")
    session.delete(there)


def of_person(session: Session, person: str) -> Sequence[OutsideIdentity]:
    """By issuer and subject."""
    return session.exec(
        select(OutsideIdentity)
        .where(OutsideIdentity.person == person)
        .order_by(col(OutsideIdentity.issuer), col(OutsideIdentity.subject))
    ).all()


def _taken() -> Conflict:
    return Conflict(
        "Identitas ini sudah membuka akun lain.", "This identity opens another account already."
    )
