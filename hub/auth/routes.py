"""OAuth 2 endpoints and their discovery documents."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from hub.auth.authenticate import TokensDep
from hub.auth.form import RawFormDep
from hub.auth.server import Server, metadata
from hub.deps import EngineDep

router = APIRouter(tags=["oauth"])


async def get_server(request: Request, engine: EngineDep, tokens: TokensDep) -> Server:
    state = request.app.state
    if not hasattr(state, "oauth_server"):
        state.oauth_server = Server(engine, tokens)
    server: Server = state.oauth_server
    return server


ServerDep = Annotated[Server, Depends(get_server)]


@router.post("/oauth/token")
def token(server: ServerDep, form: RawFormDep) -> Response:
    """Exchange a client's credentials for an access token (client_credentials)."""
    return server.token(form)


@router.post("/oauth/introspect")
def introspect(server: ServerDep, form: RawFormDep) -> Response:
    """Say whether a token is good and for what (RFC 7662)."""
    return server.introspect(form)


@router.post("/oauth/revoke")
def revoke(server: ServerDep, form: RawFormDep) -> Response:
    """End a token of one's own before its time (RFC 7009)."""
    return server.revoke(form)


@router.get("/oauth/jwks")
def jwks(tokens: TokensDep) -> Response:
    """Public halves of the keys that sign access tokens."""
    return JSONResponse({"keys": tokens.keys.public()}, headers={"Cache-Control": "max-age=300"})


@router.get("/.well-known/openid-configuration")
@router.get("/.well-known/oauth-authorization-server")
def discovery(tokens: TokensDep) -> dict[str, Any]:
    """What this authorization server can do (RFC 8414)."""
    return metadata(tokens.issuer)
