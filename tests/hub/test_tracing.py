"""A caller's trace is kept from the request to the ledger."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from hub.tracing import trace_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_the_trace_of_a_request_stands_in_its_ledger_entry(
    hub: TestClient, make_client: Callable[..., TestClient]
) -> None:
    walidata = make_client("walidata", "dkisp")
    answer = walidata.post(
        "/api/v1/agencies",
        json={"code": "coba", "name": "Dinas Coba (sintetis)"},
        headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["traceparent"].split("-")[1] == TRACE
    entries = walidata.get("/api/v1/ledger/entries").json()["items"]
    assert entries[0]["entry"]["trace_id"] == TRACE


@pytest.mark.parametrize("header", ["", "00-xyz", f"00-{'0' * 32}-00f067aa0ba902b7-01", "a\nb"])
def test_a_header_that_is_no_trace_gets_a_new_one(header: str) -> None:
    assert len(trace_of(header)) == 32
    assert trace_of(header) not in (TRACE, "0" * 32)
