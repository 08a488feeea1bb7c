"""/publikasi: the datasets of one's own agency, how their deliveries went, and sending a file."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from catalog.errors import CatalogError
from hub.agencies.principal import actor_of
from hub.db import reading
from hub.errors import BatchRefused, HubError, InvalidInput, NotFound, NotPermitted
from hub.intake import batches, pushing
from hub.intake.delivery import Delivery
from hub.intake.deps import IntakeDep
from hub.intake.formats import format_of
from hub.intake.models import Batch, Mode, OnError
from hub.intake.service import Intake
from hub.reviews import collecting
from hub.standards import service as standards
from hub.web import deliveries, forms
from hub.web.forms import Failure
from hub.web.navigation import publishes
from hub.web.page import MemberPageDep, Page
from hub.web.pages import reports
from hub.web.translation import N_
from hub.web.uploading import Upload, UploadDep
from schemas.errors import SchemaError

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
MODES: dict[str, Mode] = {
    "upsert": "upsert",
    "append": "append",
    "replace": "replace",
    "delete": "delete",
}
MOST_ROWS = 1_048_576
ON_ERROR: dict[str, OnError] = {"reject": "reject", "quarantine": "quarantine"}


@router.get("/publikasi")
def listed(page: MemberPageDep, dataset: Annotated[str, Query(max_length=200)] = "") -> Response:
    return _listed(page, dataset)


@router.post("/publikasi")
def send(page: MemberPageDep, intake: IntakeDep, upload: UploadDep) -> Response:
    """Judge and publish a file, once a rendered form; a large one later. Then its report."""
    name = upload.fields.get("dataset", "")
    try:
        delivery = _delivery(page, intake, upload, name)
        once = forms.once(page, upload.fields.get("key", ""))
        said = _digested(delivery)
        batch = pushing.push(
            intake, once, page.reader.id, delivery, query=said, later=_is_long(page, upload)
        ).batch
    except BatchRefused as refused:
        batch = str(refused.facts["batch"])
    except (HubError, CatalogError, SchemaError) as error:
        failed = forms.failure(page, error, page.say(N_("Berkas belum terkirim")), "file")
        status, corrects = forms.status_of(error), upload.fields.get("corrects")
        if corrects and not isinstance(error, NotFound | NotPermitted | CatalogError):
            return reports.shown(page, name, corrects, reports.View(), failed, status=status)
        return _listed(page, name, failed, upload.fields, status=status)
    return page.redirect(f"/publikasi/{name}/kiriman/{batch}")


@router.get("/publikasi/{agency}/{slug}")
def dataset(page: MemberPageDep, agency: Part, slug: Part) -> Response:
    with reading(page.engine) as session:
        line = deliveries.one(session, page.reader, f"{agency}/{slug}")
        held = line.dataset
        document = standards.find(session, held.schema_name, held.schema_version)
        standing = collecting.standing_of(session, held, document)
    return page.render(
        "publikasi-dataset.html",
        standing=standing,
        line=line,
        state=deliveries.state(page, line),
        waited=lambda batch: line.waited(batch, page),
        sends=page.reader.holds("steward", line.dataset.agency),
        targets=[line.dataset],
        chosen=line.dataset.id,
        typed=_remembered(line.batches),
        failed=None,
        key=forms.new_key(),
    )


def _listed(
    page: Page,
    chosen: str,
    failed: Failure | None = None,
    typed: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    if not publishes(page.reader):
        raise NotPermitted(
            "Halaman ini untuk penanggung jawab data (steward) dan walidata.",
            "This page is for stewards and the walidata.",
        )
    with reading(page.engine) as session:
        lines = deliveries.own(session, page.reader)
    return page.render(
        "publikasi.html",
        status=status,
        lines=lines,
        states={line.dataset.id: deliveries.state(page, line) for line in lines},
        waited=lambda line: line.waited(line.quarantines[0], page),
        targets=[
            line.dataset for line in lines if page.reader.holds("steward", line.dataset.agency)
        ],
        chosen=chosen,
        failed=failed,
        typed=typed or {},
        key=forms.new_key(),
    )


def _is_long(page: Page, upload: Upload) -> bool:
    """A large file is left to the worker, and the report page follows it."""
    return upload.body.bytes > page.settings.small_batch_bytes


def _digested(delivery: Delivery) -> bytes:
    """What the form said besides the file."""
    where = f"{delivery.sheet or ''} {delivery.header_row or ''}".strip()
    said = (delivery.dataset.id, delivery.mode, delivery.on_error, delivery.corrects or "", where)
    return " ".join(said).encode()


def _remembered(before: Sequence[Batch]) -> dict[str, str]:
    """Sheet and header row of the last delivery: the next workbook is mostly made like it."""
    if not before:
        return {}
    sheet, row = before[0].sheet, before[0].header_row
    return {"sheet": sheet or "", "header_row": str(row) if row else ""}


def _header_row(typed: str) -> int | None:
    """Raises InvalidInput for anything but a row's number."""
    if not typed.strip():
        return None
    if not typed.strip().isdecimal() or not 1 <= int(typed[:8]) <= MOST_ROWS:
        raise InvalidInput(
            f"Baris judul harus angka 1 sampai {MOST_ROWS}, atau kosong.",
            f"The header row must be a number from 1 to {MOST_ROWS}, or empty.",
        )
    return int(typed)


def _delivery(page: Page, intake: Intake, upload: Upload, name: str) -> Delivery:
    """Raises DatasetNotFound, NotPermitted, InvalidInput, UnknownSchema."""
    said, on_error = upload.fields.get("mode", ""), upload.fields.get("on_error", "")
    corrects = upload.fields.get("corrects") or None
    if (said not in MODES and not corrects) or on_error not in ON_ERROR:
        raise InvalidInput("Pilih cara dan tindakan.", "Choose a mode and what to do on errors.")
    with reading(page.engine) as session:
        dataset = batches.writable(session, page.reader, name, scope="data:write")
        mode, corrected = batches.intended(
            session, dataset, corrects, MODES.get(said), find_document=standards.find
        )
        return batches.delivery(
            session,
            page.settings,
            dataset,
            upload.body,
            format=format_of(
                upload.body.path, declared=None, media_type=None, name=upload.file_name
            ),
            mode=mode,
            corrects=corrected,
            sheet=upload.fields.get("sheet", "").strip() or None,
            header_row=_header_row(upload.fields.get("header_row", "")),
            on_error=ON_ERROR[on_error],
            via="page",
            actor=actor_of(page.reader, dataset.agency),
            find_document=standards.find,
        )
