"""What `x-rujukan` says: how the columns of a record lead to records of another schema.

The first pair of `fields` is the one that `match` speaks of; every other pair is equal. Values are compared
as text, so that a number and its digits are one.

equal   my value is theirs.
split   my text is cut at `;` (an array gives its elements); each piece is theirs.
prefix  my text is cut the same way; each piece is theirs, or begins with theirs and a dot. Of several that
        fit, the longest counts: `1.02.03.0004` goes to `1.02.03`, not to `1.02`.

With `via` a record of a third schema stands between: its `fields` equal mine, and its `to` equals theirs.
A record with an empty column among mine refers to nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

from schemas.columns import Column
from schemas.errors import Fault

Match = Literal["equal", "prefix", "split"]
SEPARATOR = ";"
BLANKS = " \t\r\n\f\v"
"""What does not count around a piece."""
LEVEL = "."
"""Where a code of several levels may end for `prefix`."""


@dataclass(frozen=True)
class Bridge:
    """A record between: `met` are its columns that equal mine, `to` its columns with theirs."""

    schema: str
    mine: tuple[str, ...]
    met: tuple[str, ...]
    to: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reference:
    """One `x-rujukan`; `place` counts those of a document from 0, in the order of the document."""

    place: int
    schema: str
    match: Match
    fields: tuple[tuple[str, str], ...]
    bridge: Bridge | None = None

    @property
    def mine(self) -> tuple[str, ...]:
        """The referring record's columns: those of `fields`, then those that meet the bridge."""
        return (*(name for name, _ in self.fields), *(self.bridge.mine if self.bridge else ()))

    @property
    def theirs(self) -> tuple[str, ...]:
        """The referenced record's columns in the order of `fields`."""
        return tuple(name for _, name in self.fields)

    @property
    def cut(self) -> bool:
        """The first of mine may hold several values."""
        return self.match != "equal"

    @property
    def said(self) -> str:
        """In short, for people: `mak → kd_subkegiatan_str`."""
        return ", ".join(f"{mine} → {theirs}" for mine, theirs in self.fields)


class Referring(Protocol):
    """A document as far as its references go."""

    @property
    def references(self) -> tuple[dict[str, Any], ...]:
        """Every `x-rujukan` as written."""
        ...

    @property
    def by_name(self) -> Mapping[str, Column]:
        """Its columns."""
        ...


def references_of(document: Referring) -> tuple[Reference, ...]:
    """The references whose columns the document has."""
    read = (reference(place, said) for place, said in enumerate(document.references))
    return tuple(one for one in read if set(one.mine) <= set(document.by_name))


def reference(place: int, said: Mapping[str, Any]) -> Reference:
    """One `x-rujukan` as the metaschema lets it be written."""
    via = said.get("via")
    bridge = via and Bridge(
        via["schema"], tuple(via["fields"]), tuple(via["fields"].values()), _pairs(via["to"])
    )
    match = cast(Match, said["match"])
    return Reference(place, said["schema"], match, _pairs(said["fields"]), bridge or None)


def reference_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    """References that name a column the record does not have."""
    columns = body.get("properties", {})
    places = [("", body), *((f"/properties/{name}", column) for name, column in columns.items())]
    for pointer, holder in places:
        said = holder.get("x-rujukan") if isinstance(holder, Mapping) else None
        for one in said if isinstance(said, list) else [said] if said else []:
            for name in reference(0, one).mine:
                if name not in columns:
                    yield Fault(
                        f"{pointer}/x-rujukan",
                        f"Rujukan menyebut kolom {name}, yang tidak ada pada skema ini.",
                        f"A reference names the column {name}, which this schema does not have.",
                    )


def _pairs(said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(said.items())
