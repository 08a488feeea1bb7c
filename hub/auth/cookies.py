"""The cookies of signing in: a session, a sign-in that is halfway, one that is at a provider's."""

from starlette.requests import Request
from starlette.responses import Response

from hub.settings import Settings

SESSION = "simpul"
HALF = "simpul-separuh"
"""The first proof was right; ten minutes for the second."""
AWAY = "simpul-luar"
"""Binds what is at the provider's to the browser that went there."""
AWHILE = 600
"""Seconds for which the last two are of use."""


def is_https(settings: Settings) -> bool:
    return settings.public_url.lower().startswith("https://")


def cookie_name(settings: Settings, name: str = SESSION) -> str:
    """`__Host-` binds the cookie to this very host; browsers allow it over https only."""
    return f"__Host-{name}" if is_https(settings) else name


def read(request: Request, settings: Settings, name: str = SESSION) -> str:
    """What the browser brings, or nothing."""
    return request.cookies.get(cookie_name(settings, name), "")


def give(response: Response, settings: Settings, secret: str, name: str = SESSION) -> None:
    """Hand a secret to the browser; a session for as long as the browser is open."""
    response.set_cookie(
        cookie_name(settings, name),
        secret,
        max_age=None if name == SESSION else AWHILE,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def take(response: Response, settings: Settings, name: str = SESSION) -> None:
    """Make the browser forget it."""
    response.delete_cookie(
        cookie_name(settings, name),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
