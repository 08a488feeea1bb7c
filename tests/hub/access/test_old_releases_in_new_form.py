"""A release made under an earlier version is read in the form of a later one, never wider than the leave."""

import copy
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from tests.hub.access.conftest import DOCUMENT, rows_of

Make = Callable[..., Any]
AT = "/api/v1/datasets/bpbj/penerima"


def version(number: str, **columns: Any) -> dict[str, Any]:
    """The document as `number`; the columns stand where they are told, new ones at the front."""
    body = copy.deepcopy(DOCUMENT)
    body["$id"] = body["$id"].replace("1.0.0", number)
    properties: dict[str, Any] = body["properties"]
    new = {name: schema for name, schema in columns.items() if name not in properties}
    body["properties"] = {**new, **properties, **columns}
    return body


@pytest.fixture
def published(penerima: Make, publish_rows: Make, make_client: Make) -> Callable[..., str]:
    """The dataset with one release under 1.0.0, in a class; then 1.1.0 wider and 2.0.0 narrower."""

    def make(access_class: str = "BERBAGI") -> str:
        name: str = penerima(access_class)
        publish_rows(name)
        walidata = make_client("walidata", "dkisp")
        path = "/api/v1/schemas/bpbj/penerima/versions"
        number = {"title": "Nilai", "type": ["number", "null"]}
        wider = version("1.1.0", satuan={"type": "string"}, nilai=number)
        assert walidata.post(path, json=wider).status_code == 201
        narrower = version(
            "2.0.0", satuan={"type": "string"}, nilai={"type": "number", "maximum": 5000}
        )
        answer = walidata.post(path, json=narrower, params={"notice_until": "2099-01-01"})
        assert answer.status_code == 201, answer.text
        return name

    return make


def test_new_columns_are_empty_types_wider_and_the_order_that_of_the_new_version(
    published: Make, make_client: Make
) -> None:
    published()
    steward = make_client("steward", "bpbj")
    plain = rows_of(steward.get(f"{AT}/rows?limit=2"))
    answer = steward.get(f"{AT}/rows?limit=2&as=1.1.0")
    rows = rows_of(answer)
    assert list(rows[0])[:2] == ["satuan", "kode"]
    assert [row.pop("satuan") for row in rows] == [None, None]
    assert rows == plain
    assert '"nilai":1000.0' in answer.text.replace(" ", "")
    told = answer.json()
    assert (told["as"], told["release"]) == ("1.1.0", 1)
    onward = steward.get(f"{AT}/rows", params={"limit": 2, "as": "1.1.0", "cursor": told["next"]})
    assert [row["kode"] for row in rows_of(onward)] == ["0003", "0004"]
    mixed = steward.get(f"{AT}/rows", params={"limit": 2, "cursor": told["next"]})
    assert mixed.json()["type"] == "/problems/cursor-invalid"
    assert "as" not in steward.get(f"{AT}/rows?as=1.0.0&limit=1").json()


def test_files_samples_profiles_filters_and_queries_have_the_new_form_too(
    published: Make, make_client: Make
) -> None:
    published()
    steward = make_client("steward", "bpbj")
    parquet = steward.get(f"{AT}/rows?format=parquet&as=1.1.0")
    table = pq.read_table(io.BytesIO(parquet.content))
    assert table.column_names[:2] == ["satuan", "kode"]
    assert (str(table.schema.field("nilai").type), table.num_rows) == ("double", 10)
    csv = steward.get(f"{AT}/rows?format=csv&as=1.1.0&sort=-nilai")
    assert csv.text.splitlines()[0].startswith("satuan,kode,")
    assert "satuan" in rows_of(steward.get(f"{AT}/sample?as=1.1.0"))[0]
    profile = steward.get(f"{AT}/profile?as=1.1.0").json()
    assert next(c["empty"] for c in profile["items"] if c["column"] == "satuan") == 1.0
    nothing = steward.get(f"{AT}/rows", params={"as": "1.1.0", "filter": "satuan=kg"})
    assert rows_of(nothing) == []
    half = steward.get(f"{AT}/rows", params={"as": "1.1.0", "filter": "nilai<=1500.5"})
    assert [row["kode"] for row in rows_of(half)] == ["0001"]
    sql = "SELECT satuan, sum(nilai) AS n FROM bpbj.penerima GROUP BY 1"
    asked = steward.post("/api/v1/query", json={"sql": sql, "as": {"bpbj.penerima": "1.1.0"}})
    assert asked.json()["rows"] == [[None, 55000.0]]
    assert steward.post("/api/v1/query", json={"sql": sql}).status_code == 422


def test_a_version_that_may_refuse_old_rows_is_refused_with_reasons(
    published: Make, make_client: Make
) -> None:
    published()
    steward = make_client("steward", "bpbj")
    for form in ("latest", "2.0.0"):
        refused = steward.get(f"{AT}/rows", params={"as": form})
        assert (refused.status_code, refused.json()["type"]) == (
            409,
            "/problems/incompatible-schema",
        )
        assert {r["code"] for r in refused.json()["reasons"]} == {
            "tipe-menyempit",
            "batas-menyempit",
        }
        assert refused.json()["witnesses"]
    query = {"sql": "SELECT 1 FROM bpbj.penerima", "as": "latest"}
    assert steward.post("/api/v1/query", json=query).status_code == 409
    assert steward.get(f"{AT}/rows?as=9.9.9").status_code == 404
    assert steward.get(f"{AT}/rows?as=baru").status_code == 422


def test_the_form_opens_nothing_that_the_grant_does_not(
    published: Make, make_client: Make, give: Make
) -> None:
    name = published()
    analyst: TestClient = make_client("analyst", "bappeda")
    assert analyst.get(f"{AT}/rows?as=1.1.0").status_code == 403
    assert analyst.get(f"{AT}/rows?as=2.0.0").status_code == 403
    give(analyst, name, columns=["kode", "nilai"])
    rows = rows_of(analyst.get(f"{AT}/rows?as=1.1.0"))
    assert set(rows[0]) == {"kode", "nilai"}
    hidden = analyst.get(f"{AT}/rows?as=1.1.0&columns=satuan")
    assert hidden.json()["type"] == "/problems/column-not-readable"


def test_a_grant_of_all_columns_still_hides_what_is_personal(
    published: Make, make_client: Make, give: Make
) -> None:
    name = published()
    analyst: TestClient = make_client("analyst", "bappeda")
    give(analyst, name)
    rows = rows_of(analyst.get(f"{AT}/rows?as=1.1.0"))
    assert "satuan" in rows[0]
    assert {row["nama"] for row in rows} == {None}
    text = json.dumps(
        analyst.post(
            "/api/v1/query", json={"sql": "SELECT * FROM bpbj.penerima", "as": {"*": "1.1.0"}}
        ).json()
    )
    assert "Orang" not in text
