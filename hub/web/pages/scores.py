"""/skor: the index of openness, trend before rank; every figure leads to its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from sqlmodel import Session
from starlette.responses import Response

from hub.db import reading
from hub.ledger.deps import LedgerDep
from hub.openness import reading_reports, service
from hub.openness.deps import MeasureDep
from hub.openness.measuring import Measure
from hub.openness.models import YearlyReport
from hub.openness.months import Month
from hub.openness.report_words import in_language
from hub.openness.reports import WAYS
from hub.openness.shapes import Scorecards
from hub.openness.workbook import MEDIA_TYPE, workbook
from hub.web import charts, forms
from hub.web.charts import Chart
from hub.web.page import MemberPageDep, Page, PageDep
from hub.web.pages import score_contests
from hub.web.score_words import VERSION_WORDS, action_sentence, month_name
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(max_length=60)]
Letter = Annotated[str, Path(pattern="^[A-F]$")]
Year = Annotated[int, Path(ge=2000, le=2100)]
WhichMonth = Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")]
Version = Annotated[int | None, Query(ge=1, le=100_000)]
Key = Annotated[str, Form(max_length=255)]

WIDTH, HEIGHT, EDGE = 100, 24, 2
"""Of a small trend, inside a box of 104 by 28."""


@dataclass(frozen=True)
class Trend:
    """A line of a few months: `path` of an SVG, its last point, and what it says."""

    path: str
    x: float
    y: float


@router.get("/skor")
def listed(page: PageDep, by: MeasureDep, bulan: WhichMonth = "") -> Response:
    with reading(page.engine) as session:
        found = service.scorecards(session, by, page.actor, _month(bulan))
    low, high = _bounds([line.trend for line in found.items])
    return page.render(
        "skor.html",
        found=found,
        trends={line.agency: trend_of(line.trend, low, high) for line in found.items},
        mean=_mean(found),
        book=by.book,
        bands=_bands(by),
        month_name=partial(month_name, page),
        earlier=_beside(found.month, -1),
        later=_beside(found.month, 1, last=_this_month(page)),
        year=(Month.read(found.month) if found.month else Month.of(page.clock.today())).year,
        may_measure=page.actor is not None and page.actor.has("walidata"),
        key=forms.new_key(),
    )


@router.post("/skor/hitung")
def measure(
    page: MemberPageDep,
    by: MeasureDep,
    ledger: LedgerDep,
    bulan: Annotated[str, Form(max_length=7)] = "",
    key: Key = "",
) -> Response:
    def done(session: Session) -> dict[str, Any]:
        month, _ = service.measure_now(
            session, ledger, by, page.reader, _month(bulan), now=page.clock.now()
        )
        return {"month": str(month)}

    made = forms.take(page, key, (bulan,), done)
    return page.redirect(f"/skor?bulan={made['month']}")


@router.get("/skor/laporan/{year}")
def report(page: PageDep, by: MeasureDep, year: Year) -> Response:
    shown = _report(page, by, year)
    return page.render(
        "skor-laporan.html",
        report=shown,
        body=shown.body,
        ways=WAYS,
        term=partial(in_language, page.language),
        outcomes=_outcome_chart(page, shown),
        index=_index_chart(page, shown),
        months=[str(Month(year, number)) for number in range(1, 13)],
        month_name=partial(month_name, page),
    )


@router.get("/skor/laporan/{year}/xlsx")
def report_workbook(page: PageDep, by: MeasureDep, year: Year) -> Response:
    content = workbook(_report(page, by, year), partial(in_language, page.language))
    headers = {"Content-Disposition": f'attachment; filename="ikda-{year}.xlsx"'}
    return page.dressed(Response(content, media_type=MEDIA_TYPE, headers=headers))


@router.get("/skor/{agency}")
def one(
    page: PageDep,
    by: MeasureDep,
    agency: Code,
    bulan: WhichMonth = "",
    versi: Version = None,
) -> Response:
    with reading(page.engine) as session:
        found = service.scorecard(
            session,
            by,
            page.actor,
            agency,
            _month(bulan),
            now=page.clock.now(),
            version=versi,
        )
    low, high = _bounds([found.trend])
    return page.render(
        "skor-satu.html",
        found=found,
        trend=trend_of(found.trend, low, high),
        book=by.book,
        bands=_bands(by),
        month_name=partial(month_name, page),
        earlier=_beside(found.month, -1),
        later=_beside(found.month, 1, last=_this_month(page)),
        own=service.may_act(page.actor, agency),
        sentence=partial(action_sentence, page),
        version_words=VERSION_WORDS,
    )


@router.get("/skor/{agency}/{component}")
def cases(
    page: PageDep,
    by: MeasureDep,
    agency: Code,
    component: Letter,
    bulan: WhichMonth = "",
    versi: Version = None,
) -> Response:
    return score_contests.listed(page, by, agency, component, bulan, version=versi)


def trend_of(values: Sequence[float | None], low: float, high: float) -> Trend | None:
    """A line through the months that have a value, at the scale from `low` to `high`."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        return None
    step = WIDTH / max(1, len(values) - 1)
    points = [
        (EDGE + place * step, EDGE + HEIGHT * (1 - (value - low) / (high - low)))
        for place, value in known
    ]
    path = " L".join(f"{round(x, 1)} {round(y, 1)}" for x, y in points)
    return Trend(f"M{path}", round(points[-1][0], 1), round(points[-1][1], 1))


def _bounds(series: Sequence[Sequence[float | None]]) -> tuple[float, float]:
    """One scale for all lines, so that they can be compared."""
    known = [value for values in series for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=100.0)
    return (low, high) if high - low >= 1 else (low - 1, high + 1)


def _mean(found: Scorecards) -> float | None:
    scores = [line.score for line in found.items if line.score is not None]
    return sum(scores) / len(scores) if scores else None


def _bands(by: Measure) -> dict[str, dict[str, str]]:
    return {band["band"]: band["title"] for band in by.book.body["bands"]}


def _month(text: str) -> Month | None:
    return Month.read(text) if text else None


def _this_month(page: Page) -> Month:
    return Month.of(page.clock.today())


def _beside(month: str | None, step: int, *, last: Month | None = None) -> str | None:
    """The month before or after, as long as it has begun."""
    if month is None:
        return None
    beside = Month.read(month).plus(step)
    return None if last is not None and beside > last else str(beside)


def _report(page: Page, by: Measure, year: int) -> YearlyReport:
    with reading(page.engine) as session:
        service.must_see(by, page.actor)
        return reading_reports.shown_to(session, by, page.actor, year, now=page.clock.now())


def _outcome_chart(page: Page, report: YearlyReport) -> Chart | None:
    counts = report.body["whole"]["outcomes"]
    rows = [[in_language(page.language, way), counts[way]] for way in WAYS if counts[way]]
    if not rows:
        return None
    outcome, requests = page.say(N_("Hasil")), page.say(N_("Permintaan"))
    wish = {"kind": "bar", "x": outcome, "y": [requests]}
    return charts.draw({outcome: "VARCHAR", requests: "BIGINT"}, rows, wish, page.language)


def _index_chart(page: Page, report: YearlyReport) -> Chart | None:
    """The mean of all agencies by month."""
    month, index = page.say(N_("Bulan")), page.say(N_("Rata-rata indeks"))
    by_month: dict[str, list[float]] = {}
    for scores in report.body["index"].values():
        for name, (score, _) in scores.items():
            if score is not None:
                by_month.setdefault(name, []).append(score)
    rows = [
        [f"{name}-01", round(sum(values) / len(values), 2)]
        for name, values in sorted(by_month.items())
    ]
    if len(rows) < 2:
        return None
    wish = {"kind": "line", "x": month, "y": [index]}
    return charts.draw({month: "DATE", index: "DOUBLE"}, rows, wish, page.language)
