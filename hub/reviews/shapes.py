"""Reviews and holders as they go over the wire."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from catalog.models import AccessClass

Text = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(max_length=200)]
Event = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReasonIn(Strict):
    """Why the field is collected though others hold it, and the legal ground of the task."""

    reason: Text
    ground: Text


class ReviewIn(Strict):
    """`version` of the dataset's schema when it is to move there; its own when absent."""

    dataset: Name
    version: Annotated[str | None, StringConstraints(pattern=r"^[0-9.]{1,32}$")] = None
    reasons: dict[str, ReasonIn] = Field(default_factory=dict, max_length=1000)


class ReviewMoveIn(Strict):
    """`reviewers` says as whom an opinion is given; without it, as everyone the caller stands for."""

    event: Event
    reason: Text = ""
    reviewers: list[Event] = Field(default_factory=list, max_length=4)


class HolderOut(BaseModel):
    """`match` is istilah (needs a reason), nama_dan_bentuk, konsep or pengenal (hints).

    `ask` is where access is asked for, `page` the dataset's page.
    """

    match: str
    binding: bool
    dataset: str
    title: str
    title_en: str
    agency: str
    agency_name: str
    access_class: AccessClass
    field: str
    field_title: str
    data_date: date | None
    released_at: datetime
    ask: str
    page: str


class VariableOut(BaseModel):
    """A column that is published; `term` is empty when it carries none."""

    term: str
    holder: HolderOut


class ReviewedFieldOut(BaseModel):
    """`reason` and `ground` are empty while nobody gave one; `excluded` fields may not be collected."""

    name: str
    title: str
    title_en: str
    term: str
    term_title: str
    term_title_en: str
    personal: str
    reason: str
    ground: str
    excluded: bool
    holders: list[HolderOut]


class OpinionOut(BaseModel):
    reviewer: str
    round: int
    choice: str
    reason: str
    post_title: str
    at: datetime


class StepOut(BaseModel):
    number: int
    at: datetime
    event: str
    from_state: str
    to_state: str
    by_clock: bool
    post_title: str
    reason: str
    entry: str


class ReviewLineOut(BaseModel):
    id: str
    dataset: str
    agency: str
    schema_name: str
    schema_version: str
    state: str
    state_title: str
    state_title_en: str
    round: int
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str


class ReviewOut(ReviewLineOut):
    """`reviewers` are those asked, `duties` as whom the caller may give an opinion now.

    `silent` are reviewers who did not speak; `possible` the caller's other moves.
    """

    reviewers: list[str]
    duties: list[str]
    silent: list[str]
    possible: list[str]
    excluded: list[str]
    fields: list[ReviewedFieldOut]
    opinions: list[OpinionOut]
    history: list[StepOut]


class SentIn(BaseModel):
    """`review` is null where the regency asks for no review: the reasons are on record all the same."""

    review: ReviewOut | None
    reasons: list[str]
