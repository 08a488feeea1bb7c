"""How the texts of a column can be read: as numbers of which country, as dates of which form, as yes and no."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.steps.dates import date_writer
from schemas.steps.texts import number_writer

ASK = "?"
"""A form that the cells leave open; somebody has to say."""
LOCALES = ("id", "en", "iso")
EMPTY_WORDS = frozenset({"-", "--", "–", "—", "n/a", "na", "n.a.", "#n/a", "null"})
YES_NO: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("ya", "y", "iya"), ("tidak", "t", "tdk", "bukan")),
    (("v", "✓", "√", "✔"), ("-", "–", "—", "x")),
    (("ada",), ("tidak ada", "tidak", "tdk ada")),
    (("sudah",), ("belum",)),
    (("benar", "true"), ("salah", "false")),
    (("yes", "y"), ("no", "n")),
    (("aktif",), ("tidak aktif", "nonaktif", "non aktif")),
)
_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_WRITERS = {locale: number_writer(locale) for locale in LOCALES}
_LIKE_A_DATE = re.compile(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{1,4}", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2}|\d{4})\b.*", re.ASCII)
MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
DAY_FIRST = ("id-date", "%d/%m/%y", "%d-%m-%y")
TIMES = (
    "iso-datetime",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
)
_NEUTRAL = ("iso-date", "%Y/%m/%d", *TIMES)


@dataclass(frozen=True)
class Numbers:
    """`readable` texts under `locale`; `telling` show it, `against` speak for another, `open` allow both."""

    locale: str
    readable: tuple[str, ...]
    telling: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dates:
    """Forms in the order in which they are tried; `order` is day, month, ? or "" when no text shows it."""

    forms: tuple[str, ...]
    readable: tuple[str, ...]
    order: str = ""
    open: tuple[str, ...] = ()


def as_number(text: str, locale: str) -> str | None:
    """The number as JSON writes it, None if the text is none in this locale."""
    written = _WRITERS[locale](text)
    if locale == "id" and written == text and "." in text:
        return None  # what the writer cannot read comes back as it was
    return written if _PLAIN.fullmatch(written) else None


def numbers_of(texts: Sequence[str]) -> Numbers:
    """Which locale the texts show; "" if all are plain digits, ASK if they leave it open or disagree."""
    own = {
        text: {x: n for x in LOCALES if (n := as_number(text, x)) is not None}
        for text in set(texts)
    }
    own = {text: found for text, found in own.items() if found}
    marked = {
        text: found for text, found in own.items() if not text.isdigit() and not _is_bare(text)
    }
    only_id = tuple(t for t in texts if t in marked and "id" in marked[t] and "en" not in marked[t])
    only_en = tuple(t for t in texts if t in marked and "en" in marked[t] and "id" not in marked[t])
    both = tuple(
        t
        for t in texts
        if t in marked
        and marked[t].get("id")
        and marked[t].get("id") != marked[t].get("en")
        and "en" in marked[t]
    )
    readable = tuple(t for t in texts if t in own)
    if (only_id and only_en) or (both and not only_id and not only_en):
        return Numbers(ASK, readable, only_id, only_en, both)
    if only_en:
        locale = "en" if any("," in t for t in readable) else "iso"
        return Numbers(locale, tuple(t for t in readable if locale in own[t]), only_en)
    if only_id:
        return Numbers("id", tuple(t for t in readable if "id" in own[t]), only_id)
    return Numbers("", tuple(t for t in readable if _PLAIN.fullmatch(t)))


def _is_bare(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+", text, re.ASCII))


def dates_of(texts: Sequence[str]) -> Dates:
    """The forms that read the texts; day or month first as the numbers past 12 show."""
    order, opened = _order_of(texts)
    forms: list[str] = []
    left = {text: None for text in texts if _LIKE_A_DATE.match(text)}
    unread = set(texts) - left.keys()
    for form in (_NEUTRAL[0], *(MONTH_FIRST if order == "month" else DAY_FIRST), *_NEUTRAL[1:]):
        write = date_writer([form], "date", "+00:00")
        read = [text for text in left if write(text) != text or _is_iso(form, text)]
        if read:
            forms.append(form)
            for text in read:
                del left[text]
    return Dates(
        tuple(forms), tuple(t for t in texts if t not in left and t not in unread), order, opened
    )


def forms_in(forms: Sequence[str], order: str) -> tuple[str, ...]:
    """The same forms after somebody has said whether day or month comes first."""
    rest = [form for form in forms if form not in DAY_FIRST and form not in MONTH_FIRST]
    return (*rest, *(MONTH_FIRST if order == "month" else DAY_FIRST))


def yes_no_of(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], int] | None:
    """The words for yes and for no as typed, and how many texts they are; None if it is no such column."""
    words: dict[str, int] = {}
    for text in texts:
        words[text.casefold()] = words.get(text.casefold(), 0) + 1
    best: tuple[tuple[str, ...], tuple[str, ...], int] | None = None
    for yes, no in YES_NO:
        here = sum(count for word, count in words.items() if word in yes + no)
        said_yes = tuple(word for word in yes if word in words)
        said_no = tuple(word for word in no if word in words)
        enough = said_yes and (said_no or yes[0] == "v") and most(here, len(texts))
        if enough and (best is None or here > best[2]):
            best = said_yes, said_no or (no[0],), here
    return best


def most(part: int, whole: int) -> bool:
    """Nine of ten, or all but one of five to nine."""
    if part == whole:
        return whole > 0
    return part >= 0.9 * whole or (whole >= 5 and whole - part <= 1)


def _order_of(texts: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    day = month = 0
    opened = []
    for text in texts:
        match = _DAY_MONTH.fullmatch(text)
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        day += first > 12 >= second
        month += second > 12 >= first
        if first <= 12 and second <= 12 and first != second:
            opened.append(text)
    if day or month:
        return ("day" if day >= month else "month"), ()
    return (ASK, tuple(opened)) if opened else ("", ())


def _is_iso(form: str, text: str) -> bool:
    return form == "iso-date" and bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII))
