"""A long answer goes on where it was cut: the same answer, to the same caller, through the same doors."""

import csv
import io
import json
import threading
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from sqlmodel import select
from starlette.requests import Request

from hub.access import kept, query
from hub.access.reader import get_reader
from hub.db import reading
from hub.ledger.models import LedgerEntry
from hub.settings import Settings
from tests.hub.access.conftest import CANARY, ROWS

ALL = "SELECT kode, catatan FROM bpbj.penerima ORDER BY kode"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", database_url=database_url, query_rows=4, query_kept_bytes=7_000
    )


@pytest.fixture
def analyst(penerima, publish_rows, make_client, give):
    dataset, who = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    who.grant = give(who, dataset)
    who.dataset = dataset
    return who


def pages(ask, who, sql, **more):
    """Every page of an answer."""
    cursor, found = None, []
    while True:
        answer = ask(who, sql, **more, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found.append(answer)
        cursor = (
            answer.json()["next"]
            if answer.headers["content-type"].startswith("application/json")
            else answer.headers.get("simpul-next")
        )
        if cursor is None:
            return found


def test_all_pages_together_are_the_whole_answer(ask, analyst):
    found = [page.json() for page in pages(ask, analyst, ALL)]
    assert [page["count"] for page in found] == [4, 4, 2]
    assert [page["capped"] for page in found] == ["rows", "rows", None]
    assert [row[0] for page in found for row in page["rows"]] == [row["kode"] for row in ROWS]
    assert len({page["receipt"]["entry_id"] for page in found}) == 3
    assert len({page["id"] for page in found}) == 3
    texts = [page.text for page in pages(ask, analyst, ALL, format="csv")]
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text))]
    assert [row["kode"] for row in rows] == [row["kode"] for row in ROWS]


def test_an_answer_that_never_comes_twice_the_same_goes_on_all_the_same(ask, analyst):
    sql = "SELECT kode, random() AS r FROM bpbj.penerima ORDER BY r"
    found = [row for page in pages(ask, analyst, sql) for row in page.json()["rows"]]
    assert sorted(row[0] for row in found) == [row["kode"] for row in ROWS]
    assert [row[1] for row in found] == sorted(row[1] for row in found)


def test_the_rest_lies_on_disk_without_a_readable_cell(hub, ask, analyst):
    cursor = ask(analyst, ALL).json()["next"]
    (file,) = (hub.app.state.settings.work / "kept").iterdir()
    assert CANARY.encode() not in file.read_bytes()
    assert CANARY in ask(analyst, ALL, cursor=cursor).text


def test_a_cursor_is_good_for_one_question_of_one_caller(ask, analyst, make_client, give):
    cursor = ask(analyst, ALL).json()["next"]
    colleague = make_client("analyst", "bappeda")
    for who, sql, asked in (
        (analyst, ALL + " ", cursor),
        (analyst, "SELECT kode, catatan FROM bpbj.penerima", cursor),
        (colleague, ALL, cursor),
        (analyst, ALL, cursor[:-3] + ("AAA" if cursor[-3:] != "AAA" else "BBB")),
        (analyst, ALL, "x"),
    ):
        refused = ask(who, sql, cursor=asked)
        assert refused.status_code == 422, refused.text
        assert refused.json()["type"] == "/problems/cursor-invalid"
        assert CANARY not in refused.text
    assert ask(analyst, ALL, cursor=cursor).status_code == 200


def test_an_answer_ends_with_the_grant_and_not_with_a_new_release(
    ask, analyst, publish_rows, make_client, give
):
    cursor = ask(analyst, ALL).json()["next"]
    publish_rows(analyst.dataset, [{**ROWS[0], "catatan": "baru"}])
    second = ask(analyst, ALL, cursor=cursor)
    assert second.status_code == 200
    assert second.json()["tables"][0]["release"] == 1
    assert [row[0] for row in second.json()["rows"]] == ["0005", "0006", "0007", "0008"]
    # Another grant opens other rows: the answer does not go on through it.
    head = make_client("head", "bpbj")
    gone = head.request(
        "DELETE", f"/api/v1/grants/{analyst.grant}", json={"reason": "Keperluan selesai"}
    )
    assert gone.status_code in (200, 204), gone.text
    closed = ask(analyst, ALL, cursor=second.json()["next"])
    assert closed.status_code == 422
    assert closed.json()["type"] == "/problems/query-refused"
    give(analyst, analyst.dataset, columns=["kode", "catatan"], filter={"eq": ["kode", "0003"]})
    other = ask(analyst, ALL, cursor=second.json()["next"])
    assert other.json()["type"] == "/problems/cursor-invalid"
    assert CANARY not in closed.text + other.text


def test_what_is_kept_goes_after_its_time_and_stays_few(hub, ask, analyst):
    settings: Settings = hub.app.state.settings
    cursors = [ask(analyst, ALL).json()["next"] for _ in range(kept.EACH + 1)]
    folder = settings.work / "kept"
    assert len(list(folder.iterdir())) == kept.EACH
    assert ask(analyst, ALL, cursor=cursors[0]).json()["type"] == "/problems/cursor-invalid"
    assert ask(analyst, ALL, cursor=cursors[-1]).status_code == 200
    query.forget_kept(settings)
    assert len(list(folder.iterdir())) == kept.EACH
    query.forget_kept(settings.model_copy(update={"query_kept_minutes": 0}))
    assert list(folder.iterdir()) == []
    assert ask(analyst, ALL, cursor=cursors[-1]).json()["type"] == "/problems/cursor-invalid"


def test_kept_rows_come_back_from_any_place_and_no_piece_can_be_moved(tmp_path: Path) -> None:
    table = pa.table({"n": range(1000)}).replace_schema_metadata({"simpul.capped": "bytes"})
    rest = kept.keep(tmp_path, "seseorang", table.to_batches(300))
    assert rest.rows == 1000
    for offset in (0, 1, 299, 300, 301, 999, 1000):
        batches = list(kept.batches(tmp_path, rest, offset))
        assert pa.Table.from_batches(batches)["n"].to_pylist() == list(range(offset, 1000))
        assert batches[-1].schema.metadata[b"simpul.capped"] == b"bytes"
    path = tmp_path / rest.name
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)
    with pytest.raises(kept.CursorInvalid):
        list(kept.batches(tmp_path, rest, 0))
    with pytest.raises(kept.CursorInvalid):
        list(kept.batches(tmp_path, kept.Kept("../../x", rest.key, 1), 0))


def test_an_answer_is_cut_for_good_at_the_limit_of_bytes(ask, analyst):
    sql = "SELECT kode, repeat('x', 1000) AS x FROM bpbj.penerima ORDER BY kode"
    told = [page.json() for page in pages(ask, analyst, sql)]
    assert [page["capped"] for page in told] == ["rows", "bytes"]
    assert 4 < sum(page["count"] for page in told) < len(ROWS)
    assert told[-1]["next"] is None


def test_a_revoked_grant_stops_an_answer_on_its_way(hub, analyst, make_client, monkeypatch):
    monkeypatch.setattr(query, "CHECK_EVERY", 0.0)
    long = {"query_rows": 100_000, "query_kept_bytes": 2**28}
    reader = get_reader(Request({"type": "http", "app": hub.app}))
    settings = reader.settings.model_copy(update=long)
    monkeypatch.setattr(hub.app.state, "reader", replace(reader, settings=settings))
    sql = "SELECT kode, sha256(CAST(range AS VARCHAR)) AS x FROM bpbj.penerima, range(20000) WHERE kode = '0001'"
    head, real, looks = make_client("head", "bpbj"), query.still_open, []

    def look(*args):
        looks.append(args)
        if len(looks) == 3:  # one before the evidence, then one before each piece
            at = f"/api/v1/grants/{analyst.grant}"
            ended = threading.Thread(
                target=head.request, args=("DELETE", at), kwargs={"json": {"reason": "Selesai"}}
            )
            ended.start()
            ended.join()
        return real(*args)

    monkeypatch.setattr(query, "still_open", look)
    received, name = b"", None
    body = {"sql": sql, "format": "csv", "confirm": True}
    with analyst.stream("POST", "/api/v1/query", json=body) as answer:
        assert answer.status_code == 200
        name = answer.headers["simpul-query"]
        for piece in answer.iter_raw():
            received += piece
    assert 0 < len(received) < int(answer.headers["content-length"])
    told = analyst.get(f"/api/v1/queries/{name}").json()
    assert told["state"] == "aborted"
    with reading(hub.app.state.engine) as session:
        entries = [json.loads(entry.body) for entry in session.exec(select(LedgerEntry))]
    (cut,) = [one for one in entries if one["outcome"] == "aborted"]
    assert (cut["target"]["id"], cut["counts"]) == (name, {"bytes": len(received)})
