"""HTTP of what comes in: batches and their reports, sources and their runs."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from connectors import base as contract
from connectors.registry import kinds
from hub.agencies.actor import ActorDep
from hub.agencies.principal import actor_of
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.deps import ClockDep, ReadingDep, SessionDep, SettingsDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.identifiers import new_id
from hub.intake import (
    batches,
    closing,
    keeping,
    pushing,
    quarantines,
    reports,
    running,
    second_person,
    sources,
)
from hub.intake.deps import DeliveryDep, IntakeDep, LaterDep, WritableDataset
from hub.intake.job_routes import acknowledged
from hub.intake.models import (
    Batch,
    BatchAccepted,
    BatchMove,
    BatchOut,
    GiveUp,
    JobAccepted,
    Run,
    RunOut,
    Source,
    SourceIn,
    SourceOut,
)
from hub.problems import language_of
from hub.proceedings.office import Office
from hub.settings import Settings
from hub.standards import service as standards

router = APIRouter(tags=["intake"])
DATASET = "/api/v1/datasets/{agency}/{slug}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post(
    DATASET + "/batches",
    status_code=201,
    operation_id="push_batch",
    response_model=BatchAccepted,
    responses={202: {"model": JobAccepted, "description": "To be judged; see Location."}},
)
def push(
    request: Request,
    response: Response,
    actor: ActorDep,
    delivery: DeliveryDep,
    intake: IntakeDep,
    once: OnceDep,
    later: LaterDep,
) -> BatchAccepted | Response:
    """Send rows to a dataset: judged by its schema, published as its next release.

    Rows that correct an earlier batch name it, and leave its quarantine as far as they now pass.
    With `Prefer: respond-async` the answer comes as soon as the batch is safe: 202 and a job.
    """
    said = request.scope["query_string"]
    answer = pushing.push(intake, once, actor.id, delivery, query=said, later=later)
    if isinstance(answer, JobAccepted):
        return acknowledged(answer)
    at = f"/api/v1/datasets/{delivery.dataset.id}/batches/{answer.batch}"
    response.headers["Location"] = at
    return answer


@router.get(DATASET + "/batches", operation_id="list_batches")
def list_batches(
    request: Request,
    agency: str,
    slug: str,
    actor: ActorDep,
    session: ReadingDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
) -> list[BatchOut]:
    """The last batches of a dataset of one's own agency, newest first."""
    batches.must_see(actor, f"{agency}/{slug}")
    found = batches.recent(session, f"{agency}/{slug}", limit=min(limit, 100))
    return [_batch_out(batch, language_of(request)) for batch in found]


@router.get(DATASET + "/batches/{batch_id}", operation_id="get_batch")
def get_batch(
    request: Request, agency: str, slug: str, batch_id: str, actor: ActorDep, session: ReadingDep
) -> BatchOut:
    """What became of one batch."""
    batch = batches.find(session, actor, f"{agency}/{slug}", batch_id)
    return _batch_out(batch, language_of(request))


@router.get(DATASET + "/batches/{batch_id}/errors", operation_id="get_batch_errors")
def get_errors(
    request: Request,
    agency: str,
    slug: str,
    batch_id: str,
    actor: ActorDep,
    session: ReadingDep,
    settings: SettingsDep,
    intake: IntakeDep,
    background: BackgroundTasks,
    format: Literal["json", "csv", "csv-rows", "xlsx"] = "json",
) -> Response:
    """The error report; `xlsx` and `csv-rows` hold the rejected rows and can be sent back corrected.

    These two leave out what has been mended since.
    """
    batch = batches.find(session, actor, f"{agency}/{slug}", batch_id)
    batches.must_read(actor, batch.dataset)
    language = language_of(request)
    if format == "json":
        return Response(reports.whole(settings, batch.id), media_type="application/json")
    document = standards.find(session, batch.schema_name, batch.schema_version)
    report = reports.Report(settings, batch.id, document, language)
    if format == "csv":
        return _as_csv(report.errors_as_csv(), f"laporan-{batch.id}.csv")
    mended = quarantines.mended_of(session, batch)
    if format == "csv-rows":
        return _as_csv(report.rows_as_csv(mended), f"baris-{batch.id}.csv")
    path = keeping.scratch(settings) / f"{batch.id}-{new_id()}.xlsx"
    session.close()  # the drawing may take long
    report.as_xlsx(intake.judges, path, mended)
    background.add_task(path.unlink, missing_ok=True)
    return FileResponse(
        path, media_type=XLSX, headers=_named(f"laporan-{batch.id}.xlsx"), background=background
    )


@router.post(DATASET + "/batches/{batch_id}/give-up", operation_id="give_up_rows")
def give_up(
    request: Request,
    dataset: WritableDataset,
    batch_id: str,
    wanted: GiveUp,
    actor: ActorDep,
    session: SessionDep,
    intake: IntakeDep,
    once: OnceDep,
    digest: BodyDigest,
) -> BatchOut:
    """Say that the rows of a quarantine which are still open will not be corrected, and why."""

    def close() -> dict[str, object]:
        batch = batches.find(session, actor, dataset.id, batch_id)
        who = actor_of(actor, dataset.agency)
        closing.give_up(session, intake.ledger, who, batch.id, wanted.reason)
        return _batch_out(batch, language_of(request)).model_dump(mode="json")

    answer, _ = once.run(session, actor.id, digest, close)
    return BatchOut.model_validate(answer)


@router.post(DATASET + "/batches/{batch_id}/moves", operation_id="move_batch")
def move(
    request: Request,
    agency: str,
    slug: str,
    batch_id: str,
    wanted: BatchMove,
    actor: ActorDep,
    session: SessionDep,
    intake: IntakeDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
) -> BatchOut:
    """Sign a batch as its second person, return it with a reason, or withdraw it."""

    def carry_out() -> dict[str, object]:
        batch = batches.find(session, actor, f"{agency}/{slug}", batch_id)
        office = Office(intake.ledger, clock)
        second_person.move(session, office, actor, batch, wanted.event, reason=wanted.reason)
        return _batch_out(batch, language_of(request)).model_dump(mode="json")

    answer, _ = once.run(session, actor.id, digest, carry_out)
    return BatchOut.model_validate(answer)


@router.get("/api/v1/source-kinds", operation_id="list_source_kinds")
def list_kinds(actor: ActorDep) -> dict[str, dict[str, object]]:
    """The kinds of source this hub can pull from, with the JSON Schema of their options."""
    return {name: dict(kind.options_schema) for name, kind in sorted(kinds().items())}


@router.post("/api/v1/sources", status_code=201, operation_id="create_source")
def create_source(
    wanted: SourceIn,
    actor: ActorDep,
    session: SessionDep,
    settings: SettingsDep,
    intake: IntakeDep,
    once: OnceDep,
    digest: BodyDigest,
) -> SourceOut:
    """Register a source that the hub pulls a dataset from."""

    def create() -> dict[str, object]:
        source = sources.create(
            session, intake.ledger, actor, wanted, settings=settings, now=real_now()
        )
        return _source_out(settings, source).model_dump(mode="json")

    answer, _ = once.run(session, actor.id, digest, create)
    return SourceOut.model_validate(answer)


@router.get("/api/v1/sources", operation_id="list_sources")
def list_sources(actor: ActorDep, session: ReadingDep, settings: SettingsDep) -> list[SourceOut]:
    """The sources of one's own agencies; all of them for the walidata."""
    return [_source_out(settings, source) for source in sources.listed(session, actor)]


@router.get("/api/v1/sources/{source_id}", operation_id="get_source")
def get_source(
    source_id: str, actor: ActorDep, session: ReadingDep, settings: SettingsDep
) -> SourceOut:
    return _source_out(settings, sources.find(session, actor, source_id))


@router.post("/api/v1/sources/{source_id}/check", operation_id="check_source")
def check_source(
    source_id: str, actor: ActorDep, session: ReadingDep, settings: SettingsDep
) -> dict[str, object]:
    """Try each layer of a source from the lowest; says which one fails. Nothing is taken."""
    source = sources.find(session, actor, source_id)
    session.close()  # the source may be slow
    return _report_out(sources.open_for(settings, source).check())


@router.post("/api/v1/sources/{source_id}/run", status_code=201, operation_id="run_source")
def run_source(source_id: str, actor: ActorDep, session: ReadingDep, intake: IntakeDep) -> RunOut:
    """Pull now; the answer comes when the run is over and says what it brought."""
    source = sources.find(session, actor, source_id)
    batches.writable(session, actor, source.dataset, scope="source:write")
    session.close()
    with unit_of_work(intake.engine) as writing:
        claimed = running.claim(writing, source_id, now=real_now())
    return _run_out(running.run(intake, claimed, find_document=standards.find))


@router.get("/api/v1/sources/{source_id}/runs", operation_id="list_runs")
def list_runs(source_id: str, actor: ActorDep, session: ReadingDep) -> list[RunOut]:
    """The last runs of a source, newest first."""
    source = sources.find(session, actor, source_id)
    return [_run_out(run) for run in running.runs(session, source.id)]


def _as_csv(stream: Iterator[bytes], name: str) -> Response:
    return StreamingResponse(stream, media_type="text/csv", headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _batch_out(batch: Batch, language: str) -> BatchOut:
    said = batch.model_dump(include=set(BatchOut.model_fields))
    return BatchOut(**{**said, "batch": batch.id, "given_up_why": closing.why(batch, language)})


def _source_out(settings: Settings, source: Source) -> SourceOut:
    fields = source.model_dump(include=set(SourceOut.model_fields) - {"secrets"})
    return SourceOut(**fields, secrets=sources.secret_fields(settings, source))


def _run_out(run: Run) -> RunOut:
    return RunOut(**run.model_dump())


def _report_out(report: contract.Report) -> dict[str, object]:
    layers = [
        {
            "layer": layer.name,
            "outcome": layer.outcome,
            "message_id": layer.sentence.id,
            "message_en": layer.sentence.en,
        }
        for layer in report.layers
    ]
    failing = report.failing
    return {"ok": report.ok, "failing": failing.name if failing else None, "layers": layers}
