"""The only way to the rows of a dataset: a decision, and the release it opens.

A no is recorded before it is told; a yes with the read that it opens (`hub.access.witness`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import Engine
from sqlmodel import Session, select

from catalog import marks, releases
from catalog.errors import DatasetNotFound, ReleaseDisposed, ReleaseNotFound
from catalog.marks import Marks
from catalog.models import Dataset, Release
from catalog.policy import Policy
from catalog.storage import Manifest, from_json
from hub.access import journal
from hub.access.decision import Decision, decide
from hub.access.errors import MayNotStore, NoGrant
from hub.access.judging import Action
from hub.access.reader import Reader
from hub.access.subjects import Personal, personal_of
from hub.agencies.principal import Principal, principal_of
from hub.calendar import real_now
from hub.db import reading
from hub.errors import NotAuthenticated
from hub.standards import service as standards
from schemas.arrow import arrow_schema
from schemas.compatibility import Verdict, succession
from schemas.document import SchemaDocument
from schemas.errors import IncompatibleSchema


@dataclass(frozen=True)
class Asked:
    """Who wants to do what to which dataset; `release` None is the latest, `grant` picks one.

    `as_` reads the release in the form of another version of its schema, "latest" for the newest.
    `purpose` takes a grant that was given for just that; `audience` is that of a ready-made aggregate.
    """

    principal: Principal | None
    action: Action
    dataset: str
    release: int | None = None
    grant: str | None = None
    as_: str | None = None
    purpose: str | None = None
    audience: str | None = None


@dataclass(frozen=True)
class Door:
    """An open one: the rest of the room reads `release` through `policy` and not otherwise.

    `stored` are the columns of its files, when it is read in the form of a later `document`; the days
    of its quota are those of `zone`. `personal` is what it shows of persons, if anything; `marks` are all
    cells of the dataset that are said to be wrong.
    """

    asked: Asked
    dataset: Dataset
    release: Release
    document: SchemaDocument
    decision: Decision
    policy: Policy
    table: Path
    zone: ZoneInfo
    beside: tuple[Release, ...] = ()
    stored: tuple[str, ...] | None = None
    personal: Personal | None = None
    marks: Marks | None = None

    @cached_property
    def manifest(self) -> Manifest:
        return from_json(self.release.files)

    @cached_property
    def schema(self) -> pa.Schema:
        return arrow_schema(self.document)

    @property
    def key(self) -> tuple[str, ...]:
        return self.document.key


def open_door(session: Session, reader: Reader, asked: Asked, *others: int) -> Door:
    """Decide, with the release at hand; `others` are releases read `beside` it.

    Raises DatasetNotFound, NoGrant (NotAuthenticated for a visitor), MayNotStore, ReleaseNotFound, ReleaseDisposed;
    UnknownSchema and IncompatibleSchema for a version in whose form the release cannot be read;
    EvidenceUnavailable when a refusal cannot be recorded.
    """
    dataset = session.get(Dataset, asked.dataset)
    if dataset is None:
        raise _absent(asked)
    release = _release(session, dataset.id, asked.release)
    beside = tuple(_release(session, dataset.id, number) for number in others)
    read = [found for found in (release, *beside) if found is not None]
    decision = _decided(session, asked, dataset, read)
    policy = decision.policy(reader.secret)
    if policy is None:
        journal.refuse(reader.evidence, decision)
        raise _closed(asked, decision)
    # Only whoever may read learns which releases there are.
    if release is None:
        raise ReleaseNotFound(dataset.id, asked.release)
    if len(read) <= len(others):
        raise ReleaseNotFound(dataset.id, others[0])
    own = standards.find(session, release.schema_name, release.schema_version)
    for one in read:
        if one.disposed_at is not None:
            raise ReleaseDisposed(dataset.id, one.number, one.disposed_at)
    document = _form(session, own, asked.as_)
    return Door(
        asked,
        dataset,
        release,
        document,
        decision,
        policy,
        reader.settings.storage / dataset.agency / dataset.slug,
        reader.settings.zone,
        tuple(read[1:]),
        None if document is own else own.columns,
        personal_of(session, document, policy),
        marks.of_dataset(session, dataset.id),
    )


def _decided(session: Session, asked: Asked, dataset: Dataset, read: Sequence[Release]) -> Decision:
    return decide(
        session,
        asked.principal,
        asked.action,
        dataset,
        now=real_now(),
        releases=read,
        grant=asked.grant,
        purpose=asked.purpose,
        audience=asked.audience,
    )


def _form(session: Session, own: SchemaDocument, wanted: str | None) -> SchemaDocument:
    """The version in whose form a release is read; only one that takes every row it may hold."""
    if wanted is None or wanted == own.version:
        return own
    known = standards.registry(session)
    other = known.latest(own.name) if wanted == "latest" else known.get(own.name, wanted)
    if other.version == own.version:
        return own
    verdict = _reads(own, other)
    if not verdict.compatible:
        raise IncompatibleSchema(verdict.reasons, verdict.witnesses)
    return other


@lru_cache(maxsize=256)
def _reads(old: SchemaDocument, new: SchemaDocument) -> Verdict:
    """Published documents never change, so neither does the verdict."""
    return succession([old], new, "BACKWARD")


def still_open(engine: Engine, door: Door) -> bool:
    """Whether the very same answer would be given now, posts and grant looked up anew."""
    principal, before = door.asked.principal, door.decision.outcome
    with reading(engine) as session:
        dataset = session.get(Dataset, door.asked.dataset)
        if dataset is None:
            return False
        if principal is not None:
            principal = principal_of(session, principal.identity, now=real_now())
        again = replace(door.asked, principal=principal, grant=before.grant)
        now = _decided(session, again, dataset, [door.release, *door.beside]).outcome
    return (now.given, now.grant) == (before.given, before.grant)


def _absent(asked: Asked) -> Exception:
    """Only members are told that there is no such dataset; for others it looks like a closed one."""
    member = asked.principal is not None and bool(asked.principal.posts)
    return DatasetNotFound(asked.dataset) if member else _closed(asked)


def _closed(asked: Asked, decision: Decision | None = None) -> Exception:
    if decision is not None and decision.outcome.reason == "may_not_store":
        return MayNotStore(asked.dataset)
    if asked.principal is None:
        return NotAuthenticated(
            f"Masuk dahulu untuk membaca {asked.dataset}.", f"Sign in to read {asked.dataset}."
        )
    return NoGrant(asked.dataset)


def _release(session: Session, dataset: str, number: int | None) -> Release | None:
    if number is None:
        return releases.latest(session, dataset)
    wanted = select(Release).where(Release.dataset == dataset, Release.number == number)
    return session.exec(wanted).first()
