"""Entering datasets into the catalog and changing what is said of them."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic_core import to_jsonable_python
from sqlmodel import Session, col, select

from catalog import datasets, releases
from catalog.datasets import Description
from catalog.models import Dataset
from catalog.turns import take_turn
from hub.access import promising
from hub.access.promising import Leave
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.classification import kip
from hub.errors import Conflict, InvalidInput, NotPermitted
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger, Receipt
from hub.outbox.service import EventType, record
from hub.reviews import collecting, variables
from hub.standards import evolution
from hub.standards import service as standards
from schemas.document import SchemaDocument
from schemas.errors import IncompatibleSchema


def register(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    agency: str,
    slug: str,
    said: Description,
    *,
    now: datetime,
) -> tuple[Dataset, Receipt]:
    """A new dataset. Raises NotPermitted, InvalidInput (no such agency), UnknownSchema,
    DatasetExists, DatasetInvalid, InvalidSteps.
    """
    must_manage(actor, agency, slug)
    owner = _agency(session, agency)
    kip.check(session, said)
    document = standards.find(session, said.schema_name, said.schema_version)
    take_turn(session, f"simpul dataset {agency}/{slug}")
    dataset = datasets.create(
        session, agency, slug, said, document, agency_name=owner.name, now=now
    )
    return dataset, _told(session, ledger, actor, dataset, EventType.DATASET_CREATED, [])


def amend(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    name: str,
    said: dict[str, Any],
    *,
    leave: Leave,
    now: datetime,
) -> Dataset:
    """Change what `said` names, or announce the change when `leave` names a day.

    Raises what `register` raises, DatasetNotFound, IncompatibleSchema, PromiseBroken, and for
    fields that are new CollectedElsewhere and ReviewAwaited.
    """
    agency, _, slug = name.partition("/")
    must_manage(actor, agency, slug)
    take_turn(session, f"simpul dataset {name}")
    dataset = datasets.get(session, agency, slug)
    before = datasets.description_of(dataset)
    wanted = replace(before, **said)
    if not said.keys().isdisjoint({"kip_class", "access_class"}):
        kip.check(session, wanted)
    document = standards.find(session, wanted.schema_name, wanted.schema_version)
    _check_succession(session, dataset, document)
    if leave.notice_until is not None:
        _announce(session, ledger, actor, dataset, said, leave, now=now)
        return dataset
    reasons, grants = promising.broken(session, dataset, wanted, before, now)
    changes = to_jsonable_python(said)
    if reasons and leave.urgent:
        _announce(session, ledger, actor, dataset, said, leave, now=now)
    else:
        promising.check(session, dataset, reasons, grants, changes, leave)
    owner = _agency(session, agency)
    changed = datasets.change(session, dataset, wanted, document, agency_name=owner.name, now=now)
    if changed:
        _told(session, ledger, actor, dataset, EventType.DATASET_CHANGED, changed)
    return dataset


def reindex(session: Session, *, agency: str | None = None) -> int:
    """Enter datasets into the search anew (all, or those of an agency that was renamed)."""
    rows = select(Dataset, Agency.name).join(Agency, col(Agency.code) == col(Dataset.agency))
    if agency is not None:
        rows = rows.where(Dataset.agency == agency)
    found = session.exec(rows).all()
    for dataset, name in found:
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        datasets.enter(session, dataset, document, name)
    return len(found)


def must_manage(actor: Principal, agency: str, slug: str) -> None:
    actor.must("dataset:write")
    manages = actor.holds("steward", agency) or actor.has("walidata")
    if not (manages and actor.reaches(f"{agency}/{slug}")):
        raise NotPermitted(
            f"Hanya penanggung jawab data (steward) {agency} atau walidata yang mengatur datasetnya.",
            f"Only a steward of {agency} or the walidata manages its datasets.",
        )


def _agency(session: Session, code: str) -> Agency:
    agency = session.get(Agency, code)
    if agency is None:
        raise InvalidInput(f"Tidak ada instansi {code}.", f"There is no agency {code}.")
    return agency


def _check_succession(session: Session, dataset: Dataset, document: SchemaDocument) -> None:
    """A dataset moves along compatible versions; before the first release it may change schema."""
    if (document.name, document.version) == (dataset.schema_name, dataset.schema_version):
        return
    if document.name != dataset.schema_name:
        if releases.latest(session, dataset.id) is None:
            return
        raise Conflict(
            f"Dataset {dataset.id} sudah punya rilis; skemanya tetap {dataset.schema_name}.",
            f"Dataset {dataset.id} has releases; its schema stays {dataset.schema_name}.",
        )
    current = standards.find(session, dataset.schema_name, dataset.schema_version)
    verdict = evolution.may_move(session, current, document)
    if not verdict.compatible:
        raise IncompatibleSchema(verdict.reasons, verdict.witnesses)
    if releases.latest(session, dataset.id) is not None:
        # Until new fields may be collected it stays where it is, so that its data flows on.
        collecting.check(session, dataset, document)
        variables.enter(session, document)


def _announce(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    dataset: Dataset,
    said: dict[str, Any],
    leave: Leave,
    *,
    now: datetime,
) -> None:
    """Note what readers are told of beforehand: one row, one ledger entry, one event."""
    changes = to_jsonable_python(said)
    notice = promising.announce(session, dataset, changes, leave, by=actor.id, now=now)
    ledger.record(
        session,
        kind=EventType.DATASET_ANNOUNCED.value,
        actor=Actor(**actor.actor(dataset.agency)),
        target=Target("dataset", dataset.id),
        digests={"request": sha256(notice.model_dump_json().encode()).hexdigest()},
    )
    data = {
        "fields": sorted(said),
        "until": notice.until.isoformat(),
        "urgent": bool(notice.reason),
    }
    record(session, EventType.DATASET_ANNOUNCED, dataset=dataset.id, data=data)


def _told(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    dataset: Dataset,
    event: EventType,
    changed: list[str],
) -> Receipt:
    text = dataset.model_dump_json().encode()
    receipt = ledger.record(
        session,
        kind=event.value,
        actor=Actor(**actor.actor(dataset.agency)),
        target=Target("dataset", dataset.id),
        digests={"request": sha256(text).hexdigest()},
    )
    data = {"access_class": dataset.access_class.value, "changed": changed}
    record(session, event, dataset=dataset.id, data=data)
    return receipt
