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
from hub.access.tables import Usable, usable
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.deps import PageDep as PartDep
from hub.deps import PageQuery
from hub.errors import Conflict, HubError, InvalidInput, NotFound
from hub.identifiers import new_id
from hub.queries import history, running, saved
from hub.queries.deps import DeskDep
from hub.queries.models import Query as PastQuery
from hub.queries.models import QueryState, SavedQuery, Sharing
from hub.queries.running import Desk, Wanted
from hub.queries.sending import as_file, unless_gone
from hub.queries.shapes import SavedLine, saved_line
from hub.web import asking, charts, forms
from hub.web.asking import Outcome, Typed
from hub.web.columns import kind_in_words
from hub.web.forms import Failure
from hub.web.page import MemberPageDep, Page
from hub.web.query_snippets import query_snippets
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Sent = Annotated[Typed, Form()]
SavedId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Word = Annotated[str, Query(max_length=200)]

PATIENCE = 1.0
"""Seconds after which the page is shown without the answer, which then follows."""
REST = "<!-- jawaban -->"
"""In the page: what comes after it waits for the answer."""
RECENT = 6
"""Queries of oneself, and saved ones, below the editor; all are on a page of their own."""
MOST_TABLES = 80
"""Tables with their columns beside the editor; of more, some are found by their names."""
STATES = {
    QueryState.RUNNING: ("warn", N_("sedang berjalan")),
    QueryState.DONE: ("good", N_("selesai")),
    QueryState.FAILED: ("late", N_("gagal")),
    QueryState.CANCELLED: ("idle", N_("dibatalkan")),
    QueryState.ABORTED: ("late", N_("terputus saat dikirim")),
    QueryState.LOST: ("late", N_("terhenti bersama hub")),
}
ASKED = ("idle", N_("belum dijalankan, besar"))
COSTS = {"kecil": N_("kecil"), "sedang": N_("sedang"), "besar": N_("besar")}
FORMATS = {
    Format.CSV: "CSV",
    Format.XLSX: "Excel",
    Format.PARQUET: "Parquet",
    Format.JSON: "JSON",
    Format.NDJSON: "NDJSON",
    Format.ARROW: "Arrow",
}
FORMS = {format.value: format for format in FORMATS}
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
    return _page(page, desk, typed, start=tabel, wanted=saring)


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
    told = part.of(found, lambda one: (one.begun_at.isoformat(), one.id), partial(_past, desk))
    return page.render("sql-riwayat.html", queries=told.items, next=told.next)


@router.get("/sql/tersimpan")
def kept(page: MemberPageDep, part: PartDep) -> Response:
    with reading(page.engine) as session:
        found = saved.listed(session, page.reader, part)
    told = part.of(found, lambda one: (one.title, one.id), partial(_line, page))
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
        return await run_sync(partial(_page, page, desk, typed, outcome=asked.result()))
    before = await run_sync(partial(_text, page, desk, typed, waits=name))

    async def pieces() -> AsyncIterator[str]:
        try:
            yield before.partition(REST)[0] + REST
            # Cancelled itself, it would neither listen any more nor be there to be stopped.
            outcome = await asyncio.shield(asked)
            after = await run_sync(partial(_text, page, desk, typed, outcome=outcome))
            yield after.partition(REST)[2]
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
    return _page(page, desk, typed, outcome=asking.estimate(page, desk, typed))


@router.post("/sql/batal")
def cancel(page: MemberPageDep, desk: DeskDep, typed: Sent) -> Response:
    """Stop a query of one's own; its text stays in the editor."""
    with suppress(NotFound), unit_of_work(page.engine) as session:
        # One that is not written down yet ends with the connection that waited for it.
        found = history.stop(session, page.reader, typed.stop)
        desk.attendant.stop(found.id)
    return _page(page, desk, typed, note=page.say(N_("Kueri dibatalkan. Teksnya masih di sini.")))


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
            return _page(page, desk, typed, outcome=asking.failed(page, error, typed))

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
    return _page(page, desk, typed.with_chart(found.chart))


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
    return _page(page, desk, typed, unsaved=failure, status=forms.status_of(error))


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


def _past(desk: Desk, query: PastQuery) -> dict[str, Any]:
    """A query of the past for a list; that the hub asked before it ran one is no failure."""
    state = ASKED if query.problem == "query-costly" else STATES[QueryState(query.state)]
    return {"query": query, "sql": history.sql_of(desk.reader.secret, query), "state": state}


def _line(page: Page, found: SavedQuery) -> SavedLine:
    return saved_line(found, page.reader.id)


@cache
def _words() -> str:
    spelled = sorted(name for name in FUNCTIONS if name.isidentifier() and name[0] != "_")
    return json.dumps({"functions": spelled})


def _page(page: Page, desk: Desk, typed: Typed, *, status: int = 200, **more: Any) -> Response:
    outcome: Outcome = more.get("outcome") or Outcome(status=status)
    response = page.render("sql.html", status=outcome.status, **_values(page, desk, typed, **more))
    return response


def _text(page: Page, desk: Desk, typed: Typed, **more: Any) -> str:
    return page.text("sql.html", **_values(page, desk, typed, **more))


def _values(
    page: Page,
    desk: Desk,
    typed: Typed,
    *,
    outcome: Outcome | None = None,
    waits: str = "",
    start: str = "",
    wanted: str = "",
    note: str = "",
    unsaved: Failure | None = None,
) -> dict[str, Any]:
    """All that the template shows."""
    now, recent = real_now(), PageQuery(RECENT, None, False)
    with reading(page.engine) as session:
        tables = usable(session, desk.reader, page.reader, now=now)
        past = history.listed(session, page.reader, recent)[:RECENT]
        kept = saved.listed(session, page.reader, recent)[:RECENT]
        at_hand = _at_hand(session, page, typed)
    shown = [table for table in tables if _answers(table, wanted.lower(), page)]
    if start and not typed.sql:
        typed = typed.model_copy(update={"sql": _start(tables, start)})
    return {
        "wide": " wrap-wide",
        "typed": typed,
        "outcome": outcome or Outcome(),
        "waits": waits,
        "note": note,
        "unsaved": unsaved,
        "saved": at_hand,
        "tables": shown[:MOST_TABLES],
        "readable": len(tables),
        "left_out": len(shown) - MOST_TABLES,
        "wanted": wanted,
        "kind_of": lambda column: kind_in_words(column, page.language),
        "past": [_past(desk, query) for query in past],
        "kept": [_line(page, one) for one in kept],
        "snippets": query_snippets(page.settings.public_url, typed.text) if typed.sql else [],
        "key": forms.new_key(),
        "costs": COSTS,
        "formats": FORMATS,
        "chart_kinds": charts.KINDS,
        "aggregates": charts.AGGREGATES,
        "most": page.settings.query_rows,
        "most_shown": asking.SHOWN,
        "rest": REST,
    }


def _at_hand(session: Session, page: Page, typed: Typed) -> SavedLine | None:
    """The saved query that the form came from, if there is one and it is still open to her."""
    if not typed.saved:
        return None
    with suppress(NotFound):
        return _line(page, saved.find(session, page.reader, typed.saved))
    return None


def _answers(table: Usable, wanted: str, page: Page) -> bool:
    """Whether a table is called so, or one of its columns is."""
    told = [table.name, page.said(table.dataset, "title").lower()]
    told += [one.column.name.lower() for one in table.columns]
    return any(wanted in text for text in told)


def _start(tables: list[Usable], dataset: str) -> str:
    """A first query on a table: its columns, so that they can be struck out."""
    table = next((one for one in tables if one.dataset.id == dataset), None)
    if table is None:
        return ""
    columns = [_quoted(one.column.name) for one in table.columns if one.mask != "hide"]
    return f"SELECT {', '.join(columns)}\nFROM {table.name}\nLIMIT 100"


def _quoted(name: str) -> str:
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    return name if plain else '"' + name.replace('"', '""') + '"'
