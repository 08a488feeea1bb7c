"""HTTP of rule books and mandates: what holds in this regency, and since when."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from hub.agencies.actor import WalidataDep
from hub.calendar import real_now
from hub.deps import ReadingDep, SessionDep
from hub.errors import ChangedMeanwhile, ConditionMissing
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep
from hub.rules import mandates, service
from hub.rules.shapes import (
    MandateOut,
    Mandates,
    RuleIn,
    RuleOut,
    Rules,
    line_of,
    mandate_out,
    rule_out,
)

router = APIRouter(prefix="/api/v1", tags=["rules"])

IfMatch = Annotated[str | None, Header(max_length=200)]
Version = Annotated[int | None, Query(ge=0, le=100_000)]


@router.get("/rules")
def rules(session: ReadingDep) -> Rules:
    """Every rule book with the version in force, by name."""
    books = (service.current(session, name) for name in service.names())
    return Rules(items=[line_of(book) for book in books])


@router.get("/rules/{book}")
def rule(session: ReadingDep, response: Response, book: str, version: Version = None) -> RuleOut:
    """A book with its values: the version in force, or an older one."""
    versions = service.versions(session, book)
    found = versions[0] if version is None else service.of_version(session, book, version)
    response.headers["ETag"] = _etag(found.version)
    return rule_out(found, versions)


@router.put("/rules/{book}", response_model=RuleOut)
def put_rule(
    session: SessionDep,
    actor: WalidataDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    response: Response,
    book: str,
    body: RuleIn,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Put values in the place of those in force, as a new version; what began before ends under the old."""

    def put() -> dict[str, Any]:
        seen = _seen(service.current(session, book).version, if_match)
        made = service.put(
            session, ledger, actor, book, body.body, basis=body.basis, now=real_now(), seen=seen
        )
        session.flush()  # the new version is listed too
        return rule_out(made, service.versions(session, book)).model_dump(mode="json")

    answer, _ = once.run(session, actor.id, digest, put)
    response.headers["ETag"] = _etag(answer["version"])
    return answer


@router.get("/mandates")
def list_mandates(session: ReadingDep) -> Mandates:
    """Every mandate: who is named for it, and who stands in."""
    return Mandates(items=[mandate_out(one) for one in mandates.all_carried(session)])


@router.put("/mandates/{name}/posts/{post_id}")
def name_post(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, name: str, post_id: str
) -> MandateOut:
    """Let a post carry a mandate; naming it twice changes nothing."""
    found = mandates.name_post(session, ledger, actor, name, post_id, now=real_now())
    return mandate_out(found)


@router.delete("/mandates/{name}/posts/{post_id}")
def take_from(
    session: SessionDep, actor: WalidataDep, ledger: LedgerDep, name: str, post_id: str
) -> MandateOut:
    """Take a mandate from a post."""
    return mandate_out(mandates.take_from(session, ledger, actor, name, post_id))


def _etag(version: int) -> str:
    return f'"{version}"'


def _seen(version: int, if_match: str | None) -> int:
    """The version that the caller has seen, when it is the one in force."""
    if if_match is None:
        raise ConditionMissing()
    if _etag(version) not in {tag.strip() for tag in if_match.split(",")}:
        raise ChangedMeanwhile(version)
    return version
