"""What a query costs is told beforehand, and tells nothing of what may not be read."""

from pathlib import Path

import pytest

from hub.queries.costs import class_of
from hub.settings import Settings
from tests.hub.access.conftest import ROWS

WIDE = "SELECT * FROM bpbj.penerima"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", database_url=database_url, query_confirm_rows=20)


def cost(who, sql, **more):
    answer = who.post("/api/v1/query/cost", json={"sql": sql, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_rows_and_bytes_are_those_of_the_permitted_slice(penerima, publish_rows, make_client, give):
    dataset = penerima("TERBATAS")
    publish_rows(
        dataset,
        [*ROWS, *({**ROWS[0], "kode": f"9{n:03}", "kecamatan": "Lain"} for n in range(500))],
    )
    analyst, steward = make_client("analyst", "bappeda"), make_client("steward", "bpbj")
    give(analyst, dataset, columns=["kode", "nilai"], filter={"eq": ["kecamatan", "Kuaro"]})
    whole, part = cost(steward, WIDE), cost(analyst, WIDE)
    assert (whole["rows"], part["rows"], part["work"]) == (510, 5, 5)
    assert part["bytes"] < whole["bytes"]
    (table,) = part["tables"]
    assert (table["dataset"], table["release"], table["name"]) == (dataset, 1, "bpbj.penerima")
    # A hidden column and one that does not exist cost the same: they cannot be asked for at all.
    for name in ("catatan", "tidakada"):
        refused = analyst.post(
            "/api/v1/query/cost", json={"sql": f"SELECT {name} FROM bpbj.penerima"}
        )
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/query-failed"
    narrow = cost(steward, "SELECT nilai FROM bpbj.penerima")
    assert 0 < narrow["bytes"] < whole["bytes"]
    assert (whole["class"], whole["confirm"]) == ("besar", True)
    assert (part["class"], part["confirm"]) == ("sedang", False)


def test_a_costly_query_runs_only_when_confirmed(ask, penerima, publish_rows, make_client):
    dataset, who = penerima("TERBUKA"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    pairs = "SELECT count(*) AS n FROM bpbj.penerima a, bpbj.penerima b"
    told = cost(who, pairs)
    assert (told["work"], told["class"]) == (100, "besar")
    refused = ask(who, pairs)
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/query-costly"
    assert (refused.json()["work"], refused.json()["limit"]) == (100, 20)
    assert ask(who, pairs, confirm=True).json()["rows"] == [[100]]
    assert ask(who, "SELECT count(*) FROM bpbj.penerima").status_code == 200
    assert who.get("/api/v1/queries").json()["items"][1]["state"] == "done"


def test_what_may_not_be_read_has_no_cost(penerima, publish_rows, make_client):
    publish_rows(penerima("TERBATAS"))
    who, told = make_client("analyst", "bappeda"), []
    for name in ("penerima", "tidakada"):
        answer = who.post("/api/v1/query/cost", json={"sql": f"SELECT 1 FROM bpbj.{name}"})
        assert answer.status_code == 422
        told.append(answer.text.replace(name, "X"))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("work", "expected"),
    [(0, "kecil"), (10, "kecil"), (11, "sedang"), (1000, "sedang"), (1001, "besar")],
)
def test_classes_begin_where_the_setting_says(work: int, expected: str) -> None:
    assert class_of(work, 1000) == expected
