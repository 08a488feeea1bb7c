"""A post passes from one person to the next, with what was left open on it, at one instant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select, update

from hub.agencies import service
from hub.agencies.models import HolderKind, Holding, Post
from hub.auth import one_time
from hub.auth.models import PersonalToken
from hub.auth.service import sign_out_everywhere, the_person
from hub.errors import Conflict, InvalidInput, NotFound
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger


@dataclass(frozen=True)
class Passing:
    """Who hands what to whom, and from when on."""

    post: Post
    giver: str
    taker: str
    since: datetime


Mover = Callable[[Session, Passing], int]
"""Moves what lies with the giver, in her own name, to the taker; how many things."""


@dataclass(frozen=True)
class Handed:
    """Both holdings, how many things moved, and whether the giver is out altogether."""

    ended: Holding
    begun: Holding
    moved: int
    signed_out: bool


def hand_over(
    session: Session,
    ledger: Ledger,
    by: Actor,
    holding_id: str,
    *,
    taker: str,
    since: datetime,
    now: datetime,
    movers: Sequence[Mover] = (),
) -> Handed:
    """End one holding and begin the next at `since`; Conflict when it ends before that already.

    Whoever holds no other post after that is signed out everywhere, and her tokens end, when `since` is
    now. Later than now they lose what the post opened by themselves: posts are looked at with every use.
    """
    holding = session.get(Holding, holding_id, with_for_update=True)
    if holding is None or holding.holder_kind is not HolderKind.PERSON:
        raise NotFound("Tidak ada pemangku itu.", "There is no such holding.")
    since = max(since, now)
    _refuse(session, holding, taker, since)
    post = service.the_post(session, holding.post)
    begun = service.begin_holding(
        session,
        ledger,
        by,
        post=post.id,
        holder_kind=HolderKind.PERSON,
        holder=taker,
        since=since,
        until=holding.until,
    )
    holding.until = since
    session.flush()  # what is left to the giver is looked at next
    target = Target("holding", holding.id, owner=post.agency)
    ledger.record(session, kind="post.left", actor=by, target=target)
    passing = Passing(post, holding.holder, taker, since)
    moved = sum(move(session, passing) for move in movers)
    out = since <= now and not _holds_any(session, holding.holder, now)
    if out:
        _put_out(session, holding.holder, now)
    ledger.record(
        session,
        kind="post.handed_over",
        actor=by,
        target=Target("post", post.id, owner=post.agency),
        counts={"moved": moved},
    )
    return Handed(holding, begun, moved, out)


def _refuse(session: Session, holding: Holding, taker: str, since: datetime) -> None:
    if holding.until is not None and holding.until <= since:
        raise Conflict(
            "Masa jabatan ini sudah berakhir pada saat itu.", "This holding has ended by then."
        )
    if holding.since >= since:
        raise Conflict(
            "Masa jabatan ini belum mulai pada saat itu.", "This holding has not begun by then."
        )
    if taker == holding.holder:
        raise InvalidInput(
            "Penggantinya orang yang sama. Pilih orang lain.",
            "The successor is the same person. Choose another.",
            field="taker",
        )
    if not the_person(session, taker).active:
        raise Conflict(
            "Akun penggantinya nonaktif; aktifkan dahulu.",
            "The successor's account is off; switch it on first.",
            field="taker",
        )


def _holds_any(session: Session, person: str, now: datetime) -> bool:
    held = select(Holding.id).where(
        Holding.holder_kind == HolderKind.PERSON,
        Holding.holder == person,
        or_(col(Holding.until).is_(None), col(Holding.until) > now),
    )
    return session.exec(held).first() is not None


def _put_out(session: Session, person: str, now: datetime) -> None:
    sign_out_everywhere(session, person)
    one_time.withdraw(session, person)
    session.exec(
        update(PersonalToken)
        .where(col(PersonalToken.person) == person, col(PersonalToken.revoked_at).is_(None))
        .values(revoked_at=now)
    )
