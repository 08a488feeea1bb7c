"""Texts put together of others, such as a budget code of its parts."""

import polars as pl

from schemas.gate.across.cells import UNREADABLE, Cells
from schemas.gate.across.fault import Fault, everywhere
from schemas.rules.language import Composed, Part


def suspects(claim: Composed, cells: Cells) -> pl.Series:
    """True for every row at fault."""
    try:
        target = _series(claim.target, cells)
        parts = [_series(part, cells) for part in claim.parts]
    except UNREADABLE:
        return everywhere(cells)
    named = {str(i): part for i, part in enumerate(parts)}
    frame = pl.DataFrame({"target": target, **named})
    made, text = pl.concat_str(list(named)), pl.col("target")
    match claim.how:
        case "gabungan":
            fine = text == made
        case "awalan":
            fine = text.str.starts_with(made)
        case _:
            fine = text.str.ends_with(made)
    return frame.select((~fine).fill_null(value=False).alias("suspect")).to_series()


def faults(claim: Composed, cells: Cells, index: int) -> list[Fault]:
    """What is wrong in one row; nothing where a part is empty."""
    target = _text(claim.target, cells, index)
    parts = [_text(part, cells, index) for part in claim.parts]
    if target is None or None in parts:
        return []
    made = "".join(part for part in parts if part is not None)
    fine = {
        "gabungan": target == made,
        "awalan": target.startswith(made),
        "akhiran": target.endswith(made),
    }[claim.how]
    return [] if fine else [Fault(claim.subject, target, made)]


def _series(part: Part, cells: Cells) -> pl.Series:
    if part.place is None:
        return pl.repeat(part.text, len(cells), dtype=pl.String, eager=True)
    text = cells.texts(part.place)
    if part.without:
        return text.str.replace_all(part.without, "", literal=True)
    if part.digits:
        return text.str.zfill(part.digits)
    if part.separator:
        cut = text.str.split(part.separator).list.get(part.nth - 1, null_on_oob=True)
        return cut.fill_null("").set(text.is_null(), None)
    return text


def _text(part: Part, cells: Cells, index: int) -> str | None:
    if part.place is None:
        return part.text
    value = cells.value(part.place, index)
    if value is None:
        return None
    text = str(value)
    if part.without:
        return text.replace(part.without, "")
    if part.digits:
        return text.zfill(part.digits)
    if part.separator:
        cut = text.split(part.separator)
        return cut[part.nth - 1] if part.nth <= len(cut) else ""
    return text
