"""HTTP of analyst SQL."""

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from catalog import export
from hub.access import answers, downloads, query, texts
from hub.access.formats import Format
from hub.access.query import QueryAnswer
from hub.access.reader import Reader, ReaderDep
from hub.access.workers import WorkersDep
from hub.agencies.actor import ActorDep
from hub.agencies.principal import Principal

router = APIRouter(prefix="/api/v1", tags=["data"])


class QueryIn(BaseModel):
    """One SELECT; tables are written `agency.slug`, with an underscore for a hyphen."""

    model_config = ConfigDict(extra="forbid")

    sql: Annotated[str, Field(min_length=1, max_length=100_000)]
    format: Format = Format.JSON
    as_: Annotated[
        Literal["latest"] | dict[str, Annotated[str, Field(max_length=40)]] | None,
        Field(alias="as", max_length=100),
    ] = None

    @property
    def forms(self) -> dict[str, str]:
        """Versions by table, "*" for all."""
        return {"*": "latest"} if self.as_ == "latest" else dict(self.as_ or {})


@router.post("/query")
def ask(reader: ReaderDep, workers: WorkersDep, actor: ActorDep, body: QueryIn) -> Response:
    """Read-only SQL over everything the caller may read, each table through its own grant."""
    answer = query.run(reader, workers, actor, body.sql, forms=body.forms)
    if body.format is Format.JSON:
        return _json(reader, actor, body.sql, answer)
    spooled = downloads.spool(
        reader, lambda path: export.to_file(answer.rows, body.format.value, path)
    )
    receipt = downloads.or_closed(
        spooled, lambda: query.proven(reader, actor, body.sql, answer, file=spooled.sha256)
    )
    name = f"kueri-{answer.id[:12]}.{body.format.value}"
    return answers.file(
        downloads.Download(name, body.format, spooled.size, receipt, spooled.pieces()),
        cut=answer.cut,
    )


def _json(reader: Reader, actor: Principal, sql: str, answer: QueryAnswer) -> Response:
    """`{"columns", "rows": [[…]], "capped", "tables", "receipt"}`"""
    listed = texts.json_arrays(answer.rows)
    receipt = query.proven(reader, actor, sql, answer)
    told = {
        "columns": list(answer.rows.types),
        "capped": answer.cut,
        "tables": [
            {
                "name": name,
                "dataset": door.dataset.id,
                "release": door.release.number,
                "grant": door.decision.grant_id,
            }
            for name, door in answer.doors.items()
        ],
        "receipt": receipt.as_dict(),
    }
    body = f'{{"rows":{listed},{json.dumps(told, ensure_ascii=False)[1:]}'
    return Response(body, media_type="application/json", headers=answers.headers(receipt))
