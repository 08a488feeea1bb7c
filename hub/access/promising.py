"""Promises to the readers of a dataset: a change that gives them less needs a notice, or an urgent reason."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from catalog import releases
from catalog.datasets import Description
from catalog.models import AccessClass, Dataset
from catalog.promises import changed_promises
from hub.access.models import PromiseNotice
from hub.errors import InvalidInput, PromiseBroken
from hub.grants.models import Grant
from hub.identifiers import new_id
from schemas.errors import Reason
from schemas.promises import READER

SHORTEST_REASON = 10


@dataclass(frozen=True)
class Leave:
    """On what a change that gives readers less may rest: a day announced, or an urgent reason.

    `today` and `earliest` (the first day that may be announced) are by the business clock.
    """

    today: date
    earliest: date
    notice_until: date | None = None
    urgent: str = ""


def broken(
    session: Session, dataset: Dataset, wanted: Description, before: Description, now: datetime
) -> tuple[list[Reason], int]:
    """What readers would lose, and how many live grants rest on it; nothing where nobody reads yet."""
    reasons = [r for r in changed_promises(before, wanted) if r.direction == READER]
    live = _live_grants(session, dataset.id, now)
    everybody = before.access_class is AccessClass.TERBUKA
    read = live or (everybody and releases.latest(session, dataset.id) is not None)
    return (reasons if read else []), live


def check(
    session: Session,
    dataset: Dataset,
    reasons: list[Reason],
    grants: int,
    changes: dict[str, Any],
    leave: Leave,
) -> None:
    """Raises PromiseBroken unless each change to these values was announced and its day has come."""
    ripe = [one.changes for one in announcements(session, dataset.id) if one.until <= leave.today]
    for reason in reasons:
        field = reason.pointer.removeprefix("/")
        if not any(field in one and one[field] == changes[field] for one in ripe):
            raise PromiseBroken([asdict(one) for one in reasons], grants, leave.earliest)


def announce(
    session: Session,
    dataset: Dataset,
    changes: dict[str, Any],
    leave: Leave,
    *,
    by: str,
    now: datetime,
) -> PromiseNotice:
    """Note a change that is to come, or that an urgent reason makes now.

    Raises InvalidInput for a day too near or a reason too short.
    """
    urgent = leave.urgent.strip()
    if urgent and len(urgent) < SHORTEST_REASON:
        raise InvalidInput(
            f"Alasan mendesak sedikitnya {SHORTEST_REASON} huruf.",
            f"An urgent reason has at least {SHORTEST_REASON} letters.",
        )
    until = leave.today if urgent or leave.notice_until is None else leave.notice_until
    if not urgent and until < leave.earliest:
        raise InvalidInput(
            f"Tanggal pemberitahuan paling awal {leave.earliest.isoformat()}.",
            f"The earliest notice date is {leave.earliest.isoformat()}.",
            earliest=leave.earliest.isoformat(),
        )
    notice = PromiseNotice(
        id=new_id(),
        dataset=dataset.id,
        changes=changes,
        until=until,
        reason=urgent,
        announced_by=by,
        at=now,
    )
    session.add(notice)
    return notice


def announcements(session: Session, dataset: str) -> list[PromiseNotice]:
    """What was announced for a dataset, the nearest first."""
    wanted = select(PromiseNotice).where(PromiseNotice.dataset == dataset)
    return list(session.exec(wanted.order_by(col(PromiseNotice.until), col(PromiseNotice.id))))


def _live_grants(session: Session, dataset: str, now: datetime) -> int:
    return session.exec(
        select(func.count()).where(
            Grant.target_type == "dataset",
            Grant.target == dataset,
            col(Grant.revoked_at).is_(None),
            col(Grant.expires_at) > now,
        )
    ).one()
