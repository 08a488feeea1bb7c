"""/kelola/instansi: agencies and their posts, and what switching one off entails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, func, or_, select
from starlette.responses import Response

from catalog.models import Dataset
from hub.agencies import people, service
from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.principal import actor_of
from hub.agencies.roles import Role
from hub.agencies.shapes import Code
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.grants.models import AccessRequest, Grant
from hub.grants.viewing import undecided
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.page import Page
from hub.web.pages.administration import ROLES, DeskDep, Id, Key, Word
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

AgencyCode = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{1,39}$")]
_CODE = TypeAdapter(Code)
KINDS = {
    AgencyKind.SECRETARIAT: N_("sekretariat"),
    AgencyKind.INSPECTORATE: N_("inspektorat"),
    AgencyKind.OFFICE: N_("dinas"),
    AgencyKind.BODY: N_("badan"),
    AgencyKind.DISTRICT: N_("kecamatan"),
    AgencyKind.WARD: N_("kelurahan"),
    AgencyKind.UNIT: N_("unit"),
    AgencyKind.REGENCY: N_("pemerintah daerah"),
    AgencyKind.OTHER: N_("lainnya"),
}


@dataclass(frozen=True)
class Entailed:
    """What stops, waits or stays unserved while an agency is off."""

    people: int
    programs: int
    datasets: int
    requests_to: int
    requests_of: int
    grants_given: int
    grants_held: int
    units: int


@router.get("/kelola/instansi")
def listed(page: DeskDep, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    return _list(page, q)


@router.post("/kelola/instansi")
def add(
    page: DeskDep,
    ledger: LedgerDep,
    code: Id = "",
    name: Word = "",
    kind: Id = AgencyKind.OTHER,
    parent: Id = "",
    satker_code: Id = "",
    key: Key = "",
) -> Response:
    typed = {
        "code": code, "name": name, "kind": kind, "parent": parent, "satker_code": satker_code
    }  # fmt: skip

    def added(session: Session) -> dict[str, Any]:
        service.create_agency(
            session,
            ledger,
            actor_of(page.reader),
            code=_code(code),
            name=_said(name),
            kind=_kind(kind),
            parent=parent or None,
            satker_code=satker_code.strip(),
            now=real_now(),
        )
        return {}

    try:
        forms.take(page, key, tuple(typed.values()), added)
    except HubError as error:
        failed = _failure(page, error, N_("Instansi belum dicatat"), "code")
        return _list(page, "", failed, typed, status=forms.status_of(error))
    return page.redirect(f"/kelola/instansi/{code}")


@router.get("/kelola/instansi/{code}")
def one(page: DeskDep, code: AgencyCode) -> Response:
    return _one(page, code)


@router.post("/kelola/instansi/{code}")
def change(
    page: DeskDep,
    ledger: LedgerDep,
    code: AgencyCode,
    name: Word = "",
    kind: Id = AgencyKind.OTHER,
    parent: Id = "",
    satker_code: Id = "",
    key: Key = "",
) -> Response:
    def changed(session: Session) -> dict[str, Any]:
        service.change_agency(
            session,
            ledger,
            actor_of(page.reader),
            code,
            name=_said(name),
            kind=_kind(kind),
            parent=parent or None,
            satker_code=satker_code.strip(),
        )
        return {}

    return _done(page, code, key, (name, kind, parent, satker_code), changed, N_("Belum disimpan"))


@router.post("/kelola/instansi/{code}/keadaan")
def switch(
    page: DeskDep, ledger: LedgerDep, code: AgencyCode, active: Id = "", key: Key = ""
) -> Response:
    """Off takes the authority of its posts away at once; raise Conflict for one's own agency."""

    def switched(session: Session) -> dict[str, Any]:
        service.change_agency(session, ledger, actor_of(page.reader), code, active=active == "ya")
        return {}

    return _done(page, code, key, (active,), switched, N_("Belum diubah"))


@router.post("/kelola/instansi/{code}/jabatan")
def add_post(
    page: DeskDep,
    ledger: LedgerDep,
    code: AgencyCode,
    title: Word = "",
    role: Id = "",
    key: Key = "",
) -> Response:
    def added(session: Session) -> dict[str, Any]:
        service.create_post(
            session,
            ledger,
            actor_of(page.reader),
            agency=code,
            title=_said(title, "title"),
            role=_role(role),
        )
        return {}

    return _done(page, code, key, (title, role), added, N_("Jabatan belum dibuat"), "title")


def _done(
    page: Page,
    code: str,
    key: str,
    said: tuple[str, ...],
    fn: Callable[[Session], dict[str, Any]],
    title: str,
    field: str = "name",
) -> Response:
    try:
        forms.take(page, key, said, fn)
    except HubError as error:
        failed = _failure(page, error, title, field)
        return _one(page, code, failed, status=forms.status_of(error))
    return page.redirect(f"/kelola/instansi/{code}")


def _failure(page: Page, error: HubError, title: str, field: str) -> Failure:
    return forms.failure(page, error, page.say(title), str(error.facts.get("field", field)))


def _code(text: str) -> str:
    try:
        return _CODE.validate_python(text.strip())
    except ValidationError as error:
        raise InvalidInput(
            "Kode berisi 2 sampai 40 huruf kecil, angka atau tanda hubung, diawali huruf.",
            "A code has 2 to 40 small letters, digits or hyphens and begins with a letter.",
            field="code",
        ) from error


def _said(text: str, field: str = "name") -> str:
    if not text.strip():
        raise InvalidInput("Isi namanya.", "Write the name.", field=field)
    return text.strip()


def _kind(text: str) -> AgencyKind:
    if text not in tuple(AgencyKind):
        raise InvalidInput("Pilih jenis instansi.", "Choose the kind of agency.", field="kind")
    return AgencyKind(text)


def _role(text: str) -> Role:
    if text not in tuple(Role):
        raise InvalidInput("Pilih perannya.", "Choose the role.", field="role")
    return Role(text)


def _matching(session: Session, words: str) -> list[Agency]:
    wanted = select(Agency).order_by(col(Agency.active).desc(), col(Agency.name))
    for word in words.casefold().split():
        wanted = wanted.where(
            or_(
                func.lower(Agency.name).contains(word, autoescape=True),
                col(Agency.code).contains(word, autoescape=True),
            )
        )
    return list(session.exec(wanted))


def _counted(session: Session, code: Any) -> dict[str, int]:
    """By agency, for the list: one question for all of them."""
    return dict(session.exec(select(code, func.count()).group_by(code)).all())


def _list(
    page: Page,
    q: str,
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        found = _matching(session, q)
        every = service.list_agencies(session, limit=1000)
        datasets = _counted(session, Dataset.agency)
        posts = _counted(session, Post.agency)
    blank = {"code": "", "name": "", "kind": "dinas", "parent": "", "satker_code": ""}
    return page.render(
        "kelola-instansi.html",
        lines=found,
        agencies=every,
        names={one.code: one.name for one in every},
        datasets=datasets,
        posts=posts,
        q=q,
        kinds=KINDS,
        typed=typed or blank,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )


def _entailed(session: Session, code: str) -> Entailed:
    now = real_now()

    def count(table: Any, *conditions: Any) -> int:
        return session.exec(select(func.count()).select_from(table).where(*conditions)).one()

    def seated(kind: HolderKind) -> int:
        held = (
            select(func.count(func.distinct(Holding.holder)))
            .join(Post, col(Post.id) == col(Holding.post))
            .where(
                Post.agency == code,
                Holding.holder_kind == kind,
                or_(col(Holding.until).is_(None), col(Holding.until) > now),
            )
        )
        return session.exec(held).one()

    waiting = undecided()
    live = (col(Grant.revoked_at).is_(None), Grant.expires_at > now)
    return Entailed(
        people=seated(HolderKind.PERSON),
        programs=seated(HolderKind.CLIENT),
        datasets=count(Dataset, Dataset.agency == code),
        requests_to=count(AccessRequest, AccessRequest.producer == code, waiting),
        requests_of=count(AccessRequest, AccessRequest.agency == code, waiting),
        grants_given=count(Grant, Grant.producer == code, *live),
        grants_held=count(Grant, Grant.grantee_agency == code, *live),
        units=count(Agency, Agency.parent == code, col(Agency.active)),
    )


def _one(page: Page, code: str, failed: Failure | None = None, *, status: int = 200) -> Response:
    with reading(page.engine) as session:
        agency = service.the_agency(session, code)
        every = service.list_agencies(session, limit=1000)
        posts = service.list_posts(session, code, limit=500)
        seats = people.holders_of(session, [post.id for post in posts], now=real_now())
        holders = [seat.holding.holder for some in seats.values() for seat in some]
        names = people.names_of_people(session, holders)
        entailed = _entailed(session, code)
    return page.render(
        "kelola-instansi-satu.html",
        agency=agency,
        agencies=[one for one in every if one.code != code],
        posts=posts,
        seats=seats,
        names=names,
        entailed=entailed,
        kinds=KINDS,
        roles=ROLES,
        failed=failed,
        key=forms.new_key(),
        status=status,
    )
