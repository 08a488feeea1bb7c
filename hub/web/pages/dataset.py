"""/katalog/{agency}/{slug}: all that is said of a dataset, a look into it, and asking for it."""

from datetime import datetime
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from hub.access import browse
from hub.access.aggregates import service as aggregates
from hub.access.descriptions import How, ReleaseOut
from hub.access.reader import ReaderDep
from hub.agencies import priority
from hub.calendar import real_now
from hub.classification import kip
from hub.classification import service as classification
from hub.db import reading
from hub.deps import PageQuery
from hub.grants import viewing
from hub.grants.personal import must_be_named
from hub.grants.shapes import GrantOut
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.procedure import State
from hub.standards import service as standards
from hub.threads.listing import edges_of
from hub.threads.models import EdgeOut
from hub.web import forms
from hub.web.coming import coming
from hub.web.freshness import kept, promise_of
from hub.web.looking import look
from hub.web.naming import names_of
from hub.web.page import Page, PageDep
from hub.web.pages import lead_time
from hub.web.pages.request_form import mask_choices, may_ask
from hub.web.sent import NOTHING
from hub.web.snippets import snippets

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
Text = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(max_length=40)]
RELEASES = 12
USERS = 50


@router.get("/katalog/{agency}/{slug}")
def dataset(page: PageDep, reader: ReaderDep, agency: Part, slug: Part) -> Response:
    return _shown(page, reader, f"{agency}/{slug}")


def _shown(
    page: Page,
    reader: ReaderDep,
    name: str,
) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        shown = browse.one(session, page.actor, name, now=now)
        document = standards.find(session, shown.schema_.name, shown.schema_.version)
        listed = browse.list_releases(
            session, page.actor, name, PageQuery(RELEASES, None, True), now=now
        )
        grants = _grants(session, page, name, now)
        edges = _edges(session, page, name, now)
        counted = aggregates.listed(session, page.actor, name, now=now)
        names = names_of(session, [grant.grantee_agency for grant in grants])
        prioritised = priority.of_dataset(session, name)
        lead = lead_time.of_dataset(session, page, name)
        information = kip.of(session, shown.kip_class, shown.access.class_)
        raised = classification.standing_of(session, name)
        state = _state(session, raised[1]) if raised else None
    return page.render(
        "dataset.html",
        priority=prioritised,
        lead=lead,
        information=information,
        raised=raised,
        raised_state=state,
        raised_is_shown=raised is not None and _sees(page, raised[0].agency),
        dataset=shown,
        document=document,
        personal=sorted(must_be_named(document), key=list(document.by_name).index),
        kept=kept(page, promise_of(shown)),
        coming=coming(page, shown),
        look=look(page, reader, name, document),
        releases=listed.items,
        release_count=listed.count,
        schema_changes=_schema_changes(listed.items),
        grants=grants,
        edges=edges,
        aggregates=counted,
        names=names,
        snippets=snippets(page.settings.public_url, name, open_data=shown.access.how is How.OPEN),
        opened=page.request.query_params.get("terbuka", "")[:40],
        nothing_sent=NOTHING,
        mask_choices=mask_choices(document),
        key=forms.new_key(),
        may_ask=may_ask(page, shown, document),
        publishes=page.actor is not None and page.actor.holds("steward", shown.agency.code),
    )


def _state(session: Session, proceeding: Proceeding) -> State:
    return machine.procedure_of(session, proceeding).states[proceeding.state]


def _sees(page: Page, agency: str) -> bool:
    """Whether the page of a raise is open to the reader."""
    return page.actor is not None and (page.actor.has("walidata") or agency in page.actor.agencies)


def _grants(session: Session, page: Page, name: str, now: datetime) -> list[GrantOut]:
    """Live grants on the dataset that the reader has a part in."""
    if page.actor is None:
        return []
    wanted = PageQuery(USERS, None, False)
    return viewing.list_grants(session, page.actor, wanted, now=now, dataset=name, live=True).items


def _edges(session: Session, page: Page, name: str, now: datetime) -> list[EdgeOut]:
    """How its records join those of others; for members of an agency."""
    if page.actor is None or not page.actor.posts:
        return []
    return edges_of(session, page.actor, name, now=now)


def _schema_changes(releases: list[ReleaseOut]) -> dict[int, str]:
    """`1.0.0 → 1.1.0` by the number of the release that first had the newer schema."""
    pairs = pairwise(releases)
    return {
        newer.number: f"{older.schema_.version} → {newer.schema_.version}"
        for newer, older in pairs
        if (newer.schema_.name, newer.schema_.version)
        != (older.schema_.name, older.schema_.version)
    }
