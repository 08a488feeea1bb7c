"""/akun: one's own posts, and personal tokens for Excel, pandas and curl."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from hub.agencies import accounts
from hub.auth import consents, personal, scopes
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.web import forms
from hub.web.forms import Failure
from hub.web.naming import names_of
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Key = Annotated[str, Form(max_length=255)]
SCOPE = "catalog:read data:read"
"""What a token made here may do: read what its person may read."""
LIVES = {"30": 30, "90": 90, "180": 180}
"""Days for which a token may be asked here."""


@router.get("/akun")
def account(page: MemberPageDep) -> Response:
    return _shown(page)


@router.post("/akun")
def make(
    page: MemberPageDep,
    ledger: LedgerDep,
    name: Annotated[str, Form(max_length=100)] = "",
    days: Annotated[str, Form(max_length=4)] = "90",
    key: Key = "",
) -> Response:
    """The token is on the answer to this form and nowhere else."""
    secret: list[str] = []

    def create(session: Session) -> dict[str, Any]:
        if not name.strip() or days not in LIVES:
            raise InvalidInput("Beri nama token ini.", "Give the token a name.")
        made = accounts.create_token(
            session,
            ledger,
            page.reader,
            name=name.strip(),
            scope=SCOPE,
            days=LIVES[days],
            now=real_now(),
        )
        secret.append(made.secret)
        # What is returned here is kept for repeated requests, so the secret is not in it.
        return {"id": made.id}

    try:
        forms.take(page, key, (name, days), create)
    except HubError as error:
        failed = forms.failure(page, error, page.say(N_("Token belum dibuat")), "name")
        return _shown(page, failed=failed, name=name, status=forms.status_of(error))
    return _shown(page, secret=secret[0] if secret else "")


@router.post("/akun/token/{token_id}/akhiri")
def end(
    page: MemberPageDep,
    ledger: LedgerDep,
    token_id: Annotated[str, Path(max_length=64)],
    key: Key = "",
) -> Response:
    def revoke(session: Session) -> dict[str, Any]:
        accounts.revoke_token(session, ledger, page.reader, token_id, now=real_now())
        return {}

    forms.take(page, key, (token_id,), revoke)
    return page.redirect("/akun")


@router.post("/akun/aplikasi/{client_id}/cabut")
def take_back(
    page: MemberPageDep,
    ledger: LedgerDep,
    client_id: Annotated[str, Path(max_length=80)],
    key: Key = "",
) -> Response:
    def end(session: Session) -> dict[str, Any]:
        accounts.take_back(session, ledger, page.reader, client_id)
        return {}

    forms.take(page, key, (client_id,), end)
    return page.redirect("/akun")


def _shown(
    page: Page,
    *,
    secret: str = "",
    failed: Failure | None = None,
    name: str = "",
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        tokens = personal.list_personal_tokens(session, page.reader.id)
        allowed = consents.listed(session, page.reader.id)
        names = names_of(session, page.reader.agencies)
    return page.render(
        "akun.html",
        status=status,
        tokens=tokens,
        allowed=allowed,
        scope_words=scopes.SCOPES | scopes.OF_A_PERSON,
        names=names,
        secret=secret,
        failed=failed,
        name=name,
        lives=list(LIVES),
        key=forms.new_key(),
    )
