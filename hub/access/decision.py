"""May this caller do this to this dataset, and through which policy? The one home of the answer.

What is known is gathered (`hub.access.inputs`, one SQL statement for the grants, no cache), judged
(`hub.access.judging`, a pure function), and what the rules did not understand rings
(`hub.access.bells`).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from catalog.models import Dataset, Release
from catalog.policy import Policy
from hub.access import inputs as known
from hub.access.bells import ring
from hub.access.inputs import Body, Inputs, canonical
from hub.access.judging import Outcome, judge
from hub.agencies.principal import Principal
from hub.identifiers import new_id

REASONS = {
    "own": ("Data instansi sendiri.", "Data of the caller's own agency."),
    "open": ("Data terbuka.", "Open data."),
    "grant": ("Hak akses {grant}.", "Grant {grant}."),
    "audience": ("Agregat siap pakai.", "Ready-made aggregate."),
    "may_not_store": (
        "Hak akses ini tidak membolehkan {dataset} disimpan sebagai berkas utuh.",
        "This grant does not allow {dataset} to be stored as a whole file.",
    ),
}
"""Words for reasons; every other no has the same ones, whatever stands in the way."""
NO = (
    "Belum ada hak akses untuk membaca {dataset}.",
    "There is no grant to read {dataset}.",
)


@dataclass(frozen=True)
class Decision:
    """Made anew for every read: an outcome, and the inputs that it came from."""

    id: str
    inputs: Inputs
    outcome: Outcome

    @property
    def allow(self) -> bool:
        return self.outcome.given is not None

    @property
    def reason_id(self) -> str:
        return self._said(0)

    @property
    def reason_en(self) -> str:
        return self._said(1)

    @property
    def grant(self) -> Body | None:
        """Attributes of the grant that it rests on, if any."""
        used = (one.body for one in self.inputs.grants if one.body["id"] == self.outcome.grant)
        return next(used, None)

    @property
    def grant_id(self) -> str | None:
        return self.outcome.grant

    @property
    def grant_digest(self) -> str | None:
        return None if self.grant is None else str(self.grant["digest"])

    @property
    def may_store(self) -> bool:
        return self.grant is None or bool(self.grant["may_store"])

    @property
    def policy_digest(self) -> str:
        """Of what is given; empty when nothing is."""
        given = self.outcome.given
        return "" if given is None else sha256(canonical(given.as_dict())).hexdigest()

    def policy(self, secret: bytes) -> Policy | None:
        """What is given, with the salt that only this hub can make."""
        given = self.outcome.given
        if given is None:
            return None
        salt = b"" if self.grant is None else salt_of(secret, self.grant)
        return Policy(given.columns, given.filter, given.masks, salt)

    def _said(self, language: int) -> str:
        words = REASONS.get(self.outcome.reason, NO)[language]
        return words.format(grant=self.outcome.grant, dataset=self.inputs.target)


def decide(
    session: Session,
    principal: Principal | None,
    action: str,
    dataset: Dataset,
    *,
    now: datetime,
    releases: Sequence[Release] = (),
    grant: str | None = None,
    purpose: str | None = None,
    audience: str | None = None,
) -> Decision:
    """Decide by the state of this very moment (`now` is real time).

    `grant` picks one of several grants, `purpose` those given for just this purpose. What is given
    hides what is personal by the schema of the dataset or by that of `releases`.
    """
    asked = Inputs(
        at=now,
        action=str(action),
        dataset=known.of_dataset(dataset, known.documents_of(session, dataset, releases)),
        principal=None if principal is None else known.of_principal(principal),
        picked=grant,
        purpose=purpose,
        audience=audience,
    )
    return decide_all(session, principal, [asked])[0]


def decide_all(
    session: Session, principal: Principal | None, asked: Sequence[Inputs]
) -> list[Decision]:
    """Decide on many questions of one reader at one moment, with one look at his grants.

    They are gathered for the questions that nothing else answers.
    """
    outcomes = [judge(one) for one in asked]
    open_still = [one for one, told in zip(asked, outcomes, strict=True) if _needs_a_grant(told)]
    if open_still and principal is not None:
        grants = _grants(session, principal, open_still)
        asked = [
            replace(one, grants=grants.get(one.target, ())) if _needs_a_grant(told) else one
            for one, told in zip(asked, outcomes, strict=True)
        ]
        outcomes = [judge(one) for one in asked]
    for one, told in zip(asked, outcomes, strict=True):
        for bell in told.bells:
            ring(bell.kind, bell.what, dataset=one.target)
    return [Decision(new_id(), one, told) for one, told in zip(asked, outcomes, strict=True)]


def _needs_a_grant(told: Outcome) -> bool:
    return told.reason == "no_grant"


def _grants(
    session: Session, principal: Principal, asked: Sequence[Inputs]
) -> dict[str, tuple[known.Attributes, ...]]:
    """The live grants of the reader on the datasets that are asked about, by dataset."""
    picked = asked[0].picked if len(asked) == 1 else None
    targets = sorted({one.target for one in asked})
    found = known.live_grants(session, principal, targets, now=asked[0].at, picked=picked)
    by_dataset: dict[str, tuple[known.Attributes, ...]] = {}
    for grant in known.with_flaws(session, found):
        target = grant.body["target"][1]
        by_dataset[target] = (*by_dataset.get(target, ()), grant)
    return by_dataset


def salt_of(secret: bytes, grant: Body) -> bytes:
    """One for each consumer and purpose: an agency can join what it reads for one purpose."""
    consumer = grant["agency"] or grant["party"]
    told = canonical(["simpul mask salt", consumer, grant["purpose"]])
    return hmac.new(secret, told, sha256).digest()
