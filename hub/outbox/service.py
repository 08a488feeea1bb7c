"""Recording an event, in the transaction of the effect that it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from hub.calendar import real_now
from hub.identifiers import new_id
from hub.outbox.models import OutboxEvent


class EventType(StrEnum):
    """Every type of event, documented in `docs/reference/events.md`; a test compares the two."""

    RELEASE_PUBLISHED = "release.published"
    BATCH_REJECTED = "batch.rejected"
    DATASET_CREATED = "dataset.created"
    DATASET_CHANGED = "dataset.changed"
    DATASET_ANNOUNCED = "dataset.announced"
    SCHEMA_PUBLISHED = "schema.published"
    SCHEMA_SUPERSEDED = "schema.superseded"
    REQUEST_SUBMITTED = "request.submitted"
    REQUEST_DECIDED = "request.decided"
    GRANT_ISSUED = "grant.issued"
    GRANT_REVOKED = "grant.revoked"
    SOURCE_FAILED = "source.failed"
    CORRECTION_SETTLED = "correction.settled"


@dataclass(frozen=True, slots=True)
class Event:
    """An event as its subscribers see it; `position` is None until it is committed and placed."""

    id: str
    type: EventType
    dataset: str | None
    subject: str | None
    data: Mapping[str, Any]
    at: datetime
    position: int | None = None

    def as_cloudevent(self, source: str) -> dict[str, Any]:
        """CloudEvents 1.0 in JSON; `source` is the hub's public URL."""
        event = {
            "specversion": "1.0",
            "id": self.id,
            "source": source,
            "type": self.type.value,
            "time": self.at.isoformat(timespec="microseconds"),
            "datacontenttype": "application/json",
            "data": dict(self.data),
        }
        return event if self.subject is None else {**event, "subject": self.subject}


def record(
    session: Session,
    type: EventType,
    *,
    dataset: str | None = None,
    subject: str | None = None,
    data: Mapping[str, Any],
) -> Event:
    """Write one event; it is delivered only if the caller's transaction commits.

    `subject` is the dataset unless it is said. `data` is JSON and holds identifiers and counts.
    """
    _take_turn(session, dataset)
    row = OutboxEvent(
        id=new_id(),
        type=EventType(type).value,
        dataset=dataset,
        subject=subject or dataset,
        data=dict(data),
        at=real_now(),
    )
    session.add(row)
    session.flush()  # `seq` must be drawn while we hold the dataset's turn
    return event_of(row)


def event_of(row: OutboxEvent) -> Event:
    return Event(
        row.id, EventType(row.type), row.dataset, row.subject, row.data, row.at, row.position
    )


def _take_turn(session: Session, dataset: str | None) -> None:
    """Two transactions with events of one dataset commit in the order of `seq`.

    SQLite has one writer anyway. PostgreSQL draws `seq` at insertion, so the later number could
    commit first; the lock is held until the transaction ends, which makes the two orders equal.
    """
    if dataset is not None and session.get_bind().dialect.name == "postgresql":
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:turn, 0))"),
            {"turn": f"simpul outbox {dataset}"},
        )
