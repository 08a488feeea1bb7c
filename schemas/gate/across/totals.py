"""Sums and products compared with a number, exactly: a decimal number is what its shortest writing says.

Columns are compared in whole hundredths where those are exact, which is how money and percentages come. A row
for which they are not, or which fails, is a suspect and is computed with fractions.
"""

from fractions import Fraction
from functools import reduce
from math import prod
from operator import and_, mul

import numpy as np
import polars as pl

from schemas.gate.across.cells import UNREADABLE, Cells
from schemas.gate.across.fault import Fault, everywhere
from schemas.rules.language import Place, Term, Total

_LARGEST = 1e13
"""Below it hundredths have at most 15 digits, and those survive in a 64-bit float."""
_LONGEST = 9_000
"""The hundredths of so many numbers sum up inside 64 bits."""
_WHOLE = 2.0**53
_ROUNDING = 2.0**-48
"""More than a product of a few floats can be off, relative to its size."""


def suspects(total: Total, cells: Cells) -> pl.Series:
    """True for every row that may be at fault, and for few others."""
    try:
        frame = _frame(total, cells)
    except UNREADABLE:
        return everywhere(cells)
    applies = pl.all_horizontal(
        pl.col(name).is_not_null() if empty is None else pl.lit(value=True)
        for name, empty in zip(frame.columns, _empties(total), strict=True)
    )
    fine = (_product_holds if total.product else _sum_holds)(total)
    return frame.select((applies & ~fine.fill_null(value=False)).alias("suspect")).to_series()


def faults(total: Total, cells: Cells, index: int) -> list[Fault]:
    """What is wrong in one row, exactly."""
    terms = [_exactly(term, cells, index) for term in total.terms]
    bound = _bound(total, cells, index)
    known = [term for term in terms if term is not None]
    if bound is None or len(known) < len(terms):
        return []
    made = prod(known, start=Fraction(1)) if total.product else sum(known, Fraction(0))
    return [] if _holds(total, made, bound) else [Fault(total.subject, _shown(made), _shown(bound))]


def _shown(number: Fraction) -> int | float:
    """A number as people write it."""
    return int(number) if number.denominator == 1 else float(number)


def _holds(total: Total, made: Fraction, bound: Fraction) -> bool:
    tolerance = Fraction(str(total.tolerance))
    match total.relation:
        case "sama_dengan":
            return abs(made - bound) <= tolerance
        case "paling_banyak":
            return made <= bound + tolerance
        case _:
            return made >= bound - tolerance


def _bound(total: Total, cells: Cells, index: int) -> Fraction | None:
    bound = total.bound
    return _exact(cells.value(bound, index) if isinstance(bound, Place) else bound)


def _exactly(term: Term, cells: Cells, index: int) -> Fraction | None:
    if term.listed:
        listed = cells.listed(term.place, index)
        if listed is None:
            return _exact(term.empty)
        members = listed if term.member is None else [one.get(term.member) for one in listed]
        return sum((Fraction(str(one)) for one in members if one is not None), Fraction(0))
    value = cells.value(term.place, index)
    number = _exact(term.empty if value is None else value)
    return 1 + number / 100 if number is not None and term.percent else number


def _exact(value: object) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def _empties(total: Total) -> list[float | None]:
    """What stands in for empty values, by column of the frame."""
    return [*(term.empty for term in total.terms), None]


def _frame(total: Total, cells: Cells) -> pl.DataFrame:
    """The terms `0`, `1`, … and the `bound`. Raises PolarsError where JSON text is not of the form."""
    columns = {
        str(i): cells.lists(term.place, term.member) if term.listed else cells.numbers(term.place)
        for i, term in enumerate(total.terms)
    }
    bound = total.bound
    if isinstance(bound, Place):
        columns["bound"] = cells.numbers(bound)
    else:
        columns["bound"] = pl.repeat(float(bound), len(cells), dtype=pl.Float64, eager=True)
    return pl.DataFrame(columns)


def _sum_holds(total: Total) -> pl.Expr:
    """Proven in whole hundredths; what has none is not proven."""
    bound = pl.col("bound")
    made = [_term_hundredths(str(i), term) for i, term in enumerate(total.terms)]
    known = reduce(and_, (exact for _, exact in made), _are_exact(bound))
    over = pl.sum_horizontal(hundredths for hundredths, _ in made) - _hundredths(bound)
    tolerance = int(Fraction(str(total.tolerance)) * 100)
    match total.relation:
        case "sama_dengan":
            return known & (over.abs() <= tolerance)
        case "paling_banyak":
            return known & (over <= tolerance)
        case _:
            return known & (over >= -tolerance)


def _term_hundredths(name: str, term: Term) -> tuple[pl.Expr, pl.Expr]:
    """A term in whole hundredths, and whether they are exact."""
    column, each = pl.col(name), pl.element()
    if not term.listed:
        number = column.fill_null(term.empty) if term.empty is not None else column
        return _hundredths(number), _are_exact(number)
    exact = column.list.eval(_are_exact(each).fill_null(value=True)).list.all()
    exact &= column.list.len() < _LONGEST
    made = column.list.eval(_hundredths(each)).list.sum()
    if term.empty is None:
        return made, exact
    empty = pl.lit(term.empty, pl.Float64)
    return made.fill_null(_hundredths(empty)), exact.fill_null(_are_exact(empty))


def _hundredths(number: pl.Expr) -> pl.Expr:
    return (number * 100).round().cast(pl.Int64, strict=False)


def _are_exact(number: pl.Expr) -> pl.Expr:
    """The nearest float to the hundredths is the number itself."""
    return number.map_batches(_exact_ones, return_dtype=pl.Boolean, is_elementwise=True)


def _exact_ones(numbers: pl.Series) -> pl.Series:
    """With NumPy, for Polars divides a column by a number as multiplication with its inverse, which rounds
    differently."""
    floats = numbers.to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        exact = ((floats * 100).round() / 100 == floats) & (np.abs(floats) < _LARGEST)
    return pl.Series(exact).set(numbers.is_null(), None)


def _product_holds(total: Total) -> pl.Expr:
    """Proven with room for rounding, or because everything is whole."""
    factors = [_factor(str(i), term) for i, term in enumerate(total.terms)]
    made, bound = reduce(mul, factors), pl.col("bound")
    slack = total.tolerance - made.abs() * _ROUNDING
    with_room = _compared(total, made - bound, slack) & (bound.abs() < _WHOLE)
    if total.tolerance:
        return with_room
    whole = [_is_whole(str(i), term) for i, term in enumerate(total.terms)]
    certain = reduce(and_, whole) & (made.abs() < _WHOLE) & (bound.abs() < _WHOLE)
    return certain & _compared(total, made - bound, pl.lit(0.0))


def _compared(total: Total, over: pl.Expr, slack: pl.Expr) -> pl.Expr:
    match total.relation:
        case "sama_dengan":
            return over.abs() <= slack
        case "paling_banyak":
            return over <= slack
        case _:
            return over >= -slack


def _factor(name: str, term: Term) -> pl.Expr:
    number = _filled(name, term)
    return 1 + number / 100 if term.percent else number


def _is_whole(name: str, term: Term) -> pl.Expr:
    """The factor is a whole number: of percentages only whole hundreds make one."""
    number = _filled(name, term)
    unit = 100 if term.percent else 1
    return ((number / unit).round() * unit == number) & (number.abs() < _WHOLE)


def _filled(name: str, term: Term) -> pl.Expr:
    number = pl.col(name)
    return number.fill_null(term.empty) if term.empty is not None else number
