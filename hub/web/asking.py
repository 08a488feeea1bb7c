"""What somebody typed into the page of queries, and what became of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator

from catalog.errors import CatalogError, QueryCostly
from hub.access import query
from hub.access.errors import NoGrant
from hub.access.formats import Format
from hub.access.query import Question
from hub.errors import HubError, InvalidInput
from hub.ledger.service import Receipt
from hub.queries import costs, running
from hub.queries.chart import Chart as Wish
from hub.queries.running import Answer, Desk, Wanted
from hub.queries.shapes import CostOut
from hub.web import charts, forms
from hub.web.answer_cells import Heading, cells, headings
from hub.web.charts import Chart, NotDrawable
from hub.web.columns import Cell
from hub.web.page import Page
from hub.web.sql_faults import SqlFault, explained

SHOWN = 200
"""Rows in the table of the page; without a chart no more are asked for."""
CHARTED = 10_000
"""Rows that a chart is drawn from."""
_WISH: TypeAdapter[dict[str, Any]] = TypeAdapter(Wish)


class Typed(BaseModel):
    """The form. `id` names the query for whoever may want to stop it, `stop` the one to be stopped;
    `before` rows were given in earlier parts. `saved` and `version` are of the saved query at hand.
    """

    sql: str = Field("", max_length=100_000)
    id: str = Field("", max_length=40)
    stop: str = Field("", max_length=40)
    confirm: str = Field("", max_length=4)
    cursor: str = Field("", max_length=16_384)
    before: int = Field(0, ge=0, le=2**53)
    format: str = Field("", max_length=10)
    kind: str = Field("", max_length=10)
    x: str = Field("", max_length=128)
    y: list[str] = Field([], max_length=charts.MOST_SERIES)
    series: str = Field("", max_length=128)
    agg: str = Field("none", max_length=10)
    saved: str = Field("", max_length=40)
    version: str = Field("", max_length=20)
    title: str = Field("", max_length=1000)
    description: str = Field("", max_length=10_000)
    shared: str = Field("private", max_length=10)
    key: str = Field("", max_length=255)

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return kind if kind in charts.KINDS else ""

    @property
    def text(self) -> str:
        """The SQL; browsers send the ends of its lines as CR LF."""
        return self.sql.replace("\r\n", "\n")

    @property
    def question(self) -> Question:
        return Question(self.text, {}, self.cursor or None)

    @property
    def chart(self) -> dict[str, Any] | None:
        """The chart that is wished for; None without one, and of one that is not complete."""
        if not (self.kind and self.x and self.y):
            return None
        wish: dict[str, Any] = {"kind": self.kind, "x": self.x, "y": self.y}
        wish |= {"series": self.series} if self.series else {}
        wish |= {"agg": self.agg} if self.agg != "none" else {}
        try:
            return _WISH.validate_python(wish)
        except ValidationError as error:
            raise InvalidInput(
                "Pilihan grafik tidak dikenal; pilih dari daftar.",
                "The choice of chart is not known; choose from the lists.",
                member="chart",
            ) from error

    def with_chart(self, chart: Mapping[str, Any] | None) -> "Typed":
        """The same form with a chart that was saved."""
        if chart is None:
            return self
        told = {"series": chart.get("series", ""), "agg": chart.get("agg", "none")}
        return self.model_copy(
            update={"kind": chart["kind"], "x": chart["x"], "y": chart["y"], **told}
        )


@dataclass(frozen=True)
class Result:
    """An answer for the table: `rows` are the first of `count`, `before` went before them and `left`
    follow. `wish` is the chart that was asked for, `undrawn` why there is none all the same.
    """

    columns: list[Heading]
    rows: list[list[Cell]]
    count: int
    before: int
    left: int
    cut: str | None
    next: str | None
    ms: int
    tables: list[dict[str, Any]]
    receipt: Receipt
    may_store: bool
    wish: Mapping[str, Any] | None = None
    chart: Chart | None = None
    undrawn: str = ""

    @property
    def seen(self) -> int:
        return self.before + self.count

    @property
    def chosen(self) -> dict[str, Any]:
        """What stands in the form of the chart."""
        return {"x": "", "y": [], "series": "", "agg": "none", **(self.wish or {})}

    @property
    def masked(self) -> list[Heading]:
        return [column for column in self.columns if column.mask]


@dataclass(frozen=True)
class Outcome:
    """Of one press of a button, exactly one: a result, a fault, or a cost; `must` confirm it to run."""

    result: Result | None = None
    fault: SqlFault | None = None
    cost: CostOut | None = None
    must: bool = False
    status: int = 200


def run(page: Page, desk: Desk, typed: Typed, name: str) -> Outcome:
    """Answer the query of the form, or tell why not; a costly one is told and not run."""
    try:
        wish = typed.chart
        most = CHARTED if typed.kind else SHOWN
        wanted = Wanted(typed.question, Format.JSON, bool(typed.confirm), most)
        answer = running.ask(desk, page.reader, wanted, name)
        return Outcome(result=_result(page, typed, wish, answer))
    except QueryCostly as error:
        outcome = estimate(page, desk, typed)
        return replace(outcome, must=outcome.cost is not None, status=forms.status_of(error))
    except (HubError, CatalogError) as error:
        return failed(page, error, typed)


def estimate(page: Page, desk: Desk, typed: Typed) -> Outcome:
    """What the query would cost; nothing is run."""
    try:
        return Outcome(cost=costs.estimate(desk, page.reader, typed.question))
    except (HubError, CatalogError) as error:
        return failed(page, error, typed)


def failed(page: Page, error: HubError | CatalogError, typed: Typed) -> Outcome:
    return Outcome(fault=explained(page, error, typed.text), status=forms.status_of(error))


def _result(page: Page, typed: Typed, wish: Mapping[str, Any] | None, answer: Answer) -> Result:
    doors = list(answer.ready.doors.values())
    text = b"".join(answer.body)
    if len(text) < answer.size:  # a leave ended while the answer was read
        raise NoGrant(answer.ready.datasets[0])
    rows: list[list[Any]] = json.loads(text)
    columns = headings(answer.types, doors)
    if typed.kind and wish is None:
        wish = charts.first_choice(typed.kind, answer.types)
    chart, undrawn = _drawn(page, wish, answer.types, rows)
    return Result(
        columns=columns,
        rows=cells(rows[:SHOWN], columns, page.language),
        count=answer.count,
        before=typed.before if typed.cursor else 0,
        left=answer.left,
        cut=answer.cut,
        next=answer.next,
        ms=answer.ms,
        tables=query.tables(answer.ready),
        receipt=answer.receipt,
        may_store=all(door.decision.may_store for door in doors),
        wish=wish,
        chart=chart,
        undrawn=undrawn,
    )


def _drawn(
    page: Page, wish: Mapping[str, Any] | None, types: dict[str, str], rows: list[list[Any]]
) -> tuple[Chart | None, str]:
    if wish is None:
        return None, ""
    try:
        return charts.draw(types, rows, wish, page.language), ""
    except NotDrawable as error:
        return None, error.said
