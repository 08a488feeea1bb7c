"""Tables of agencies, posts and who holds them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Enum, Index
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime
from hub.agencies.roles import Role
from hub.identifiers import new_id


class AgencyKind(StrEnum):
    """What sort of organisation it is (domain.md §3.2)."""

    SECRETARIAT = "sekretariat"
    INSPECTORATE = "inspektorat"
    OFFICE = "dinas"
    BODY = "badan"
    DISTRICT = "kecamatan"
    WARD = "kelurahan"
    UNIT = "unit"
    REGENCY = "pemerintah-daerah"
    OTHER = "lainnya"


class HolderKind(StrEnum):
    PERSON = "person"
    CLIENT = "client"


def _word(kind: type[StrEnum]) -> Enum:
    """Stored as its value in plain text, so that a new word needs no change of the database."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda words: list(words))


class Agency(SQLModel, table=True):
    """One agency (SKPD) or a unit of one; `satker_code` is its code in the procurement feeds."""

    __tablename__ = "hub_agency"

    code: str = Field(primary_key=True)
    name: str
    kind: AgencyKind = Field(sa_column=Column(_word(AgencyKind), nullable=False))
    parent: str | None = Field(default=None, foreign_key="hub_agency.code", index=True)
    satker_code: str = Field("", index=True)
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class Post(SQLModel, table=True):
    """A jabatan in an agency; it carries one role."""

    __tablename__ = "hub_agency_post"

    id: str = Field(default_factory=new_id, primary_key=True)
    agency: str = Field(foreign_key="hub_agency.code", index=True)
    title: str
    role: Role = Field(sa_column=Column(_word(Role), nullable=False))


class Holding(SQLModel, table=True):
    """Who sits on a post, from `since` until (not at) `until`; ended ones stay as history."""

    __tablename__ = "hub_agency_holding"
    __table_args__ = (Index("hub_agency_holding_holder", "holder_kind", "holder"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    post: str = Field(foreign_key="hub_agency_post.id", index=True)
    holder_kind: HolderKind = Field(sa_column=Column(_word(HolderKind), nullable=False))
    holder: str
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
