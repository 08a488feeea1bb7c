"""/kelola/kode: one-time codes on paper, eight to a page, for heads of RT and RW without e-mail."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from hub.agencies import entry, people, service
from hub.agencies.principal import actor_of
from hub.agencies.roles import Role
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.pages.administration import DeskDep
from hub.web.pages.signing_in import key_of
from hub.web.qr import drawn
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

MOST = 400
"""People on one list and slips in one printing."""
ON_A_SHEET = 8
Chosen = Annotated[list[str] | None, Form()]


@router.get("/kelola/kode")
def choose(page: DeskDep, agency: Annotated[str, Query(max_length=40)] = "") -> Response:
    return _choose(page, agency)


@router.post("/kelola/kode")
def hand_out(page: DeskDep, ledger: LedgerDep, person: Chosen = None) -> Response:
    """The slips are this answer; sent again, they are new ones and those before open nothing."""
    chosen = list(dict.fromkeys(person or ()))[:MOST]
    now, key = real_now(), key_of(page.settings)
    try:
        if not chosen:
            raise InvalidInput("Pilih sedikitnya satu orang.", "Choose at least one person.")
        with unit_of_work(page.engine) as session:
            codes = [
                entry.hand_out(
                    session,
                    ledger,
                    actor_of(page.reader),
                    key,
                    one,
                    days=page.settings.entry_code_days,
                    now=now,
                )
                for one in chosen
            ]
            lines = {
                one.person.id: one
                for one in people.with_role(session, Role.RW, now=now, limit=MOST)
            }
            names = people.names_of_people(session, chosen)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Belum ada kode")), "pilih")
        return _choose(page, failed=failed, status=forms.status_of(error))
    address = f"{page.settings.public_url}/masuk/kode"
    answer = page.render(
        "kelola-slip.html",
        sheets=[codes[at : at + ON_A_SHEET] for at in range(0, len(codes), ON_A_SHEET)],
        lines=lines,
        names=names,
        address=address,
        drawing=drawn(address),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _choose(
    page: Page, agency: str = "", failed: Failure | None = None, *, status: int = 200
) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        lines = people.with_role(session, Role.RW, agency=agency, now=now, limit=MOST)
        until = people.codes_of(session, [one.person.id for one in lines], now=now)
        agencies = service.list_agencies(session, limit=1000)
        names = names_of(session, [seat.post.agency for one in lines for seat in one.seats])
    return page.render(
        "kelola-kode.html",
        lines=lines,
        until=until,
        agencies=agencies,
        agency=agency,
        names=names,
        failed=failed,
        status=status,
    )
