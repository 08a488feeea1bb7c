"""What goes in and out of the routes of notices."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from hub.agencies.shapes import Strict
from hub.notices.models import Notice, Webhook


class NoticeOut(BaseModel):
    """`post` is the id of the post that was told, null when it was the caller herself."""

    id: str
    topic: str
    post: str | None
    subject_id: str
    subject_en: str
    body_id: str
    body_en: str
    path: str | None
    at: datetime
    read_at: datetime | None


class WebhookIn(Strict):
    url: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class WebhookOut(BaseModel):
    agency: str
    url: str
    set_at: datetime


class NewWebhookOut(WebhookOut):
    """`secret` is in this answer and nowhere else."""

    secret: str


def notice_out(row: Notice) -> NoticeOut:
    return NoticeOut.model_validate(row, from_attributes=True)


def webhook_out(row: Webhook) -> WebhookOut:
    return WebhookOut.model_validate(row, from_attributes=True)
