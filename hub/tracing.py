"""Every request has a trace id: the caller's own (W3C Trace Context) or a new one.

It is bound for the logs and for the ledger, and given back in the `traceparent` header.
"""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

_TRACEPARENT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}")
_NOBODY = "0" * 32


def trace_of(traceparent: str) -> str:
    """The trace id of a `traceparent` header; a new one when there is none or it is not valid."""
    found = _TRACEPARENT.fullmatch(traceparent.strip())
    if found is None or found["trace"] == _NOBODY:
        return secrets.token_hex(16)
    return found["trace"]


class Tracing:
    """ASGI middleware that binds the trace id of a request while it is served."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = trace_of(Headers(scope=scope).get("traceparent", ""))
        answered = f"00-{trace}-{secrets.token_hex(8)}-01"

        async def with_trace(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["traceparent"] = answered
            await send(message)

        with bound_contextvars(trace_id=trace):
            await self.app(scope, receive, with_trace)
