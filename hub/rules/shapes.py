"""What goes in and out of rule books and mandates over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hub.agencies.models import Post
from hub.rules import service
from hub.rules.mandates import Carried
from hub.rules.service import Book


class RuleLine(BaseModel):
    """One book in the list; version 0 came with the hub, `proposal` marks what no rule has issued yet."""

    name: str
    version: int
    procedure: bool
    proposal: bool
    source: str | None
    put_at: datetime | None


class RuleVersion(BaseModel):
    version: int
    put_at: datetime | None
    basis: str


class RuleOut(RuleLine):
    """A version of a book with its values; `versions` are all there are, newest first."""

    basis: str
    body: dict[str, Any]
    versions: list[RuleVersion]


class RuleIn(BaseModel):
    """New values and what they rest on."""

    model_config = ConfigDict(extra="forbid")

    body: dict[str, Any]
    basis: Annotated[str, StringConstraints(max_length=500)] = Field(
        examples=["Peraturan Bupati Nomor 1 Tahun 2026 (sintetis)"]
    )


class MandatePost(BaseModel):
    id: str
    agency: str
    title: str


class MandateOut(BaseModel):
    """Who carries a mandate: the posts named, else those who stand in, else nobody."""

    name: str
    title_id: str
    title_en: str
    source: str
    proposal: bool
    named: list[MandatePost]
    standing_in: list[MandatePost]


class Mandates(BaseModel):
    items: list[MandateOut]


class Rules(BaseModel):
    items: list[RuleLine]


def line_of(book: Book) -> RuleLine:
    return RuleLine(
        name=book.name,
        version=book.version,
        procedure=service.is_procedure(book),
        proposal=book.body.get("proposal", False),
        source=book.body.get("source"),
        put_at=book.put_at,
    )


def rule_out(book: Book, versions: list[Book]) -> RuleOut:
    return RuleOut(
        **line_of(book).model_dump(),
        basis=book.basis,
        body=dict(book.body),
        versions=[
            RuleVersion(version=one.version, put_at=one.put_at, basis=one.basis) for one in versions
        ],
    )


def mandate_out(carried: Carried) -> MandateOut:
    title = carried.entry["title"]
    return MandateOut(
        name=carried.name,
        title_id=title["id"],
        title_en=title["en"],
        source=carried.entry["source"],
        proposal=carried.entry["proposal"],
        named=[_post(post) for post in carried.named],
        standing_in=[_post(post) for post in carried.standing_in],
    )


def _post(post: Post) -> MandatePost:
    return MandatePost(id=post.id, agency=post.agency, title=post.title)
