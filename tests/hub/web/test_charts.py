"""What a chart draws of an answer: places, measures, words; and what it refuses to draw."""

from itertools import pairwise
from typing import Any

import pytest

from hub.web import charts
from hub.web.charts import LETTER, Chart, NotDrawable, draw, nice_ticks, plain_number

MONTHS = {"bulan": "DATE", "jenis": "VARCHAR", "nilai": "BIGINT", "hps": "DOUBLE"}
ROWS: list[list[Any]] = [
    ["2025-03-01", "Barang", 30, 1.5],
    ["2025-01-01", "Jasa", 10, 0.5],
    ["2025-01-01", "Barang", 20, None],
    ["2025-02-01", "Barang", None, 2.5],
    [None, "Jasa", 99, 9.0],
]


def drawn(kind: str, rows: list[list[Any]] = ROWS, columns: Any = MONTHS, **wish: Any) -> Chart:
    return draw(columns, rows, {"kind": kind, "x": "bulan", "y": ["nilai"], **wish}, "id")


def test_moments_stand_in_their_order_and_without_a_place_there_is_no_point() -> None:
    chart = drawn("line", agg="sum")
    assert chart.rows == [["Jan 2025", "30"], ["Mar 2025", "30"]]
    (series,) = chart.series
    xs = [mark.x for mark in series.marks]
    assert xs == sorted(xs)
    assert series.line.startswith(f"M{xs[0]} ")
    assert [label.text for label in chart.across] == ["Jan 2025", "Mar 2025"]


def test_a_series_is_a_value_of_its_column_or_a_measure() -> None:
    by = drawn("point", series="jenis")
    assert [series.name for series in by.series] == ["Barang", "Jasa"]
    assert [len(series.marks) for series in by.series] == [2, 1]
    assert by.header == ["bulan", "Barang", "Jasa"]
    two = drawn("line", y=["nilai", "hps"], agg="max")
    assert [series.name for series in two.series] == ["nilai", "hps"]
    assert two.rows == [
        ["Jan 2025", "20", "0,5"],
        ["Feb 2025", "–", "2,5"],
        ["Mar 2025", "30", "1,5"],
    ]


@pytest.mark.parametrize(
    ("agg", "told"),
    [
        ("sum", "30"),
        ("avg", "15"),
        ("min", "10"),
        ("max", "20"),
        ("count", "2"),
        ("none", "10; 20"),
    ],
)
def test_values_of_one_place_are_summarised_as_wished(agg: str, told: str) -> None:
    assert drawn("line", agg=agg).rows[0][1] == told


def test_the_sentence_says_what_is_to_be_seen_in_the_readers_language() -> None:
    wish = {"kind": "bar", "x": "bulan", "y": ["nilai"], "agg": "avg"}
    assert draw(MONTHS, ROWS, wish, "id").sentence == (
        "Batang: rata-rata nilai menurut bulan; terendah 15 pada Jan 2025, tertinggi 30 pada Mar 2025."
    )
    assert draw(MONTHS, ROWS, wish, "en").sentence == (
        "Bars: average of nilai by bulan; lowest 15 at Jan 2025, highest 30 at Mar 2025."
    )


def test_bars_begin_at_nought_on_either_side() -> None:
    rows = [["A", -50], ["B", 100]]
    wish = {"kind": "bar", "x": "k", "y": ["n"]}
    chart = draw({"k": "VARCHAR", "n": "BIGINT"}, rows, wish, "id")
    below, above = chart.series[0].marks
    assert below.x < chart.zero < above.x
    assert (chart.zero - below.x) * 2 == pytest.approx(above.x - chart.zero)
    doubled = draw({"k": "VARCHAR", "n": "BIGINT"}, [["A", 1], ["A", 2]], wish, "id")
    assert doubled.series[0].marks[0].text == "3"
    assert doubled.notes == ["Baris dengan k yang sama dijumlahkan menjadi satu batang."]


def test_what_is_too_much_to_see_is_left_out_and_told() -> None:
    columns = {"k": "VARCHAR", "n": "BIGINT"}
    many = [[f"kode {n}", n] for n in range(45)]
    bars = draw(columns, many, {"kind": "bar", "x": "k", "y": ["n"]}, "id")
    assert len(bars.series[0].marks) == 30
    assert bars.notes == ["Hanya 30 batang pertama yang digambar."]
    lines = draw(columns, many, {"kind": "line", "x": "n", "y": ["n"], "series": "k"}, "en")
    assert len(lines.series) == charts.MOST_SERIES
    assert lines.notes == ["37 other series are not drawn."]
    points = [[str(n), n] for n in range(charts.MOST_POINTS + 1)]
    with pytest.raises(NotDrawable, match="lebih dari 2000 titik"):
        draw(columns, points, {"kind": "point", "x": "n", "y": ["n"]}, "id")


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"x": "tiada"}, "tidak memuat kolom tiada"),
        ({"y": ["tiada"]}, "tidak memuat kolom tiada"),
        ({"series": "tiada"}, "tidak memuat kolom tiada"),
        ({"y": ["jenis"]}, "tidak berisi bilangan: jenis"),
        ({"y": []}, "Pilih kolom tegak"),
    ],
)
def test_what_cannot_be_drawn_is_told(wish: dict[str, Any], said: str) -> None:
    with pytest.raises(NotDrawable, match=said):
        drawn("line", **wish)


def test_nothing_is_drawn_of_nothing() -> None:
    with pytest.raises(NotDrawable, match="Tidak ada baris"):
        drawn("bar", rows=[])


@pytest.mark.parametrize("count", [1, 2, 9, 60, 400])
@pytest.mark.parametrize("type_", ["DATE", "BIGINT", "VARCHAR"])
def test_words_below_the_axis_never_touch(count: int, type_: str) -> None:
    place = {
        "DATE": lambda n: f"20{n % 90 + 10}-0{n % 9 + 1}-11",
        "BIGINT": lambda n: n * 12345,
        "VARCHAR": lambda n: f"Dinas nomor {n}",
    }[type_]
    rows = [[place(n), n] for n in range(count)]
    chart = draw({"x": type_, "n": "BIGINT"}, rows, {"kind": "line", "x": "x", "y": ["n"]}, "id")
    assert chart.across
    spans = []
    for label in chart.across:
        width = len(label.text) * LETTER
        start = label.at - (width if label.anchor == "end" else width / 2)
        spans.append((start, start + width))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert spans[-1][1] <= chart.width


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (3, 3, [0, 1, 2, 3]),
        (0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-7, 12, [-10, -5, 0, 5, 10, 15]),
        (0, 9.1e11, [0, 2e11, 4e11, 6e11, 8e11, 1e12]),
    ],
)
def test_ticks_are_round_and_hold_every_value(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high, from_zero=True) == ticks


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (2025, "2025"),
        (10_000, "10.000"),
        (-1234567, "-1.234.567"),
        (0.5, "0,5"),
        (1234.5, "1234,5"),
        (98765.4321, "98.765,4321"),
        (3.0, "3"),
        (0.0000123, "1,23e-05"),
    ],
)
def test_numbers_are_grouped_from_ten_thousand_on(value: float, told: str) -> None:
    assert plain_number(value, "id") == told
