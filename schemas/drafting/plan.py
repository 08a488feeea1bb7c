"""What a draft says, as people edit it; from it follow the document and the intake steps."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas.document import HOST
from schemas.drafting.codes import BY_NAME
from schemas.drafting.readings import ASK, DAY_FIRST, MONTH_FIRST, forms_in
from schemas.engine import DIALECT

KINDS = ("text", "integer", "number", "date", "date-time", "boolean")
_TYPES = {"text": "string", "date": "string", "date-time": "string"}
_USUAL_DATES = ("iso-date", "id-date")
_USUAL_YES_NO = (("ya",), ("tidak",))


@dataclass(frozen=True)
class ColumnPlan:
    """One column. `heading` is how the file calls it, `name` how the schema does.

    `locale` is how its texts write numbers and `order` whether day or month comes first, ASK until
    somebody has said; `spellings` brings spellings of one value together; `numeric` says that the
    file has number cells in it.
    """

    heading: str
    name: str
    title: str
    kind: str = "text"
    keep: bool = True
    required: bool = False
    description: str = ""
    allowed: tuple[str, ...] = ()
    code_list: str = ""
    code: str = ""
    personal: str = ""
    unit: str = ""
    concept: str = ""
    term: str = ""
    locale: str = ""
    dates: tuple[str, ...] = ()
    order: str = ""
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    empties: tuple[str, ...] = ()
    spellings: dict[str, str] = field(default_factory=dict)
    numeric: bool = False

    @property
    def asks(self) -> str:
        """`locale` or `order` when somebody must say it, else ""."""
        if self.keep and self.kind in ("integer", "number") and self.locale == ASK:
            return "locale"
        return "order" if self.keep and self.kind.startswith("date") and self.order == ASK else ""


@dataclass(frozen=True)
class Plan:
    """`key` are names of columns; `distinct` merges exact repeats; `zone` is the offset of times without one."""

    title: str
    columns: tuple[ColumnPlan, ...]
    key: tuple[str, ...] = ()
    description: str = ""
    distinct: bool = False
    zone: str = "+08:00"

    @property
    def kept(self) -> tuple[ColumnPlan, ...]:
        return tuple(column for column in self.columns if column.keep)

    def document(self, name: str, version: str) -> dict[str, Any]:
        """The body of the schema; not checked yet."""
        body: dict[str, Any] = {
            "$schema": DIALECT,
            "$id": f"{HOST}{name}/{version}.json",
            "title": self.title,
        }
        if self.description:
            body["description"] = self.description
        body |= {"type": "object", "additionalProperties": False}
        if self.key:
            body["x-kunci"] = list(self.key)
        body["required"] = [c.name for c in self.kept if c.required or c.name in self.key]
        body["properties"] = {c.name: _property(c, c.name in self.key) for c in self.kept}
        return body

    def steps(self) -> list[dict[str, Any]]:
        """The intake steps, in the order in which they have to run."""
        kept = self.kept
        renamed = {c.heading: c.name for c in kept if c.heading != c.name}
        dropped = [c.heading for c in self.columns if not c.keep]
        numbers = [c for c in kept if c.kind in ("integer", "number") and c.locale not in ("", ASK)]
        return [
            *([{"step": "drop", "columns": dropped}] if dropped else []),
            *([{"step": "rename", "columns": renamed}] if renamed else []),
            {"step": "trim", "columns": "*"},
            *_together(
                kept, lambda c: c.empties, lambda words: {"step": "empty", "values": list(words)}
            ),
            *_together(
                (c for c in kept if c.kind == "text" and c.numeric),
                lambda c: True,
                lambda _: {"step": "text"},
            ),
            *(
                {"step": "translate", "columns": [c.name], "map": dict(c.spellings)}
                for c in kept
                if c.spellings and c.kind == "text"
            ),
            *_together(
                numbers,
                lambda c: c.locale,
                lambda locale: {"step": "number", "locale": locale, "strict": True},
            ),
            *_together(
                (c for c in kept if c.kind.startswith("date")),
                lambda c: (c.kind, _date_forms(c)),
                lambda said: {
                    "step": "date",
                    "forms": list(said[1]),
                    "to": said[0],
                    "zone": self.zone,
                },
            ),
            *_together(
                (c for c in kept if c.kind == "boolean"),
                lambda c: (c.yes, c.no) if c.yes else _USUAL_YES_NO,
                lambda said: {"step": "boolean", "true": list(said[0]), "false": list(said[1])},
            ),
            *([{"step": "distinct"}] if self.distinct else []),
        ]


def _property(column: ColumnPlan, in_key: bool) -> dict[str, Any]:
    kind = _TYPES.get(column.kind, column.kind)
    nullable = not (column.required or in_key)
    said: dict[str, Any] = {"title": column.title or column.heading}
    if column.description:
        said["description"] = column.description
    said["type"] = [kind, "null"] if nullable else kind
    if column.kind in ("date", "date-time"):
        said["format"] = column.kind
    if column.kind == "text":
        if column.allowed:
            said["enum"] = [*column.allowed, None] if nullable else list(column.allowed)
        elif column.code_list:
            said["x-kode-referensi"] = column.code_list
        elif column.code in BY_NAME:
            code = BY_NAME[column.code]
            said["pattern"] = code.pattern
            said["x-pesan"] = {
                "id": f"Harus berbentuk {code.title_id}.",
                "en": f"It must have the shape of: {code.title_en}.",
            }
    if column.unit:
        said["x-satuan"] = column.unit
    if column.term:
        said["x-istilah"] = column.term
    if column.concept:
        said["x-konsep"] = column.concept
    if column.personal:
        said["x-data-pribadi"] = column.personal
    return said


def _date_forms(column: ColumnPlan) -> tuple[str, ...]:
    forms = column.dates or _USUAL_DATES
    other = {"month": DAY_FIRST, "day": MONTH_FIRST}.get(column.order, ())
    return forms_in(forms, column.order) if set(other) & set(forms) else forms


def _together(
    columns: Iterable[ColumnPlan],
    said: Callable[[ColumnPlan], Hashable],
    step: Callable[[Any], dict[str, Any]],
) -> list[dict[str, Any]]:
    """One step for all columns that need the same."""
    groups: dict[Any, list[str]] = {}
    for column in columns:
        what = said(column)
        if what:
            groups.setdefault(what, []).append(column.name)
    return [{**step(what), "columns": names} for what, names in groups.items()]
