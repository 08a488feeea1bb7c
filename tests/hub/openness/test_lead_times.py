"""Published clocks: declared beside measured, over a year, the requester's time apart."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from hub.db import reading
from hub.ledger.models import LedgerEntry
from hub.openness.lead_times import flagged
from hub.openness.months import Month
from hub.openness.spans import Span, summary_of
from hub.proceedings.models import Step
from hub.settings import Settings
from tests.hub.openness.conftest import PRODUCER, Move, in_time

RULE = {"flag_months": 2, "min_cases": 1}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"business_date": date(2025, 11, 4)})


def span(day: str, days: int) -> Span:
    return Span("PD", date.fromisoformat(day), days, 0, True)


def test_median_and_nine_tenths_are_of_the_answers() -> None:
    found = summary_of([span("2025-10-01", days) for days in (1, 2, 2, 3, 3, 4, 5, 5, 6, 40)])
    assert (found.answers, found.median, found.p90, found.in_time) == (10, 3.5, 6, 1.0)
    assert summary_of([]).median is None


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ([span("2025-09-10", 6), span("2025-10-10", 7)], True),
        ([span("2025-09-10", 6), span("2025-10-10", 5)], False),  # kept in October
        ([span("2025-10-10", 9)], False),  # nothing in September
        ([span("2025-09-10", 6), span("2025-10-10", 7), span("2025-11-03", 1)], True),
    ],
)
def test_declared_better_than_measured_for_two_months_is_flagged(
    spans: list[Span], told: bool
) -> None:
    assert flagged(RULE, 5, spans, Month(2025, 11)) is told


def test_the_time_with_the_requester_is_counted_apart(
    make_request: Callable[..., str],
    make_dataset: Callable[..., str],
    make_client: Callable[..., Any],
) -> None:
    name = make_dataset(slug="stunting", agency="dinkes")
    make_request(
        1,
        Move("2025-10-01 10:00", "diajukan", "2025-10-02 16:00"),
        Move("2025-10-02 10:00", "perlu_perbaikan", "2025-10-09 16:00", agency="dkisp"),
        Move("2025-10-08 10:00", "diajukan", "2025-10-09 16:00", agency="bappeda"),
        Move("2025-10-09 10:00", PRODUCER, "2025-10-16 16:00", agency="dkisp"),
        Move("2025-10-16 12:00", "ditolak", ground="T13", agency="dinkes"),
        dataset=name,
    )
    make_request(2, *in_time("2025-10-20"), dataset=name)  # Monday to Thursday
    shown = make_client("analyst", "bappeda").get(f"/api/v1/datasets/{name}/lead-time").json()
    # 1 to 16 October is 11 working days, 4 of them with the requester; the other took 3.
    assert (shown["answers"], shown["median"], shown["p90"]) == (2, 5.0, 7)
    assert (shown["with_requester"], shown["in_time"]) == (2.0, 1.0)
    assert (shown["refusals"], shown["last_hour_refusals"]) == (1, 1)


def test_the_steward_declares_and_takes_back_and_nobody_else(
    make_dataset: Callable[..., str], make_client: Callable[..., Any]
) -> None:
    name = make_dataset(slug="stunting", agency="dinkes")
    path = f"/api/v1/datasets/{name}/lead-time"
    steward = make_client("steward", "dinkes")
    assert make_client("steward", "bappeda").put(path, json={"days": 3}).status_code == 403
    assert steward.put(path, json={"days": 1000}).status_code == 422
    assert steward.put(path, json={"days": 3}).json()["declared"] == 3
    listed = steward.get("/api/v1/lead-times").json()["items"]
    assert [(line["dataset"], line["declared"]) for line in listed] == [(name, 3)]
    assert steward.put(path, json={"days": None}).json()["declared"] is None


def test_the_page_tells_what_is_declared_and_what_is_measured(
    make_dataset: Callable[..., str],
    make_request: Callable[..., str],
    make_person: Callable[..., Any],
    sign_in: Callable[..., TestClient],
) -> None:
    name = make_dataset(slug="stunting", agency="dinkes")
    make_request(1, *in_time("2025-10-20"), dataset=name)
    browser = sign_in(make_person("steward", "dinkes", password="sandi-panjang-sekali"))
    answer = browser.post(
        f"/katalog/{name}/waktu-jawab", data={"days": "2", "key": "k1"}, follow_redirects=False
    )
    assert answer.headers["Location"] == f"/katalog/{name}#waktu-jawab"
    page = browser.get(f"/katalog/{name}").text
    assert "2 hari kerja" in page
    assert "hari kerja; sembilan dari sepuluh 3" in page
    assert f'href="/katalog/{name}#waktu-jawab"' in browser.get("/skor/waktu-jawab").text


def test_the_measured_time_is_that_of_steps_which_the_ledger_proves(
    hub: TestClient, make_dataset: Callable[..., str], make_client: Callable[..., Any]
) -> None:
    name = make_dataset()
    analyst = make_client("analyst", "bappeda")
    asked = analyst.post(
        f"/api/v1/datasets/{name}/requests", json={"purpose": "Perencanaan", "basis": "Tupoksi"}
    )
    assert asked.status_code == 201, asked.text
    number = asked.json()["id"]
    head = make_client("head", "bpbj")
    decided = head.post(f"/api/v1/requests/{number}/decision", json={"decision": "approve"})
    assert decided.status_code == 200, decided.text
    shown = analyst.get(f"/api/v1/datasets/{name}/lead-time").json()
    assert isinstance(hub.app, FastAPI)
    with reading(hub.app.state.engine) as session:
        steps = _steps(session, number)
        entries = [
            json.loads(
                session.exec(select(LedgerEntry).where(LedgerEntry.id == s.entry)).one().body
            )
            for s in steps
        ]
    assert [entry["outcome"] for entry in entries] == [step.to_state for step in steps]
    # The opening's entry holds the digest of the request itself, every later one that of its step.
    assert [e["digests"]["request"] for e in entries[1:]] == [f"sha256:{s.hash}" for s in steps[1:]]
    first, last = steps[0], next(s for s in steps if s.to_state == "disetujui")
    assert (first.at.date(), shown["answers"], shown["median"]) == (last.at.date(), 1, 0.0)


def _steps(session: Session, number: str) -> list[Step]:
    wanted = select(Step).where(Step.proceeding == number).order_by(col(Step.number))
    return list(session.exec(wanted))
