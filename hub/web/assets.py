"""Stylesheet, mark and script under names that change with their content, so browsers may keep them."""

import hashlib
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

from hub.errors import NotFound

MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@cache
def _content(name: str) -> bytes:
    return (files("hub.web") / "static" / name).read_bytes()


@cache
def asset(name: str) -> str:
    """Path of a static file, with the head of its digest in it."""
    return f"/static/{hashlib.sha256(_content(name)).hexdigest()[:12]}/{name}"


@router.get("/static/{digest}/{name}")
def static(digest: str, name: str) -> Response:
    known = {item.name for item in (files("hub.web") / "static").iterdir()}
    if name not in known:
        raise NotFound("Berkas ini tidak ada.", "There is no such file.")
    return Response(
        _content(name),
        media_type=MEDIA_TYPES[name.rpartition(".")[2]],
        headers={"Cache-Control": FOREVER},
    )
