"""HTTP of reports of wrong values."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, status

from hub.access.reader import ReaderDep
from hub.access.vault import Vault
from hub.agencies.actor import ActorDep
from hub.corrections import filing, service
from hub.corrections.shapes import Filed, MoveIn, ReportIn, ReportLine, ReportOut
from hub.deps import ClockDep, Page, PageDep, ReadingDep, SessionDep, SettingsDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office

router = APIRouter(prefix="/api/v1", tags=["corrections"])

Part = Annotated[str, Path(max_length=100)]
ReportId = Annotated[str, Path(max_length=40)]
Name = Annotated[str | None, Query(max_length=200)]


@router.post(
    "/datasets/{agency}/{slug}/reports",
    status_code=status.HTTP_201_CREATED,
    response_model=Filed,
)
def report_wrong_value(
    reader: ReaderDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    agency: Part,
    slug: Part,
    body: ReportIn,
) -> dict[str, Any]:
    """Report a wrong value that one may read; the row is marked and the owner's clock runs."""
    office = Office(ledger, clock)
    return filing.report(reader, office, actor, f"{agency}/{slug}", body, once, digest)


@router.get("/reports", operation_id="list_correction_reports")
def reports(
    session: ReadingDep, actor: ActorDep, page: PageDep, dataset: Name = None
) -> Page[ReportLine]:
    """Mine, my agency's and those on my agency's data; newest first."""
    found = service.listed(session, actor, before=page.word, limit=page.fetch, dataset=dataset)
    return page.of(found, lambda one: (one.id,), lambda one: service.line(session, actor, one))


@router.get("/reports/{report_id}", operation_id="correction_report")
def report(
    session: ReadingDep, settings: SettingsDep, actor: ActorDep, report_id: ReportId
) -> ReportOut:
    """Where it stands, until when, what happened, and what the caller may do."""
    vault = Vault.of(settings)
    found = service.the_report(session, vault, actor, report_id)
    return service.told(session, vault, actor, found)


@router.post(
    "/reports/{report_id}/moves", response_model=ReportOut, operation_id="move_correction_report"
)
def move(
    session: SessionDep,
    settings: SettingsDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    report_id: ReportId,
    body: MoveIn,
) -> dict[str, Any]:
    """Answer, decide, object or withdraw, as the rule book `laporan-data-salah` says."""
    vault, office = Vault.of(settings), Office(ledger, clock)

    def moved() -> dict[str, Any]:
        service.move(session, vault, office, actor, report_id, body.event, body.reason)
        found = service.the_report(session, vault, actor, report_id)
        return service.told(session, vault, actor, found).model_dump(mode="json")

    return once.run(session, actor.id, digest, moved)[0]
