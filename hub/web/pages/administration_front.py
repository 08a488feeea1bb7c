"""/kelola: what waits for the walidata, as one list, the longest waiting first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from hub.access.bells import BELLS
from hub.access.models import GrantCheck
from hub.calendar import real_now
from hub.classification import service as classification
from hub.db import reading
from hub.debts.subject import PROCEDURE as DEBTS
from hub.drafts.models import DraftState, SchemaDraft
from hub.drafts.shapes import wishes_of
from hub.grants.ladder import PROCEDURE as REQUESTS
from hub.grants.models import UNDECIDED, Grant
from hub.intake import second_person
from hub.openness.measuring import CONTESTS
from hub.proceedings.models import Proceeding
from hub.proceedings.procedure import in_force
from hub.reviews import service as reviews
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.pages.administration import DeskDep
from hub.web.translation import N_
from hub.web.working_clock import Term, term

router = APIRouter(include_in_schema=False)

MOST = 200
LABELS = {
    "draft": N_("Rancangan skema menunggu diterbitkan"),
    "turn": N_("Permintaan menunggu Anda"),
    "owner": N_("Utang data mencari pemiliknya"),
    "request": N_("Permintaan melewati tenggat"),
    "review": N_("Telaah menunggu Anda"),
    "class": N_("Kelas akses menunggu penetapan"),
    "contest": N_("Bantahan indeks menunggu putusan"),
    "signing": N_("Kiriman menunggu pengesahan Anda"),
    "contract": N_("Kontrak menunggu tanda tangan"),
    "drift": N_("Hak akses tidak berlaku sebagaimana tertulis"),
}


@dataclass(frozen=True)
class Waiting:
    """One thing to look at; `label` is a key of LABELS, `agency` whose it is."""

    label: str
    title: str
    agency: str
    to: str
    since: datetime
    term: Term | None = None


@router.get("/kelola")
def front(page: DeskDep) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        found = [*_drafts(session), *_late(session, page), *_unsigned(session, now)]
        found += [*_drift(session), *_reviews(session, page), *_classes(session, page)]
        found += [*_contests(session, page), *_turns(session, page), *_signings(session, page)]
        names = names_of(session, [one.agency for one in found])
    return page.render(
        "kelola.html",
        waiting=sorted(found, key=lambda one: one.since),
        names=names,
        labels=LABELS,
        bells=_bells(),
    )


def _drafts(session: Session) -> Iterator[Waiting]:
    wanted = select(SchemaDraft).where(SchemaDraft.state == DraftState.SENT)
    for row in session.exec(wanted.order_by(col(SchemaDraft.sent_at)).limit(MOST)):
        title = wishes_of(row).title
        since = row.sent_at or row.changed_at
        yield Waiting("draft", title, row.agency, f"/publikasi/skema/{row.id}", since)


def _late(session: Session, page: Page) -> Iterator[Waiting]:
    """By the business clock, as the requester sees it."""
    wanted = (
        select(Proceeding)
        .where(
            Proceeding.procedure == REQUESTS,
            col(Proceeding.state).in_(UNDECIDED),
            col(Proceeding.due_at) < page.clock.now(),
        )
        .order_by(col(Proceeding.due_at))
        .limit(MOST)
    )
    for row in session.exec(wanted):
        due, agency = row.due_at or row.opened_at, row.producer or ""
        counted = term(row.entered_at, due, page.clock, agency)
        to = f"/permintaan/{row.id}"
        yield Waiting("request", row.dataset or "", agency, to, row.opened_at, counted)


def _turns(session: Session, page: Page) -> Iterator[Waiting]:
    """Requests and debts in whose course everybody waits for the walidata."""
    for label, procedure, where in (
        ("turn", REQUESTS, "/permintaan/"),
        ("owner", DEBTS, "/utang-data/"),
    ):
        states = in_force(session, procedure).states.values()
        hers = [state.name for state in states if state.waits_for == "walidata"]
        wanted = select(Proceeding).where(
            Proceeding.procedure == procedure,
            col(Proceeding.state).in_(hers),
            col(Proceeding.due_at) >= page.clock.now(),
        )
        for row in session.exec(wanted.order_by(col(Proceeding.due_at)).limit(MOST)):
            counted = term(row.entered_at, row.due_at or row.opened_at, page.clock)
            title, agency = row.dataset or row.id, row.producer or ""
            yield Waiting(label, title, agency, f"{where}{row.id}", row.opened_at, counted)


def _reviews(session: Session, page: Page) -> Iterator[Waiting]:
    """Reviews in which the walidata is waited for, as herself or for whom she stands in."""
    for review, proceeding in reviews.listed(session, page.reader):
        if reviews.awaits(session, page.reader, review, proceeding):
            due = proceeding.due_at or proceeding.entered_at
            counted = term(proceeding.entered_at, due, page.clock)
            to = f"/telaah/{review.id}"
            yield Waiting("review", review.dataset, review.agency, to, review.opened_at, counted)


def _classes(session: Session, page: Page) -> Iterator[Waiting]:
    """Raised classes that the walidata names a ground for, or confirms for whom she stands in."""
    for raised, proceeding in classification.listed(session, page.reader):
        if proceeding.ends_at is None and classification.awaits(session, page.reader, proceeding):
            due = proceeding.due_at or proceeding.entered_at
            counted = term(proceeding.entered_at, due, page.clock)
            to, title = f"/kelas/{raised.id}", f"{raised.dataset}: {raised.to_class.value}"
            yield Waiting("class", title, raised.agency, to, raised.opened_at, counted)


def _contests(session: Session, page: Page) -> Iterator[Waiting]:
    """Of figures of the index, while the walidata has its term."""
    wanted = select(Proceeding).where(
        Proceeding.procedure == CONTESTS, Proceeding.state == "menunggu_walidata"
    )
    for row in session.exec(wanted.order_by(col(Proceeding.due_at)).limit(MOST)):
        counted = term(row.entered_at, row.due_at or row.opened_at, page.clock)
        to, agency = f"/skor/bantahan/{row.id}", row.requester or ""
        yield Waiting("contest", row.id, agency, to, row.opened_at, counted)


def _signings(session: Session, page: Page) -> Iterator[Waiting]:
    """Batches that become a release when a second person has signed them."""
    for batch, proceeding in second_person.waiting(session):
        due, agency = proceeding.due_at or proceeding.entered_at, proceeding.producer or ""
        to = f"/publikasi/{batch.dataset}/kiriman/{batch.id}"
        counted = term(proceeding.entered_at, due, page.clock)
        yield Waiting("signing", batch.dataset, agency, to, proceeding.entered_at, counted)


def _unsigned(session: Session, now: datetime) -> Iterator[Waiting]:
    wanted = (
        select(Grant)
        .where(col(Grant.waits_until) > now, col(Grant.revoked_at).is_(None))
        .order_by(col(Grant.waits_until))
        .limit(MOST)
    )
    for row in session.exec(wanted):
        to = f"/permintaan/{row.request}#hak"
        yield Waiting("contract", row.target, row.producer, to, row.starts_at)


def _drift(session: Session) -> list[Waiting]:
    """What the last nightly check found."""
    newest = select(GrantCheck).order_by(col(GrantCheck.id).desc()).limit(1)
    last = session.exec(newest).first()
    told = {one["grant"]: one for one in last.drift} if last is not None else {}
    rows = session.exec(select(Grant).where(col(Grant.id).in_(told))).all()
    return [
        Waiting("drift", row.target, row.producer, f"/permintaan/{row.request}#hak", last.at)
        for row in rows
        if last is not None
    ]


def _bells() -> dict[str, int]:
    """How often each bell rang in this process; where each rang is in its log."""
    counted = (s for metric in BELLS.collect() for s in metric.samples if s.name.endswith("_total"))
    return {s.labels["kind"]: int(s.value) for s in counted if s.value}
