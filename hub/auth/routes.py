"""OAuth 2 and OpenID endpoints that answer programs, and their discovery documents.

`/oauth/authorize` answers people; it is a page (`hub/web/pages/authorizing.py`).
"""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from hub.auth import credentials, scopes
from hub.auth.authenticate import TokensDep
from hub.auth.deps import ServerDep
from hub.auth.discovery import metadata
from hub.auth.errors import InvalidToken
from hub.auth.form import RawFormDep
from hub.auth.userinfo import claims_of
from hub.calendar import real_now
from hub.deps import ReadingDep
from hub.errors import NotPermitted

router = APIRouter(tags=["oauth"])

JWKS_SECONDS = 300
"""How long a key set may be kept; who meets an unknown `kid` before that asks again."""
DISCOVERY_SECONDS = 3600


@router.post("/oauth/token")
def token(server: ServerDep, form: RawFormDep) -> Response:
    """Exchange a client's credentials, a code or a refresh token for an access token."""
    return server.token(form)


@router.post("/oauth/introspect")
def introspect(server: ServerDep, form: RawFormDep) -> Response:
    """Say whether a token is good and for what (RFC 7662)."""
    return server.introspect(form)


@router.post("/oauth/revoke")
def revoke(server: ServerDep, form: RawFormDep) -> Response:
    """End a token of one's own before its time (RFC 7009); with a refresh token go its like."""
    return server.revoke(form)


@router.get("/oauth/userinfo")
@router.post("/oauth/userinfo")
def userinfo(request: Request, session: ReadingDep, tokens: TokensDep) -> Response:
    """Who the person is that allowed this access token (OpenID Connect Core §5.3)."""
    kind, _, raw = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise InvalidToken
    found = credentials.standing(session, tokens, raw.strip(), now=real_now())
    if found.person is None or scopes.OPENID not in found.token.scopes:
        raise NotPermitted(
            "Token ini tidak membawa cakupan openid.",
            "This token does not carry the scope openid.",
            error="insufficient_scope",
        )
    claims = claims_of(found.person, found.token.scopes)
    return JSONResponse(claims, headers={"Cache-Control": "no-store"})


@router.get("/oauth/jwks")
def jwks(tokens: TokensDep) -> Response:
    """Public halves of the keys that sign access tokens and ID tokens."""
    return _kept({"keys": tokens.keys.public()}, JWKS_SECONDS)


@router.get("/.well-known/openid-configuration")
@router.get("/.well-known/oauth-authorization-server")
def discovery(tokens: TokensDep) -> Response:
    """What this authorization server can do (RFC 8414, OpenID Connect Discovery)."""
    return _kept(metadata(tokens.issuer), DISCOVERY_SECONDS)


def _kept(document: dict[str, Any], seconds: int) -> Response:
    return JSONResponse(document, headers={"Cache-Control": f"public, max-age={seconds}"})
