"""The authorization server of the app that answers, as a FastAPI dependency."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from hub.auth.authenticate import TokensDep
from hub.auth.server import Server
from hub.deps import EngineDep, SettingsDep


async def get_server(
    request: Request, engine: EngineDep, tokens: TokensDep, settings: SettingsDep
) -> Server:
    """Made with the first request that needs it."""
    state = request.app.state
    if not hasattr(state, "oauth_server"):
        state.oauth_server = Server(engine, tokens, timedelta(days=settings.refresh_days))
    server: Server = state.oauth_server
    return server


ServerDep = Annotated[Server, Depends(get_server)]
