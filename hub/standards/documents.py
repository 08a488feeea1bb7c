"""FastAPI dependencies around documents that are sent: their name in the path, their text in the body."""

from typing import Annotated

from fastapi import Depends, Path, Request

from hub.errors import TooLarge
from schemas.publication import MAX_BYTES

Part = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


async def get_document(request: Request) -> bytes:
    """The body, refused as soon as it is longer than any document may be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            raise TooLarge(
                f"Skema lebih besar dari {MAX_BYTES} bita.",
                f"The schema is larger than {MAX_BYTES} bytes.",
            )
    return bytes(body)


DocumentDep = Annotated[bytes, Depends(get_document)]
