"""HTTP of the walidata's desk: people as they stand, and codes with which they come in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, status
from fastapi import Path as InPath
from pydantic import AwareDatetime, BaseModel

from hub.agencies import entry, handover, people
from hub.agencies.actor import WalidataDep
from hub.agencies.people import Seat, Standing
from hub.agencies.principal import actor_of
from hub.agencies.shapes import HoldingOut, Name, PersonOut, PostOut, Strict, holding_out, post_out
from hub.auth.authenticate import limits_of
from hub.auth.sealing import key_from
from hub.calendar import real_now
from hub.deps import ReadingDep, SessionDep, SettingsDep
from hub.ledger.deps import LedgerDep

router = APIRouter(tags=["accounts"])

PersonId = Annotated[str, InPath(max_length=64)]


class SeatOut(BaseModel):
    post: PostOut
    holding: HoldingOut


class StandingOut(PersonOut):
    """`last_sign_in` is of the last thirty days; `code_until` is of a code that was not used yet."""

    has_password: bool
    seats: list[SeatOut]
    past: list[SeatOut]
    sessions: int
    last_sign_in: datetime | None
    second_factor_since: datetime | None
    recovery_codes_left: int
    code_until: datetime | None


class CodeIn(Strict):
    reset: bool = False


class CodeOut(BaseModel):
    """`code` is in this answer and nowhere else."""

    person: str
    code: str
    expires_at: datetime


@router.get("/people/{person}")
def person(
    session: ReadingDep, settings: SettingsDep, actor: WalidataDep, person: PersonId
) -> StandingOut:
    """One person: her posts, her open sign-ins, how she proves herself (walidata)."""
    return _standing_out(people.standing_of(session, person, limits_of(settings), now=real_now()))


@router.post("/people/{person}/entry-code", status_code=status.HTTP_201_CREATED)
def hand_out(
    session: SessionDep,
    settings: SettingsDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    person: PersonId,
    body: CodeIn,
) -> CodeOut:
    """A one-time code with which she chooses a password; earlier ones open nothing (walidata)."""
    made = entry.hand_out(
        session,
        ledger,
        actor_of(actor),
        key_from(settings.secret_key, settings.keys),
        person,
        days=settings.entry_code_days,
        now=real_now(),
        reset=body.reset,
    )
    return CodeOut.model_validate(made, from_attributes=True)


class HandOverIn(Strict):
    """`taker` is a person's id; without `since` the post passes now."""

    taker: Name
    since: AwareDatetime | None = None


class HandedOut(BaseModel):
    """`moved` counts what changed its owner; `signed_out` says that the giver is out altogether."""

    ended: HoldingOut
    begun: HoldingOut
    moved: int
    signed_out: bool


@router.post("/holdings/{holding}/hand-over")
def hand_over(
    request: Request,
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    holding: PersonId,
    body: HandOverIn,
) -> HandedOut:
    """A post passes to a successor at one instant, with the queries shared from it (walidata)."""
    now = real_now()
    done = handover.hand_over(
        session,
        ledger,
        actor_of(actor),
        holding,
        taker=body.taker,
        since=body.since or now,
        now=now,
        movers=request.app.state.movers,
    )
    return HandedOut(
        ended=holding_out(done.ended),
        begun=holding_out(done.begun),
        moved=done.moved,
        signed_out=done.signed_out,
    )


def _seat_out(seat: Seat) -> SeatOut:
    return SeatOut(post=post_out(seat.post), holding=holding_out(seat.holding))


def _standing_out(standing: Standing) -> StandingOut:
    found = standing.person
    return StandingOut(
        id=found.id,
        username=found.username,
        name=found.name,
        email=found.email,
        active=found.active,
        created_at=found.created_at,
        has_password=standing.has_password,
        seats=[_seat_out(seat) for seat in standing.seats],
        past=[_seat_out(seat) for seat in standing.past],
        sessions=standing.sessions,
        last_sign_in=standing.last_sign_in,
        second_factor_since=standing.factor.since,
        recovery_codes_left=standing.factor.codes_left,
        code_until=standing.code_until,
    )
