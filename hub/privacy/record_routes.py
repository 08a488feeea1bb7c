"""HTTP of processing records."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.privacy import records
from hub.privacy.answering import Form, listed_as
from hub.privacy.record_shapes import HEADER, BasisIn, RecordOut, as_row, record_out

router = APIRouter(prefix="/api/v1/processing-records", tags=["privacy"])

MOST = 100_000
"""Records in one file."""

Name = Annotated[str | None, Query(max_length=200)]


@router.get("", response_model=Page[RecordOut])
def processing_records(
    session: ReadingDep, actor: ActorDep, page: PageDep, dataset: Name = None, format: Form = "json"
) -> Any:
    """One for every grant on personal data, newest first; a file holds all of them."""
    now = real_now()
    if format == "json":
        rows = records.listed(session, actor, limit=page.fetch, before=page.word, dataset=dataset)
        return page.of(rows, lambda row: (row[0].id,), lambda row: record_out(*row, now))
    every = records.listed(session, actor, limit=MOST, dataset=dataset)
    lines = [as_row(record_out(row, grant, now)) for row, grant in every]
    return listed_as(format, "catatan-pemrosesan", HEADER, lines)


@router.get("/{record_id}")
def processing_record(session: ReadingDep, actor: ActorDep, record_id: str) -> RecordOut:
    return record_out(*records.one(session, actor, record_id), real_now())


@router.post("/{record_id}/basis", response_model=RecordOut)
def state_basis(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    record_id: str,
    body: BasisIn,
) -> dict[str, Any]:
    """State the basis, one of the six of the law, where it was assumed or wrong."""

    def stated() -> dict[str, Any]:
        found = records.state_basis(
            session, ledger, actor, record_id, basis=body.basis, article=body.article
        )
        return record_out(*found, real_now()).model_dump(mode="json")

    return once.run(session, actor.id, digest, stated)[0]
