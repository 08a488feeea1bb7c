"""The answer of a query as a drawing: points worked out here, drawn by `grafik.html` as plain SVG.

No library: a chart is a few paths with classes of our stylesheet, which a strict Content Security
Policy lets through and both looks colour.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hub.web import formats
from hub.web.chart_values import (
    AGGREGATES,
    MOST_SERIES,
    Axis,
    Drawn,
    NotDrawable,
    Rows,
    Words,
    chosen,
    first_choice,
    gathered,
    is_number,
    nice_ticks,
    plain_number,
    reader_of_places,
)
from hub.web.translation import N_, Language

__all__ = [
    "AGGREGATES",
    "KINDS",
    "MOST_SERIES",
    "Chart",
    "NotDrawable",
    "draw",
    "first_choice",
    "is_number",
    "nice_ticks",
    "plain_number",
]

KINDS = {
    "bar": N_("Batang"),
    "line": N_("Garis"),
    "area": N_("Bidang"),
    "point": N_("Titik"),
}
MOST_BARS = 30
MOST_POINTS = 2_000
WIDTH, HEIGHT = 480, 250
TOP, RIGHT, BOTTOM = 14, 14, 28
LETTER = 6.6
"""Width of a letter at the size of a chart's text."""
BAR, GAP, LABEL = 11, 3, 16


@dataclass(frozen=True)
class Label:
    """A word beside an axis, at a place along it."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Mark:
    """A point, or the end of a bar; `text` is its value in words."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Series:
    """What is drawn in one colour: `line` and `area` are SVG paths, `width`s those of its bars."""

    name: str
    line: str = ""
    area: str = ""
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class Chart:
    """`sentence` says it in words; `rows` are the drawn values, one row per place on the x axis."""

    kind: str
    width: int
    height: int
    left: float
    zero: float
    series: list[Series]
    across: list[Label]
    upward: list[Label]
    sentence: str
    notes: list[str]
    header: list[str]
    rows: list[list[str]]


def draw(
    columns: Mapping[str, str], rows: Rows, wish: Mapping[str, Any], language: Language
) -> Chart:
    """`columns` are names with the engine's types, `wish` a chart as `hub.queries.chart` has it.

    Raises NotDrawable.
    """
    words = Words(language)
    names = list(columns)
    x, measures, by, agg = chosen(names, wish, words)
    if not rows:
        raise NotDrawable(words.say(N_("Tidak ada baris untuk digambar.")))
    place = reader_of_places(columns[x])
    drawn = gathered(names, rows, (x, measures, by, agg), place, words)
    if not any(points for points in drawn.values):
        raise NotDrawable(
            words.say(N_("Kolom tegak tidak berisi bilangan: {column}.")).format(
                column=", ".join(measures)
            )
        )
    axis = Axis.of(columns[x], drawn.places, ordered=wish["kind"] != "bar", language=language)
    notes = []
    if drawn.dropped:
        notes.append(words.counted(N_("{n} deret lain tidak digambar."), drawn.dropped))
    paint = _bars if wish["kind"] == "bar" else _plot
    named = words.measure(measures, agg)
    return paint(str(wish["kind"]), drawn, axis, words, (x, named, notes))


Told = tuple[str, str, list[str]]
"""Name of the x column, words for what is measured, notes."""


def _bars(kind: str, drawn: Drawn, axis: Axis, words: Words, told: Told) -> Chart:
    x, measure, notes = told
    places = axis.places[:MOST_BARS]
    if len(axis.places) > MOST_BARS:
        notes = [
            *notes,
            words.counted(N_("Hanya {n} batang pertama yang digambar."), MOST_BARS),
        ]
    if any(len(them) > 1 for values in drawn.values for them in values.values()):
        text = words.say(N_("Baris dengan {x} yang sama dijumlahkan menjadi satu batang."))
        notes = [*notes, text.format(x=x)]
    ends = [sum(values.get(place, [])) for values in drawn.values for place in places]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = WIDTH - 74
    span = (high - low) or 1
    zero = 2 + room * -low / span
    height_of_one = LABEL + len(drawn.names) * (BAR + GAP) + 6
    series = []
    for row, (name, values) in enumerate(zip(drawn.names, drawn.values, strict=True)):
        marks = []
        for number, place in enumerate(places):
            if place in values:
                end = sum(values[place])
                top = number * height_of_one + LABEL + row * (BAR + GAP)
                marks.append(Mark(2 + room * (end - low) / span, top, words.short(end)))
        series.append(Series(name, marks=marks))
    labels = [
        Label(number * height_of_one + 12, formats.short(axis.write(place), 64), "start")
        for number, place in enumerate(places)
    ]
    return Chart(
        kind=kind,
        width=WIDTH,
        height=len(places) * height_of_one,
        left=2,
        zero=zero,
        series=series,
        across=[],
        upward=labels,
        sentence=_sentence(kind, drawn, axis, words, x, measure),
        notes=notes,
        **_table(drawn, axis, words, x, measure),
    )


def _plot(kind: str, drawn: Drawn, axis: Axis, words: Words, told: Told) -> Chart:
    x, measure, notes = told
    every = [value for values in drawn.values for them in values.values() for value in them]
    if len(every) > MOST_POINTS:
        raise NotDrawable(
            words.counted(
                N_("Grafik ini memuat lebih dari {n} titik; ringkas dahulu."), MOST_POINTS
            )
        )
    ticks = nice_ticks(min(every), max(every), from_zero=kind != "point")
    low, high = ticks[0], ticks[-1]
    left = 8 + LETTER * max(len(words.short(tick)) for tick in ticks)
    places = [axis.numbers[place] for place in axis.places]
    first, last = min(places), max(places)

    def across(number: float) -> float:
        share = 0.5 if last == first else (number - first) / (last - first)
        return round(left + 6 + share * (WIDTH - RIGHT - left - 12), 1)

    def upward(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    series = []
    for name, values in zip(drawn.names, drawn.values, strict=True):
        points = [
            (
                across(axis.numbers[place]),
                upward(value),
                f"{axis.write(place)}: {words.number(value)}",
            )
            for place in axis.places
            for value in values.get(place, [])
        ]
        line = "M" + "L".join(f"{px} {py}" for px, py, _ in points) if kind != "point" else ""
        base = upward(max(low, min(0, high)))
        area = f"{line}V{base}H{points[0][0]}Z" if kind == "area" else ""
        marks = [Mark(px, py, text) for px, py, text in points]
        alone = len(marks) == 1 or kind == "point" or len(every) <= 40
        series.append(Series(name, line, area, marks if alone else []))
    return Chart(
        kind=kind,
        width=WIDTH,
        height=HEIGHT,
        left=left,
        zero=HEIGHT - BOTTOM,
        series=series,
        across=_spread([(across(number), text) for number, text in axis.ticks(words)]),
        upward=[Label(upward(tick), words.short(tick), "end") for tick in ticks],
        sentence=_sentence(kind, drawn, axis, words, x, measure),
        notes=notes,
        **_table(drawn, axis, words, x, measure),
    )


def _spread(places: list[tuple[float, str]]) -> list[Label]:
    """As many words below the axis as do not touch one another."""
    labels: list[Label] = []
    free = 0.0
    for at, text in places:
        shown = formats.short(text, 16)
        half = len(shown) * LETTER / 2
        if at - half >= free:
            edge = at + half > WIDTH
            labels.append(Label(WIDTH if edge else at, shown, "end" if edge else "middle"))
            free = (WIDTH if edge else at + half) + 10
    return [
        label
        for label, following in [*pairwise(labels), *([(labels[-1], None)] if labels else [])]
        if following is None or following.anchor != "end" or _ends(label) < _begins(following)
    ]


def _ends(label: Label) -> float:
    return label.at + len(label.text) * LETTER / 2


def _begins(label: Label) -> float:
    return label.at - len(label.text) * LETTER


def _sentence(kind: str, drawn: Drawn, axis: Axis, words: Words, x: str, measure: str) -> str:
    """The chart for whoever does not see it."""
    points = [
        (value, place)
        for values in drawn.values
        for place, them in values.items()
        for value in them
    ]
    lowest, highest = min(points, key=lambda p: p[0]), max(points, key=lambda p: p[0])
    said = {
        "kind": words.say(KINDS[kind]),
        "measure": measure,
        "x": x,
        "low": words.number(lowest[0]),
        "low_at": formats.short(axis.write(lowest[1]), 40),
        "high": words.number(highest[0]),
        "high_at": formats.short(axis.write(highest[1]), 40),
        "series": ", ".join(formats.short(name, 40) for name in drawn.names[:3]),
    }
    if len(drawn.names) > 3:
        said["series"] += " …"
    if len(drawn.names) > 1:
        text = N_(
            "{kind}: {measure} menurut {x}, deret {series}; terendah {low} pada {low_at}, tertinggi {high} pada {high_at}."
        )
    else:
        text = N_(
            "{kind}: {measure} menurut {x}; terendah {low} pada {low_at}, tertinggi {high} pada {high_at}."
        )
    return words.say(text).format(**said)


def _table(drawn: Drawn, axis: Axis, words: Words, x: str, measure: str) -> dict[str, Any]:
    """The drawn values as a table."""
    header = [x, *(drawn.names if len(drawn.names) > 1 else [measure])]
    rows = [
        [
            axis.write(place),
            *(
                "; ".join(words.number(value) for value in values.get(place, [])) or "–"
                for values in drawn.values
            ),
        ]
        for place in axis.places[:200]
    ]
    return {"header": header, "rows": rows}
