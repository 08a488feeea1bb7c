"""An Arrow table in every form in which rows leave; the texts are those of the exports."""
# ruff: noqa: S608 - the select lists are built by catalog.rendering, which quotes every name

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.duck import identifier, open_tool, sql_types
from catalog.rendering import csv_header, csv_line, json_object, plain
from catalog.worksheets import write_worksheet
from hub.access.formats import Format


def json_rows(table: pa.Table) -> str:
    """A JSON array with one object per row."""
    return "[" + ",".join(_lines(table, json_object)) + "]"


def json_arrays(table: pa.Table) -> str:
    """A JSON array with one array per row, its values in the order of the columns."""
    return "[" + ",".join(_lines(table, _array)) + "]"


def write(table: pa.Table, format: Format, target: Path) -> None:
    """Write the table to a new file; raises ExportTooLarge, OSError."""
    match format:
        case Format.PARQUET:
            pq.write_table(table, target, compression="zstd")
        case Format.ARROW:
            with pa.ipc.new_stream(target, table.schema) as writer:
                writer.write_table(table)
        case Format.XLSX:
            write_worksheet(target, table.schema, table.to_batches())
        case Format.CSV:
            lines = [csv_header(table.column_names), *_lines(table, csv_line)]
            target.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
        case Format.NDJSON:
            target.write_bytes("".join(f"{line}\n" for line in _lines(table, json_object)).encode())
        case Format.JSON:
            target.write_bytes(json_rows(table).encode())


def _lines(table: pa.Table, line: Callable[[Mapping[str, str]], str]) -> list[str]:
    """Each row as text, written by DuckDB; `line` makes the expression from names and types."""
    with open_tool(None, threads=1) as connection:
        text = line(sql_types(connection, table.schema))
        connection.register("_rows", table)
        found = connection.sql(f"SELECT {text} AS line FROM _rows").to_arrow_table()
    lines: list[str] = found["line"].to_pylist()
    return lines


def _array(columns: Mapping[str, str]) -> str:
    cells = (
        f"coalesce(CAST(to_json({plain(identifier(name), type_)}) AS VARCHAR), 'null')"
        for name, type_ in columns.items()
    )
    return "'[' || " + " || ',' || ".join(cells) + " || ']'"
