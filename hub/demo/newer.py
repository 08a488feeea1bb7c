"""A newer snapshot of the non-tender announcements, made from the real one: for trying upsert and its changes list.

What it adds or changes is synthetic; the rest is the real rows, in the spellings in which pandas
writes the feed as CSV.
"""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from hub.demo.regency import regency

DATASET = "bpbj/paket-nontender"
_FIRST_NEW_CODE = 10_990_000_000  # above every code of the real snapshot
_STEP = 1_000  # SPSE codes end in the number of the service; these end in 000 like the real ones


@dataclass(frozen=True)
class Snapshot:
    """`csv` is the file; codes are `kd_nontender`: `new` and `changed` against the real snapshot,
    `absent` are in the real snapshot and not in the file, so that an upsert must keep them."""

    csv: bytes
    new: frozenset[int]
    changed: frozenset[int]
    absent: frozenset[int]
    rows: int


def newer_announcements(*, changed: int = 120, new: int = 40, absent: int = 5) -> Snapshot:
    """The same figures give the same bytes. `changed` and `absent` together take at most 700 rows."""
    rows = [json.loads(line) for line in regency().dataset(DATASET).served().splitlines()]
    running = [row for row in rows if row["status_nontender"] == "Berlangsung"]
    ended, gone = running[:changed], running[changed : changed + absent]
    for index, row in enumerate(ended):
        _progress(row, index)
    added = [_announced_again(row, index) for index, row in enumerate(rows[:new])]
    absent_codes = frozenset(row["kd_nontender"] for row in gone)
    kept = [row for row in rows if row["kd_nontender"] not in absent_codes]
    return Snapshot(
        csv=_as_csv([*added, *kept]),
        new=frozenset(row["kd_nontender"] for row in added),
        changed=frozenset(row["kd_nontender"] for row in ended),
        absent=absent_codes,
        rows=len(added) + len(kept),
    )


def _progress(row: dict[str, Any], index: int) -> None:
    """A selection goes on: it ends, fails, or gets a corrected estimate."""
    match index % 3:
        case 0:
            row["status_nontender"] = "Selesai"
        case 1:
            row["status_nontender"] = "Gagal/Batal"
            row["ket_ditutup"] = "Dibatalkan (sintetis)"
        case _:
            row["hps"] = row["hps"] - 1_000.5


def _announced_again(row: dict[str, Any], index: int) -> dict[str, Any]:
    """A package announced anew: another code, the next version, the same SPSE package."""
    code = _FIRST_NEW_CODE + index * _STEP
    return row | {
        "lls_id": code,
        "kd_nontender": code,
        "nama_paket": f"{row['nama_paket']} (sintetis)",
        "status_nontender": "Berlangsung",
        "versi_nontender": row["versi_nontender"] + 1,
        "tgl_pengumuman_nontender": f"2025-10-{6 + index % 20:02} 09:00:00.000000Z",
    }


def _as_csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    # pandas keeps a column with fractions as float, hence 99999900.0
    writer.writerows(row | {"hps": float(row["hps"])} for row in rows)
    return out.getvalue().encode()
