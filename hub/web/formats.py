"""Numbers, dates and sizes as people read them, by CLDR, in the instance's time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import dates, numbers

from hub.web.translation import N_, Language, translated

ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def number(value: float | None, language: Language) -> str:
    """Decimal comma in Indonesian, point in English; an en dash for nothing."""
    return "–" if value is None else numbers.format_decimal(value, locale=language)


def percent(share: float | None, language: Language) -> str:
    """A share from 0 to 1, one decimal."""
    if share is None:
        return "–"
    return numbers.format_percent(share, format="#,##0.# %", locale=language)


def day(value: date | None, language: Language) -> str:
    """3 Okt 2025"""
    return "–" if value is None else dates.format_date(value, "d MMM y", locale=language)


def long_day(value: date | None, language: Language) -> str:
    """Jumat, 3 Oktober 2025"""
    return "–" if value is None else dates.format_date(value, "EEEE, d MMMM y", locale=language)


def month(value: date, language: Language) -> str:
    """Oktober 2025"""
    return dates.format_date(value, "MMMM y", locale=language)


def weekday(value: date, language: Language) -> str:
    """Jum"""
    return dates.format_date(value, "EEE", locale=language)


def moment(value: datetime | None, language: Language, zone: ZoneInfo) -> str:
    """3 Okt 2025, 14.10 WITA"""
    if value is None:
        return "–"
    local = value.astimezone(zone)
    clock = dates.format_time(local, "HH.mm" if language == "id" else "HH:mm", locale=language)
    name = ZONE_NAMES.get(zone.key, local.strftime("%Z"))
    return f"{day(local.date(), language)}, {clock} {name}"


def size(octets: int | None, language: Language) -> str:
    """1,4 MB, in powers of 1000."""
    if octets is None:
        return "–"
    value, unit = float(octets), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    shown = numbers.format_decimal(value, format="#,##0.#", locale=language)
    return f"{shown} {unit}"


def ago(value: date | None, today: date, language: Language) -> str:
    """hari ini, kemarin, else the day."""
    if value is None:
        return "–"
    match (today - value).days:
        case 0:
            return translated(N_("hari ini"), language)
        case 1:
            return translated(N_("kemarin"), language)
        case _:
            return day(value, language)


def short(text: str, length: int = 80) -> str:
    """The head of a long text."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
