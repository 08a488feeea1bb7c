"""No body is read without end, whatever its route does with it and whoever sends it."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import problems
from hub.errors import TooLarge
from hub.settings import Settings

SMALL = 4 * 1024**2
"""For every route that holds its body in memory; a schema or a query is far smaller."""
FIELDS = 1024**2
"""What a form may hold beside the file that it carries."""


class BoundedBodies:
    """ASGI middleware; routes that spool a file to disk may take as much as the settings allow."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._large = settings.max_upload_bytes + FIELDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._large if _carries_a_file(scope["path"]) else SMALL
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:30]) > limit:
            answer = problems.of_rule(Request(scope), _too_large(limit))
            await answer(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                # Of this class alone, since FastAPI makes a 400 of any other while it reads a body.
                raise HTTPException(413, _too_large(limit).message_en)
            return message

        await self.app(scope, counted, send)


def _carries_a_file(path: str) -> bool:
    return path.endswith("/batches") or path.startswith("/publikasi")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"Isi permintaan lebih besar dari batas {limit} bita.",
        f"The body is larger than the limit of {limit} bytes.",
        limit=limit,
    )
