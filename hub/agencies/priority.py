"""The regency's list of data prioritas: who owes which data and when, published yet or not (Perpres 39/2019)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from catalog.models import Dataset, Frequency
from hub.agencies.desk_models import PriorityData
from hub.agencies.service import the_agency
from hub.errors import InvalidInput, NotFound
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger


def listed(
    session: Session, *, after: str | None = None, limit: int = 100
) -> Sequence[PriorityData]:
    """By id, from the one after `after`."""
    wanted = select(PriorityData).order_by(col(PriorityData.id)).limit(limit)
    if after is not None:
        wanted = wanted.where(col(PriorityData.id) > after)
    return session.exec(wanted).all()


def of_dataset(session: Session, dataset: str) -> PriorityData | None:
    wanted = select(PriorityData).where(PriorityData.dataset == dataset)
    return session.exec(wanted.order_by(col(PriorityData.id))).first()


def the_entry(session: Session, entry_id: str) -> PriorityData:
    found = session.get(PriorityData, entry_id)
    if found is None:
        raise NotFound("Tidak ada entri itu.", "There is no such entry.")
    return found


def put(
    session: Session,
    ledger: Ledger,
    by: Actor,
    entry_id: str | None,
    *,
    title: str,
    agency: str,
    dataset: str | None,
    frequency: Frequency,
    first_due: date | None,
    basis: str,
    now: datetime,
) -> PriorityData:
    """Enter one, or say the one with this id anew. NotFound for its agency, InvalidInput for its dataset."""
    the_agency(session, agency)
    if dataset is not None:
        found = session.get(Dataset, dataset)
        if found is None or found.agency != agency:
            raise InvalidInput(
                f"Instansi {agency} tidak punya dataset {dataset}.",
                f"The agency {agency} has no dataset {dataset}.",
                field="dataset",
            )
    row = PriorityData(
        title=title,
        agency=agency,
        dataset=dataset,
        frequency=frequency,
        first_due=first_due,
        basis=basis,
        changed_at=now,
    )
    if entry_id is not None:
        row.id = the_entry(session, entry_id).id
        row = session.merge(row)
    session.add(row)
    session.flush()  # its id is told
    _record(session, ledger, by, "priority.put", row)
    return row


def remove(session: Session, ledger: Ledger, by: Actor, entry_id: str) -> None:
    row = the_entry(session, entry_id)
    session.delete(row)
    _record(session, ledger, by, "priority.removed", row)


def _record(session: Session, ledger: Ledger, by: Actor, kind: str, row: PriorityData) -> None:
    target = Target("priority_data", row.id, owner=row.agency)
    ledger.record(session, kind=kind, actor=by, target=target)
