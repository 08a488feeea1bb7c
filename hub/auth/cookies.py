"""The cookie of a sign-in."""

from starlette.responses import Response

from hub.settings import Settings


def is_https(settings: Settings) -> bool:
    return settings.public_url.lower().startswith("https://")


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this very host; browsers allow it over https only."""
    return "__Host-simpul" if is_https(settings) else "simpul"


def give(response: Response, settings: Settings, secret: str) -> None:
    """Hand the session to the browser, for as long as the browser is open."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def take(response: Response, settings: Settings) -> None:
    """Make the browser forget the session."""
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
