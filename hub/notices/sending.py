"""Sending what is due: taken one by one, sent outside of any transaction, tried for 24 hours.

A sender that is killed between the receiver's yes and our commit sends again: the twin carries the
same Message-ID, Idempotency-Key or webhook-id, by which the receiver drops it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

import structlog
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from hub.auth import sealing
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import Unavailable
from hub.notices import addressing
from hub.notices.addressing import LONGEST, NO_ADDRESS
from hub.notices.channels import Channels, NotSent, Parcel
from hub.notices.models import Channel, Notice, Outgoing, OutgoingState, Webhook
from hub.notices.webhooks import SECRET, seal_name

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
"""Longer than one attempt takes; after it another sender may take the row."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=4)
PAUSE = timedelta(minutes=1)
"""For which nobody knocks where somebody just had no answer."""
RUN = timedelta(seconds=20)
"""After this a run takes no more; the next tick goes on."""
LANES = {Channel.SMTP: 1, Channel.PHONE: 1, Channel.WEBHOOK: 4}
"""Attempts at once, so that an agency that is slow to answer holds up only its own notices."""
LEFT_POST = "left-post"
NO_WEBHOOK = "no-webhook"
OTHER_KEY = "other-key"
TABLE = Outgoing.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def send_due(
    engine: Engine,
    channels: Channels,
    channel: Channel,
    *,
    key: bytes,
    clock: Callable[[], datetime] = real_now,
    going: Callable[[], bool] = lambda: True,
) -> int:
    """Send what is due on one channel; returns how many attempts were made.

    `key` opens the secrets of webhooks; nothing new is taken once `going` says no. Any number of workers may run this at the same time.
    """
    if channel not in channels.open or not _any_due(engine, channel, clock()):
        return 0
    lane = _Lane(engine, channels, channel, key, clock, going)
    with ThreadPoolExecutor(LANES[channel]) as pool:
        return sum(run.result() for run in [pool.submit(lane.work) for _ in range(LANES[channel])])


def _any_due(engine: Engine, channel: Channel, now: datetime) -> bool:
    """Without the write lock, which an idle tick does not take."""
    with reading(engine) as session:
        due = select(Outgoing.id).where(Outgoing.channel == channel, col(Outgoing.next_at) <= now)
        return session.exec(due.limit(1)).first() is not None


def wait_after(attempts: int) -> timedelta:
    """30 s, doubled with every attempt, up to 4 h."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_WAIT)


class _Lane:
    """One run over one channel; its threads never call the same target twice at once."""

    def __init__(
        self,
        engine: Engine,
        channels: Channels,
        channel: Channel,
        key: bytes,
        clock: Callable[[], datetime],
        going: Callable[[], bool],
    ) -> None:
        self.engine, self.channels, self.channel = engine, channels, channel
        self.key, self.clock, self._going = key, clock, going
        self._busy: set[str] = set()
        self._lock = Lock()
        self._until = clock() + RUN

    def work(self) -> int:
        done = 0
        while self._has_time() and (parcel := self._next()) is not None:
            try:
                self._attempt(parcel)
            finally:
                with self._lock:
                    self._busy.discard(parcel.target)
            done += 1
        return done

    def _has_time(self) -> bool:
        return self._going() and self.clock() < self._until

    def _next(self) -> Parcel | None:
        with self._lock:
            parcel = claim(
                self.engine,
                self.channels,
                self.channel,
                key=self.key,
                but=frozenset(self._busy),
                now=self.clock(),
            )
            if parcel is not None:
                self._busy.add(parcel.target)
            return parcel

    def _attempt(self, parcel: Parcel) -> None:
        try:
            self.channels.open[self.channel].send(self.channels.house, parcel, self.clock())
        except NotSent as error:
            log.info(
                "notice.not_sent", outgoing=parcel.id, channel=self.channel, reason=error.reason
            )
            note_failure(self.engine, parcel, error, now=self.clock())
        else:
            note_sent(self.engine, parcel, now=self.clock())


def claim(
    engine: Engine,
    channels: Channels,
    channel: Channel,
    *,
    key: bytes,
    but: frozenset[str] = frozenset(),
    now: datetime,
) -> Parcel | None:
    """Take the row that has waited longest, for the time of a lease; None when nothing is due.

    Rows whose person has left the post go over to whoever holds it now.
    """
    while True:
        with unit_of_work(engine) as session:
            row = session.exec(
                select(Outgoing)
                .where(
                    Outgoing.channel == channel,
                    col(Outgoing.next_at) <= now,
                    col(Outgoing.target).not_in(but),
                )
                .order_by(col(Outgoing.next_at), col(Outgoing.id))
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return None
            parcel = _parcel(session, channels, row, key, now)
            if parcel is not None:
                return parcel


def _parcel(
    session: Session, channels: Channels, row: Outgoing, key: bytes, now: datetime
) -> Parcel | None:
    """What to send now, the row taken; None when there is nowhere to send it, and the row ended."""
    notice = session.get_one(Notice, row.notice)
    way = (
        _to_agency(session, row, key)
        if row.channel is Channel.WEBHOOK
        else _to_person(session, channels, row, notice, now)
    )
    if isinstance(way, str):
        row.state, row.next_at, row.last_error = OutgoingState.UNSENT, None, way
        return None
    row.attempts += 1
    row.next_at = now + LEASE
    row.address = way.address
    return Parcel(
        row.id,
        row.attempts,
        row.channel,
        notice,
        row.target,
        way.address,
        name=way.name,
        secret=way.secret,
    )


@dataclass(frozen=True)
class _Way:
    address: str
    name: str = ""
    secret: str = field(default="", repr=False)


def _to_agency(session: Session, row: Outgoing, key: bytes) -> _Way | str:
    """Or the reason why not, as `_to_person`."""
    hook = session.get(Webhook, row.target)
    if hook is None:
        return NO_WEBHOOK
    try:
        secret = sealing.unseal(key, seal_name(hook.agency), hook.secret)[SECRET]
    except Unavailable:  # sealed under another key: one agency's trouble, not everybody's
        return OTHER_KEY
    return _Way(hook.url, secret=secret)


def _to_person(
    session: Session, channels: Channels, row: Outgoing, notice: Notice, now: datetime
) -> _Way | str:
    people = {person.id: person for person in addressing.people_of(session, notice, now=now)}
    if row.target not in people:
        for heir in people.values():
            if row.channel in addressing.ways_to(session, heir):
                addressing.write(session, channels, notice.id, row.channel, heir.id, now=now)
        return LEFT_POST
    person = people[row.target]
    address = addressing.address_of(session, person, row.channel)
    return _Way(address, name=person.name) if address else NO_ADDRESS


def note_sent(engine: Engine, parcel: Parcel, *, now: datetime) -> None:
    """Whoever sent it: a twin that another sender has under way is then not tried again."""
    with unit_of_work(engine) as session:
        session.connection().execute(
            update(TABLE)
            .where(TABLE.c.id == parcel.id)
            .values(state=OutgoingState.SENT, sent_at=now, next_at=None, last_error="")
        )


def note_failure(engine: Engine, parcel: Parcel, error: NotSent, *, now: datetime) -> None:
    """Set the next attempt, or give up; an attempt that lost its lease says nothing any more."""
    with unit_of_work(engine) as session:
        row = session.get_one(Outgoing, parcel.id, with_for_update=True)
        if row.attempts != parcel.attempt or row.state is OutgoingState.SENT:
            return
        over = error.final or now >= row.created_at + LONGEST
        row.state = OutgoingState.GIVEN_UP if over else OutgoingState.FAILED
        row.last_error = error.reason
        later = min(now + wait_after(row.attempts), row.created_at + LONGEST)
        row.next_at = None if over else later
        if error.everybody:
            _pause(session, parcel, now)


def _pause(session: Session, parcel: Parcel, now: datetime) -> None:
    """The others for the same door wait a little, without an attempt of theirs."""
    same = TABLE.c.channel == parcel.channel
    if parcel.channel is Channel.WEBHOOK:
        same &= TABLE.c.target == parcel.target
    session.flush()  # the row's own next attempt stands
    session.connection().execute(
        update(TABLE)
        .where(same, TABLE.c.id != parcel.id, TABLE.c.next_at <= now)
        .values(next_at=now + PAUSE)
    )
