"""What one column holds, by looking at every cell of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from schemas.drafting import codes, readings
from schemas.drafting.naming import name_of, without_unit
from schemas.drafting.plan import ColumnPlan
from schemas.drafting.readings import ASK, most
from schemas.drafting.remarks import Remark, samples_of
from schemas.steps.texts import text_of

Lists = Mapping[str, frozenset[str]]
"""Codes in force by name of their list, `referensi/{list}`."""
_MOST_CHOICES = 12
_LONGEST_CHOICE = 60
_MOST_SPELLINGS = 1_000


@dataclass(frozen=True)
class Guess:
    """`remarks` say what speaks for the plan; `odd` are cells that it will not accept."""

    plan: ColumnPlan
    remarks: tuple[Remark, ...]
    samples: tuple[str, ...] = ()
    filled: int = 0
    distinct: int = 0
    odd: int = 0


@dataclass(frozen=True)
class Cells:
    """The cells of a column by what a spreadsheet knows of them; words for empty are set apart."""

    heading: str
    all: tuple[Any, ...]
    texts: tuple[str, ...]
    numbers: tuple[int | float, ...]
    dates: tuple[date, ...]
    truths: int
    empties: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.texts) + len(self.numbers) + len(self.dates) + self.truths

    def as_texts(self) -> list[str]:
        """Texts, and numbers as they would be typed."""
        return [*self.texts, *(str(text_of(number)) for number in self.numbers)]


def guess(heading: str, unit: str, cells: Sequence[Any], lists: Lists) -> Guess:
    """The plan of a column with its evidence."""
    bare, said = without_unit(heading)
    plan = ColumnPlan(heading=heading, name=name_of(bare), title=bare, unit=unit or said)
    with_dashes = _sorted(heading, cells, frozenset())
    seen = _sorted(heading, cells, readings.EMPTY_WORDS)
    if not seen.count:
        remark = Remark(
            "Kolom ini kosong di semua baris.", "This column is empty in every row.", warns=True
        )
        return Guess(replace(plan, empties=seen.empties), (remark,))
    found = (
        _boolean(plan, with_dashes)
        or _listed(plan, seen, lists)
        or _coded(plan, seen)
        or _date(plan, seen)
        or _number(plan, seen)
        or _text(plan, seen)
    )
    if found.plan.kind != "boolean":
        found = _with_empties(found, seen)
    return _with_presence(found, cells)


def _sorted(heading: str, cells: Sequence[Any], empty: frozenset[str]) -> Cells:
    texts: list[str] = []
    numbers: list[int | float] = []
    dates: list[date] = []
    empties: dict[str, None] = {}
    truths = 0
    for cell in cells:
        match cell:
            case "":
                pass
            case str() if cell.casefold() in empty:
                empties[cell] = None
            case str():
                texts.append(cell)
            case bool():
                truths += 1
            case int() | float():
                numbers.append(cell)
            case date():
                dates.append(cell)
    return Cells(
        heading, tuple(cells), tuple(texts), tuple(numbers), tuple(dates), truths, tuple(empties)
    )


def _boolean(plan: ColumnPlan, cells: Cells) -> Guess | None:
    if cells.truths and cells.truths == cells.count:
        remark = Remark(
            "Semua sel berisi benar/salah Excel.", "Every cell is a truth value of Excel."
        )
        return Guess(replace(plan, kind="boolean"), (remark,))
    said = readings.yes_no_of(cells.texts) if cells.texts else None
    if said is None or not most(said[2], cells.count):
        return None
    yes, no, count = said
    remark = Remark(
        f"{count} dari {cells.count} sel berisi {'/'.join((*yes, *no))}: ya atau tidak.",
        f"{count} of {cells.count} cells say {'/'.join((*yes, *no))}: yes or no.",
    )
    words = set(yes) | set(no)
    rest = [c for c in cells.as_texts() if c.casefold() not in words]
    return Guess(
        replace(plan, kind="boolean", yes=yes, no=no), (remark, *_rest(rest)), odd=len(rest)
    )


def _listed(plan: ColumnPlan, cells: Cells, lists: Lists) -> Guess | None:
    """Every value is a code of a list in force, as it is or but for the dots in it."""
    texts = cells.as_texts()
    if cells.dates or not texts:
        return None
    for name, members in sorted(lists.items()):
        if len(members) < 2 or not _worth_asking(plan.heading, texts):
            continue
        if all(text in members for text in texts):
            remark = Remark(
                f"Semua {len(texts)} sel ada di daftar {name}.",
                f"All {len(texts)} cells are on the list {name}.",
            )
            return _numeric(Guess(replace(plan, code_list=name), (remark,)), cells)
        bare = {code.replace(".", ""): code for code in members if "." in code}
        if len(bare) <= _MOST_SPELLINGS and all(text in bare for text in texts):
            remark = Remark(
                f"Semua {len(texts)} sel ada di daftar {name} bila titiknya diabaikan. Langkah penerimaan "
                "menuliskan titiknya; pastikan ini kode Kemendagri, bukan kode BPS.",
                f"All {len(texts)} cells are on the list {name} but for its dots. An intake step writes the "
                "dots; make sure that these are not codes of BPS.",
                samples_of(texts),
                warns=True,
            )
            return _numeric(Guess(replace(plan, code_list=name, spellings=bare), (remark,)), cells)
    return None


def _worth_asking(heading: str, texts: Sequence[str]) -> bool:
    """Small whole numbers are on every list by chance; a heading that says `kode` is asked about anyway."""
    return codes.looks_coded(heading) or all(
        "." in t or not t.isdigit() or len(t) >= 6 for t in texts
    )


def _coded(plan: ColumnPlan, cells: Cells) -> Guess | None:
    texts = cells.as_texts()
    if cells.dates or not texts:
        return None
    found = codes.code_of(plan.heading, texts)
    if found:
        code, fit = found
        remark = Remark(
            f"{fit} dari {len(texts)} sel berbentuk {code.title_id}.",
            f"{fit} of {len(texts)} cells have the shape of: {code.title_en}.",
        )
        rest = [text for text in texts if not code.fits(text)]
        guessed = Guess(replace(plan, code=code.name), (remark, *_rest(rest)), odd=len(rest))
        return _numeric(guessed, cells)
    zeros = [text for text in cells.texts if text.isdigit() and len(text) > 1 and text[0] == "0"]
    if zeros:
        remark = Remark(
            f"{len(zeros)} sel berawalan nol, jadi ini kode, bukan bilangan.",
            f"{len(zeros)} cells begin with a zero, so this is a code and not a number.",
            samples_of(zeros),
        )
        return _numeric(_text(plan, cells, remark), cells)
    if codes.looks_coded(plan.heading):
        remark = Remark(
            "Judulnya menyebut kode atau nomor, jadi isinya teks walau berupa angka.",
            "The heading speaks of a code or number, so it is text even where it is digits.",
        )
        return _numeric(_text(plan, cells, remark), cells)
    return None


def _numeric(guessed: Guess, cells: Cells) -> Guess:
    """A text column with number cells: Excel may have dropped zeros or digits of them."""
    if not cells.numbers:
        return guessed
    long = [n for n in cells.numbers if abs(n) >= 1e15]
    digits = (
        f" {len(long)} di antaranya lebih dari 15 digit: digit terakhirnya sudah rusak, ketik ulang sebagai teks."
        if long
        else ""
    )
    digits_en = (
        f" {len(long)} of them have more than 15 digits and are damaged: type them again as text."
        if long
        else ""
    )
    remark = Remark(
        f"{len(cells.numbers)} sel berupa angka Excel: nol di depan mungkin sudah hilang. Periksa.{digits}",
        f"{len(cells.numbers)} cells are numbers of Excel: zeros in front may be lost. Look at them.{digits_en}",
        samples_of(cells.numbers),
        warns=True,
    )
    return replace(
        guessed, plan=replace(guessed.plan, numeric=True), remarks=(*guessed.remarks, remark)
    )


def _date(plan: ColumnPlan, cells: Cells) -> Guess | None:
    found = readings.dates_of(cells.texts)
    count = len(found.readable) + len(cells.dates)
    if not count or not most(count, cells.count):
        return None
    timed = any(form in readings.TIMES for form in found.forms) or any(
        isinstance(d, datetime) and d.time() != datetime.min.time() for d in cells.dates
    )
    read = set(found.readable)
    rest = [*(t for t in cells.texts if t not in read), *cells.numbers]
    forms = found.forms or (("iso-datetime",) if timed else ())
    planned = replace(plan, kind="date-time" if timed else "date", dates=forms, order=found.order)
    remark = Remark(
        f"{count} dari {cells.count} sel berbentuk tanggal.",
        f"{count} of {cells.count} cells are dates.",
        samples_of([*cells.dates, *found.readable]),
    )
    return Guess(planned, (remark, *_order_remark(found), *_rest(rest)), odd=len(rest))


def _order_remark(found: readings.Dates) -> tuple[Remark, ...]:
    if found.order == ASK:
        return (
            Remark(
                "Tidak terlihat mana hari dan mana bulan: pilih.",
                "It cannot be seen which is the day and which the month: choose.",
                samples_of(found.open),
                warns=True,
            ),
        )
    if found.order == "month":
        return (
            Remark("Bulan ditulis sebelum hari.", "The month stands before the day.", warns=True),
        )
    return ()


def _number(plan: ColumnPlan, cells: Cells) -> Guess | None:
    found = readings.numbers_of(cells.texts)
    count = len(found.readable) + len(cells.numbers)
    if not count or not most(count, cells.count):
        return None
    locale = found.locale
    values = [
        readings.as_number(t, "id" if locale in (ASK, "") else locale) for t in found.readable
    ]
    # Cents that happen to be zero today are cents: 1.500,00 is not a whole number.
    whole = not any("." in value for value in values if value) and all(
        float(n).is_integer() for n in cells.numbers
    )
    read = set(found.readable)
    rest = [*(t for t in cells.texts if t not in read), *cells.dates]
    kind = "integer" if whole else "number"
    word = "bilangan bulat" if whole else "bilangan"
    remark = Remark(
        f"{count} dari {cells.count} sel berbentuk {word}.",
        f"{count} of {cells.count} cells are {'whole numbers' if whole else 'numbers'}.",
    )
    planned = replace(plan, kind=kind, locale=locale, numeric=bool(cells.numbers))
    return Guess(planned, (remark, *_locale_remark(found), *_rest(rest)), odd=len(rest))


def _locale_remark(found: readings.Numbers) -> tuple[Remark, ...]:
    match found.locale:
        case "":
            return ()
        case "?" if found.telling:
            return (
                Remark(
                    f"{len(found.telling)} sel ditulis cara Indonesia, {len(found.against)} cara Inggris: "
                    "pilih satu, yang lain ditolak.",
                    f"{len(found.telling)} cells are written the Indonesian way, {len(found.against)} the "
                    "English way: choose one, the others are refused.",
                    samples_of([*found.telling[:2], *found.against[:2]], 4),
                    warns=True,
                ),
            )
        case "?":
            return (
                Remark(
                    "Titik atau komanya dapat berarti ribuan atau desimal; isi berkas tidak menunjukkan yang mana: "
                    "pilih.",
                    "Its point or comma can mean thousands or decimals, and no cell shows which: choose.",
                    samples_of(found.open),
                    warns=True,
                ),
            )
        case "id":
            return (
                Remark(
                    f"{len(found.telling)} sel hanya terbaca cara Indonesia (1.234,56).",
                    f"{len(found.telling)} cells can only be read the Indonesian way (1.234,56).",
                    samples_of(found.telling),
                ),
            )
        case _:
            return (
                Remark(
                    f"{len(found.telling)} sel hanya terbaca dengan titik desimal (1,234.56).",
                    f"{len(found.telling)} cells can only be read with a decimal point (1,234.56).",
                    samples_of(found.telling),
                ),
            )


def _text(plan: ColumnPlan, cells: Cells, first: Remark | None = None) -> Guess:
    remarks = [first] if first else []
    texts = [*cells.as_texts(), *(d.isoformat() for d in cells.dates)]
    if not first:
        longest = max(map(len, texts), default=0)
        remarks.append(
            Remark(
                f"{len(texts)} sel berisi teks, terpanjang {longest} huruf.",
                f"{len(texts)} cells are text, the longest of {longest} letters.",
            )
        )
        planned, more = _choices(plan, texts)
        guessed = Guess(planned, (*remarks, *more))
        return _numeric(guessed, cells)
    return Guess(plan, tuple(remarks))


def _choices(plan: ColumnPlan, texts: Sequence[str]) -> tuple[ColumnPlan, list[Remark]]:
    """A few values that come again and again are the values allowed; spellings of one are brought together."""
    counted = Counter(texts)
    by_fold: dict[str, list[str]] = {}
    for text, _ in counted.most_common():
        by_fold.setdefault(" ".join(text.casefold().split()), []).append(text)
    kept = [same[0] for same in by_fold.values()]
    again = sum(1 for same in by_fold.values() if sum(counted[t] for t in same) > 1)
    few = 2 <= len(kept) <= min(_MOST_CHOICES, len(texts) / 3) and again >= 0.75 * len(kept)
    if not few or max(map(len, kept)) > _LONGEST_CHOICE:
        return plan, []
    spellings = {text: same[0] for same in by_fold.values() for text in same[1:]}
    remarks = [
        Remark(
            f"Hanya {len(kept)} isi yang berulang di {len(texts)} sel: dijadikan pilihan.",
            f"Only {len(kept)} values come again and again in {len(texts)} cells: they become the choices.",
            choices=True,
        )
    ]
    if spellings:
        remarks.append(
            Remark(
                f"{sum(counted[t] for t in spellings)} sel berbeda ejaan saja; disatukan waktu diterima.",
                f"{sum(counted[t] for t in spellings)} cells differ in spelling only; intake brings them together.",
                samples_of(f"{old} → {new}" for old, new in spellings.items()),
                choices=True,
            )
        )
    return replace(plan, allowed=tuple(sorted(kept)), spellings=spellings), remarks


def _rest(rest: Sequence[Any]) -> tuple[Remark, ...]:
    if not rest:
        return ()
    return (
        Remark(
            f"{len(rest)} sel lain tidak.",
            f"{len(rest)} other cells are not.",
            samples_of(rest, 5),
            warns=True,
        ),
    )


def _with_empties(found: Guess, cells: Cells) -> Guess:
    if not cells.empties:
        return found
    words = ", ".join(f"“{word}”" for word in cells.empties)
    remark = Remark(f"{words} dianggap kosong.", f"{words} counts as empty.")
    plan = replace(found.plan, empties=cells.empties)
    return replace(found, plan=plan, remarks=(*found.remarks, remark))


def _with_presence(found: Guess, cells: Sequence[Any]) -> Guess:
    empties = set(found.plan.empties)
    there = [c for c in cells if c != "" and not (isinstance(c, str) and c in empties)]
    filled = len(there)
    missing = len(cells) - filled
    said = (
        Remark("Terisi di semua baris: wajib.", "Filled in every row: required.")
        if not missing
        else Remark(
            f"{missing} dari {len(cells)} baris kosong: boleh kosong.",
            f"{missing} of {len(cells)} rows are empty: may be empty.",
        )
    )
    return replace(
        found,
        plan=replace(found.plan, required=not missing),
        remarks=(*found.remarks, said),
        samples=samples_of(there),
        filled=filled,
        distinct=len({str(cell) for cell in there}),
    )
