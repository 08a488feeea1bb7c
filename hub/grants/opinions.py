"""Who is heard before specific personal data is given: named seats, each once, each within a term.

The producer decides, and is bound by none of them; but it decides knowing what they said. Who says
nothing in the term is on record as having given no opinion, so that silence holds nobody up.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlmodel import Session, select

from hub.agencies.principal import Principal, actor_of
from hub.auth import scopes
from hub.calendar import real_now
from hub.errors import Conflict, InvalidInput, NotPermitted
from hub.grants.models import AccessRequest, RequestOpinion
from hub.grants.questions import BOOK, kind_of_request
from hub.ledger.entry import HUB, Actor, Target
from hub.proceedings import parties
from hub.proceedings.clocks import Days
from hub.proceedings.machine import SHORTEST_REASON
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.procedure import Words
from hub.rules import mandates
from hub.rules import service as rules

AGREES, OBJECTS, NOTES, NONE_GIVEN = "setuju", "keberatan", "catatan", "tidak_berpendapat"
GIVEN = (AGREES, OBJECTS, NOTES)


@dataclass(frozen=True)
class Seat:
    """One who is heard: `party` as the procedures name parties."""

    name: str
    party: str
    title: Words
    source: str


@dataclass(frozen=True)
class Heard:
    """A seat with what it said; None while it is awaited, until `due_at`."""

    seat: Seat
    said: RequestOpinion | None
    due_at: datetime

    def open_at(self, now: datetime) -> bool:
        return self.said is None and now <= self.due_at


def seats(session: Session, request: AccessRequest) -> list[Seat]:
    """Who is heard on this request, by the class of what it asks; nobody for most."""
    told = rules.current(session, BOOK).body["opinions"]
    if kind_of_request(session, request).value not in told["classes"]:
        return []
    return [
        Seat(
            one["seat"], one["party"], Words(one["title"]["id"], one["title"]["en"]), one["source"]
        )
        for one in told["seats"]
    ]


def heard(session: Session, office: Office, request: AccessRequest) -> list[Heard]:
    """Every seat in the book's order, with what it said and until when it may."""
    found = select(RequestOpinion).where(RequestOpinion.request == request.id)
    by_seat = {opinion.seat: opinion for opinion in session.exec(found)}
    due = due_at(session, office, request)
    return [Heard(seat, by_seat.get(seat.name), due) for seat in seats(session, request)]


def due_at(session: Session, office: Office, request: AccessRequest) -> datetime:
    """16.00 on the last day on which an opinion is waited for; local time."""
    days = rules.current(session, BOOK).body["opinions"]["days"]["value"]
    since = request.created_at.astimezone(office.clock.zone)
    return Days(office.clock.local()).end_of(since, days)


def sits(session: Session, principal: Principal) -> bool:
    """Whether the caller holds any seat at all."""
    told = rules.current(session, BOOK).body["opinions"]["seats"]
    return principal.can(scopes.REQUEST_DECIDE) and any(
        principal.has(parties.WALIDATA)
        if one["party"] == parties.WALIDATA
        else mandates.carries(session, principal, one["party"].partition(".")[2])
        for one in told
    )


def may_say(session: Session, principal: Principal, request: AccessRequest, seat: Seat) -> bool:
    """Whether the caller sits there; not for a request of his own."""
    proceeding = session.get_one(Proceeding, request.id)
    return (
        principal.can(scopes.REQUEST_DECIDE)
        and parties.speaks(session, principal, proceeding, seat.party)
        and request.requester != principal.id
        and not (request.agency is not None and principal.is_member_of(request.agency))
    )


def say(
    session: Session,
    office: Office,
    principal: Principal,
    request: AccessRequest,
    seat_name: str,
    opinion: str,
    text: str,
) -> RequestOpinion:
    """Give the opinion of a seat, once and in time.

    Raises InvalidInput (no such seat or opinion, nothing said of why), NotPermitted, Conflict.
    """
    principal.must(scopes.REQUEST_DECIDE)
    one = _seat(session, office, request, seat_name)
    if not may_say(session, principal, request, one.seat):
        raise NotPermitted(
            f"Pendapat {one.seat.title.id} diberikan pemegang tugas itu, bukan pihak pemohon.",
            f"The opinion of the {one.seat.title.en} is given by who holds that duty, not by the asker.",
        )
    if opinion not in GIVEN:
        raise InvalidInput(
            f"Pilih salah satu pendapat: {', '.join(GIVEN)}.",
            f"Choose one of these opinions: {', '.join(GIVEN)}.",
            member="opinion",
        )
    if opinion != AGREES and len(text.strip()) < SHORTEST_REASON:
        raise InvalidInput(
            f"Keberatan atau catatan perlu ditulis, sedikitnya {SHORTEST_REASON} huruf.",
            f"An objection or a note needs to be written, at least {SHORTEST_REASON} letters.",
            member="text",
        )
    _check_open(session, office, request, one)
    actor = actor_of(principal, None)
    written = _write(session, office, request, one.seat, opinion, text.strip(), actor)
    held = {post.id: post.title for post in principal.posts}
    written.post_title = held.get(actor.post or "", "")
    return written


def check_heard(session: Session, office: Office, request: AccessRequest) -> None:
    """Before an approval: whoever let the term pass is put on record as silent.

    Raises Conflict while somebody may still speak.
    """
    everybody, now = heard(session, office, request), office.clock.now()
    awaited = [one for one in everybody if one.open_at(now)]
    if awaited:
        names_id = ", ".join(one.seat.title.id for one in awaited)
        names_en = ", ".join(one.seat.title.en for one in awaited)
        until = awaited[0].due_at
        raise Conflict(
            f"Data pribadi spesifik disetujui sesudah pendapat {names_id} masuk, atau sesudah "
            f"{until:%d-%m-%Y} pukul {until:%H.%M} bila tidak berpendapat.",
            f"Specific personal data is given once the {names_en} have spoken, or after "
            f"{until:%Y-%m-%d} {until:%H:%M} if they do not.",
            member="opinions",
            awaited=[one.seat.name for one in awaited],
        )
    for one in everybody:
        if one.said is None:
            _write(session, office, request, one.seat, NONE_GIVEN, "", HUB)


def _seat(session: Session, office: Office, request: AccessRequest, name: str) -> Heard:
    everybody = {one.seat.name: one for one in heard(session, office, request)}
    if name not in everybody:
        raise InvalidInput(
            f"Permintaan {request.id} tidak menunggu pendapat «{name}».",
            f"Request {request.id} does not wait for an opinion of «{name}».",
            member="seat",
            seats=list(everybody),
        )
    return everybody[name]


def _check_open(session: Session, office: Office, request: AccessRequest, one: Heard) -> None:
    if one.said is not None:
        raise Conflict(
            f"Pendapat {one.seat.title.id} sudah tercatat dan tidak diubah.",
            f"The opinion of the {one.seat.title.en} is on record and is not changed.",
        )
    decided = request.decided_at is not None
    if decided or session.get_one(Proceeding, request.id).ends_at is not None:
        raise Conflict(
            f"Permintaan {request.id} sudah diputus; pendapat tidak lagi ditunggu.",
            f"Request {request.id} has been decided; opinions are no longer awaited.",
        )
    if office.clock.now() > one.due_at:
        raise Conflict(
            f"Masa berpendapat atas {request.id} sudah lewat ({one.due_at:%d-%m-%Y}).",
            f"The term for opinions on {request.id} is over ({one.due_at:%Y-%m-%d}).",
        )


def _write(
    session: Session,
    office: Office,
    request: AccessRequest,
    seat: Seat,
    opinion: str,
    text: str,
    actor: Actor,
) -> RequestOpinion:
    receipt = office.ledger.record(
        session,
        kind="request.opinion",
        actor=actor,
        target=Target("request", request.id, owner=request.producer),
        outcome=opinion,
        digests={"file": sha256(f"{opinion}\n{text}".encode()).hexdigest()},
    )
    made = RequestOpinion(
        request=request.id,
        seat=seat.name,
        opinion=opinion,
        text=text,
        actor=_plain(actor),
        at=office.clock.now(),
        written_at=real_now(),
        entry=receipt.entry_id,
    )
    session.add(made)
    return made


def _plain(actor: Actor) -> dict[str, Any]:
    members = {"person": actor.person, "client": actor.client, "post": actor.post}
    return {name: value for name, value in members.items() if value}
