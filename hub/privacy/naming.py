"""Who readers are and under which grants, for lines that know ids alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from hub.agencies.models import Agency
from hub.auth.models import Client, Person
from hub.grants.models import Grant
from hub.privacy.reads import Way


@dataclass(frozen=True)
class Known:
    """Names of agencies by code and of parties by id; grants by the digest of their contract."""

    names: Mapping[str, str]
    grants: Mapping[str, Grant]


def party_of(way: Way) -> str:
    return way.person or way.client


def known(session: Session, ways: Iterable[Way]) -> Known:
    every = list(ways)
    agencies = {way.agency for way in every} - {""}
    parties = {party_of(way) for way in every}
    names: dict[str, str] = {}
    for id_, name, wanted in (
        (col(Agency.code), Agency.name, agencies),
        (col(Client.client_id), Client.name, parties),
        (col(Person.id), Person.name, parties),
    ):
        names |= dict(session.exec(select(id_, name).where(id_.in_(wanted))).all())
    digests = {way.grant for way in every} - {""}
    grants = session.exec(select(Grant).where(col(Grant.digest).in_(digests)))
    return Known(names, {grant.digest: grant for grant in grants})
