"""The formula of the index: the examples of the domain, and what no agency can gain by."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Dataset
from hub.openness.formula import LETTERS, Case, Result, evaluate, reliability
from hub.openness.holdings import Holding, Holdings, available

MOMENT = datetime(2025, 9, 1, tzinfo=UTC)

BOOK: dict[str, Any] = json.loads(
    (files("hub.rules") / "books" / "indeks-keterbukaan.json").read_text()
)
SHAPE = json.loads((files("hub.rules") / "shapes" / "indeks-keterbukaan.json").read_text())


def some(good: int, of: int, part: str = "") -> list[Case]:
    return [Case("request", f"{part}{n}", float(n < good), "said", part) for n in range(of)]


def measured(part: str, value: float) -> Case:
    return Case("dataset", "dinkes/stunting", value, "said", part)


def test_the_packaged_book_has_its_shape() -> None:
    jsonschema.validate(BOOK, SHAPE, cls=jsonschema.Draft202012Validator)
    assert sum(BOOK["components"][letter]["weight"] for letter in LETTERS) == 100


def test_the_example_of_the_domain_comes_out_exactly() -> None:
    result = evaluate(
        BOOK,
        {
            "A": some(9, 12),
            "B": some(17, 18 + 2),
            "C": some(15, 15 + 2),
            "D": [
                measured("freshness", 0.92),
                measured("completeness", 0.95),
                measured("validity", 0.99),
            ],
            "E": [Case("service", "s", reliability(BOOK, 0.988), "said")],
            "F": some(6, 8),
        },
    )
    values = {c.letter: round(c.value or 0, 2) for c in result.components}
    assert values == {"A": 75, "B": 85, "C": 88.24, "D": 95, "E": 95, "F": 75}
    assert (result.score, result.band) == (85.49, "B")


def test_a_passive_agency_has_30_and_too_few_cases_spread_their_weight() -> None:
    result = evaluate(
        BOOK,
        {
            "A": some(2, 10),
            "B": some(1, 1),
            "C": some(1, 1),
            "D": [
                measured("freshness", 0.125),
                measured("completeness", 0.8),
                measured("validity", 0.7),
            ],
            "E": [Case("source", "s", 0.15, "said")],
        },
    )
    assert (result.score, result.band) == (30.0, "D")
    assert [c.letter for c in result.components if c.value is None] == ["B", "C", "F"]
    assert result.component("A").counted == pytest.approx(25 / 55 * 100)


@pytest.mark.parametrize(
    ("score", "band"),
    [(88.31, "A"), (88.3, "B"), (76.61, "B"), (76.6, "C"), (65, "C"), (64.99, "D")],
)
def test_bands_begin_where_the_book_says(score: float, band: str) -> None:
    result = evaluate(BOOK, {"A": [Case("dataset", "a/b", score / 100, "said")]})
    assert (result.score, result.band) == (pytest.approx(score), band)


def test_nothing_measured_is_no_score_and_no_zero() -> None:
    assert evaluate(BOOK, {}).score is None
    assert evaluate(BOOK, {"B": some(2, 2)}).score is None


VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12)


def _cases(values: list[float | None], parts: tuple[str, ...] = ("",)) -> list[Case]:
    return [
        Case("request", f"PD-{n}", value, "said", parts[n % len(parts)])
        for n, value in enumerate(values)
    ]


@st.composite
def measurements(draw: st.DrawFn) -> dict[str, list[Case]]:
    found = {letter: _cases(draw(VALUES)) for letter in "ABCEF"}
    found["D"] = _cases(draw(VALUES), tuple(BOOK["components"]["D"]["parts"]))
    return found


@given(measurements())
def test_weights_always_sum_to_a_hundred_and_points_to_the_score(
    cases: dict[str, list[Case]],
) -> None:
    result = evaluate(BOOK, cases)
    known = [c for c in result.components if c.value is not None]
    if result.score is None:
        assert not known
        return
    assert sum(c.counted for c in known) == pytest.approx(100)
    assert sum(c.points for c in known) == pytest.approx(result.exact)
    assert 0 <= result.score <= 100
    assert all(c.counted == c.points == 0 for c in result.components if c.value is None)


def _value(result: Result, letter: str) -> float:
    value = result.component(letter).value
    return -1.0 if value is None else value


@given(measurements(), st.integers(1, 5))
def test_a_decision_in_time_never_lowers_b(cases: dict[str, list[Case]], more: int) -> None:
    before = evaluate(BOOK, cases)
    after = evaluate(
        BOOK,
        cases | {"B": cases["B"] + [Case("request", f"new-{n}", 1.0, "said") for n in range(more)]},
    )
    assert _value(after, "B") >= _value(before, "B") - 1e-9


@given(measurements(), st.integers(1, 5))
def test_lawful_refusals_never_change_the_index(cases: dict[str, list[Case]], more: int) -> None:
    refused = [Case("request", f"T04-{n}", None, "said") for n in range(more)]
    assert evaluate(BOOK, cases | {"C": cases["C"] + refused}) == evaluate(BOOK, cases)


@given(measurements(), st.randoms())
def test_the_order_of_cases_changes_nothing(cases: dict[str, list[Case]], random: Any) -> None:
    mixed = {letter: random.sample(them, len(them)) for letter, them in cases.items()}
    assert evaluate(BOOK, mixed).exact == evaluate(BOOK, cases).exact


def holding(number: int, record: str, published: bool, complete: bool) -> Holding:
    said = "ada" if complete else ""
    dataset = Dataset(
        id=f"dinkes/d{number}",
        agency="dinkes",
        slug=f"d{number}",
        title="Data",
        summary=said,
        topic="kesehatan",
        contact_post=said,
        schema_name=f"dinkes/{record}",
        schema_version="1.0.0",
        created_at=MOMENT,
        updated_at=MOMENT,
    )
    return Holding(dataset, [MOMENT] if published else [])


PIECES = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), min_size=1), PIECES
)
def test_splitting_a_dataset_never_raises_a(
    whole: list[tuple[str, bool, bool]], pieces: list[tuple[bool, bool]]
) -> None:
    """The first dataset is cut in pieces of its record, of which none is better than it was."""
    record, published, complete = whole[0]
    cut = [(record, published and p, complete and c) for p, c in pieces]

    def value(datasets: list[tuple[str, bool, bool]]) -> float:
        held = [holding(n, *said) for n, said in enumerate(datasets)]
        found = available(BOOK, Holdings({}, {"dinkes": held}, {}), "dinkes", MOMENT.date())
        return evaluate(BOOK, {"A": found}).component("A").value or 0.0

    assert value([*cut, *whole[1:]]) <= value(whole)
