"""The made-up newer snapshot: passes the gate, and differs from the real one in exactly the rows it says."""

import pyarrow.parquet as pq
import pytest

from hub.demo.newer import DATASET, newer_announcements
from hub.demo.regency import regency
from schemas.gate import judge
from schemas.registry import Registry

KEY = "kd_nontender"


@pytest.fixture(scope="module")
def newer_verdict(tmp_path_factory):
    work = tmp_path_factory.mktemp("newer")
    dataset = regency().dataset(DATASET)
    path = work / "newer.csv"
    path.write_bytes(newer_announcements().csv)
    document = Registry.packaged().get(dataset.schema_name, dataset.schema_version)
    return judge(path, "csv", document, list(dataset.intake), work=work)


def by_key(file):
    return {row[KEY]: row for row in pq.read_table(file).to_pylist()}


def test_every_row_of_the_newer_snapshot_is_accepted(newer_verdict):
    assert newer_verdict.rejected == 0
    assert newer_verdict.accepted == newer_announcements().rows == 2386 + 40 - 5


def test_new_and_changed_rows_are_the_announced_ones_and_no_other(judged, newer_verdict):
    snapshot = newer_announcements()
    before = by_key(judged(DATASET, "served").accepted_file)
    after = by_key(newer_verdict.accepted_file)
    assert after.keys() - before.keys() == snapshot.new
    assert before.keys() - after.keys() == snapshot.absent
    assert {k for k in before.keys() & after.keys() if before[k] != after[k]} == snapshot.changed


def test_the_same_figures_give_the_same_file():
    assert newer_announcements().csv == newer_announcements().csv


def test_a_raw_feed_with_its_personal_columns_and_day_of_extraction_passes(tmp_path):
    dataset = regency().dataset(DATASET)
    header, first, *_ = newer_announcements().csv.decode().splitlines()
    path = tmp_path / "raw.csv"
    path.write_text(
        f"{header},nip_nama_ppk,nip_nama_pp,nip_nama_pokja,_event_date\n"
        f"{first},000000000000000000 - Pejabat (sintetis),,,2025-11-03\n",
        encoding="utf-8",
    )
    document = Registry.packaged().get(dataset.schema_name, dataset.schema_version)
    verdict = judge(path, "csv", document, list(dataset.intake), work=tmp_path)
    assert verdict.clean
    assert verdict.accepted == 1
