"""A form with a file: taken to disk within bounds, and only from somebody who may send at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from hub.errors import InvalidInput, NotPermitted
from hub.intake.deps import refuse_declared
from hub.intake.spool import Spooled, spool
from hub.web.page import MemberPageDep, Page

CHUNK = 1024**2
MOST_FIELDS = 10
ROOM_FOR_FIELDS = 64 * 1024
"""Octets of a form besides its file."""


@dataclass(frozen=True)
class Upload:
    """The file on disk under a name of ours, what its sender called it, and the other fields."""

    body: Spooled
    file_name: str
    media_type: str
    fields: dict[str, str]


async def get_upload(request: Request, page: MemberPageDep) -> AsyncIterator[Upload]:
    """A delivery, as large as the settings allow."""
    async with taken(request, page, limit=page.settings.max_upload_bytes) as upload:
        yield upload


@asynccontextmanager
async def taken(request: Request, page: Page, *, limit: int) -> AsyncIterator[Upload]:
    """Raises NotPermitted before a byte is read, TooLarge, InvalidInput without a file."""
    if not page.reader.has("steward"):
        raise NotPermitted(
            "Hanya penanggung jawab data (steward) yang mengirim data.",
            "Only a steward sends data.",
        )
    async with taken_from_anybody(request, page, limit=limit) as upload:
        yield upload


@asynccontextmanager
async def taken_from_anybody(request: Request, page: Page, *, limit: int) -> AsyncIterator[Upload]:
    """The same, where the caller has seen to who may send."""
    if not request.headers.get("content-length", "").isdecimal():
        raise InvalidInput("Panjang kiriman tidak disebut.", "The length of the body is not said.")
    refuse_declared(request, limit + ROOM_FOR_FIELDS)
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise InvalidInput("Pilih berkas yang akan dikirim.", "Choose the file to send.")
        body = await spool(_pieces(file), page.settings.work, limit=limit)
        name, media_type = file.filename, file.content_type or ""
    try:
        yield Upload(body, name, media_type, fields)
    finally:
        body.discard()


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(CHUNK):
        yield piece


UploadDep = Annotated[Upload, Depends(get_upload)]
