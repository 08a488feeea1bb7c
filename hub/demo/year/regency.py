"""The made-up regency of the replay: agencies with their people, and datasets of every class."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import insert
from sqlmodel import Session

from catalog.models import AccessClass, Dataset, Frequency
from hub.agencies.models import Agency, AgencyKind, HolderKind, Holding, Post
from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import SCOPES_OF, Role
from hub.auth.identity import Identity
from hub.auth.models import Person
from hub.identifiers import new_id

PLAIN = ("lkpp/nontender-kontrak", "1.0.0")
PERSONAL = ("e-musrenbang/usulan-musrenbang", "1.0.0")
CLASSES = {
    AccessClass.BERBAGI: 30,
    AccessClass.TERBATAS: 45,
    AccessClass.PRIBADI: 18,
    AccessClass.PRIBADI_SPESIFIK: 7,
}
"""Weights of the classes among the datasets."""
PERSONAL_CLASSES = (AccessClass.PRIBADI, AccessClass.PRIBADI_SPESIFIK)
DATASETS = 4
"""Of each agency."""
DKISP, SETDA, REGENT, FORUM = "dkisp", "setda", "pemkab", "bappedalitbang"


@dataclass(frozen=True)
class Offered:
    """A dataset as the replay asks for it."""

    id: str
    agency: str
    access_class: AccessClass

    @property
    def personal(self) -> bool:
        return self.access_class in PERSONAL_CLASSES


@dataclass(frozen=True)
class Cast:
    """Everybody who acts: principals by agency and role, and the two above them."""

    agencies: list[str]
    people: dict[tuple[str, Role], Principal]
    datasets: list[Offered]

    def of(self, agency: str, role: Role) -> Principal:
        return self.people[agency, role]

    @property
    def walidata(self) -> Principal:
        return self.of(DKISP, Role.WALIDATA)

    @property
    def sekda(self) -> Principal:
        return self.of(SETDA, Role.HEAD)

    @property
    def regent(self) -> Principal:
        return self.of(REGENT, Role.EXECUTIVE)


def build(session: Session, agencies: int, now: datetime, draw: Random) -> Cast:
    """Enter the regency: `agencies` that ask and give, and the regent's office beside them."""
    known = [DKISP, SETDA, FORUM]
    codes = [*known, *(f"skpd{n:02}" for n in range(1, agencies - len(known) + 1))]
    people: dict[tuple[str, Role], Principal] = {}
    for code in [*codes, REGENT]:
        session.add(
            Agency(code=code, name=_name(code), kind=_kind(code), satker_code="", created_at=now)
        )
    session.flush()  # posts refer to agencies
    for code in codes:
        roles = [Role.HEAD, Role.STEWARD, Role.ANALYST]
        for role in [*roles, Role.WALIDATA] if code == DKISP else roles:
            people[code, role] = _seated(session, code, role, now)
    people[REGENT, Role.EXECUTIVE] = _seated(session, REGENT, Role.EXECUTIVE, now)
    datasets = [_dataset(session, code, n, now, draw) for code in codes for n in range(DATASETS)]
    return Cast(codes, people, datasets)


def _name(code: str) -> str:
    return f"Instansi {code.upper()} (sintetis)"


def _kind(code: str) -> AgencyKind:
    kinds = {SETDA: AgencyKind.SECRETARIAT, REGENT: AgencyKind.REGENCY}
    return kinds.get(code, AgencyKind.OFFICE)


def _seated(session: Session, agency: str, role: Role, now: datetime) -> Principal:
    person = Person(username=f"{role}-{agency}", name=f"{role} {agency} (sintetis)", created_at=now)
    post = Post(agency=agency, title=f"{role} {agency}", role=role)
    for row in (person, post):
        session.connection().execute(insert(type(row)), row.model_dump())
    holding = Holding(
        id=new_id(), post=post.id, holder_kind=HolderKind.PERSON, holder=person.id, since=now
    )
    session.add(holding)
    identity = Identity("person", person.id, person.name, SCOPES_OF[role], "session")
    return Principal(identity, agency, (HeldPost(post.id, post.title, role, agency),))


def _dataset(session: Session, agency: str, number: int, now: datetime, draw: Random) -> Offered:
    kind = draw.choices(list(CLASSES), list(CLASSES.values()))[0]
    offered = Offered(f"{agency}/data-{number}", agency, kind)
    schema = PERSONAL if offered.personal else PLAIN
    session.add(
        Dataset(
            id=offered.id,
            agency=agency,
            slug=f"data-{number}",
            title=f"Data {number} {agency} (sintetis)",
            schema_name=schema[0],
            schema_version=schema[1],
            access_class=kind,
            personal_data="umum" if offered.personal else "tidak",
            frequency=Frequency.MONTHLY,
            synthetic=True,
            created_at=now,
            updated_at=now,
        )
    )
    return offered
