"""HTTP of analyst SQL: asking, what it costs, stopping, history, saved queries."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response, status

from hub.access.formats import Format
from hub.access.reader import ReaderDep
from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.identifiers import new_id
from hub.queries import costs, history, running, saved
from hub.queries.deps import DeskDep
from hub.queries.running import Wanted
from hub.queries.sending import as_file, as_json, unless_gone
from hub.queries.shapes import (
    AskedIn,
    CostOut,
    QueryIn,
    QueryOut,
    SavedChange,
    SavedIn,
    SavedLine,
    SavedOut,
    StoppedOut,
    query_out,
    saved_line,
    saved_out,
)

router = APIRouter(prefix="/api/v1", tags=["queries"])

IfMatch = Annotated[str | None, Header(max_length=200)]


@router.post("/query")
async def ask(request: Request, desk: DeskDep, actor: ActorDep, body: QueryIn) -> Response:
    """Read-only SQL over everything the caller may read, each table through its own grant."""
    wanted = Wanted(body.question, body.format, body.confirm)
    name = new_id() if body.id is None else body.id.hex

    def work() -> Response:
        if body.id is not None:
            history.check_new(desk.reader.engine, name)
        answer = running.ask(desk, actor, wanted, name)
        return as_json(answer) if body.format is Format.JSON else as_file(answer, body.format)

    return await unless_gone(request, work, lambda: desk.attendant.stop(name))


@router.post("/query/cost")
def cost(desk: DeskDep, actor: ActorDep, body: AskedIn) -> CostOut:
    """What a query would scan and handle, by its plan; nothing is run."""
    return costs.estimate(desk, actor, body.question)


@router.get("/queries")
def queries(
    session: ReadingDep, reader: ReaderDep, actor: ActorDep, page: PageDep
) -> Page[QueryOut]:
    """One's own queries, newest first."""
    found = history.listed(session, actor, page)
    return page.of(
        found,
        lambda one: (one.begun_at.isoformat(), one.id),
        lambda one: query_out(one, history.sql_of(reader.secret, one)),
    )


@router.get("/queries/{query_id}")
def one_query(session: ReadingDep, reader: ReaderDep, actor: ActorDep, query_id: str) -> QueryOut:
    """One of one's own queries."""
    found = history.find(session, actor, query_id)
    return query_out(found, history.sql_of(reader.secret, found))


@router.post("/queries/{query_id}/cancel")
def cancel(session: SessionDep, desk: DeskDep, actor: ActorDep, query_id: str) -> StoppedOut:
    """Stop a query wherever it runs; one's own, the walidata any."""
    found = history.stop(session, actor, query_id)
    desk.attendant.stop(found.id)
    return StoppedOut(id=found.id, state=found.state, stop=found.stop)


@router.post("/saved-queries", status_code=status.HTTP_201_CREATED, response_model=SavedOut)
def save(
    session: SessionDep,
    reader: ReaderDep,
    actor: ActorDep,
    once: OnceDep,
    digest: BodyDigest,
    response: Response,
    body: SavedIn,
) -> dict[str, Any]:
    """Keep a query; it is shared with nobody, or with one's agency."""

    def keep() -> dict[str, Any]:
        kept = saved.save(session, reader.secret, actor, **body.model_dump(), now=real_now())
        return saved_out(kept, body.sql, actor.id).model_dump(mode="json")

    answer, _ = once.run(session, actor.id, digest, keep)
    response.headers["ETag"] = f'"{answer["version"]}"'
    return answer


@router.get("/saved-queries")
def saved_queries(session: ReadingDep, actor: ActorDep, page: PageDep) -> Page[SavedLine]:
    """One's own saved queries and those shared with one's agencies, by title."""
    found = saved.listed(session, actor, page)
    return page.of(found, lambda one: (one.title, one.id), lambda one: saved_line(one, actor.id))


@router.get("/saved-queries/{saved_id}")
def saved_query(
    session: ReadingDep, reader: ReaderDep, actor: ActorDep, response: Response, saved_id: str
) -> SavedOut:
    """A saved query: its text and chart, and no data."""
    found = saved.find(session, actor, saved_id)
    response.headers["ETag"] = saved.etag(found)
    return saved_out(found, saved.sql_of(reader.secret, found), actor.id)


@router.patch("/saved-queries/{saved_id}", response_model=SavedOut)
def change(
    session: SessionDep,
    reader: ReaderDep,
    actor: ActorDep,
    once: OnceDep,
    digest: BodyDigest,
    response: Response,
    saved_id: str,
    body: SavedChange,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change what is named; by its owner, with the ETag she has seen."""

    def amend() -> dict[str, Any]:
        found = saved.change(
            session, reader.secret, actor, saved_id, body.said(), if_match=if_match, now=real_now()
        )
        sql = saved.sql_of(reader.secret, found)
        return saved_out(found, sql, actor.id).model_dump(mode="json")

    answer, _ = once.run(session, actor.id, digest, amend)
    response.headers["ETag"] = f'"{answer["version"]}"'
    return answer


@router.delete("/saved-queries/{saved_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove(session: SessionDep, actor: ActorDep, saved_id: str) -> None:
    """Throw a saved query away; by its owner."""
    saved.remove(session, actor, saved_id)
