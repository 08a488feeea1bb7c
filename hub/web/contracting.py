"""A contract as people read it: its terms with what became narrower, and who signed them how."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from hub.agencies.models import Post
from hub.grants.bundle import signatures_of
from hub.grants.masks import choices, shows_no_more
from hub.grants.models import GrantSignature
from hub.grants.personal import must_be_named
from hub.grants.shapes import GrantOut, RequestOut
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.translation import N_
from hub.web.words import MASKS
from schemas.document import SchemaDocument

Value = TypeVar("Value")
KEPT, ADDED, DROPPED = "", "ins", "del"


@dataclass(frozen=True)
class Part:
    """A piece of a term; `mark` is the element that says what the decision did to it."""

    text: str
    mark: str = KEPT
    code: bool = False


@dataclass(frozen=True)
class Term:
    label: str
    parts: tuple[Part, ...]

    @property
    def narrowed(self) -> bool:
        return any(part.mark for part in self.parts)


@dataclass(frozen=True)
class Signed:
    """One signature: `side` and `kind` are words, `who` a post or an agency; `old` from before signing."""

    side: str
    kind: str
    who: str
    at: datetime
    key: str
    old: bool


@dataclass(frozen=True)
class Choice:
    """A column that the decider may leave out or mask; `masks` are kinds that show no more than asked."""

    name: str
    asked_mask: str | None
    masks: tuple[str, ...]


def open_columns(document: SchemaDocument) -> list[str]:
    """What a request without columns opens: all that needs no naming."""
    hidden = must_be_named(document)
    return [name for name in document.by_name if name not in hidden]


def choices_of(document: SchemaDocument, request: RequestOut) -> list[Choice]:
    """Every asked column with the masks that the decider may put on it."""
    asked = open_columns(document) if request.columns is None else request.columns
    return [
        _choice(document, name, request.masks.get(name))
        for name in asked
        if name in document.by_name
    ]


def asked_terms(page: Page, request: RequestOut) -> list[Term]:
    """Terms of a request beyond columns, rows and end, where it says something of them."""
    lines = [
        (N_("Samaran"), [Part(one) for one in _masked(page, request.masks)]),
        (N_("Kuota"), [Part(_quota(page, request.daily_rows))] if request.daily_rows else []),
        (
            N_("Pemakaian"),
            [Part(page.say(N_("hanya mencocokkan")))] if request.use != "read" else [],
        ),
        (N_("Penyimpanan"), [Part(_storing(page, request.may_store))]),
    ]
    return [Term(label, tuple(parts)) for label, parts in lines if parts]


def given_terms(
    page: Page, request: RequestOut, grant: GrantOut, document: SchemaDocument
) -> list[Term]:
    """The terms of a contract, marked where they are narrower than what was asked."""
    lines = [
        (N_("Kolom"), _columns(page, request, grant, document)),
        (N_("Baris"), _rows(page, request, grant)),
        (N_("Samaran"), _masks(page, request, grant)),
        (N_("Kuota"), _changed(partial(_quota, page), request.daily_rows, grant.daily_rows)),
        (N_("Pemakaian"), [Part(_use(page, grant.use))]),
        (
            N_("Penyimpanan"),
            _changed(partial(_storing, page), request.may_store, grant.may_store),
        ),
    ]
    return [Term(label, tuple(parts)) for label, parts in lines if parts]


def signatures(page: Page, session: Session, grant_id: str) -> list[Signed]:
    """Who signed a contract, the producer first."""
    found = signatures_of(session, grant_id)
    posts = _titles(session, [one.signer.get("post") for one in found])
    names = names_of(session, [one.signer.get("agency") for one in found])
    return [_signed(page, one, posts, names) for one in found]


def _choice(document: SchemaDocument, name: str, asked: str | None) -> Choice:
    fitting = choices(document.by_name[name])
    return Choice(name, asked, tuple(k for k in fitting if k != asked and shows_no_more(k, asked)))


def _columns(
    page: Page, request: RequestOut, grant: GrantOut, document: SchemaDocument
) -> list[Part]:
    if grant.columns is None:
        return [Part(page.say(N_("semua yang tidak harus disebut satu per satu")))]
    asked = open_columns(document) if request.columns is None else request.columns
    return [Part(name, KEPT if name in grant.columns else DROPPED, code=True) for name in asked]


def _rows(page: Page, request: RequestOut, grant: GrantOut) -> list[Part]:
    if grant.filter is None:
        return [Part(page.say(N_("semua")))]
    written = Part(json.dumps(grant.filter, ensure_ascii=False), code=True)
    if grant.filter == request.filter:
        return [written]
    return [Part(written.text, ADDED, code=True)]


def _masks(page: Page, request: RequestOut, grant: GrantOut) -> list[Part]:
    return [
        Part(text, KEPT if request.masks.get(name) == kind else ADDED)
        for (name, kind), text in zip(
            sorted(grant.masks.items()), _masked(page, grant.masks), strict=True
        )
    ]


def _masked(page: Page, masks: dict[str, str]) -> list[str]:
    return [f"{name}: {page.say(MASKS[kind])}" for name, kind in sorted(masks.items())]


def _changed(word: Callable[[Value], str], asked: Value, given: Value) -> list[Part]:
    if asked == given:
        return [Part(word(given))]
    return [Part(word(asked), DROPPED), Part(word(given), ADDED)]


def _quota(page: Page, rows: int | None) -> str:
    if rows is None:
        return page.say(N_("tanpa batas harian"))
    return page.counted("{n} baris", rows) + " " + page.say(N_("sehari"))


def _storing(page: Page, may: bool) -> str:
    return page.say(N_("boleh menyimpan berkas utuh") if may else N_("tanpa berkas utuh"))


def _use(page: Page, use: str) -> str:
    return page.say(N_("membaca baris") if use == "read" else N_("hanya mencocokkan"))


def _titles(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    found = session.exec(select(Post.id, Post.title).where(col(Post.id).in_({i for i in ids if i})))
    return dict(found.all())


def _signed(
    page: Page, one: GrantSignature, posts: dict[str, str], names: dict[str, str]
) -> Signed:
    return Signed(
        side=one.side,
        kind=one.kind,
        who=", ".join(_who(one.signer, posts, names)) or page.say(N_("Pihak luar")),
        at=one.at,
        key=one.key_id if one.kind == "agency_key" else "",
        old=one.kind == "hub_attested" and "contract" not in json.loads(one.statement),
    )


def _who(signer: dict[str, Any], posts: dict[str, str], names: dict[str, str]) -> Iterator[str]:
    if signer.get("post") in posts:
        yield posts[signer["post"]]
    if signer.get("agency"):
        yield names[signer["agency"]]
