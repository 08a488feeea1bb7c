"""HTTP of the rows: pages, files, samples, profiles, changes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from hub.access import answers, downloads, rows
from hub.access.door import Asked
from hub.access.formats import Format
from hub.access.judging import Action
from hub.access.reader import ReaderDep
from hub.access.rows import Wish
from hub.agencies.actor import MaybeActorDep

router = APIRouter(prefix="/api/v1/datasets/{agency}/{slug}", tags=["data"])

Part = Annotated[str, Path(max_length=100)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
GrantId = Annotated[str | None, Query(max_length=40)]
Text = Annotated[str | None, Query(max_length=20_000)]
ReleaseNumber = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Form = Annotated[
    str | None,
    Query(alias="as", pattern=r"^(latest|[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9})$"),
]
"""A version of the release's schema, or latest: read in its form."""
Limit = Annotated[int | None, Query(ge=1, le=10_000)]


@router.get("/rows")
def read_rows(
    reader: ReaderDep,
    actor: MaybeActorDep,
    agency: Part,
    slug: Part,
    columns: Text = None,
    filter: Text = None,
    sort: Text = None,
    limit: Limit = None,
    cursor: Text = None,
    release: ReleaseNumber = None,
    format: Format = Format.JSON,
    download: bool = False,
    grant: GrantId = None,
    as_: Form = None,
) -> Response:
    """Rows through the caller's grant.

    JSON comes in pages. Every other format is the whole permitted release, unless a limit is given;
    so is JSON with `download=true`, then a bare array.
    """
    wish = Wish(_names(columns), filter, sort, limit, cursor)
    whole = (download or format is not Format.JSON) and limit is None and cursor is None
    action = Action.EXPORT if whole else Action.ROWS
    asked = Asked(actor, action, f"{agency}/{slug}", release, grant, as_)
    if whole:
        return answers.file(downloads.whole(reader, asked, wish, format))
    if format is not Format.JSON:
        page = rows.table_page(reader, asked, wish)
        return answers.file(downloads.of_page(reader, page, format), page.next)
    return answers.items(rows.page(reader, asked, wish))


@router.get("/sample")
def read_sample(
    reader: ReaderDep,
    actor: MaybeActorDep,
    agency: Part,
    slug: Part,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
    release: ReleaseNumber = None,
    grant: GrantId = None,
    as_: Form = None,
) -> Response:
    """The first permitted rows."""
    asked = Asked(actor, Action.SAMPLE, f"{agency}/{slug}", release, grant, as_)
    return answers.items(rows.sample(reader, asked, size=size))


@router.get("/profile")
def read_profile(
    reader: ReaderDep,
    actor: MaybeActorDep,
    agency: Part,
    slug: Part,
    release: ReleaseNumber = None,
    grant: GrantId = None,
    as_: Form = None,
) -> Response:
    """Counts, gaps and extremes of every visible column over the permitted rows."""
    asked = Asked(actor, Action.PROFILE, f"{agency}/{slug}", release, grant, as_)
    return answers.profile(rows.profile(reader, asked))


@router.get("/releases/{number}/changes")
def read_changes(
    reader: ReaderDep,
    actor: MaybeActorDep,
    agency: Part,
    slug: Part,
    number: Number,
    since: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    cursor: Text = None,
    grant: GrantId = None,
) -> Response:
    """What is new, changed and gone since an earlier release (the one before, unless it is said)."""
    asked = Asked(actor, Action.CHANGES, f"{agency}/{slug}", number, grant)
    return answers.changes(rows.changes_since(reader, asked, since, limit=limit, cursor=cursor))


def _names(columns: str | None) -> tuple[str, ...] | None:
    """`a,b` as names; nothing, or nothing but commas, stands for every visible column."""
    return tuple(name for part in (columns or "").split(",") if (name := part.strip())) or None
