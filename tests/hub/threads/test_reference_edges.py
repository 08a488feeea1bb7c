"""What joins what, as members of the regency see it, and as the index stands whatever happens to the worker."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from hub.db import reading, unit_of_work
from hub.jobs import Worker
from hub.outbox.models import OutboxCursor
from hub.threads.models import ReferenceEdge
from hub.threads.service import Indexer, index

PAKET, SATKER, SUB = "bpbj/paket-nontender", "dkisp/satker", "bkad/sub-kegiatan"
HASIL, KONTRAK = "bpbj/hasil-nontender", "bpbj/kontrak-nontender"

Served = Callable[[str], list[dict[str, Any]]]
Enter = Callable[..., None]
Push = Callable[..., None]
WorkOff = Callable[[], int]


@pytest.fixture
def member(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("analyst", "bappeda")


def asked(who: TestClient, dataset: str) -> list[dict[str, Any]]:
    answer = who.get("/api/v1/threads/edges", params={"dataset": dataset})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def counts(edge: dict[str, Any]) -> tuple[int, ...]:
    return tuple(edge[name] for name in ("rows", "one", "several", "none", "empty"))


def stored(indexer: Indexer) -> dict[tuple[Any, ...], dict[str, Any]]:
    with reading(indexer.engine) as session:
        rows = session.exec(select(ReferenceEdge)).all()
        return {(e.from_dataset, e.reference, e.to_dataset): e.model_dump() for e in rows}


def files(indexer: Indexer) -> set[Path]:
    return {path for path in indexer.folder.rglob("*") if path.is_file()}


def test_packages_meet_their_budget_rows_as_the_tutorial_counts_them(
    enter_demo: Enter,
    push: Push,
    served: Served,
    work_off: WorkOff,
    member: TestClient,
    indexer: Indexer,
) -> None:
    enter_demo(SATKER, SUB, PAKET)
    for name in (PAKET, SUB, SATKER):
        push(name, served(name))
    work_off()
    to_satker, to_budget = asked(member, PAKET)
    assert counts(to_satker) == (2386, 2386, 0, 0, 0)
    assert counts(to_budget) == (2386, 2237, 22, 127, 0)
    assert (to_budget["match"], to_budget["via"]) == ("prefix", [SATKER])
    assert to_budget["agency_column"] == "kd_satker_str"
    by_agency = to_budget["by_agency"]
    assert sum(one["rows"] for one in by_agency) == 2386
    assert sum(one["none"] for one in by_agency) == 127
    assert {one["agency"] for one in by_agency} <= {r["kd_satker_str"] for r in served(SATKER)}
    back = [edge["from_dataset"] for edge in asked(member, SUB)]
    assert back == [SUB, PAKET]
    file = indexer.folder / stored(indexer)[(PAKET, 1, SUB)]["file"]
    edges = pq.read_table(file)
    assert edges.num_rows == to_budget["edges"]
    assert edges.column_names == ["from_key", "to_key"]


def test_the_same_event_again_changes_nothing(
    enter_demo: Enter, push: Push, served: Served, work_off: WorkOff, indexer: Indexer
) -> None:
    enter_demo(SATKER, PAKET)
    push(SATKER, served(SATKER))
    push(PAKET, served(PAKET)[:50])
    work_off()
    before, lying = stored(indexer), files(indexer)
    assert len(before) == 1
    with unit_of_work(indexer.engine) as session:
        session.get_one(OutboxCursor, "threads.edges").position = 0
    assert work_off() > 0
    assert (stored(indexer), files(indexer)) == (before, lying)


def test_a_worker_killed_between_file_and_row_leaves_nothing_behind(
    enter_demo: Enter, push: Push, served: Served, work_off: WorkOff, indexer: Indexer
) -> None:
    enter_demo(SATKER, PAKET)
    push(SATKER, served(SATKER))
    push(PAKET, served(PAKET)[:50])
    work_off()
    before = stored(indexer)
    (lying,) = files(indexer)
    older = lying.with_name(lying.name.replace(lying.stem[-16:], "0" * 16))
    older.write_bytes(lying.read_bytes())
    with unit_of_work(indexer.engine) as session:
        for edge in session.exec(select(ReferenceEdge)).all():
            session.delete(edge)
    assert index(indexer, SATKER) == 1
    again = stored(indexer)
    assert files(indexer) == {lying}
    for kept in (*before.values(), *again.values()):
        kept.pop("computed_at")
    assert again == before


def test_what_killed_workers_left_goes_after_a_day_and_nothing_else(
    enter_demo: Enter, push: Push, served: Served, work_off: WorkOff, indexer: Indexer
) -> None:
    enter_demo(SATKER, PAKET)
    push(SATKER, served(SATKER))
    push(PAKET, served(PAKET)[:50])
    work_off()
    (named,) = files(indexer)
    unnamed, young = named.with_name("0-lama.parquet"), named.with_name("0-baru.parquet")
    room, busy = indexer.folder / ".part-lama", indexer.folder / ".part-baru"
    for path in (room, busy):
        path.mkdir()
        (path / "edges.parquet").write_bytes(b"PAR1")
    for path in (unnamed, young):
        path.write_bytes(b"PAR1")
    yesterday = time.time() - timedelta(hours=25).total_seconds()
    for path in (named, unnamed, room):
        os.utime(path, (yesterday, yesterday))
    worker = Worker(indexer.settings)
    worker.start()
    worker.tidy()
    worker.stop()
    assert files(indexer) == {named, young, busy / "edges.parquet"}
    assert not room.exists()


def test_a_newer_release_at_any_end_joins_anew(
    enter_demo: Enter,
    push: Push,
    served: Served,
    work_off: WorkOff,
    member: TestClient,
    indexer: Indexer,
) -> None:
    enter_demo(SATKER, SUB, PAKET)
    packages, agencies = served(PAKET)[:200], served(SATKER)
    push(PAKET, packages)
    push(SUB, served(SUB))
    work_off()
    assert asked(member, PAKET) == []
    push(SATKER, agencies)
    work_off()
    joined = counts(asked(member, PAKET)[1])
    assert joined[1] > 100
    known = {row["kd_satker_str"] for row in packages[:20]}
    push(SATKER, [row for row in agencies if row["kd_satker_str"] not in known])
    work_off()
    fewer = asked(member, PAKET)
    assert counts(fewer[0])[3] >= 20
    assert counts(fewer[1])[3] >= 20
    assert fewer[1]["to_release"] == 1
    assert len(files(indexer)) == len(stored(indexer))


def test_counts_are_for_members_and_say_nothing_of_closed_data(
    enter_demo: Enter,
    push: Push,
    served: Served,
    work_off: WorkOff,
    hub: TestClient,
    member: TestClient,
    make_client: Callable[..., TestClient],
) -> None:
    enter_demo(SATKER, PAKET)
    enter_demo(KONTRAK)
    push(SATKER, served(SATKER))
    push(PAKET, served(PAKET))
    push(KONTRAK, served(KONTRAK)[:100])
    work_off()
    url = "/api/v1/threads/edges"
    assert hub.get(url, params={"dataset": PAKET}).status_code == 401
    assert make_client().get(url, params={"dataset": PAKET}).status_code == 403
    ours = asked(make_client("steward", "bpbj"), KONTRAK)
    assert {edge["to_dataset"] for edge in ours} == {SATKER, PAKET}
    assert all(edge["by_agency"] for edge in ours)
    theirs = asked(member, KONTRAK)
    assert [edge["by_agency"] for edge in theirs] == [None, None]
    assert counts(theirs[0])[0] == 100


def test_a_count_is_no_way_to_ask_for_keys_of_closed_data(
    enter_demo: Enter,
    push: Push,
    served: Served,
    work_off: WorkOff,
    member: TestClient,
    make_client: Callable[..., TestClient],
) -> None:
    enter_demo(SATKER, access_class="TERBATAS", restriction_basis="uji")
    enter_demo(PAKET)
    push(SATKER, served(SATKER))
    push(PAKET, served(PAKET)[:5])
    work_off()
    assert asked(member, PAKET) == []
    assert len(asked(make_client("steward", "dkisp"), PAKET)) == 1
