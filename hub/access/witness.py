"""Evidence of reads: what was opened, through what, how much; written before a byte leaves."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785

from hub.access import journal, quota, subjects
from hub.access.door import Door
from hub.access.judging import Action
from hub.access.subjects import About
from hub.agencies.principal import Principal
from hub.ledger.entry import Actor, Facts, Target
from hub.ledger.evidence import Evidence
from hub.ledger.service import Receipt

VISITOR = Actor(client="anonymous")
"""Somebody who did not sign in, reading open data."""


def actor_of(principal: Principal | None) -> Actor:
    return VISITOR if principal is None else Actor(**principal.actor())


def read_facts(
    door: Door,
    secret: bytes,
    request: Mapping[str, Any],
    *,
    rows: int,
    file: str | None = None,
    about: About | None = None,
) -> Facts:
    """One read of one release. `file` is the SHA-256 of what is handed over, when it is a file.

    In the commit of the entry go the decision with its inputs, the rows of the day's quota and whom
    the read was `about`.
    """
    if door.stored is not None:
        request = {**request, "as": door.document.version}
    digests = {"request": keyed_digest(secret, request)}
    # A profile tells of the rows, and hands out none.
    leaving = 0 if door.asked.action is Action.PROFILE else rows
    if file is not None:
        digests["file"] = file
    also = [*journal.rows_of(door.decision), *quota.taken(door.decision, leaving, door.zone)]
    if about is not None:
        also += subjects.rows_of(secret, about, _of_read(door, rows))
    return Facts(
        kind=f"{door.asked.action.value}.read",
        actor=actor_of(door.asked.principal),
        target=Target("dataset", door.dataset.id, release=door.release.number),
        grant=door.decision.grant_digest,
        decision={"id": door.decision.id, "policy": door.policy.digest()},
        digests=digests,
        counts={"rows": rows},
        also=also,
    )


def _of_read(door: Door, rows: int) -> dict[str, Any]:
    return {
        "decision": door.decision.id,
        "dataset": door.dataset.id,
        "release": door.release.number,
        "grant": door.decision.grant_id,
        "policy": door.policy.digest(),
        "rows": rows,
    }


def of_same_read(facts: Facts, *, outcome: str, counts: Mapping[str, int]) -> Facts:
    """A second entry for a read that was proven before: it opens nothing and takes nothing."""
    return {**facts, "outcome": outcome, "counts": counts, "also": ()}


def prove(evidence: Evidence, facts: Facts) -> Receipt:
    """Return once the entry is on disk; raises EvidenceUnavailable and QuotaSpent, and then nothing
    may leave.
    """
    return evidence.record(**facts)


def keyed_digest(secret: bytes, request: Mapping[str, Any]) -> str:
    """Digest of a question. Keyed, because a filter may hold a NIK, which is guessed in no time."""
    told = rfc8785.dumps({name: _exact(value) for name, value in request.items()})
    return "hmac-sha256:" + hmac.new(secret, told, sha256).hexdigest()


def _exact(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool) else str(value)
