"""Lists on their way out as JSON, CSV or XLSX."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from hub.privacy import tables

Form = Annotated[Literal["json", "csv", "xlsx"], Query()]


def listed_as(format: str, name: str, header: Sequence[str], rows: list[list[object]]) -> Response:
    """A list as a file that is kept by nobody on the way."""
    if format == "csv":
        body, media = tables.as_csv(header, rows), tables.CSV
    else:
        body, media = tables.as_xlsx("Data", header, rows), tables.XLSX
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{format}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body, media_type=media, headers=headers)
