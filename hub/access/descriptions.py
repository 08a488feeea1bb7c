"""Datasets and releases as they go over the wire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from catalog.free_objects import FreeObject
from catalog.models import AccessClass, Frequency


class How(StrEnum):
    """How the caller comes to the rows of a dataset."""

    OPEN = "open"
    OWN = "own"
    GRANT = "grant"
    PURPOSE = "purpose"
    REQUEST = "request"
    SIGN_IN = "sign-in"
    CLOSED = "closed"


class SchemaRef(BaseModel):
    name: str
    version: str
    url: str


class AgencyRef(BaseModel):
    code: str
    name: str


class AccessOut(BaseModel):
    """The class, whether this caller reads rows now, and how (or what to do to get there)."""

    class_: Annotated[AccessClass, Field(serialization_alias="class")]
    readable: bool
    how: How


class ReleaseSummary(BaseModel):
    number: int
    rows: int
    added: int
    changed: int
    removed: int
    published_at: datetime


class ReleaseOut(ReleaseSummary):
    dataset: str
    sha256: str
    schema_: Annotated[SchemaRef, Field(serialization_alias="schema")]
    batch: str
    note: str
    url: str


class DatasetLine(BaseModel):
    """A dataset in a list; `release` is the latest, null before the first."""

    id: str
    agency: AgencyRef
    slug: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    topic: str
    keywords: list[str]
    schema_: Annotated[SchemaRef, Field(serialization_alias="schema")]
    frequency: Frequency
    data_date: date | None
    priority: bool
    synthetic: bool
    updated_at: datetime
    release: ReleaseSummary | None
    access: AccessOut
    url: str


class AnnouncedOut(BaseModel):
    """A change that is to come, or was made at once for an urgent `reason`."""

    changes: dict[str, Any]
    until: date
    reason: str


class DatasetOut(DatasetLine):
    """All that is said of a dataset (domain.md §2.7).

    `schema_until` is the day after which its major takes no batches; null while nothing follows it.
    """

    announced: list[AnnouncedOut]
    schema_until: date | None

    intake: list[dict[str, Any]]
    severities: dict[str, str]
    class_note: str
    restriction_basis: str
    kip_class: str
    personal_data: str
    update_schedule: str
    coverage_area: str
    coverage_level: str
    reference_codes: list[str]
    licence: str
    contact_post: str
    source_note: str
    created_at: datetime


class FacetOut(BaseModel):
    value: str
    count: int


class SearchOut(BaseModel):
    """One page; facets and total count only what the caller may see, over all pages."""

    items: list[DatasetLine]
    next: str | None
    facets: dict[str, list[FacetOut]]
    total: int


class SchemaName(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    version: str


def _apart(value: Any) -> Any:
    """`system/record/version` in one text is understood too."""
    if isinstance(value, str) and value.count("/") == 2:
        name, _, version = value.rpartition("/")
        return {"name": name, "version": version}
    return value


Text = Annotated[str, Field(max_length=300)]
LongText = Annotated[str, Field(max_length=5000)]
Words = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=100)]
Steps = Annotated[list[FreeObject], Field(max_length=200)]
Severities = Annotated[dict[str, Annotated[str, Field(max_length=20)]], Field(max_length=300)]
Schema = Annotated[SchemaName, BeforeValidator(_apart)]
SCHEMA = Field(validation_alias=AliasChoices("schema", "schema_"))
ACCESS = AliasChoices("access_class", "access")


class DatasetChange(BaseModel):
    """What a PATCH may change; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    title: Text = ""
    title_en: Text = ""
    summary: LongText = ""
    summary_en: LongText = ""
    topic: Text = ""
    keywords: Words = []
    schema_: Annotated[Schema | None, SCHEMA] = None
    intake: Steps = []
    severities: Severities = {}
    access_class: AccessClass = Field(AccessClass.BERBAGI, validation_alias=ACCESS)
    class_note: LongText = ""
    restriction_basis: LongText = ""
    kip_class: Text = ""
    personal_data: Annotated[str, Field(pattern="^(tidak|umum|spesifik)$")] = "tidak"
    priority: bool = False
    frequency: Frequency = Frequency.INCIDENTAL
    data_date: date | None = None
    update_schedule: Text = ""
    coverage_area: Text = ""
    coverage_level: Text = ""
    reference_codes: Words = []
    licence: Text = ""
    contact_post: Text = ""
    source_note: LongText = ""
    synthetic: bool = False

    def said(self) -> dict[str, Any]:
        """The fields that were sent, by the names of `catalog.datasets.Description`."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        schema = sent.pop("schema_", None)
        if schema is not None:
            sent |= {"schema_name": schema.name, "schema_version": schema.version}
        return {name: value for name, value in sent.items() if name not in ("agency", "slug")}


class DatasetAmendment(DatasetChange):
    """With a day the change is announced and not made; what is urgent is made at once, with its reason."""

    notice_until: date | None = None
    urgent: LongText = ""

    def said(self) -> dict[str, Any]:
        apart = ("notice_until", "urgent")
        return {name: value for name, value in super().said().items() if name not in apart}


class DatasetIn(DatasetChange):
    """A new dataset of an agency."""

    agency: Text
    slug: Text
    title: Text
    schema_: Annotated[Schema, SCHEMA]
