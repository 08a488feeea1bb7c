"""/kelola/aturan and /kelola/mandat: the walidata changes what the regency's rules say, and who carries a duty."""

from copy import deepcopy
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session, col, select
from starlette.responses import Response

from hub.agencies.models import Agency, Post
from hub.agencies.roles import Role
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.rules import mandates, service
from hub.rules.service import Book
from hub.web import forms, rules_view
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.pages.administration import DeskDep, Id, Key
from hub.web.rules_view import Field
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Path(max_length=60)]
Values = Annotated[list[str], Form(max_length=1000)]
Basis = Annotated[str, Form(max_length=500)]
MAY_CARRY = (Role.HEAD, Role.EXECUTIVE, Role.WALIDATA, Role.STEWARD, Role.AUDITOR)


@router.get("/kelola/aturan/{name}")
def change(page: DeskDep, name: Name) -> Response:
    """Raises NotFound."""
    with reading(page.engine) as session:
        book = service.current(session, name)
    return _form(page, book, [_written(field) for field in rules_view.fields(book)])


@router.post("/kelola/aturan/{name}")
def put(
    page: DeskDep,
    ledger: LedgerDep,
    name: Name,
    value: Values = [],  # noqa: B006 - FastAPI copies it
    basis: Basis = "",
    seen: Annotated[int, Form(ge=0, le=100_000)] = 0,
    key: Key = "",
) -> Response:
    """The values in the order of the form; raises NotFound."""
    with reading(page.engine) as session:
        book = service.of_version(session, name, seen)

    def replaced(session: Session) -> dict[str, Any]:
        body = _filled(book, value)
        put = service.put(
            session,
            ledger,
            page.reader,
            name,
            body,
            basis=basis,
            now=real_now(),
            seen=seen,
        )
        return {"version": put.version}

    try:
        forms.take(page, key, (basis, str(seen), *value), replaced)
    except HubError as error:
        failed = forms.failure(
            page, error, page.say(N_("Belum diubah")), str(error.facts.get("member", "basis"))
        )
        return _form(page, book, value, basis, failed, status=forms.status_of(error))
    return page.redirect(f"/aturan/{name}")


@router.get("/kelola/mandat")
def carriers(page: DeskDep) -> Response:
    return _carriers(page)


@router.post("/kelola/mandat")
def name_post(
    page: DeskDep, ledger: LedgerDep, mandate: Id = "", post: Id = "", key: Key = ""
) -> Response:
    def named(session: Session) -> dict[str, Any]:
        mandates.name_post(session, ledger, page.reader, mandate, post, now=real_now())
        return {}

    return _taken(page, key, (mandate, post), named)


@router.post("/kelola/mandat/lepas")
def take_from(
    page: DeskDep, ledger: LedgerDep, mandate: Id = "", post: Id = "", key: Key = ""
) -> Response:
    def taken(session: Session) -> dict[str, Any]:
        mandates.take_from(session, ledger, page.reader, mandate, post)
        return {}

    return _taken(page, key, (mandate, post), taken)


def _taken(page: Page, key: str, said: tuple[str, ...], act: Any) -> Response:
    try:
        forms.take(page, key, said, act)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Mandat belum diubah")))
        return _carriers(page, failed, status=forms.status_of(error))
    return page.redirect(f"/kelola/mandat#{said[0]}")


def _filled(book: Book, value: list[str]) -> dict[str, Any]:
    """The book's values with those of the form in their places; raises InvalidInput."""
    wanted = rules_view.fields(book)
    if len(wanted) != len(value):
        raise InvalidInput(
            "Formulir tidak lengkap; buka lagi halaman ini.",
            "The form is not complete; open this page again.",
        )
    body = deepcopy(dict(book.body))
    for number, (field, text) in enumerate(zip(wanted, value, strict=True)):
        part: Any = body
        for step in field.place[:-1]:
            part = part[int(step)] if isinstance(part, list) else part[step]
        part[field.place[-1]] = _read(field, text.strip(), f"nilai-{number}")
    return body


def _read(field: Field, text: str, member: str) -> Any:
    match field.kind:
        case "yes":
            return text == "ya"
        case "text":
            return text
        case "days" if text.isascii() and text.removeprefix("-").isdecimal() and len(text) < 10:
            return int(text)
        case "number" if text.count(",") + text.count(".") <= 1:
            digits = text.replace(",", ".")
            if digits.isascii() and digits.replace(".", "").isdecimal() and len(digits) < 16:
                return float(digits)
    raise InvalidInput(
        f"«{text[:20]}» bukan bilangan.", f"«{text[:20]}» is not a number.", member=member
    )


def _written(field: Field) -> str:
    if field.kind == "yes":
        return "ya" if field.value else "tidak"
    return str(field.value)


def _form(
    page: Page,
    book: Book,
    value: list[str],
    basis: str = "",
    failed: Failure | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        reader = rules_view.reader_of(page, service.current(session, service.MANDATES))
    wanted = rules_view.fields(book)
    typed = value if len(value) == len(wanted) else [_written(field) for field in wanted]
    return page.render(
        "kelola-aturan.html",
        book=book,
        title=reader.title(book),
        groups=_groups(reader, book, wanted, typed),
        basis=basis,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )


def _groups(
    reader: rules_view.Reader, book: Book, wanted: list[Field], typed: list[str]
) -> list[tuple[str, list[tuple[int, str, Field, str]]]]:
    """Fields under the place they share: number, name, field and what is typed in it."""
    lines = [
        (number, reader.name(field.place[-1]), field, text)
        for number, (field, text) in enumerate(zip(wanted, typed, strict=True))
    ]
    return [
        (reader.place(book, place), list(group))
        for place, group in groupby(lines, key=lambda line: line[2].place[:-1])
    ]


def _carriers(page: Page, failed: Failure | None = None, *, status: int = 200) -> Response:
    with reading(page.engine) as session:
        found = mandates.all_carried(session)
        wanted = select(Post).join(Agency, col(Agency.code) == col(Post.agency))
        wanted = wanted.where(col(Post.role).in_(MAY_CARRY), col(Agency.active))
        posts = list(session.exec(wanted.order_by(col(Post.agency), col(Post.title))))
        names = names_of(session, [post.agency for post in posts])
    return page.render(
        "kelola-mandat.html",
        carried=found,
        posts=posts,
        names=names,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )
