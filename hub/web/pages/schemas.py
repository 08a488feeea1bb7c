"""/skema: published schemas in words, with the document beside them."""

import io
import json
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlmodel import Session
from starlette.responses import Response

from catalog.search.question import Question
from hub.access import browse
from hub.access.descriptions import DatasetLine
from hub.access.impact import impact
from hub.calendar import real_now
from hub.client import MEDIA_TYPES
from hub.db import reading
from hub.deps import PageQuery
from hub.standards import evolution, listing, service
from hub.web import formats
from hub.web.columns import rules, views
from hub.web.page import Page, PageDep
from hub.web.translation import N_
from hub.web.version_diff import diff
from schemas.compatibility import Clash
from schemas.template import write_template

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Version = Annotated[str, Path(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$")]
Chosen = Annotated[str | None, Query(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$")]
MOST = 500
WAYS = {
    "BACKWARD": (
        N_("Dari sisi produsen"),
        N_("Apakah versi baru menerima semua data yang sah menurut versi lama?"),
    ),
    "FORWARD": (
        N_("Dari sisi pembaca"),
        N_("Apakah pembaca versi lama dapat membaca semua data versi baru?"),
    ),
}
KINDS = {"grant": N_("Hak akses"), "request": N_("Permintaan"), "source": N_("Sumber")}
TRIED = N_("{n} baris dicoba dan tidak satu pun membantahnya.")
UNCHANGED = N_("{n} kolom tidak berubah.")
OTHERS = N_("{n} lainnya tidak disebut karena bukan urusan instansi Anda.")


@router.get("/skema")
def listed(page: PageDep, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    with reading(page.engine) as session:
        found = listing.lines(session, q, PageQuery(MOST, None, True))
    return page.render("skema.html", q=q, lines=found.items, count=found.count)


@router.get("/skema/{system}/{record}")
def latest(page: PageDep, system: Part, record: Part) -> Response:
    """Leads to the newest version."""
    with reading(page.engine) as session:
        known = service.registry(session)
        version = known.latest(f"{system}/{record}").version
    return page.redirect(f"/skema/{system}/{record}/{version}")


@router.get("/skema/{system}/{record}/{version}.xlsx")
def template(page: PageDep, system: Part, record: Part, version: Version) -> Response:
    """A workbook to fill in, with the words of the page's language."""
    with reading(page.engine) as session:
        document = service.find(session, f"{system}/{record}", version)
    out = io.BytesIO()
    write_template(document, out, page.language)
    name = f"templat-{record}-{version}.xlsx"
    return Response(
        out.getvalue(),
        media_type=MEDIA_TYPES[".xlsx"],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/skema/{system}/{record}/beda")
def compared(
    page: PageDep, system: Part, record: Part, dari: Chosen = None, ke: Chosen = None
) -> Response:
    """Two versions beside each other; the two newest unless it is said."""
    name = f"{system}/{record}"
    with reading(page.engine) as session:
        known = service.registry(session)
        versions = known.versions(name)
        newer = known.get(name, ke or versions[-1])
        older = known.get(name, dari or _before(versions, newer.version))
        concerned = impact(session, page.actor, older, newer, now=real_now())
        notice = evolution.notice_for(session, name, older.version)
    found = diff(older, newer)
    return page.render(
        "skema-beda.html",
        name=name,
        title=newer.title_en if page.language == "en" else newer.title,
        older=older.version,
        newer=newer.version,
        versions=list(reversed(versions)),
        found=found,
        witnesses={way: _cells(clash) for way, clash in found.clashes.items()},
        ways=WAYS,
        kinds=KINDS,
        N_TRIED=TRIED,
        N_UNCHANGED=UNCHANGED,
        N_OTHERS=OTHERS,
        impact=concerned,
        until=notice.until if notice else None,
    )


def _before(versions: list[str], version: str) -> str:
    """The version before this one; itself when it is the first."""
    return versions[max(0, versions.index(version) - 1)]


def _cells(clash: Clash | None) -> list[tuple[str, list[str], bool]]:
    """Each column of the example: its name, its value in every row, whether it is refused."""
    if clash is None or clash.witness is None:
        return []
    shown = clash.witness
    names = list(dict.fromkeys(name for row in shown.rows for name in row))
    wrong = {refusal.pointer.removeprefix("/").partition("/")[0] for refusal in shown.refusals}
    missing = sorted(name for name in wrong if name and name not in names)
    return [
        (
            name,
            [formats.short(json.dumps(row[name], ensure_ascii=False), 80) if name in row else "–"
             for row in shown.rows],
            name.replace("~", "~0").replace("/", "~1") in wrong,
        )
        for name in (*names, *missing)
    ]  # fmt: skip


@router.get("/skema/{system}/{record}/{version}")
def one(page: PageDep, system: Part, record: Part, version: Version) -> Response:
    name = f"{system}/{record}"
    with reading(page.engine) as session:
        about = listing.one_version(session, name, version)
        document = service.find(session, name, version)
        versions = service.registry(session).versions(name)
        config = listing.config(session, name)
        users = _users(session, page, name)
    return page.render(
        "skema-satu.html",
        about=about,
        document=document,
        versions=list(reversed(versions)),
        earlier=dict(pairwise(reversed(versions))),
        mode=config.mode,
        until={notice.major: notice.until for notice in config.notices},
        columns=views(document, page.language),
        rules=rules(document, page.language),
        users=users,
    )


def _users(session: Session, page: Page, name: str) -> list[DatasetLine]:
    """Datasets of this schema that the reader may know of."""
    question = Question(chosen={"schema": [name]}, limit=50)
    return browse.search(session, page.actor, question, now=real_now()).items
