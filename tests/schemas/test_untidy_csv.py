"""CSV as agencies send it: what can be read is read and told, what cannot is refused in words that help."""

from typing import Any

import pytest


def told(rejected: Any, verdict: Any) -> list[tuple[int, list[str]]]:
    return [(row["row"], [e["rule"] for e in row["errors"]]) for row in rejected(verdict)]


LINES = [
    "kode;jumlah;nilai;ket;;",
    "0001;5;1.234,50;Café;;",
    "0002;6;7;;;",
    "kode;jumlah;nilai;ket;;",
    "0003;7;;;;lihat lampiran",
    "Jumlah;;1.241,50;;;",
    ";;;;;",
    "",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_an_untidy_export_of_excel_is_refused_row_by_row_in_plain_words(
    gate: Any, accepted: Any, rejected: Any, encoding: str
) -> None:
    content = "\r\n".join(LINES).encode(encoding)
    verdict = gate(content, steps=[{"step": "locale", "profile": "id"}])
    assert not verdict.header_errors
    rows = [(r["kode"], r["jumlah"], r["nilai"], r["ket"]) for r in accepted(verdict)]
    assert rows == [("0001", 5, 1234.5, "Café"), ("0002", 6, 7.0, None)]
    assert told(rejected, verdict) == [
        (4, ["baris-judul-berulang"]),
        (5, ["sel-tanpa-judul"]),
        (6, ["baris-jumlah"]),
        (7, ["baris-kosong"]),
    ]
    messages = [row["errors"][0]["message_id"] for row in rejected(verdict)]
    assert "F5" in messages[1]
    assert "lihat lampiran" in messages[1]
    assert "“Jumlah”" in messages[2]
    assert all("Hapus" in message or "hapus" in message for message in messages)


def test_a_decimal_comma_without_a_declared_way_of_writing_is_told_what_to_declare(
    gate: Any, rejected: Any
) -> None:
    verdict = gate("kode;jumlah;nilai\n0001;5;1.234,50\n")
    (row,) = rejected(verdict)
    assert row["errors"][0]["rule"] == "type"
    assert "locale id" in row["errors"][0]["message_id"]
    assert "locale id" in row["errors"][0]["message_en"]


@pytest.mark.parametrize(
    ("row", "rules"),
    [
        ("Jumlah penduduk;5;;", ["pattern"]),
        ("0001;x;Jumlah;", ["type", "type"]),
        ("SUB TOTAL;;9;", ["baris-jumlah"]),
        ("Grand total:;;9;", ["baris-jumlah"]),
        ("Total keseluruhan;;9;", ["baris-jumlah"]),
        ("kode;x;;", ["pattern", "type"]),
    ],
)
def test_only_a_row_that_is_nothing_but_a_total_is_called_one(
    gate: Any, rejected: Any, row: str, rules: list[str]
) -> None:
    verdict = gate(f"kode;jumlah;nilai;ket\n{row}\n")
    assert told(rejected, verdict) == [(2, rules)]


def test_a_row_that_the_schema_accepts_is_never_called_untidy(
    gate: Any, accepted: Any, document_of: Any
) -> None:
    document = document_of({"a": {"type": ["string", "null"]}, "b": {"type": ["string", "null"]}})
    verdict = gate("a,b\na,b\nJumlah,\n,\n", document=document)
    assert verdict.clean
    assert [row["a"] for row in accepted(verdict)] == ["a", "Jumlah", None]


def test_workbooks_get_the_same_words(gate: Any, rejected: Any, tmp_path: Any) -> None:
    from tests.schemas.workbooks import make

    head = ["kode", "jumlah", "nilai"]
    rows = [head, ["0001", 5, 1.5], head, ["Jumlah", None, 1.5]]
    verdict = gate(make(tmp_path, "xlsx", {"Data": rows}), "xlsx")
    assert told(rejected, verdict) == [(3, ["baris-judul-berulang"]), (4, ["baris-jumlah"])]
