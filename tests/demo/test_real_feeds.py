"""Every feed of the demonstration against its published schema, in the forms in which agencies send it."""

import pyarrow.parquet as pq
import pytest

from hub.demo.regency import regency
from schemas.registry import Registry

# dataset: rows as served, rows that stay after `distinct`, rows rejected
COUNTS = {
    "bkad/struktur-anggaran": (165, 165, 0),
    "bkad/program": (409, 409, 0),
    "bkad/kegiatan": (1150, 1150, 0),
    "bkad/sub-kegiatan": (3949, 3949, 0),
    "bpbj/paket-nontender": (2386, 2386, 0),
    "bpbj/hasil-nontender": (1868, 1868, 0),
    "bpbj/sppbj-nontender": (1302, 1302, 0),
    "bpbj/kontrak-nontender": (1047, 1039, 0),
    "bpbj/spmk-nontender": (965, 965, 0),
    "bpbj/bast-nontender": (863, 423, 0),
    "bpbj/paket-tender": (92, 92, 0),
    "bpbj/hasil-tender": (68, 68, 0),
    "bpbj/nilai-tender": (77, 77, 0),
    "bpbj/sppbj-tender": (47, 47, 0),
    "bpbj/kontrak-tender": (52, 52, 0),
    "bpbj/spmk-tender": (45, 45, 0),
    "bpbj/jadwal-tender": (1428, 1428, 0),
    "bpbj/peserta-tender": (4224, 4224, 2),
    "bpbj/epurchasing": (606, 606, 0),
    "bpbj/swakelola": (209, 209, 0),
    "bpbj/realisasi-swakelola": (432, 413, 0),
    "dkisp/satker": (165, 165, 0),
    "dkisp/wilayah": (91599, 91599, 0),
}


def cases(*forms):
    """Each dataset in each form."""
    return [pytest.param(name, form) for name in COUNTS for form in forms]


def test_every_dataset_of_the_demonstration_is_counted():
    assert set(COUNTS) == {dataset.name for dataset in regency().datasets}


@pytest.mark.parametrize(("name", "form"), cases("served", "csv", "pandas"))
def test_a_feed_passes_its_schema_in_every_form(judged, name, form):
    served, distinct, rejected = COUNTS[name]
    verdict = judged(name, form)
    assert verdict.header_errors == ()
    assert (verdict.rows, verdict.accepted, verdict.rejected) == (
        served,
        distinct - rejected,
        rejected,
    ), verdict.by_rule
    assert verdict.accepted >= 0.99 * distinct


@pytest.mark.parametrize("name", COUNTS)
def test_the_key_is_unique_among_the_accepted_rows(judged, name):
    dataset = regency().dataset(name)
    key = list(Registry.packaged().get(dataset.schema_name, dataset.schema_version).key)
    accepted = pq.read_table(judged(name, "served").accepted_file, columns=key)
    assert key
    assert accepted.group_by(key).aggregate([]).num_rows == accepted.num_rows


@pytest.mark.parametrize(("name", "form"), cases("csv", "pandas"))
def test_a_feed_sent_as_csv_becomes_the_very_rows_it_becomes_as_served(judged, name, form):
    as_served = pq.read_table(judged(name, "served").accepted_file)
    assert pq.read_table(judged(name, form).accepted_file).equals(as_served)


def test_only_tenders_without_bidders_are_turned_away(judged):
    verdict = judged("bpbj/peserta-tender", "served")
    assert {(rule.column, rule.rule, rule.count) for rule in verdict.by_rule} >= {
        ("kd_peserta", "kunci-kosong", 2)
    }


def test_a_moment_with_and_without_z_is_the_same_moment_in_western_indonesian_time(judged):
    """16:00:00.000000Z in one feed and 16:00:00 in another are both four in the afternoon in Bandung."""
    announced = moments(judged("bpbj/paket-nontender", "served"))
    ended = moments(judged("bpbj/hasil-nontender", "served"))
    assert len(ended) == 1868
    assert all(announced[code] == moment for code, moment in ended.items())
    assert announced[10050366000].isoformat() == "2025-02-20T09:00:00+00:00"


def moments(verdict):
    columns = ["kd_nontender", "tgl_pengumuman_nontender"]
    table = pq.read_table(verdict.accepted_file, columns=columns)
    return dict(zip(*(column.to_pylist() for column in table.columns), strict=True))
