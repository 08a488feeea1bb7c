"""OAuth requests as Authlib wants them, made from a form that was read and checked beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from fastapi import Depends, Request

MEDIA_TYPE = "application/x-www-form-urlencoded"
LARGEST = 64 * 1024
MOST_FIELDS = 40


@dataclass(frozen=True)
class RawForm:
    """What came, unjudged: the routes are synchronous, the body is read before them."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Payload(OAuth2Payload):
    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    @property
    def data(self) -> dict[str, str]:
        return self._fields

    @property
    def datalist(self) -> dict[str, list[str]]:
        return {name: [value] for name, value in self._fields.items()}


class FormRequest(OAuth2Request):
    """A request whose parameters came once each, in one place alone."""

    def __init__(self, raw: RawForm, fields: dict[str, str] | None = None) -> None:
        # Authlib refuses http URIs with an error nobody catches, and behind a proxy that ends TLS
        # every request looks like one. It uses the URI for nothing else here.
        super().__init__(raw.method, f"https://simpul.invalid{raw.path}", headers=raw.headers)
        self.authorization = raw.headers.get("authorization", "")
        self._fields = fields_of(raw) if fields is None else fields
        self.payload = Payload(self._fields)

    @property
    def args(self) -> dict[str, str | None]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return self._fields


def fields_of(raw: RawForm) -> dict[str, str]:
    """The parameters; raise InvalidRequestError for a repeated or malformed one (RFC 6749 §3.2)."""
    media_type = raw.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise InvalidRequestError(f"The body must be {MEDIA_TYPE}.")
    pairs = pairs_of(raw.body)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidRequestError("A parameter is repeated.")
    return fields


def pairs_of(text: bytes) -> list[tuple[str, str]]:
    """What a form or a query says, in its order; raise InvalidRequestError when it is neither."""
    if len(text) > LARGEST:
        raise InvalidRequestError("The request is too large.")
    try:
        pairs = parse_qsl(text.decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise InvalidRequestError("The request is not a form.") from error
    # Authlib quotes values in its answers and fails on characters that RFC 6749 §5.2 forbids there.
    if any(not value.isascii() or not value.isprintable() for _, value in pairs):
        raise InvalidRequestError("A parameter holds characters that do not belong there.")
    return pairs


async def get_raw_form(request: Request) -> RawForm:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            break
    return RawForm(request.method, request.url.path, request.headers, body)


RawFormDep = Annotated[RawForm, Depends(get_raw_form)]
