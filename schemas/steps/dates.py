"""Dates in the forms that agencies write them, brought to the two forms that JSON Schema knows."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_ID_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
_ID_WORDS = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})", re.ASCII)
_CLOCK = re.compile(
    r"(.+?),? +(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?", re.ASCII
)
_EN_WORDS = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
_SERIAL = re.compile(r"\d{1,6}(\.\d+)?", re.ASCII)
_INDONESIAN = (
    "januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus",
    "september", "oktober", "november", "desember",
)  # fmt: skip
_ENGLISH = (
    "january", "february", "march", "april", "may", "june", "july", "august",
    "september", "october", "november", "december",
)  # fmt: skip
_EPOCH_OF_EXCEL = datetime(1899, 12, 30, tzinfo=UTC).replace(tzinfo=None)


def date_writer(forms: Sequence[str], to: str, zone: str | None) -> Callable[[str], str]:
    """A function from text to `to` (date or date-time); text that fits no form comes back as it was.

    Forms are tried in order and the first that fits wins. `zone` is the offset of times that
    state none; without it they cannot become a date-time.
    """
    readers = [_reader(form) for form in forms]
    offset = zone_of(zone)

    def write(text: str) -> str:
        for read in readers:
            moment = read(text)
            written = moment and written_as(moment, to, offset)
            if written:
                return written
        return text

    return write


def written_as(moment: date | datetime, to: str, zone: tzinfo | None) -> str | None:
    """A moment as an RFC 3339 date or date-time; None if it states no offset and `zone` is None, or if its day in
    that zone is outside the years 1 to 9999."""
    if to == "date":
        if isinstance(moment, datetime):
            try:
                moment = moment.astimezone(zone) if moment.tzinfo and zone else moment
            except OverflowError:
                return None
            return moment.date().isoformat()
        return moment.isoformat()
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=zone)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if moment.tzinfo is None:
        return None
    return moment.isoformat().replace("+00:00", "Z")


def zone_of(zone: str | None) -> tzinfo | None:
    """`+07:00` as a time zone."""
    if zone is None:
        return None
    sign = -1 if zone[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])))


def _reader(form: str) -> Callable[[str], date | datetime | None]:
    named: dict[str, Callable[[str], date | datetime | None]] = {
        "iso-date": lambda text: _iso(text) if _ISO_DATE.fullmatch(text) else None,
        "iso-datetime": lambda text: _iso(text) if _ISO_DATETIME.fullmatch(text) else None,
        "id-date": _indonesian,
        "id-datetime": lambda text: _with_clock(text, _indonesian, halves=False),
        "en-date": _american,
        "en-datetime": lambda text: _with_clock(text, _american, halves=True),
        "excel-serial": _serial,
    }
    return named.get(form) or (lambda text: _strptime(text, form))


def _iso(text: str) -> date | datetime | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def _strptime(text: str, form: str) -> datetime | None:
    if not text.isascii():
        return None
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the offset is the step's `zone`
    except ValueError:
        return None


def _indonesian(text: str) -> date | None:
    if match := _ID_NUMERIC.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif (match := _ID_WORDS.fullmatch(text)) and _month(match[2]):
        day, month, year = int(match[1]), _month(match[2]), int(match[3])
    else:
        return None
    return _date(year, month, day)


def _american(text: str) -> date | None:
    """Month first, in numbers or in English words."""
    if match := _ID_NUMERIC.fullmatch(text):
        month, day, year = (int(part) for part in match.groups())
    elif (match := _EN_WORDS.fullmatch(text)) and _month(match[1], _ENGLISH):
        month, day, year = _month(match[1], _ENGLISH), int(match[2]), int(match[3])
    else:
        return None
    return _date(year, month, day)


def _with_clock(
    text: str, day_of: Callable[[str], date | None], *, halves: bool
) -> datetime | None:
    """A date with a time of day; `halves` says that 8:30 PM may be written."""
    match = _CLOCK.fullmatch(text)
    day = match and day_of(match[1])
    if not match or not day:
        return None
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    half = (match[5] or "").lower()
    if half:
        if not halves or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(word: str, names: tuple[str, ...] = _INDONESIAN) -> int:
    """1 to 12 for a month's name or its first three letters; 0 if it is none."""
    word = word.lower()
    if word in names:
        return names.index(word) + 1
    short = [name[:3] for name in names]
    return short.index(word) + 1 if word in short else 0


def _serial(text: str) -> datetime | None:
    if not _SERIAL.fullmatch(text) or not 1 <= float(text) < 2_958_466:
        return None
    return _EPOCH_OF_EXCEL + timedelta(days=float(text))
