"""/kelola/jabatan/…/serah-terima: a post and what is open on it pass to a successor."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from sqlmodel import Session, col, func, select
from starlette.responses import Response

from hub.agencies import handover, people, service
from hub.agencies.handover import Mover
from hub.agencies.models import Post
from hub.agencies.principal import actor_of
from hub.auth.models import Person
from hub.calendar import real_now
from hub.db import reading
from hub.drafts.models import DraftState, SchemaDraft
from hub.errors import HubError, InvalidInput
from hub.grants.models import AccessRequest
from hub.grants.viewing import undecided
from hub.intake.models import Batch, BatchState, Source
from hub.ledger.deps import LedgerDep
from hub.queries.models import SavedQuery
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.pages.administration import ROLES, DeskDep, Id, Key
from hub.web.pages.administration_people import morning
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

PostId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@dataclass(frozen=True)
class Work:
    """What is open at a post. Everything but the queries lies with the agency and stays there."""

    requests: int
    drafts: int
    batches: int
    sources: int
    quarantined: int
    queries: int


@router.get("/kelola/jabatan/{post}/serah-terima")
def form(page: DeskDep, post: PostId, dari: Annotated[str, Query(max_length=32)] = "") -> Response:
    return _form(page, post, dari)


@router.post("/kelola/jabatan/{post}/serah-terima")
def hand_over(
    page: DeskDep,
    ledger: LedgerDep,
    post: PostId,
    dari: Id = "",
    taker: Annotated[str, Form(max_length=64)] = "",
    since: Id = "",
    key: Key = "",
) -> Response:
    """`taker` is a username, as the list under the field completes it."""
    movers: tuple[Mover, ...] = page.request.app.state.movers

    def handed(session: Session) -> dict[str, Any]:
        now = real_now()
        done = handover.hand_over(
            session,
            ledger,
            actor_of(page.reader),
            dari,
            taker=_person(session, taker),
            since=morning(page, since) or now,
            now=now,
            movers=movers,
        )
        return {"to": done.begun.holder}

    try:
        done = forms.take(page, key, (dari, taker, since), handed)
    except HubError as error:
        field = str(error.facts.get("field", "taker"))
        failed = forms.failure(page, error, page.say(N_("Belum diserahkan")), field)
        typed = {"taker": taker, "since": since}
        return _form(page, post, dari, failed, typed, status=forms.status_of(error))
    return page.redirect(f"/kelola/orang/{done['to']}")


def _person(session: Session, username: str) -> str:
    wanted = select(Person.id).where(Person.username == username.strip().casefold())
    found = session.exec(wanted).first()
    if found is None:
        raise InvalidInput(
            "Tidak ada orang dengan nama pengguna itu. Daftarkan dahulu di halaman Orang.",
            "There is nobody with this user name. Register the person on the page People first.",
            field="taker",
        )
    return found


def _work(session: Session, post: Post, giver: str) -> Work:
    def count(table: Any, *conditions: Any) -> int:
        return session.exec(select(func.count()).select_from(table).where(*conditions)).one()

    mine = col(Batch.dataset).startswith(f"{post.agency}/", autoescape=True)
    open_rows = select(func.coalesce(func.sum(Batch.open_rows), 0)).where(mine)
    return Work(
        requests=count(
            AccessRequest,
            AccessRequest.producer == post.agency,
            undecided(),
        ),
        drafts=count(
            SchemaDraft,
            SchemaDraft.agency == post.agency,
            SchemaDraft.state != DraftState.PUBLISHED,
        ),
        batches=count(Batch, mine, Batch.state == BatchState.RECEIVED),
        sources=count(Source, col(Source.dataset).startswith(f"{post.agency}/", autoescape=True)),
        quarantined=session.exec(open_rows).one(),
        queries=count(SavedQuery, SavedQuery.owner == giver, SavedQuery.agency == post.agency),
    )


def _form(
    page: Page,
    post: str,
    holding: str,
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        found = service.the_post(session, post)
        seats = people.holders_of(session, [post], now=now).get(post, [])
        seat = next(
            (one for one in seats if one.holding.id == holding), seats[0] if seats else None
        )
        giver = seat.holding.holder if seat else ""
        others = [one.person for one in people.search(session, now=now, limit=1000)]
        work = _work(session, found, giver)
        names = names_of(session, [found.agency])
        giver_name = people.names_of_people(session, [giver]).get(giver, "")
    return page.render(
        "kelola-serah-terima.html",
        post=found,
        seat=seat,
        giver=giver_name,
        others=[one for one in others if one.active and one.id != giver],
        work=work,
        names=names,
        roles=ROLES,
        typed=typed or {"taker": "", "since": ""},
        failed=failed,
        key=forms.new_key(),
        status=status,
    )
