"""Rows on their way out as HTTP: bodies around text that DuckDB has written, and safe headers."""

import json
from dataclasses import asdict
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from hub.access.door import Door
from hub.access.downloads import Download
from hub.access.rows import Answer, Changes, Profile
from hub.ledger.service import Receipt


def headers(receipt: Receipt, *doors: Door, marked: int = 0) -> dict[str, str]:
    """For every answer with rows in it: proven, kept by nobody on the way, never run as a page.

    `Simpul-Storing: forbidden` when one of the grants behind it lets nothing be stored;
    `Simpul-Under-Research` counts the rows of the release that are reported wrong, when there are any.
    """
    told = {
        "Simpul-Receipt": receipt.header(),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if not all(door.decision.may_store for door in doors):
        told["Simpul-Storing"] = "forbidden"
    if marked:
        told["Simpul-Under-Research"] = str(marked)
    return told


def items(answer: Answer) -> Response:
    """`{"items", "next", "release"}`, with `under_research` where rows of the release are marked."""
    told = {"next": answer.next, **_told(answer.door)}
    return _json(answer.items, told, answer.receipt, answer.door, answer.marked)


def changes(found: Changes) -> Response:
    """`{"items", "next", "release", "since", "added", "changed", "removed"}`"""
    told = {"next": found.next, "since": found.since, **asdict(found.tally), **_told(found.door)}
    return _json(found.items, told, found.receipt, found.door, found.marked)


def profile(found: Profile) -> Response:
    """`{"items": [one per visible column], "rows", "release"}`"""
    columns = json.dumps([asdict(column) for column in found.columns], ensure_ascii=False)
    told = {"rows": found.rows, **_told(found.door)}
    return _json(columns, told, found.receipt, found.door)


def file(download: Download, following: str | None = None, cut: str | None = None) -> Response:
    """The bytes as an attachment.

    `Simpul-Next` is the cursor of the next page, if there is one; `Simpul-Capped` says at which
    limit ("rows", "bytes") the answer to a query was cut.
    """
    more = {
        "Content-Disposition": f'attachment; filename="{download.name}"',
        "Content-Length": str(download.size),
        **headers(download.receipt, *download.doors, marked=download.marked),
    }
    if following is not None:
        more["Simpul-Next"] = following
    if cut is not None:
        more["Simpul-Capped"] = cut
    return StreamingResponse(download.body, media_type=download.format.media_type, headers=more)


def _told(door: Door) -> dict[str, Any]:
    told = {"release": door.release.number, "grant": door.decision.grant_id}
    return told if door.stored is None else {**told, "as": door.document.version}


def _json(
    listed: str, told: dict[str, Any], receipt: Receipt, door: Door, marked: int = 0
) -> Response:
    if marked:
        told = {**told, "under_research": marked}
    rest = json.dumps(told, ensure_ascii=False)
    body = f'{{"items":{listed},{rest[1:]}'
    return Response(
        body, media_type="application/json", headers=headers(receipt, door, marked=marked)
    )
