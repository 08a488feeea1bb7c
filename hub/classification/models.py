"""Tables of what access classes ask to be decided."""

from datetime import date, datetime

from sqlalchemy import Column, Enum
from sqlmodel import Field, SQLModel

from catalog.models import AccessClass
from catalog.moments import UtcDateTime

_CLASS = Enum(AccessClass, native_enum=False, length=32, values_callable=lambda words: list(words))


class Raise(SQLModel, table=True):
    """One raise of a dataset's class above BERBAGI; where it stands is the proceeding of the same id.

    `ground` is T02 to T11 or empty while none was given; `test_*` are of the consequence test (T08),
    `review_on` when it must be looked at again.
    """

    __tablename__ = "hub_class_raise"

    id: str = Field(primary_key=True)
    dataset: str = Field(index=True)
    agency: str = Field(index=True)
    to_class: AccessClass = Field(sa_column=Column(_CLASS, nullable=False))
    fallback: AccessClass = Field(sa_column=Column(_CLASS, nullable=False))
    ground: str = ""
    article: str = ""
    reason: str = ""
    test_number: str = ""
    test_on: date | None = None
    review_on: date | None = None
    opened_at: datetime = Field(sa_type=UtcDateTime)
