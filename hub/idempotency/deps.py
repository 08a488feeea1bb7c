"""`once: OnceDep` and `digest: BodyDigest` for the routes that write."""

from typing import Annotated

from fastapi import Depends, Header, Request

from hub.idempotency.service import Once, digest_of


def get_once(request: Request, idempotency_key: Annotated[str | None, Header()] = None) -> Once:
    return Once(idempotency_key, f"{request.method} {request.scope['path']}")


async def get_body_digest(request: Request) -> str:
    """Digest of query string and body, for bodies small enough to be held; uploads make their own."""
    return digest_of(request.scope["query_string"], await request.body())


OnceDep = Annotated[Once, Depends(get_once)]
BodyDigest = Annotated[str, Depends(get_body_digest)]
