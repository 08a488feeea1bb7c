"""/katalog/{agency}/{slug}: all that is said of a dataset, a look into it, and asking for it."""

from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from catalog.models import Dataset
from hub.access import browse
from hub.access.aggregates import service as aggregates
from hub.access.descriptions import DatasetOut, How, ReleaseOut
from hub.access.reader import ReaderDep
from hub.agencies import priority
from hub.calendar import real_now
from hub.db import reading
from hub.deps import PageQuery
from hub.errors import HubError, InvalidInput
from hub.grants import asking, viewing
from hub.grants.masks import choices
from hub.grants.models import State
from hub.grants.personal import must_be_named
from hub.grants.service import Wanted
from hub.grants.shapes import GrantOut, end_of_day
from hub.ledger.deps import LedgerDep
from hub.proceedings.office import Office
from hub.standards import service as standards
from hub.threads.listing import edges_of
from hub.threads.models import EdgeOut
from hub.web import forms
from hub.web.coming import coming
from hub.web.forms import Failure
from hub.web.freshness import kept, promise_of
from hub.web.looking import look
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page, PageDep
from hub.web.pages import lead_time
from hub.web.snippets import snippets
from hub.web.translation import N_
from schemas.document import SchemaDocument

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
Text = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(max_length=40)]
NOTHING_TYPED: dict[str, Any] = {
    "purpose": "",
    "basis": "",
    "until": "",
    "columns": [],
    "masks": [],
    "use": "read",
    "daily_rows": "",
    "store": "",
}
RELEASES = 12
USERS = 50


@router.get("/katalog/{agency}/{slug}")
def dataset(page: PageDep, reader: ReaderDep, agency: Part, slug: Part) -> Response:
    return _shown(page, reader, f"{agency}/{slug}")


@router.post("/katalog/{agency}/{slug}")
def ask(
    page: MemberPageDep,
    reader: ReaderDep,
    ledger: LedgerDep,
    agency: Part,
    slug: Part,
    purpose: Text = "",
    basis: Text = "",
    until: Annotated[str, Form(max_length=10)] = "",
    columns: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies defaults
    masks: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies defaults
    use: Word = "read",
    daily_rows: Word = "",
    store: Word = "",
    key: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Ask for access; what opens at once leads back to the dataset, the rest to the request."""
    name = f"{agency}/{slug}"
    said = (purpose.strip(), basis.strip(), until, *columns, "", *masks, use, daily_rows, store)
    typed = {
        "purpose": purpose,
        "basis": basis,
        "until": until,
        "columns": columns,
        "masks": masks,
        "use": use,
        "daily_rows": daily_rows,
        "store": store,
    }
    try:
        ends = forms.day_of(until)
        masked = forms.masks_of(masks)
        quota = forms.whole_number(daily_rows.strip(), "daily_rows")
        if len(purpose.strip()) < 3:
            raise InvalidInput("Tulis tujuan pemakaian data ini.", "Write what the data is for.")

        def submit(session: Session) -> dict[str, Any]:
            wanted = Wanted(
                purpose.strip(),
                basis.strip(),
                _wanted_columns(session, name, columns, masked),
                None,
                end_of_day(ends, page.settings.zone),
                use="verify" if use == "verify" else "read",
                masks=masked,
                daily_rows=quota,
                may_store={"yes": True, "no": False}.get(store),
            )
            office = Office(ledger, page.clock, page.settings.contract_sign_days)
            request, grant = asking.ask(session, office, page.reader, name, wanted)
            opened = grant is not None and grant.state_at(real_now()) is State.ACTIVE
            return {"request": request.id, "grant": grant.id if grant and opened else None}

        made = forms.take(page, key, said, submit)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Permintaan belum terkirim")), "purpose")
        return _shown(page, reader, name, failed, typed, status=forms.status_of(error))
    if made["grant"]:
        return page.redirect(f"/katalog/{name}?terbuka={made['grant']}")
    return page.redirect(f"/permintaan/{made['request']}")


def _shown(
    page: Page,
    reader: ReaderDep,
    name: str,
    failed: Failure | None = None,
    typed: dict[str, Any] | None = None,
    *,
    status: int = 200,
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
    return page.render(
        "dataset.html",
        priority=prioritised,
        lead=lead,
        status=status,
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
        failed=failed,
        typed=typed or NOTHING_TYPED,
        mask_choices={name: choices(document.by_name[name]) for name in must_be_named(document)},
        key=forms.new_key(),
        may_ask=_may_ask(page, shown, document),
        publishes=page.actor is not None and page.actor.holds("steward", shown.agency.code),
    )


def _may_ask(page: Page, dataset: DatasetOut, document: SchemaDocument) -> bool:
    """Whether the form is worth showing; who may ask is decided when it is sent."""
    if page.actor is None or not page.actor.can("request:write"):
        return False
    wants_more = bool(must_be_named(document)) and dataset.access.how in (How.OPEN, How.GRANT)
    return wants_more or dataset.access.how in (How.PURPOSE, How.REQUEST)


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


def _wanted_columns(
    session: Session, name: str, chosen: list[str], masked: dict[str, str]
) -> list[str] | None:
    """None for all that needs no naming; personal columns alone come on top of all the others.

    Whoever masks a personal column asks for it.
    """
    found = session.get(Dataset, name)
    if found is None:
        return chosen or None
    document = standards.find(session, found.schema_name, found.schema_version)
    named = must_be_named(document)
    ticked = [*chosen, *(one for one in masked if one in named and one not in chosen)]
    if not ticked:
        return None
    if set(ticked) <= named:
        return [column for column in document.by_name if column not in named or column in ticked]
    return ticked
