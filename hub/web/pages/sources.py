"""Pull sources on /publikasi: run one now, or try its connection layer by layer."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from connectors.errors import ConnectorError
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.intake import batches, running, sources
from hub.intake.deps import IntakeDep
from hub.standards import service as standards
from hub.web import forms
from hub.web.page import MemberPageDep
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Path(max_length=100)]


@router.post("/publikasi/sumber/{source_id}/uji")
def check(page: MemberPageDep, source_id: Id) -> Response:
    """Nothing is taken; says which layer fails."""
    with reading(page.engine) as session:
        source = sources.find(session, page.reader, source_id)
    failed, layers = None, []
    try:
        layers = list(sources.open_for(page.settings, source).check().layers)
    except ConnectorError as error:
        failed = forms.failure(page, error, page.say(N_("Sumber tidak dapat dibuka")))
    return page.render("sumber-uji.html", source=source, layers=layers, failed=failed)


@router.post("/publikasi/sumber/{source_id}/jalankan")
def run(page: MemberPageDep, intake: IntakeDep, source_id: Id) -> Response:
    """Pull now; the answer comes when the run is over."""
    with reading(page.engine) as session:
        source = sources.find(session, page.reader, source_id)
        batches.writable(session, page.reader, source.dataset, scope="source:write")
    with unit_of_work(page.engine) as writing:
        claimed = running.claim(writing, source_id, now=real_now())
    running.run(intake, claimed, find_document=standards.find)
    return page.redirect(f"/publikasi/{source.dataset}#sumber")


@router.get("/publikasi/sumber/{source_id}")
def runs(page: MemberPageDep, source_id: Id) -> Response:
    """The last runs of a source."""
    with reading(page.engine) as session:
        source = sources.find(session, page.reader, source_id)
        found = running.runs(session, source.id)
    return page.render("sumber-jalan.html", source=source, runs=found)
