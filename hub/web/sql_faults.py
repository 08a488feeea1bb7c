"""Why a query has no answer, in words, and where in its text the reason stands."""

import re
from dataclasses import dataclass

from catalog.errors import CatalogError, QueryFailed, QueryRefused
from hub.errors import HubError
from hub.problems import message_of, problem_of
from hub.web.page import Page
from hub.web.translation import N_

ENGINE_WORDS = {
    "Binder Error": N_("Ada nama kolom, nama fungsi, atau jenis nilai yang tidak cocok."),
    "Catalog Error": N_("Ada nama fungsi atau jenis yang tidak dikenal mesin kueri."),
    "Parser Error": N_("Tulisannya tidak dapat dibaca sebagai SELECT."),
    "Conversion Error": N_("Ada nilai yang tidak dapat diubah jenisnya; TRY_CAST melewatinya."),
    "Out of Range Error": N_("Ada hasil hitungan yang terlalu besar bagi jenisnya."),
    "Invalid Input Error": N_("Ada nilai yang tidak dapat diterima sebuah fungsi."),
}
"""The engine speaks English; this says the same for whoever does not."""
LONGEST_LINE = 160


@dataclass(frozen=True)
class Place:
    """A line of the text, counted from 1, cut around the piece that is meant (perhaps none)."""

    line: int
    before: str
    piece: str
    after: str


@dataclass(frozen=True)
class SqlFault:
    """`engine` is what the engine itself says, in English; `start` and `end` are places in the text."""

    title: str
    text: str
    place: Place | None = None
    engine: str = ""
    start: int = 0
    end: int = 0


def explained(page: Page, error: CatalogError | HubError, sql: str) -> SqlFault:
    problem = problem_of(error)
    title = problem.title_en if page.language == "en" else problem.title_id
    match error:
        case QueryRefused(where=where):
            return _placed(title, message_of(error, page.language), sql, *_refused_at(sql, where))
        case QueryFailed(message=message):
            kind = message.partition(":")[0]
            text = page.say(ENGINE_WORDS[kind]) if kind in ENGINE_WORDS else message
            said = message if kind in ENGINE_WORDS else ""
            return _placed(title, text, sql, _span_in(sql, message), _without_drawing(said))
    return SqlFault(title, message_of(error, page.language))


Span = tuple[int, int] | None


def _refused_at(sql: str, where: str) -> tuple[Span, str]:
    """The gate names a piece of the text, or hands on what the parser says of it."""
    start = sql.find(where) if where else -1
    if start >= 0:
        return (start, start + len(where)), ""
    return _span_in(sql, where), where


def _placed(title: str, text: str, sql: str, span: Span, engine: str) -> SqlFault:
    if span is None:
        return SqlFault(title, text, engine=engine)
    start, end = span
    begins = sql.rfind("\n", 0, start) + 1
    ends = sql.find("\n", start)
    stops = min(end, len(sql) if ends < 0 else ends)
    before, after = sql[begins:start], sql[stops : len(sql) if ends < 0 else ends]
    place = Place(
        sql.count("\n", 0, start) + 1,
        before[-LONGEST_LINE // 2 :],
        sql[start:stops][:LONGEST_LINE],
        after[: LONGEST_LINE // 2],
    )
    return SqlFault(title, text, place, engine, start, stops)


_NEAR = re.compile(r'(?:at or near|column|name|function) "?([^"\s!]+)"?')
_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)


def _span_in(sql: str, message: str) -> Span:
    """The line that the engine names, and in it the word that it complains of."""
    named = _NEAR.search(message)
    line = _LINE.search(message)
    begins, ends = 0, len(sql)
    if line is not None:
        lines = sql.split("\n")
        number = min(int(line[1]), len(lines))
        begins = sum(len(text) + 1 for text in lines[: number - 1])
        ends = begins + len(lines[number - 1])
    if named is not None:
        at = [found.start() for found in re.finditer(re.escape(named[1]), sql[begins:ends])]
        if at and (line is not None or len(at) == 1):
            return begins + at[0], begins + at[0] + len(named[1])
    return (begins, ends) if line is not None else None


def _without_drawing(message: str) -> str:
    """Without the engine's own copy of the line; ours is beside it."""
    return _LINE.split(message)[0].strip()
