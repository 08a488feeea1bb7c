"""What is measured in a process of its own: `python -m bench.gating WHO FILE SMALL` says what it cost.

What is loaded once in the life of a process is loaded before, by a first turn with a small file.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.json as paj
import pyarrow.parquet as pq

from bench import warga
from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument
from schemas.gate import Limits, judge
from schemas.gate.encoding import sha256_of

BLOCK = Limits().block
PEOPLE = "frictionless"


def gate(path: Path, folder: Path, *, key: bool) -> tuple[int, int]:
    """Ours: every row judged, accepted rows and quarantine on the disk."""
    body = {**warga.SCHEMA, "x-kunci": ["nik"]} if key else warga.SCHEMA
    form = path.suffix[1:]
    verdict = judge(path, form, SchemaDocument.known(body), [], work=folder)
    return verdict.rows, verdict.rejected


def alone(path: Path, folder: Path, **writing: Any) -> tuple[int, int]:
    """The same file read into the same types and written, nothing judged."""
    schema = arrow_schema(SchemaDocument.known(warga.SCHEMA))
    if path.suffix == ".ndjson":
        # Arrow reads no dates from JSON: they stay text.
        kinds = [pa.string() if pa.types.is_temporal(f.type) else f.type for f in schema]
        schema = pa.schema(list(zip(schema.names, kinds, strict=True)))
        batches: Any = paj.open_json(
            path, paj.ReadOptions(block_size=BLOCK), paj.ParseOptions(explicit_schema=schema)
        )
    else:
        batches = pacsv.open_csv(
            path,
            pacsv.ReadOptions(block_size=BLOCK),
            convert_options=pacsv.ConvertOptions(
                column_types={f.name: f.type for f in schema}, strings_can_be_null=True
            ),
        )
    rows = 0
    with pq.ParquetWriter(folder / "alone.parquet", schema, compression="zstd", **writing) as out:
        for batch in batches:
            out.write_batch(batch)
            rows += batch.num_rows
    return rows, 0


def alike(path: Path, folder: Path) -> tuple[int, int]:
    """As `alone`, with our choice of dictionaries, and the checksum that our verdict states."""
    few = ["nama", "jenis_kelamin", "umur", "status_kawin", "jumlah_bantuan", "penerima"]
    sha256_of(path)
    return alone(path, folder, use_dictionary=[*few, "tanggal_lahir"])


def jsonschema(path: Path, folder: Path) -> tuple[int, int]:
    """Row by row, with formats, as its documentation shows it."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(
        warga.SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    rows = warga.records(path)
    return len(rows), sum(any(True for _ in validator.iter_errors(row)) for row in rows)


def jsonschema_rs(path: Path, folder: Path) -> tuple[int, int]:
    """Row by row; all errors of a row."""
    import jsonschema_rs as engine

    validator = engine.Draft202012Validator(warga.SCHEMA, validate_formats=True)
    rows = warga.records(path)
    return len(rows), sum(any(True for _ in validator.iter_errors(row)) for row in rows)


def frictionless(path: Path, folder: Path) -> tuple[int, int]:
    """Table Schema says less: no if/then, no e-mail by the same rule."""
    from frictionless import Resource, Schema, system

    fields = []
    for name, schema in warga.SCHEMA["properties"].items():
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        form = schema.get("format")
        field: dict[str, Any] = {"name": name, "type": {"date": "date"}.get(form or "", kind)}
        limits = {k: schema[k] for k in ("minimum", "maximum", "pattern", "enum") if k in schema}
        field["constraints"] = {"required": name in warga.SCHEMA["required"], **limits}
        fields.append(field)
    with system.use_context(trusted=True):
        schema = Schema.from_descriptor({"fields": fields})
        report = Resource(path=str(path), schema=schema).validate(limit_errors=1_000_000)
    told = report.tasks[0]
    rows = {error.row_number for error in told.errors if hasattr(error, "row_number")}
    return int(told.stats["rows"]), len(rows)


def openpyxl(path: Path, folder: Path) -> tuple[int, int]:
    """Cells read, nothing judged."""
    from openpyxl import load_workbook

    sheet = load_workbook(path, read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True)) - 1, 0


WORKERS: dict[str, Callable[[Path, Path], tuple[int, int]]] = {
    "simpul": lambda path, folder: gate(path, folder, key=False),
    "simpul, with key": lambda path, folder: gate(path, folder, key=True),
    "read and write alone": alone,
    "read and write alike, sha256": alike,
    "jsonschema": jsonschema,
    "jsonschema-rs": jsonschema_rs,
    "frictionless": frictionless,
    "openpyxl, reading alone": openpyxl,
}


def there_is(who: str) -> bool:
    """Frictionless is in the group `bench`, which nobody needs for anything else."""
    return who != PEOPLE or find_spec(PEOPLE) is not None


def main(who: str, path: Path, small: Path) -> None:
    work = WORKERS[who]
    with tempfile.TemporaryDirectory(prefix="simpul-gate-", dir=path.parent) as folder:
        work(small, Path(folder))  # what is loaded once in the life of a process
        wall, cpu = time.perf_counter(), time.process_time()
        rows, rejected = work(path, Path(folder))
        told = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({**told, "rows": rows, "rejected": rejected, "peak_mb": _peak_mb()}))


def _peak_mb() -> int:
    """Of this program alone: `ru_maxrss` would begin with what its parent held when it was forked (Linux)."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
