"""What may be asked of rows beyond the schema: codes, references, rules across fields."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from schemas.gate.blocks import Finding

if TYPE_CHECKING:
    import pyarrow as pa

Findings = dict[int, list[Finding]]
"""What is wrong, by index of the row."""


class Check(Protocol):
    """One question to the rows that the schema accepted.

    It works on columns and gives an empty dictionary for a clean block without touching a row in Python. The
    file may be read twice, and blocks may be judged by several threads: a check remembers nothing of them.
    """

    def findings(self, columns: Mapping[str, "pa.Array"]) -> Findings:
        """What is wrong, by index of the row; `columns` are all of one length, in the types of `arrow_schema`,
        as they are kept. A column the file does not have is all null."""
        ...


def add(findings: Findings, more: Mapping[int, Sequence[Finding]]) -> None:
    """Put findings beside those that are there."""
    for index, found in more.items():
        findings.setdefault(index, []).extend(found)


def rejected(found: Sequence[Finding]) -> bool:
    """One error is enough; warnings alone leave a row accepted."""
    return any(finding.severity == "error" for finding in found)
