"""Further writes of the commit that makes an entry durable: what must stand or fall with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from hub.errors import HubError


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """One statement as each database wants it; make it once, many rows then go in one execution."""

    sqlite: Executable
    postgresql: Executable

    def on(self, connection: Connection) -> Executable:
        return self.postgresql if connection.dialect.name == "postgresql" else self.sqlite


def for_both(make: Callable[[Callable[[Any], Any]], Executable]) -> Statement:
    """`make` gets the `insert` of each database: they alone know ON CONFLICT."""
    return Statement(make(sqlite_insert), make(postgresql_insert))


@dataclass(frozen=True, slots=True)
class Also:
    """`statement` with the `values` of one row.

    `key` (table, then row) is the order in which the writes of a commit lock their rows: two
    processes that take the same ones never wait for each other. With `refusal` the row is a
    condition as well: when nothing is changed by it, the caller gets that error, and nothing of his
    is written. The value called `entry` becomes the id of the entry whose
    facts carry the row: it is known only when that is sealed.
    """

    statement: Statement
    values: Mapping[str, Any]
    key: tuple[str, ...]
    refusal: Callable[[Connection], HubError] | None = None
    entry: str | None = None

    def beside(self, entry_id: str) -> "Also":
        """The same, with the id of the entry that it goes with."""
        if self.entry is None:
            return self
        return replace(self, values={**self.values, self.entry: entry_id})

    def holds(self, connection: Connection) -> bool:
        """Do it now; whether it changed a row."""
        # For an INSERT the driver's count is kept only when it is asked for.
        counting = {"preserve_rowcount": True}
        done = connection.execute(
            self.statement.on(connection), self.values, execution_options=counting
        )
        return bool(done.rowcount > 0)


def conditions(also: Iterable[Also]) -> Iterator[Also]:
    return (one for one in also if one.refusal is not None)


def write(connection: Connection, also: Iterable[Also]) -> None:
    """All that are no conditions."""
    plain = sorted((one for one in also if one.refusal is None), key=lambda one: one.key)
    for statement, rows in groupby(plain, key=lambda one: one.statement):
        connection.execute(statement.on(connection), [one.values for one in rows])


def write_all(connection: Connection, also: Iterable[Also]) -> None:
    """Conditions first; raises the refusal of the first that does not hold."""
    taken = tuple(also)
    for one in sorted(conditions(taken), key=lambda one: one.key):
        if one.refusal is not None and not one.holds(connection):
            raise one.refusal(connection)
    write(connection, taken)
