"""May this caller do this to this dataset, and through which policy? The one home of the answer.

Plain code, one SQL statement, no cache, deny by default. Whoever belongs to the producer and works
with data (steward, head, analyst) sees all of it; anybody sees the open part of an open dataset;
everybody else needs a live grant. Columns that are personal in every row (`x-data-pribadi`) stay
hidden until a grant names them; columns that are personal where a row speaks of a person open with
any grant, for the feeds carry PERORANGAN there, but not to the public.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf

import structlog
from sqlmodel import Session, col, or_, select

from catalog.models import AccessClass, Dataset, Release
from catalog.policy import MASKS, UNRESTRICTED, Policy
from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES
from hub.grants.contract import digest_of
from hub.grants.duties import ASKING_ROLES
from hub.grants.models import Grant
from hub.grants.personal import must_be_named, when_a_person
from hub.identifiers import new_id
from hub.standards import service as standards
from schemas.document import SchemaDocument

STRICTNESS = list(AccessClass)
"""From the most open class to the most closed."""

log = structlog.get_logger(__name__)


class Action(StrEnum):
    """What can be done with rows; every one of them needs the same leave."""

    ROWS = "rows"
    EXPORT = "export"
    CHANGES = "changes"
    SAMPLE = "sample"
    PROFILE = "profile"
    QUERY = "query"


@dataclass(frozen=True)
class Decision:
    """Made anew for every read. `policy` is None exactly when the answer is no.

    `grant_id` and `grant_digest` name the grant it rests on, if any; `id` goes into the ledger.
    """

    id: str
    policy: Policy | None
    reason_id: str
    reason_en: str
    grant_id: str | None = None
    grant_digest: str | None = None

    @property
    def allow(self) -> bool:
        return self.policy is not None

    @property
    def policy_digest(self) -> str:
        return self.policy.digest() if self.policy else ""


def decide(
    session: Session,
    principal: Principal | None,
    action: Action,
    dataset: Dataset,
    *,
    now: datetime,
    releases: Sequence[Release] = (),
    grant: str | None = None,
    purpose: str | None = None,
) -> Decision:
    """Decide by the state of this very moment (`now` is real time).

    `grant` picks one of several grants, `purpose` those given for just this purpose. The policy
    hides what is personal by the schema of the dataset or by that of `releases`.
    """
    if not isinstance(action, Action) or not _within_token(principal, dataset):
        return _no(dataset)
    documents = _documents(session, dataset, releases)
    if grant is None and _is_own(principal, dataset):
        return _yes(UNRESTRICTED, "Data instansi sendiri.", "Data of the caller's own agency.")
    if grant is None and dataset.access_class is AccessClass.TERBUKA:
        return _yes(_public(documents), "Data terbuka.", "Open data.")
    if principal is None or not principal.can("data:read"):
        return _no(dataset)
    found = _live_grants(session, principal, dataset, now, grant, purpose)
    if not found:
        return _no(dataset)
    chosen = max(found, key=_width)
    return _yes(
        policy_of(chosen, documents),
        f"Hak akses {chosen.id}.",
        f"Grant {chosen.id}.",
        grant_id=chosen.id,
        grant_digest=chosen.digest,
    )


def policy_of(grant: Grant, documents: Sequence[SchemaDocument]) -> Policy:
    """What a grant opens: never a personal column that it does not name."""
    if grant.columns is not None:
        return Policy(tuple(grant.columns), grant.filter, tuple(sorted(grant.masks.items())))
    hidden = _union(must_be_named(document) for document in documents)
    masks = {**grant.masks, **dict.fromkeys(hidden, "hide")}
    return Policy(None, grant.filter, tuple(sorted(masks.items())))


def _public(documents: Sequence[SchemaDocument]) -> Policy:
    hidden = _union(must_be_named(d) | when_a_person(d) for d in documents)
    return Policy(masks=tuple((column, "hide") for column in sorted(hidden)))


def _live_grants(
    session: Session,
    principal: Principal,
    dataset: Dataset,
    now: datetime,
    picked: str | None,
    purpose: str | None,
) -> list[Grant]:
    agencies = sorted({p.agency for p in principal.posts if p.role in ASKING_ROLES})
    wanted = [
        col(Grant.target_type) == "dataset",
        col(Grant.target) == dataset.id,
        or_(col(Grant.grantee_agency).in_(agencies), col(Grant.grantee) == principal.id),
        col(Grant.revoked_at).is_(None),
        col(Grant.starts_at) <= now,
        col(Grant.expires_at) > now,
    ]
    if picked is not None:
        wanted.append(col(Grant.id) == picked)
    if purpose is not None:
        wanted.append(col(Grant.purpose) == purpose)
    found = session.exec(select(Grant).where(*wanted)).all()
    return [grant for grant in found if _still_stands(grant, dataset)]


def _still_stands(grant: Grant, dataset: Dataset) -> bool:
    """A grant opens nothing that was closed further since, and nothing once it was altered."""
    if digest_of(grant) != grant.digest or not MASKS.issuperset(grant.masks.values()):
        log.error("grant_altered", grant=grant.id)
        return False
    return STRICTNESS.index(dataset.access_class) <= STRICTNESS.index(grant.access_class)


def _width(grant: Grant) -> tuple[bool, float, datetime]:
    """All rows before some rows, then more columns, then the longer life; grants never merge."""
    columns = inf if grant.columns is None else len(grant.columns)
    return grant.filter is None, columns, grant.expires_at


def _is_own(principal: Principal | None, dataset: Dataset) -> bool:
    return (
        principal is not None
        and principal.can("data:read")
        and any(principal.holds(role, dataset.agency) for role in OWNING_ROLES)
    )


def _within_token(principal: Principal | None, dataset: Dataset) -> bool:
    """A personal token may be narrowed to one dataset."""
    return principal is None or principal.reaches(dataset.id)


def _documents(
    session: Session, dataset: Dataset, releases: Sequence[Release]
) -> tuple[SchemaDocument, ...]:
    names = {(release.schema_name, release.schema_version) for release in releases}
    names.add((dataset.schema_name, dataset.schema_version))
    return tuple(standards.find(session, name, version) for name, version in sorted(names))


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _yes(
    policy: Policy,
    reason_id: str,
    reason_en: str,
    *,
    grant_id: str | None = None,
    grant_digest: str | None = None,
) -> Decision:
    return Decision(new_id(), policy, reason_id, reason_en, grant_id, grant_digest)


def _no(dataset: Dataset) -> Decision:
    """The same words whatever stands in the way; they name the dataset and nothing of it."""
    return Decision(
        new_id(),
        None,
        f"Belum ada hak akses untuk membaca {dataset.id}.",
        f"There is no grant to read {dataset.id}.",
    )
