"""HTTP of statistical metadata: the forms of Peraturan BPS 5/2020 for one dataset."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from hub.access import statistics
from hub.agencies.actor import MaybeActorDep
from hub.calendar import real_now
from hub.deps import ReadingDep, SettingsDep
from schemas.statistics import Form
from schemas.statistics.forms import Name
from schemas.statistics.workbook import as_workbook

router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])

Part = Annotated[str, Path(max_length=100)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FieldOut(BaseModel):
    """A field of the form; `filled_by` is who fills it while `value` is empty."""

    name: str
    label: str
    value: str
    filled_by: str


class FormOut(BaseModel):
    form: Name
    title: str
    records: list[list[FieldOut]]


@router.get("/{agency}/{slug}/metadata/{form}", response_model=FormOut)
def metadata(
    session: ReadingDep,
    actor: MaybeActorDep,
    settings: SettingsDep,
    agency: Part,
    slug: Part,
    form: Name,
    format: Literal["json", "xlsx"] = "json",
) -> Response | FormOut:
    """MS-Keg, MS-Var or MS-Ind, filled from schema and dataset, as JSON or as a workbook."""
    found = statistics.form_of(
        session, actor, f"{agency}/{slug}", form, public_url=settings.public_url, now=real_now()
    )
    if format == "json":
        return _out(found)
    name = f"{agency}-{slug}-{form}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_workbook(found), media_type=XLSX, headers=headers)


def _out(form: Form) -> FormOut:
    records = [[FieldOut(**vars(field)) for field in record] for record in form.records]
    return FormOut(form=form.name, title=form.title, records=records)
