"""Every request has a trace id: the caller's own (W3C Trace Context) or a new one.

It is bound for the logs and for the ledger, and given back in the `traceparent` header. A caller that
counts by an `X-Request-ID` of its own gets that back as well (AuthZEN 1.0 asks for it).
"""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

_TRACEPARENT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}")
_NOBODY = "0" * 32
LONGEST_ID = 200


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
        sent = Headers(scope=scope)
        trace, own = trace_of(sent.get("traceparent", "")), sent.get("x-request-id")
        answered = f"00-{trace}-{secrets.token_hex(8)}-01"

        async def with_trace(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["traceparent"] = answered
                if own is not None:
                    headers["x-request-id"] = own[:LONGEST_ID]
            await send(message)

        with bound_contextvars(trace_id=trace):
            await self.app(scope, receive, with_trace)
