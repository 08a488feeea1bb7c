"""What of a release may be read: visible columns, a row filter, masks. Knows nobody by name."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from catalog.duck import identifier
from catalog.errors import ColumnNotReadable
from catalog.filters import Filter, parse, to_sql
from catalog.keyset import Condition
from catalog.masks import HASH, HIDE, MASKS, SALT_BYTES, fits, masked, masked_type

__all__ = ["MASKS", "UNRESTRICTED", "Filter", "Policy", "fits", "parse", "to_sql"]


@dataclass(frozen=True)
class Policy:
    """`columns` None means all; `filter` is a tree of catalog.filters; masks are (column, kind).

    `salt` is the secret of hash masks: the same value under the same salt has the same hash in
    every dataset. Raises ValueError for a mask that is none, and for a hash without a good salt.
    """

    columns: tuple[str, ...] | None = None
    filter: Filter | None = None
    masks: tuple[tuple[str, str], ...] = ()
    salt: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        for column, kind in self.masks:
            if kind not in MASKS:
                raise ValueError(f"There is no mask {kind!r} (column {column!r}).")
        if len(self._kinds) < len(set(self.masks)):
            raise ValueError("A column has two different masks.")
        if self._hashes and len(self.salt) < SALT_BYTES:
            raise ValueError(f"A hash mask needs a salt of at least {SALT_BYTES} bytes.")

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return dict(self.masks)

    @property
    def _hashes(self) -> bool:
        return HASH in self._kinds.values()

    def showing(self, column: str) -> "Policy":
        """The same rows with the true values of one more column: for the hub itself, never for a reader."""
        columns = None if self.columns is None else (*self.columns, column)
        return replace(
            self, columns=columns, masks=tuple(mask for mask in self.masks if mask[0] != column)
        )

    @property
    def unrestricted(self) -> bool:
        """Whether the release itself may be handed over."""
        return self.columns is None and self.filter is None and not self.masks

    def digest(self) -> str:
        """SHA-256 over the canonical form; the order of columns and masks does not matter.

        Of the salt it holds a digest, and only where there is a hash: readers for whom nothing is
        hashed share their slices.
        """
        form: dict[str, Any] = {
            "columns": None if self.columns is None else sorted(set(self.columns)),
            "filter": self.filter,
            "masks": sorted(set(self.masks)),
        }
        if self._hashes:
            form["salt"] = hashlib.sha256(b"simpul mask salt\0" + self.salt).hexdigest()
        text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def visible(self, columns: Mapping[str, str]) -> dict[str, str]:
        """The columns that may be seen, in the order of the release, with the types they show."""
        allowed = None if self.columns is None else set(self.columns)
        return {
            name: masked_type(self._kinds[name], type_) if name in self._kinds else type_
            for name, type_ in columns.items()
            if allowed is None or name in allowed
        }

    def clear(self, columns: Mapping[str, str]) -> dict[str, str]:
        """The visible columns whose true values may be seen."""
        return {name: t for name, t in self.visible(columns).items() if name not in self._kinds}

    def askable(self, columns: Mapping[str, str]) -> dict[str, str]:
        """What filters and sorts may use, with the types they see: masked values, never hidden."""
        shown = self.visible(columns).items()
        return {name: t for name, t in shown if self._kinds.get(name) != HIDE}

    def is_masked(self, column: str) -> bool:
        """Whether something else than the true value is shown."""
        return column in self._kinds

    def tells_apart(self, columns: Mapping[str, str], key: Sequence[str]) -> bool:
        """Whether rows with different keys still look different in these columns."""
        shown = self.askable(columns)
        return bool(key) and all(
            name in shown and self._kinds.get(name, HASH) == HASH for name in key
        )

    def hashes(self, wanted: Collection[str]) -> bool:
        """Whether one of these columns is hashed, which takes its time over a whole release."""
        return any(self._kinds.get(name) == HASH for name in wanted)

    def expression(self, column: str, type_: str) -> Condition:
        """The SQL of what is shown of a column (`type_` is the true one), and what to bind in it."""
        if column not in self._kinds:
            return identifier(column), []
        return masked(self._kinds[column], identifier(column), type_, self.salt)

    def select(
        self, columns: Mapping[str, str], wanted: tuple[str, ...] | None = None
    ) -> Condition:
        """The select list of the wanted visible columns; raise ColumnNotReadable."""
        visible = self.visible(columns)
        listed: list[str] = []
        bound: list[Any] = []
        for name in wanted if wanted is not None else visible:
            if name not in visible:
                raise ColumnNotReadable(name)
            shown, values = self.expression(name, columns[name])
            listed.append(f"{shown} AS {identifier(name)}")
            bound += values
        return ", ".join(listed), bound

    def condition(self, columns: Mapping[str, str]) -> Condition:
        """The policy's own row filter, over the true values of all columns of the release."""
        return to_sql(self.filter, columns)


UNRESTRICTED = Policy()
