"""Who has to prove herself twice, and what a person does about her second proof. With ledger entries."""

from datetime import datetime

from sqlmodel import Session, col, exists, or_, select

from hub.agencies.models import HolderKind, Holding, Post
from hub.agencies.principal import Principal, actor_of
from hub.agencies.roles import Role
from hub.auth import entering, second_factor
from hub.auth.caller import Caller
from hub.auth.entering import Demand, SignedIn, Way
from hub.auth.service import the_person
from hub.errors import NotFound
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger
from hub.settings import Settings


def demanded_of(settings: Settings, *, now: datetime) -> Demand:
    """The instance's demand on whoever holds one of certain roles at the moment, or will later."""
    roles = [Role(name) for name in settings.second_factor_roles]

    def holds_one(session: Session, person: str) -> bool:
        held = (
            select(Holding.id)
            .join(Post, col(Post.id) == col(Holding.post))
            .where(
                Holding.holder_kind == HolderKind.PERSON,
                Holding.holder == person,
                or_(col(Holding.until).is_(None), col(Holding.until) > now),
                col(Post.role).in_(roles),
            )
        )
        return bool(roles) and session.exec(select(exists(held))).one()

    return holds_one


def set_up(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    key: bytes,
    code: str,
    *,
    caller: Caller,
    now: datetime,
) -> tuple[SignedIn, list[str]]:
    """She has an app from now on; her sign-in goes on under a new secret. With the codes for paper."""
    codes = second_factor.confirm(session, key, actor.id, code, now=now)
    _record(session, ledger, actor_of(actor), actor.id, "factor.added")
    return entering.renew(session, _session_of(actor), Way(caller), now=now), codes


def set_up_on_the_way_in(
    session: Session, ledger: Ledger, key: bytes, secret: str, code: str, way: Way, *, now: datetime
) -> tuple[SignedIn, list[str]]:
    """The same for somebody who is halfway in and may not come further without."""
    signed_in, codes = entering.finish_with_new_app(
        session, key, secret, code, caller=way.caller, now=now
    )
    _record(session, ledger, Actor(person=signed_in.person), signed_in.person, "factor.added")
    return signed_in, codes


def renew_codes(
    session: Session, ledger: Ledger, actor: Principal, key: bytes, code: str, *, now: datetime
) -> list[str]:
    """Ten new codes for paper, for a code of the app (or the last one from paper)."""
    second_factor.check(session, key, actor.id, code, now=now)
    _record(session, ledger, actor_of(actor), actor.id, "factor.codes")
    return second_factor.renew_recovery_codes(session, actor.id)


def take_off(
    session: Session, ledger: Ledger, actor: Principal, key: bytes, code: str, *, now: datetime
) -> None:
    """She does without; who has to prove herself twice sets up another app at her next sign-in."""
    second_factor.check(session, key, actor.id, code, now=now)
    second_factor.remove(session, actor.id)
    _record(session, ledger, actor_of(actor), actor.id, "factor.removed")


def reset(session: Session, ledger: Ledger, by: Actor, person: str) -> None:
    """The walidata takes a lost app away; raise NotFound when there is none."""
    the_person(session, person)
    if not second_factor.remove(session, person):
        raise NotFound("Orang ini tidak memakai bukti kedua.", "This person has no second factor.")
    _record(session, ledger, by, person, "factor.reset")


def _session_of(actor: Principal) -> str:
    assert actor.identity.session_id is not None  # noqa: S101 - only pages of a session come here
    return actor.identity.session_id


def _record(session: Session, ledger: Ledger, by: Actor, person: str, kind: str) -> None:
    ledger.record(session, kind=kind, actor=by, target=Target("person", person))
