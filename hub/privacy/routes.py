"""HTTP of the personal data law."""

from typing import Any

from fastapi import APIRouter, status
from pydantic import BaseModel
from starlette.responses import Response

from hub.access.reader import ReaderDep
from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.privacy import breach_files, breaches, reads, subject_files
from hub.privacy import subject_access as service
from hub.privacy.answering import Form, listed_as
from hub.privacy.breaches import Told
from hub.privacy.reads import Scope
from hub.privacy.reporting import report_of
from hub.privacy.shapes import (
    BreachIn,
    BreachOut,
    BreachReport,
    ClosureIn,
    HandlingIn,
    SubjectAnswer,
    SubjectCount,
    SubjectIn,
    ToldIn,
    answer_out,
    breach_out,
)
from hub.privacy.subject_access import Asked

router = APIRouter(prefix="/api/v1", tags=["privacy"])


class Subjects(BaseModel):
    """`subject` is a keyed hash: the hub alone can say of an identifier whether it is this one."""

    items: list[SubjectCount]


@router.post("/subject-access", response_model=SubjectAnswer)
def subject_access(
    reader: ReaderDep, actor: ActorDep, body: SubjectIn, format: Form = "json"
) -> Response:
    """What of a person's data was shared with whom, for the walidata and the officer to answer her."""
    found = answer_out(service.answer(reader, actor, Asked(body.kind, body.identifier)))
    if format == "json":
        return Response(
            found.model_dump_json(),
            media_type="application/json",
            headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        )
    return listed_as(format, "akses-subjek", subject_files.HEADER, subject_files.rows(found))


@router.post("/breach-reports", status_code=status.HTTP_201_CREATED, response_model=BreachReport)
def open_breach(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    body: BreachIn,
) -> dict[str, Any]:
    """Open a case of a failure of protection, and list who read what in its scope."""
    now = real_now()
    scope = Scope(body.since, body.until, body.dataset, body.agency, body.party)
    told = Told(scope, body.columns, body.what, body.known_at or now)

    def opened() -> dict[str, Any]:
        row = breaches.open_case(session, ledger, actor, told, now=now)
        return report_of(session, actor, row.id, now).model_dump(mode="json")

    return once.run(session, actor.id, digest, opened)[0]


@router.get("/breach-reports")
def breach_reports(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[BreachOut]:
    """Cases, newest first: for the walidata, the officer and auditors."""
    now = real_now()
    rows = breaches.listed(session, actor, limit=page.fetch, before=page.word)
    return page.of(rows, lambda row: (row.id,), lambda row: breach_out(row, now))


@router.get("/breach-reports/{breach_id}", response_model=BreachReport)
def breach_report(
    session: ReadingDep, actor: ActorDep, breach_id: str, format: Form = "json"
) -> Any:
    """The case with its report, read from the ledger at this moment."""
    found = report_of(session, actor, breach_id, real_now())
    if format == "json":
        return found
    return listed_as(format, breach_id, breach_files.HEADER, breach_files.rows(found))


@router.get("/breach-reports/{breach_id}/subjects")
def breach_subjects(session: ReadingDep, actor: ActorDep, breach_id: str) -> Subjects:
    """The persons that are recorded in the reads of a case, as keyed hashes."""
    row = breaches.the_case(session, actor, breach_id)
    counted = reads.subjects(session, breaches.scope_of(row))
    return Subjects(items=[SubjectCount(subject=subject, reads=n) for subject, n in counted])


@router.post("/breach-reports/{breach_id}/notices", response_model=BreachOut)
def tell(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    breach_id: str,
    body: ToldIn,
) -> dict[str, Any]:
    """Note who was told of the failure, and when."""
    now = real_now()

    def told() -> dict[str, Any]:
        row = breaches.tell(
            session,
            ledger,
            actor,
            breach_id,
            whom=body.to,
            how=body.how,
            at=body.at or now,
            now=now,
        )
        return breach_out(row, now).model_dump(mode="json")

    return once.run(session, actor.id, digest, told)[0]


@router.patch("/breach-reports/{breach_id}", response_model=BreachOut)
def handle(
    session: SessionDep,
    actor: ActorDep,
    once: OnceDep,
    digest: BodyDigest,
    breach_id: str,
    body: HandlingIn,
) -> dict[str, Any]:
    """Write what is done about the failure."""

    def handled() -> dict[str, Any]:
        row = breaches.handle(session, actor, breach_id, handling=body.handling)
        return breach_out(row, real_now()).model_dump(mode="json")

    return once.run(session, actor.id, digest, handled)[0]


@router.post("/breach-reports/{breach_id}/closure", response_model=BreachOut)
def close(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    breach_id: str,
    body: ClosureIn,
) -> dict[str, Any]:
    """Close a case whose notices were given."""
    now = real_now()

    def closed() -> dict[str, Any]:
        row = breaches.close(session, ledger, actor, breach_id, why=body.reason, now=now)
        return breach_out(row, now).model_dump(mode="json")

    return once.run(session, actor.id, digest, closed)[0]
