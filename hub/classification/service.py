"""The rules of raising a class: who closes data further gives a reason in law, and others confirm it.

It begins by itself when a dataset is registered in, or changed to, a class above BERBAGI; the class is
in force meanwhile, for closing by mistake harms less than opening by mistake. Without confirmation in
time it falls back (domain.md §3.3), but never so that personal data opens.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from catalog.datasets import OPEN_ENOUGH
from catalog.models import AccessClass, Dataset
from hub.agencies.principal import Principal
from hub.classification.models import Raise
from hub.classification.subject import PROCEDURE, RaiseSubject, fallback_of, ground, stricter
from hub.errors import InvalidInput, NotFound
from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office
from hub.rules import mandates

SUBJECT = RaiseSubject()
_CODE = re.compile(r"\s*(T\d{2})\b[\s:,.–-]*(.*)", re.DOTALL)
LOWERING = "turunkan"
"""What its agency may always do, so that nobody waits for it."""


def notice(session: Session, office: Office, dataset_id: str) -> Raise | None:
    """Look at a dataset after it was entered or changed, and begin what its class asks for.

    None when nothing is to be confirmed: the class is open enough, its schema itself makes the data
    personal, or this raise is being confirmed, or was.
    """
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        return None
    latest = latest_of(session, dataset_id)
    if latest is not None and latest.to_class is dataset.access_class:
        return None
    if latest is not None:
        machine.advance(session, office, SUBJECT, latest.id, "digantikan")
    fallback = fallback_of(session, dataset)
    if dataset.access_class in OPEN_ENOUGH or not stricter(dataset.access_class, fallback):
        return None
    return _begin(session, office, dataset, fallback)


def latest_of(session: Session, dataset_id: str) -> Raise | None:
    """The newest raise of a dataset."""
    wanted = select(Raise).where(Raise.dataset == dataset_id).order_by(col(Raise.id).desc())
    return session.exec(wanted.limit(1)).first()


def standing_of(session: Session, dataset_id: str) -> tuple[Raise, Proceeding] | None:
    """How the class that a dataset has now was raised, and where that stands."""
    latest, dataset = latest_of(session, dataset_id), session.get(Dataset, dataset_id)
    if latest is None or dataset is None or latest.to_class is not dataset.access_class:
        return None
    return latest, session.get_one(Proceeding, latest.id)


def listed(session: Session, principal: Principal) -> Sequence[tuple[Raise, Proceeding]]:
    """Newest first: those of one's own agency; all of them for walidata and forum."""
    wanted = select(Raise, Proceeding).join(Proceeding, col(Proceeding.id) == col(Raise.id))
    if not _sees_all(session, principal):
        wanted = wanted.where(col(Raise.agency).in_(sorted(principal.agencies)))
    return session.exec(wanted.order_by(col(Raise.id).desc()).limit(500)).all()


def awaits(session: Session, principal: Principal, proceeding: Proceeding) -> bool:
    """Whether it is the caller who is waited for: for the ground, or for the confirmation."""
    possible = machine.possible(session, principal, SUBJECT, proceeding)
    return any(one.event != LOWERING for one in possible)


def before_the_rule(session: Session, principal: Principal) -> Sequence[Dataset]:
    """Datasets above BERBAGI whose class was set before raises were confirmed, as far as `listed`."""
    known = select(Raise.dataset)
    wanted = select(Dataset).where(
        col(Dataset.access_class).not_in(list(OPEN_ENOUGH)), col(Dataset.id).not_in(known)
    )
    if not _sees_all(session, principal):
        wanted = wanted.where(col(Dataset.agency).in_(sorted(principal.agencies)))
    return session.exec(wanted.order_by(col(Dataset.id)).limit(500)).all()


def the_raise(session: Session, principal: Principal, raise_id: str) -> Raise:
    """Raises NotFound, also for what is not the caller's business."""
    found = session.get(Raise, raise_id)
    if found is None or not (principal.is_member_of(found.agency) or _sees_all(session, principal)):
        raise NotFound(f"Tidak ada penetapan {raise_id}.", f"There is no {raise_id}.")
    return found


def move(
    session: Session,
    office: Office,
    principal: Principal,
    raise_id: str,
    event: str,
    *,
    reason: str = "",
    said: dict[str, Any] | None = None,
) -> Step:
    """Confirm, refuse, name the ground or lower; raises NotFound and what the machine raises."""
    raised = the_raise(session, principal, raise_id)
    principal.must("request:decide")
    return machine.move(
        session, office, principal, SUBJECT, raised.id, event, reason=reason, said=said
    )


def _begin(session: Session, office: Office, dataset: Dataset, fallback: AccessClass) -> Raise:
    now = office.clock.now()
    raised = Raise(
        id=next_number(session, "KA", now.year, 6),
        dataset=dataset.id,
        agency=dataset.agency,
        to_class=dataset.access_class,
        fallback=fallback,
        opened_at=now,
    )
    _take_ground(session, raised, dataset.restriction_basis)
    session.add(raised)
    session.flush()  # the proceeding asks for it
    opening = machine.Opening(raised.id, producer=dataset.agency, dataset=dataset.id)
    machine.begin(session, office, None, PROCEDURE, SUBJECT, opening)
    event = "berdasar" if raised.ground else "tanpa_dasar"
    machine.advance(session, office, SUBJECT, raised.id, event)
    return raised


def _take_ground(session: Session, raised: Raise, basis: str) -> None:
    """A basis that begins with its code is a coded ground: "T07: UU 16/1997 pasal 21"."""
    found = _CODE.match(basis)
    if found is None:
        return
    try:
        ground(session, raised, {"ground": found[1], "article": found[2]}, "")
    except InvalidInput:
        raised.ground = ""  # it is asked for again, with what would do


def _sees_all(session: Session, principal: Principal) -> bool:
    return principal.has("walidata") or mandates.carries(session, principal, "forum")
