"""From the fields of the page to a plan: what was typed, and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog.datasets import SLUG
from catalog.models import AccessClass, Frequency
from hub.drafts.shapes import Wishes
from schemas.drafting import ColumnPlan, Plan
from schemas.drafting.naming import squeezed
from schemas.drafting.plan import KINDS
from schemas.drafting.readings import LOCALES

_TERM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_PERSONAL = ("", "umum", "spesifik", "umum_bila_perorangan", "spesifik_bila_perorangan")
_MOST_CHOICES = 200
_LONGEST = 500


@dataclass(frozen=True)
class Mistake:
    """`field` is the id of the field to mend."""

    field: str
    message_id: str
    message_en: str


def edited(plan: Plan, fields: Mapping[str, str]) -> tuple[Plan, list[Mistake]]:
    """The plan with what the form says; unknown words leave a column as it is."""
    columns = tuple(_column(c, i, fields) for i, c in enumerate(plan.columns))
    key = tuple(c.name for i, c in enumerate(columns) if c.keep and f"k{i}.key" in fields)
    wanted = replace(
        plan,
        title=squeezed(fields.get("title", plan.title))[:_LONGEST],
        description=fields.get("description", plan.description).strip()[:2000],
        columns=columns,
        key=key,
    )
    return wanted, _mistakes(wanted)


def wished(wishes: Wishes, fields: Mapping[str, str]) -> tuple[Wishes, list[Mistake]]:
    """What the form says of the dataset."""
    words = fields.get("access_class", ""), fields.get("frequency", "")
    said = replace(
        wishes,
        record=fields.get("record", wishes.record).strip().lower()[:63],
        title=squeezed(fields.get("dataset_title", wishes.title))[:_LONGEST],
        summary=fields.get("summary", wishes.summary).strip()[:4000],
        access_class=AccessClass(words[0]) if words[0] in set(AccessClass) else wishes.access_class,
        frequency=Frequency(words[1]) if words[1] in set(Frequency) else wishes.frequency,
        restriction_basis=fields.get("restriction_basis", wishes.restriction_basis).strip()[:2000],
    )
    return said, _wrong(said)


def open_questions(plan: Plan) -> list[Mistake]:
    """What the cells leave open and nobody has answered."""
    found = []
    for index, column in enumerate(plan.columns):
        if column.asks == "locale":
            found.append(
                Mistake(
                    f"k{index}.locale",
                    f"Pilih cara menulis angka kolom {column.title}.",
                    f"Choose how the numbers of {column.title} are written.",
                )
            )
        elif column.asks == "order":
            found.append(
                Mistake(
                    f"k{index}.order",
                    f"Pilih mana hari dan mana bulan di kolom {column.title}.",
                    f"Choose which is the day and which the month in {column.title}.",
                )
            )
    return found


def _column(column: ColumnPlan, index: int, fields: Mapping[str, str]) -> ColumnPlan:
    def said(name: str, old: str) -> str:
        return squeezed(fields.get(f"k{index}.{name}", old))[:_LONGEST]

    def chosen(name: str, old: str, among: tuple[str, ...]) -> str:
        word = fields.get(f"k{index}.{name}", old)
        return word if word in among else old

    code_list = fields.get(f"k{index}.code_list", column.code_list)
    typed = fields.get(f"k{index}.allowed", "\n".join(column.allowed)).splitlines()
    allowed = tuple(dict.fromkeys(value.strip() for value in typed if value.strip()))
    lost_list = column.code_list and code_list != column.code_list
    personal = chosen("personal", column.personal, _PERSONAL)
    if personal and not column.personal and allowed == column.allowed:
        allowed = ()  # these came from cells, and the schema is open; what people type stays
    return replace(
        column,
        keep=f"k{index}.keep" in fields,
        name=said("name", column.name).lower(),
        title=said("title", column.title),
        description=fields.get(f"k{index}.description", column.description).strip()[:2000],
        kind=chosen("kind", column.kind, KINDS),
        required=f"k{index}.required" in fields,
        allowed=allowed[:_MOST_CHOICES],
        code_list=code_list,
        # Values were written as the list has them; without the list they stay as they come.
        # Other spellings are cells, which a personal column does not tell.
        spellings={} if lost_list or (personal and not code_list) else column.spellings,
        code=column.code if f"k{index}.code" in fields else "",
        personal=personal,
        unit=said("unit", column.unit),
        concept=said("concept", column.concept),
        term=said("term", column.term).lower(),
        locale=chosen("locale", column.locale, ("", *LOCALES)),
        order=chosen("order", column.order, ("day", "month")),
    )


def _mistakes(plan: Plan) -> list[Mistake]:
    found = []
    if not plan.title:
        found.append(Mistake("title", "Tulis judul skema.", "Write the title of the schema."))
    if not plan.kept:
        found.append(
            Mistake("k0.keep", "Pakai sedikitnya satu kolom.", "Keep at least one column.")
        )
    seen: dict[str, str] = {}
    for index, column in enumerate(plan.columns):
        if not column.keep:
            continue
        if not _NAME.fullmatch(column.name):
            found.append(
                Mistake(
                    f"k{index}.name",
                    f"Nama kolom “{column.name}” hanya boleh huruf kecil, angka, dan garis bawah, diawali huruf.",
                    f"The name “{column.name}” may have small letters, digits and underscores only, a letter first.",
                )
            )
        elif column.name in seen:
            found.append(
                Mistake(
                    f"k{index}.name",
                    f"Nama {column.name} dipakai dua kolom: {seen[column.name]} dan {column.heading}.",
                    f"Two columns are named {column.name}: {seen[column.name]} and {column.heading}.",
                )
            )
        seen.setdefault(column.name, column.heading)
        if column.term and not _TERM.fullmatch(column.term):
            found.append(
                Mistake(
                    f"k{index}.term",
                    "Tulis istilah rujukan seperti kependudukan/tanggal-lahir.",
                    "Write the reference term like kependudukan/tanggal-lahir.",
                )
            )
        if not column.title:
            found.append(
                Mistake(f"k{index}.title", "Tulis judul kolom.", "Write the title of the column.")
            )
    return found


def _wrong(said: Wishes) -> list[Mistake]:
    found = []
    if not SLUG.fullmatch(said.record):
        found.append(
            Mistake(
                "record",
                "Nama pendek berisi huruf kecil, angka, dan tanda hubung, diawali huruf, 2 sampai 63 karakter.",
                "The short name has small letters, digits and hyphens, a letter first, 2 to 63 characters.",
            )
        )
    if not said.title:
        found.append(Mistake("dataset_title", "Tulis judul dataset.", "Write the dataset's title."))
    return found
