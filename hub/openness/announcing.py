"""Telling each agency its figure: to its head, once a month, with where to look and until when to contest."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from babel import dates, numbers
from sqlmodel import Session, col, select

from hub.agencies.models import Post
from hub.agencies.roles import Role
from hub.notices.telling import Message, PostRecipient, tell
from hub.openness.measuring import Measure
from hub.openness.models import Snapshot
from hub.openness.months import Month
from hub.openness.service import contest_until

TOPIC = "index.measured"


def announce(session: Session, by: Measure, made: Sequence[Snapshot]) -> int:
    """Of finished months, to the heads of agencies that have a score; how many notices were written."""
    scored = [one for one in made if one.final and one.score is not None]
    heads: dict[str, list[PostRecipient]] = defaultdict(list)
    wanted = select(Post.agency, Post.id).where(
        Post.role == Role.HEAD, col(Post.agency).in_([one.agency for one in scored])
    )
    for agency, post in session.exec(wanted):
        heads[agency].append(PostRecipient(post))
    return sum(tell(session, heads[one.agency], _message(by, one)) for one in scored)


def _message(by: Measure, one: Snapshot) -> Message:
    until = contest_until(by, one) or one.as_of
    return Message(
        once=f"index/{one.agency}/{one.month}/{one.version}",
        topic=TOPIC,
        subject_id=_subject(one, "id", "Indeks keterbukaan {agency} {month}: {score} ({band})"),
        subject_en=_subject(one, "en", "Index of openness of {agency}, {month}: {score} ({band})"),
        body_id="Buka halamannya untuk melihat setiap kasus dan tindakan yang paling menaikkan "
        f"nilai. Angka dapat dibantah sampai {_day(by, until, 'id')}.",
        body_en="Open its page to see every case and the actions worth most points. The figure may "
        f"be contested until {_day(by, until, 'en')}.",
        path=f"/skor/{one.agency}?bulan={one.month}",
        at=one.made_at,
    )


def _subject(one: Snapshot, language: str, text: str) -> str:
    return text.format(
        agency=one.agency.upper(),
        month=dates.format_date(Month.read(one.month).first, "MMMM y", locale=language),
        score=numbers.format_decimal(one.score or 0, locale=language),  # who has none is not told
        band=one.band,
    )


def _day(by: Measure, until: datetime, language: str) -> str:
    day = until.astimezone(by.settings.zone).date()
    return str(dates.format_date(day, "EEEE, d MMMM y", locale=language))
