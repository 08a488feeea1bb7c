"""The rows that are pushed and read: synthetic spending of 45 agencies, 8 columns, any number."""

from pathlib import Path
from typing import Any

import duckdb

AGENCIES = 45
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/bkad/belanja/1.0.0.json",
    "title": "Belanja (sintetis)",
    "type": "object",
    "additionalProperties": False,
    "x-kunci": ["kode"],
    "required": ["kode", "skpd", "tanggal", "uraian", "jumlah", "rasio", "lunas", "sumber"],
    "properties": {
        "kode": {"title": "Kode", "type": "string", "pattern": "^[0-9]{10}$"},
        "skpd": {"title": "SKPD", "type": "string", "pattern": "^skpd[0-9]{2}$"},
        "tanggal": {"title": "Tanggal", "type": "string", "format": "date"},
        "uraian": {"title": "Uraian", "type": "string", "minLength": 1, "maxLength": 200},
        "jumlah": {"title": "Jumlah", "type": "integer", "minimum": 0},
        "rasio": {"title": "Rasio", "type": "number", "minimum": 0, "maximum": 1},
        "lunas": {"title": "Lunas", "type": "boolean"},
        "sumber": {"title": "Sumber dana", "enum": ["APBD", "APBN", "DAK", "PAD"]},
    },
}
COLUMNS = """
    kode VARCHAR, skpd VARCHAR, tanggal DATE, uraian VARCHAR, jumlah BIGINT, rasio DOUBLE PRECISION,
    lunas BOOLEAN, sumber VARCHAR
"""


def write_csv(path: Path, rows: int) -> None:
    """The same `rows` give the same file; keys come in no order."""
    duckdb.sql(
        f"""
        COPY (
            SELECT printf('%010d', (i * 7919) % {rows}) AS kode,
                   printf('skpd%02d', 1 + hash(i) % {AGENCIES}) AS skpd,
                   DATE '2025-01-01' + CAST(hash(i + 1) % 300 AS INTEGER) AS tanggal,
                   'Belanja barang dan jasa nomor ' || i AS uraian,
                   CAST(hash(i + 2) % 500000000 AS BIGINT) AS jumlah,
                   round((hash(i + 3) % 10000) / 10000.0, 4) AS rasio,
                   hash(i + 4) % 2 = 0 AS lunas,
                   (['APBD', 'APBN', 'DAK', 'PAD'])[1 + CAST(hash(i + 5) % 4 AS INTEGER)] AS sumber
            FROM range({rows}) AS t(i)
        ) TO '{path}' (FORMAT csv, HEADER)
        """
    )
