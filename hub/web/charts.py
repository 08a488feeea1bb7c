"""The answer of a query as a drawing: points worked out here, drawn by `grafik.html` as plain SVG.

No library: a chart is a few paths with classes of our stylesheet, which a strict Content Security
Policy lets through and both looks colour.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import Any

from babel import dates, numbers

from hub.web import formats
from hub.web.translation import N_, Language, counted, translated

KINDS = {
    "bar": N_("Batang"),
    "line": N_("Garis"),
    "area": N_("Bidang"),
    "point": N_("Titik"),
}
AGGREGATES = {
    "none": N_("apa adanya"),
    "sum": N_("jumlah"),
    "avg": N_("rata-rata"),
    "min": N_("terkecil"),
    "max": N_("terbesar"),
    "count": N_("banyaknya"),
}
MOST_SERIES = 8
MOST_BARS = 30
MOST_POINTS = 2_000
WIDTH, HEIGHT = 480, 250
TOP, RIGHT, BOTTOM = 14, 14, 28
LETTER = 6.6
"""Width of a letter at the size of a chart's text."""
BAR, GAP, LABEL = 11, 3, 16

Value = int | float | None
Rows = Sequence[Sequence[Any]]


class NotDrawable(Exception):
    """There is nothing to draw; `said` is why, in the reader's language."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


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


@dataclass(frozen=True)
class _Drawn:
    """Values by series and place: `places` are those of the x axis, in order."""

    names: list[str]
    places: list[Any]
    values: list[dict[Any, list[float]]]
    dropped: int


def draw(
    columns: Mapping[str, str], rows: Rows, wish: Mapping[str, Any], language: Language
) -> Chart:
    """`columns` are names with the engine's types, `wish` a chart as `hub.queries.chart` has it.

    Raises NotDrawable.
    """
    words = _Words(language)
    names = list(columns)
    x, measures, by, agg = _chosen(names, wish, words)
    if not rows:
        raise NotDrawable(words.say(N_("Tidak ada baris untuk digambar.")))
    place = _reader_of_places(columns[x])
    drawn = _gathered(names, rows, (x, measures, by, agg), place, words)
    if not any(points for points in drawn.values):
        raise NotDrawable(
            words.say(N_("Kolom tegak tidak berisi bilangan: {column}.")).format(
                column=", ".join(measures)
            )
        )
    axis = _Axis.of(columns[x], drawn.places, ordered=wish["kind"] != "bar", language=language)
    notes = []
    if drawn.dropped:
        notes.append(words.counted(N_("{n} deret lain tidak digambar."), drawn.dropped))
    paint = _bars if wish["kind"] == "bar" else _plot
    named = words.measure(measures, agg)
    return paint(str(wish["kind"]), drawn, axis, words, (x, named, notes))


def first_choice(kind: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """A chart to begin with: the first column across, the first number after it upward."""
    x = next(iter(columns))
    upward = [name for name, type_ in columns.items() if name != x and is_number(type_)]
    return {"kind": kind, "x": x, "y": upward[:1]}


def is_number(type_: str) -> bool:
    """Whether values of the engine's type can be measured."""
    return bool(_WHOLE.fullmatch(type_)) or type_.startswith(("DECIMAL", "DOUBLE", "FLOAT"))


@dataclass(frozen=True)
class _Words:
    language: Language

    def say(self, text: str) -> str:
        return translated(text, self.language)

    def counted(self, text: str, amount: int) -> str:
        return counted(text, amount, self.number(amount), self.language)

    def number(self, value: float) -> str:
        return plain_number(value, self.language)

    def short(self, value: float) -> str:
        """1,2 jt: for an axis."""
        if abs(value) < 10_000:
            return plain_number(value, self.language)
        shown: str = numbers.format_compact_decimal(
            value, format_type="short", locale=self.language, fraction_digits=1
        )
        return shown.replace("\xa0", " ")

    def measure(self, measures: Sequence[str], agg: str) -> str:
        listed = ", ".join(measures)
        if agg == "none":
            return listed
        return f"{self.say(AGGREGATES[agg])} {listed}"


def plain_number(value: float, language: Language) -> str:
    """All digits that matter, in groups of three from 10 000 on: a year is no 2.025."""
    if isinstance(value, int):
        text = f"{value:,}" if abs(value) >= 10_000 else str(value)
    elif value and abs(value) < 1e-4:
        text = f"{value:.3g}"
    else:
        text = f"{value:,.4f}" if abs(value) >= 10_000 else f"{value:.4f}"
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if language == "id" else text


def _chosen(
    names: Sequence[str], wish: Mapping[str, Any], words: _Words
) -> tuple[str, list[str], str | None, str]:
    x, measures, by = wish["x"], list(wish["y"]), wish.get("series")
    if not measures:
        raise NotDrawable(words.say(N_("Pilih kolom tegak yang berisi bilangan.")))
    for column in [x, *measures, *([by] if by else [])]:
        if column not in names:
            text = words.say(N_("Hasil kueri tidak memuat kolom {column}."))
            raise NotDrawable(text.format(column=formats.short(column, 60)))
    return x, measures, by, wish.get("agg") or "none"


def _gathered(
    names: list[str],
    rows: Rows,
    wanted: tuple[str, list[str], str | None, str],
    place: Callable[[Any], Any],
    words: _Words,
) -> _Drawn:
    x, measures, by, agg = wanted
    at = names.index(x)
    found: dict[str, dict[Any, list[float]]] = {}
    places: dict[Any, None] = {}
    for row in rows:
        here = place(row[at])
        if here is None:
            continue
        for measure in measures:
            value = row[names.index(measure)]
            amount = _amount(value, agg)
            if amount is None:
                continue
            name = _series_name(row[names.index(by)], measure, measures, words) if by else measure
            places[here] = None
            found.setdefault(name, defaultdict(list))[here].append(amount)
    shown = list(found)[:MOST_SERIES]
    values = [{here: _folded(them, agg) for here, them in found[name].items()} for name in shown]
    return _Drawn(shown, list(places), values, len(found) - len(shown))


def _series_name(value: Any, measure: str, measures: Sequence[str], words: _Words) -> str:
    name = words.say(N_("kosong")) if value is None else str(value)
    return f"{name}, {measure}" if len(measures) > 1 else name


def _amount(value: Any, agg: str) -> float | None:
    """A number that can be drawn; of counts every value is one."""
    if agg == "count":
        return None if value is None else 1
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isfinite(value) else None


def _folded(values: list[float], agg: str) -> list[float]:
    match agg:
        case "sum" | "count":
            return [sum(values)]
        case "avg":
            return [sum(values) / len(values)]
        case "min":
            return [min(values)]
        case "max":
            return [max(values)]
        case _:
            return values


_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


def _is_moment(type_: str) -> bool:
    return type_.startswith(("DATE", "TIMESTAMP"))


def _reader_of_places(type_: str) -> Callable[[Any], Any]:
    if _is_moment(type_):
        return _moment
    return lambda value: value if isinstance(value, int | float | str) else _written(value)


def _written(value: Any) -> str | None:
    return None if value is None else str(value)


def _moment(text: Any) -> datetime | None:
    """Of a date or moment as JSON writes it; those before year 1 have no place."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@dataclass(frozen=True)
class _Axis:
    """The x axis: `places` in order, a number for each, and how one is written.

    `measured` when the places are numbers themselves.
    """

    places: list[Any]
    numbers: dict[Any, float]
    write: Callable[[Any], str]
    measured: bool

    @classmethod
    def of(cls, type_: str, places: list[Any], *, ordered: bool, language: Language) -> "_Axis":
        if _is_moment(type_):
            ordered_places = sorted(places) if ordered else places
            write = _date_writer(places, language)
            return cls(ordered_places, {p: p.timestamp() for p in places}, write, measured=False)
        if is_number(type_):
            ordered_places = sorted(places) if ordered else places
            return cls(
                ordered_places,
                {p: float(p) for p in places},
                lambda value: plain_number(value, language),
                measured=True,
            )
        return cls(places, {p: float(n) for n, p in enumerate(places)}, str, measured=False)

    def ticks(self, words: _Words) -> list[tuple[float, str]]:
        """Places with their words; round numbers between many numbers."""
        if not self.measured or len(self.places) <= 12:
            return [(self.numbers[place], self.write(place)) for place in self.places]
        low, high = min(self.numbers.values()), max(self.numbers.values())
        ticks = nice_ticks(low, high, from_zero=False)
        return [(tick, words.short(tick)) for tick in ticks if low <= tick <= high]


def _date_writer(places: Sequence[datetime], language: Language) -> Callable[[Any], str]:
    """As short as the places stay apart."""
    if all((place.month, place.day, place.hour) == (1, 1, 0) for place in places):
        form = "y"
    elif all((place.day, place.hour, place.minute) == (1, 0, 0) for place in places):
        form = "MMM y"
    elif all((place.hour, place.minute, place.second) == (0, 0, 0) for place in places):
        form = "d MMM y"
    else:
        form = "d MMM HH.mm" if language == "id" else "d MMM HH:mm"
    return lambda place: str(dates.format_datetime(place, form, locale=language))


Told = tuple[str, str, list[str]]
"""Name of the x column, words for what is measured, notes."""


def _bars(kind: str, drawn: _Drawn, axis: _Axis, words: _Words, told: Told) -> Chart:
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


def _plot(kind: str, drawn: _Drawn, axis: _Axis, words: _Words, told: Told) -> Chart:
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


def nice_ticks(low: float, high: float, *, from_zero: bool) -> list[float]:
    """Four to seven round numbers from below `low` to above `high`."""
    if from_zero:
        low, high = min(low, 0), max(high, 0)
    if low == high:
        low, high = (low - 1, high + 1) if low else (0, 1)
    rough = (high - low) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * part for part in (1, 2, 5, 10) if power * part >= rough)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = [round(number * step, 10) for number in range(first, last + 1)]
    return [int(tick) if tick == int(tick) else tick for tick in ticks]


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


def _sentence(kind: str, drawn: _Drawn, axis: _Axis, words: _Words, x: str, measure: str) -> str:
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


def _table(drawn: _Drawn, axis: _Axis, words: _Words, x: str, measure: str) -> dict[str, Any]:
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
