"""/pesan/atur: how one is told besides the inbox, and where one's agency's own system is told."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from connectors.errors import ConnectorError
from hub.agencies.roles import Role
from hub.auth import sealing
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError
from hub.ledger.deps import LedgerDep
from hub.notices import ways, webhooks
from hub.notices.channels import channels_of, network_of
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.notice_words import CHANNELS
from hub.web.page import Page
from hub.web.pages.account import OwnPageDep

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Path(max_length=40)]
Key = Annotated[str, Form(max_length=255)]


@router.get("/pesan/atur")
def shown(page: OwnPageDep) -> Response:
    return _shown(page)


@router.post("/pesan/atur")
def choose(
    page: OwnPageDep,
    phone: Annotated[str, Form(max_length=40)] = "",
    by_mail: Annotated[str, Form(max_length=1)] = "",
    by_phone: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    def chosen(session: Session) -> dict[str, Any]:
        ways.choose(
            session, page.reader.id, phone=phone, by_mail=bool(by_mail), by_phone=bool(by_phone)
        )
        return {}

    try:
        forms.take(page, "", (phone, by_mail, by_phone), chosen)
    except HubError as error:
        failed = forms.failure(page, error, page.say("Pilihan Anda belum disimpan"), "phone")
        typed = {"phone": phone, "by_mail": bool(by_mail), "by_phone": bool(by_phone)}
        return _shown(page, failed=failed, typed=typed, status=forms.status_of(error))
    return _shown(page, saved=True)


@router.post("/pesan/webhook/{agency}")
def put_webhook(
    page: OwnPageDep,
    ledger: LedgerDep,
    agency: Code,
    url: Annotated[str, Form(max_length=500)] = "",
    key: Key = "",
) -> Response:
    """The secret is on the answer to this form and nowhere else."""
    secret: list[str] = []

    def put(session: Session) -> dict[str, Any]:
        made = webhooks.put(
            session,
            ledger,
            page.reader,
            agency,
            url.strip(),
            network=network_of(page.settings),
            key=sealing.key_from(page.settings.secret_key, page.settings.keys),
            now=real_now(),
        )
        secret.append(made.secret)
        # What is returned here is kept for repeated requests, so the secret is not in it.
        return {}

    try:
        forms.take(page, key, (agency, url), put)
    except (HubError, ConnectorError) as error:
        field = f"url-{agency}"
        failed = forms.failure(page, error, page.say("Webhook belum disimpan"), field)
        return _shown(page, failed=failed, urls={agency: url}, status=forms.status_of(error))
    return _shown(page, secret=secret[0] if secret else "")


@router.post("/pesan/webhook/{agency}/hapus")
def remove_webhook(page: OwnPageDep, ledger: LedgerDep, agency: Code, key: Key = "") -> Response:
    def removed(session: Session) -> dict[str, Any]:
        webhooks.remove(session, ledger, page.reader, agency)
        return {}

    forms.take(page, key, (agency,), removed)
    return page.redirect("/pesan/atur#webhook")


def _shown(
    page: Page,
    *,
    secret: str = "",
    saved: bool = False,
    failed: Failure | None = None,
    typed: dict[str, Any] | None = None,
    urls: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    reader = page.reader
    kept = sorted(code for code in reader.agencies if reader.holds(Role.STEWARD, code))
    with reading(page.engine) as session:
        reach = ways.reach_of(session, reader.id)
        hooks = {code: webhooks.find(session, code) for code in kept}
        names = names_of(session, kept)
    chosen = {"phone": reach.phone, "by_mail": reach.by_mail, "by_phone": reach.by_phone}
    return page.render(
        "pesan-atur.html",
        status=status,
        mailbox=reach.mailbox,
        chosen=typed or chosen,
        hooks=hooks,
        urls=urls or {},
        names=names,
        secret=secret,
        saved=saved,
        failed=failed,
        key=forms.new_key(),
        open_channels=channels_of(page.settings).open,
        channel_words=CHANNELS,
    )
