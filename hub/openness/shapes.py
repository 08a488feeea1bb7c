"""What goes in and out of the index over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Letter = Literal["A", "B", "C", "D", "E", "F"]
MonthText = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScoreLine(BaseModel):
    """One agency in the list: `score` null is "belum cukup data"; `change` since the month before.

    `reciprocity` is given ÷ (given + received) in grants, shown and never scored.
    """

    agency: str
    name: str
    month: str
    version: int
    final: bool
    score: float | None
    band: str | None
    change: float | None
    reciprocity: float | None
    given: int
    received: int
    reads_by_others: int
    trend: list[float | None]


class Scorecards(BaseModel):
    """`months` are those of `trend`, the last one is shown."""

    month: str | None
    months: list[str]
    items: list[ScoreLine]
    next: None = None


class PartOut(BaseModel):
    name: str
    weight: float
    numerator: float
    denominator: int
    share: float


class ComponentOut(BaseModel):
    """`value` null: too few cases, and `counted` (the weight after spreading) is 0."""

    letter: Letter
    title_id: str
    title_en: str
    formula_id: str
    formula_en: str
    weight: float
    counted: float
    value: float | None
    points: float
    cases: int
    min_cases: int
    parts: list[PartOut]


class ActionOut(BaseModel):
    """`what` is decide, mend, publish, describe, renew or enter; `id` null when it may not be told."""

    what: str
    kind: str
    id: str | None
    label: str
    due_at: datetime | None
    points: float


class VersionOut(BaseModel):
    version: int
    made_at: datetime
    why: str
    contest: str | None
    score: float | None
    band: str | None


class ContestLine(BaseModel):
    """What was contested and where it stands; its reason is told to the sides only."""

    id: str
    component: str
    state: str
    look: str
    title_id: str
    title_en: str
    due_at: datetime | None


class ScorecardOut(BaseModel):
    """One agency's index of a month. `actions` are told to the agency and the walidata only."""

    agency: str
    name: str
    month: str
    version: int
    final: bool
    as_of: datetime
    made_at: datetime
    score: float | None
    band: str | None
    change: float | None
    months: list[str]
    trend: list[float | None]
    components: list[ComponentOut]
    given: int
    received: int
    reciprocity: float | None
    reads_by_others: int
    actions: list[ActionOut]
    versions: list[VersionOut]
    contests: list[ContestLine]
    contest_until: datetime | None
    book_version: int
    digest: str
    entry: str


class CaseOut(BaseModel):
    """`id` null where the caller may not know of the dataset; `value` null is listed but left out."""

    kind: str
    id: str | None
    label: str
    value: float | None
    why: str
    why_id: str
    why_en: str
    part: str
    at: str


class ComponentCases(BaseModel):
    agency: str
    month: str
    version: int
    component: ComponentOut
    items: list[CaseOut]


class MeasureIn(Strict):
    month: MonthText | None = None


class Measured(BaseModel):
    """How many agencies got a new version; the others' figures are what they were."""

    month: str
    new_versions: int


class LeadTimeIn(Strict):
    """Working days; null takes the declaration back."""

    days: Annotated[int, Field(strict=True, ge=0)] | None


class LeadTimeOut(BaseModel):
    """Declared beside measured: working days over the last year, the time with the requester apart."""

    dataset: str
    declared: int | None
    declared_at: datetime | None
    answers: int
    median: float | None
    p90: int | None
    in_time: float | None
    with_requester: float | None
    refusals: int
    last_hour_refusals: int
    flagged: bool


class ReportIn(Strict):
    year: Annotated[int, Field(strict=True, ge=2000, le=2100)]


class ReportOut(BaseModel):
    """`version` 0 is not kept yet: the figures of this moment."""

    year: int
    version: int
    as_of: datetime
    made_at: datetime
    digest: str
    entry: str
    body: dict[str, Any]


class ContestIn(Strict):
    """`cases` are ids as the list of the component tells them."""

    month: MonthText
    component: Letter
    cases: Annotated[
        list[Annotated[str, StringConstraints(max_length=200)]], Field(min_length=1, max_length=50)
    ]
    wanted: Literal["counted_good", "left_out"]
    reason: Annotated[str, StringConstraints(min_length=10, max_length=2000, strip_whitespace=True)]
    evidence: Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)] = ""


class ContestMoveOut(BaseModel):
    """What the caller may do now."""

    event: str
    title_id: str
    title_en: str
    needs_reason: bool


class ContestStep(BaseModel):
    at: datetime
    title_id: str
    title_en: str
    post_title: str
    by_clock: bool
    reason: str
    entry: str


class ContestOut(BaseModel):
    id: str
    agency: str
    month: str
    version: int
    component: str
    cases: list[str]
    wanted: str
    reason: str
    evidence: str
    made_at: datetime
    state: str
    look: str
    title_id: str
    title_en: str
    due_at: datetime | None
    upheld_at: datetime | None
    corrected_version: int | None
    possible: list[ContestMoveOut]
    history: list[ContestStep]


class ContestMove(Strict):
    event: Annotated[str, StringConstraints(max_length=40)]
    reason: Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)] = ""
