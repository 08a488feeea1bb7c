"""Tables of the rule books: what the instance has put in the place of the packaged values."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from catalog.moments import UtcDateTime


class RuleBook(SQLModel, table=True):
    """One version of a book, never edited; 1 is the first that is not the packaged one."""

    __tablename__ = "hub_rule_book"

    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    basis: str
    put_by: str
    put_at: datetime = Field(sa_type=UtcDateTime)
