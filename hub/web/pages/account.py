"""/akun: one's own posts, how one signs in and where one did, and tokens for Excel, pandas and curl."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path
from sqlmodel import Session
from starlette.responses import Response

from hub.agencies import accounts, own_sessions
from hub.auth import consents, personal, scopes, second_factor, sessions
from hub.auth.authenticate import limits_of
from hub.auth.outside import identities
from hub.auth.service import the_person
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
ACTIONS = {
    "rows": N_("Baris demi baris"),
    "export": N_("Berkas utuh"),
    "query": N_("SQL"),
    "changes": N_("Perubahan antarrilis"),
    "sample": N_("Contoh baris"),
    "profile": N_("Profil kolom"),
    "aggregate": N_("Agregat siap pakai"),
    "verify": N_("Verifikasi"),
}
"""Ways of reading, in the words of the form."""


def get_own_page(page: MemberPageDep) -> Page:
    """The page of somebody who sits before this browser; a token does not come this far."""
    own_sessions.must_sit_there(page.reader)
    return page


OwnPageDep = Annotated[Page, Depends(get_own_page)]


@router.get("/akun")
def account(page: OwnPageDep) -> Response:
    return _shown(page)


@router.post("/akun")
def make(
    page: OwnPageDep,
    ledger: LedgerDep,
    name: Annotated[str, Form(max_length=100)] = "",
    days: Annotated[str, Form(max_length=4)] = "90",
    dataset: Annotated[str, Form(max_length=150)] = "",
    actions: Annotated[list[str] | None, Form()] = None,
    narrowed: Annotated[str, Form(max_length=1)] = "",
    key: Key = "",
) -> Response:
    """The token is on the answer to this form and nowhere else.

    `narrowed` says that the boxes were there: without it none ticked would be all ticked.
    """
    secret: list[str] = []
    chosen = sorted(set(actions or ())) if narrowed else sorted(ACTIONS)

    def create(session: Session) -> dict[str, Any]:
        if not name.strip() or days not in LIVES:
            raise InvalidInput("Beri nama token ini.", "Give the token a name.", field="name")
        made = accounts.create_token(
            session,
            ledger,
            page.reader,
            name=name.strip(),
            scope=SCOPE,
            days=LIVES[days],
            now=real_now(),
            dataset=dataset.strip() or None,
            actions=None if chosen == sorted(ACTIONS) else chosen,
        )
        secret.append(made.secret)
        # What is returned here is kept for repeated requests, so the secret is not in it.
        return {"id": made.id}

    try:
        forms.take(page, key, (name, days, dataset, *chosen), create)
    except HubError as error:
        field = str(error.facts.get("field", "name"))
        failed = forms.failure(page, error, page.say(N_("Token belum dibuat")), field)
        asked = {"name": name, "dataset": dataset, "chosen": chosen}
        return _shown(page, failed=failed, asked=asked, status=forms.status_of(error))
    return _shown(page, secret=secret[0] if secret else "")


@router.post("/akun/token/{token_id}/akhiri")
def end(
    page: OwnPageDep,
    ledger: LedgerDep,
    token_id: Annotated[str, Path(max_length=64)],
    key: Key = "",
) -> Response:
    def revoke(session: Session) -> dict[str, Any]:
        accounts.revoke_token(session, ledger, page.reader, token_id, now=real_now())
        return {}

    forms.take(page, key, (token_id,), revoke)
    return page.redirect("/akun#token-h")


@router.post("/akun/sesi/{session_id}/akhiri")
def end_session(
    page: OwnPageDep, ledger: LedgerDep, session_id: Annotated[str, Path(max_length=64)]
) -> Response:
    def ended(session: Session) -> dict[str, Any]:
        own_sessions.end(session, ledger, page.reader, session_id)
        return {}

    forms.take(page, "", (session_id,), ended)
    return page.redirect("/akun#sesi")


@router.post("/akun/sesi/akhiri-lainnya")
def end_others(page: OwnPageDep, ledger: LedgerDep) -> Response:
    def ended(session: Session) -> dict[str, Any]:
        own_sessions.end_others(session, ledger, page.reader)
        return {}

    forms.take(page, "", (), ended)
    return page.redirect("/akun#sesi")


@router.post("/akun/aplikasi/{client_id}/cabut")
def take_back(
    page: OwnPageDep,
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
    asked: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    reader, now = page.reader, real_now()
    with reading(page.engine) as session:
        known = {
            "tokens": personal.list_personal_tokens(session, reader.id),
            "names": names_of(session, reader.agencies),
            "factor": second_factor.state_of(session, reader.id),
            "signed_in": sessions.list_sessions(
                session, reader.id, limits_of(page.settings), now=now
            ),
            "allowed": consents.listed(session, reader.id),
            "identities": identities.of_person(session, reader.id),
            "has_password": bool(the_person(session, reader.id).password_hash),
        }
    return page.render(
        "akun.html",
        status=status,
        secret=secret,
        failed=failed,
        asked=asked or {"name": "", "dataset": "", "chosen": list(ACTIONS)},
        actions=ACTIONS,
        scope_words=scopes.SCOPES | scopes.OF_A_PERSON,
        lives=list(LIVES),
        key=forms.new_key(),
        provider=page.request.app.state.outside,
        **known,
    )
