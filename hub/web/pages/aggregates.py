"""Ready-made aggregates: a page for whoever reads one, and the steward's form to let things be counted."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import Response

from catalog.errors import CatalogError
from hub.access.aggregates import service
from hub.access.aggregates.models import Aggregate
from hub.access.aggregates.service import Counted
from hub.access.aggregates.shapes import AggregateIn
from hub.access.reader import ReaderDep
from hub.access.registering import must_manage
from hub.access.visibility import see
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.ledger.deps import LedgerDep
from hub.standards import service as standards
from hub.web import forms
from hub.web.columns import titles
from hub.web.forms import Failure
from hub.web.page import MemberPageDep, Page, PageDep
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
Text = Annotated[str, Form(max_length=300)]
MOST_GROUPS = 3
COARSE = {
    "": N_("apa adanya"),
    "year": N_("per tahun"),
    "region:province": N_("per provinsi"),
    "region:regency": N_("per kabupaten"),
    "region:district": N_("per kecamatan"),
}
AUDIENCES = {
    "regency": N_("anggota perangkat daerah"),
    "agency": N_("instansi sendiri"),
    "public": N_("umum"),
}
MEASURES = {"count": N_("Jumlah baris"), "sum": N_("Jumlah"), "mean": N_("Rata-rata")}
"""Words before the title of the column that is measured."""


NOTHING_TYPED: dict[str, Any] = {
    "title": "",
    "name": "",
    "audience": "",
    "groups": [],
    "sum_of": "",
    "mean_of": "",
}


@router.get("/katalog/{agency}/{slug}/agregat/{name}")
def shown(page: PageDep, reader: ReaderDep, agency: Part, slug: Part, name: Part) -> Response:
    counted = service.count(reader, page.actor, f"{agency}/{slug}", name)
    receipt = service.proven(reader, counted)
    return page.render(
        "agregat.html",
        aggregate=counted.aggregate,
        dataset=counted.door.dataset,
        titles=titles(counted.door.document, page.language),
        table=counted.table,
        release=counted.door.release,
        highest=_highest(counted),
        measures=_measures(page, counted),
        coarse=COARSE,
        receipt=receipt,
    )


def _highest(counted: Counted) -> float:
    """The largest of the first measure that is shown: bars are relative to it."""
    told = [cell.measures[0] or 0 for cell in counted.table.cells if cell.measures]
    return max((abs(float(value)) for value in told), default=0.0)


def _measures(page: Page, counted: Counted) -> list[tuple[str, int]]:
    """The title of each measure, with its place in the cells."""
    named = titles(counted.door.document, page.language)
    return [
        (f"{page.say(MEASURES[measure.kind])} {named.get(measure.column or '', '')}".strip(), place)
        for place, measure in enumerate(counted.table.measures)
    ]


@router.get("/publikasi/{agency}/{slug}/agregat")
def listed(page: MemberPageDep, agency: Part, slug: Part) -> Response:
    return _listed(page, f"{agency}/{slug}")


@router.post("/publikasi/{agency}/{slug}/agregat")
def define(
    page: MemberPageDep,
    ledger: LedgerDep,
    agency: Part,
    slug: Part,
    title: Text = "",
    name: Text = "",
    audience: Text = "",
    column: Annotated[list[str], Form(max_length=MOST_GROUPS)] = [],  # noqa: B006 - FastAPI copies
    form: Annotated[list[str], Form(max_length=MOST_GROUPS)] = [],  # noqa: B006
    sum_of: Text = "",
    mean_of: Text = "",
    key: Text = "",
) -> Response:
    """Let something be counted; shown again with what to mend when it is not complete."""
    dataset = f"{agency}/{slug}"
    typed = {
        "title": title,
        "name": name,
        "audience": audience,
        "groups": list(zip(column, form, strict=False)),
        "sum_of": sum_of,
        "mean_of": mean_of,
    }
    try:
        wanted = _wanted(typed)

        def carry_out(session: Session) -> dict[str, Any]:
            made = service.define(
                session,
                ledger,
                page.reader,
                dataset,
                wanted,
                smallest=page.settings.smallest_cell,
                now=real_now(),
            )
            return {"name": made.name}

        made = forms.take(page, key, (dataset, wanted.model_dump_json()), carry_out)
    except (HubError, CatalogError) as error:
        failed = forms.failure(page, error, page.say(N_("Agregat belum dibuat")), "title")
        return _listed(page, dataset, failed, typed, status=forms.status_of(error))
    return page.redirect(f"/katalog/{dataset}/agregat/{made['name']}")


@router.post("/publikasi/{agency}/{slug}/agregat/{name}/tarik")
def withdraw(
    page: MemberPageDep, ledger: LedgerDep, agency: Part, slug: Part, name: Part, key: Text = ""
) -> Response:
    dataset = f"{agency}/{slug}"

    def carry_out(session: Session) -> dict[str, Any]:
        service.withdraw(session, ledger, page.reader, dataset, name)
        return {"name": name}

    forms.take(page, key, (dataset, name), carry_out)
    return page.redirect(f"/publikasi/{dataset}/agregat")


def _wanted(typed: dict[str, Any]) -> AggregateIn:
    """The form as the API would have it; raises InvalidInput for what is no aggregate at all."""
    groups = [
        {"column": column, "form": form or None} for column, form in typed["groups"] if column
    ]
    if not groups:
        raise InvalidInput(
            "Pilih sedikitnya satu kolom rincian.", "Choose at least one column to break down by."
        )
    measures: list[dict[str, str]] = [{"kind": "count"}]
    measures += [
        {"kind": kind, "column": typed[f"{kind}_of"]}
        for kind in ("sum", "mean")
        if typed[f"{kind}_of"]
    ]
    try:
        return AggregateIn.model_validate(
            {
                "name": typed["name"].strip(),
                "title": typed["title"],
                "groups": groups,
                "measures": measures,
                "audience": typed["audience"] or "regency",
            }
        )
    except ValidationError as error:
        raise InvalidInput(
            "Isi judul (sedikitnya 3 huruf) dan nama pendek (huruf kecil, angka, tanda hubung).",
            "Fill in a title (at least 3 letters) and a short name (small letters, digits, hyphens).",
        ) from error


def _listed(
    page: Page,
    dataset_id: str,
    failed: Failure | None = None,
    typed: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> Response:
    now = real_now()
    agency, _, slug = dataset_id.partition("/")
    must_manage(page.reader, agency, slug)
    with reading(page.engine) as session:
        dataset = see(session, page.reader, dataset_id, now=now)
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        aggregates: list[Aggregate] = service.all_of(session, dataset_id)
    return page.render(
        "agregat-atur.html",
        status=status,
        dataset=dataset,
        aggregates=aggregates,
        choices=service.choices(document),
        titles=titles(document, page.language),
        coarse=COARSE,
        audiences=AUDIENCES,
        failed=failed,
        typed=typed or NOTHING_TYPED,
        most=MOST_GROUPS,
        key=forms.new_key(),
    )
