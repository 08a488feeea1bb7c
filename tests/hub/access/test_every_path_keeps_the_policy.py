"""What no grant opens is nowhere: rows, files, changes, samples, profiles, SQL, search, errors."""

import json
import re

import pytest

from hub.db import unit_of_work
from hub.grants.models import Grant
from tests.hub.access.conftest import CANARY, ROWS, text_of

FORMATS = ("json", "ndjson", "csv", "xlsx", "parquet", "arrow")


def paths(dataset):
    at = f"/api/v1/datasets/{dataset}"
    yield from (f"{at}/rows?format={f}{limit}" for f in FORMATS for limit in ("", "&limit=5"))
    yield f"{at}/rows?sort=-nilai"
    yield f"{at}/rows?filter=nilai>3000"
    yield f"{at}/rows?columns=catatan"
    yield f"{at}/rows?filter=catatan~{CANARY[:6]}"
    yield f"{at}/rows?sort=catatan"
    yield f"{at}/rows?release=1"
    yield f"{at}/sample"
    yield f"{at}/profile"
    yield f"{at}/releases/2/changes"
    yield f"{at}/releases/2/changes?since=0"


QUERIES = (
    "SELECT * FROM {t}",
    "SELECT count(*), max(catatan) FROM {t}",
    "SELECT * FROM {t} WHERE nama LIKE 'Orang%'",
    "WITH {t2} AS (SELECT 1) SELECT * FROM {t}",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM duckdb_tables()",
    "SELECT CAST(catatan AS INTEGER) FROM {t}",
    "SELECT catatan FROM {t} UNION SELECT nama FROM {t}",
)


def everything(who, dataset, file):
    """Every answer there is to somebody about one dataset."""
    for path in paths(dataset):
        yield path, who.get(path)
    name = dataset.replace("/", ".").replace("-", "_")
    for query in QUERIES:
        sql = query.format(t=name, t2=name.split(".")[1], file=file)
        yield sql, who.post("/api/v1/query", json={"sql": sql})
    for format in FORMATS[1:]:
        sql = f"SELECT * FROM {name}"
        yield sql, who.post("/api/v1/query", json={"sql": sql, "format": format})
    for path in ("/api/v1/datasets?q=kenari", "/api/v1/datasets?q=penerima", "/api/v1/grants"):
        yield path, who.get(path)
    yield "description", who.get(f"/api/v1/datasets/{dataset}")


@pytest.fixture
def published(hub, penerima, publish_rows):
    """A restricted dataset of two releases, and one of its files on disk."""
    dataset = penerima("TERBATAS")
    publish_rows(dataset)
    publish_rows(dataset, [{**ROWS[1], "nilai": 7}, *ROWS[2:]])
    table = hub.app.state.settings.storage / dataset
    return dataset, next(table.glob("*.parquet"))


def test_without_a_grant_nothing_leaks_anywhere(hub, published, make_client):
    dataset, file = published
    for role, agency in (("analyst", "bappeda"), ("walidata", "dkisp")):
        who = make_client(role, agency)
        for asked, answer in everything(who, dataset, file):
            assert CANARY not in text_of(answer), asked
            if "/rows" in asked or "/changes" in asked or "SELECT" in asked:
                assert answer.status_code in (403, 422), (asked, answer.text)
                assert "kecamatan" not in answer.text, asked
    for role in ("rw", "executive", "auditor", None):
        who = make_client(role, "bpbj")
        assert who.get(f"/api/v1/datasets/{dataset}/rows").status_code == 403
    for asked, answer in everything(hub, dataset, file):
        assert CANARY not in text_of(answer), asked


def test_columns_and_rows_of_a_grant_hold_on_every_path(published, make_client, give):
    dataset, file = published
    analyst = make_client("analyst", "bappeda")
    grant = give(
        analyst,
        dataset,
        columns=["kode", "kecamatan", "nilai"],
        filter={"eq": ["kecamatan", "Kuaro"]},
    )
    seen = 0
    for asked, answer in everything(analyst, dataset, file):
        text = text_of(answer)
        assert CANARY not in text, asked
        assert not re.search(r"(?<!\w)0002(?!\w)", text) or "kode" not in text, asked
        seen += answer.status_code == 200
    assert seen > 20
    at = f"/api/v1/datasets/{dataset}"
    rows = analyst.get(f"{at}/rows").json()
    assert rows["grant"] == grant
    assert [row["kode"] for row in rows["items"]] == ["0003", "0005", "0007", "0009"]
    assert all(list(row) == ["kode", "kecamatan", "nilai"] for row in rows["items"])
    assert analyst.get(f"{at}/profile").json()["rows"] == 4
    changes = analyst.get(f"{at}/releases/2/changes").json()
    assert [(c["kode"], c["_perubahan"]) for c in changes["items"]] == [("0001", "hapus")]
    sql = {"sql": "SELECT count(*) AS n, sum(nilai) AS s FROM bpbj.penerima"}
    assert analyst.post("/api/v1/query", json=sql).json()["rows"] == [[4, 24000]]


def test_personal_columns_open_only_when_a_grant_names_them(
    penerima, publish_rows, make_client, give, hub
):
    dataset, analyst = penerima("BERBAGI"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    path = f"/api/v1/datasets/{dataset}/rows?limit=1"
    give(analyst, dataset)
    (row,) = analyst.get(path).json()["items"]
    assert row["nama"] is None
    assert row["penyedia"] == "PERORANGAN"
    named = give(analyst, dataset, columns=["kode", "nama"])
    (row,) = analyst.get(f"{path}&grant={named}").json()["items"]
    assert set(row) == {"kode", "nama"}
    assert row["nama"].startswith("Orang 1")
    (grant,) = [g for g in analyst.get("/api/v1/grants").json()["items"] if g["id"] == named]
    assert grant["expires_at"][:4] <= str(int(grant["starts_at"][:4]) + 1)

    steward = make_client("steward", "bpbj")
    (row,) = steward.get(path).json()["items"]
    assert row["nama"].startswith("Orang 1")


def test_open_data_is_open_to_visitors_but_never_its_persons(penerima, publish_rows, hub):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    answer = hub.get(f"/api/v1/datasets/{dataset}/rows?limit=1")
    (row,) = answer.json()["items"]
    assert row["kode"] == "0001"
    assert row["nama"] is None
    assert row["penyedia"] is None
    assert hub.post("/api/v1/query", json={"sql": "SELECT 1"}).status_code == 401


def test_a_grant_of_another_does_not_help_and_grants_do_not_merge(
    published, make_client, give, publish_rows
):
    dataset, _ = published
    analyst, other = make_client("analyst", "bappeda"), make_client("analyst", "dinkes")
    narrow = give(analyst, dataset, columns=["kode", "catatan"], filter={"eq": ["kode", "0003"]})
    wide = give(analyst, dataset, columns=["kode", "nilai"])
    path = f"/api/v1/datasets/{dataset}/rows"
    assert other.get(f"{path}?grant={wide}").status_code == 403
    assert analyst.get(path).json()["grant"] == wide
    assert [set(r) for r in analyst.get(path).json()["items"]] == [{"kode", "nilai"}] * 9
    assert [r["kode"] for r in analyst.get(f"{path}?grant={narrow}").json()["items"]] == ["0003"]


def test_a_grant_opens_nothing_that_was_closed_further_or_altered_since(
    hub, penerima, publish_rows, make_client, give
):
    from catalog.models import AccessClass, Dataset

    dataset, analyst = penerima("BERBAGI"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    grant = give(analyst, dataset)
    path = f"/api/v1/datasets/{dataset}/rows"
    assert analyst.get(path).status_code == 200
    with unit_of_work(hub.app.state.engine) as session:
        session.get_one(Dataset, dataset).access_class = AccessClass.TERBATAS
    assert analyst.get(path).status_code == 403
    with unit_of_work(hub.app.state.engine) as session:
        session.get_one(Dataset, dataset).access_class = AccessClass.BERBAGI
    assert analyst.get(path).status_code == 200
    with unit_of_work(hub.app.state.engine) as session:
        session.get_one(Grant, grant).columns = ["kode", "nama"]
    assert analyst.get(path).status_code == 403
    sql = {"sql": "SELECT * FROM bpbj.penerima"}
    assert analyst.post("/api/v1/query", json=sql).status_code == 422


def test_forbidden_and_absent_tables_are_refused_in_the_same_words(published, make_client):
    analyst = make_client("analyst", "bappeda")
    told = []
    for name in ("penerima", "tidakada"):
        answer = analyst.post("/api/v1/query", json={"sql": f"SELECT * FROM bpbj.{name}"})
        assert answer.status_code == 422
        told.append(json.dumps(answer.json()).replace(name, "X"))
    assert told[0] == told[1]


MASKED = {
    "columns": ["kode", "kecamatan", "nilai", "nama", "catatan"],
    "filter": {"eq": ["kecamatan", "Kuaro"]},
    "masks": {"kode": "hash", "nama": "last_four", "catatan": "hash"},
}


def test_masks_of_a_grant_hold_on_every_path(published, make_client, give):
    dataset, file = published
    analyst = make_client("analyst", "bappeda")
    give(analyst, dataset, **MASKED)
    seen = 0
    for asked, answer in everything(analyst, dataset, file):
        text = text_of(answer)
        assert CANARY not in text, asked
        assert not re.search(r"(?<!\w)000[1-9](?!\w)", text), asked
        seen += answer.status_code == 200
    assert seen > 20
    at = f"/api/v1/datasets/{dataset}"
    rows = analyst.get(f"{at}/rows").json()["items"]
    assert [row["nama"] for row in rows] == ["••••7F3A"] * 4
    assert all(re.fullmatch("[0-9a-f]{32}", row["kode"]) for row in rows)
    # In the order of the hashes, not of the keys behind them.
    hashes = [row["kode"] for row in rows]
    assert hashes == sorted(hashes)
    assert analyst.get(f"{at}/rows?filter=kode={hashes[2]}").json()["items"] == [rows[2]]
    assert analyst.get(f"{at}/rows?filter=kode=0003").json()["items"] == []
    profile = {c["column"]: c for c in analyst.get(f"{at}/profile").json()["items"]}
    assert (profile["kode"]["lowest"], profile["kode"]["highest"]) == (hashes[0], hashes[-1])


def test_pages_behind_a_masked_key_join_into_all_rows_once(published, make_client, give):
    dataset, _ = published
    for agency, masks in (("bappeda", {"kode": "hash"}), ("dinkes", {"kode": "last_four"})):
        analyst = make_client("analyst", agency)
        give(analyst, dataset, columns=["kode", "nilai"], masks=masks)
        found, cursor = [], ""
        while cursor is not None:
            page = analyst.get(f"/api/v1/datasets/{dataset}/rows?limit=2&cursor={cursor}").json()
            found, cursor = found + page["items"], page["next"]
        assert sorted(row["nilai"] for row in found) == [7, *range(3000, 11_000, 1000)]
        shown = [tuple(row.values()) for row in found]
        assert shown == sorted(shown)


def test_one_agency_joins_what_it_reads_for_one_purpose_and_nobody_else_does(
    penerima, publish_rows, make_client, give
):
    people, others = penerima("TERBATAS"), penerima("TERBATAS", "penerima-lain")
    publish_rows(people)
    publish_rows(others, ROWS[4:])
    wanted = {"columns": ["kode", "nilai"], "masks": {"kode": "hash"}}
    analyst, elsewhere = make_client("analyst", "bappeda"), make_client("analyst", "dinkes")
    for dataset in (people, others):
        give(analyst, dataset, **wanted)
    sql = "SELECT count(*) AS n FROM bpbj.penerima a JOIN bpbj.penerima_lain b USING (kode)"
    assert analyst.post("/api/v1/query", json={"sql": sql}).json()["rows"] == [[6]]

    def hashes(who, dataset, grant=""):
        items = who.get(f"/api/v1/datasets/{dataset}/rows{grant}").json()["items"]
        return {row["kode"] for row in items}

    other_purpose = give(analyst, others, **wanted, purpose="Menilai dampak bantuan")
    give(elsewhere, others, **wanted)
    ours = hashes(analyst, people)
    assert len(ours) == 10
    assert ours.isdisjoint(hashes(analyst, others, f"?grant={other_purpose}"))
    assert ours.isdisjoint(hashes(elsewhere, others))
