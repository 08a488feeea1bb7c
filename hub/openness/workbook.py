"""The yearly report as a workbook: the same figures as the page, one sheet a question."""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import xlsxwriter

from hub.openness.models import YearlyReport
from hub.openness.reports import REQUEST_COLUMNS, WAYS, Body

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NUMBER, SHARE = "0.00", "0.0%"

Row = Sequence[Any]
Say = Callable[[str], str]
"""A word of the report in the reader's language."""


def workbook(report: YearlyReport, say: Say) -> bytes:
    """XLSX; every figure is a number, text is never read as a formula."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        for name, header, rows in _sheets(report, say):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, header, head)
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    _write(sheet, number, column, value, say)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, 0, 28)
            sheet.set_column(1, len(header), 16)
            if len(rows):
                sheet.autofilter(0, 0, len(rows), len(header) - 1)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, say: Say) -> None:
    if value is None:
        sheet.write_blank(row, column, None)
    elif isinstance(value, bool):
        sheet.write_string(row, column, say("yes" if value else "no"))
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


Sheet = tuple[str, list[str], list[Row]]


def _sheets(report: YearlyReport, say: Say) -> Iterator[Sheet]:
    body = report.body
    yield say("sheet_summary"), [say("figure"), say("value")], list(_summary(report, say))
    yield say("sheet_index"), *_index(body, say)
    yield say("sheet_outcomes"), *_outcomes(body, say)
    yield say("sheet_clocks"), *_clocks(body, say)
    yield say("sheet_grounds"), *_grounds(body, say)
    yield say("sheet_ladder"), *_ladder(body, say)
    header = [say(name) for name in REQUEST_COLUMNS]
    yield say("sheet_requests"), header, [_request(row, say) for row in body["requests"]]


def _request(row: Sequence[Any], say: Say) -> Row:
    """With its outcome in words."""
    place = REQUEST_COLUMNS.index("outcome")
    return [*row[:place], say(row[place] or "undecided"), *row[place + 1 :]]


def _summary(report: YearlyReport, say: Say) -> Iterator[Row]:
    whole = report.body["whole"]
    yield say("year"), report.year
    yield say("as_of"), report.as_of.isoformat(timespec="minutes")
    yield say("requests"), whole["requests"]
    for way in WAYS:
        yield say(way), whole["outcomes"][way]
    yield say("undecided"), whole["undecided"]
    yield say("median"), whole["clock"]["median"]
    yield say("p90"), whole["clock"]["p90"]
    yield say("share_in_time"), whole["clock"]["in_time"]
    for name in ("overdue", "refusals", "last_hour", "objections", "escalations"):
        yield say(name), whole[name]
    yield say("digest"), report.digest
    yield say("entry"), report.entry


def _named(body: Body) -> list[tuple[str, str, Body]]:
    return [(code, body["names"][code], body["agencies"][code]) for code in body["agencies"]]


def _index(body: Body, say: Say) -> tuple[list[str], list[Row]]:
    months = [f"{body['year']:04}-{number:02}" for number in range(1, 13)]
    rows: list[Row] = []
    for code, scores in body["index"].items():
        values = [(scores.get(month) or [None, None])[0] for month in months]
        band = next((scores[m][1] for m in reversed(months) if m in scores), None)
        rows.append([code, body["names"][code], *values, band])
    return [say("code"), say("agency"), *months, say("band")], rows


def _outcomes(body: Body, say: Say) -> tuple[list[str], list[Row]]:
    header = [say("code"), say("agency"), say("requests"), *map(say, WAYS), say("undecided")]
    return header, [
        [code, name, one["requests"], *(one["outcomes"][way] for way in WAYS), one["undecided"]]
        for code, name, one in _named(body)
    ]


def _clocks(body: Body, say: Say) -> tuple[list[str], list[Row]]:
    told = ("answers", "median", "p90", "share_in_time", "with_requester", "overdue")
    return [say("code"), say("agency"), *map(say, told)], [
        [
            code,
            name,
            one["clock"]["answers"],
            one["clock"]["median"],
            one["clock"]["p90"],
            one["clock"]["in_time"],
            one["with_requester"],
            one["overdue"],
        ]
        for code, name, one in _named(body)
    ]


def _grounds(body: Body, say: Say) -> tuple[list[str], list[Row]]:
    told = ("refusals", "last_hour", "annulled")
    title = say("title_member")
    return [say("ground"), say("title"), *map(say, told)], [
        [one["ground"], one[title], *(one[name] for name in told)] for one in body["grounds"]
    ]


def _ladder(body: Body, say: Say) -> tuple[list[str], list[Row]]:
    told = ("objections", "escalations", "deemed", "refusals", "last_hour")
    return [say("code"), say("agency"), *map(say, told)], [
        [code, name, *(one[what] for what in told)] for code, name, one in _named(body)
    ]
