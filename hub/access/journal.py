"""The record of decisions: what opened a reader goes into the commit of the read's own entry.

A yes is written together with the ledger entry that proves the read; a no in a commit of its own, through
the same writer. In both cases before anything is answered: what cannot be recorded is refused.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy.dialects.sqlite import Insert

from hub.access.decision import Decision
from hub.access.inputs import canonical
from hub.access.judging import RULES
from hub.access.models import AccessAttributes, AccessDecision
from hub.ledger.also import Also, for_both
from hub.ledger.evidence import Evidence

ATTRIBUTES = AccessAttributes.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
DECISIONS = AccessDecision.__table__  # type: ignore[attr-defined]  # the same

Insertion = Any
"""`insert` of one of the two databases; they share no type."""


def _kept(insert: Insertion) -> Insert:
    made: Insert = insert(ATTRIBUTES).on_conflict_do_nothing(index_elements=["digest"])
    return made


def _opened(insert: Insertion) -> Insert:
    made: Insert = insert(DECISIONS).on_conflict_do_nothing(index_elements=["id"])
    return made


def _refused(insert: Insertion) -> Insert:
    made: Insert = insert(DECISIONS).on_conflict_do_update(
        index_elements=["id"], set_={"times": DECISIONS.c.times + 1}
    )
    return made


KEPT, OPENED, REFUSED = for_both(_kept), for_both(_opened), for_both(_refused)


def rows_of(decision: Decision) -> tuple[Also, ...]:
    """What is written of a decision that opens a reader, for the commit of the read."""
    row = _row(decision)
    return (*_attributes(decision), Also(OPENED, row, (DECISIONS.name, row["id"])))


def refuse(evidence: Evidence, *decisions: Decision) -> None:
    """Write refusals down; raises EvidenceUnavailable, and then the answer is that.

    The same no to the same caller within one second is one row that counts, so that a flood of
    questions is no flood of rows.
    """
    also: list[Also] = []
    for decision in decisions:
        row = _row(decision)
        row["id"] = _of_second(row)
        also += [*_attributes(decision), Also(REFUSED, row, (DECISIONS.name, row["id"]))]
    if also:
        evidence.write(*also)


def _attributes(decision: Decision) -> list[Also]:
    return [
        Also(KEPT, {"digest": one.digest, "body": one.text}, (ATTRIBUTES.name, one.digest))
        for one in decision.inputs.attributes
    ]


def _row(decision: Decision) -> dict[str, Any]:
    asked, outcome = decision.inputs, decision.outcome
    return {
        "id": decision.id,
        "at": asked.at,
        "subject": asked.subject,
        "action": asked.action,
        "target": asked.target,
        "picked": asked.picked,
        "purpose": asked.purpose,
        "audience": asked.audience,
        "principal": None if asked.principal is None else asked.principal.digest,
        "dataset": asked.dataset.digest,
        "grants": [grant.digest for grant in asked.grants],
        "rules": RULES,
        "allow": decision.allow,
        "reason": outcome.reason,
        "grant": outcome.grant,
        "outcome": outcome.digest,
        "times": 1,
    }


def _of_second(row: dict[str, Any]) -> str:
    """An id that begins with the second, as those of version 7 do, and is the same all through it."""
    second = int(row["at"].timestamp())
    same = {name: value for name, value in row.items() if name not in ("id", "at", "times")}
    return f"{second * 1000:012x}" + sha256(canonical(same)).hexdigest()[:20]
