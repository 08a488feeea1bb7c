"""HTTP of the inbox, and of agencies' webhooks for notices."""

from typing import Annotated

from fastapi import APIRouter, Query, status

from hub.agencies.actor import ActorDep
from hub.auth import sealing
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep, SettingsDep
from hub.ledger.deps import LedgerDep
from hub.notices import inbox, webhooks
from hub.notices.channels import network_of
from hub.notices.shapes import (
    NewWebhookOut,
    NoticeOut,
    WebhookIn,
    WebhookOut,
    notice_out,
    webhook_out,
)

router = APIRouter(prefix="/api/v1", tags=["notices"])


@router.get("/notices")
def notices(
    session: ReadingDep,
    actor: ActorDep,
    page: PageDep,
    unread: Annotated[bool | None, Query()] = None,
) -> Page[NoticeOut]:
    """What was told to the posts that one holds now and to oneself, newest first."""
    inbox.must_have_inbox(actor)
    rows = inbox.listed(session, actor, unread=unread, after=page.moment, limit=page.fetch)
    return page.of(rows, lambda row: (row.written_at.isoformat(), row.id), notice_out)


@router.post("/notices/{notice_id}/read")
def read(session: SessionDep, actor: ActorDep, notice_id: str) -> NoticeOut:
    """Mark one as read, for all who hold the post; it stays read since the first time."""
    inbox.must_have_inbox(actor)
    return notice_out(inbox.read(session, actor, notice_id, now=real_now()))


@router.get("/agencies/{code}/notice-webhook")
def webhook(session: ReadingDep, actor: ActorDep, code: str) -> WebhookOut:
    """Where the agency's own system hears what the agency is told (its steward, walidata)."""
    return webhook_out(webhooks.of_agency(session, actor, code))


@router.put("/agencies/{code}/notice-webhook")
def put_webhook(
    session: SessionDep,
    settings: SettingsDep,
    actor: ActorDep,
    ledger: LedgerDep,
    code: str,
    body: WebhookIn,
) -> NewWebhookOut:
    """Set or replace it; the secret that signs what is sent is in this answer and nowhere else."""
    made = webhooks.put(
        session,
        ledger,
        actor,
        code,
        body.url,
        network=network_of(settings),
        key=sealing.key_from(settings.secret_key, settings.keys),
        now=real_now(),
    )
    return NewWebhookOut(**webhook_out(made.row).model_dump(), secret=made.secret)


@router.delete("/agencies/{code}/notice-webhook", status_code=status.HTTP_204_NO_CONTENT)
def remove_webhook(session: SessionDep, actor: ActorDep, ledger: LedgerDep, code: str) -> None:
    """Nothing is sent there any more, not even what waits."""
    webhooks.remove(session, ledger, actor, code)
