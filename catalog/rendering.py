"""Values as text, in SQL: JSON and CSV forms of every type, written by DuckDB itself."""

import re
from collections.abc import Iterable, Mapping

from catalog.duck import identifier, literal

# Cells that a spreadsheet would take for a formula (OWASP, "CSV Injection").
FORMULA = r"^[=+\-@\t\r]"


def moment(sql: str, suffix: str) -> str:
    """ISO 8601, with a fraction only where there is one, as Python's isoformat does."""
    whole = f"strftime({sql}, '%Y-%m-%dT%H:%M:%S.%f')"
    return f"replace({whole}, '.000000', '') || '{suffix}'"


def plain(sql: str, type_: str) -> str:
    """The value in the form that JSON and CSV share: moments in RFC 3339, no NaN, no infinity."""
    if type_ == "TIMESTAMP WITH TIME ZONE":
        return moment(f"({sql}) AT TIME ZONE 'UTC'", "Z")
    if type_.startswith("TIMESTAMP"):
        return moment(sql, "")
    if type_ in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN isfinite({sql}) THEN {sql} END"
    if type_ == "BLOB":
        return f"to_base64({sql})"
    return sql


def json_object(columns: Mapping[str, str]) -> str:
    """One JSON object per row of a relation that has these columns (name to DuckDB type)."""
    fields = ", ".join(
        f"{literal(name)}: {plain(identifier(name), type_)}" for name, type_ in columns.items()
    )
    return f"CAST(to_json({{{fields}}}) AS VARCHAR)"


def _csv_text(name: str, type_: str) -> str:
    text = f"CAST({plain(identifier(name), type_)} AS VARCHAR)"
    if type_ == "VARCHAR":
        text = f"CASE WHEN regexp_matches({text}, '{FORMULA}') THEN '''' || {text} ELSE {text} END"
    elif type_.endswith("]") or type_.startswith(("STRUCT", "MAP")):
        text = f"CAST(to_json({identifier(name)}) AS VARCHAR)"
    return text


def csv_header(columns: Iterable[str]) -> str:
    """The first record: column names, quoted where they must be."""
    return ",".join(
        '"' + name.replace('"', '""') + '"' if re.search('[",\r\n]', name) else name
        for name in columns
    )


def csv_line(columns: Mapping[str, str]) -> str:
    """One RFC 4180 record per row, without its line end.

    Empty cells stand for NULL, "" for an empty text. Text that a spreadsheet would run as a
    formula gets a leading apostrophe; numbers and dates are left alone.
    """
    cells = []
    for name, type_ in columns.items():
        text = _csv_text(name, type_)
        if (
            type_ in {"VARCHAR", "BLOB"}
            or type_.endswith("]")
            or type_.startswith(("STRUCT", "MAP"))
        ):
            quoted = f"""'"' || replace({text}, '"', '""') || '"'"""
            text = (
                f"CASE WHEN {text} = '' OR regexp_matches({text}, '[\",\\r\\n]')"
                f" THEN {quoted} ELSE {text} END"
            )
        cells.append(f"coalesce({text}, '')")
    return " || ',' || ".join(cells) or "''"
