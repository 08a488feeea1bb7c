"""/pdp: personal data, by what the reader has to do with it; and what its pages share."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.db import reading
from hub.errors import InvalidInput
from hub.privacy import desk
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

MOST = 200
"""Lines on one page, the newest; files hold all."""
OF_AN_AGENCY = (Role.HEAD, Role.STEWARD)
STATES = {
    "terbuka": ("late", N_("terbuka")),
    "diberitahukan": ("warn", N_("sudah diberitahukan")),
    "selesai": ("good", N_("selesai")),
}


@dataclass(frozen=True)
class Section:
    path: str
    label: str


def sections(session: Session, actor: Principal) -> list[Section]:
    """The pages under /pdp that the actor may open, labels to be translated."""
    looks = desk.looks(session, actor)
    own = any(post.role in OF_AN_AGENCY for post in actor.posts)
    found = []
    if looks:
        found.append(Section("/pdp/kegagalan", N_("Kegagalan pelindungan")))
    if desk.acts(session, actor):
        found.append(Section("/pdp/subjek", N_("Hak subjek data")))
    if looks or own:
        found.append(Section("/pdp/catatan", N_("Catatan pemrosesan")))
    if actor.posts:
        found.append(Section("/pdp/dpia", N_("Penilaian dampak (DPIA)")))
    if looks or own:
        found.append(Section("/pdp/pemusnahan", N_("Pemusnahan")))
    return found


@router.get("/pdp")
def front(page: MemberPageDep) -> Response:
    with reading(page.engine) as session:
        found = sections(session, page.reader)
    return page.redirect(found[0].path if found else "/katalog")


def moment_of(page: Page, text: str, member: str) -> datetime:
    """What a field of day and time holds, in the instance's zone; raises InvalidInput."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "Isi hari dan jamnya, misalnya 2026-03-02 08:00.",
            "Write day and time, for example 2026-03-02 08:00.",
            member=member,
        ) from error
    return told if told.tzinfo else told.replace(tzinfo=page.settings.zone)
