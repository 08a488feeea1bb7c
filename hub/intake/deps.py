"""FastAPI dependencies of intake: the desk, the dataset one may write to, the body on disk."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from catalog.models import Dataset
from hub.agencies.actor import ActorDep
from hub.agencies.principal import actor_of
from hub.db import reading
from hub.deps import EngineDep, SettingsDep
from hub.errors import InvalidInput
from hub.intake import batches
from hub.intake.delivery import Delivery
from hub.intake.formats import format_of
from hub.intake.models import Mode, OnError
from hub.intake.service import Intake
from hub.intake.spool import Spooled, spool, too_large
from hub.standards import service as standards


def get_intake(request: Request) -> Intake:
    intake: Intake = request.app.state.intake
    return intake


def get_writable(agency: str, slug: str, actor: ActorDep, engine: EngineDep) -> Dataset:
    # A session of its own: the body comes next, and a slow one must not hold a connection.
    with reading(engine) as session:
        return batches.writable(session, actor, f"{agency}/{slug}", scope="data:write")


WritableDataset = Annotated[Dataset, Depends(get_writable)]
"""The dataset of the path, if the caller may write to it."""


async def get_body(
    request: Request, settings: SettingsDep, _dataset: WritableDataset
) -> AsyncIterator[Spooled]:
    """The request body on disk; read only after the caller's right to write was seen."""
    refuse_declared(request, settings.max_upload_bytes)
    refuse_encoded(request)
    try:
        body = await spool(request.stream(), settings.work, limit=settings.max_upload_bytes)
    except ClientDisconnect as error:
        raise InvalidInput(
            "Kiriman terputus sebelum selesai.", "The body ended before it was complete."
        ) from error
    try:
        yield body
    finally:
        body.discard()


def refuse_declared(request: Request, limit: int) -> None:
    """A body that says it is too large is refused before a byte of it is read."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large(limit)


def refuse_encoded(request: Request) -> None:
    """A compressed body would be judged as if its bytes were the file: say what is wrong at once."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise InvalidInput(
            "Kiriman tidak boleh dimampatkan (Content-Encoding). Kirim berkasnya apa adanya.",
            "A batch may not be compressed (Content-Encoding). Send the file as it is.",
            content_encoding=encoding[:40],
        )


BodyDep = Annotated[Spooled, Depends(get_body)]


class Pushed(BaseModel):
    """What the query of a push says about its body."""

    mode: Mode | None = Field(None, description="append unless it corrects a batch")
    on_error: OnError = "reject"
    format: str | None = Field(
        None, description="csv, ndjson, json, xlsx, xls, ods, parquet, arrow"
    )
    sheet: str | None = Field(None, max_length=255, description="sheet of a workbook, by its name")
    header_row: int | None = Field(
        None, ge=1, le=1_048_576, description="row of the sheet with the column names"
    )
    corrects: str | None = Field(
        None, max_length=64, description="Batch whose quarantined rows these are"
    )


def get_delivery(
    request: Request,
    actor: ActorDep,
    dataset: WritableDataset,
    body: BodyDep,
    said: Annotated[Pushed, Query()],
    settings: SettingsDep,
    engine: EngineDep,
) -> Delivery:
    """All that judging the body needs; the session ends here, for the judging may take long."""
    with reading(engine) as session:
        mode, corrected = batches.intended(
            session, dataset, said.corrects, said.mode, find_document=standards.find
        )
        return batches.delivery(
            session,
            settings,
            dataset,
            body,
            format=format_of(
                body.path,
                declared=said.format,
                media_type=request.headers.get("content-type"),
            ),
            mode=mode,
            corrects=corrected,
            sheet=said.sheet,
            header_row=said.header_row,
            on_error=said.on_error,
            via="push",
            actor=actor_of(actor, dataset.agency),
            find_document=standards.find,
        )


async def get_later(
    prefer: Annotated[
        list[str] | None, Header(description="respond-async: do not wait for the judging")
    ] = None,
) -> bool:
    """RFC 7240 §4.1: the client would rather not wait. Other preferences are passed over."""
    said = ",".join(prefer or []).lower().split(",")
    return any(preference.partition(";")[0].strip() == "respond-async" for preference in said)


LaterDep = Annotated[bool, Depends(get_later)]
"""True when the answer may come before the work is done."""
IntakeDep = Annotated[Intake, Depends(get_intake)]
DeliveryDep = Annotated[Delivery, Depends(get_delivery)]
