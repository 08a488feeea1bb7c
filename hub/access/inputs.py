"""What a decision is made from: gathered once, written down, so that it can be made again.

Three kinds of attributes (of the reader, the dataset and each grant) as plain JSON, each named by the
digest of its canonical text. They hold no name of a person, and of a grant what its row holds.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from catalog.models import Dataset, Release
from hub.agencies.principal import Principal
from hub.grants.models import Grant
from hub.grants.personal import must_be_named, when_a_person
from hub.grants.signing import Flaw, flaws
from hub.proceedings.parties import ASKING_ROLES
from hub.standards import service as standards
from schemas.document import SchemaDocument

Body = Mapping[str, Any]
VISITOR = "anonymous"

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> bytes:
    """Compact JSON with sorted members: equal values have equal bytes."""
    return _ENCODER.encode(value).encode()


@dataclass(frozen=True)
class Attributes:
    """What was known of one reader, dataset or grant at one moment."""

    body: Body

    @cached_property
    def text(self) -> bytes:
        return canonical(self.body)

    @cached_property
    def digest(self) -> str:
        return sha256(self.text).hexdigest()


@dataclass(frozen=True)
class Inputs:
    """One question with all that its answer rests on.

    `picked` is a grant by its id, `purpose` one that the grant must have been given for; `audience`
    is that of a ready-made aggregate. `principal` None is a visitor.
    """

    at: datetime
    action: str
    dataset: Attributes
    principal: Attributes | None = None
    grants: tuple[Attributes, ...] = ()
    picked: str | None = None
    purpose: str | None = None
    audience: str | None = None

    @property
    def subject(self) -> str:
        return VISITOR if self.principal is None else str(self.principal.body["id"])

    @property
    def target(self) -> str:
        return str(self.dataset.body["id"])

    @property
    def attributes(self) -> tuple[Attributes, ...]:
        """Every one of them, the reader first."""
        reader = () if self.principal is None else (self.principal,)
        return (*reader, self.dataset, *self.grants)


def of_principal(principal: Principal) -> Attributes:
    """Who asks, by opaque ids: what the proof allows, and the posts of this moment."""
    posts = [{"id": p.id, "role": str(p.role), "agency": p.agency} for p in principal.posts]
    return Attributes(
        {
            "kind": principal.identity.kind,
            "id": principal.id,
            "via": principal.identity.via,
            "narrowed": principal.identity.dataset,
            "actions": _listed(principal.identity.actions),
            "scopes": sorted(principal.scopes),
            "posts": posts,
        }
    )


def of_dataset(dataset: Dataset, documents: Sequence[SchemaDocument]) -> Attributes:
    """Its class, and what its schemas say of its columns: those named and those personal."""
    return Attributes(
        {
            "id": dataset.id,
            "agency": dataset.agency,
            "class": dataset.access_class.value,
            **_said_by(tuple(documents)),
        }
    )


@lru_cache(maxsize=1024)
def _said_by(documents: tuple[SchemaDocument, ...]) -> Body:
    """Published documents never change, and every decision asks them the same."""
    return {
        "schemas": [f"{document.name}/{document.version}" for document in documents],
        "columns": _union(document.columns for document in documents),
        "must_be_named": _union(must_be_named(document) for document in documents),
        "when_a_person": _union(when_a_person(document) for document in documents),
    }


def of_grant(grant: Grant, flaw: str | None) -> Attributes:
    """The grant as its row stands; `flaw` says why its contract does not."""
    return Attributes(
        {
            "id": grant.id,
            "digest": grant.digest,
            "flaw": flaw,
            "target": [grant.target_type, grant.target],
            "class": grant.access_class.value,
            "agency": grant.grantee_agency,
            "party": grant.grantee,
            "columns": grant.columns,
            "filter": grant.filter,
            "masks": grant.masks,
            "use": grant.use,
            "daily_rows": grant.daily_rows,
            "may_store": grant.may_store,
            "purpose": grant.purpose,
            "basis": bool(grant.basis.strip()),
            "starts_at": moment(grant.starts_at),
            "expires_at": moment(grant.expires_at),
            "revoked_at": moment(grant.revoked_at) if grant.revoked_at else None,
        }
    )


def moment(at: datetime) -> str:
    """UTC to the microsecond: such texts sort as their moments do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def documents_of(
    session: Session, dataset: Dataset, releases: Sequence[Release]
) -> tuple[SchemaDocument, ...]:
    """The schema of the dataset and those of the releases that are to be read."""
    names = {(release.schema_name, release.schema_version) for release in releases}
    names.add((dataset.schema_name, dataset.schema_version))
    return tuple(standards.find(session, name, version) for name, version in sorted(names))


def live_grants(
    session: Session,
    principal: Principal,
    datasets: Sequence[str],
    *,
    now: datetime,
    picked: str | None = None,
) -> list[Grant]:
    """Grants on these datasets that the caller may use at this moment, by id; one statement."""
    asked = {
        "datasets": list(datasets),
        "agencies": sorted({p.agency for p in principal.posts if p.role in ASKING_ROLES}),
        "reader": principal.id,
        "now": now,
    }
    if picked is not None:
        return list(session.exec(_PICKED, params={**asked, "picked": picked}))
    return list(session.exec(_LIVE, params=asked))


# Made once: building them took longer than the database takes to answer.
_LIVE = (
    select(Grant)
    .where(
        col(Grant.target_type) == "dataset",
        col(Grant.target).in_(bindparam("datasets", expanding=True)),
        or_(
            col(Grant.grantee_agency).in_(bindparam("agencies", expanding=True)),
            col(Grant.grantee) == bindparam("reader"),
        ),
        col(Grant.revoked_at).is_(None),
        col(Grant.waits_until).is_(None),
        col(Grant.suspended_at).is_(None),
        col(Grant.starts_at) <= bindparam("now"),
        col(Grant.expires_at) > bindparam("now"),
    )
    .order_by(col(Grant.id))
)
_PICKED = _LIVE.where(col(Grant.id) == bindparam("picked"))


def with_flaws(session: Session, grants: Sequence[Grant]) -> list[Attributes]:
    """Each grant with what is wrong with its contract; one statement for all of them."""
    found = flaws(session, grants)
    return [of_grant(grant, _told(found.get(grant.id))) for grant in grants]


def _told(flaw: Flaw | None) -> str | None:
    return None if flaw is None else f"{flaw.code} {flaw.member}".strip()


def _listed(words: frozenset[str] | None) -> list[str] | None:
    return None if words is None else sorted(words)


def _union(sets: Iterable[Iterable[str]]) -> list[str]:
    return sorted(set().union(*sets))
