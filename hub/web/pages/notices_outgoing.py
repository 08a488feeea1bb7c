"""/pesan/keluar: what leaves the hub, as its receivers see it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from sqlmodel import Session
from starlette.responses import Response

from hub.db import reading
from hub.deps import PageDep as PartDep
from hub.notices import outgoing
from hub.notices.channels import channels_of
from hub.notices.models import Channel
from hub.notices.outgoing import Dispatch
from hub.web import forms, notice_words
from hub.web.page import MemberPageDep
from hub.web.pages.account import OwnPageDep

router = APIRouter(include_in_schema=False)

AT_ONCE = 25


@router.get("/pesan/keluar")
def listed(
    page: MemberPageDep, part: PartDep, kanal: Annotated[Channel | None, Query()] = None
) -> Response:
    channels = channels_of(page.settings)
    part = replace(part, limit=min(part.limit, AT_ONCE))
    with reading(page.engine) as session:
        found = outgoing.listed(
            session,
            page.reader,
            channels.house,
            demo=page.settings.demo,
            channel=kanal,
            after=part.moment,
            limit=part.fetch,
        )
    shown = part.of(found, _place, _itself)
    return page.render(
        "pesan-keluar.html",
        found=shown.items,
        older=shown.next,
        kanal=kanal,
        key=forms.new_key(),
        sender=page.settings.smtp_from or f"simpul@{channels.house.host}",
        open_channels=channels.open,
        channel_words=notice_words.CHANNELS,
        state_of=notice_words.state_of,
        reason_of=notice_words.reason_of,
    )


@router.post("/pesan/keluar/uji")
def try_out(page: OwnPageDep, key: Annotated[str, Form(max_length=255)] = "") -> Response:
    """One message to oneself, to see whether the channels work."""

    def tried(session: Session) -> dict[str, Any]:
        outgoing.try_out(session, page.reader, at=page.clock.now())
        return {}

    forms.take(page, key, (), tried)
    return page.redirect("/pesan/keluar")


def _itself(one: Dispatch) -> Dispatch:
    return one


def _place(one: Dispatch) -> tuple[str, str]:
    return one.row.created_at.isoformat(), one.row.id
