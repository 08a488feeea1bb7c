"""/pdp/subjek: a person stands before the officer and asks with whom her data was shared."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from hub.access.reader import ReaderDep
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError
from hub.privacy import desk
from hub.privacy import subject_access as service
from hub.privacy.shapes import SubjectAnswer, answer_out
from hub.privacy.subject_access import Asked
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import titled
from hub.web.page import MemberPageDep, Page
from hub.web.pages.personal_front import sections
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Kind = Annotated[str, Form(pattern="^(nik|nip)$")]
Identifier = Annotated[str, Form(max_length=40)]


@router.get("/pdp/subjek")
def asked(page: MemberPageDep) -> Response:
    return _shown(page)


@router.post("/pdp/subjek")
def answered(
    page: MemberPageDep, reader: ReaderDep, kind: Kind = "nik", identifier: Identifier = ""
) -> Response:
    """The answer, to be printed; what was typed is not shown again."""
    try:
        found = answer_out(service.answer(reader, page.reader, Asked(kind, identifier)))
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Belum dijawab")), "identifier")
        return _shown(page, failed=failed, status=forms.status_of(error))
    return _shown(page, found)


def _shown(
    page: Page,
    found: SubjectAnswer | None = None,
    *,
    failed: Failure | None = None,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        desk.must_act(session, page.reader)
        return page.render(
            "pdp-subjek.html",
            status=status,
            sections=sections(session, page.reader),
            found=found,
            titles=titled(session, {one.dataset for one in found.items} if found else ()),
            failed=failed,
            now=real_now(),
        )
