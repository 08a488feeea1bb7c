"""Batches by name: who may send one, what it needs to be judged, what became of it."""

from collections.abc import Callable
from pathlib import Path

from sqlmodel import Session, col, select

from catalog import releases
from catalog.errors import DatasetNotFound
from catalog.models import Dataset
from catalog.storage import from_json, paths
from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES
from hub.calendar import real_now
from hub.errors import NotFound, NotPermitted
from hub.identifiers import new_id
from hub.intake import codes, quarantines, referenced, second_person, succession
from hub.intake.delivery import Delivery
from hub.intake.models import Batch, Mode, OnError
from hub.intake.spool import Spooled
from hub.ledger.entry import Actor
from hub.reviews import collecting
from hub.settings import Settings
from schemas.document import SchemaDocument

FindDocument = Callable[[Session, str, str], SchemaDocument]
"""The published schema by name and version (hub.standards); raises UnknownSchema."""


def writable(session: Session, actor: Principal, dataset_id: str, *, scope: str) -> Dataset:
    """The dataset, if the actor may write to it: its agency's steward.

    Raises DatasetNotFound, NotPermitted.
    """
    actor.must(scope)
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        raise DatasetNotFound(dataset_id)
    if not actor.reaches(dataset_id):
        raise NotPermitted(
            f"Token ini hanya untuk dataset {actor.identity.dataset}.",
            f"This token is for the dataset {actor.identity.dataset} only.",
        )
    if not actor.holds("steward", dataset.agency):
        raise NotPermitted(
            f"Hanya penanggung jawab data (steward) {dataset.agency} yang boleh mengirim ke {dataset_id}.",
            f"Only a steward of {dataset.agency} may send to {dataset_id}.",
        )
    return dataset


def delivery(
    session: Session,
    settings: Settings,
    dataset: Dataset,
    body: Spooled,
    *,
    format: str,
    mode: Mode,
    on_error: OnError,
    via: str,
    actor: Actor,
    find_document: FindDocument,
    source: str | None = None,
    corrects: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
) -> Delivery:
    """All that judging this body needs, gathered while a session is open.

    `sheet` and `header_row` say where in a workbook the rows are. Raises SchemaEnded, and for new
    fields CollectedElsewhere and ReviewAwaited.
    """
    succession.check_open(session, settings, dataset)
    document = find_document(session, dataset.schema_name, dataset.schema_version)
    collecting.check(session, dataset, document)
    return Delivery(
        id=new_id(),
        dataset=dataset,
        document=document,
        codes=codes.lists(session, settings, document),
        references=referenced.key_files(
            session, settings, dataset, document, find_document, replaced=mode == "replace"
        ),
        held=held(session, settings, dataset) if mode == "delete" else None,
        body=body,
        format=format,
        mode=mode,
        on_error=on_error,
        via=via,
        actor=actor,
        received_at=real_now(),
        source=source,
        corrects=corrects,
        sheet=sheet,
        header_row=header_row,
    )


def intended(
    session: Session,
    dataset: Dataset,
    corrects: str | None,
    mode: Mode | None,
    *,
    find_document: FindDocument,
) -> tuple[Mode, str | None]:
    """The mode of a batch and the one it corrects, from what its sender said.

    Raises NotFound, Conflict, InvalidInput when it says that it corrects what it cannot.
    """
    if not corrects:
        return mode or "append", None
    batch = quarantines.corrected(session, dataset.id, corrects)
    document = find_document(session, dataset.schema_name, dataset.schema_version)
    return quarantines.mode_of(batch, document.key, mode), batch.id


def held(session: Session, settings: Settings, dataset: Dataset) -> tuple[Path, ...]:
    """Files of the dataset's release in force; none before the first."""
    latest = releases.latest(session, dataset.id)
    table = settings.storage / dataset.agency / dataset.slug
    return tuple(paths(table, from_json(latest.files))) if latest else ()


def must_see(actor: Principal, dataset: str) -> None:
    """Batches are seen by the dataset's own agency and the walidata; to others there are none."""
    if not may_see(actor, dataset):
        raise NotFound(
            f"Tidak ada kiriman yang dapat Anda lihat pada {dataset}.",
            f"There are no batches of {dataset} that you may see.",
        )


def may_see(actor: Principal, dataset: str) -> bool:
    """That there are batches, and how they ended."""
    concerned = actor.has("walidata") or actor.is_member_of(agency_of(dataset))
    return concerned and actor.reaches(dataset)


def may_read(actor: Principal, dataset: str) -> bool:
    """A report of errors holds cells, so only those read it who read the agency's own data."""
    owns = any(actor.holds(role, agency_of(dataset)) for role in OWNING_ROLES)
    return owns and actor.reaches(dataset) and (actor.can("data:read") or actor.can("data:write"))


def must_read(actor: Principal, dataset: str) -> None:
    """Raise NotPermitted for whoever may see a batch but not its rows."""
    if not may_read(actor, dataset):
        raise NotPermitted(
            "Laporan ini memuat isi baris; hanya steward, kepala, dan analis instansi produsen yang "
            "membacanya. Jumlahnya ada pada kiriman itu sendiri.",
            "This report holds cells; only steward, head and analyst of the producer read it. "
            "Its counts are with the batch itself.",
        )


def agency_of(dataset: str) -> str:
    return dataset.partition("/")[0]


def find(session: Session, actor: Principal, dataset: str, batch_id: str) -> Batch:
    """A batch of a dataset by its id, also for whoever is its second person; raises NotFound to others."""
    batch = session.get(Batch, batch_id)
    if batch is None or not (actor.reaches(dataset) and second_person.signs(session, actor, batch)):
        must_see(actor, dataset)
    if batch is None or batch.dataset != dataset:
        raise NotFound(f"Tidak ada kiriman {batch_id}.", f"There is no batch {batch_id}.")
    return batch


def recent(session: Session, dataset: str, *, limit: int = 20) -> list[Batch]:
    """The last batches of a dataset, newest first."""
    return list(
        session.exec(
            select(Batch)
            .where(col(Batch.dataset) == dataset)
            .order_by(col(Batch.received_at).desc())
            .limit(limit)
        ).all()
    )
