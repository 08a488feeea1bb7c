"""From a judged batch to the files of the next release. Knows no database; readers see nothing."""
# ruff: noqa: S608 - names are quoted by catalog.duck, values are bound

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Literal, NoReturn

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.duck import identifier, names, numbers, open_tool, parquet, sql_types
from catalog.errors import CatalogError, KeyMissing, KeysRepeat
from catalog.keyset import Ordered
from catalog.storage.columns import read_as, same_shape, stored_schema
from catalog.storage.manifest import (
    DataFile,
    Manifest,
    Staged,
    comparable,
    digest,
    key_value,
    paths,
    row_count,
)
from catalog.storage.merging import Merge, slots
from catalog.storage.writing import FILE_ROWS, GROUP_ROWS, ReleaseWriter, workshop

Mode = Literal["append", "upsert", "replace", "delete"]
EXAMPLES = 100


def stage(
    table: Path,
    base: Manifest | None,
    rows_file: Path | None,
    mode: Mode,
    key: tuple[str, ...],
    schema: pa.Schema,
    *,
    base_number: int | None,
    file_rows: int = FILE_ROWS,
) -> Staged:
    """Write the files that the next release needs and return its whole file list.

    `rows_file` is the Parquet file of accepted rows (for delete its key columns suffice); None
    stands for no rows. Files of the base are shared wherever they need no change.

    Raises KeysExist (append), KeysRepeat, KeyMissing, StorageFull, and CatalogError for a mode
    that needs a key when the dataset has none.
    """
    if not key and mode in {"upsert", "delete"}:
        raise CatalogError(f"Mode {mode} needs a key.")
    table.mkdir(parents=True, exist_ok=True)
    target = stored_schema(schema)
    with workshop(table) as room, ReleaseWriter(table, target, key, file_rows) as writer:
        with open_tool(room) as connection:
            staging = _Staging(connection, table, base or (), rows_file, key, target, writer)
            staged = staging.run(mode, base_number)
        writer.sync()
    return staged


class _Staging:
    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Path,
        base: Manifest,
        rows_file: Path | None,
        key: tuple[str, ...],
        schema: pa.Schema,
        writer: ReleaseWriter,
    ) -> None:
        self.connection, self.table, self.base = connection, table, base
        self.rows_file, self.key, self.schema, self.writer = rows_file, key, schema, writer
        self.types = sql_types(connection, schema)
        self.base_columns = set(schema.names)
        self.evolved = False
        if base:
            stored = pq.read_schema(table / base[0].path)
            self.evolved = not same_shape(stored, schema)
            self.base_columns = set(stored.names)

    def run(self, mode: Mode, base_number: int | None) -> Staged:
        if self.base and self.key and not (mode in {"append", "upsert"} and self._lies_behind()):
            return self._merged(mode, base_number)
        if mode == "delete":
            # Nothing is there to delete from.
            absent = pq.read_metadata(self.rows_file).num_rows if self.rows_file else 0
            return self._staged(self.base, 0, 0, 0, base_number, absent=absent)
        if mode == "replace":
            written = self.writer.write(self._incoming())
            return self._staged(
                tuple(written), row_count(tuple(written)), 0, row_count(self.base), base_number
            )
        return self._extended(base_number)

    def _extended(self, base_number: int | None) -> Staged:
        """New rows all come after the base: keep its files, but never leave a small last one."""
        kept: Manifest = self.base
        reread: Manifest = ()
        if self.evolved:
            kept, reread = (), self.base
        elif self.base and self.base[-1].rows < self.writer.file_rows // 2:
            kept, reread = self.base[:-1], self.base[-1:]
        written = self.writer.write(chain(self._stored(reread), self._incoming()))
        files = (*kept, *written)
        return self._staged(files, row_count(files) - row_count(self.base), 0, 0, base_number)

    def _merged(self, mode: Mode, base_number: int | None) -> Staged:
        self._load_batch(mode)
        merge = Merge(self.connection, self.table, self._order(), self.types, self.base_columns)
        verdicts = merge.judge(slots(self.base, self.writer.file_rows), mode)
        files: list[DataFile] = []
        for verdict in verdicts:
            if verdict.clean and not self.evolved:
                files += verdict.slot.files
            else:
                files += self.writer.write(
                    merge.rows(verdict, mode),
                    file_rows=_even(verdict.rows_after, self.writer.file_rows),
                )
        return self._staged(
            tuple(files),
            sum(v.added for v in verdicts),
            sum(v.changed for v in verdicts),
            sum(v.removed for v in verdicts),
            base_number,
            unchanged=sum(v.unchanged for v in verdicts),
            absent=sum(v.absent for v in verdicts),
        )

    def _staged(
        self,
        files: Manifest,
        added: int,
        changed: int,
        removed: int,
        base_number: int | None,
        *,
        unchanged: int = 0,
        absent: int = 0,
    ) -> Staged:
        return Staged(
            files=files,
            added=added,
            changed=changed,
            removed=removed,
            rows=row_count(files),
            base=base_number,
            written=tuple(file.path for file in self.writer.files),
            sha256=digest(files),
            schema=self.schema,
            unchanged=unchanged,
            absent=absent,
        )

    def _order(self) -> list[Ordered]:
        return [Ordered(column, self.types[column], nullable=False) for column in self.key]

    def _select(self, columns: dict[str, str]) -> str:
        if self.rows_file is None:
            return f"SELECT {read_as(columns, set())} WHERE FALSE"
        present = set(pq.read_schema(self.rows_file).names)
        missing = [column for column in self.key if column not in present]
        if missing:
            raise KeyMissing(pq.read_metadata(self.rows_file).num_rows, missing)
        return f"SELECT {read_as(columns, present)} FROM {parquet([self.rows_file])}"

    def _stored(self, files: Manifest) -> Iterator[pa.RecordBatch]:
        if files:
            source = parquet(paths(self.table, files))
            query = f"SELECT {read_as(self.types, self.base_columns)} FROM {source}"
            yield from self.connection.sql(query).to_arrow_reader(GROUP_ROWS)

    def _incoming(self) -> Iterator[pa.RecordBatch]:
        """The batch in key order, or as it came when there is no key."""
        query = self._select(self.types)
        if self.key:
            query += f" ORDER BY {names(self.key)}"
        last: list[object] | None = None
        for batch in self.connection.sql(query).to_arrow_reader(GROUP_ROWS):
            if self.key and batch.num_rows:
                last = self._checked(batch, last)
            yield batch

    def _checked(self, batch: pa.RecordBatch, last: list[object] | None) -> list[object]:
        """Raise when a key is empty or repeats; return the last key of the batch."""
        columns = [batch.column(column) for column in self.key]
        if any(column.null_count for column in columns):
            self._complain_of_keys()
        first = [column[0].as_py() for column in columns]
        repeats = first == last
        if batch.num_rows > 1:
            same = [pc.equal(column[1:], column[:-1]) for column in columns]
            for other in same[1:]:
                same[0] = pc.and_(same[0], other)
            repeats = repeats or bool(pc.any(same[0]).as_py())
        if repeats:
            self._complain_of_keys()
        return [column[-1].as_py() for column in columns]

    def _lies_behind(self) -> bool:
        """Whether every key of the batch comes after the last of the base."""
        query = self._select({column: self.types[column] for column in self.key})
        query += f" ORDER BY {names(self.key)} LIMIT 1"
        first = self.connection.sql(query).to_arrow_table().to_pylist()
        if not first:
            return True
        key_types = [self.schema.field(column).type for column in self.key]
        values = [key_value(first[0][column]) for column in self.key]
        if None in values:
            self._complain_of_keys()
        lowest = comparable(values, key_types)
        return lowest > comparable(self.base[-1].last_key, key_types)

    def _load_batch(self, mode: Mode) -> None:
        wanted = self.types if mode != "delete" else {c: self.types[c] for c in self.key}
        order = names(self.key)
        self.connection.execute(
            f"CREATE TEMP TABLE batch AS {self._select(wanted)} ORDER BY {order}"
        )
        empty = " OR ".join(f"{identifier(column)} IS NULL" for column in self.key)
        found = numbers(
            self.connection,
            f"SELECT EXISTS (FROM batch WHERE {empty})"
            f" OR EXISTS (SELECT 1 FROM batch GROUP BY {order} HAVING count(*) > 1)",
        )
        if found[0]:
            self._complain_of_keys()

    def _complain_of_keys(self) -> NoReturn:
        """Count what is wrong with the keys; only called once something is."""
        # A connection beside the one that may be in the middle of streaming the batch.
        aside = self.connection.cursor()
        order = names(self.key)
        source = f"({self._select({column: self.types[column] for column in self.key})})"
        empty = " OR ".join(f"{identifier(column)} IS NULL" for column in self.key)
        missing = numbers(aside, f"SELECT count(*) FROM {source} WHERE {empty}")[0]
        if missing:
            raise KeyMissing(missing, self.key)
        repeated = f"SELECT {order} FROM {source} GROUP BY {order} HAVING count(*) > 1"
        count = numbers(aside, f"SELECT count(*) FROM ({repeated})")[0]
        shown = aside.sql(f"{repeated} ORDER BY {order} LIMIT {EXAMPLES}")
        examples = [
            {name: key_value(value) for name, value in row.items()}
            for row in shown.to_arrow_table().to_pylist()
        ]
        raise KeysRepeat(count, examples)


def _even(rows: int, file_rows: int) -> int:
    """Rows per file so that a run splits evenly instead of leaving a crumb."""
    if rows <= file_rows + file_rows // 4:
        return max(rows, 1)
    return -(-rows // -(-rows // file_rows))
