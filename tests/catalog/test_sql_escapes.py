"""Texts by which somebody might read more than a slice: the gate refuses them, or they find nothing.

Each attempt names what it tries. Those of REFUSED do not pass the gate. Those of HARMLESS do, and are
run by a worker beside which hidden rows, hidden columns, other files, paths and variables lie.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.engine import DuckDBWorkers, Limits
from catalog.errors import QueryFailed, QueryRefused, QueryTooSlow
from catalog.sqlgate import MAX_LENGTH, check

KNOWN = {"bkad.warga": 1}
CANARY = "KENARI-9C1E"
"""In a file beside the slice, in the environment and in variables of this process."""

secret_rows = pa.table({"nik": [CANARY]})
"""A Python variable of this name is what a replacement scan would find."""

REFUSED = {
    # Files and networks, in every place where an expression or a table may stand.
    "file in the select list": "select (select content from read_text('{secret}'))",
    "file in a CTE": "with x as (from read_text('{secret}')) from x",
    "file in a materialized CTE": "with x as materialized (from read_blob('{secret}')) from x",
    "file in a recursive CTE": "with recursive r as (select 1 union all from read_text('{secret}')) from r",
    "file in a join": "select * from bkad.warga join read_parquet('{secret}') on true",
    "file in a lateral": "select * from bkad.warga w, lateral (from read_text('/etc/' || w.kd))",
    "file in ON": "select * from bkad.warga a join bkad.warga b on a.kd = (from read_text('{secret}'))",
    "file in WHERE IN": "select 1 where 'x' in (select content from read_text('{secret}'))",
    "file in ANY": "select 1 where 'x' = any (select content from read_text('{secret}'))",
    "file in HAVING": "select kd from bkad.warga group by kd having (from read_text('{secret}')) = ''",
    "file in QUALIFY": "select kd from bkad.warga qualify (from read_text('{secret}')) = ''",
    "file in GROUP BY": "select 1 from bkad.warga group by (from read_text('{secret}'))",
    "file in ORDER BY of an aggregate": "select list(kd order by (from read_text('{secret}'))) from bkad.warga",
    "file in OFFSET": "select 1 offset (select count(*) from read_text('{secret}'))",
    "file in DISTINCT ON": "select distinct on ((from read_text('{secret}'))) kd from bkad.warga",
    "file in VALUES": "values ((select content from read_text('{secret}')))",
    "file in CASE": "select case when (from read_text('{secret}')) = '' then 1 end",
    "file in a struct": "select {{'a': (select content from read_text('{secret}'))}}",
    "file in a list": "select [(select content from read_text('{secret}'))]",
    "file in a lambda": "select list_transform([1], lambda x: (select content from read_text('{secret}')))",
    "file in a window frame": "select sum(n) over (rows (select 1 from read_text('{secret}')) preceding) from bkad.warga",
    "file in a sample": "select * from read_parquet('{secret}') using sample 1",
    "file in INTERSECT": "select 'x' intersect select content from read_text('{secret}')",
    "file in REPLACE": "select * replace ((select content from read_text('{secret}')) as kd) from bkad.warga",
    "file as a quoted table": 'select * from "{secret}"',
    "file as a string": "from '{secret}'",
    "file as schema and table": 'select * from "/tmp"."x.parquet"',
    "file by a dollar string": "from read_text($${secret}$$)",
    "file by an escape string": r"from read_text(e'\x2fetc\x2fpasswd')",
    "files by a list": "from read_parquet(['{secret}'])",
    "file by a named parameter": "from read_csv('{secret}', header := false)",
    "an own slice by its path": "from read_parquet('{slice}')",
    "a row group's statistics": "from parquet_metadata('{slice}')",
    "bloom filters": "from parquet_bloom_probe('{slice}', 'nik', 'x')",
    "key values of a file": "from parquet_kv_metadata('{slice}')",
    "a local database": "from read_duckdb('{secret}')",
    "the network": "from read_json('https://example.org/x.json')",
    "globbing": "from glob('{place}/*')",
    # The same functions under other spellings.
    "capitals": "from READ_TEXT('{secret}')",
    "quoted": "from \"read_text\"('{secret}')",
    "qualified": "from main.read_text('{secret}')",
    "catalog-qualified": "from system.main.read_text('{secret}')",
    "a dotted call": "select ('{secret}').read_text()",
    "a comment inside": "from/**/read_text/**/('{secret}')",
    "a line comment": "from read_text -- x\n('{secret}')",
    "a full-width letter": "from \uff52ead_text('{secret}')",
    "a zero-width space": "from read_\u200btext('{secret}')",
    "a long s": "from \u017fniff_csv('{secret}')",
    "a scalar used as a table": "from current_setting('allowed_paths')",
    # Names.
    "a Kelvin sign": "from b\u212aad.warga",
    "a dotted name in quotes": 'from "bkad.warga"',
    "a dot inside the schema": 'from "bkad.x".warga',
    "a dot inside the table": 'from bkad."warga.x"',
    "a quote inside a name": 'from bkad."war""ga"',
    "a semicolon inside a name": 'from bkad."warga; drop view x"',
    "a null inside a name": 'from bkad."warga\0"',
    "a catalog in front": "from memory.bkad.warga",
    "the system catalog": "from system.bkad.warga",
    "the temporary catalog": "from temp.bkad.warga",
    "four parts": "from a.memory.bkad.warga",
    "an empty name": 'from bkad.""',
    "a star as a name": 'from bkad."*"',
    "another schema": "from main.warga",
    "a CTE named like a schema": "with bkad as (select 1) from bkad.rahasia",
    "a CTE with a dot": 'with "bkad.rahasia" as (select 1) from "bkad.rahasia"',
    "a CTE seen from outside": "select * from x, (with x as (select 1) from x)",
    "a CTE seen too early": "with a as (from b), b as (select 1) from a",
    "the recurring table": "with recursive r as (select 1 union all from recurring.rahasia) from r",
    "a Python variable": "from secret_rows",
    "a qualified Python variable": "from main.secret_rows",
    # Catalogs, settings, the session.
    "tables": "from duckdb_tables()",
    "columns": "from duckdb_columns()",
    "views by function": "select sql from duckdb_views()",
    "views without brackets": "from duckdb_views",
    "functions": "from duckdb_functions()",
    "the log": "from duckdb_logs()",
    "contexts": "from duckdb_connections()",
    "approximate counts": "from duckdb_approx_database_count()",
    "pg_class": "from pg_class",
    "pg_catalog": "from pg_catalog.pg_class",
    "information_schema": "from information_schema.columns",
    "sqlite_master": "from sqlite_master",
    "pragma tables": "from pragma_table_info('bkad.warga')",
    "storage": "from pragma_storage_info('bkad.warga')",
    "show": "from pragma_show('bkad.warga')",
    "a setting": "select current_setting('temp_directory')",
    "settings in a filter": "from bkad.warga where kd = current_setting('allowed_paths')",
    "a variable": "select getvariable('x')",
    "the environment": "select getenv('SIMPUL_SECRET_KEY')",
    "the query text": "select current_query()",
    "the version": "select version()",
    "the search path": "select current_schemas(true)",
    "a definition": "select pg_get_viewdef(1)",
    "an object's name": "select pg_typeof(1)",
    "an expression's name": "select alias(nik) from bkad.warga",
    "vector statistics": "select stats(nik) from bkad.warga",
    "a sequence": "select nextval('x')",
    # SQL in a string, statements that are no SELECT, clauses that carry one.
    "query": "from query('from bkad.rahasia')",
    "query_table": "from query_table('bkad.rahasia')",
    "query_table by a list": "from query_table(['bkad.rahasia'])",
    "serialized SQL": "from json_execute_serialized_sql('{{}}')",
    "making serialized SQL": "select json_serialize_sql('select 1')",
    "a plan": "select json_serialize_plan('select 1')",
    "substrait": "from from_substrait('x')",
    "macro": "create temp macro m() as table from bkad.rahasia",
    "macro and use": "create temp macro m() as 1; select m()",
    "explain": "explain from bkad.warga",
    "explain analyze": "explain analyze from bkad.warga",
    "explain json": "explain (format json) from bkad.warga",
    "describe": "describe from bkad.warga",
    "describe inside": "from (describe from bkad.warga)",
    "summarize": "summarize bkad.warga",
    "summarize inside": "from (summarize bkad.warga)",
    "show inside": "from (show all tables)",
    "pivot": "pivot bkad.warga on kd using count(*)",
    "pivot inside": "from (pivot bkad.warga on kd using count(*))",
    "unpivot inside": "from (unpivot bkad.warga on kd into name a value b)",
    "prepare": "prepare p as from bkad.warga",
    "a numbered parameter": "from bkad.warga where kd = $1",
    "a named parameter": "from bkad.warga where kd = $kd",
    "a question mark": "from bkad.warga where kd = ?",
    "a parameter in LIMIT": "from bkad.warga limit ?",
    "attach": "attach '{secret}' as s",
    "attach if not exists": "attach if not exists '{secret}' (read_only)",
    "attach or replace": "attach or replace ':memory:' as memory2",
    "detach": "detach memory",
    "use": "use memory",
    "copy from": "copy bkad.warga from '{secret}'",
    "copy database": "copy from database memory to x",
    "set variable": "set variable x = (from read_text('{secret}'))",
    "install": "install httpfs from 'https://example.org'",
    "a data-changing CTE": "with x as (insert into bkad.warga values (1) returning *) from x",
    "merge": "merge into bkad.warga using bkad.warga x on true when matched then delete",
    "two statements": "select 1; from bkad.rahasia",
    "two behind a comment": "select 1 /* ; */; from bkad.rahasia",
    "time travel": "from bkad.warga at (timestamp => now())",
    "a foreign type": "select cast(1 as memory.bkad.rahasia)",
    # What would hurt.
    "an endless range": "select count(*) from range(100000000000)",
    "a wide range": "select list_sort(range(100000000))[1]",
    "a long text": "select repeat('x', 100000000)",
    "brackets without end": "select " + "(" * 500 + "1" + ")" * 500,
    "lists without end": "select " + "[" * 500 + "]" * 500,
    "a chain without end": "select 1" + " + 1" * 4000,
    "too long a text": "select '" + "x" * MAX_LENGTH + "'",
    "sleeping": "select sleep_ms(10000)",
    "raising": "select error(kd) from bkad.warga",
}

HARMLESS = {
    "the slice itself": "from bkad.warga",
    "FROM first": "from bkad.warga select kd",
    "TABLE": "table bkad.warga",
    "everything by COLUMNS": "select columns(*) from bkad.warga",
    "columns by a pattern": "select columns('.*') from bkad.warga",
    "columns by a lambda": "select columns(c -> true) from bkad.warga",
    "a star with LIKE": "select * like '%' from bkad.warga",
    "the whole row": "select warga from bkad.warga",
    "the row unnested": "select unnest(warga) from bkad.warga",
    "the row as JSON": "select to_json(warga) from bkad.warga",
    "the keys of the row": "select struct_keys(warga) from bkad.warga",
    "a hidden column": "select nik from bkad.warga",
    "a hidden column of an alias": "select w.nik from bkad.warga w",
    "the file's name": "select filename from bkad.warga",
    "the row's place in the file": "select file_row_number from bkad.warga",
    "the file's number": "select file_index from bkad.warga",
    "the row's id": "select rowid from bkad.warga",
    "a positional join": "from bkad.warga positional join bkad.warga",
    "a position": "select #1, #2, #9 from bkad.warga",
    "a sample": "from bkad.warga tablesample reservoir(5 rows) repeatable (1)",
    "names of the session": "select user, session_user, current_user",
    "names of the catalog": "select current_catalog, current_schema",
    "an error of a cast": "select count(*) from bkad.warga where cast('z' || kd || n as int) = 1",
    "an error inside a join": "from bkad.warga a join (select 1 x) b on cast('z' || a.kd as int) = b.x",
    "an error of an aggregate": "select max(cast('z' || kd as int)) from bkad.warga",
    "an error of a date": "select strptime(kd, '%Y') from bkad.warga",
    "an error of a list": "select struct_extract(warga, 'nik') from bkad.warga",
    "an unknown column, with hints": "select nikk from bkad.warga",
    "an unknown type, with hints": "select cast(1 as rahasiaa)",
    "an overflow": "select sum(n) * 9223372036854775807 * 9223372036854775807 from bkad.warga",
    "a division": "select n // 0, n % 0 from bkad.warga",
    "counts": "select count(*), count(distinct kd), min(kd), max(kd) from bkad.warga",
    "unsorted groups": "select mode(kd), histogram(kd), approx_quantile(n, 0.5) from bkad.warga",
    "a text as a name": 'select \'from rahasia\' as "from rahasia", 1 as "bkad.rahasia"',
    "a comment with a table": "select 1 /* from bkad.rahasia */ -- from bkad.rahasia",
    "a foreign collation": "select kd collate bkad.rahasia from bkad.warga",
    "a CTE in the place of a dataset": "with warga as (select 'palsu' kd) from warga",
    "nested CTEs": "with a as (with b as (from bkad.warga) from b) from a",
}

ENDLESS = {
    "a recursion": "with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) from r",
    "a cross join": "select count(*) from range(9000000) a, range(9000000) b",
    "a text grown in pieces": "select string_agg(repeat('x', 1000000), '') from range(9000)",
    "a list of a computed length": "select list_sort(range(cast('100000000' as bigint)))[1]",
    "a text of a computed length": "select length(repeat('x', cast('2000000000' as bigint)))",
    "lists of lists": "select list(range(10000)) from range(100000)",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("beside")
    whole = pa.table({"kd": ["01", CANARY], "n": [1, 2], "nik": [CANARY, CANARY]})
    pq.write_table(whole.slice(0, 1).select(["kd", "n"]), folder / "slice.parquet")
    pq.write_table(whole, folder / "secret.parquet")
    return folder


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBWorkers]:
    os.environ["SIMPUL_SECRET_KEY"] = CANARY
    workers = DuckDBWorkers(concurrent=2, spare=3, threads=1, memory=1024**3)
    workers.start()
    yield workers
    workers.close()
    del os.environ["SIMPUL_SECRET_KEY"]


def written(sql: str, place: Path) -> str:
    return (
        sql.replace("{secret}", str(place / "secret.parquet"))
        .replace("{slice}", str(place / "slice.parquet"))
        .replace("{place}", str(place))
        .replace("{{", "{")
        .replace("}}", "}")
    )


@pytest.mark.parametrize("attempt", REFUSED)
def test_the_gate_refuses(attempt: str, place: Path) -> None:
    with pytest.raises(QueryRefused) as caught:
        check(written(REFUSED[attempt], place), KNOWN)
    assert caught.value.reason_id
    assert caught.value.reason_en


def test_there_are_enough_attempts() -> None:
    assert len(REFUSED) + len(HARMLESS) + len(ENDLESS) >= 150
    assert len({*REFUSED.values()}) == len(REFUSED)


@pytest.mark.parametrize("attempt", HARMLESS)
def test_what_passes_finds_nothing_but_the_slice(
    attempt: str, engine: DuckDBWorkers, place: Path
) -> None:
    sql = check(HARMLESS[attempt], KNOWN).sql
    try:
        answer = engine.run(sql, {"bkad.warga": [place / "slice.parquet"]})
        told = f"{answer.schema} {answer.to_pydict()}"
    except QueryFailed as error:
        told = error.message
    assert told
    assert CANARY not in told
    assert str(place) not in told
    assert not re.search(r"\.parquet|read_parquet", told)


@pytest.mark.parametrize("attempt", ENDLESS)
def test_what_has_no_end_is_ended(attempt: str, engine: DuckDBWorkers) -> None:
    with pytest.raises((QueryFailed, QueryTooSlow)):
        engine.run(check(ENDLESS[attempt], KNOWN).sql, {}, Limits(seconds=0.7))
    assert engine.run("select 1 as a", {}).num_rows == 1
