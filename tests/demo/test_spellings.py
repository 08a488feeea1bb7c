"""What the steps of the announcements make of spellings that this or another feed uses."""

import csv
import json

import pyarrow.parquet as pq
import pytest

from hub.demo.newer import DATASET
from hub.demo.regency import regency
from schemas.gate import judge
from schemas.registry import Registry

NINE_IN_BANDUNG = "2025-10-03T02:00:00+00:00"
MIDNIGHT_IN_BANDUNG = "2025-10-02T17:00:00+00:00"


@pytest.fixture
def accept(tmp_path):
    """Sends one real announcement as CSV with some cells replaced, and gives the row that was accepted."""
    dataset = regency().dataset(DATASET)
    first = json.loads(dataset.served().splitlines()[0])
    document = Registry.packaged().get(dataset.schema_name, dataset.schema_version)

    def send(**cells):
        path = tmp_path / "row.csv"
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, fieldnames=list(first))
            writer.writeheader()
            writer.writerow(first | cells)
        verdict = judge(path, "csv", document, list(dataset.intake), work=tmp_path)
        assert verdict.clean, verdict.by_rule
        (row,) = pq.read_table(verdict.accepted_file).to_pylist()
        return row

    return send


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-10-03 09:00:00.000000Z", NINE_IN_BANDUNG),
        ("2025-10-03T09:00:00.000000Z", NINE_IN_BANDUNG),
        ("2025-10-03 09:00:00", NINE_IN_BANDUNG),
        ("2025-10-03T09:00:00+07:00", NINE_IN_BANDUNG),
        ("2025-10-03T02:00:00Z", NINE_IN_BANDUNG),
        ("Oct 3, 2025, 09:00:00AM", NINE_IN_BANDUNG),
        ("Oct 3, 2025, 12:00:00AM", MIDNIGHT_IN_BANDUNG),
        ("2025-10-03", MIDNIGHT_IN_BANDUNG),
    ],
)
def test_every_spelling_of_a_moment_becomes_the_same_moment(accept, written, moment):
    row = accept(tgl_pengumuman_nontender=written)
    assert row["tgl_pengumuman_nontender"].isoformat() == moment


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2.07.03.2.01.0006.5.1.02.02.12.0001.", "2.07.03.2.01.0006.5.1.02.02.12.0001"),
        (
            "1.02.03.2.01.0001.5.1.;1.02.03.2.01.0002.5.2.",
            "1.02.03.2.01.0001.5.1;1.02.03.2.01.0002.5.2",
        ),
        (
            "1.02.03.2.01.0001.5.1, 1.02.03.2.01.0002.5.2",
            "1.02.03.2.01.0001.5.1;1.02.03.2.01.0002.5.2",
        ),
        ("-", "-"),
    ],
)
def test_accounts_are_joined_by_semicolons_without_dots_at_the_end(accept, written, kept):
    assert accept(mak=written)["mak"] == kept


def test_codes_of_plans_stay_text_and_are_joined_by_semicolons(accept):
    assert accept(kd_rup="056168859;56168861; 56168878")["kd_rup"] == "056168859;56168861;56168878"


def test_words_that_the_source_invents_tomorrow_are_accepted(accept):
    row = accept(status_nontender="Ditinjau", jenis_pengadaan="Barang", mtd_pemilihan="Kontes")
    assert (row["status_nontender"], row["mtd_pemilihan"]) == ("Ditinjau", "Kontes")


def test_what_is_not_known_yet_may_be_blank(accept):
    row = accept(tgl_pengumuman_nontender="", hps="", kd_pkt_dce="", mak="", ket_ditutup=" ")
    assert row["hps"] is row["kd_pkt_dce"] is row["mak"] is row["ket_ditutup"] is None


def test_whole_numbers_that_pandas_wrote_as_fractions_are_whole(accept):
    row = accept(kd_nontender="10048728000.0", pagu="79747800.0")
    assert (row["kd_nontender"], row["pagu"]) == (10048728000, 79747800)
