"""A request that came to the wrong agency is never lost: it goes on to a holder, or it stays."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

ASKED = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi Bappeda pasal 4"}
REASON = "Datanya dipegang instansi lain (sintetis)"


@pytest.fixture
def request_id(make_dataset: Callable[..., str], analyst: TestClient) -> str:
    dataset = make_dataset("TERBATAS")
    return str(analyst.post(f"/api/v1/datasets/{dataset}/requests", json=ASKED).json()["id"])


def forwards(walidata: TestClient, request_id: str, **said: str) -> Any:
    body = {"event": "alihkan", "reason": REASON, "said": said}
    return walidata.post(f"/api/v1/requests/{request_id}/moves", json=body)


def test_forwarding_names_a_holder_or_does_not_happen(
    request_id: str, analyst: TestClient, walidata: TestClient, make_dataset: Callable[..., str]
) -> None:
    excluded = make_dataset("DIKECUALIKAN", "rahasia", title="Rahasia")
    for said in ({}, {"holder": "bappeda"}, {"holder": "tiada"}, {"dataset": "bpbj/tiada"}):
        assert forwards(walidata, request_id, **said).status_code == 422, said
    assert forwards(walidata, request_id, dataset=excluded).status_code == 422
    assert analyst.get(f"/api/v1/requests/{request_id}").json()["state"] == "diajukan"


def test_the_same_request_goes_on_to_the_holders_dataset(
    request_id: str, analyst: TestClient, walidata: TestClient, make_dataset: Callable[..., str]
) -> None:
    other = make_dataset("TERBATAS", "paket", title="Paket")
    assert forwards(walidata, request_id, dataset=other).json()["state"] == "dialihkan"
    onward, old = analyst.get("/api/v1/requests").json()["items"]
    assert (onward["forwarded_from"], old["forwarded_to"]) == (old["id"], onward["id"])
    assert (onward["target"], onward["state"], onward["agency"]) == (other, "diajukan", "bappeda")
    shared = make_dataset("BERBAGI", "terbuka-antar", title="Berbagi")
    assert forwards(walidata, onward["id"], dataset=shared).status_code == 200
    newest = analyst.get("/api/v1/requests").json()["items"][0]
    assert (newest["target"], newest["state"]) == (shared, "aktif")
    assert analyst.get(f"/api/v1/datasets/{shared}/rows").status_code != 403
