"""The rules of aggregates: what a producer may let be counted, and who may see it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from catalog import counting
from catalog.counting import Breakdown, Group, Measure, Table
from catalog.models import AccessClass, Dataset
from catalog.question import types_of
from hub.access.aggregates.models import Aggregate
from hub.access.aggregates.shapes import AggregateIn, GroupIn
from hub.access.decision import decide
from hub.access.door import Asked, Door, open_door
from hub.access.errors import NoGrant
from hub.access.judging import Action, Audience
from hub.access.reader import Reader
from hub.access.registering import must_manage
from hub.access.visibility import see
from hub.access.witness import prove, read_facts
from hub.agencies.principal import Principal, actor_of
from hub.db import reading
from hub.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from hub.grants.personal import must_be_named, when_a_person
from hub.ledger.entry import Target
from hub.ledger.service import Ledger, Receipt
from hub.standards import service as standards
from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument

MOST_OF_A_DATASET = 20
"""Every aggregate is one more equation for somebody who adds and subtracts."""


@dataclass(frozen=True)
class Counted:
    """An aggregate over one release. Nothing has been proven yet: call `proven`."""

    aggregate: Aggregate
    door: Door
    table: Table


@dataclass(frozen=True)
class Choice:
    """A column that may be counted: whether it needs a coarser form, and whether it can be summed."""

    name: str
    personal: bool
    number: bool


def choices(document: SchemaDocument) -> list[Choice]:
    """The columns of a schema for whoever defines an aggregate; lists are none."""
    personal = must_be_named(document) | when_a_person(document)
    return [
        Choice(name, personal=name in personal, number=counting.is_number(type_))
        for name, type_ in types_of(arrow_schema(document)).items()
        if not type_.endswith("]")
    ]


def define(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    dataset_id: str,
    wanted: AggregateIn,
    *,
    smallest: int,
    now: datetime,
) -> Aggregate:
    """Let something be counted. Raises NotPermitted, DatasetNotFound, InvalidInput, Conflict,
    ColumnNotReadable for a column whose values cannot be grouped or summed so.
    """
    agency, _, slug = dataset_id.partition("/")
    must_manage(actor, agency, slug)
    dataset = see(session, actor, dataset_id, now=now)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    _check_audience(dataset, wanted.audience)
    _check_columns(document, wanted)
    counting.check(
        arrow_schema(document),
        Breakdown(
            tuple(Group(**group.model_dump()) for group in wanted.groups),
            tuple(Measure(**measure.model_dump()) for measure in wanted.measures),
        ),
    )
    k = smallest if wanted.k is None else wanted.k
    if k < smallest:
        raise InvalidInput(
            f"Sel terkecil (k) di instansi ini {smallest}; yang lebih kecil menunjuk orang.",
            f"The smallest cell (k) of this instance is {smallest}; fewer would tell of persons.",
            field="k",
        )
    _check_room(session, dataset_id, wanted.name)
    made = Aggregate(
        dataset=dataset_id,
        name=wanted.name,
        title=wanted.title,
        groups=[group.model_dump() for group in wanted.groups],
        measures=[measure.model_dump() for measure in wanted.measures],
        audience=wanted.audience.value,
        k=k,
        made_by=actor.id,
        made_at=now,
    )
    session.add(made)
    _told(session, ledger, actor, made, "aggregate.defined")
    return made


def withdraw(
    session: Session, ledger: Ledger, actor: Principal, dataset_id: str, name: str
) -> None:
    """Let it be counted no longer. Raises NotPermitted, NotFound."""
    agency, _, slug = dataset_id.partition("/")
    must_manage(actor, agency, slug)
    found = session.get(Aggregate, (dataset_id, name))
    if found is None:
        raise no_aggregate(dataset_id, name)
    session.delete(found)
    _told(session, ledger, actor, found, "aggregate.withdrawn")


def all_of(session: Session, dataset_id: str) -> list[Aggregate]:
    """Every aggregate of a dataset by name, for whoever manages it."""
    wanted = select(Aggregate).where(Aggregate.dataset == dataset_id).order_by(col(Aggregate.name))
    return list(session.exec(wanted))


def listed(
    session: Session, actor: Principal | None, dataset_id: str, *, now: datetime
) -> list[Aggregate]:
    """The aggregates of a dataset that the actor may see, by name."""
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        see(session, actor, dataset_id, now=now)  # tells it in the words for this asker
        return []
    found = [one for one in all_of(session, dataset_id) if _may(session, actor, dataset, one, now)]
    if not found:
        see(session, actor, dataset_id, now=now)  # an empty list would tell that it is there
    return found


def count(reader: Reader, actor: Principal | None, dataset_id: str, name: str) -> Counted:
    """Count the latest release, with an eye on all aggregates of the dataset: the largest k of them
    holds for each. Raises NotFound (also for one that is not for the actor), ReleaseNotFound,
    TableTooFine.
    """
    with reading(reader.engine) as session:
        found = session.get(Aggregate, (dataset_id, name))
        if found is None:
            raise no_aggregate(dataset_id, name)
        asked = Asked(actor, Action.AGGREGATE, dataset_id, audience=found.audience)
        try:
            door = open_door(session, reader, asked)
        except (NoGrant, NotAuthenticated) as closed:
            raise no_aggregate(dataset_id, name) from closed
        every = all_of(session, dataset_id)
    table = counting.count(
        door.table,
        door.manifest,
        door.schema,
        _breakdown(found),
        k=max(one.k for one in every),
        beside=[_breakdown(one) for one in every],
        stored=door.stored,
    )
    return Counted(found, door, table)


def proven(reader: Reader, counted: Counted, *, file: str | None = None) -> Receipt:
    """Evidence of the answer; `file` is the SHA-256 of what is handed over, when it is a file.

    Raises EvidenceUnavailable, and then nothing may leave.
    """
    told = {"aggregate": counted.aggregate.name, "k": counted.aggregate.k}
    rows = len(counted.table.cells)
    return prove(
        reader.evidence, read_facts(counted.door, reader.secret, told, rows=rows, file=file)
    )


def no_aggregate(dataset_id: str, name: str) -> NotFound:
    return NotFound(
        f"Tidak ada agregat {name} dari {dataset_id} yang terbuka bagi Anda.",
        f"There is no aggregate {name} of {dataset_id} that is open to you.",
    )


def _breakdown(one: Aggregate) -> Breakdown:
    return Breakdown(
        tuple(Group(**group) for group in one.groups),
        tuple(Measure(**measure) for measure in one.measures),
    )


def _may(
    session: Session, actor: Principal | None, dataset: Dataset, one: Aggregate, now: datetime
) -> bool:
    asked = decide(session, actor, Action.AGGREGATE, dataset, now=now, audience=one.audience)
    return asked.allow


def _check_audience(dataset: Dataset, audience: Audience) -> None:
    if audience is Audience.PUBLIC and dataset.access_class is not AccessClass.TERBUKA:
        raise InvalidInput(
            "Agregat untuk umum hanya dari dataset TERBUKA; pilih anggota perangkat daerah.",
            "Aggregates for the public are of open (TERBUKA) datasets only; choose the regency.",
            field="audience",
        )


def _check_columns(document: SchemaDocument, wanted: AggregateIn) -> None:
    names = [group.column for group in wanted.groups]
    measured = [measure.column for measure in wanted.measures if measure.column is not None]
    unknown = [name for name in (*names, *measured) if name not in document.by_name]
    if unknown:
        raise InvalidInput(
            "Kolom ini tidak ada dalam skema dataset.",
            "These columns are not in the schema of the dataset.",
            columns=unknown,
        )
    if len(set(names)) < len(names):
        raise InvalidInput(
            "Kolom rincian disebut dua kali.", "A column is broken down by twice.", columns=names
        )
    if any((measure.kind == "count") != (measure.column is None) for measure in wanted.measures):
        raise InvalidInput(
            "count menghitung baris dan tidak memakai kolom; sum dan mean memakai satu kolom.",
            "count counts records and takes no column; sum and mean take one.",
            field="measures",
        )
    _check_personal(document, wanted.groups)


def _check_personal(document: SchemaDocument, groups: Iterable[GroupIn]) -> None:
    """A personal column is broken down by only in a coarser form, for each value is a person."""
    personal = must_be_named(document) | when_a_person(document)
    bare = [group.column for group in groups if group.column in personal and group.form is None]
    if bare:
        raise InvalidInput(
            "Kolom data pribadi hanya boleh menjadi rincian dalam bentuk kasar (year, region:…).",
            "A personal column may only be broken down by in a coarse form (year, region:…).",
            columns=bare,
        )


def _check_room(session: Session, dataset_id: str, name: str) -> None:
    names = set(session.exec(select(Aggregate.name).where(Aggregate.dataset == dataset_id)))
    if name in names:
        raise Conflict(
            f"Agregat {name} sudah ada. Tarik dahulu, lalu buat yang baru.",
            f"There is an aggregate {name} already. Withdraw it first, then make the new one.",
        )
    if len(names) >= MOST_OF_A_DATASET:
        raise Conflict(
            f"Satu dataset punya paling banyak {MOST_OF_A_DATASET} agregat.",
            f"A dataset has at most {MOST_OF_A_DATASET} aggregates.",
        )


def _told(session: Session, ledger: Ledger, actor: Principal, one: Aggregate, kind: str) -> None:
    said = {
        "name": one.name,
        "groups": one.groups,
        "measures": one.measures,
        "audience": one.audience,
        "k": one.k,
    }
    text = json.dumps(said, sort_keys=True).encode()
    ledger.record(
        session,
        kind=kind,
        actor=actor_of(actor, one.dataset.partition("/")[0]),
        target=Target("dataset", one.dataset),
        digests={"request": sha256(text).hexdigest()},
    )
