"""A class that is not to stay for ever is looked at again on the day that was said with its ground."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.agencies.models import Post
from hub.calendar import BusinessClock
from hub.classification.models import Raise
from hub.db import unit_of_work
from hub.notices.telling import Message, PostRecipient, tell
from hub.proceedings.models import Proceeding

CONFIRMED = "sah"


def remind(engine: Engine, clock: BusinessClock) -> int:
    """Tell the producer and the walidata of reviews that are due, each once; returns how many were told."""
    told = 0
    with unit_of_work(engine) as session:
        wanted = (
            select(Raise, Dataset.access_class)
            .join(Proceeding, col(Proceeding.id) == col(Raise.id))
            .join(Dataset, col(Dataset.id) == col(Raise.dataset))
            .where(
                col(Raise.review_on) <= clock.today(),
                Proceeding.state == CONFIRMED,
            )
            .order_by(col(Raise.id))
        )
        for raised, stands in session.exec(wanted).all():
            if stands is not raised.to_class:  # lowered since, so there is nothing to look at
                continue
            told += tell(session, _told(session, raised.agency), _message(raised, clock.now()))
    return told


def _told(session: Session, agency: str) -> list[PostRecipient]:
    producers = (col(Post.agency) == agency) & col(Post.role).in_(("head", "steward"))
    wanted = select(Post.id).where(producers | (col(Post.role) == "walidata")).order_by(Post.id)
    return [PostRecipient(post) for post in session.exec(wanted)]


def _message(raised: Raise, at: datetime) -> Message:
    day, to = raised.review_on, raised.to_class.value
    assert day is not None  # noqa: S101 - only those with a day are asked for
    return Message(
        once=f"{raised.id}/tinjau/{day.isoformat()}",
        topic="classification.review",
        subject_id=f"{raised.id}: tinjau lagi kelas {raised.dataset}",
        subject_en=f"{raised.id}: review the class of {raised.dataset}",
        body_id=f"Kelas {to} atas {raised.dataset} dijanjikan ditinjau lagi pada {day.isoformat()}. "
        "Turunkan kelasnya bila dasarnya tidak berlaku lagi.",
        body_en=f"The class {to} of {raised.dataset} was to be reviewed on {day.isoformat()}. "
        "Lower it if its ground does not hold any more.",
        path=f"/kelas/{raised.id}",
        at=at,
    )
