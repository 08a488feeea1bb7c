"""The index measured from the hub's own tables, on both databases, and kept as proven snapshots."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select
from starlette.testclient import TestClient

from catalog.models import AccessClass, Dataset, Frequency, Release
from hub.agencies.desk_models import PriorityData
from hub.db import reading, unit_of_work
from hub.grants.models import AccessRequest, Grant
from hub.intake.models import Batch, BatchState, Run, RunOutcome, Source
from hub.ledger.models import LedgerEntry
from hub.notices.models import Notice
from hub.openness import keeping, scheduled
from hub.openness.deps import measure_of
from hub.openness.formula import Case, evaluate
from hub.openness.measuring import Measure, measure
from hub.openness.models import Snapshot, YearlyReport
from hub.openness.months import Month, Window
from hub.usage.models import ReadCount
from tests.hub.openness.conftest import PRODUCER, Move, at, in_time

OCTOBER = Month(2025, 10)
NOW = at("2025-11-03 09:00")


@pytest.fixture
def app(hub: TestClient) -> FastAPI:
    assert isinstance(hub.app, FastAPI)
    return hub.app


@pytest.fixture
def by(app: FastAPI) -> Measure:
    return measure_of(app.state.engine, app.state.settings, app.state.clock)


def window(by: Measure, month: Month = OCTOBER, now: datetime = NOW) -> Window:
    return Window.of(month, 3, by.settings.zone, now=now)


def cases_of(app: FastAPI, by: Measure, agency: str = "dinkes") -> dict[str, list[Case]]:
    with reading(app.state.engine) as session:
        return measure(session, by, window(by), [agency])[agency].cases


def describe(session: Session, name: str, **said: Any) -> None:
    row = session.get_one(Dataset, name)
    row.created_at = at("2025-01-01 00:00")
    for member, value in said.items():
        setattr(row, member, value)
    session.add(row)


def release(session: Session, name: str, number: int, moment: str) -> None:
    session.add(
        Release(
            dataset=name,
            number=number,
            delta_version=number,
            files=[],
            sha256=f"{number:064x}",
            rows=10,
            added=0,
            changed=0,
            removed=0,
            schema_name="lkpp/nontender-kontrak",
            schema_version="1.0.0",
            batch=f"b{number}",
            published_at=at(moment),
        )
    )


def batch(session: Session, name: str, id_: str, moment: str, rows: int, rejected: int) -> None:
    session.add(
        Batch(
            id=id_,
            dataset=name,
            mode="upsert",
            on_error="quarantine",
            format="csv",
            via="push",
            actor={},
            state=BatchState.PUBLISHED,
            sha256="",
            bytes=1,
            schema_name="lkpp/nontender-kontrak",
            schema_version="1.0.0",
            rows=rows,
            accepted=rows - rejected,
            rejected=rejected,
            received_at=at(moment),
        )
    )


FULL = {"summary": "Isi", "topic": "kesehatan", "contact_post": "Kepala Bidang"}


def test_what_is_due_is_the_list_of_the_forum_and_what_was_declared(
    app: FastAPI, by: Measure, make_dataset: Callable[..., str]
) -> None:
    good = make_dataset(slug="stunting", agency="dinkes")
    bare = make_dataset(slug="faskes", agency="dinkes", schema=("lkpp/tender-kontrak", "1.0.0"))
    with unit_of_work(app.state.engine) as session:
        describe(session, good, **FULL)
        describe(session, bare)
        release(session, good, 1, "2025-09-01 10:00")
        release(session, bare, 1, "2025-09-01 10:00")
        for title, dataset, first_due in (
            ("Stunting", good, None),
            ("Imunisasi", None, None),
            ("KLB", None, at("2026-01-01 00:00").date()),
        ):
            session.add(
                PriorityData(
                    title=title,
                    agency="dinkes",
                    dataset=dataset,
                    frequency=Frequency.MONTHLY,
                    first_due=first_due,
                    basis="SK Forum (sintetis)",
                    changed_at=NOW,
                )
            )
    found = [(case.kind, case.value, case.why) for case in cases_of(app, by)["A"]]
    assert sorted(found) == [
        ("dataset", 0.0, "metadata_missing"),
        ("dataset", 1.0, "published"),
        ("priority_data", 0.0, "not_entered"),
    ]


@pytest.mark.parametrize("published", [True, False])
def test_cutting_a_dataset_in_pieces_does_not_raise_availability(
    app: FastAPI, by: Measure, make_dataset: Callable[..., str], published: bool
) -> None:
    missing = make_dataset(slug="faskes", agency="dinkes", schema=("lkpp/tender-kontrak", "1.0.0"))
    with unit_of_work(app.state.engine) as session:
        describe(session, missing, **FULL)
    values = []
    for number in range(3):
        piece = make_dataset(slug=f"bagian-{number}", agency="dinkes")
        with unit_of_work(app.state.engine) as session:
            describe(session, piece, **FULL)
            if published or number == 0:
                release(session, piece, 1, "2025-09-01 10:00")
        values.append(evaluate(by.book.body, {"A": cases_of(app, by)["A"]}).component("A").value)
    assert values == ([50.0, 50.0, 50.0] if published else [50.0, 0.0, 0.0])


def test_quality_is_measured_at_the_month_ends_and_by_the_gate(
    app: FastAPI, by: Measure, make_dataset: Callable[..., str]
) -> None:
    name = make_dataset(slug="stunting", agency="dinkes")
    with unit_of_work(app.state.engine) as session:
        describe(session, name, frequency=Frequency.MONTHLY)
        release(session, name, 1, "2025-08-15 10:00")  # due on 15 September: fresh in August only
        release(session, name, 2, "2025-10-20 10:00")
        batch(session, name, "b1", "2025-08-15 10:00", 100, 10)
        batch(session, name, "b2", "2025-10-20 10:00", 100, 0)
    found = {case.part: (round(case.value or 0, 4), case.why) for case in cases_of(app, by)["D"]}
    assert found == {"freshness": (0.6667, "fresh"), "validity": (0.95, "judged")}
    late = [case for case in cases_of(app, by)["E"] if case.kind == "dataset"]
    assert [(case.value, case.why) for case in late] == [(0.0, "renewed_late")]


def test_pulls_that_fail_lower_reliability_by_their_share(
    app: FastAPI, by: Measure, make_dataset: Callable[..., str]
) -> None:
    name = make_dataset(slug="stunting", agency="dinkes")
    with unit_of_work(app.state.engine) as session:
        describe(session, name)
        session.add(
            Source(
                id="s1",
                dataset=name,
                kind="http-json",
                options={},
                mode="upsert",
                on_error="quarantine",
                created_by="uji",
                created_at=NOW,
            )
        )
        session.flush()  # runs refer to it
        for number, outcome in enumerate(
            (RunOutcome.OK, RunOutcome.NOTHING_NEW, RunOutcome.OK, RunOutcome.FAILED)
        ):
            session.add(
                Run(
                    id=f"r{number}", source="s1", outcome=outcome, started_at=at("2025-10-02 02:00")
                )
            )
    assert [(c.id, c.value, c.why) for c in cases_of(app, by)["E"]] == [("s1", 0.75, "runs_failed")]


def test_requests_count_in_the_month_in_which_they_were_answered(
    app: FastAPI, by: Measure, make_request: Callable[..., str]
) -> None:
    make_request(1, *in_time("2025-10-20"))
    make_request(2, *in_time("2025-07-20"))  # before the window
    make_request(
        3,
        Move("2025-10-01 10:00", "diajukan", "2025-10-02 16:00"),
        Move("2025-10-02 09:00", PRODUCER, "2025-10-09 16:00", agency="dkisp"),
        Move("2025-10-09 16:00", "terlambat", "2025-10-13 16:00", clock=True),
        Move("2025-10-13 16:00", "dianggap_disetujui", clock=True),
    )
    make_request(
        4,
        Move("2025-10-01 10:00", "diajukan", "2025-10-02 16:00"),
        Move("2025-10-02 09:00", PRODUCER, "2025-10-09 16:00", agency="dkisp"),
        Move("2025-10-08 10:00", "ditolak", ground="T04", agency="dinkes"),
    )
    found = cases_of(app, by)
    assert [(c.id[-1], c.value, c.why) for c in found["B"]] == [
        ("1", 1.0, "in_time"),
        ("3", 0.0, "overdue"),
        ("4", 1.0, "in_time"),
    ]
    assert [(c.id[-1], c.value, c.why) for c in found["C"]] == [
        ("1", 1.0, "approved"),
        ("3", 0.0, "deemed"),
        ("4", None, "lawful_refusal"),
    ]


def test_what_is_given_and_never_used_is_dropped_from_both(
    app: FastAPI, by: Measure, make_request: Callable[..., str]
) -> None:
    make_request(1, *in_time("2025-09-01"))  # thirty days are over, and nobody read
    make_request(2, *in_time("2025-10-20"))
    found = cases_of(app, by)
    for letter in ("B", "C"):
        assert [(c.value, c.why == "unused") for c in found[letter]] == [(None, True), (1.0, False)]


@pytest.mark.parametrize(("read_on", "why"), [("2025-09-20", "approved"), ("2025-10-20", "unused")])
def test_reading_within_thirty_days_is_use(
    app: FastAPI, by: Measure, make_request: Callable[..., str], read_on: str, why: str
) -> None:
    number = make_request(1, *in_time("2025-09-01"))
    with unit_of_work(app.state.engine) as session:
        session.add(
            AccessRequest(
                id=number,
                target="dinkes/stunting",
                producer="dinkes",
                requester_kind="person",
                requester="uji",
                agency="bappeda",
                purpose="uji",
                created_at=at("2025-09-01 10:00"),
            )
        )
        session.flush()  # the grant refers to it
        session.add(
            Grant(
                id="HA-2025-00001",
                target="dinkes/stunting",
                producer="dinkes",
                access_class=AccessClass.TERBATAS,
                grantee_agency="bappeda",
                purpose="uji",
                starts_at=at("2025-09-04 10:00"),
                expires_at=at("2026-09-04 10:00"),
                request=number,
                granted_by="uji",
                digest="d" * 64,
            )
        )
        session.add(
            ReadCount(
                dataset="dinkes/stunting",
                day=date.fromisoformat(read_on),
                agency="bappeda",
                party="",
                grant="d" * 64,
                way="rows",
                owner="dinkes",
                reads=1,
                rows=1,
                cut=0,
                last_at=at(f"{read_on} 10:00"),
            )
        )
    assert [case.why for case in cases_of(app, by)["C"]] == [why]


def test_the_walidata_is_measured_by_the_clocks_it_let_run_out(
    app: FastAPI, by: Measure, make_request: Callable[..., str], make_client: Callable[..., Any]
) -> None:
    make_client("walidata", "dkisp")
    make_request(
        1,
        Move("2025-10-01 10:00", "diajukan", "2025-10-02 16:00"),
        Move("2025-10-02 16:00", PRODUCER, "2025-10-09 16:00", clock=True),
        Move("2025-10-03 10:00", "disetujui", agency="dinkes"),
    )
    make_request(2, *in_time("2025-10-20"))
    found = [(c.id, c.value, c.why) for c in cases_of(app, by, "dkisp")["B"]]
    assert found == [
        ("PD-2025-000001/2", 0.0, "walidata_overdue"),
        ("PD-2025-000002/2", 1.0, "walidata_in_time"),
    ]


def taken(app: FastAPI, by: Measure, now: datetime = NOW) -> list[Snapshot]:
    with unit_of_work(app.state.engine) as session:
        return keeping.take(session, app.state.ledger, by, OCTOBER, now=now)


def test_a_snapshot_recomputes_to_the_shown_figure_and_stands_in_the_ledger(
    app: FastAPI, by: Measure, make_request: Callable[..., str]
) -> None:
    for number in range(1, 5):
        make_request(number, *in_time(f"2025-10-{5 + number:02}"))
    taken(app, by)
    with reading(app.state.engine) as session:
        one = session.get_one(Snapshot, ("dinkes", "2025-10", 1))
        result, digest = keeping.recomputed(by.book.body, one)
        entry = session.exec(select(LedgerEntry).where(LedgerEntry.id == one.entry)).one()
    assert (result.score, result.band, digest) == (one.score, one.band, one.digest)
    assert (one.score, one.final) == (100.0, True)
    assert one.digest.encode() in entry.body
    assert one.as_of == at("2025-11-01 00:00")


def test_measuring_again_gives_the_same_figure_and_no_new_version(
    app: FastAPI, by: Measure, make_request: Callable[..., str]
) -> None:
    make_request(1, *in_time("2025-10-06"))
    assert len(taken(app, by)) == 2
    assert taken(app, by, datetime(2026, 5, 5, tzinfo=UTC)) == []
    make_request(2, *in_time("2025-10-07"))  # a step that was not there before
    again = taken(app, by)
    assert [(one.agency, one.version) for one in again] == [("dinkes", 2)]
    with reading(app.state.engine) as session:
        assert session.get_one(Snapshot, ("dinkes", "2025-10", 1)).cases["B"][0]["id"]


def test_the_job_measures_once_on_the_first_working_day_and_tells_the_head(
    app: FastAPI, make_request: Callable[..., str], make_client: Callable[..., Any]
) -> None:
    for number in range(1, 4):
        make_request(number, *in_time(f"2025-10-{10 + number:02}"))
    make_client("head", "dinkes")

    def due(day: str) -> int:
        settings = app.state.settings.model_copy(update={"business_date": date.fromisoformat(day)})
        return scheduled.measure_due(app.state.engine, settings, app.state.ledger)

    assert due("2025-11-02") == 0  # a Sunday; the first working day is Monday the third
    assert due("2025-11-03") == 2
    assert due("2025-11-04") == 0
    with reading(app.state.engine) as session:
        told = session.exec(select(Notice)).all()
        report = session.exec(select(YearlyReport)).one()
    assert [(one.subject_id, one.path) for one in told] == [
        ("Indeks keterbukaan DINKES Oktober 2025: 100 (A)", "/skor/dinkes?bulan=2025-10")
    ]
    assert "Senin, 10 November 2025" in told[0].body_id
    assert (report.year, report.body["whole"]["requests"]) == (2025, 3)
