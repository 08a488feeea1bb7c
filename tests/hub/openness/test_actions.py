"""What is worth most points: the formula with one thing done, less the formula without it."""

import json
from importlib.resources import files
from typing import Any

import pytest

from hub.openness.actions import best
from hub.openness.courses import Course
from hub.openness.formula import Case, evaluate
from tests.hub.openness.conftest import at

BOOK: dict[str, Any] = json.loads(
    (files("hub.rules") / "books" / "indeks-keterbukaan.json").read_text()
)
NOW = at("2025-08-06 10:00")


def waiting(number: int, due: str, state: str = "menunggu_produsen") -> Course:
    return Course(
        f"PD-2025-{number:06}", "dinkes", "bappeda", "dinkes/stunting", state, NOW, at(due), ()
    )


def cases() -> dict[str, list[Case]]:
    decided = [Case("request", f"PD-2025-9{n:05}", float(n < 8), "in_time") for n in range(10)]
    return {
        "A": [
            Case("dataset", "dinkes/stunting", 1.0, "published"),
            Case("dataset", "dinkes/faskes", 0.0, "unpublished"),
        ],
        "B": decided,
        "C": decided,
        "D": [
            Case("dataset", "dinkes/stunting", 2 / 3, "stale", "freshness"),
            Case("dataset", "dinkes/stunting", 0.5, "judged", "validity"),
        ],
    }


def test_each_worth_is_the_difference_of_two_scores() -> None:
    before = cases()
    found = {
        (one.what, one.id): one.points for one in best({**BOOK, "actions": 10}, before, [], now=NOW)
    }
    published = {**before, "A": [before["A"][0], Case("dataset", "dinkes/faskes", 1.0, "x")]}
    gain = (evaluate(BOOK, published).exact or 0) - (evaluate(BOOK, before).exact or 0)
    assert found["publish", "dinkes/faskes"] == pytest.approx(gain)
    assert set(found) == {
        ("publish", "dinkes/faskes"),
        ("renew", "dinkes/stunting"),
        ("mend", "dinkes/stunting"),
    }


def test_a_waiting_request_is_worth_what_silence_would_cost() -> None:
    before = cases()
    one = best(BOOK, {"B": before["B"]}, [waiting(1, "2025-08-12 16:00")], now=NOW)[0]
    good = evaluate(BOOK, {"B": [*before["B"], Case("request", "n", 1.0, "x")]}).exact or 0
    bad = evaluate(BOOK, {"B": [*before["B"], Case("request", "n", 0.0, "x")]}).exact or 0
    assert (one.what, one.id, one.due_at) == ("decide", "PD-2025-000001", at("2025-08-12 16:00"))
    assert one.points == pytest.approx(good - bad)


def test_three_are_told_and_most_points_come_first() -> None:
    requests = [waiting(n, "2025-08-12 16:00") for n in range(1, 6)]
    found = best(BOOK, cases(), requests, now=NOW)
    assert len(found) == BOOK["actions"] == 3
    assert [one.points for one in found] == sorted((one.points for one in found), reverse=True)


def test_an_agency_that_lacks_nothing_is_told_nothing() -> None:
    assert best(BOOK, {"A": [Case("dataset", "a/b", 1.0, "published")]}, [], now=NOW) == []
