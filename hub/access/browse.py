"""Looking through the catalog: what is found and what is shown, within what the caller may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from catalog import releases
from catalog.errors import CursorInvalid
from catalog.models import AccessClass, Dataset, Release
from catalog.search.find import find
from catalog.search.question import Question
from hub.access import promising
from hub.access.decision import Decision, decide
from hub.access.descriptions import (
    AccessOut,
    AgencyRef,
    AnnouncedOut,
    DatasetLine,
    DatasetOut,
    FacetOut,
    How,
    ReleaseOut,
    ReleaseSummary,
    SchemaRef,
    SearchOut,
)
from hub.access.judging import Action
from hub.access.visibility import Seer, granted_to, see, visible_to
from hub.agencies.models import Agency
from hub.deps import Page, PageQuery
from hub.grants.models import Grant
from hub.standards import evolution
from hub.standards.listing import url_of


@dataclass(frozen=True)
class Around:
    """What a page of datasets needs besides them: names, newest releases, decisions for the caller."""

    seer: Seer
    agencies: dict[str, str]
    releases: dict[str, Release]
    decisions: dict[str, Decision]


def search(session: Session, seer: Seer, question: Question, *, now: datetime) -> SearchOut:
    """Raises CursorInvalid."""
    found = find(session, question, visible_to(seer, now=now))
    around = _around(session, seer, found.items, now)
    facets = {
        name: [FacetOut(value=value.value, count=value.count) for value in values]
        for name, values in found.facets.items()
    }
    return SearchOut(
        items=[DatasetLine(**_line(dataset, around)) for dataset in found.items],
        next=found.next,
        facets=facets,
        total=found.total,
    )


def one(session: Session, seer: Seer, name: str, *, now: datetime) -> DatasetOut:
    """Raises NotPermitted, or DatasetNotFound for members."""
    return described(session, seer, see(session, seer, name, now=now), now=now)


def described(session: Session, seer: Seer, dataset: Dataset, *, now: datetime) -> DatasetOut:
    """A dataset that the caller is known to see."""
    line = _line(dataset, _around(session, seer, [dataset], now))
    notice = evolution.notice_for(session, dataset.schema_name, dataset.schema_version)
    line["schema_until"] = notice.until if notice else None
    line["announced"] = [
        AnnouncedOut(changes=one.changes, until=one.until, reason=one.reason)
        for one in promising.announcements(session, dataset.id)
    ]
    names = DatasetOut.model_fields.keys() - line.keys()
    return DatasetOut(**line, **{name: getattr(dataset, name) for name in names})


def list_releases(
    session: Session, seer: Seer, name: str, page: PageQuery, *, now: datetime
) -> Page[ReleaseOut]:
    """Newest first; seen by whoever sees the dataset. Raises CursorInvalid."""
    dataset = see(session, seer, name, now=now)
    before = page.after[0] if page.after else None
    if not isinstance(before, int | None):
        raise CursorInvalid
    rows = releases.page(session, dataset.id, limit=page.fetch, before=before)
    count = releases.count(session, dataset.id) if page.count else None
    return page.of(rows, lambda row: (row.number,), release_out, count)


def one_release(
    session: Session, seer: Seer, name: str, number: int, *, now: datetime
) -> ReleaseOut:
    """Raises ReleaseNotFound, and what `see` raises."""
    dataset = see(session, seer, name, now=now)
    return release_out(releases.by_number(session, dataset.id, number))


def release_out(release: Release) -> ReleaseOut:
    schema = SchemaRef(
        name=release.schema_name,
        version=release.schema_version,
        url=url_of(release.schema_name, release.schema_version),
    )
    return ReleaseOut(
        **_summary(release).model_dump(),
        dataset=release.dataset,
        sha256=release.sha256,
        schema_=schema,
        batch=release.batch,
        note=release.note,
        url=f"/api/v1/datasets/{release.dataset}/releases/{release.number}",
    )


def way_in(dataset: Dataset, seer: Seer, decision: Decision | None) -> How:
    """How this caller comes to the rows, or what stands before it (domain.md §3.3)."""
    if decision is not None and decision.allow:
        if decision.grant_id is not None:
            return How.GRANT
        return How.OPEN if dataset.access_class is AccessClass.TERBUKA else How.OWN
    if seer is None:
        return How.SIGN_IN
    if dataset.access_class is AccessClass.DIKECUALIKAN or seer.is_member_of(dataset.agency):
        return How.CLOSED
    self_service = dataset.access_class is AccessClass.BERBAGI and bool(seer.posts)
    return How.PURPOSE if self_service else How.REQUEST


def _around(session: Session, seer: Seer, datasets: Iterable[Dataset], now: datetime) -> Around:
    shown = list(datasets)
    ids = [dataset.id for dataset in shown]
    codes = {dataset.agency for dataset in shown}
    agencies = session.exec(select(Agency.code, Agency.name).where(col(Agency.code).in_(codes)))
    decisions = _decisions(session, seer, shown, now)
    return Around(seer, dict(agencies.all()), releases.latest_of(session, ids), decisions)


def _decisions(
    session: Session, seer: Seer, datasets: list[Dataset], now: datetime
) -> dict[str, Decision]:
    """Decisions, without asking for each dataset that only a grant could open and none does."""
    granted: set[str] = set()
    if seer is not None:
        ids = [dataset.id for dataset in datasets]
        mine = granted_to(seer, now=now).where(col(Grant.target).in_(ids))
        granted = set(session.exec(mine))
    worth_asking = (
        dataset
        for dataset in datasets
        if dataset.id in granted
        or dataset.access_class is AccessClass.TERBUKA
        or (seer is not None and seer.is_member_of(dataset.agency))
    )
    return {d.id: decide(session, seer, Action.ROWS, d, now=now) for d in worth_asking}


def _line(dataset: Dataset, around: Around) -> dict[str, object]:
    decision = around.decisions.get(dataset.id)
    release = around.releases.get(dataset.id)
    made: dict[str, object] = {
        "agency": AgencyRef(
            code=dataset.agency, name=around.agencies.get(dataset.agency, dataset.agency)
        ),
        "schema_": SchemaRef(
            name=dataset.schema_name,
            version=dataset.schema_version,
            url=url_of(dataset.schema_name, dataset.schema_version),
        ),
        "release": _summary(release) if release else None,
        "access": AccessOut(
            class_=dataset.access_class,
            readable=decision is not None and decision.allow,
            how=way_in(dataset, around.seer, decision),
        ),
        "url": f"/api/v1/datasets/{dataset.id}",
    }
    plain = {name: getattr(dataset, name) for name in DatasetLine.model_fields.keys() - made.keys()}
    return {**plain, **made}


def _summary(release: Release) -> ReleaseSummary:
    return ReleaseSummary(**{name: getattr(release, name) for name in ReleaseSummary.model_fields})
