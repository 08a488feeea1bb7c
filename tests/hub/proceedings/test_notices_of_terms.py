"""What is told of a term by its marks: each once, none after an answer, the late ones after silence."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlmodel import Session, select

from hub.notices.models import Notice
from hub.proceedings import ticking
from hub.proceedings.models import NoticeState
from hub.proceedings.office import Office
from hub.subjects import subjects
from tests.hub.proceedings.conftest import PEOPLE, Regency, moment


def waiting(regency: Regency) -> str:
    """With the producer from Monday, 8 June 2026 at nine, so until Monday, 15 June."""
    regency.at("2026-06-08 09:00")
    number = regency.ask("terbatas")
    regency.move(number, "walidata", "lengkap")
    return number


def told(regency: Regency, topic: str = "request.due") -> Counter[tuple[str, str]]:
    """How often each mark was told, by the role that heard it (agencies' own systems aside)."""
    with Session(regency.engine) as session:
        rows = session.exec(select(Notice).where(Notice.topic == topic)).all()
    posts = _roles(regency)
    return Counter((row.once.rsplit("/", 1)[1], posts[row.post]) for row in rows if row.post)


def _roles(regency: Regency) -> dict[str, str]:
    with Session(regency.engine) as session:
        return {post.id: name for name in PEOPLE for post in regency.who(session, name).posts}


def test_each_mark_is_told_once_to_those_it_is_for(regency: Regency) -> None:
    number = waiting(regency)
    for day in ("06-11 07:59", "06-11 08:00", "06-12 09:00", "06-15 08:00", "06-15 12:00"):
        regency.tick(f"2026-{day}")
    assert told(regency) == {("H-2", "steward"): 1, ("H", "head"): 1}
    for day in (
        "06-15 16:00",
        "06-16 08:00",
        "06-17 15:59",
        "06-17 16:00",
        "06-18 08:00",
        "06-30 08:00",
    ):
        regency.tick(f"2026-{day}")
    assert regency.state(number) == "aktif"
    assert told(regency) == {
        ("H-2", "steward"): 1,
        ("H", "head"): 2,  # of its own term, and of the walidata's that followed
        ("H", "walidata"): 1,
        ("H+1", "walidata"): 1,
        ("H+3", "sekda"): 1,
    }


def test_nothing_is_told_of_a_term_after_an_answer(regency: Regency) -> None:
    number = waiting(regency)
    regency.tick("2026-06-11 08:00")
    regency.at("2026-06-12 10:00")
    regency.move(number, "head", "setujui")
    regency.tick("2026-06-30 08:00")
    assert told(regency) == {("H-2", "steward"): 1}
    left = {(notice.mark, notice.state) for notice in regency.notices(number)}
    assert left == {
        ("H-2", NoticeState.SENT),
        ("H", NoticeState.DROPPED),
        ("H+1", NoticeState.DROPPED),
        ("H+3", NoticeState.DROPPED),
    }


def test_an_answer_after_the_term_silences_what_was_still_to_be_told(regency: Regency) -> None:
    number = waiting(regency)
    regency.tick("2026-06-15 16:00")
    regency.at("2026-06-15 17:00")
    regency.move(number, "head", "tolak")
    regency.tick("2026-06-19 08:00")
    assert not told(regency)


def test_a_warning_that_comes_too_late_is_not_told_but_that_it_is_overdue_is(
    regency: Regency,
) -> None:
    waiting(regency)
    regency.tick("2026-07-06 09:00")
    assert told(regency) == {("H+1", "walidata"): 1, ("H+3", "sekda"): 1}


def test_more_time_moves_the_marks(regency: Regency) -> None:
    number = waiting(regency)
    regency.tick("2026-06-11 08:00")
    regency.at("2026-06-11 09:00")
    regency.move(number, "head", "tambah_waktu")
    regency.tick("2026-06-15 08:00")
    assert told(regency) == {("H-2", "steward"): 1}
    regency.tick("2026-06-17 08:00")
    regency.tick("2026-06-19 08:00")
    assert told(regency) == {("H-2", "steward"): 2, ("H", "head"): 1}


def test_two_tickers_tell_once_and_move_once(regency: Regency) -> None:
    numbers = [waiting(regency) for _ in range(6)]
    for day in ("06-11 08:00", "06-15 08:00", "06-15 16:00", "06-18 16:00", "06-19 08:00"):
        _race(regency, f"2026-{day}")
    for number in numbers:
        silent = [step.to_state for step in regency.steps(number) if step.by_clock]
        assert silent == ["terlambat", "dianggap_disetujui"]
    assert told(regency)["H-2", "steward"] == 6
    assert told(regency)["H+1", "walidata"] == 6
    assert told(regency)["H+3", "sekda"] == 6


def _race(regency: Regency, text: str) -> None:
    now = moment(text)
    regency.clock.hands[0] = now
    office = Office(regency.office.ledger, regency.clock)

    def run(_: int) -> int:
        return ticking.tick(regency.engine, office, subjects(), now=now).failed

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 0
