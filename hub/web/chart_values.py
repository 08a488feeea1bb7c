"""What a chart is drawn from: the values of an answer by series and place, axes, and their words."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor, isfinite, log10
from typing import Any

from babel import dates, numbers

from hub.web import formats
from hub.web.translation import N_, Language, counted, translated

AGGREGATES = {
    "none": N_("apa adanya"),
    "sum": N_("jumlah"),
    "avg": N_("rata-rata"),
    "min": N_("terkecil"),
    "max": N_("terbesar"),
    "count": N_("banyaknya"),
}
MOST_SERIES = 8
Rows = Sequence[Sequence[Any]]


class NotDrawable(Exception):
    """There is nothing to draw; `said` is why, in the reader's language."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True)
class Drawn:
    """Values by series and place: `places` are those of the x axis, in order."""

    names: list[str]
    places: list[Any]
    values: list[dict[Any, list[float]]]
    dropped: int


def first_choice(kind: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """A chart to begin with: the first column across, the first number after it upward."""
    x = next(iter(columns))
    upward = [name for name, type_ in columns.items() if name != x and is_number(type_)]
    return {"kind": kind, "x": x, "y": upward[:1]}


def is_number(type_: str) -> bool:
    """Whether values of the engine's type can be measured."""
    return bool(_WHOLE.fullmatch(type_)) or type_.startswith(("DECIMAL", "DOUBLE", "FLOAT"))


@dataclass(frozen=True)
class Words:
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


def chosen(
    names: Sequence[str], wish: Mapping[str, Any], words: Words
) -> tuple[str, list[str], str | None, str]:
    x, measures, by = wish["x"], list(wish["y"]), wish.get("series")
    if not measures:
        raise NotDrawable(words.say(N_("Pilih kolom tegak yang berisi bilangan.")))
    for column in [x, *measures, *([by] if by else [])]:
        if column not in names:
            text = words.say(N_("Hasil kueri tidak memuat kolom {column}."))
            raise NotDrawable(text.format(column=formats.short(column, 60)))
    return x, measures, by, wish.get("agg") or "none"


def gathered(
    names: list[str],
    rows: Rows,
    wanted: tuple[str, list[str], str | None, str],
    place: Callable[[Any], Any],
    words: Words,
) -> Drawn:
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
    return Drawn(shown, list(places), values, len(found) - len(shown))


def _series_name(value: Any, measure: str, measures: Sequence[str], words: Words) -> str:
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


def reader_of_places(type_: str) -> Callable[[Any], Any]:
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
class Axis:
    """The x axis: `places` in order, a number for each, and how one is written.

    `measured` when the places are numbers themselves.
    """

    places: list[Any]
    numbers: dict[Any, float]
    write: Callable[[Any], str]
    measured: bool

    @classmethod
    def of(cls, type_: str, places: list[Any], *, ordered: bool, language: Language) -> "Axis":
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

    def ticks(self, words: Words) -> list[tuple[float, str]]:
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
