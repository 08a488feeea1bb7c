"""/pesan: what was told to the posts that one holds and to oneself."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from hub.calendar import real_now
from hub.db import reading
from hub.deps import PageDep as PartDep
from hub.errors import InvalidInput
from hub.notices import inbox
from hub.notices.channels import channels_of
from hub.notices.models import Notice
from hub.web import forms
from hub.web.notice_words import CHANNELS
from hub.web.page import MemberPageDep, Page

router = APIRouter(include_in_schema=False)

NoticeId = Annotated[str, Path(max_length=64)]
NEW_AT_ONCE = 100
OLD_AT_ONCE = 30


def get_inbox_page(page: MemberPageDep) -> Page:
    inbox.must_have_inbox(page.reader)
    return page


InboxPageDep = Annotated[Page, Depends(get_inbox_page)]


@router.get("/pesan")
def listed(page: InboxPageDep, part: PartDep) -> Response:
    """New ones first; older parts of the list hold only what was read."""
    part = replace(part, limit=min(part.limit, OLD_AT_ONCE))
    with reading(page.engine) as session:
        new = (
            [] if part.after else inbox.listed(session, page.reader, unread=True, limit=NEW_AT_ONCE)
        )
        old = inbox.listed(session, page.reader, unread=False, after=part.moment, limit=part.fetch)
    shown = part.of(old, _place, _itself)
    return page.render(
        "pesan.html",
        new=new,
        old=shown.items,
        older=shown.next,
        first=part.after is None,
        seen=max((notice.written_at for notice in new), default=real_now()),
        **_known(page),
    )


@router.get("/pesan/{notice_id}")
def one(page: InboxPageDep, notice_id: NoticeId) -> Response:
    with reading(page.engine) as session:
        notice = inbox.find(session, page.reader, notice_id)
    return page.render("pesan-satu.html", notice=notice, **_known(page))


@router.post("/pesan/dibaca")
def read_all(page: InboxPageDep, seen: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Those that were on the page when it was made, and older ones."""
    up_to = _moment(seen)

    def mark(session: Session) -> dict[str, Any]:
        inbox.read_all(session, page.reader, up_to=up_to, now=real_now())
        return {}

    forms.take(page, "", (seen,), mark)
    return page.redirect("/pesan")


@router.post("/pesan/{notice_id}/dibaca")
def read(page: InboxPageDep, notice_id: NoticeId) -> Response:
    _mark(page, notice_id)
    return page.redirect("/pesan")


@router.post("/pesan/{notice_id}/buka")
def opened(page: InboxPageDep, notice_id: NoticeId) -> Response:
    """It counts as read, and leads to the page of the thing."""
    return page.redirect(_mark(page, notice_id).path or f"/pesan/{notice_id}")


def _mark(page: Page, notice_id: str) -> Notice:
    marked: list[Notice] = []

    def mark(session: Session) -> dict[str, Any]:
        marked.append(inbox.read(session, page.reader, notice_id, now=real_now()))
        return {}

    forms.take(page, "", (notice_id,), mark)
    return marked[0]


def _known(page: Page) -> dict[str, Any]:
    return {
        "posts": {post.id: post for post in page.reader.posts},
        "open_channels": channels_of(page.settings).open,
        "channel_words": CHANNELS,
    }


def _place(notice: Notice) -> tuple[str, str]:
    return notice.written_at.isoformat(), notice.id


def _itself(notice: Notice) -> Notice:
    return notice


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            "Muat ulang kotak pesan, lalu coba lagi.", "Reload the inbox, then try again."
        ) from error
