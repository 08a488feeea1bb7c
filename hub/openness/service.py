"""The index for whoever may see it: lists, one agency's components and cases, what to do next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalog.models import Dataset
from catalog.turns import take_turn
from hub.access.visibility import visible_to
from hub.agencies.desk_models import PriorityData
from hub.agencies.models import Agency
from hub.agencies.principal import Principal, actor_of
from hub.agencies.service import the_agency
from hub.auth import scopes
from hub.calendar import due_at, real_now
from hub.errors import NotAuthenticated, NotFound, NotPermitted
from hub.ledger.service import Ledger
from hub.openness import actions, keeping
from hub.openness.courses import standing
from hub.openness.formula import Case
from hub.openness.measuring import Measure, measure
from hub.openness.models import Contest, Snapshot
from hub.openness.months import Month, Window
from hub.openness.outcomes import LATE, PROCEDURE
from hub.openness.shapes import (
    ActionOut,
    CaseOut,
    ComponentCases,
    ComponentOut,
    ContestLine,
    PartOut,
    ScorecardOut,
    Scorecards,
    ScoreLine,
    VersionOut,
)
from hub.openness.words import WHYS
from hub.proceedings.machine import procedure_of
from hub.proceedings.models import Proceeding

MEMBERS = "anggota"
TREND = 12
"""Months in a trend."""
WAITING = frozenset({"menunggu_produsen", LATE})
OF_DATASETS = ("dataset", "source")


def must_see(by: Measure, actor: Principal | None) -> None:
    """Members of the regency's agencies, or everybody when the book says so."""
    if by.book.body["audience"] != MEMBERS:
        return
    if actor is None:
        raise NotAuthenticated("Masuk dahulu.", "Sign in first.")
    if not actor.posts or not actor.can(scopes.CATALOG_READ) or actor.identity.dataset is not None:
        raise NotPermitted(
            "Indeks keterbukaan terlihat bagi anggota perangkat daerah.",
            "The index of openness is shown to members of the regency's agencies.",
        )


def scorecards(
    session: Session, by: Measure, actor: Principal | None, month: Month | None
) -> Scorecards:
    """All agencies of a month, by name; without a month the newest one that was measured."""
    must_see(by, actor)
    shown = month or newest_month(session)
    if shown is None:
        return Scorecards(month=None, months=[], items=[])
    months = [shown.plus(-back) for back in reversed(range(TREND))]
    scores = keeping.latest_scores(session, months[0], shown)
    names = dict(session.execute(select(Agency.code, Agency.name)).all())
    heads = _heads(session, shown)
    items = [_line(names, head, scores.get(head.agency, {}), months) for head in heads]
    items.sort(key=lambda line: line.name)
    return Scorecards(month=str(shown), months=[str(one) for one in months], items=items)


def scorecard(
    session: Session,
    by: Measure,
    actor: Principal | None,
    agency: str,
    month: Month | None,
    *,
    now: datetime,
    version: int | None = None,
) -> ScorecardOut:
    """One agency's index; raises NotFound when that month was not measured."""
    must_see(by, actor)
    name = the_agency(session, agency).name
    one = the_snapshot(session, agency, month, version)
    shown = Month.read(one.month)
    months = [shown.plus(-back) for back in reversed(range(TREND))]
    scores = keeping.latest_scores(session, months[0], shown).get(agency, {})
    own = may_act(actor, agency)
    return ScorecardOut(
        agency=agency,
        name=name,
        month=one.month,
        version=one.version,
        final=one.final,
        as_of=one.as_of,
        made_at=one.made_at,
        score=one.score,
        band=one.band,
        change=_change(scores, shown, one.score),
        months=[str(month) for month in months],
        trend=[scores.get(str(month), (None, None))[0] for month in months],
        components=[component_out(by.book.body, said) for said in one.components],
        given=one.shown["given"],
        received=one.shown["received"],
        reciprocity=one.shown["reciprocity"],
        reads_by_others=one.shown["reads_by_others"],
        actions=todo(session, by, actor, agency, now=now) if own else [],
        versions=_versions(session, agency, one.month),
        contests=_contests(session, agency, one.month),
        contest_until=contest_until(by, one),
        book_version=one.book_version,
        digest=one.digest,
        entry=one.entry,
    )


def component_cases(
    session: Session,
    by: Measure,
    actor: Principal | None,
    agency: str,
    letter: str,
    month: Month | None,
    *,
    version: int | None = None,
) -> ComponentCases:
    """The list behind a figure: what counts, how far, and why; what counts least comes first."""
    must_see(by, actor)
    one = the_snapshot(session, agency, month, version)
    said = next((said for said in one.components if said["letter"] == letter), None)
    if said is None:
        raise NotFound(f"Tidak ada komponen {letter}.", f"There is no component {letter}.")
    cases = keeping.read_back(one.cases)[letter]
    told = _telling(session, actor, cases)
    items = [told.case(case) for case in sorted(cases, key=_weakest_first)]
    return ComponentCases(
        agency=agency,
        month=one.month,
        version=one.version,
        component=component_out(by.book.body, said),
        items=items,
    )


def todo(
    session: Session, by: Measure, actor: Principal | None, agency: str, *, now: datetime
) -> list[ActionOut]:
    """The actions worth most points at this moment, measured anew for this one agency."""
    months = by.book.body["window_months"]
    window = Window.of(Month.of(now.date()), months, by.settings.zone, now=now)
    cases = measure(session, by, window, [agency])[agency].cases
    waiting = standing(session, PROCEDURE, WAITING, agency)
    best = actions.best(by.book.body, cases, waiting, now=now)
    told = _telling(session, actor, [Case(one.kind, one.id, None, "") for one in best])
    return [
        ActionOut(
            what=one.what,
            kind=one.kind,
            id=told.id(one.kind, one.id),
            label=told.label(one.kind, one.id),
            due_at=one.due_at,
            points=one.points,
        )
        for one in best
    ]


def measure_now(
    session: Session,
    ledger: Ledger,
    by: Measure,
    actor: Principal,
    month: Month | None,
    *,
    now: datetime,
) -> tuple[Month, list[Snapshot]]:
    """On demand of the walidata; the running month by default. Raises NotPermitted."""
    actor.must(scopes.AGENCY_ADMIN)
    actor.must_have("walidata")
    wanted = month or Month.of(now.date())
    if wanted.starts(by.settings.zone) > now:
        raise NotFound("Bulan itu belum dimulai.", "That month has not begun.")
    take_turn(session, keeping.TURN)
    made = keeping.take(
        session, ledger, by, wanted, now=now, actor=actor_of(actor), why=keeping.ASKED
    )
    return wanted, made


def may_act(actor: Principal | None, agency: str) -> bool:
    """Who is told what to do: the agency itself, and the walidata that helps it."""
    return actor is not None and (actor.is_member_of(agency) or actor.has("walidata"))


def newest_month(session: Session) -> Month | None:
    """The newest finished month in which somebody has a score, else the newest with one, else any."""
    scored, final = col(Snapshot.score).is_not(None), col(Snapshot.final)
    for conditions in ((scored, final), (scored,), ()):
        wanted = select(Snapshot.month).where(*conditions)
        found = session.exec(wanted.order_by(col(Snapshot.month).desc()).limit(1)).first()
        if found is not None:
            return Month.read(found)
    return None


def the_snapshot(
    session: Session, agency: str, month: Month | None, version: int | None = None
) -> Snapshot:
    """The newest version of that month, or the one asked for; raises NotFound."""
    wanted = select(Snapshot).where(Snapshot.agency == agency)
    shown = month or newest_month(session)
    if shown is not None:
        wanted = wanted.where(Snapshot.month == str(shown))
    if version is not None:
        wanted = wanted.where(Snapshot.version == version)
    found = session.exec(wanted.order_by(col(Snapshot.version).desc()).limit(1)).first()
    if found is None:
        raise NotFound(
            "Indeks instansi itu belum dihitung untuk bulan tersebut.",
            "The index of that agency has not been measured for that month.",
        )
    return found


def contest_until(by: Measure, one: Snapshot) -> datetime | None:
    """So many working days after it was made, by the agency's own days; None while provisional."""
    if not one.final:
        return None
    made = one.made_at.astimezone(by.settings.zone)
    return due_at(made, by.book.body["contest_days"], by.local, one.agency)


def component_out(book: Mapping[str, Any], said: Mapping[str, Any]) -> ComponentOut:
    rule = book["components"][said["letter"]]
    parts = [
        PartOut(**part, share=part["numerator"] / part["denominator"]) for part in said["parts"]
    ]
    return ComponentOut(
        letter=said["letter"],
        title_id=rule["title"]["id"],
        title_en=rule["title"]["en"],
        formula_id=rule["formula"]["id"],
        formula_en=rule["formula"]["en"],
        weight=said["weight"],
        counted=said["counted"],
        value=said["value"],
        points=said["points"],
        cases=said["cases"],
        min_cases=rule["min_cases"],
        parts=parts,
    )


@dataclass(frozen=True)
class _Head:
    agency: str
    month: str
    version: int
    final: bool
    score: float | None
    band: str | None
    shown: Mapping[str, Any]


def _heads(session: Session, month: Month) -> list[_Head]:
    """The newest versions without their cases, which are long."""
    wanted = (
        select(
            Snapshot.agency,
            Snapshot.month,
            Snapshot.version,
            Snapshot.final,
            Snapshot.score,
            Snapshot.band,
            Snapshot.shown,
        )  # type: ignore[call-overload]
        .where(Snapshot.month == str(month))
        .order_by(col(Snapshot.agency), col(Snapshot.version))
    )
    newest = {row.agency: _Head(*row) for row in session.execute(wanted)}
    return list(newest.values())


def _line(
    names: Mapping[str, str],
    head: _Head,
    scores: Mapping[str, tuple[float | None, str | None]],
    months: Sequence[Month],
) -> ScoreLine:
    return ScoreLine(
        agency=head.agency,
        name=names.get(head.agency, head.agency),
        month=head.month,
        version=head.version,
        final=head.final,
        score=head.score,
        band=head.band,
        change=_change(scores, months[-1], head.score),
        reciprocity=head.shown["reciprocity"],
        given=head.shown["given"],
        received=head.shown["received"],
        reads_by_others=head.shown["reads_by_others"],
        trend=[scores.get(str(month), (None, None))[0] for month in months],
    )


def _change(
    scores: Mapping[str, tuple[float | None, str | None]], month: Month, score: float | None
) -> float | None:
    before = scores.get(str(month.plus(-1)), (None, None))[0]
    return None if score is None or before is None else score - before


def _versions(session: Session, agency: str, month: str) -> list[VersionOut]:
    wanted = (
        select(Snapshot)
        .where(Snapshot.agency == agency, Snapshot.month == month)
        .order_by(col(Snapshot.version).desc())
    )
    return [
        VersionOut(
            version=one.version,
            made_at=one.made_at,
            why=one.why,
            contest=one.contest,
            score=one.score,
            band=one.band,
        )
        for one in session.exec(wanted)
    ]


def _contests(session: Session, agency: str, month: str) -> list[ContestLine]:
    """What was contested of that month and how it ended, by number."""
    wanted = (
        select(Contest, Proceeding)
        .join(Proceeding, col(Proceeding.id) == col(Contest.id))
        .where(Contest.agency == agency, Contest.month == month)
        .order_by(col(Contest.id))
    )
    found = []
    for contest, proceeding in session.exec(wanted):
        state = procedure_of(session, proceeding).states[proceeding.state]
        found.append(
            ContestLine(
                id=contest.id,
                component=contest.component,
                state=state.name,
                look=state.look,
                title_id=state.title.id,
                title_en=state.title.en,
                due_at=proceeding.due_at,
            )
        )
    return found


def _weakest_first(case: Case) -> tuple[bool, float, str, str]:
    return (case.value is None, 0.0 if case.value is None else case.value, case.id, case.part)


@dataclass(frozen=True)
class _Telling:
    """Names of what cases are about, as far as the reader may know of it."""

    titles: Mapping[str, str]
    entries: Mapping[str, str]
    of_source: Mapping[str, str]

    def id(self, kind: str, name: str) -> str | None:
        if kind == "dataset":
            return name if name in self.titles else None
        if kind == "source":
            return name if self.of_source.get(name) in self.titles else None
        return name

    def label(self, kind: str, name: str) -> str:
        if kind == "dataset":
            return self.titles.get(name, "")
        if kind == "source":
            return self.titles.get(self.of_source.get(name, ""), "")
        return self.entries.get(name, name)

    def case(self, case: Case) -> CaseOut:
        why_id, why_en = WHYS[case.why]
        return CaseOut(
            kind=case.kind,
            id=self.id(case.kind, case.id),
            label=self.label(case.kind, case.id),
            value=case.value,
            why=case.why,
            why_id=why_id,
            why_en=why_en,
            part=case.part,
            at="" if case.kind == "source" else case.at,
        )


def _telling(session: Session, actor: Principal | None, cases: Iterable[Case]) -> _Telling:
    """A source is told where its dataset (kept in `at`) may be known."""
    every = list(cases)
    of_source = {case.id: case.at for case in every if case.kind == "source"}
    datasets = {case.id for case in every if case.kind == "dataset"} | set(of_source.values())
    seen = select(Dataset.id, Dataset.title).where(
        col(Dataset.id).in_(datasets), visible_to(actor, now=real_now())
    )
    entries = select(PriorityData.id, PriorityData.title).where(
        col(PriorityData.id).in_({case.id for case in every if case.kind == "priority_data"})
    )
    return _Telling(
        dict(session.execute(seen).all()), dict(session.execute(entries).all()), of_source
    )
