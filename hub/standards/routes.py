"""HTTP of published schemas: the open documents, and publishing them."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response, status

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import ClockDep, Page, PageDep, ReadingDep, SessionDep, SettingsDep
from hub.idempotency.deps import OnceDep
from hub.idempotency.service import digest_of
from hub.ledger.deps import LedgerDep
from hub.standards import listing, service
from hub.standards.documents import DocumentDep, Part
from hub.standards.evolution import Notice
from hub.standards.models import ConfigOut, ModeIn, PublishedOut, SchemaLine, VersionOut

router = APIRouter(tags=["schemas"])

FOREVER = "public, max-age=31536000, immutable"
Version = Annotated[str, Path(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$")]


@router.get("/api/v1/schemas")
def schemas(
    session: ReadingDep, page: PageDep, q: Annotated[str, Query(max_length=200)] = ""
) -> Page[SchemaLine]:
    """Every published schema; open to all."""
    return listing.lines(session, q, page)


@router.post(
    "/api/v1/schemas/{system}/{record}/versions",
    status_code=status.HTTP_201_CREATED,
    response_model=PublishedOut,
)
def publish(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    clock: ClockDep,
    settings: SettingsDep,
    system: Part,
    record: Part,
    text: DocumentDep,
    notice_until: date | None = None,
) -> dict[str, Any]:
    """Publish a version for good; 409 with reasons and rows when it breaks what the mode protects.

    A new major may break: with `notice_until`, the day until which the old one stays.
    """
    name = f"{system}/{record}"
    earliest = clock.today() + timedelta(days=settings.schema_notice_days)
    notice = Notice(notice_until, earliest) if notice_until else None

    def publish_it() -> dict[str, Any]:
        made = service.publish(
            session, ledger, actor, text, name=name, now=real_now(), notice=notice
        )
        answer = PublishedOut(
            name=name,
            version=made.document.version,
            url=listing.url_of(name, made.document.version),
            sha256=sha256(text).hexdigest(),
            receipt=made.receipt.as_dict(),
            notice_until=made.notice_until,
        )
        return answer.model_dump(mode="json")

    asked = text if notice is None else text + notice.until.isoformat().encode()
    return once.run(session, actor.id, digest_of(asked), publish_it)[0]


@router.get("/api/v1/schemas/{system}/{record}/config")
def config(session: ReadingDep, system: Part, record: Part) -> ConfigOut:
    """The mode that new versions must pass, and the majors that are to end; open to all."""
    return listing.config(session, f"{system}/{record}")


@router.put("/api/v1/schemas/{system}/{record}/config")
def set_config(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    system: Part,
    record: Part,
    body: ModeIn,
) -> ConfigOut:
    """Set the mode; by whoever publishes under the name."""
    name = f"{system}/{record}"
    service.set_mode(session, ledger, actor, name=name, mode=body.mode, now=real_now())
    return listing.config(session, name)


@router.get("/api/v1/schemas/{system}/{record}/versions/{version}")
def version(session: ReadingDep, system: Part, record: Part, version: Version) -> VersionOut:
    """One version with who published it and when; open to all."""
    return listing.one_version(session, f"{system}/{record}", version)


@router.head("/schemas/{system}/{record}/{version}.json", include_in_schema=False)
@router.get("/schemas/{system}/{record}/{version}.json", operation_id="document")
def document(
    session: ReadingDep,
    system: Part,
    record: Part,
    version: Version,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """The document at the path of its `$id`, byte for byte, for ever."""
    body = service.text_of(session, f"{system}/{record}", version).encode()
    etag = f'"{sha256(body).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": FOREVER, "Access-Control-Allow-Origin": "*"}
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    if known & {etag, "*"}:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(body, media_type="application/schema+json", headers=headers)
