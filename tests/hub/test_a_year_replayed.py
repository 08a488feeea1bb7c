"""A replayed year, small: nobody's request is lost, and nobody is given personal data by silence."""

import io
from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from hub.db import reading
from hub.demo.year.playing import Played, play
from hub.grants.models import AccessRequest, Grant, State
from hub.ledger.models import LedgerEntry
from hub.openness import keeping
from hub.openness.deps import measure_in
from hub.openness.months import Month
from hub.proceedings.models import Proceeding, Step
from hub.settings import Settings

REQUESTS = 80
LAWFUL = {
    State.ACTIVE,
    State.FINISHED,
    State.ENDED,
    State.REVOKED,
    State.LAPSED,
    State.REFUSED_FINAL,
    State.FORWARDED,
}


@pytest.fixture
def settings(database_url: str, tmp_path: Any) -> Settings:
    return Settings(
        home=tmp_path / "home", database_url=database_url, public_url="http://testserver"
    )


@pytest.fixture
def played(hub: TestClient, settings: Settings) -> Played:
    return play(settings, year=2026, agencies=8, requests=REQUESTS, seed=3, say=lambda _: None)


def test_every_request_of_a_year_ends_lawfully_and_the_report_opens(
    hub: TestClient, settings: Settings, played: Played
) -> None:
    with reading(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        stands = session.exec(select(Proceeding)).all()
        steps = session.exec(select(Step).order_by(col(Step.proceeding), col(Step.number))).all()
        silent = session.exec(
            select(AccessRequest)
            .join(Grant, col(Grant.request) == col(AccessRequest.id))
            .where(Grant.granted_by == "simpul")
        ).all()
        entries = {entry.id for entry in session.exec(select(LedgerEntry))}
    assert len(stands) == REQUESTS
    assert {State(one.state) for one in stands} <= LAWFUL
    assert not [one.id for one in silent if one.personal]
    assert {step.entry for step in steps} <= entries
    assert Counter(step.to_state for step in steps)["dianggap_disetujui"] > 0
    last: dict[str, str] = {}
    for step in steps:
        assert step.previous_hash == last.get(step.proceeding, "")
        last[step.proceeding] = step.hash
    _the_report_opens(hub, played)
    _the_index_is_what_its_formula_says(hub, settings)


def _the_report_opens(hub: TestClient, played: Played) -> None:
    form = {"username": played.username, "password": played.password}
    browser = TestClient(hub.app, base_url="https://testserver")
    assert browser.post("/masuk", data=form, follow_redirects=False).status_code == 303
    page = browser.get("/skor/laporan/2026")
    assert page.status_code == 200, page.text[:500]
    book = browser.get("/skor/laporan/2026/xlsx")
    assert book.status_code == 200
    sheets = openpyxl.load_workbook(io.BytesIO(book.content), read_only=True).sheetnames
    assert len(sheets) >= 4


def _the_index_is_what_its_formula_says(hub: TestClient, settings: Settings) -> None:
    zone = ZoneInfo(settings.timezone)
    with reading(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        by = measure_in(session, settings, hub.app.state.clock)  # type: ignore[attr-defined]
        for month in (Month(2026, 6), Month(2026, 12)):
            assert month.ends(zone) - month.starts(zone) > timedelta(days=27)
            for one in keeping.latest_of_month(session, month).values():
                result, digest = keeping.recomputed(by.book.body, one)
                assert (result.score, digest) == (one.score, one.digest)
