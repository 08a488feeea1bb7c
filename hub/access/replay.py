"""Recorded decisions made again from what they were made from: every one must come out the same."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from sqlmodel import Session, col, select

from hub.access.inputs import Attributes, Inputs
from hub.access.judging import RULES, Outcome, judge
from hub.access.models import AccessAttributes, AccessDecision

JUDGES = {RULES: judge}
"""By version of the rules: a decision is judged again by those under which it was made."""
STEP = 500
"""Decisions looked at together; what was known of readers and grants is kept for one step."""


@dataclass(frozen=True)
class Replayed:
    """One decision made again. `fault` is empty when it came out the same, else says what did not:
    attributes are missing or altered, the rules are not known any more, or the outcome is another.
    """

    id: str
    fault: str

    @property
    def same(self) -> bool:
        return not self.fault


def replay(
    session: Session, ids: Collection[str] | None = None, *, since: datetime | None = None
) -> Iterator[Replayed]:
    """All recorded decisions, oldest first, or those with these ids, or those made since."""
    after = ""
    while rows := _step(session, after, ids, since):
        known = _known(session, rows)
        for row in rows:
            yield Replayed(row.id, _fault(row, known))
        after = rows[-1].id


def _step(
    session: Session, after: str, ids: Collection[str] | None, since: datetime | None
) -> Sequence[AccessDecision]:
    wanted = select(AccessDecision).where(col(AccessDecision.id) > after)
    if ids is not None:
        wanted = wanted.where(col(AccessDecision.id).in_(ids))
    if since is not None:
        wanted = wanted.where(col(AccessDecision.at) >= since)
    return session.exec(wanted.order_by(col(AccessDecision.id)).limit(STEP)).all()


def _known(session: Session, rows: Sequence[AccessDecision]) -> dict[str, Attributes | None]:
    """Attributes by digest; None for those whose text is not what it is named by."""
    wanted = {digest for row in rows for digest in _references(row)}
    found = session.exec(
        select(AccessAttributes.digest, AccessAttributes.body).where(
            col(AccessAttributes.digest).in_(wanted)
        )
    )
    return {digest: _read(digest, body) for digest, body in found}


@lru_cache(maxsize=4096)
def _read(digest: str, body: bytes) -> Attributes | None:
    if sha256(body).hexdigest() != digest:
        return None
    return Attributes(json.loads(body))


def _references(row: AccessDecision) -> list[str]:
    reader = [] if row.principal is None else [row.principal]
    return [*reader, row.dataset, *row.grants]


def outcomes(session: Session, ids: Collection[str]) -> dict[str, Outcome]:
    """What recorded decisions came to, by their ids; those that cannot be made again are left out."""
    found: dict[str, Outcome] = {}
    for start in range(0, len(ids), STEP):
        some = sorted(ids)[start : start + STEP]
        wanted = select(AccessDecision).where(col(AccessDecision.id).in_(some))
        rows = session.exec(wanted).all()
        known = _known(session, rows)
        made = {row.id: _again(row, known) for row in rows}
        found |= {id_: one for id_, one in made.items() if isinstance(one, Outcome)}
    return found


def _fault(row: AccessDecision, known: dict[str, Attributes | None]) -> str:
    outcome = _again(row, known)
    if isinstance(outcome, str):
        return outcome
    now = (outcome.digest, outcome.given is not None, outcome.reason, outcome.grant)
    then = (row.outcome, row.allow, row.reason, row.grant)
    return "" if now == then else f"it was {then[2]} and is {now[2]}"


def _again(row: AccessDecision, known: dict[str, Attributes | None]) -> Outcome | str:
    """The outcome of a decision made again, or why it cannot be."""
    rules = JUDGES.get(row.rules)
    if rules is None:
        return f"rules {row.rules} are not known"
    bodies: dict[str, Attributes] = {}
    for digest in _references(row):
        if digest not in known:
            return f"attributes {digest} are missing"
        body = known[digest]
        if body is None:
            return f"attributes {digest} were altered"
        bodies[digest] = body
    return rules(
        Inputs(
            at=row.at,
            action=row.action,
            dataset=bodies[row.dataset],
            principal=None if row.principal is None else bodies[row.principal],
            grants=tuple(bodies[digest] for digest in row.grants),
            picked=row.picked,
            purpose=row.purpose,
            audience=row.audience,
        )
    )
