"""All that the page of queries shows: tables beside the editor, what became of a query, what was kept."""

from contextlib import suppress
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from hub.access.formats import Format
from hub.access.tables import Usable, usable
from hub.calendar import real_now
from hub.db import reading
from hub.deps import PageQuery
from hub.errors import NotFound
from hub.queries import history, saved
from hub.queries.models import Query, QueryState, SavedQuery
from hub.queries.running import Desk
from hub.queries.shapes import SavedLine, saved_line
from hub.web import asking, charts, forms
from hub.web.asking import Outcome, Typed
from hub.web.columns import kind_in_words
from hub.web.forms import Failure
from hub.web.page import Page
from hub.web.query_snippets import query_snippets
from hub.web.translation import N_

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


def answer(page: Page, desk: Desk, typed: Typed, *, status: int = 200, **more: Any) -> Response:
    """The page; `more` is what `_values` takes. A fault in an outcome gives the status."""
    outcome: Outcome = more.get("outcome") or Outcome(status=status)
    return page.render("sql.html", status=outcome.status, **_values(page, desk, typed, **more))


def text(page: Page, desk: Desk, typed: Typed, **more: Any) -> str:
    """The page for an answer that leaves in pieces, before and after REST."""
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
        "past": [past_line(desk, query) for query in past],
        "kept": [saved_of(page, one) for one in kept],
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
        return saved_of(page, saved.find(session, page.reader, typed.saved))
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


def past_line(desk: Desk, query: Query) -> dict[str, Any]:
    """A query of the past for a list; that the hub asked before it ran one is no failure."""
    state = ASKED if query.problem == "query-costly" else STATES[QueryState(query.state)]
    return {"query": query, "sql": history.sql_of(desk.reader.secret, query), "state": state}


def saved_of(page: Page, found: SavedQuery) -> SavedLine:
    return saved_line(found, page.reader.id)
