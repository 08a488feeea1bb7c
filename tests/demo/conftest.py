"""Real feeds through the gate, each at most once per form and session."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from hub.demo.regency import DemoDataset, regency
from schemas.gate import Verdict, judge
from schemas.registry import Registry

Judged = Callable[[str, str], Verdict]


def rows_of(dataset: DemoDataset) -> list[dict[str, Any]]:
    if dataset.format == "csv":
        return list(csv.DictReader(io.StringIO(dataset.served().decode())))
    return [json.loads(line) for line in dataset.served().splitlines()]


def as_served(dataset: DemoDataset) -> bytes:
    return dataset.served()


def as_csv(dataset: DemoDataset) -> bytes:
    rows = rows_of(dataset)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_pandas_csv(dataset: DemoDataset) -> bytes:
    """Whole numbers of a column with blanks come out as 10482083000.0."""
    return pd.DataFrame(rows_of(dataset)).to_csv(index=False).encode()


FORMS: dict[str, Callable[[DemoDataset], bytes]] = {
    "served": as_served,
    "csv": as_csv,
    "pandas": as_pandas_csv,
}


def verdict_on(content: bytes, format: str, dataset: DemoDataset, work: Path) -> Verdict:
    document = Registry.packaged().get(dataset.schema_name, dataset.schema_version)
    path = work / f"served.{format}"
    path.write_bytes(content)
    return judge(path, format, document, list(dataset.intake), work=work)


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """`judged("bpbj/paket-nontender", "served")`; the verdict's files live as long as the session."""
    known: dict[tuple[str, str], Verdict] = {}

    def verdict(name: str, form: str) -> Verdict:
        if (name, form) not in known:
            dataset = regency().dataset(name)
            format = dataset.format if form == "served" else "csv"
            work = tmp_path_factory.mktemp("feed")
            known[name, form] = verdict_on(FORMS[form](dataset), format, dataset, work)
        return known[name, form]

    return verdict


@pytest.fixture(scope="session")
def regency_sql(judged: Judged) -> duckdb.DuckDBPyConnection:
    """The three tables of the budget join as the hub names them, over the rows the gate accepted."""
    connection = duckdb.connect()
    for name in ("bkad/sub-kegiatan", "bpbj/paket-nontender", "dkisp/satker"):
        agency, slug = name.split("/")
        connection.execute(f"CREATE SCHEMA {agency}")
        file = judged(name, "served").accepted_file
        table = f"{agency}.{slug.replace('-', '_')}"
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{file}')")
    return connection
