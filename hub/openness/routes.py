"""HTTP of the index: scorecards, the lists behind them, lead times, the yearly report."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, status
from starlette.responses import Response

from catalog.models import Dataset
from hub.access.visibility import see
from hub.agencies.actor import ActorDep, MaybeActorDep
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.deps import ClockDep, Page, PageDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.openness import contests, lead_times, reading_reports, service
from hub.openness.deps import MeasureDep
from hub.openness.lead_times import LeadTime
from hub.openness.months import Month
from hub.openness.report_words import in_language
from hub.openness.shapes import (
    ComponentCases,
    ContestIn,
    ContestMove,
    ContestOut,
    LeadTimeIn,
    LeadTimeOut,
    Letter,
    Measured,
    MeasureIn,
    MonthText,
    ReportIn,
    ReportOut,
    ScorecardOut,
    Scorecards,
)
from hub.openness.workbook import MEDIA_TYPE, workbook
from hub.problems import chosen_language
from hub.proceedings.office import Office

router = APIRouter(prefix="/api/v1", tags=["openness"])

MonthQuery = Annotated[MonthText | None, Query()]
VersionQuery = Annotated[int | None, Query(ge=1, le=100_000)]
Year = Annotated[int, Path(ge=2000, le=2100)]


@router.get("/scorecards")
def scorecards(
    session: ReadingDep, by: MeasureDep, actor: MaybeActorDep, month: MonthQuery = None
) -> Scorecards:
    """The index of every agency for a month, with its trend; the newest measured one by default."""
    return service.scorecards(session, by, actor, _month(month))


@router.post("/scorecards", status_code=status.HTTP_201_CREATED, response_model=Measured)
def measure(
    session: SessionDep,
    by: MeasureDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    body: MeasureIn,
) -> dict[str, Any]:
    """Measure a month now (walidata); figures that did not change get no new version."""

    def measured() -> dict[str, Any]:
        month, made = service.measure_now(
            session, ledger, by, actor, _month(body.month), now=clock.now()
        )
        return Measured(month=str(month), new_versions=len(made)).model_dump(mode="json")

    return once.run(session, actor.id, digest, measured)[0]


@router.get("/scorecards/{agency}")
def scorecard(
    session: ReadingDep,
    by: MeasureDep,
    actor: MaybeActorDep,
    clock: ClockDep,
    agency: str,
    month: MonthQuery = None,
    version: VersionQuery = None,
) -> ScorecardOut:
    """One agency: components with weights and points, trend, versions, and (its own) best actions."""
    return service.scorecard(
        session, by, actor, agency, _month(month), now=clock.now(), version=version
    )


@router.get("/scorecards/{agency}/{component}")
def component(
    session: ReadingDep,
    by: MeasureDep,
    actor: MaybeActorDep,
    agency: str,
    component: Letter,
    month: MonthQuery = None,
    version: VersionQuery = None,
) -> ComponentCases:
    """The list behind a figure."""
    return service.component_cases(
        session, by, actor, agency, component, _month(month), version=version
    )


@router.get("/lead-times")
def lead_time_list(
    session: ReadingDep, by: MeasureDep, actor: ActorDep, clock: ClockDep, page: PageDep
) -> Page[LeadTimeOut]:
    """Declared and measured answering times of the datasets that one may know of, by name."""
    service.must_see(by, actor)
    names = lead_times.known_names(session, actor, after=page.word, limit=page.fetch)
    found = lead_times.of_datasets(session, by, names, now=clock.now())
    return page.of(names, lambda name: (name,), lambda name: lead_time_out(found[name]))


@router.get("/datasets/{agency}/{slug}/lead-time")
def lead_time(
    session: ReadingDep,
    by: MeasureDep,
    actor: MaybeActorDep,
    clock: ClockDep,
    agency: str,
    slug: str,
) -> LeadTimeOut:
    """What the owner declares, beside what was measured over the last year."""
    name = _seen(session, actor, f"{agency}/{slug}").id
    return lead_time_out(lead_times.of_datasets(session, by, [name], now=clock.now())[name])


@router.put("/datasets/{agency}/{slug}/lead-time")
def declare(
    session: SessionDep,
    by: MeasureDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    agency: str,
    slug: str,
    body: LeadTimeIn,
) -> LeadTimeOut:
    """Declare the answering time in working days, or take it back (steward of the owner)."""
    name = _seen(session, actor, f"{agency}/{slug}").id
    lead_times.declare(session, ledger, actor, by, name, body.days)
    session.flush()  # the answer tells what was declared
    return lead_time_out(lead_times.of_datasets(session, by, [name], now=clock.now())[name])


@router.get("/reports/openness/{year}", response_model=ReportOut)
def report(
    session: ReadingDep,
    by: MeasureDep,
    actor: MaybeActorDep,
    clock: ClockDep,
    request: Request,
    year: Year,
    format: Literal["json", "xlsx"] = "json",
) -> ReportOut | Response:
    """The yearly report: its figures, or the workbook with one sheet a question."""
    service.must_see(by, actor)
    shown = reading_reports.shown_to(session, by, actor, year, now=clock.now())
    if format == "json":
        return ReportOut(**shown.model_dump())
    say = partial(in_language, chosen_language(request) or "id")
    return Response(
        workbook(shown, say),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="ikda-{year}.xlsx"'},
    )


@router.post("/reports/openness", status_code=status.HTTP_201_CREATED, response_model=ReportOut)
def keep_report(
    session: SessionDep,
    by: MeasureDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    body: ReportIn,
) -> dict[str, Any]:
    """Make the report of a year and keep it (walidata)."""

    def kept() -> dict[str, Any]:
        made = reading_reports.keep_for(session, ledger, by, actor, body.year, now=clock.now())
        return ReportOut(**made.model_dump()).model_dump(mode="json")

    return once.run(session, actor.id, digest, kept)[0]


@router.post(
    "/scorecards/{agency}/contests",
    status_code=status.HTTP_201_CREATED,
    response_model=ContestOut,
)
def contest(
    session: SessionDep,
    by: MeasureDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    agency: str,
    body: ContestIn,
) -> dict[str, Any]:
    """Contest cases of a finished month (head or steward of the agency), within the days of the book."""

    def made() -> dict[str, Any]:
        row = contests.contest(session, Office(ledger, clock), actor, by, agency, body)
        return contests.told(session, actor, row).model_dump(mode="json")

    return once.run(session, actor.id, digest, made)[0]


@router.get("/contests")
def contest_list(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[ContestOut]:
    """Contests of one's own agencies; the walidata, the Forum and the auditor see all."""
    rows = contests.listed(session, actor, after=page.word, limit=page.fetch)
    return page.of(rows, lambda row: (row.id,), lambda row: contests.told(session, actor, row))


@router.get("/contests/{contest_id}")
def one_contest(session: ReadingDep, actor: ActorDep, contest_id: str) -> ContestOut:
    """Where it stands, what happened, and what the caller may do."""
    return contests.told(session, actor, contests.the_contest(session, actor, contest_id))


@router.post("/contests/{contest_id}/moves", response_model=ContestOut)
def move_contest(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    clock: ClockDep,
    once: OnceDep,
    digest: BodyDigest,
    contest_id: str,
    body: ContestMove,
) -> dict[str, Any]:
    """Uphold (`terima`), reject (`tolak`) or withdraw (`tarik`) it, with a reason."""

    def moved() -> dict[str, Any]:
        contests.move(session, Office(ledger, clock), actor, contest_id, body.event, body.reason)
        row = contests.the_contest(session, actor, contest_id)
        return contests.told(session, actor, row).model_dump(mode="json")

    return once.run(session, actor.id, digest, moved)[0]


def lead_time_out(found: LeadTime) -> LeadTimeOut:
    return LeadTimeOut(
        dataset=found.dataset,
        declared=found.declared,
        declared_at=found.declared_at,
        answers=found.measured.answers,
        median=found.measured.median,
        p90=found.measured.p90,
        in_time=found.measured.in_time,
        with_requester=found.with_requester,
        refusals=found.refusals,
        last_hour_refusals=found.last_hour_refusals,
        flagged=found.flagged,
    )


def _month(text: str | None) -> Month | None:
    return None if text is None else Month.read(text)


def _seen(session: ReadingDep, actor: Principal | None, name: str) -> Dataset:
    return see(session, actor, name, now=real_now())
