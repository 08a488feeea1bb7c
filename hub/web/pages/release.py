"""/katalog/{agency}/{slug}/rilis/{n}: what is new, changed and gone since an earlier release."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from hub.access import browse, rows
from hub.access.door import Asked
from hub.access.judging import Action
from hub.access.reader import ReaderDep
from hub.calendar import real_now
from hub.db import reading
from hub.web.columns import Cell, cells
from hub.web.looking import clear_of, marks_of
from hub.web.page import PageDep
from hub.web.translation import Language
from schemas.document import SchemaDocument

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
PAGE_ROWS = 50


@dataclass(frozen=True)
class ChangedRow:
    """`kind` is baru, berubah or hapus; `names` the columns that differ, `marks` what is said of some."""

    kind: str
    names: frozenset[str]
    cells: list[tuple[str, Cell]]
    marks: dict[str, str]


@router.get("/katalog/{agency}/{slug}/rilis/{number}")
def release(
    page: PageDep,
    reader: ReaderDep,
    agency: Part,
    slug: Part,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    cursor: Annotated[str | None, Query(max_length=20_000)] = None,
) -> Response:
    name = f"{agency}/{slug}"
    with reading(page.engine) as session:
        shown = browse.one(session, page.actor, name, now=real_now())
        about = browse.one_release(session, page.actor, name, number, now=real_now())
    asked = Asked(page.actor, Action.CHANGES, name, number)
    found = rows.changes_since(reader, asked, None, limit=PAGE_ROWS, cursor=cursor)
    document, clear = found.door.document, clear_of(found.door)
    listed = [_row(item, document, clear, page.language) for item in json.loads(found.items)]
    return page.render(
        "rilis.html",
        dataset=shown,
        release=about,
        found=found,
        rows=listed,
        columns=document.columns,
    )


def _row(
    item: dict[str, Any], document: SchemaDocument, clear: frozenset[str], language: Language
) -> ChangedRow:
    [shown] = cells([item], document, clear, language)
    differ = item.get("_kolom") or ()
    named = list(zip(document.columns, shown, strict=True))
    return ChangedRow(item["_perubahan"], frozenset(differ), named, marks_of(item))
