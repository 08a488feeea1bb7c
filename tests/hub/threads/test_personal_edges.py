"""Counts that meet personal columns tell nobody whose number is in somebody's data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from starlette.testclient import TestClient

from hub import migrations
from hub.threads.service import Indexer

WARGA, KARTU, BANTUAN = "dinkes/warga", "disdik/kartu", "dinsos/bantuan"

Make = Callable[..., Any]
PERSONAL = {"x-data-pribadi": "umum"}


def asked(who: TestClient, dataset: str) -> list[tuple[str, str]]:
    answer = who.get("/api/v1/threads/edges", params={"dataset": dataset})
    assert answer.status_code == 200, answer.text
    return [(edge["from_dataset"], edge["to_dataset"]) for edge in answer.json()["items"]]


@pytest.fixture
def persons(publish: Make, push: Make) -> None:
    """People with a number of theirs."""
    publish(WARGA, {"nomor": PERSONAL, "desa": {}}, **{"x-kunci": ["nomor"]})
    push(WARGA, [{"nomor": f"W-{n}", "desa": f"Desa {n}"} for n in range(20)])


def test_a_count_is_no_way_to_ask_for_a_person_in_another_agency_s_data(
    persons: None, publish: Make, push: Make, work_off: Make, make_client: Make
) -> None:
    by_number = {"schema": WARGA, "fields": {"nomor": "nomor"}, "match": "equal"}
    by_village = {"schema": WARGA, "fields": {"desa": "desa"}, "match": "equal"}
    columns = {"kode": {}, "nomor": PERSONAL, "desa": {}}
    publish(BANTUAN, columns, **{"x-kunci": ["kode"], "x-rujukan": [by_number, by_village]})
    push(BANTUAN, [{"kode": "1", "nomor": "W-7", "desa": "Desa 7"}])
    work_off()
    village_only = [(BANTUAN, WARGA)]
    # The sender could ask by a row of its own, the owner of the persons by a release of one of them.
    for role, agency in (("steward", "dinsos"), ("steward", "dinkes"), ("analyst", "bappeda")):
        curious = make_client(role, agency)
        assert asked(curious, BANTUAN) == asked(curious, WARGA) == village_only
    walidata = make_client("walidata", "dkisp")
    assert asked(walidata, BANTUAN) == asked(walidata, WARGA) == village_only * 2


def test_a_personal_column_between_two_datasets_hides_the_count_too(
    publish: Make, push: Make, work_off: Make, make_client: Make
) -> None:
    publish(WARGA, {"nomor": {}}, **{"x-kunci": ["nomor"]})
    publish(KARTU, {"kartu": PERSONAL, "nomor": {}}, **{"x-kunci": ["kartu"]})
    through = {
        "schema": WARGA,
        "fields": {"nomor": "nomor"},
        "match": "equal",
        "via": {"schema": KARTU, "fields": {"kartu": "kartu"}, "to": {"nomor": "nomor"}},
    }
    columns = {"kode": {}, "kartu": {}, "nomor": {}}
    publish(BANTUAN, columns, **{"x-kunci": ["kode"], "x-rujukan": through})
    push(WARGA, [{"nomor": "W-1"}])
    push(KARTU, [{"kartu": "K-1", "nomor": "W-1"}])
    push(BANTUAN, [{"kode": "1", "kartu": "K-1", "nomor": "W-1"}])
    work_off()
    assert asked(make_client("steward", "dinkes"), BANTUAN) == []
    assert asked(make_client("steward", "disdik"), BANTUAN) == [(BANTUAN, WARGA)]


def test_edges_from_before_are_forgotten_and_joined_anew_by_the_worker(
    persons: None,
    publish: Make,
    push: Make,
    work_off: Make,
    make_client: Make,
    indexer: Indexer,
) -> None:
    by_number = {"schema": WARGA, "fields": {"nomor": "nomor"}, "match": "equal"}
    columns = {"kode": {}, "nomor": PERSONAL}
    publish(BANTUAN, columns, **{"x-kunci": ["kode"], "x-rujukan": by_number})
    push(BANTUAN, [{"kode": "1", "nomor": "W-7"}])
    work_off()
    revision = ScriptDirectory(str(Path(migrations.__file__).parent)).get_revision("0009")
    with (
        indexer.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
    ):
        revision.module.downgrade()
        revision.module.upgrade()
    walidata, curious = make_client("walidata", "dkisp"), make_client("analyst", "bappeda")
    assert asked(walidata, BANTUAN) == []
    assert work_off() > 0
    assert asked(walidata, BANTUAN) == [(BANTUAN, WARGA)]
    assert asked(curious, BANTUAN) == []
