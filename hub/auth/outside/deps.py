"""The outside provider of the app that answers, as a FastAPI dependency."""

from typing import Annotated

from fastapi import Depends, Request

from hub.auth.outside.provider import Provider
from hub.errors import NotFound


async def get_maybe_provider(request: Request) -> Provider | None:
    """None where people sign in with passwords alone."""
    provider: Provider | None = request.app.state.outside
    return provider


MaybeProviderDep = Annotated[Provider | None, Depends(get_maybe_provider)]


async def get_provider(request: Request, provider: str) -> Provider:
    """The one of the address; each has its own way back, so that none answers for another."""
    found: Provider | None = request.app.state.outside
    if found is None or found.standing.name != provider:
        raise NotFound(f"Tidak ada penyedia akun {provider}.", f"There is no provider {provider}.")
    return found


ProviderDep = Annotated[Provider, Depends(get_provider)]
