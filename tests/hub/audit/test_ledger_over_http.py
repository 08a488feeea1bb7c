"""The ledger as its readers see it: lists by right, proofs for everybody who has the id."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.db import unit_of_work
from hub.ledger import sequencer, verify
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Receipt

LEDGER = "/api/v1/ledger"
Make = Callable[..., Any]


@pytest.fixture
def note(hub: TestClient) -> Callable[..., Receipt]:
    """Record that a program of an agency read something of another."""

    def note(agency: str, owner: str, client: str = "c-1") -> Receipt:
        state = _app(hub).state
        with unit_of_work(state.engine) as session:
            receipt: Receipt = state.ledger.record(
                session,
                kind="rows.read",
                actor=Actor(client=client, agency=agency),
                target=Target("dataset", f"{owner}/kontrak"),
            )
        return receipt

    return note


def _app(hub: TestClient) -> FastAPI:
    assert isinstance(hub.app, FastAPI)
    return hub.app


def place(hub: TestClient) -> None:
    sequencer.run_once(_app(hub).state.engine, _app(hub).state.ledger.signer)


def listed(client: TestClient, **asked: str | int) -> list[str]:
    answer = client.get(f"{LEDGER}/entries", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["entry_id"] for item in answer.json()["items"]]


def test_an_agency_lists_what_it_took_part_in_and_the_auditor_all(
    make_client: Make, note: Callable[..., Receipt]
) -> None:
    ours, theirs, far = (
        note("bappeda", "bpbj").entry_id,
        note("dpupr", "bpbj").entry_id,
        note("dpupr", "dpupr").entry_id,
    )
    everything = {ours, theirs, far}
    assert everything & set(listed(make_client("analyst", "bappeda"))) == {ours}
    assert everything & set(listed(make_client("steward", "bpbj"))) == {ours, theirs}
    assert everything & set(listed(make_client("auditor", "inspektorat"))) == everything
    assert everything & set(listed(make_client("walidata", "dkisp"))) == everything
    outsider = make_client()
    assert everything & set(listed(outsider)) == set()
    own = note("", "bpbj", client=outsider.client_id).entry_id
    assert listed(outsider) == [own]


def test_the_list_goes_on_from_its_cursor_newest_first(
    make_client: Make, note: Callable[..., Receipt]
) -> None:
    auditor = make_client("auditor", "inspektorat")
    made = [note("bappeda", "bpbj").entry_id for _ in range(5)]
    first = auditor.get(f"{LEDGER}/entries?limit=3&target=bpbj/kontrak").json()
    second = auditor.get(
        f"{LEDGER}/entries?limit=3&target=bpbj/kontrak&cursor={first['next']}"
    ).json()
    pages = [item["entry_id"] for page in (first, second) for item in page["items"]]
    assert pages == made[::-1]
    assert second["next"] is None


def test_whoever_signed_in_can_prove_an_entry_offline(
    hub: TestClient, make_client: Make, note: Callable[..., Receipt]
) -> None:
    receipt, reader = note("bappeda", "bpbj"), make_client("analyst", "dpupr")
    early = reader.get(f"{LEDGER}/entries/{receipt.entry_id}/proof")
    assert (early.status_code, early.json()["entry_id"]) == (409, receipt.entry_id)
    place(hub)
    kept = hub.get(f"{LEDGER}/checkpoint").json()
    note("bappeda", "bpbj")
    place(hub)
    bundle = reader.get(f"{LEDGER}/entries/{receipt.entry_id}/receipt?since={kept['size']}")
    report = verify.bundle(bundle.json(), keys=[kept["key"]])
    assert report.ok, report
    assert bundle.json()["consistency"]["checkpoint"] == kept["checkpoint"]
    assert hub.get(f"{LEDGER}/entries/{receipt.entry_id}/receipt").status_code == 401
    assert hub.get(f"{LEDGER}/entries/{receipt.entry_id}/proof").status_code == 401
    assert hub.get(f"{LEDGER}/entries").status_code == 401
    assert reader.get(f"{LEDGER}/entries/{'0' * 32}/proof").status_code == 404


def test_a_witness_without_sign_in_can_follow_the_growth(
    hub: TestClient, note: Callable[..., Receipt]
) -> None:
    assert hub.get(f"{LEDGER}/checkpoint").status_code in (200, 404)
    heads = []
    for _ in range(2):
        note("bappeda", "bpbj")
        place(hub)
        heads.append(hub.get(f"{LEDGER}/checkpoint").json())
    old, new = heads
    grown = hub.get(f"{LEDGER}/consistency", params={"from": old["size"], "to": new["size"]}).json()
    keys = [old["key"]]
    assert verify.consistency_holds(
        verify.open_checkpoint(old["checkpoint"], keys),
        verify.open_checkpoint(new["checkpoint"], keys),
        [verify.decode(step) for step in grown["path"]],
    )
    backwards = hub.get(f"{LEDGER}/consistency?from={new['size']}&to={old['size']}")
    assert backwards.status_code == 422
