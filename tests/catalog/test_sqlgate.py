"""Which SQL passes the gate, which does not, and that no text brings the parser down."""

import subprocess
import sys

import pytest

from catalog.datasets import SLUG
from catalog.errors import QueryRefused
from catalog.sqlgate import MAX_LENGTH, check, dataset_of, sql_name

TABLES = {"bkad.program": 1, "bkad.sub_kegiatan": 1, "bpbj.paket_nontender": 1}

PASSES = [
    ("select count(*) from bkad.program", {"bkad.program"}),
    ("SELECT * FROM BKAD.Program", {"bkad.program"}),
    ("from bkad.program", {"bkad.program"}),
    ("table bkad.program", {"bkad.program"}),
    ("select p.kd from bkad.program p join bpbj.paket_nontender n using (kd)", None),
    ("with program as (select * from bkad.program) select * from program", {"bkad.program"}),
    ("with a as (select 1 i), b as (select * from a) select * from b", set()),
    (
        "with recursive r as (select 1 i union all select i+1 from r where i<3) select * from r",
        set(),
    ),
    ("select (select max(pagu) from bkad.program) m", {"bkad.program"}),
    ("select * from bkad.program where kd in (select kd from bkad.sub_kegiatan)", None),
    ("select * from bkad.program p, lateral (select p.kd) q", {"bkad.program"}),
    (
        "select kd, row_number() over (partition by u order by pagu desc) r from bkad.program qualify r<=3",
        None,
    ),
    (
        "select split_part(kd, '.', 1), sum(pagu)::decimal(18,2) from bkad.program group by all order by 2 desc nulls last limit 5",
        None,
    ),
    (
        "select count(*) filter (where pagu > 0), string_agg(kd, ', ' order by kd) from bkad.program",
        None,
    ),
    (
        "select * exclude (a) replace (b+1 as b), columns('x.*') from bkad.program using sample 10",
        None,
    ),
    (
        "select date_trunc('month', d), strftime(d, '%Y'), d + interval 1 day, extract(year from d) from bkad.program",
        None,
    ),
    (
        "select case when a then b else c end, coalesce(a, b), a is distinct from b, a between 1 and 2, a not like 'x%' from bkad.program",
        None,
    ),
    (
        "select list_transform([1, 2], lambda x: x + 1), {'a': 1}, map {'a': 1}, [x for x in [1] if x > 0]",
        set(),
    ),
    ("select unnest(string_split(kd_rup, ';')) from bpbj.paket_nontender", None),
    ("select * from range(10) r(i), unnest([1, 2]) u(x)", set()),
    ("select 1 union all select 2 except select 3", set()),
    ("values (1), (2)", set()),
    (
        "select regexp_extract(kd, '[0-9]+'), lpad(kd, 10, '0'), try_cast(kd as int), a ~ 'x' from bkad.program",
        None,
    ),
    ("select 'a -- not a comment; drop' as t /* a; comment */", set()),
    ("select a->>'b', to_json(a) from bkad.program group by rollup (a) having count(*) > 1", None),
]

REFUSED = [
    # What may not be read, in any disguise.
    "select * from bkad.rahasia",
    "select * from program",
    'select * from "bkad.program"',
    "select * from memory.bkad.program",
    "select * from bkad.program.x",
    "select * from main.program",
    "select * from rahasia, (with rahasia as (select 1) select * from rahasia) q",
    "with a as (select * from b), b as (select 1) select * from a",
    "with a as (with inner_one as (select 1) select 1) select * from inner_one",
    "with rahasia as (select 1) select * from bkad.rahasia",
    "with recursive r as (select 1 union all select * from bkad.rahasia) select * from r",
    "select (select max(nik) from bkad.rahasia)",
    "select 1 where exists (from bkad.rahasia)",
    "select 1 order by (select nik from bkad.rahasia)",
    "select 1 limit (select count(*) from bkad.rahasia)",
    "select sum(1) over (order by (select nik from bkad.rahasia))",
    "select count(*) filter (where (select true from bkad.rahasia))",
    "values ((select nik from bkad.rahasia))",
    "select 1 except select nik from bkad.rahasia",
    "select * from bkad.program p, lateral (select * from bkad.rahasia where nik = p.kd) q",
    "select list_transform([1], lambda x: (select max(nik) from bkad.rahasia))",
    "select * from bkad.program at (version => 1)",
    "select cast(1 as bkad.rahasia)",
    # Catalogs, settings, session.
    "select * from information_schema.tables",
    "select view_definition from information_schema.views",
    "select * from pg_catalog.pg_views",
    "select * from pg_views",
    "select * from sqlite_master",
    "select * from duckdb_views",
    "select sql from duckdb_views()",
    "select * from duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from duckdb_databases()",
    "select * from duckdb_memory()",
    "select current_setting('allowed_paths')",
    "select ('allowed_paths').current_setting()",
    "select system.main.current_setting('allowed_paths')",
    "select main.getvariable('x')",
    "select getvariable('x')",
    "select getenv('HOME')",
    "select pg_get_viewdef(1)",
    "select current_query()",
    "select txid_current()",
    "select version()",
    "select nextval('s')",
    "select stats(kd) from bkad.program",
    "select write_log('x')",
    "select error('x')",
    "select sleep_ms(1000)",
    "select setseed(0.5)",
    # Files and networks.
    "select * from '/etc/passwd'",
    "from '/etc/passwd'",
    'select * from "/etc/passwd"',
    "select/**/1 from/**/'/etc/passwd'",
    "select * from 'slice.parquet'",
    "select * from read_csv('/etc/passwd')",
    "select * from READ_PARQUET('x')",
    "select * from \"read_parquet\"('x')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_json('/etc/os-release')",
    "select * from read_duckdb('/tmp/x.db')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from parquet_metadata('x')",
    "select * from parquet_file_metadata('x')",
    "select * from read_csv('http://127.0.0.1/')",
    "select * from unnest((select list(content) from read_text('/etc/passwd')))",
    "select * from arrow_scan(1, 2, 3)",
    "select * from pandas_scan(1)",
    "select * from python_map_function(1)",
    "select * from seq_scan('x')",
    "select * from which_secret('s3://a/b', 's3')",
    # SQL inside strings, and what is no SELECT.
    "select * from query('select 1')",
    "select * from query_table('program')",
    "select json_serialize_sql('select 1')",
    "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "select json_deserialize_sql('x')",
    "select 1; select 2",
    "select 1; drop table bkad.program",
    "with x as (delete from bkad.program returning *) select * from x",
    "with x as (insert into bkad.program values (1) returning *) select * from x",
    "with x as (update bkad.program set kd = '' returning *) select * from x",
    "delete from bkad.program",
    "insert into bkad.program select 1",
    "create table x as select 1",
    "create macro f(a) as a + 1",
    "drop view bkad.program",
    "copy bkad.program to '/tmp/x'",
    "copy (select 1) to '/tmp/x'",
    "export database '/tmp/x'",
    "import database '/tmp/x'",
    "attach ':memory:' as m2",
    "install httpfs",
    "load httpfs",
    "set memory_limit='10GB'",
    "reset enable_external_access",
    "pragma version",
    "call duckdb_views()",
    "prepare p as select 1",
    "execute p",
    "checkpoint",
    "explain select 1",
    "describe bkad.program",
    "show tables",
    "select * from (show tables)",
    "select * from (describe bkad.program)",
    "summarize bkad.program",
    "pivot bkad.program on kd using count(*)",
    "unpivot bkad.program on kd into name k value v",
    "create secret s (type s3)",
    "set variable x = 1",
    # Parameters, bombs, nonsense.
    "select $1",
    "select ?",
    "select * from range(1000000000000)",
    "select repeat('x', 2000000000)",
    "select " + "(" * 300 + "1" + ")" * 300,
    "select " + "[" * 300 + "1" + "]" * 300,
    "select 1 -- " + "x" * MAX_LENGTH,
    "select '\0'",
    "",
    ";",
    "hello",
    "select",
]


@pytest.mark.parametrize(("sql", "tables"), PASSES, ids=lambda value: str(value)[:50])
def test_an_analysts_ordinary_sql_passes(sql: str, tables: set[str] | None) -> None:
    used = check(sql, TABLES).tables
    assert used <= TABLES.keys()
    assert tables is None or used == tables


@pytest.mark.parametrize("sql", REFUSED, ids=lambda value: value[:50])
def test_everything_else_is_refused_with_what_and_where(sql: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        check(sql, TABLES)
    assert caught.value.reason_id
    assert caught.value.reason_en


def test_a_forbidden_table_and_an_invented_one_are_told_apart_by_nothing() -> None:
    texts = set()
    for name in ("bpbj.kontrak", "bpbj.karangan", "rahasia.ada"):
        with pytest.raises(QueryRefused) as caught:
            check(f"select * from {name}", TABLES)
        told = caught.value
        texts.add(tuple(t.replace(name, "X") for t in (told.reason_id, told.reason_en, told.where)))
    assert len(texts) == 1


def test_the_refusal_points_at_the_place() -> None:
    with pytest.raises(QueryRefused) as caught:
        check("select kd, 'é', getvariable('x') from bkad.program", TABLES)
    assert caught.value.where == "getvariable('x')"


def test_a_hyphen_in_a_name_is_an_underscore_in_sql() -> None:
    assert sql_name("dinas-pupr", "sub-kegiatan") == "dinas_pupr.sub_kegiatan"
    assert dataset_of("dinas_pupr.sub_kegiatan") == "dinas-pupr/sub-kegiatan"
    assert not SLUG.fullmatch("sub_kegiatan")  # or the way back would not be exact


BOMBS = """
import threading
from catalog.sqlgate import MAX_LENGTH, check
from catalog.errors import QueryRefused
pieces = [
    ("select ", "not ", "true", ""), ("select ", "- ", "1", ""), ("select ", "~", "1", ""),
    ("select 1", " + 1", "", ""), ("select 1 where 1=1", " and 1=1", "", ""),
    ("select ", "case when true then ", "1", " end"), ("select 1", " union all select 1", "", ""),
    ("select 1", "::int", "", ""), ("select a", ".b", "", ""), ("select a", "[1]", "", ""),
    ("select 'x'", "||'x'", "", ""), ("select 1 from a", ", a", "", ""),
    ("select 1 from a", " join a using (b)", "", ""), ("with x as (select 1) select 1", ", 1", "", ""),
    ("select ", "lambda x: ", "1", ""), ("select ", "exists ", "1", ""), ("", "(", "", ""),
    ("select ", "cast(", "1", " as int)"), ("", "select * from (", "select 1", ")"),
    ("", "with a as (", "select 1", ") select 1"), ("select ", "{'a': ", "1", "}"),
    ("select ", "if(true, ", "1", ", 2)"), ("select '", "''", "'", ""), ("/*", "/*", "*/ select 1", ""),
    ("explain ", "explain ", "select 1", ""), ("select ", "$a$", "", ""), ("select interval ", "(", "1", ")"),
]
def attempt():
    for head, part, middle, tail in pieces:
        for share in (1.0, 0.3, 0.05):
            count = int(share * (MAX_LENGTH - 60) / (len(part) + len(tail)))
            try:
                check(head + part * count + middle + tail * count, {})
            except QueryRefused:
                pass
    print("alive")
# As in the server: on a thread, whose stack may be smaller than the main one.
thread = threading.Thread(target=attempt)
thread.start()
thread.join()
"""


def test_no_text_of_the_permitted_length_brings_the_parser_down() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOMBS], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr[-500:]
