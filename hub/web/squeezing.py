"""Pages leave compressed; answers to programs leave as they are, with their length."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

PROGRAMS = ("/api/", "/oauth/", "/.well-known/")


class SqueezedPages(GZipMiddleware):
    """GZip for everything but the paths that programs call: a download keeps its Content-Length."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PROGRAMS):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
