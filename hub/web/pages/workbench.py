"""/sql: asking with SQL, seeing the answer and its chart, keeping a query and handing it on.

A query that takes longer than a moment answers in two pieces: first the page with what is running,
then, when it is there, the rest with the answer. So it needs no script, no second request, and whoever
leaves the page stops the query.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cache, partial
from typing import Annotated, Any
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Path, Query, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response, StreamingResponse

from catalog.errors import CatalogError
from catalog.sqlfunctions import FUNCTIONS
from hub.access.formats import Format
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.deps import PageDep as PartDep
from hub.errors import Conflict, HubError, InvalidInput, NotFound
from hub.identifiers import new_id
from hub.queries import history, running, saved
from hub.queries.deps import DeskDep
from hub.queries.models import Sharing
from hub.queries.running import Desk, Wanted
from hub.queries.sending import as_file, unless_gone
from hub.web import asking, forms, query_page
from hub.web.asking import Typed
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Sent = Annotated[Typed, Form()]
SavedId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Word = Annotated[str, Query(max_length=200)]

PATIENCE = 1.0
"""Seconds after which the page is shown without the answer, which then follows."""
FORMS = {format.value: format for format in query_page.FORMATS}
NOT_SAVED = N_("Kueri belum disimpan")


@router.get("/sql")
def workbench(
    page: MemberPageDep, desk: DeskDep, tabel: Word = "", riwayat: Word = "", saring: Word = ""
) -> Response:
    """An empty editor, or one with a start on a table or with an earlier query of one's own."""
    typed = Typed()
    if riwayat:
        with reading(page.engine) as session:
            found = history.find(session, page.reader, riwayat)
            typed = Typed(sql=history.sql_of(desk.reader.secret, found))
    return query_page.answer(page, desk, typed, start=tabel, wanted=saring)


@router.get("/sql/kata")
def words(_page: MemberPageDep) -> Response:
    """What an editor completes besides tables and columns."""
    return Response(
        _words(), media_type="application/json", headers={"Cache-Control": "private, max-age=3600"}
    )


@router.get("/sql/riwayat")
def past(page: MemberPageDep, desk: DeskDep, part: PartDep) -> Response:
    with reading(page.engine) as session:
        found = history.listed(session, page.reader, part)
    told = part.of(
        found, lambda one: (one.begun_at.isoformat(), one.id), partial(query_page.past_line, desk)
    )
    return page.render("sql-riwayat.html", queries=told.items, next=told.next)


@router.get("/sql/tersimpan")
def kept(page: MemberPageDep, part: PartDep) -> Response:
    with reading(page.engine) as session:
        found = saved.listed(session, page.reader, part)
    told = part.of(found, lambda one: (one.title, one.id), partial(query_page.saved_of, page))
    return page.render("sql-tersimpan.html", queries=told.items, next=told.next)


@router.post("/sql")
async def run(request: Request, page: MemberPageDep, desk: DeskDep, typed: Sent) -> Response:
    """The answer, with its page; after a moment the page alone, and the answer when it is there."""
    name = await run_sync(_name, desk, typed)

    def stop() -> None:
        desk.attendant.stop(name)

    work = partial(asking.run, page, desk, typed, name)
    asked = asyncio.create_task(unless_gone(request, work, stop))
    done, _ = await asyncio.wait({asked}, timeout=PATIENCE)
    if done:
        return await run_sync(partial(query_page.answer, page, desk, typed, outcome=asked.result()))
    before = await run_sync(partial(query_page.text, page, desk, typed, waits=name))

    async def pieces() -> AsyncIterator[str]:
        try:
            yield before.partition(query_page.REST)[0] + query_page.REST
            # Cancelled itself, it would neither listen any more nor be there to be stopped.
            outcome = await asyncio.shield(asked)
            after = await run_sync(partial(query_page.text, page, desk, typed, outcome=outcome))
            yield after.partition(query_page.REST)[2]
        finally:
            if not asked.done():
                stop()

    # Compressed, the first piece would wait for the second.
    unsqueezed = {"Content-Encoding": "identity", "X-Accel-Buffering": "no"}
    return page.dressed(
        StreamingResponse(pieces(), media_type="text/html; charset=utf-8", headers=unsqueezed)
    )


@router.post("/sql/biaya")
def cost(page: MemberPageDep, desk: DeskDep, typed: Sent) -> Response:
    return query_page.answer(page, desk, typed, outcome=asking.estimate(page, desk, typed))


@router.post("/sql/batal")
def cancel(page: MemberPageDep, desk: DeskDep, typed: Sent) -> Response:
    """Stop a query of one's own; its text stays in the editor."""
    with suppress(NotFound), unit_of_work(page.engine) as session:
        # One that is not written down yet ends with the connection that waited for it.
        found = history.stop(session, page.reader, typed.stop)
        desk.attendant.stop(found.id)
    return query_page.answer(
        page, desk, typed, note=page.say(N_("Kueri dibatalkan. Teksnya masih di sini."))
    )


@router.post("/sql/unduh")
async def download(
    request: Request, page: MemberPageDep, desk: DeskDep, typed: Sent, confirm: bool = False
) -> Response:
    """The answer as a file; it is asked for anew, with its own evidence."""
    name = new_id()

    def work() -> Response:
        try:
            format = FORMS.get(typed.format, Format.CSV)
            wanted = Wanted(typed.question, format, confirm)
            return as_file(running.ask(desk, page.reader, wanted, name), format)
        except (HubError, CatalogError) as error:
            return query_page.answer(page, desk, typed, outcome=asking.failed(page, error, typed))

    return await unless_gone(request, work, lambda: desk.attendant.stop(name))


@router.post("/sql/simpan")
def save(page: MemberPageDep, desk: DeskDep, typed: Sent) -> Response:
    """Keep the query under an address of its own."""

    def keep(session: Session) -> dict[str, Any]:
        made = saved.save(
            session, desk.reader.secret, page.reader, **_to_keep(typed), now=real_now()
        )
        return {"id": made.id}

    try:
        made = forms.take(page, typed.key, _said(typed), keep)
    except HubError as error:
        return _not_saved(page, desk, typed, error)
    return page.redirect(f"/sql/{made['id']}")


@router.get("/sql/{saved_id}")
def one(page: MemberPageDep, desk: DeskDep, saved_id: SavedId) -> Response:
    """A saved query: its text and chart; whoever runs it does so through her own grants."""
    with reading(page.engine) as session:
        found = saved.find(session, page.reader, saved_id)
    typed = Typed(
        sql=saved.sql_of(desk.reader.secret, found),
        saved=found.id,
        version=saved.etag(found),
        title=found.title,
        description=found.description,
        shared="private" if found.agency is None else "agency",
    )
    return query_page.answer(page, desk, typed.with_chart(found.chart))


@router.post("/sql/{saved_id}")
def change(page: MemberPageDep, desk: DeskDep, saved_id: SavedId, typed: Sent) -> Response:
    """Change one's own saved query to what is on the page."""

    def amend(session: Session) -> dict[str, Any]:
        found = saved.change(
            session,
            desk.reader.secret,
            page.reader,
            saved_id,
            _to_keep(typed),
            if_match=typed.version,
            now=real_now(),
        )
        return {"id": found.id}

    try:
        forms.take(page, typed.key, (saved_id, *_said(typed)), amend)
    except HubError as error:
        return _not_saved(page, desk, typed, error)
    return page.redirect(f"/sql/{saved_id}")


@router.post("/sql/{saved_id}/hapus")
def remove(page: MemberPageDep, saved_id: SavedId) -> Response:
    with unit_of_work(page.engine) as session:
        saved.remove(session, page.reader, saved_id)
    return RedirectResponse("/sql/tersimpan", 303)


def _not_saved(page: Page, desk: Desk, typed: Typed, error: HubError) -> Response:
    failure = forms.failure(page, error, page.say(NOT_SAVED), "judul")
    return query_page.answer(page, desk, typed, unsaved=failure, status=forms.status_of(error))


def _to_keep(typed: Typed) -> dict[str, Any]:
    """Raises InvalidInput for what the API would not take either."""
    if not typed.title.strip() or len(typed.title.strip()) > 200:
        raise InvalidInput(
            "Tulis judul, paling panjang 200 huruf.", "Write a title, of at most 200 letters."
        )
    if not typed.text.strip() or len(typed.text) > 20_000:
        raise InvalidInput(
            "Kuerinya kosong atau lebih dari 20.000 huruf.",
            "The query is empty or longer than 20,000 letters.",
        )
    if len(typed.description) > 4000:
        raise InvalidInput(
            "Keterangan paling panjang 4.000 huruf.",
            "The description may have 4,000 letters at most.",
        )
    return {
        "title": typed.title.strip(),
        "description": typed.description.strip(),
        "sql": typed.text,
        "chart": typed.chart,
        "shared": Sharing.AGENCY if typed.shared == "agency" else Sharing.PRIVATE,
    }


def _said(typed: Typed) -> tuple[str, ...]:
    return (typed.model_dump_json(exclude={"key"}),)


def _name(desk: Desk, typed: Typed) -> str:
    """The id that the page gave, so that it can be stopped; a new one when it was used before."""
    try:
        name = UUID(typed.id).hex
        history.check_new(desk.reader.engine, name)
    except (ValueError, Conflict):
        return new_id()
    return name


@cache
def _words() -> str:
    spelled = sorted(name for name in FUNCTIONS if name.isidentifier() and name[0] != "_")
    return json.dumps({"functions": spelled})
