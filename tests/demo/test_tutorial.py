"""The tutorial's queries run and give the tables printed below them."""

import re
from pathlib import Path

import pytest

from catalog import sqlgate

TABLES = ("bkad.sub_kegiatan", "bpbj.paket_nontender", "dkisp.satker")
PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "anggaran-ke-paket.md"
BLOCK = re.compile(r"```sql\n(?P<sql>.*?)```\n\n(?P<table>(?:\|[^\n]*\n)*)", re.DOTALL)
QUERIES = [(m["sql"], m["table"]) for m in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def printed_rows(table: str) -> list[list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [cells[0], *cells[2:]]


def test_the_page_has_its_queries():
    assert len(QUERIES) == 11
    assert sum(bool(table) for _, table in QUERIES) == 9


@pytest.mark.parametrize(("sql", "table"), QUERIES)
def test_a_query_of_the_tutorial_gives_the_table_below_it(regency_sql, sql, table):
    answer = regency_sql.execute(sql)
    header = [column[0] for column in answer.description]
    rows = [[str(value) for value in row] for row in answer.fetchall()]
    assert rows
    if table:
        assert printed_rows(table) == [header, *rows]


@pytest.mark.parametrize(("sql", "table"), QUERIES)
def test_a_query_of_the_tutorial_passes_the_gate_before_analyst_sql(sql, table):
    assert sqlgate.check(sql, dict.fromkeys(TABLES)).tables <= set(TABLES)
