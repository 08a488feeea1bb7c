"""An analyst with a grant that filters and masks tries everything: nothing else comes out, anywhere.

The texts are those of tests/catalog/test_sql_escapes.py and some that need real doors: rows, columns and
tables that lie beside hers, told apart by nothing.
"""

import re

import pytest

from tests.catalog.test_sql_escapes import ENDLESS, HARMLESS, REFUSED
from tests.hub.access.conftest import CANARY, ROWS, text_of

TABLE = "bpbj.penerima"
HIDDEN = re.compile(r"(?<![\w.])(0002|0004|0006|0008|0010|2000|4000|6000|8000|10000)(?!\w)")
"""Keys and values of rows that the grant's filter keeps back."""

TEXTS = (
    "SELECT * FROM {t}",
    "FROM {t} SELECT kode, nama, nilai",
    "SELECT nama, count(*) FROM {t} GROUP BY ALL",
    "SELECT min(nama), max(nama), any_value(nama), list(nama) FROM {t}",
    "SELECT kode FROM {t} WHERE nama IS NOT NULL",
    "SELECT kode FROM {t} WHERE nama LIKE 'Orang%' OR nilai IN (2000, 4000)",
    "SELECT sum(nilai), count(*), median(nilai), mode(kecamatan) FROM {t}",
    "SELECT count(*) FILTER (WHERE kecamatan <> 'Kuaro') FROM {t}",
    "SELECT * FROM {t} QUALIFY row_number() OVER (ORDER BY nilai DESC) <= 20",
    "SELECT lag(kode) OVER (ORDER BY kode), lead(nilai) OVER (ORDER BY kode) FROM {t}",
    "SELECT a.kode, b.kode FROM {t} a FULL JOIN {t} b ON a.nilai = b.nilai * 2",
    "SELECT a.* FROM {t} a ANTI JOIN {t} b USING (kode)",
    "SELECT * FROM {t} POSITIONAL JOIN {t} AS b",
    "SELECT COLUMNS('.*') FROM {t}",
    "SELECT penerima FROM {t}",
    "SELECT to_json(penerima), struct_extract(penerima, 'nama') FROM {t}",
    "SELECT catatan FROM {t}",
    "SELECT penerima.catatan FROM {t}",
    "SELECT filename, file_row_number FROM {t}",
    "SELECT rowid FROM {t}",
    "SELECT CAST('z' || kode || '/' || kecamatan AS INTEGER) FROM {t}",
    "SELECT count(*) FROM {t} WHERE CAST(kecamatan || coalesce(nama, '-') AS INTEGER) = 1",
    "SELECT 1 FROM {t} WHERE nilai // (nilai - 2000) > 0 AND CAST('x' || nilai AS INTEGER) > 0",
    "SELECT strptime(kode || coalesce(nama, ''), '%d') FROM {t}",
    "SELECT kode FROM {t} ORDER BY CAST('z' || kode AS INTEGER)",
    "SELECT kode FROM {t} LIMIT (SELECT max(nilai) FROM {t})",
    "SELECT kode FROM {t} USING SAMPLE 100%",
    "WITH RECURSIVE r AS (SELECT kode, nilai FROM {t} UNION SELECT kode, nilai + 1 FROM r WHERE nilai < 1003) FROM r",
    "SELECT kode FROM {t} UNION ALL SELECT nama FROM {t} UNION ALL SELECT kecamatan FROM {t}",
    "SELECT kode FROM {t} AS OF JOIN {t} b USING (kode)",
    "SELECT kode, nilai FROM {t} AT (VERSION => 1)",
    "SELECT * FROM bpbj.rahasia",
    "SELECT * FROM bpbj.tidakada",
    "SELECT * FROM {t} JOIN bpbj.rahasia USING (kode)",
    "SELECT (SELECT max(catatan) FROM bpbj.rahasia)",
    "EXPLAIN SELECT * FROM {t}",
    "EXPLAIN ANALYZE SELECT * FROM {t}",
    "SUMMARIZE {t}",
    "DESCRIBE {t}",
    "PIVOT {t} ON kecamatan USING count(*)",
)


@pytest.fixture
def analyst(penerima, publish_rows, make_client, give):
    """She may see rows of Kuaro, their key, district, value and (masked) name."""
    dataset, who = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    publish_rows(penerima("TERBATAS", "rahasia"))
    give(
        who,
        dataset,
        filter={"eq": ["kecamatan", "Kuaro"]},
        columns=["kode", "kecamatan", "nilai", "nama"],
        masks={"nama": "last_four"},
    )
    return who


def leaks(text, sql):
    """What of it may not be there; what the query itself says is no secret."""
    found = [CANARY] if CANARY in text else []
    found += HIDDEN.findall(text)
    found += re.findall(r"slice\.parquet|read_parquet\(|/slices/", text)
    return [one for one in found if one not in sql]


def test_the_tables_beside_hers_are_told_apart_from_none(analyst):
    told = []
    for name in ("rahasia", "tidakada"):
        for path in ("query", "query/cost"):
            body = {"sql": f"SELECT kode FROM bpbj.{name} JOIN {TABLE} USING (kode)"}
            answer = analyst.post(f"/api/v1/{path}", json=body)
            told.append(answer.text.replace(name, "X").replace("query/cost", "query"))
    assert len(set(told)) == 1


def test_no_query_shows_more_than_the_grant(analyst):
    seen = refused = 0
    for template in TEXTS:
        sql = template.format(t=TABLE)
        answer = analyst.post("/api/v1/query", json={"sql": sql, "confirm": True})
        assert answer.status_code in (200, 422), (sql, answer.text)
        assert leaks(text_of(answer), sql) == [], (sql, answer.text)
        seen += answer.status_code == 200
        refused += answer.status_code == 422
    assert seen >= 18
    assert refused >= 12
    total = {"sql": f"SELECT count(*), sum(nilai) FROM {TABLE}"}
    assert analyst.post("/api/v1/query", json=total).json()["rows"] == [[5, 25_000]]


def test_every_text_that_the_gate_refuses_is_refused_over_http(analyst):
    for attempt, template in REFUSED.items():
        sql = re.sub(r"\bbkad\.warga\b", TABLE, template)
        answer = analyst.post("/api/v1/query", json={"sql": sql})
        assert answer.status_code == 422, (attempt, answer.text)
        assert leaks(answer.text, sql) == [], (attempt, answer.text)


def test_what_the_gate_lets_through_finds_nothing_over_http(analyst):
    for attempt, template in HARMLESS.items():
        sql = re.sub(r"\bwarga\b", "penerima", template.replace("bkad.warga", TABLE))
        answer = analyst.post("/api/v1/query", json={"sql": sql})
        assert answer.status_code in (200, 422), (attempt, answer.text)
        assert leaks(text_of(answer), sql) == [], (attempt, answer.text)


def test_every_form_of_an_answer_keeps_to_the_grant(analyst):
    sql = f"SELECT * FROM {TABLE}"
    for format in ("json", "ndjson", "csv", "xlsx", "parquet", "arrow"):
        answer = analyst.post("/api/v1/query", json={"sql": sql, "format": format})
        assert answer.status_code == 200, answer.text
        assert leaks(text_of(answer), sql) == [], format
        assert "0003" in text_of(answer), format
    for path in (
        "rows?format=csv",
        "rows?sort=-nilai",
        "sample",
        "profile",
        "rows?filter=nama~Orang",
    ):
        answer = analyst.get(f"/api/v1/datasets/bpbj/penerima/{path}")
        assert leaks(text_of(answer), "") == [], path


def test_what_has_no_end_is_not_run_unasked(analyst):
    sql = ENDLESS["a cross join"]
    assert analyst.post("/api/v1/query/cost", json={"sql": sql}).json()["confirm"] is True
    refused = analyst.post("/api/v1/query", json={"sql": sql})
    assert refused.json()["type"] == "/problems/query-costly"


def test_the_rows_of_the_fixture_are_what_the_tests_think():
    kept_back = [row for row in ROWS if row["kecamatan"] != "Kuaro"]
    assert all(HIDDEN.search(row["kode"]) and HIDDEN.search(str(row["nilai"])) for row in kept_back)


AGGREGATED = "string_agg(kode || catatan, ';')"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT {AGGREGATED}::INT FROM bpbj.penerima",
        f"SELECT {AGGREGATED}::DATE FROM bpbj.penerima",
        f"SELECT strptime({AGGREGATED}, '%Y') FROM bpbj.penerima",
        f"SELECT json_extract({AGGREGATED}, '$.a') FROM bpbj.penerima",
        f"SELECT regexp_matches('x', '(' || {AGGREGATED}) FROM bpbj.penerima",
        "SELECT sum(nilai)::TINYINT FROM bpbj.penerima",
        "SELECT kode::INT, catatan::INT FROM bpbj.penerima",
    ],
)
def test_no_row_leaves_in_the_words_of_an_error(penerima, publish_rows, make_client, give, sql):
    """It would leave without evidence and past the quota, a whole table at a time."""
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    analyst = make_client("analyst", "bappeda")
    give(analyst, dataset, daily_rows=1)
    answer = analyst.post("/api/v1/query", json={"sql": sql})
    assert answer.status_code == 422, answer.text
    assert CANARY not in answer.text
    assert "55000" not in answer.text  # the sum of them all
