"""How a feed is walked: in one piece, by page number, by cursor, or by a link to the next page.

A position is what is kept in state: an int or a string, "" for the beginning. It never holds a
secret: links are kept with the secrets taken out again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2

from connectors.errors import Sentence, SourceBodyInvalid, SourceRedirected
from connectors.json_rows import JsonRows

Position = int | str


@dataclass(frozen=True)
class Page:
    """What was served at a position; `rows` is their number."""

    position: Position
    url: httpx2.URL
    headers: httpx2.Headers
    body: JsonRows
    rows: int


class Paging(Protocol):
    @property
    def start(self) -> Position: ...

    def url(self, position: Position) -> httpx2.URL: ...

    def after(self, page: Page) -> Position | None:
        """Where to go on, or None when this page was the last."""
        ...


@dataclass(frozen=True)
class OnePiece:
    base: httpx2.URL
    start: Position = ""

    def url(self, position: Position) -> httpx2.URL:
        return self.base

    def after(self, page: Page) -> Position | None:
        return None


@dataclass(frozen=True)
class ByNumber:
    """Goes on until an empty page: a short page may only mean that the source caps its size."""

    base: httpx2.URL
    param: str
    start: Position

    def url(self, position: Position) -> httpx2.URL:
        return self.base.copy_set_param(self.param, position)

    def after(self, page: Page) -> Position | None:
        return int(page.position) + 1 if page.rows else None


@dataclass(frozen=True)
class ByCursor:
    base: httpx2.URL
    param: str
    path: tuple[str, ...]
    start: Position = ""

    def url(self, position: Position) -> httpx2.URL:
        return self.base if position == "" else self.base.copy_set_param(self.param, position)

    def after(self, page: Page) -> Position | None:
        found = page.body.value(self.path)
        # bool is an int to Python: `"next": false` means that there is none.
        if isinstance(found, bool) or not isinstance(found, int | str) or found == "":
            return None
        if found == page.position:
            raise repeats()
        return found


@dataclass(frozen=True)
class ByLink:
    """The next page by a URL in the body, or in the `Link` header when `path` is empty."""

    base: httpx2.URL
    path: tuple[str, ...]
    conceal: Callable[[str], str]
    reveal: Callable[[str], str]
    start: Position = ""

    def url(self, position: Position) -> httpx2.URL:
        return self.base if position == "" else self.base.join(self.reveal(str(position)))

    def after(self, page: Page) -> Position | None:
        found = page.body.value(self.path) if self.path else _link_header(page.headers)
        if not isinstance(found, str) or found == "":
            return None
        try:
            target = page.url.join(found)
        except httpx2.InvalidURL as error:
            raise SourceRedirected("?") from error
        # The next page gets our credentials: it must be on the same host, by the same scheme.
        if (target.scheme, target.host, target.port) != (
            self.base.scheme,
            self.base.host,
            self.base.port,
        ):
            raise SourceRedirected(f"{target.scheme}://{target.host}")
        position = self.conceal(target.raw_path.decode("ascii"))
        if position == page.position or target == page.url:
            raise repeats()
        return position


def paging_of(
    options: Mapping[str, Any],
    base: httpx2.URL,
    conceal: Callable[[str], str],
    reveal: Callable[[str], str],
) -> Paging:
    """The walk that the options of an `http-json` source describe."""
    path = split_path(options["next_path"])
    if options["page_size"] is not None and options["paging"] != "none":
        base = base.copy_set_param(options["page_size_param"], options["page_size"])
    match options["paging"]:
        case "page":
            return ByNumber(base, options["page_param"], options["page_start"])
        case "cursor":
            return ByCursor(base, options["cursor_param"], path)
        case "link":
            return ByLink(base, path, conceal, reveal)
    return OnePiece(base)


def split_path(path: str) -> tuple[str, ...]:
    """`data.items` → ("data", "items"); "" → ()."""
    return tuple(path.split(".")) if path else ()


def repeats() -> SourceBodyInvalid:
    return SourceBodyInvalid(
        "repeats",
        Sentence(
            id="Sumber mengirim halaman yang sama dua kali; pengaturan halaman belum benar.",
            en="The source served the same page twice; the paging options are not right.",
        ),
    )


def _link_header(headers: httpx2.Headers) -> str | None:
    """The target of `rel=next` (RFC 8288)."""
    links = httpx2.Response(200, headers=headers).links
    return links.get("next", {}).get("url")
