"""Keys against the release that a batch stands on: there already, or not there."""

from collections.abc import Mapping

import polars as pl
import pyarrow as pa

from schemas.document import SchemaDocument
from schemas.gate.blocks import Finding
from schemas.gate.checking import Findings
from schemas.gate.referring import KnownKeys, texts


class HeldCheck:
    """Rule `kunci-sudah-ada` or `kunci-tidak-ada`, one finding per row."""

    def __init__(
        self, document: SchemaDocument, known: KnownKeys, rule: str, severity: str
    ) -> None:
        self._names, self._known, self._rule = document.key, known, rule
        self._severity = severity
        personal = [name for name in document.key if name in document.personal]
        self._column = (personal or list(document.key))[0]

    def findings(self, columns: Mapping[str, pa.Array]) -> Findings:
        keys = texts([columns[name] for name in self._names]).with_row_index("row").drop_nulls()
        there = self._known.hold(keys.drop("row"))
        told = keys.filter(there if self._rule == "kunci-sudah-ada" else ~there)
        shown = told.select("row", pl.concat_str(pl.exclude("row"), separator=", "))
        return {row: [self._finding(value)] for row, value in shown.iter_rows()}

    def _finding(self, value: str) -> Finding:
        where = f"/{self._column}"
        return Finding(self._column, where, self._rule, value, severity=self._severity)
