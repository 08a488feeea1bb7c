"""Do the grants do what they say? Tried every night: live ones read a row, ended ones are refused.

Through the very door that readers use, as the party that holds the grant would come. The hub is the actor in
the ledger, and nothing leaves it. What does not do as it should is drift: a line in the log, a bell,
a figure in the metrics, and a list for the walidata.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlmodel import Session, col, select

from catalog import reading
from catalog.errors import CatalogError, ReleaseNotFound
from catalog.models import Dataset
from hub.access.bells import ring
from hub.access.decision import Decision, decide
from hub.access.door import Asked, open_door
from hub.access.judging import Action
from hub.access.models import GrantCheck
from hub.access.reader import Reader
from hub.access.rows import through
from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import reading as reading_session
from hub.db import unit_of_work
from hub.errors import HubError
from hub.grants.models import VERIFY, Grant, State
from hub.identifiers import new_id
from hub.ledger.entry import HUB, Facts, Target
from schemas.errors import SchemaError

TOGETHER = 100
"""Grants that are looked at and written down together."""


@dataclass(frozen=True)
class Tried:
    """One grant and what came of it. `drift` is empty when it did as it should, else what it did."""

    grant: Grant
    live: bool
    drift: str = ""
    release: int | None = None
    rows: int = 0


def check_all(reader: Reader) -> GrantCheck:
    """Try every grant on a dataset, write what was found, and tell what drifts.

    Raises EvidenceUnavailable when the ledger cannot be written.
    """
    began, live, ended = real_now(), 0, 0
    drift: list[dict[str, str]] = []
    for grants in _grants(reader):
        tried = [one for grant in grants if (one := _tried(reader, grant)) is not None]
        reader.evidence.record_together(*(_facts(one) for one in tried))
        live += sum(one.live for one in tried)
        ended += sum(not one.live for one in tried)
        drift += [_told(one) for one in tried if one.drift]
    for told in drift:
        ring("grant_drift", f"{told['grant']}: {told['found']}", dataset=told["dataset"])
    found = GrantCheck(id=new_id(), at=began, live=live, ended=ended, drift=drift)
    with unit_of_work(reader.engine) as session:
        session.add(found)
    return found


def _grants(reader: Reader) -> Iterator[Sequence[Grant]]:
    """All on datasets, some at a time, each read just before it is tried."""
    with reading_session(reader.engine) as session:
        wanted = select(Grant.id).where(Grant.target_type == "dataset").order_by(col(Grant.id))
        ids = iter(session.exec(wanted).all())
    while some := list(islice(ids, TOGETHER)):
        with reading_session(reader.engine) as session:
            yield session.exec(select(Grant).where(col(Grant.id).in_(some))).all()


def _tried(reader: Reader, grant: Grant) -> Tried | None:
    """None for one that has not begun, waits for a signature, or ended while it was tried."""
    now = real_now()
    match grant.state_at(now):
        case State.ACTIVE if grant.starts_at <= now:
            found = _as_holder(reader, grant)
            return found if not found.drift or _is_live(reader, grant) else None
        case State.ENDED | State.REVOKED | State.SUSPENDED:
            return _after_its_end(reader, grant, now)
        case _:
            return None


def _as_holder(reader: Reader, grant: Grant) -> Tried:
    """Read one row through a live grant; one to verify must open that, and no row."""
    action = Action.VERIFY if grant.use == VERIFY else Action.ROWS
    asked = Asked(holder_of(grant), action, grant.target, grant=grant.id)
    try:
        with reading_session(reader.engine) as session:
            door = open_door(session, reader, asked)
        if grant.use == VERIFY:
            return Tried(grant, live=True, release=door.release.number)
        rows = reading.rows(**through(reader, door), limit=1, form="json", secret=reader.secret)
    except ReleaseNotFound:
        return Tried(grant, live=True)  # open, with nothing behind it yet
    except (HubError, CatalogError, SchemaError, OSError) as refused:
        return Tried(grant, live=True, drift=f"{type(refused).__name__}: {refused}")
    return Tried(grant, live=True, release=door.release.number, rows=rows.count)


def _after_its_end(reader: Reader, grant: Grant, now: datetime) -> Tried:
    """Ask for every use of an ended grant; each must be refused."""
    with reading_session(reader.engine) as session:
        dataset = session.get_one(Dataset, grant.target)
        opened = [
            action.value
            for action in (Action.ROWS, Action.EXPORT, Action.QUERY, Action.VERIFY)
            if _decided(session, grant, action, dataset, now).allow
        ]
    return Tried(grant, live=False, drift=f"opens {', '.join(opened)}" if opened else "")


def _decided(
    session: Session, grant: Grant, action: Action, dataset: Dataset, now: datetime
) -> Decision:
    return decide(session, holder_of(grant), action, dataset, now=now, grant=grant.id)


def holder_of(grant: Grant) -> Principal:
    """Whoever may use the grant: its party, or somebody who reads data in its agency."""
    party = grant.grantee or str(HUB.client)
    identity = Identity("client", party, party, frozenset({scopes.DATA_READ}), "token")
    agency = grant.grantee_agency
    posts = (HeldPost("", "", Role.ANALYST, agency),) if agency else ()
    return Principal(identity, agency, posts)


def _is_live(reader: Reader, grant: Grant) -> bool:
    with reading_session(reader.engine) as session:
        now = session.get(Grant, grant.id)
        return now is not None and now.state_at(real_now()) is State.ACTIVE


def _facts(tried: Tried) -> Facts:
    grant = tried.grant
    return Facts(
        kind="grant.checked",
        actor=HUB,
        target=Target("dataset", grant.target, release=tried.release),
        grant=grant.digest,
        counts={"rows": tried.rows},
        outcome="drift" if tried.drift else "ok",
    )


def _told(tried: Tried) -> dict[str, str]:
    return {
        "grant": tried.grant.id,
        "dataset": tried.grant.target,
        "expected": "open" if tried.live else "closed",
        "found": tried.drift[:300],
    }
