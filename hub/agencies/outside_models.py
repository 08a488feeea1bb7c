"""Tables of posts that an outside provider's word gives."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from hub.identifiers import new_id


class OutsideRole(SQLModel, table=True):
    """Who brings the role `value` from `provider` holds `post` as long as she does."""

    __tablename__ = "hub_outside_role"
    __table_args__ = (UniqueConstraint("provider", "value", "post"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    provider: str
    value: str
    post: str = Field(foreign_key="hub_agency_post.id", index=True)


class OutsideSeat(SQLModel, table=True):
    """A holding that came of an outside role; the hub ends it when the role is gone."""

    __tablename__ = "hub_outside_seat"

    holding: str = Field(primary_key=True, foreign_key="hub_agency_holding.id")
    provider: str
