"""HTTP of verification."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hub.access import answers
from hub.access.reader import ReaderDep
from hub.access.verifying import service
from hub.access.verifying.service import MOST
from hub.agencies.actor import ActorDep

router = APIRouter(prefix="/api/v1/datasets/{agency}/{slug}", tags=["data"])

Part = Annotated[str, Path(max_length=100)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Value = Annotated[str, StringConstraints(max_length=4000)] | int | float | bool | None


class VerificationIn(BaseModel):
    """Records to compare; every one names the same columns, the whole key among them."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[
        list[Annotated[dict[Column, Value], Field(min_length=1, max_length=50)]],
        Field(min_length=1, max_length=MOST),
    ]
    grant: Annotated[str, StringConstraints(max_length=40)] | None = None


class VerificationOut(BaseModel):
    """`results` in the order of the rows; `release` is the one they were compared with."""

    results: list[Literal["cocok", "tidak_cocok"]]
    release: int
    grant: str | None


@router.post("/verifications", response_model=VerificationOut)
def verify(
    reader: ReaderDep, actor: ActorDep, agency: Part, slug: Part, body: VerificationIn
) -> Response:
    """Whether records are in the data as they are shown: cocok or tidak_cocok, and nothing else."""
    records = [{name: as_text(value) for name, value in row.items()} for row in body.rows]
    found = service.verify(reader, actor, f"{agency}/{slug}", records, grant=body.grant)
    told = VerificationOut(
        results=["cocok" if matched else "tidak_cocok" for matched in found.matched],
        release=found.door.release.number,
        grant=found.door.decision.grant_id,
    )
    return Response(
        told.model_dump_json(),
        media_type="application/json",
        headers=answers.headers(found.receipt, found.door),
    )


def as_text(value: str | float | bool | None) -> str | None:
    """A JSON value as it is compared: numbers without a needless point, empty text as nothing."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
