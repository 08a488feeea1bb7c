"""HTTP of impact assessments."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep
from hub.grants import assessments
from hub.grants.assessments import Draft
from hub.grants.personal_models import Assessment
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep

router = APIRouter(prefix="/api/v1/assessments", tags=["grants"])

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=10_000)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class AssessmentIn(BaseModel):
    """`triggers` answers each of the law's seven by its code; `attachment` is the SHA-256 of the document."""

    model_config = ConfigDict(extra="forbid")

    dataset: Word
    purpose: Text
    triggers: Annotated[dict[Word, bool], Field(max_length=20)]
    risks: Text
    measures: Text
    result: Word
    number: Word = ""
    dated: date | None = None
    attachment: Annotated[str, StringConstraints(max_length=64)] = ""


class OpinionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verdict: Word
    text: Text


class AttachmentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    request: Annotated[str, StringConstraints(max_length=40)]


class TriggerOut(BaseModel):
    code: str
    question: dict[str, str]
    source: str


class AssessmentOut(BaseModel):
    id: str
    agency: str
    dataset: str
    purpose: str
    triggers: dict[str, bool]
    risks: str
    measures: str
    result: str
    number: str
    dated: date | None
    attachment: str
    opinion: dict[str, Any] | None
    rules: int
    made_by: str
    made_at: datetime


def assessment_out(row: Assessment) -> AssessmentOut:
    return AssessmentOut(**row.model_dump())


@router.post("", status_code=status.HTTP_201_CREATED, response_model=AssessmentOut)
def make(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    body: AssessmentIn,
) -> dict[str, Any]:
    """Record an impact assessment of one's agency for a dataset and a purpose."""

    def made() -> dict[str, Any]:
        draft = Draft(**body.model_dump())
        row = assessments.make(session, ledger, actor, draft, now=real_now())
        return assessment_out(row).model_dump(mode="json")

    return once.run(session, actor.id, digest, made)[0]


@router.get("")
def impact_assessments(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[AssessmentOut]:
    """Newest first: one's agency's and those about its data; walidata, officer and auditors see all."""
    rows = assessments.listed(session, actor, limit=page.fetch, before=page.word)
    return page.of(rows, lambda row: (row.id,), assessment_out)


@router.get("/triggers")
def law_triggers(session: ReadingDep, actor: ActorDep) -> list[TriggerOut]:
    """The seven questions of the law, each with its article."""
    return [
        TriggerOut(code=one.code, question=dict(one.question), source=one.source)
        for one in assessments.triggers(session)
    ]


@router.get("/{assessment_id}")
def impact_assessment(session: ReadingDep, actor: ActorDep, assessment_id: str) -> AssessmentOut:
    return assessment_out(assessments.one(session, actor, assessment_id))


@router.post("/{assessment_id}/opinion", response_model=AssessmentOut)
def give_opinion(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    assessment_id: str,
    body: OpinionIn,
) -> dict[str, Any]:
    """The opinion of the personal data protection officer (PPDP)."""

    def given() -> dict[str, Any]:
        row = assessments.give_opinion(
            session,
            ledger,
            actor,
            assessment_id,
            verdict=body.verdict,
            text=body.text,
            now=real_now(),
        )
        return assessment_out(row).model_dump(mode="json")

    return once.run(session, actor.id, digest, given)[0]


@router.post("/{assessment_id}/requests", response_model=AssessmentOut)
def attach(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    assessment_id: str,
    body: AttachmentIn,
) -> dict[str, Any]:
    """Let a request of the same agency for the same dataset rest on it."""

    def attached() -> dict[str, Any]:
        row = assessments.attach(
            session, ledger, actor, assessment_id, body.request, now=real_now()
        )
        return assessment_out(row).model_dump(mode="json")

    return once.run(session, actor.id, digest, attached)[0]
