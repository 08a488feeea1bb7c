"""The rules: who may see who reads, and the counts put into words of agencies and purposes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.access.visibility import visible_to
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES, Role
from hub.auth.models import Client, Person
from hub.errors import NotPermitted
from hub.grants.models import Grant
from hub.ledger.entry import HUB
from hub.usage.counting import counts_of
from hub.usage.models import NOBODY
from hub.usage.shapes import GivenOut, PairOut, ReaderOut, UsageOut
from hub.usage.tally import Count, Counts

SEES_ALL = frozenset({Role.WALIDATA, Role.AUDITOR})
ANONYMOUS = "anonymous"
NOTHING = GivenOut(datasets=0, grants=0, reads=0, rows=0)


@dataclass(frozen=True)
class Wish:
    """Which reads: of one dataset or all that the asker answers for, with or without one's own."""

    since: date
    dataset: str | None = None
    own: bool = False


def usage(session: Session, actor: Principal, wish: Wish, zone: ZoneInfo) -> list[UsageOut]:
    """Who reads the data of the actor's agencies, the last reader first; raises NotPermitted.

    The walidata and the auditor see every agency's; nobody sees it through a token for one
    dataset but of that dataset.
    """
    counts = _of_wish(counts_of(session, zone, since=wish.since, owners=_owners(actor)), wish)
    if actor.identity.dataset is not None:
        counts = {r: c for r, c in counts.items() if r.dataset == actor.identity.dataset}
    grouped = _by_leave(counts)
    grants = _grants(session, {grant for _, _, _, grant in grouped})
    names = _names(session, grouped)
    lines = [_line(key, parts, grants, names) for key, parts in grouped.items()]
    return sorted(lines, key=lambda line: line.last_at, reverse=True)


def days(session: Session, actor: Principal, wish: Wish, zone: ZoneInfo) -> dict[date, int]:
    """Reads by day, for the same asker and wish; days without reads are left out."""
    counts = _of_wish(counts_of(session, zone, since=wish.since, owners=_owners(actor)), wish)
    by_day: dict[date, int] = defaultdict(int)
    for read, count in counts.items():
        by_day[read.day] += count.reads
    return dict(by_day)


def reciprocity(
    session: Session, actor: Principal, *, since: date, zone: ZoneInfo, now: datetime
) -> list[PairOut]:
    """What agencies give each other, pairs in which most is given first.

    For members of the regency: it is what makes giving seen. Only datasets the actor may know of
    are counted. Raises NotPermitted for outsiders.
    """
    if not actor.posts or not actor.can("catalog:read"):
        raise NotPermitted(
            "Timbal balik antarinstansi terlihat bagi anggota perangkat daerah.",
            "What agencies give each other is shown to members of the regency's agencies.",
        )
    known = set(session.exec(select(Dataset.id).where(visible_to(actor, now=now))))
    given: dict[tuple[str, str], list[GivenOut]] = defaultdict(list)
    for (giver, taker), datasets in _live_grants(session, known, now).items():
        given[giver, taker].append(
            GivenOut(datasets=len(set(datasets)), grants=len(datasets), reads=0, rows=0)
        )
    for read, count in counts_of(session, zone, since=since).items():
        giver = read.dataset.partition("/")[0]
        if read.agency not in (NOBODY, giver) and read.dataset in known:
            given[giver, read.agency].append(
                GivenOut(datasets=0, grants=0, reads=count.reads, rows=count.rows)
            )
    return _pairs({pair: _sum(parts) for pair, parts in given.items()})


def answers_for_reads(actor: Principal) -> bool:
    """Whether there is anything the actor may see: data of hers, or the whole regency's."""
    return bool(actor.roles & (SEES_ALL | set(OWNING_ROLES)))


def _owners(actor: Principal) -> set[str] | None:
    """The agencies whose readers the actor may see; None for all."""
    if actor.roles & SEES_ALL and actor.can("audit:read"):
        return None
    owners = {post.agency for post in actor.posts if post.role in OWNING_ROLES}
    if not owners or not actor.can("data:read"):
        raise NotPermitted(
            "Siapa memakai data terlihat bagi instansi pemilik, walidata, dan auditor.",
            "Who reads data is shown to the owning agency, the walidata and the auditor.",
        )
    return owners


def _of_wish(counts: Counts, wish: Wish) -> Counts:
    return {
        read: count
        for read, count in counts.items()
        if (wish.dataset is None or read.dataset == wish.dataset)
        and (wish.own or read.agency != read.dataset.partition("/")[0])
        and read.party != HUB.id
    }


Leave = tuple[str, str, str, str]
"""Dataset, agency, party, digest of the grant."""


def _by_leave(counts: Counts) -> dict[Leave, Counts]:
    grouped: dict[Leave, Counts] = defaultdict(dict)
    for read, count in counts.items():
        grouped[read.dataset, read.agency, read.party, read.grant][read] = count
    return grouped


def _line(key: Leave, parts: Counts, grants: dict[str, Grant], names: dict[str, str]) -> UsageOut:
    dataset, agency, party, digest = key
    grant = grants.get(digest)
    whole = _whole(parts.values())
    ways: dict[str, int] = defaultdict(int)
    for read, count in parts.items():
        ways[read.way] += count.reads
    who = agency or party
    return UsageOut(
        dataset=dataset,
        reader=ReaderOut(agency=agency or None, party=party or None, name=names.get(who, who)),
        grant=grant.id if grant else None,
        purpose=grant.purpose if grant else None,
        reads=whole.reads,
        rows=whole.rows,
        cut=whole.cut,
        ways=dict(sorted(ways.items())),
        first_day=min(read.day for read in parts),
        last_at=whole.last_at,
    )


def _whole(counts: Iterable[Count]) -> Count:
    first, *rest = counts
    return sum(rest, start=first)


def _grants(session: Session, digests: set[str]) -> dict[str, Grant]:
    found = session.exec(select(Grant).where(col(Grant.digest).in_(digests - {NOBODY})))
    return {grant.digest: grant for grant in found}


def _names(session: Session, keys: Iterable[Leave]) -> dict[str, str]:
    """Names of agencies by code, of clients and persons by id."""
    agencies, parties = {key[1] for key in keys}, {key[2] for key in keys}
    found: dict[str, str] = {}
    for id_, name, wanted in (
        (col(Agency.code), Agency.name, agencies),
        (col(Client.client_id), Client.name, parties),
        (col(Person.id), Person.name, parties),
    ):
        found |= dict(session.exec(select(id_, name).where(id_.in_(wanted))).all())
    return found


def _live_grants(
    session: Session, known: set[str], now: datetime
) -> dict[tuple[str, str], list[str]]:
    """The datasets of the grants that stand between two agencies, one entry a grant."""
    found = session.exec(
        select(Grant.producer, Grant.grantee_agency, Grant.target).where(
            col(Grant.target_type) == "dataset",
            col(Grant.grantee_agency).is_not(None),
            col(Grant.revoked_at).is_(None),
            col(Grant.starts_at) <= now,
            col(Grant.expires_at) > now,
        )
    )
    between: dict[tuple[str, str], list[str]] = defaultdict(list)
    for giver, taker, dataset in found:
        if dataset in known and taker is not None:
            between[giver, taker].append(dataset)
    return between


def _sum(parts: Iterable[GivenOut]) -> GivenOut:
    total = NOTHING
    for part in parts:
        total = GivenOut(
            datasets=total.datasets + part.datasets,
            grants=total.grants + part.grants,
            reads=total.reads + part.reads,
            rows=total.rows + part.rows,
        )
    return total


def _pairs(given: dict[tuple[str, str], GivenOut]) -> list[PairOut]:
    pairs = {(min(pair), max(pair)) for pair in given}
    found = [
        PairOut(
            first=one,
            second=other,
            first_gives=given.get((one, other), NOTHING),
            second_gives=given.get((other, one), NOTHING),
        )
        for one, other in pairs
    ]
    return sorted(found, key=_most_given)


def _most_given(pair: PairOut) -> tuple[int, int, str, str]:
    one, other = pair.first_gives, pair.second_gives
    return -(one.grants + other.grants), -(one.reads + other.reads), pair.first, pair.second
