"""/kelola/orang: people, their posts, and how they come in."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session
from starlette.responses import Response

from hub.agencies import accounts, entry, people, second_proof, service
from hub.agencies.entry import NewCode
from hub.agencies.models import HolderKind, Post
from hub.agencies.principal import actor_of
from hub.agencies.shapes import Username
from hub.auth.authenticate import limits_of
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.pages.administration import ROLES, DeskDep, Id, Key, Word
from hub.web.pages.signing_in import key_of
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

PersonId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
SHOWN = 100
_USERNAME = TypeAdapter(Username)


@router.get("/kelola/orang")
def listed(
    page: DeskDep,
    q: Annotated[str, Query(max_length=200)] = "",
    agency: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    return _list(page, q=q, agency=agency, cursor=cursor)


@router.post("/kelola/orang")
def add(
    page: DeskDep,
    ledger: LedgerDep,
    username: Word = "",
    name: Word = "",
    email: Word = "",
    key: Key = "",
) -> Response:
    """Leads to her page, where she gets a post and a code."""

    def create(session: Session) -> dict[str, Any]:
        made = accounts.create_person(
            session,
            ledger,
            actor_of(page.reader),
            username=_username(username),
            name=_said(name, "name"),
            email=email.strip(),
            now=real_now(),
        )
        return {"id": made.id}

    try:
        made = forms.take(page, key, (username, name, email), create)
    except HubError as error:
        failed = _failure(page, error, N_("Orang ini belum terdaftar"), "username")
        typed = {"username": username, "name": name, "email": email}
        return _list(page, failed=failed, typed=typed, status=forms.status_of(error))
    return page.redirect(f"/kelola/orang/{made['id']}")


@router.get("/kelola/orang/{person}")
def one(page: DeskDep, person: PersonId) -> Response:
    return _one(page, person)


@router.post("/kelola/orang/{person}")
def change(
    page: DeskDep,
    ledger: LedgerDep,
    person: PersonId,
    name: Word = "",
    email: Word = "",
    key: Key = "",
) -> Response:
    def changed(session: Session) -> dict[str, Any]:
        accounts.change_person(
            session,
            ledger,
            actor_of(page.reader),
            person,
            name=_said(name, "name"),
            email=email.strip(),
        )
        return {}

    return _done(page, person, key, (name, email), changed, N_("Belum disimpan"), "name")


@router.post("/kelola/orang/{person}/keadaan")
def switch(
    page: DeskDep, ledger: LedgerDep, person: PersonId, active: Id = "", key: Key = ""
) -> Response:
    """On or off; off ends every sign-in and every token at once."""

    def switched(session: Session) -> dict[str, Any]:
        accounts.change_person(
            session, ledger, actor_of(page.reader), person, active=active == "ya"
        )
        return {}

    return _done(page, person, key, (active,), switched, N_("Belum diubah"))


@router.post("/kelola/orang/{person}/kode")
def reset(
    page: DeskDep, ledger: LedgerDep, person: PersonId, lama: Id = "", key: Key = ""
) -> Response:
    """A code is on the answer to this form and nowhere else; with `lama` the old password goes at once."""
    code: list[NewCode] = []

    def hand_out(session: Session) -> dict[str, Any]:
        code.append(
            entry.hand_out(
                session,
                ledger,
                actor_of(page.reader),
                key_of(page.settings),
                person,
                days=page.settings.entry_code_days,
                now=real_now(),
                reset=bool(lama),
            )
        )
        # What is returned here is kept for repeated requests, so the code is not in it.
        return {}

    try:
        forms.take(page, key, (lama,), hand_out)
    except HubError as error:
        return _refused(page, person, error, N_("Belum ada kode"))
    return _one(page, person, code=code[0] if code else None)


@router.post("/kelola/orang/{person}/bukti-kedua")
def reset_factor(page: DeskDep, ledger: LedgerDep, person: PersonId, key: Key = "") -> Response:
    def taken(session: Session) -> dict[str, Any]:
        second_proof.reset(session, ledger, actor_of(page.reader), person)
        return {}

    return _done(page, person, key, (), taken, N_("Tidak ada yang dilepas"))


@router.post("/kelola/orang/{person}/jabatan")
def seat(
    page: DeskDep,
    ledger: LedgerDep,
    person: PersonId,
    post: Id = "",
    since: Id = "",
    until: Id = "",
    key: Key = "",
) -> Response:
    def seated(session: Session) -> dict[str, Any]:
        service.begin_holding(
            session,
            ledger,
            actor_of(page.reader),
            post=post,
            holder_kind=HolderKind.PERSON,
            holder=person,
            since=morning(page, since) or real_now(),
            until=morning(page, until),
        )
        return {}

    said = (post, since, until)
    return _done(page, person, key, said, seated, N_("Belum memangku jabatan"), "post")


@router.post("/kelola/orang/{person}/jabatan/{holding}/akhiri")
def unseat(
    page: DeskDep, ledger: LedgerDep, person: PersonId, holding: PersonId, key: Key = ""
) -> Response:
    def ended(session: Session) -> dict[str, Any]:
        service.end_holding(session, ledger, actor_of(page.reader), holding, now=real_now())
        return {}

    return _done(page, person, key, (holding,), ended, N_("Jabatan belum berakhir"))


def morning(page: Page, text: str) -> datetime | None:
    """The first moment of the day in a date field, here; None for nothing."""
    day = forms.day_of(text)
    return None if day is None else datetime.combine(day, time(), tzinfo=page.settings.zone)


def _done(
    page: Page,
    person: str,
    key: str,
    said: tuple[str, ...],
    fn: Callable[[Session], dict[str, Any]],
    title: str,
    field: str = "",
) -> Response:
    """Carry out a form of this page and show it again, with what went wrong if something did."""
    try:
        forms.take(page, key, said, fn)
    except HubError as error:
        return _refused(page, person, error, title, field)
    return page.redirect(f"/kelola/orang/{person}")


def _refused(page: Page, person: str, error: HubError, title: str, field: str = "") -> Response:
    failed = _failure(page, error, title, field)
    return _one(page, person, failed=failed, status=forms.status_of(error))


def _failure(page: Page, error: HubError, title: str, field: str) -> Failure:
    return forms.failure(page, error, page.say(title), str(error.facts.get("field", field)))


def _username(text: str) -> str:
    try:
        return _USERNAME.validate_python(text.strip())
    except ValidationError as error:
        raise InvalidInput(
            "Nama pengguna berisi 2 sampai 64 huruf, angka, titik, garis bawah atau tanda hubung.",
            "A user name has 2 to 64 letters, digits, dots, underscores or hyphens.",
            field="username",
        ) from error


def _said(text: str, field: str) -> str:
    if not text.strip():
        raise InvalidInput("Isi namanya.", "Write the name.", field=field)
    return text.strip()


def _list(
    page: Page,
    *,
    q: str = "",
    agency: str = "",
    cursor: str = "",
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        found = people.search(
            session,
            words=q,
            agency=agency,
            now=real_now(),
            after=cursor or None,
            limit=SHOWN + 1,
        )
        agencies = service.list_agencies(session, limit=1000)
        seats = [seat.post.agency for line in found for seat in line.seats]
        names = names_of(session, seats)
    return page.render(
        "kelola-orang.html",
        status=status,
        lines=found[:SHOWN],
        after=found[SHOWN - 1].person.username if len(found) > SHOWN else "",
        agencies=agencies,
        names=names,
        q=q,
        agency=agency,
        typed=typed or {"username": "", "name": "", "email": ""},
        failed=failed,
        roles=ROLES,
        key=forms.new_key(),
    )


def _one(
    page: Page,
    person: str,
    *,
    code: NewCode | None = None,
    failed: Failure | None = None,
    status: int = 200,
) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        standing = people.standing_of(session, person, limits_of(page.settings), now=now)
        agencies = service.list_agencies(session, limit=1000)
        posts = _posts(session)
        names = names_of(session, [agency.code for agency in agencies])
    return page.render(
        "kelola-orang-satu.html",
        status=status,
        standing=standing,
        posts=posts,
        names=names,
        code=code,
        failed=failed,
        roles=ROLES,
        now=now,
        key=forms.new_key(),
    )


def _posts(session: Session) -> dict[str, list[Post]]:
    """Every post of an active agency, by agency: a person is seated on one of them."""
    by_agency: dict[str, list[Post]] = {}
    for post in service.all_posts(session):
        by_agency.setdefault(post.agency, []).append(post)
    return by_agency
