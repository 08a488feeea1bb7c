"""How much of a file the gate is willing to hold, unpack or describe."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes unless the name says otherwise."""

    block: int = 4 << 20
    """Read and judged at once; no single record may be larger."""
    columns: int = 2_000
    workbook: int = 1 << 30
    """All parts of a workbook together, unpacked."""
    workbook_parts: int = 10_000
    workbook_ratio: int = 300
    """Unpacked size to packed size, for parts above 10 MiB."""
    cells: int = 32_000_000
    """Of one sheet, written out as a full rectangle."""
    rows_detailed: int = 10_000
    """Rejected rows described one by one in the report; counts stay exact beyond it."""
    characters_detailed: int = 32 << 20
    """Length of all those descriptions together, in characters; the last one may go beyond."""
    findings: int = 100
    """Of one row by the schema; how many more there are is told in one."""
    places: int = 1_000
    """Lines of the summary by rule, and names of columns that an open schema left out; what comes after them is
    counted together."""
    examples: int = 5
    first_rows: int = 10
    comments: int = 2_000
    sheet_rows: int = 100_000
    """Rejected rows in one workbook; Excel itself ends at 1,048,576 rows."""
