"""A query is bounded in rows and in time, and says so."""

from pathlib import Path

import pytest

from hub.settings import Settings


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "home", database_url=database_url, query_rows=5, query_seconds=2
    )


def test_answers_are_cut_and_slow_queries_end(penerima, publish_rows, make_client):
    dataset, who = penerima("TERBUKA"), make_client("analyst", "bappeda")
    publish_rows(dataset)

    def ask(sql, format="json", **more):
        return who.post("/api/v1/query", json={"sql": sql, "format": format, **more})

    cut = ask("SELECT kode AS k, kode AS k FROM bpbj.penerima ORDER BY kode").json()
    assert cut["capped"] == "rows"
    assert cut["rows"] == [[f"{n:04}"] * 2 for n in range(1, 6)]
    assert len(set(cut["columns"])) == 2
    (table,) = cut["tables"]
    assert (table["dataset"], table["release"], table["grant"]) == (dataset, 1, None)
    file = ask("SELECT kode FROM bpbj.penerima", "csv")
    assert file.headers["simpul-capped"] == "rows"
    assert len(file.text.splitlines()) == 6
    cross = ", ".join(f"range(3000) AS r{n}(x)" for n in range(4))
    endless = f"SELECT count(*) FROM {cross} WHERE r0.x + r1.x = r2.x * r3.x + 7"
    costly = ask(endless)
    assert costly.status_code == 422, costly.text
    assert costly.json()["type"] == "/problems/query-costly"
    assert costly.json()["work"] == 3000**4
    slow = ask(endless, confirm=True)
    assert slow.status_code == 504, slow.text
    assert slow.json()["type"] == "/problems/query-too-slow"
    assert ask("SELECT 1").json()["rows"] == [[1]]
    for sql in ("", "DROP TABLE x", "SELECT 1; SELECT 2", "SELECT getenv('HOME')", "SELEC"):
        refused = ask(sql)
        assert refused.status_code == 422, sql
        assert refused.json()["type"] in ("/problems/query-refused", "/problems/invalid-request")
