"""Rules across fields, in columns, against the same rules row by row."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument
from schemas.errors import InvalidSchema
from schemas.gate.across.asking import Across
from schemas.gate.across.cells import Cells
from schemas.gate.blocks import Finding
from schemas.gate.messages import general_message, row_message
from tests.schemas.naively import broken

NUMBER = {"type": ["number", "null"]}
DATE = {"type": ["string", "null"], "format": "date"}
MOMENT = {"type": ["string", "null"], "format": "date-time"}
BODY: dict[str, Any] = {
    "$id": "https://simpul.invalid/schemas/uji/anggaran/1.0.0.json",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "pagu": NUMBER,
        "neto": NUMBER,
        "persen": NUMBER,
        "bulan": {"type": ["integer", "null"]},
        "akhir": {"type": ["integer", "null"]},
        "sub": {"type": ["string", "null"]},
        "rekening": {"type": ["string", "null"]},
        "mak": {"type": ["string", "null"]},
        "mulai": DATE,
        "selesai": DATE,
        "dikirim": MOMENT,
        "dibaca": MOMENT,
        "jenis": {"enum": ["a", "b", None]},
        "dana": {
            "type": ["array", "null"],
            "items": {"type": "object", "properties": {"nilai": NUMBER}},
        },
        "kas": {"type": ["array", "null"], "items": {"type": "number"}},
        "jadwal": {
            "type": ["object", "null"],
            "properties": {"awal": DATE, "waktu": MOMENT, "nilai": NUMBER, "kode": {"type": "string"}},
        },
    },
}  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"nama": "dana-pagu", "jenis": "jumlah", "suku": [{"kolom": "dana", "anggota": "nilai"}], "sama_dengan": "pagu"},
    {"nama": "kas-pagu", "jenis": "jumlah", "suku": [{"kolom": "kas", "daftar": True, "kosong": 0}], "paling_banyak": "pagu", "toleransi": 0.05},
    {"nama": "neto-pagu", "jenis": "jumlah", "suku": ["neto", {"kolom": "dana", "anggota": "nilai", "kosong": 0}], "sama_dengan": "pagu", "bila": {"jenis": ["a"]}},
    {"nama": "paling-sedikit", "jenis": "jumlah", "suku": ["neto", "/jadwal/nilai"], "paling_sedikit": 100.01, "bila": {"bulan": [1, 2]}},
    {"nama": "kali-tepat", "jenis": "hasil-kali", "faktor": ["neto", "bulan"], "sama_dengan": "pagu"},
    {"nama": "kali-pajak", "jenis": "hasil-kali", "faktor": ["neto", "bulan", {"kolom": "persen", "tambah_persen": True, "kosong": 0}], "sama_dengan": "pagu", "toleransi": 1},
    {"nama": "kali-banyak", "jenis": "hasil-kali", "faktor": ["neto", "persen"], "paling_banyak": "pagu"},
    {"nama": "mak-gabungan", "jenis": "gabungan", "kolom": "mak", "bagian": ["sub", {"teks": "."}, "rekening"]},
    {"nama": "mak-ruas", "jenis": "gabungan", "kolom": {"kolom": "mak", "pisah": ".", "ke": 2}, "bagian": ["rekening"]},
    {"nama": "mak-awalan", "jenis": "awalan", "kolom": "mak", "bagian": [{"kolom": "sub", "tanpa": "."}]},
    {"nama": "mak-akhiran", "jenis": "akhiran", "kolom": "mak", "bagian": [{"kolom": "bulan", "digit": 2}]},
    {"nama": "mak-kode", "jenis": "awalan", "kolom": "mak", "bagian": ["/jadwal/kode"]},
    {"nama": "mak-hari", "jenis": "awalan", "kolom": "mak", "bagian": ["mulai"]},
    {"nama": "urut-tanggal", "jenis": "urutan", "kolom": ["mulai", "/jadwal/awal", "selesai"]},
    {"nama": "urut-waktu", "jenis": "urutan", "kolom": ["dikirim", "dibaca", "/jadwal/waktu"]},
    {"nama": "urut-angka", "jenis": "urutan", "kolom": ["bulan", "akhir", "pagu", "/jadwal/nilai"]},
]  # fmt: skip
DOCUMENT = SchemaDocument.parse({**BODY, "x-aturan": RULES})

money = st.one_of(
    st.sampled_from([0, 1, 0.1, 0.2, 0.3, 0.7, 33.33, 100.01, 2**53, 2**53 + 1, 1e13, 1e15, 1e16, 0.005, 1e-9, 1e22]),
    st.integers(0, 400),
    st.integers(0, 40_000).map(lambda n: n / 100),
    st.floats(0, 1e18).map(lambda n: round(n, 6)),
)  # fmt: skip
whole = st.one_of(st.integers(-3, 13), st.sampled_from([2**53, 2**53 + 1, 2**62]))
code = st.sampled_from(["1", "1.2", "12", "a", "", "a.1", "a.2", ".", "1.a.1", "05", "2025-01-01x"])
day = st.sampled_from(["2025-01-01", "2025-01-02", "2024-12-31", "0999-01-01"])
moment = st.sampled_from(
    ["2025-01-01T00:00:00Z", "2025-01-01T07:00:00+08:00", "2025-01-01T00:00:00.5Z", "2024-12-31T23:59:59.999999Z"]
)  # fmt: skip


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


rows = st.fixed_dictionaries(
    {
        "pagu": maybe(money), "neto": maybe(money), "persen": maybe(money), "bulan": maybe(whole),
        "akhir": maybe(whole), "sub": maybe(code), "rekening": maybe(code), "mak": maybe(code),
        "mulai": maybe(day), "selesai": maybe(day), "dikirim": maybe(moment), "dibaca": maybe(moment),
        "jenis": st.sampled_from(["a", "b", None]),
        "dana": maybe(st.lists(st.fixed_dictionaries({}, optional={"nilai": maybe(money), "x": st.just("y")}), max_size=4)),
        "kas": maybe(st.lists(money, max_size=4)),
        "jadwal": maybe(st.fixed_dictionaries({}, optional={"awal": maybe(day), "waktu": maybe(moment), "nilai": maybe(money), "kode": code})),
    }
)  # fmt: skip


def related(row: dict[str, Any], how: int) -> dict[str, Any]:
    """Rows that obey some of the rules, which random values hardly do."""
    listed = [one.get("nilai") or 0 for one in row["dana"] or []]
    made = {
        0: {},
        1: {"pagu": sum(listed)},
        2: {"mak": f"{row['sub']}.{row['rekening']}"},
        3: {"pagu": (row["neto"] or 0) * (row["bulan"] or 0)},
        4: {"neto": 300, "persen": 11, "bulan": 3, "pagu": 999},
        5: {"neto": 0.1, "dana": [{"nilai": 0.2}], "pagu": 0.3},
    }[how]
    return row | made


def columns(document: SchemaDocument, given: list[dict[str, Any]]) -> dict[str, pa.Array]:
    """As the gate keeps them."""
    made = {}
    for field in arrow_schema(document):
        kind = document.by_name[field.name].kind
        values = [_kept(row.get(field.name), kind) for row in given]
        made[field.name] = pa.array(values, field.type)
    return made


def _kept(value: Any, kind: str) -> Any:
    if value is None:
        return None
    match kind:
        case "json":
            return json.dumps(value)
        case "date":
            return date.fromisoformat(value)
        case "date-time":
            return datetime.fromisoformat(value).astimezone(UTC)
        case "number":
            return float(value)
        case _:
            return value


def as_kept(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers of the record itself are 64-bit floats once they are kept."""
    floats = {"pagu", "neto", "persen"}
    return {n: float(v) if n in floats and v is not None else v for n, v in row.items()}


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(rows, st.integers(0, 5)), min_size=1, max_size=6))
def test_columns_say_what_rows_say(made: list[tuple[dict[str, Any], int]]) -> None:
    given = [related(row, how) for row, how in made]
    found = Across(DOCUMENT).findings(columns(DOCUMENT, given))
    for index, row in enumerate(given):
        wanted = {(r["nama"], at) for r in RULES for at in broken(r, as_kept(row))}
        assert {(f.rule, f.pointer) for f in found.get(index, [])} == wanted


def test_a_float_that_is_hardly_off_is_off() -> None:
    """0.42 + 78.9 is 79.32000000000001 in floats, and 79.32 is what was meant; whatever the size of the block."""
    off = {"dana": [{"nilai": 0.42}, {"nilai": 78.9}], "pagu": 0.42 + 78.9}
    right = off | {"pagu": 79.32}
    percent = {"neto": 2.0, "bulan": 1, "persen": 100.00000000000001, "pagu": 4.0}
    for block in ([off], [right, off], [{}, off, right], [off] * 40):
        found = Across(DOCUMENT).findings(columns(DOCUMENT, block))
        assert [i for i in found if found[i]] == [i for i, row in enumerate(block) if row is off]
    rule = {
        "nama": "kali-persen",
        "jenis": "hasil-kali",
        "faktor": ["neto", {"kolom": "persen", "tambah_persen": True}],
        "sama_dengan": "pagu",
    }
    assert judged(rule, percent).rule == "kali-persen"


def test_money_with_cents_is_proven_without_looking_at_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """0.1 + 0.2 is 0.3; in floats it is not."""
    row = {
        "pagu": 187500000.3,
        "dana": [{"nilai": 187500000.1}, {"nilai": 0.2}],
        "mulai": "2025-01-01",
        "selesai": "2025-01-01",
        "sub": "1",
        "rekening": "2",
        "mak": "1.2",
    }
    monkeypatch.setattr(Cells, "value", lambda *_: pytest.fail("a clean row was looked at"))
    monkeypatch.setattr(Cells, "listed", lambda *_: pytest.fail("a clean row was looked at"))
    names = ("dana-pagu", "mak-gabungan", "mak-ruas", "urut-tanggal")
    rules = [rule for rule in RULES if rule["nama"] in names]
    document = SchemaDocument.parse({**BODY, "x-aturan": rules})
    assert Across(document).findings(columns(document, [row] * 3)) == {}


def judged(rule: dict[str, Any], row: dict[str, Any], severity: str = "") -> Finding:
    """The one finding of the rule in the row."""
    document = SchemaDocument.parse({**BODY, "x-aturan": [rule]})
    check = Across(document, {rule["nama"]: severity} if severity else {})
    (findings,) = check.findings(columns(document, [row])).values()
    (finding,) = findings
    return finding


WORDS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "dana-pagu",
        {"dana": [{"nilai": 1.5}, {"nilai": 2}], "pagu": 4},
        "Jumlah dana.nilai adalah 3.5, sedangkan pagu 4. Jumlah dana.nilai harus sama dengan pagu. "
        "Periksa nilai-nilainya.",
        "The sum of dana.nilai is 3.5, while pagu is 4. The sum of dana.nilai must equal pagu. "
        "Look at the values.",
    ),
    (
        "kali-pajak",
        {"neto": 100, "bulan": 2, "persen": 10, "pagu": 200},
        "neto × bulan × (1 + persen/100) adalah 220, sedangkan pagu 200. neto × bulan × (1 + persen/100) "
        "harus sama dengan pagu (toleransi 1). Periksa nilai-nilainya.",
        "neto × bulan × (1 + persen/100) is 220, while pagu is 200. neto × bulan × (1 + persen/100) "
        "must equal pagu (tolerance 1). Look at the values.",
    ),
    (
        "mak-gabungan",
        {"mak": "a", "sub": "1", "rekening": "2"},
        "mak adalah “a”, sedangkan bagian-bagiannya “1.2”. mak harus gabungan dari sub + “.” + rekening. "
        "Periksa nilai-nilainya.",
        "mak is “a”, while its parts are “1.2”. mak must be put together of sub + “.” + rekening. "
        "Look at the values.",
    ),
    (
        "urut-tanggal",
        {"mulai": "2025-01-02", "selesai": "2025-01-01"},
        "selesai adalah “2025-01-01”, padahal mulai 2025-01-02. Urutannya harus mulai, jadwal.awal, selesai: "
        "yang kemudian tidak boleh lebih kecil atau lebih dulu. Periksa nilai-nilainya.",
        "selesai is “2025-01-01”, but mulai 2025-01-02. The order must be mulai, jadwal.awal, selesai: "
        "a later one must not be smaller or earlier. Look at the values.",
    ),
]


@pytest.mark.parametrize(("name", "row", "in_id", "in_en"), WORDS, ids=[w[0] for w in WORDS])
def test_a_finding_names_the_columns_and_their_values(
    name: str, row: dict[str, Any], in_id: str, in_en: str
) -> None:
    finding = judged(next(rule for rule in RULES if rule["nama"] == name), row)
    assert row_message(finding, None) == (in_id, in_en)


def test_a_rule_may_bring_its_own_words_and_severity() -> None:
    rule = RULES[0] | {"pesan": {"id": "Samakan dananya.", "en": "Even the funds."}, "severity": "warning"}  # fmt: skip
    row = {"dana": [], "pagu": 4}
    finding = judged(rule, row)
    assert (finding.severity, judged(rule, row, "error").severity) == ("warning", "error")
    assert general_message(finding, None) == ("Samakan dananya.", "Even the funds.")
    assert row_message(finding, None)[1] == (
        "The sum of dana.nilai is 0, while pagu is 4. Even the funds."
    )


def test_values_of_people_are_not_repeated() -> None:
    properties = BODY["properties"] | {"sub": {"type": "string", "x-data-pribadi": "umum"}}
    body = {**BODY, "properties": properties, "x-aturan": RULES[7:8]}
    document = SchemaDocument.parse(body)
    row = {"mak": "a", "sub": "Ani (sintetis)", "rekening": "2"}
    ((finding,),) = Across(document).findings(columns(document, [row])).values()
    assert (finding.value, finding.expected) == (None, None)
    assert row_message(finding, None) == general_message(finding, None)


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("no kind", {"nama": "tanpa-jenis"}, "/x-aturan/0/jenis", "must be present"),
    ("an unknown kind", {"nama": "a-b", "jenis": "rumus"}, "/x-aturan/0/jenis", "as documented"),
    ("an unknown word", RULES[0] | {"rumus": "a+b"}, "/x-aturan/0", "as documented"),
    ("a name like a keyword", RULES[0] | {"nama": "pattern"}, "/x-aturan/0/nama", "as documented"),
    ("a name of the gate", RULES[0] | {"nama": "kunci-ganda"}, "/x-aturan/0/nama", "built-in"),
    ("two comparisons", RULES[0] | {"paling_banyak": 3}, "/x-aturan/0", "as documented"),
    ("a column that is none", RULES[0] | {"sama_dengan": "tiada"}, "/x-aturan/0", "does not exist"),
    ("a member that is none", RULES[0] | {"suku": [{"kolom": "dana", "anggota": "x"}]}, "/x-aturan/0", "not a list of numbers"),
    ("a list that is none", RULES[0] | {"suku": [{"kolom": "sub", "daftar": True}]}, "/x-aturan/0", "not a list of numbers"),
    ("a sum of texts", RULES[0] | {"suku": ["sub"]}, "/x-aturan/0", "needs a whole number or a number"),
    ("a place that is none", RULES[13] | {"kolom": ["mulai", "/jadwal/tiada"]}, "/x-aturan/0", "does not exist"),
    ("an order of all sorts", RULES[13] | {"kolom": ["mulai", "pagu"]}, "/x-aturan/0/kolom", "one order"),
    ("a text of lists", RULES[7] | {"bagian": ["dana"]}, "/x-aturan/0", "holds a list or an object"),
    ("digits of a text", RULES[7] | {"bagian": [{"kolom": "sub", "digit": 2}]}, "/x-aturan/0", "needs a whole number"),
    ("a condition on nothing", RULES[0] | {"bila": {"tiada": ["a"]}}, "/x-aturan/0", "does not exist"),
    ("a condition of another kind", RULES[0] | {"bila": {"bulan": ["satu"]}}, "/x-aturan/0/bila/bulan", "of the kind"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "rule", "pointer", "words"), WRONG, ids=[w[0] for w in WRONG])
def test_a_rule_that_cannot_be_executed_is_not_published(
    what: str, rule: dict[str, Any], pointer: str, words: str
) -> None:
    with pytest.raises(InvalidSchema) as caught:
        SchemaDocument.parse({**BODY, "x-aturan": [rule]})
    assert [f for f in caught.value.faults if f.pointer == pointer and words in f.message_en]
    assert all(fault.message_id for fault in caught.value.faults)


def test_two_rules_do_not_share_a_name() -> None:
    with pytest.raises(InvalidSchema) as caught:
        SchemaDocument.parse({**BODY, "x-aturan": [RULES[0], RULES[0]]})
    assert [fault.pointer for fault in caught.value.faults] == ["/x-aturan/0/nama", "/x-aturan/1/nama"]  # fmt: skip
