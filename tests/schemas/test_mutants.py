"""A real feed passes; one thing spoilt in one of its rows is refused, that row alone, by the rule that is meant for it.

The feed is that of tender contracts with its own intake steps. Its schema says nothing of lengths, spellings, codes and
the order of dates, so the test sharpens it as an agency might, in ways that every real row satisfies.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.demo.regency import regency
from schemas.document import SchemaDocument
from schemas.gate import Verdict
from schemas.registry import Registry

Row = dict[str, Any]
FEED = regency().dataset("bpbj/kontrak-tender")
ROWS: list[Row] = [json.loads(line) for line in FEED.served().splitlines()]
AGENCIES = [
    json.loads(line)["kd_satker_str"]
    for line in regency().dataset("dkisp/satker").served().splitlines()
]
SPOILT = 10
"""The row that is spoilt: line 11 of NDJSON, record 12 of a CSV."""
SHARPER: dict[str, dict[str, Any]] = {
    "nama_paket": {"maxLength": 300},
    "jenis_kontrak": {"enum": sorted({row["jenis_kontrak"] for row in ROWS})},
    "kd_satker_str": {
        "pattern": r"^[0-9]\.[0-9]{2}\.[0-9]\.[0-9]{2}\.[0-9]\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$",
        "x-kode-referensi": "referensi/satker",
    },
}
RULES = [
    {
        "nama": "tanggal-kontrak-berurutan",
        "jenis": "urutan",
        "kolom": ["tgl_kontrak", "tgl_kontrak_awal", "tgl_kontrak_akhir"],
    },
    {
        "nama": "produk-dalam-negeri-tidak-lebih-dari-kontrak",
        "jenis": "jumlah",
        "suku": ["nilai_pdn_kontrak"],
        "paling_banyak": "nilai_kontrak",
    },
]


def sharpened() -> SchemaDocument:
    body = Registry.packaged().get(FEED.schema_name, FEED.schema_version).body
    properties = {n: {**said, **SHARPER.get(n, {})} for n, said in body["properties"].items()}
    return SchemaDocument.parse({**body, "properties": properties, "x-aturan": RULES})


def ndjson(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def as_csv(rows: list[Row]) -> str:
    out = io.StringIO()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(out, fieldnames=list(names))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


FORMS: dict[str, Callable[[list[Row]], str]] = {"ndjson": ndjson, "csv": as_csv}
FIRST = {"ndjson": SPOILT + 1, "csv": SPOILT + 2}


@pytest.fixture
def feed(gate: Any, tmp_path: Path) -> Callable[..., Verdict]:
    """Judge a file of the feed, by its own steps unless others are given."""
    codes = tmp_path / "satker.txt"
    codes.write_text("\n".join(AGENCIES))

    def run(content: str, form: str, steps: list[dict[str, Any]] | None = None) -> Verdict:
        known = {"referensi/satker": codes}
        taken = list(FEED.intake) if steps is None else steps
        verdict: Verdict = gate(content, form, taken, sharpened(), codes=known)
        return verdict

    return run


@dataclass(frozen=True)
class Mutant:
    """What is put into the spoilt row, and by which rule in which column it is to be refused."""

    name: str
    put: Callable[[Row], Row]
    rule: str
    column: str


def put(column: str, value: Any) -> Callable[[Row], Row]:
    return lambda row: {**row, column: value}


def moved(row: Row) -> Row:
    """Every value one column further from the year on, as when a cell was inserted in a spreadsheet."""
    names = list(row)
    return dict(zip(names, [row[names[-1]], *list(row.values())[:-1]], strict=True))


MUTANTS = [
    Mutant("a fraction in a whole number", put("versi_addendum", 0.5), "type", "versi_addendum"),
    Mutant("a date that is none", put("tgl_kontrak", "2025-25-04"), "format", "tgl_kontrak"),
    Mutant("a date with day and month changed", put("tgl_kontrak_akhir", "2025-01-12T00:00:00.000000Z"), "tanggal-kontrak-berurutan", "tgl_kontrak_akhir"),
    Mutant("a code off the list", put("kd_satker_str", "9.99.0.00.0.00.99.0000"), "kode-referensi", "kd_satker_str"),
    Mutant("lost zeros", lambda row: {**row, "kd_satker_str": row["kd_satker_str"].replace(".0", ".")}, "pattern", "kd_satker_str"),
    Mutant("a text too long", put("nama_paket", "x" * 301), "maxLength", "nama_paket"),
    Mutant("another spelling", put("jenis_kontrak", "harga satuan"), "enum", "jenis_kontrak"),
    Mutant("a required value missing", lambda row: {n: v for n, v in row.items() if n != "tahun_anggaran"}, "required", "tahun_anggaran"),
    Mutant("a negative amount", lambda row: {**row, "nilai_kontrak": -row["nilai_kontrak"]}, "minimum", "nilai_kontrak"),
    Mutant("words for a number", put("kd_lpse", "sembilan tiga"), "type", "kd_lpse"),
    Mutant("thousands separators", put("nilai_kontrak", "35.975.100"), "type", "nilai_kontrak"),
    Mutant("a year of two digits", put("tahun_anggaran", 25), "minimum", "tahun_anggaran"),
    Mutant("more of a part than the whole", lambda row: {**row, "nilai_pdn_kontrak": row["nilai_kontrak"] + 0.01}, "produk-dalam-negeri-tidak-lebih-dari-kontrak", "nilai_pdn_kontrak"),
]  # fmt: skip


def spoilt(mutant: Callable[[Row], Row]) -> list[Row]:
    return [*ROWS[:SPOILT], mutant(ROWS[SPOILT]), *ROWS[SPOILT + 1 :]]


@pytest.mark.parametrize("form", FORMS)
def test_the_feed_itself_passes(feed: Callable[..., Verdict], form: str) -> None:
    verdict = feed(FORMS[form](ROWS), form)
    assert (verdict.accepted, verdict.rejected) == (len(ROWS), 0), verdict.by_rule


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_refused_by_the_name_of_its_rule(
    feed: Callable[..., Verdict], mutant: Mutant, form: str
) -> None:
    verdict = feed(FORMS[form](spoilt(mutant.put)), form)
    found = [(rule.rule, rule.column, rule.first_rows) for rule in verdict.by_rule]
    assert found == [(mutant.rule, mutant.column, (FIRST[form],))]
    assert (verdict.accepted, verdict.rejected) == (len(ROWS) - 1, 1)


@pytest.mark.parametrize("form", FORMS)
def test_a_doubled_key_takes_both_rows(feed: Callable[..., Verdict], form: str) -> None:
    key = {name: ROWS[SPOILT + 1][name] for name in ("kd_tender", "versi_addendum")}
    verdict = feed(FORMS[form](spoilt(lambda row: row | key)), form)
    (rule,) = verdict.by_rule
    assert (rule.rule, rule.count) == ("kunci-ganda", 2)
    assert rule.first_rows == (FIRST[form], FIRST[form] + 1)
    assert verdict.accepted == len(ROWS) - 2


def test_a_column_of_identity_numbers_refuses_a_csv_and_a_row_of_ndjson(
    feed: Callable[..., Verdict],
) -> None:
    rows = spoilt(put("nik", "6401041508850000"))
    refused = feed(as_csv(rows), "csv")
    assert [(error.rule, error.column) for error in refused.header_errors] == [
        ("kolom-tak-dikenal", "nik")
    ]
    assert (refused.status, refused.accepted) == ("refused", 0)
    verdict = feed(ndjson(rows), "ndjson")
    (rule,) = verdict.by_rule
    assert (rule.rule, rule.column, rule.count) == ("additionalProperties", "nik", 1)


@pytest.mark.parametrize("form", FORMS)
def test_an_enum_with_a_blank_at_the_end_is_refused_unless_a_step_trims_it(
    feed: Callable[..., Verdict], form: str
) -> None:
    rows = spoilt(lambda row: {**row, "jenis_kontrak": f"{row['jenis_kontrak']} "})
    untrimmed = [step for step in FEED.intake if step["step"] != "trim"]
    (rule,) = feed(FORMS[form](rows), form, untrimmed).by_rule
    assert (rule.rule, rule.column, rule.first_rows) == ("enum", "jenis_kontrak", (FIRST[form],))
    assert feed(FORMS[form](rows), form).rejected == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_shifted_row_is_refused_in_the_columns_it_spoils(
    feed: Callable[..., Verdict], form: str
) -> None:
    verdict = feed(FORMS[form](spoilt(moved)), form)
    assert (verdict.accepted, verdict.rejected) == (len(ROWS) - 1, 1)
    found = {(rule.rule, rule.column) for rule in verdict.by_rule}
    assert {("type", "kd_lpse"), ("type", "nilai_kontrak"), ("enum", "jenis_kontrak")} <= found


def test_a_row_with_a_delimiter_too_many_is_refused_whole(feed: Callable[..., Verdict]) -> None:
    lines = as_csv([{n: v for n, v in row.items() if n != "lingkup_pekerjaan"} for row in ROWS])
    records = list(csv.reader(io.StringIO(lines)))
    records[SPOILT + 1].insert(3, "x")
    out = io.StringIO()
    csv.writer(out).writerows(records)
    verdict = feed(out.getvalue(), "csv")
    assert [(rule.rule, rule.first_rows) for rule in verdict.by_rule] == [
        ("baris-tidak-utuh", (FIRST["csv"],))
    ]
