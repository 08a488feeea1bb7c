"""HTTP of the catalog: finding, describing and registering datasets, and their releases."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, status

from catalog.datasets import Description
from catalog.models import AccessClass, Frequency
from catalog.search.question import Order, Question
from catalog.search.words import asked
from hub.access import browse, registering
from hub.access.descriptions import (
    DatasetAmendment,
    DatasetIn,
    DatasetOut,
    ReleaseOut,
    SearchOut,
)
from hub.access.promising import Leave
from hub.agencies.actor import ActorDep, MaybeActorDep
from hub.calendar import real_now
from hub.deps import (
    LONGEST_CURSOR,
    ClockDep,
    Page,
    PageDep,
    ReadingDep,
    SessionDep,
    SettingsDep,
)
from hub.idempotency.deps import BodyDigest, OnceDep
from hub.ledger.deps import LedgerDep

router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])

Part = Annotated[str, Path(max_length=100)]
Many = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=50)]
MOST_WORDS = 12
"""Words of a question that count; the rest of a pasted paragraph is ignored."""


@router.get("")
def datasets(
    session: ReadingDep,
    actor: MaybeActorDep,
    q: Annotated[str, Query(max_length=500)] = "",
    agency: Many = [],  # noqa: B006 - FastAPI copies defaults
    topic: Many = [],  # noqa: B006
    access: Annotated[list[AccessClass], Query(max_length=10)] = [],  # noqa: B006
    frequency: Annotated[list[Frequency], Query(max_length=10)] = [],  # noqa: B006
    schema: Many = [],  # noqa: B006
    sort: Order | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR)] = None,
) -> SearchOut:
    """Search the catalog; a facet may be given several times, and means any of its values."""
    chosen: dict[str, Sequence[str]] = {
        "agency": agency,
        "topic": topic,
        "access": access,
        "frequency": frequency,
        "schema": schema,
    }
    words = tuple(asked(q)[:MOST_WORDS])
    order = sort or (Order.RELEVANCE if words else Order.UPDATED)
    question = Question(words, chosen, order, limit, cursor, nothing=bool(q.strip()) and not words)
    return browse.search(session, actor, question, now=real_now())


@router.post("", status_code=status.HTTP_201_CREATED, response_model=DatasetOut)
def register(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    body: DatasetIn,
) -> dict[str, Any]:
    """Enter a dataset of an agency; by its steward or the walidata."""
    now = real_now()

    def enter() -> dict[str, Any]:
        said = Description(**body.said())
        dataset, _ = registering.register(
            session, ledger, actor, body.agency, body.slug, said, now=now
        )
        return browse.described(session, actor, dataset, now=now).model_dump(mode="json")

    return once.run(session, actor.id, digest, enter)[0]


@router.get("/{agency}/{slug}")
def dataset(session: ReadingDep, actor: MaybeActorDep, agency: Part, slug: Part) -> DatasetOut:
    """All that is said of a dataset, its latest release, and how the caller comes to its rows."""
    return browse.one(session, actor, f"{agency}/{slug}", now=real_now())


@router.patch("/{agency}/{slug}", response_model=DatasetOut)
def amend(
    session: SessionDep,
    actor: ActorDep,
    ledger: LedgerDep,
    once: OnceDep,
    digest: BodyDigest,
    clock: ClockDep,
    settings: SettingsDep,
    agency: Part,
    slug: Part,
    body: DatasetAmendment,
) -> dict[str, Any]:
    """Change what is said of a dataset; its schema moves only to a compatible version.

    What gives readers less is announced first (`notice_until`), or is `urgent`.
    """
    now, name = real_now(), f"{agency}/{slug}"
    earliest = clock.today() + timedelta(days=settings.schema_notice_days)
    leave = Leave(clock.today(), earliest, body.notice_until, body.urgent)

    def change() -> dict[str, Any]:
        dataset = registering.amend(session, ledger, actor, name, body.said(), leave=leave, now=now)
        return browse.described(session, actor, dataset, now=now).model_dump(mode="json")

    return once.run(session, actor.id, digest, change)[0]


@router.get("/{agency}/{slug}/releases")
def releases(
    session: ReadingDep, actor: MaybeActorDep, page: PageDep, agency: Part, slug: Part
) -> Page[ReleaseOut]:
    """The releases of a dataset, newest first."""
    return browse.list_releases(session, actor, f"{agency}/{slug}", page, now=real_now())


@router.get("/{agency}/{slug}/releases/{number}")
def release(
    session: ReadingDep,
    actor: MaybeActorDep,
    agency: Part,
    slug: Part,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
) -> ReleaseOut:
    """What is known of one release; its rows are read under …/rows?release=."""
    return browse.one_release(session, actor, f"{agency}/{slug}", number, now=real_now())
