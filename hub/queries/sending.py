"""Answers to queries on their way out, to whoever still listens."""

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TypeVar

from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from hub.access import answers, query
from hub.access.downloads import CHUNK
from hub.access.formats import Format
from hub.queries.running import Answer

Result = TypeVar("Result")


async def unless_gone(
    request: Request, work: Callable[[], Result], stop: Callable[[], None]
) -> Result:
    """Do the work in a thread; when the caller hangs up, stop it."""

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        await run_sync(stop)

    listening = asyncio.create_task(listen())
    try:
        return await run_sync(work)
    finally:
        listening.cancel()


def as_json(answer: Answer) -> Response:
    """`{"rows": [[…]], "id", "columns", "types", "count", "capped", "next", "ms", "tables", "receipt"}`"""
    told = {
        "id": answer.id,
        "columns": list(answer.types),
        "types": list(answer.types.values()),
        "count": answer.count,
        "capped": answer.cut,
        "next": answer.next,
        "ms": answer.ms,
        "tables": query.tables(answer.ready),
        "receipt": answer.receipt.as_dict(),
    }
    tail = f",{json.dumps(told, ensure_ascii=False)[1:]}".encode()
    head = b'{"rows":'
    return _sent(answer, Format.JSON, [head], [tail])


def as_file(answer: Answer, format: Format) -> Response:
    """An attachment; what JSON tells beside the rows is in its headers."""
    more = {"Content-Disposition": f'attachment; filename="kueri-{answer.id[:12]}.{format.value}"'}
    if answer.cut is not None:
        more["Simpul-Capped"] = answer.cut
    if answer.next is not None:
        more["Simpul-Next"] = answer.next
    return _sent(answer, format, [], [], **more)


def _sent(
    answer: Answer, format: Format, head: list[bytes], tail: list[bytes], **more: str
) -> Response:
    size = answer.size + sum(len(piece) for piece in (*head, *tail))
    headers = {
        **answers.headers(
            answer.receipt,
            *answer.ready.doors.values(),
            marked=sum(marks.count for marks in answer.ready.marks.values()),
        ),
        "Content-Length": str(size),
        "Simpul-Query": answer.id,
        **more,
    }
    body: Iterator[bytes] = chain(head, answer.body, tail)
    if size <= CHUNK:  # a turn of the threadpool for every piece would take longer
        return Response(b"".join(body), media_type=format.media_type, headers=headers)
    return StreamingResponse(body, media_type=format.media_type, headers=headers)
