"""What the gate says about a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class HeaderError:
    """A column that is unknown, missing or there twice; `suggestion` is the nearest name of the schema."""

    rule: str
    column: str
    suggestion: str | None
    message_id: str
    message_en: str


@dataclass(frozen=True)
class ByRule:
    """One rule broken in one column: exact count, the first rows, examples (none of personal data).

    The rows of a "warning" are accepted; those of an "error" are not.
    """

    column: str
    pointer: str
    rule: str
    schema_path: str
    count: int
    first_rows: tuple[int, ...]
    examples: tuple[str, ...]
    message_id: str
    message_en: str
    severity: str = "error"


@dataclass(frozen=True)
class Note:
    """Something found and dealt with: encoding, delimiter, merged repeats. `code` is stable."""

    code: str
    value: Any
    message_id: str
    message_en: str


@dataclass(frozen=True)
class Verdict:
    """Counts, causes and the files left in the work folder.

    `rows` is accepted + rejected + rows merged by `distinct`. `accepted_file` is Parquet in the types
    of `arrow_schema`, in the schema's column order; it is None when the header was refused.
    """

    sha256: str
    format: str
    schema: str
    rows: int
    accepted: int
    rejected: int
    errors: int
    header_errors: tuple[HeaderError, ...]
    by_rule: tuple[ByRule, ...]
    notes: tuple[Note, ...]
    accepted_file: Path | None
    report_file: Path
    quarantine_file: Path
    warnings: int = 0

    @property
    def clean(self) -> bool:
        """Every row passed."""
        return not self.header_errors and self.rejected == 0

    @property
    def status(self) -> str:
        """`accepted`, `partial` or `refused`."""
        if self.clean:
            return "accepted"
        return "partial" if self.accepted and not self.header_errors else "refused"
