"""From a position in a feed, pages into one NDJSON file, until the batch is full or the feed ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from connectors.errors import SourceUnavailable
from connectors.fetching import Answer, Fetcher
from connectors.json_rows import JsonRows
from connectors.paging import Page, Paging, Position, repeats
from connectors.spool import Spool

_MAX_PAGES = 100_000


@dataclass(frozen=True)
class Gathered:
    """`last` is the last position read, `following` where to go on, None at the feed's end.

    `headers` are those of the last page.
    """

    file: Path
    sha256: str
    size: int
    rows: int
    pages: int
    last: Position
    following: Position | None
    headers: httpx2.Headers


@dataclass(frozen=True)
class _Served:
    rows: int
    following: Position | None
    sha256: str
    headers: httpx2.Headers


@dataclass(frozen=True)
class Gatherer:
    """`limit` in bytes of one batch; `batch_rows` None puts the whole feed into one."""

    fetcher: Fetcher
    paging: Paging
    path: tuple[str, ...]
    limit: int
    batch_rows: int | None

    def gather(self, first: Position, asked: Mapping[str, str]) -> Gathered | None:
        """None when the source says that nothing changed (304). Raises ConnectorError."""
        rows = pages = 0
        position, before = first, ""
        with Spool(self.fetcher.work, ".ndjson", self.limit) as out:
            while True:
                served = self._page(out, position, asked)
                if served is None:
                    return None
                # A source that ignores its paging parameter would be read for ever.
                if (served.rows and served.sha256 == before) or pages == _MAX_PAGES:
                    raise repeats()
                rows, pages, before = rows + served.rows, pages + 1, served.sha256
                if served.following is None or self._full(rows):
                    break
                position = served.following
            return Gathered(
                file=out.keep(),
                sha256=out.sha256,
                size=out.size,
                rows=rows,
                pages=pages,
                last=position,
                following=served.following,
                headers=served.headers,
            )

    def _full(self, rows: int) -> bool:
        return self.batch_rows is not None and rows >= self.batch_rows

    def _page(self, out: Spool, position: Position, asked: Mapping[str, str]) -> _Served | None:
        try:
            with self.fetcher.get(self.paging.url(position), asked) as answer:
                if answer.file is None:
                    return None
                return self._append(out, answer.file, answer, position)
        except SourceUnavailable as error:
            # Many frameworks answer 404 for the page after the last.
            numbered = isinstance(position, int) and position != self.paging.start
            if error.status == 404 and numbered:
                return _Served(0, None, "", httpx2.Headers())
            raise

    def _append(self, out: Spool, file: Path, answer: Answer, position: Position) -> _Served:
        rows = 0
        with JsonRows(file) as body:
            for row in body.rows(self.path):
                out.write(row + b"\n")
                rows += 1
            page = Page(position, self.paging.url(position), answer.headers, body, rows)
            return _Served(rows, self.paging.after(page), answer.sha256, answer.headers)
