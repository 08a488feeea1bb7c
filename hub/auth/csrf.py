"""A browser that carries a session changes something only when our own page asked for it."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from hub import problems
from hub.auth.cookies import AWAY, HALF, SESSION, cookie_name
from hub.auth.errors import CrossSite
from hub.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
DOOR = "/masuk"
"""Nobody is signed in under another's name by a page elsewhere, so its forms are guarded as well."""


class SameOrigin:
    """ASGI middleware; requests with an Authorization header are no browser's doing and pass."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._cookies = frozenset(cookie_name(settings, name) for name in (SESSION, HALF, AWAY))
        self._origin = _origin_of(settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE:
            headers = Headers(scope=scope)
            if self._is_guarded(scope["path"], headers) and not self._is_ours(headers):
                answer = problems.of_rule(Request(scope), CrossSite())
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_guarded(self, path: str, headers: Headers) -> bool:
        """Whatever carries a cookie of ours; at the door, whatever comes from a browser."""
        if "authorization" in headers:
            return False
        if path.startswith(DOOR) and ("sec-fetch-site" in headers or "origin" in headers):
            return True
        return any(
            not self._cookies.isdisjoint(cookie_parser(value))
            for value in headers.getlist("cookie")
        )

    def _is_ours(self, headers: Headers) -> bool:
        """`Sec-Fetch-Site` when the browser sends it, else `Origin`; neither is not enough."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = headers.get("origin")
        if origin is None:
            return False
        # The Host as well: the same hub may be reached by a name that is not the public one.
        return origin == self._origin or urlsplit(origin).netloc == headers.get("host")


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
