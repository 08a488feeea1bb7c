"""The authorization endpoint: what a program asks of a person, and the way back to it.

An error goes back to the program only when program and address are known to belong together;
before that it is told to the person, on a page (RFC 6749 §4.1.2.1).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, UnsupportedResponseTypeError
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from starlette.responses import Response

from hub.auth import registration, scopes
from hub.auth.core import Party
from hub.auth.form import MEDIA_TYPE, FormRequest, RawForm, fields_of, pairs_of
from hub.auth.identity import Identity
from hub.auth.server import Server
from hub.errors import InvalidInput

LONGEST_QUERY = 8192
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
NOT_SUPPORTED = ("request", "request_uri", "registration")


class NoWayBack(InvalidInput):
    """The program or the address is not known, so the person is told and nobody else."""


class SentBack(Exception):
    """The program is told that it asked wrongly; `answer` leads the browser there."""

    def __init__(self, answer: Response) -> None:
        super().__init__("the program asked wrongly")
        self.answer = answer


@dataclass(frozen=True)
class Asked:
    """A good request of a known program, which waits for the person's word."""

    client: Party
    redirect_uri: str
    scopes: frozenset[str]
    prompts: frozenset[str]
    max_age: timedelta | None
    fields: Mapping[str, str]
    request: FormRequest
    grant: Any

    @property
    def assured(self) -> bool:
        """Whether what was allowed before may be taken as allowed now, without a word."""
        proves = self.client.method != registration.NONE
        return proves or registration.is_assured(self.redirect_uri)

    def is_fresh(self, person: Identity, *, now: datetime) -> bool:
        """Whether the sign-in is young enough for the program."""
        assert person.signed_in_at is not None  # noqa: S101 - only sessions come this far
        if "login" in self.prompts:
            return False
        return self.max_age is None or now - person.signed_in_at <= self.max_age

    def after_sign_in(self) -> str:
        """The same request once the person has signed in anew: she always sees who asks.

        A form may lead to its own site alone (form-action), so the way back begins at a page.
        """
        kept = {name: value for name, value in self.fields.items() if name != "max_age"}
        return f"/oauth/authorize?{urlencode(kept | {'prompt': 'consent'})}"


def read(server: Server, query: bytes) -> Asked:
    """What is asked; raise NoWayBack or SentBack when it is asked wrongly."""
    if len(query) > LONGEST_QUERY:
        raise _no_way_back("Permintaan ini terlalu panjang.", "The request is too long.")
    try:
        pairs = pairs_of(query)
    except OAuth2Error as error:
        raise _no_way_back(
            "Alamat ini memuat tanda yang tidak semestinya.",
            "The address holds characters that do not belong there.",
        ) from error
    fields = dict(pairs)
    repeated = {name for name, count in Counter(name for name, _ in pairs).items() if count > 1}
    client = _client(server, fields, repeated)
    request = FormRequest(RawForm("GET", "/oauth/authorize", {}, b""), fields)
    try:
        return _asked(server, client, fields, repeated, request)
    except OAuth2Error as error:
        raise SentBack(_back(server, fields, error)) from error


def allowed(server: Server, asked: Asked, person: Identity) -> Response:
    """The way back with a code that is good once, for a minute."""
    return _answer(server, asked, person)


def denied(server: Server, asked: Asked) -> Response:
    return _answer(server, asked, None)


def sign_in_required(server: Server, asked: Asked) -> Response:
    return _back(server, asked.fields, LoginRequiredError())


def consent_required(server: Server, asked: Asked) -> Response:
    return _back(server, asked.fields, ConsentRequiredError())


def posted(raw: RawForm) -> dict[str, str]:
    """The fields of a form that came to the page; raise NoWayBack for what is none."""
    if not raw.body:
        return {}
    try:
        return fields_of(raw)
    except OAuth2Error as error:
        raise _no_way_back(
            f"Isian ini bukan formulir ({MEDIA_TYPE}).", f"This is not a form ({MEDIA_TYPE})."
        ) from error


def _client(server: Server, fields: Mapping[str, str], repeated: set[str]) -> Party:
    client = server.query_client(fields.get("client_id", ""))
    if client is None or "client_id" in repeated:
        raise _no_way_back(
            "Aplikasi yang membawa Anda ke sini tidak terdaftar atau sudah dimatikan.",
            "The application that led you here is not registered, or was switched off.",
        )
    if "redirect_uri" in repeated or not client.check_redirect_uri(fields.get("redirect_uri", "")):
        raise _no_way_back(
            f"Alamat kembali yang disebut {client.name} tidak terdaftar untuknya.",
            f"The address to which {client.name} wants you sent back is not registered for it.",
        )
    return client


def _asked(
    server: Server,
    client: Party,
    fields: Mapping[str, str],
    repeated: Iterable[str],
    request: FormRequest,
) -> Asked:
    for name in repeated:
        raise InvalidRequestError(f"A parameter is repeated: {_plain(name)}.")
    for name in NOT_SUPPORTED:
        if name in fields:
            raise OAuth2Error(
                error=f"{name}_not_supported", description=f"{name} is not supported."
            )
    if fields.get("response_mode", "query") != "query":
        raise InvalidRequestError("The only response_mode is query.")
    if fields.get("response_type") != "code":
        raise UnsupportedResponseTypeError("other")
    grant: Any = server.get_authorization_grant(request)
    redirect_uri: str = grant.validate_consent_request()
    return Asked(
        client=client,
        redirect_uri=redirect_uri,
        scopes=scopes.split(str(request.scope)),
        prompts=_prompts(fields.get("prompt", "")),
        max_age=_max_age(fields.get("max_age")),
        fields=fields,
        request=request,
        grant=grant,
    )


def _prompts(said: str) -> frozenset[str]:
    prompts = frozenset(said.split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequestError("prompt is none, or of login, consent, select_account.")
    return prompts


def _max_age(said: str | None) -> timedelta | None:
    if said is None:
        return None
    if not said.isdigit() or len(said) > 9:
        raise InvalidRequestError("max_age is a number of seconds.")
    return timedelta(seconds=int(said))


def _answer(server: Server, asked: Asked, person: Identity | None) -> Response:
    answer: Any = server.create_authorization_response(
        asked.request, grant_user=person, grant=asked.grant
    )
    return cast("Response", answer)


def _back(server: Server, fields: Mapping[str, str], error: OAuth2Error) -> Response:
    error.redirect_uri, error.state = fields["redirect_uri"], fields.get("state")
    return server.handle_response(*error())


def _plain(name: str) -> str:
    """A name as it may stand in an error's description."""
    return name if name.isidentifier() and name.isascii() else "?"


def _no_way_back(message_id: str, message_en: str) -> NoWayBack:
    return NoWayBack(message_id, message_en)
