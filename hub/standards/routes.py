"""HTTP of published schemas: the open documents, and publishing them."""

from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, status

from hub.agencies.actor import ActorDep
from hub.calendar import real_now
from hub.deps import Page, PageDep, ReadingDep, SessionDep
from hub.errors import TooLarge
from hub.idempotency.deps import OnceDep
from hub.idempotency.service import digest_of
from hub.ledger.deps import LedgerDep
from hub.standards import listing, service
from hub.standards.models import CompatibilityOut, PublishedOut, ReasonOut, SchemaLine, VersionOut
from schemas.publication import MAX_BYTES

router = APIRouter(tags=["schemas"])

FOREVER = "public, max-age=31536000, immutable"
Part = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Version = Annotated[str, Path(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$")]


async def get_document(request: Request) -> bytes:
    """The body, refused as soon as it is longer than any document may be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            raise TooLarge(
                f"Skema lebih besar dari {MAX_BYTES} bita.",
                f"The schema is larger than {MAX_BYTES} bytes.",
            )
    return bytes(body)


DocumentDep = Annotated[bytes, Depends(get_document)]


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
    system: Part,
    record: Part,
    text: DocumentDep,
) -> dict[str, Any]:
    """Publish a version for good; 409 with reasons when it breaks what the latest accepts."""
    name = f"{system}/{record}"

    def publish_it() -> dict[str, Any]:
        document, receipt = service.publish(session, ledger, actor, text, name=name, now=real_now())
        answer = PublishedOut(
            name=name,
            version=document.version,
            url=listing.url_of(name, document.version),
            sha256=sha256(text).hexdigest(),
            receipt=receipt.as_dict(),
        )
        return answer.model_dump(mode="json")

    return once.run(session, actor.id, digest_of(text), publish_it)[0]


@router.post("/api/v1/schemas/{system}/{record}/compatibility")
def compatibility(
    session: ReadingDep, _actor: ActorDep, system: Part, record: Part, text: DocumentDep
) -> CompatibilityOut:
    """Whether a document may follow the latest version; nothing is published."""
    document = service.parse(text, f"{system}/{record}")
    against, reasons = service.reasons_against(service.registry(session), document)
    shown = [
        ReasonOut(code=r.code, pointer=r.pointer, message_id=r.message_id, message_en=r.message_en)
        for r in reasons
    ]
    return CompatibilityOut(
        compatible=not reasons, against=against, rule=service.RULE, reasons=shown
    )


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
