"""The rows that the gate is measured with: synthetic residents of no real region, 14 columns, any number."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/uji/warga/1.0.0.json",
    "title": "Warga (sintetis)",
    "type": "object",
    "additionalProperties": False,
    "required": [
        "nik", "nama", "jenis_kelamin", "tanggal_lahir", "kode_wilayah", "umur", "status_kawin",
        "id_rumah_tangga", "diperbarui", "jumlah_bantuan", "penerima",
    ],
    "properties": {
        "nik": {"type": "string", "pattern": "^[0-9]{16}$"},
        "nama": {"type": "string", "minLength": 1, "maxLength": 100},
        "jenis_kelamin": {"enum": ["L", "P"]},
        "tanggal_lahir": {"type": "string", "format": "date"},
        "kode_wilayah": {"type": "string", "pattern": r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"},
        "umur": {"type": "integer", "minimum": 0, "maximum": 150},
        "penghasilan": {"type": ["number", "null"], "minimum": 0},
        "status_kawin": {"enum": ["BELUM KAWIN", "KAWIN", "CERAI HIDUP", "CERAI MATI"]},
        "email": {"type": ["string", "null"], "format": "email"},
        "id_rumah_tangga": {"type": "string", "format": "uuid"},
        "diperbarui": {"type": "string", "format": "date-time"},
        "jumlah_bantuan": {"type": "integer", "minimum": 0, "multipleOf": 500},
        "penerima": {"type": "boolean"},
        "nomor_rekening": {"type": ["string", "null"], "pattern": "^[0-9]{8,20}$"},
    },
    "if": {"properties": {"penerima": {"const": True}}, "required": ["penerima"]},
    "then": {
        "required": ["nomor_rekening"],
        "properties": {"nomor_rekening": {"type": "string"}},
    },
}  # fmt: skip
_FIRST = (
    "['Siti Aminah', 'Budi Santoso', 'Andi Wijaya', 'Dewi Lestari', 'Rina Kartika', 'Agus Salim']"
)
_WRONG: dict[str, str] = {
    "nik": "printf('%015d', i)",
    "jenis_kelamin": "'X'",
    "tanggal_lahir": "'31/12/1999'",
    "umur": "'-1'",
    "penghasilan": "'1.234,56'",
    "email": "'bukan-email'",
    "diperbarui": "'2026-13-01T00:00:00Z'",
    "jumlah_bantuan": "'777'",
    "kode_wilayah": "'9901012001'",
    "id_rumah_tangga": "'bukan-uuid'",
}
"""What a bad row holds in one of its columns."""
_RIGHT: dict[str, str] = {
    "nik": "printf('99%014d', (i * 7919) % {rows})",
    "nama": f"{_FIRST}[1 + h(i, 1) % 6] || ' ' || {_FIRST}[1 + h(i, 2) % 6]",
    "jenis_kelamin": "CASE WHEN h(i, 3) % 2 = 0 THEN 'L' ELSE 'P' END",
    "tanggal_lahir": "printf('%04d-%02d-%02d', 1930 + h(i, 4) % 94, 1 + h(i, 5) % 12, 1 + h(i, 6) % 28)",
    "kode_wilayah": "printf('99.%02d.%02d.%04d', 1 + h(i, 8) % 79, 1 + h(i, 9) % 39, 2001 + h(i, 10) % 13)",
    "umur": "CAST(h(i, 11) % 100 AS VARCHAR)",
    "penghasilan": "CASE WHEN h(i, 12) % 5 > 0 THEN printf('%d.%02d', h(i, 13) % 9000000, h(i, 14) % 100) END",
    "status_kawin": "['BELUM KAWIN', 'KAWIN', 'CERAI HIDUP', 'CERAI MATI'][1 + h(i, 15) % 4]",
    "email": "CASE WHEN h(i, 16) % 2 = 0 THEN 'warga' || i || '@contoh.invalid' END",
    "id_rumah_tangga": "printf('%08x-%04x-4%03x-a%03x-%012x', h(i, 17) % 4294967296, h(i, 18) % 65536,"
    " h(i, 19) % 4096, h(i, 20) % 4096, h(i, 21) % 281474976710656)",
    "diperbarui": "printf('2026-%02d-%02dT%02d:%02d:%02d+07:00', 1 + h(i, 22) % 12, 1 + h(i, 23) % 28,"
    " h(i, 24) % 24, h(i, 25) % 60, h(i, 26) % 60)",
    "jumlah_bantuan": "CAST(500 * (h(i, 27) % 4000) AS VARCHAR)",
    "penerima": "CASE WHEN h(i, 28) % 10 < 4 THEN 'true' ELSE 'false' END",
    "nomor_rekening": "CASE WHEN h(i, 28) % 10 < 4 THEN printf('%012d', h(i, 30) % 1000000000000) END",
}


def write_csv(path: Path, rows: int, bad: float) -> None:
    """The same arguments give the same file; a share `bad` of the rows has one wrong cell."""
    cells = []
    for name, right in _RIGHT.items():
        if name in _WRONG:
            place = list(_WRONG).index(name)
            wrong = (
                f"h(i, 99) % 10000 < {round(bad * 10_000)} AND h(i, 98) % {len(_WRONG)} = {place}"
            )
            right = f"CASE WHEN {wrong} THEN {_WRONG[name]} ELSE {right} END"
        cells.append(f"{right.format(rows=rows)} AS {name}")
    with duckdb.connect() as engine:
        engine.execute("CREATE MACRO h(a, b) AS CAST(hash(a, b) % 4611686018427387904 AS BIGINT)")
        query = f"SELECT {', '.join(cells)} FROM range({rows}) AS t(i)"
        engine.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER)")


def write_lines(path: Path, table: Path) -> None:
    """The rows of a CSV as JSON lines."""
    with path.open("w") as lines:
        for record in each(table):
            lines.write(json.dumps(record) + "\n")


def records(table: Path) -> list[dict[str, Any]]:
    """The rows of a CSV as JSON values; a cell that is not of its type stays text."""
    return list(each(table))


def each(table: Path) -> Iterator[dict[str, Any]]:
    """The same, one after the other."""
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            yield {name: _value(name, cell) for name, cell in row.items()}


def _value(name: str, cell: str) -> Any:
    if cell == "":
        return None
    if name == "penerima":
        return cell == "true"
    if name in ("umur", "jumlah_bantuan"):
        return int(cell)
    if name == "penghasilan":
        return cell if "," in cell else float(cell)
    return cell
