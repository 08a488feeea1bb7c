"""Every path of opinions, decisions and silence ends in a lawful state, and none in silence over persons."""

import itertools
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select
from starlette.testclient import TestClient

from hub.agencies.mandates import Mandate
from hub.agencies.models import Holding
from hub.agencies.principal import principal_of
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import due_at, is_working_day, real_now
from hub.db import reading, unit_of_work
from hub.ledger.models import LedgerEntry
from hub.proceedings import machine, procedure
from hub.proceedings.machine import Opening
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.procedure import Procedure, fits
from hub.reviews import service
from hub.reviews.models import Review
from hub.reviews.subject import PROCEDURE, REVIEWERS
from hub.rules import service as rules
from tests.hub.reviews.conftest import MORNING, WHY, ZONE
from tests.hub.reviews.test_collecting import AGAIN

BOOK: Procedure = procedure.parse(PROCEDURE, 0, rules.packaged(PROCEDURE).body)
PERSONAL = {"nama": {"type": "string", "x-data-pribadi": "umum"}}
CHOICES = ("setuju", "bersyarat", "keberatan", None)


@pytest.fixture
def asked(enter: Callable[..., TestClient], clock: Any, request: Any) -> Callable[[bool], Any]:
    """A review that runs: of a personal field, or of one that another agency holds; id and steward."""

    def make(personal: bool) -> tuple[str, TestClient]:
        if personal:
            steward = enter("dinsos/penerima", PERSONAL, access_class="PRIBADI")
            said: dict[str, Any] = {"dataset": "dinsos/penerima"}
        else:
            request.getfixturevalue("roads")
            steward = enter("dishub/trayek", AGAIN)
            said = {"dataset": "dishub/trayek", "reasons": {"panjang_km": WHY}}
        sent = steward.post("/api/v1/reviews", json=said)
        assert sent.status_code == 201, sent.text
        return sent.json()["review"]["id"], steward

    return make


@pytest.fixture
def walidata(make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("walidata", "dkisp")


def state(who: TestClient, review: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/api/v1/reviews/{review}").json()
    return found


def days_later(count: int) -> datetime:
    day = MORNING.date()
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return datetime(day.year, day.month, day.day, 16, 0, 1, tzinfo=ZONE)


def test_reviewers_who_say_nothing_of_a_field_without_persons_have_no_objection(
    asked: Any, walidata: TestClient, tick: Any
) -> None:
    review, _ = asked(False)
    assert state(walidata, review)["due_at"].startswith(due_at(MORNING, 5).date().isoformat())
    tick(days_later(4))
    assert state(walidata, review)["state"] == "ditelaah"
    tick(days_later(5))
    ended = state(walidata, review)
    assert (ended["state"], ended["outcome"]) == ("disetujui_bersyarat", "cleared")
    assert ended["silent"] == ["walidata", "keamanan", "statistik"]
    assert ended["history"][-1]["by_clock"] is True


def test_silence_of_the_protection_officer_never_approves_personal_fields(
    asked: Any, walidata: TestClient, tick: Any, send: Any
) -> None:
    review, steward = asked(True)
    moves = f"/api/v1/reviews/{review}/moves"
    agrees = {"event": "setuju", "reviewers": ["walidata", "keamanan", "statistik"]}
    assert walidata.post(moves, json=agrees).json()["silent"] == ["ppdp"]
    assert state(walidata, review)["due_at"].startswith(due_at(MORNING, 10).date().isoformat())
    tick(days_later(10))
    assert state(walidata, review)["state"] == "eskalasi_sekda"
    assert walidata.post(moves, json={"event": "setuju"}).status_code == 409
    tick(days_later(13))
    ended = state(walidata, review)
    assert ended["state"] == "disetujui_tanpa_kolom_pribadi"
    assert ended["excluded"] == ["nama"]
    barred = send(steward, "dinsos/penerima", {"nama": "Orang (sintetis)"})
    assert (barred.status_code, barred.json()["fields"]) == (409, ["nama"])


def test_a_named_officer_alone_speaks_for_persons(
    asked: Any, walidata: TestClient, hub: TestClient, make_client: Any, send: Any
) -> None:
    officer = make_client("head", "inspektorat")
    name_for(hub, officer, "ppdp")
    review, steward = asked(True)
    moves = f"/api/v1/reviews/{review}/moves"
    first = walidata.post(moves, json={"event": "setuju"}).json()
    assert (first["state"], first["silent"]) == ("ditelaah", ["ppdp"])
    as_officer = {"event": "setuju", "reviewers": ["ppdp"]}
    assert walidata.post(moves, json=as_officer).status_code == 403
    remark = {"event": "bersyarat", "reason": "Samarkan nama di luar dinas sosial"}
    ended = officer.post(moves, json=remark).json()
    assert ended["state"] == "disetujui_bersyarat"
    assert send(steward, "dinsos/penerima", {"nama": "Orang (sintetis)"}).status_code == 201


def test_an_objection_is_concluded_by_the_walidata_and_mended_by_the_agency(
    asked: Any, walidata: TestClient, tick: Any
) -> None:
    review, steward = asked(False)
    moves = f"/api/v1/reviews/{review}/moves"
    objects = {"event": "keberatan", "reason": "Alasannya belum cukup jelas"}
    assert walidata.post(moves, json=objects).json()["state"] == "menunggu_walidata"
    mend = {"event": "minta_perbaikan", "reason": "Sebutkan beda definisinya"}
    assert walidata.post(moves, json=mend).json()["state"] == "perlu_perbaikan"
    assert "perbaiki" in state(steward, review)["possible"]
    mended = {"event": "perbaiki", "reason": "Ruas trayek bukan ruas jalan"}
    again = steward.post(moves, json=mended).json()
    assert (again["state"], again["round"]) == ("ditelaah", 2)
    assert again["silent"] == again["reviewers"]
    assert walidata.post(moves, json={"event": "setuju"}).json()["state"] == "disetujui"


def test_an_objection_that_nobody_decides_stands(
    asked: Any, walidata: TestClient, tick: Any
) -> None:
    review, _ = asked(False)
    objects = {"event": "keberatan", "reason": "Sudah ada di DPUPR", "reviewers": ["statistik"]}
    walidata.post(f"/api/v1/reviews/{review}/moves", json=objects)
    tick(days_later(11))
    ended = state(walidata, review)
    assert (ended["state"], ended["outcome"]) == ("ditolak", "barred")
    assert [step["to_state"] for step in ended["history"]][1:] == [
        "menunggu_walidata",
        "eskalasi_sekda",
        "ditolak",
    ]


def test_opinions_and_steps_are_in_the_ledger_and_the_reviewers_are_told(
    asked: Any, walidata: TestClient, hub: TestClient
) -> None:
    review, _ = asked(False)
    walidata.post(f"/api/v1/reviews/{review}/moves", json={"event": "setuju"})
    with reading(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        written = session.exec(select(LedgerEntry.body)).all()
    kinds = [kind for body in written if (kind := json.loads(body)["kind"]).startswith("review.")]
    assert sorted(kinds) == sorted(
        ["review.reasons", "review.submitted", *["review.opinion"] * 3, "review.decided"]
    )
    told = [one["subject_id"] for one in walidata.get("/api/v1/notices").json()["items"]]
    assert any(subject.startswith(f"{review}: telaah") for subject in told)


# The book itself: every set of facts, every silence.


def facts_of(personal: bool, opinions: list[str | None]) -> dict[str, bool]:
    """As `ReviewSubject.facts` has them; the last opinion is the protection officer's."""
    said = opinions if personal else opinions[:3]
    protector = opinions[3] if personal else None
    return {
        "personal": personal,
        "objection": "keberatan" in said,
        "other_objection": "keberatan" in said[:3],
        "remark": "bersyarat" in said,
        "protector_silent": personal and protector is None,
        "protector_agrees": not personal or protector in ("setuju", "bersyarat"),
    }


def test_of_every_state_and_every_facts_exactly_one_silence_is_said() -> None:
    for personal, *opinions in itertools.product((False, True), *[CHOICES] * 4):
        facts = facts_of(bool(personal), opinions)  # type: ignore[arg-type]
        for found in BOOK.states.values():
            if found.end:
                assert found.clock is None
                assert list(BOOK.moves_from(found.name)) == []
                continue
            assert found.clock is not None
            assert found.clock.days(facts) > 0
            if found.name == "eskalasi_sekda" and not facts["personal"]:
                assert facts["objection"] == facts["other_objection"]
            silent = [
                move
                for move in BOOK.moves_from(found.name)
                if move.by_clock and move.event == found.clock.then and fits(move.when, facts)
            ]
            assert len(silent) == 1, (found.name, facts)


@settings(max_examples=400, deadline=None)
@given(
    personal=st.booleans(),
    rounds=st.lists(
        st.lists(st.sampled_from(CHOICES), min_size=4, max_size=4), min_size=5, max_size=5
    ),
    choose=st.lists(st.integers(0, 6), min_size=40, max_size=40),
)
def test_every_walk_ends_lawfully_in_bounded_time(
    personal: bool, rounds: list[list[str | None]], choose: list[int]
) -> None:
    """People do what the book lets them, or nothing; at most two mendings are asked for."""
    here, day, round_, used = BOOK.initial, 0, 0, dict[str, int]()
    facts = facts_of(personal, rounds[0])
    approved_by: list[str] = []
    for pick in choose:
        found = BOOK.states[here]
        if found.end:
            break
        facts = facts_of(personal, rounds[min(round_, 4)])
        complete = None not in (rounds[min(round_, 4)] if personal else rounds[min(round_, 4)][:3])
        assert found.clock is not None
        moves = [
            move
            for move in BOOK.moves_from(here)
            if fits(move.when, facts)
            and not move.by_clock
            and used.get(move.event, 0) < (move.at_most or 99)
            and ("hub" not in move.by or complete)
        ]
        forced = [move for move in moves if "hub" in move.by]
        silent = BOOK.silent_move(found, facts)
        chosen = forced[0] if forced else (moves[pick] if pick < len(moves) else silent)
        day += found.clock.days(facts)
        used[chosen.event] = used.get(chosen.event, 0) + 1
        round_ += chosen.event == "perbaiki"
        approved_by = list(chosen.by)
        here = chosen.to
    assert BOOK.states[here].end, here
    assert day <= 3 * (10 + 3 + 10) + 6
    if personal and here in ("disetujui", "disetujui_bersyarat"):
        assert facts["protector_agrees"] or approved_by == ["mandat.sekda"]


LAWFUL = {"disetujui", "disetujui_bersyarat", "disetujui_tanpa_kolom_pribadi", "ditolak"}


def expected(said: dict[str, str | None]) -> str:
    """Where opinions and then silence lead, said anew: the rule of the explanation page."""
    others = [choice for name, choice in said.items() if name != "ppdp"]
    if "keberatan" in others:
        return "ditolak"
    if said.get("ppdp", "setuju") in (None, "keberatan"):
        return "disetujui_tanpa_kolom_pribadi"
    plain = all(choice == "setuju" for choice in said.values())
    return "disetujui" if plain else "disetujui_bersyarat"


def test_every_set_of_opinions_and_silence_ends_lawfully_in_the_running_hub(
    hub: TestClient, clock: Any, tick: Any, make_dataset: Callable[..., str], make_client: Any
) -> None:
    """Opinions are of three reviewers in any order alike, so sets of them stand for all."""
    dataset, program = make_dataset("PRIBADI"), make_client("walidata", "dkisp")
    ledger, engine = hub.app.state.ledger, hub.app.state.engine  # type: ignore[attr-defined]
    office = Office(ledger, clock)
    asked: dict[str, dict[str, str | None]] = {}
    with unit_of_work(engine) as session:
        identity = Identity("client", program.client_id, "uji", scopes.ALL, "token")
        walidata = principal_of(session, identity, now=real_now())
        for three in itertools.combinations_with_replacement(CHOICES, 3):
            for fourth in (*CHOICES, "no personal field"):
                said = dict(zip(REVIEWERS, three, strict=True))
                if fourth != "no personal field":
                    said["ppdp"] = fourth
                review = begun(session, office, dataset, f"TL-2026-{len(asked):06}", said)
                asked[review] = said
                for name, choice in said.items():
                    if choice is not None:
                        how = {"reason": "Alasan yang tertulis", "reviewers": [name]}
                        service.move(session, office, walidata, review, choice, **how)
    tick(days_later(10 + 3 + 3))
    with reading(engine) as session:
        for review, said in asked.items():
            ended, found = session.get_one(Proceeding, review), session.get_one(Review, review)
            assert ended.state in LAWFUL
            assert (ended.state, said) == (expected(said), said)
            assert ended.ends_at is not None
            assert found.outcome == ("barred" if ended.state == "ditolak" else "cleared")
            agreed = said.get("ppdp") in ("setuju", "bersyarat")
            if "ppdp" in said and not agreed:
                assert found.excluded == ["nama"], said


def begun(
    session: Session, office: Office, dataset: str, name: str, said: dict[str, str | None]
) -> str:
    """A review that waits, of one field, personal when the protection officer is asked."""
    personal = "umum" if "ppdp" in said else ""
    review = Review(
        id=name,
        dataset=dataset,
        agency=dataset.partition("/")[0],
        schema_name="bpbj/x",
        schema_version="1.0.0",
        fields={"nama": {"term": "", "personal": personal, "holders": []}},
        opened_by="uji",
        opened_at=office.clock.now(),
    )
    session.add(review)
    session.flush()  # its proceeding asks for it
    opening = Opening(name, requester=review.agency, dataset=dataset)
    machine.begin(session, office, None, PROCEDURE, service.SUBJECT, opening)
    return name


def name_for(hub: TestClient, client: Any, mandate: str) -> None:
    """Let the post of a program carry a mandate."""
    with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        post = session.exec(select(Holding.post).where(Holding.holder == client.client_id)).one()
        at = datetime.combine(date(2026, 1, 5), datetime.min.time(), tzinfo=ZONE)
        session.add(Mandate(name=mandate, post=post, since=at, named_by="uji"))
