"""/katalog/{agency}/{slug}/verifikasi: rows pasted from a spreadsheet, told of each whether it matches."""

import csv
import io
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from catalog.errors import CatalogError
from hub.access.reader import ReaderDep
from hub.access.verifying import service
from hub.access.verifying.service import MOST, Record, Verified
from hub.access.visibility import see
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.standards import service as standards
from hub.web import forms
from hub.web.columns import titles
from hub.web.forms import Failure
from hub.web.page import MemberPageDep, Page
from hub.web.translation import N_

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
LONGEST = 500_000
"""Characters of a paste; a thousand rows of what is compared are far fewer."""


@dataclass(frozen=True)
class Pasted:
    """What somebody pasted: the names of its columns, and its records in order."""

    columns: tuple[str, ...]
    records: list[Record]


@router.get("/katalog/{agency}/{slug}/verifikasi")
def asked(page: MemberPageDep, agency: Part, slug: Part) -> Response:
    return _shown(page, f"{agency}/{slug}")


@router.post("/katalog/{agency}/{slug}/verifikasi")
def verify(
    page: MemberPageDep,
    reader: ReaderDep,
    agency: Part,
    slug: Part,
    rows: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    """Compare what was pasted; nothing of it is kept but how much was asked and how much matched."""
    name = f"{agency}/{slug}"
    try:
        pasted = _pasted(rows, _names(page, name))
        found = service.verify(reader, page.reader, name, pasted.records)
    except (HubError, CatalogError) as error:
        failed = forms.failure(page, error, page.say(N_("Belum diperiksa")), "rows")
        return _shown(page, name, failed=failed, typed=rows, status=forms.status_of(error))
    return _shown(page, name, pasted=pasted, found=found, typed=rows)


def _shown(
    page: Page,
    name: str,
    *,
    pasted: Pasted | None = None,
    found: Verified | None = None,
    failed: Failure | None = None,
    typed: str = "",
    status: int = 200,
) -> Response:
    with reading(page.engine) as session:
        dataset = see(session, page.reader, name, now=real_now())
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
    return page.render(
        "verifikasi.html",
        status=status,
        dataset=dataset,
        key=document.key,
        titles=titles(document, page.language),
        pasted=pasted,
        found=found,
        failed=failed,
        typed=typed,
        most=MOST,
    )


def _names(page: Page, name: str) -> dict[str, str]:
    """Names of columns by what people call them: name or title, in small letters."""
    with reading(page.engine) as session:
        dataset = see(session, page.reader, name, now=real_now())
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
    called = {title.casefold(): column for column, title in titles(document, "id").items()}
    called |= {title.casefold(): column for column, title in titles(document, "en").items()}
    return called | {column.casefold(): column for column in document.by_name}


def _pasted(text: str, names: dict[str, str]) -> Pasted:
    """Rows between tabs (as spreadsheets copy them), semicolons or commas, under a row of headings.

    Raises InvalidInput saying which row or heading is wrong.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise InvalidInput(
            "Tempel baris judul dan sedikitnya satu baris data.",
            "Paste the row of headings and at least one row of data.",
        )
    if len(lines) > MOST + 1:
        raise InvalidInput(
            f"Paling banyak {MOST} baris sekali periksa; yang ditempel {len(lines) - 1}.",
            f"At most {MOST} rows at a time; {len(lines) - 1} were pasted.",
        )
    between = max("\t;,", key=lines[0].count)
    table = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=between))
    headings = [heading.strip() for heading in table[0]]
    columns = [names.get(heading.casefold(), heading) for heading in headings]
    if len(set(columns)) < len(columns) or not all(columns):
        raise InvalidInput(
            f"Judul kolom kosong atau berulang: {', '.join(headings)[:200]}.",
            f"A heading is empty or repeated: {', '.join(headings)[:200]}.",
        )
    for place, row in enumerate(table[1:], start=1):
        if len(row) != len(columns):
            raise InvalidInput(
                f"Baris {place} punya {len(row)} sel, judulnya {len(columns)}.",
                f"Row {place} has {len(row)} cells, its headings are {len(columns)}.",
            )
    records: list[Record] = [
        {name: cell.strip() or None for name, cell in zip(columns, row, strict=True)}
        for row in table[1:]
    ]
    return Pasted(tuple(columns), records)
