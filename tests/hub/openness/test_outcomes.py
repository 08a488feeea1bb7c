"""What became of a request, read from its steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.openness import outcomes
from hub.openness.outcomes import Moved
from tests.hub.openness.conftest import Move, at, moved

ASKED = Move("2025-08-04 10:00", "diajukan", "2025-08-05 16:00")
WAITING = Move("2025-08-05 09:00", "menunggu_produsen", "2025-08-12 16:00", agency="dkisp")
OVERDUE = Move("2025-08-12 16:00", "terlambat", "2025-08-14 16:00", clock=True)


def test_a_decision_before_the_end_is_in_time_and_one_after_it_is_not() -> None:
    good = moved(ASKED, WAITING, Move("2025-08-12 15:59", "disetujui", agency="dinkes"))
    late = moved(ASKED, WAITING, Move("2025-08-12 16:01", "disetujui", agency="dinkes"))
    assert [(a.in_time, a.at) for a in map(outcomes.answer, (good, late)) if a] == [
        (True, at("2025-08-12 15:59")),
        (False, at("2025-08-12 16:01")),
    ]


def test_an_extension_in_time_counts_as_in_time() -> None:
    longer = Move("2025-08-11 10:00", "menunggu_produsen", "2025-08-15 16:00", agency="dinkes")
    steps = moved(ASKED, WAITING, longer, Move("2025-08-15 10:00", "disetujui", agency="dinkes"))
    answer = outcomes.answer(steps)
    assert answer is not None
    assert answer.in_time


def test_silence_is_overdue_also_when_a_mediated_decision_follows() -> None:
    steps = moved(
        ASKED,
        WAITING,
        OVERDUE,
        Move("2025-08-13 10:00", "menunggu_produsen", "2025-08-15 16:00", agency="dkisp"),
        Move("2025-08-14 10:00", "disetujui", agency="dinkes"),
    )
    answer, came = outcomes.answer(steps), outcomes.outcome(steps, "dinkes")
    assert (answer, came) != (None, None)
    assert answer is not None
    assert came is not None
    assert (answer.in_time, answer.at) == (False, at("2025-08-12 16:00"))
    assert (came.value, came.why) == (1.0, "approved")


@pytest.mark.parametrize(
    ("moves", "value", "why"),
    [
        ([Move("2025-08-06 10:00", "disetujui_sebagian")], 1.0, "approved_in_part"),
        ([Move("2025-08-06 10:00", "ditolak", ground="T04")], None, "lawful_refusal"),
        (
            [
                Move("2025-08-06 10:00", "ditolak", ground="T08"),
                Move("2025-08-07 10:00", "keberatan"),
                Move("2025-08-08 10:00", "disetujui", agency="dkisp"),
            ],
            0.0,
            "annulled",
        ),
        (
            [
                Move("2025-08-06 10:00", "ditolak", ground="T08"),
                Move("2025-08-07 10:00", "keberatan"),
                Move("2025-08-08 10:00", "ditolak_final", agency="dkisp"),
            ],
            None,
            "lawful_refusal",
        ),
        (
            [OVERDUE, Move("2025-08-14 16:00", "dianggap_disetujui", clock=True)],
            0.0,
            "deemed",
        ),
        (
            [
                OVERDUE,
                Move("2025-08-14 16:00", "eskalasi_sekda", clock=True),
                Move("2025-08-15 10:00", "disetujui"),
            ],
            None,
            "decided_above",
        ),
        (
            [
                OVERDUE,
                Move("2025-08-14 16:00", "eskalasi_sekda", clock=True),
                Move("2025-08-15 10:00", "disetujui", agency="dinkes"),
            ],
            1.0,
            "approved",
        ),
        (
            [
                Move("2025-08-06 10:00", "ditolak", ground="T08"),
                Move("2025-08-07 10:00", "keberatan"),
                Move("2025-08-12 16:00", "keberatan_forum", clock=True),
                Move("2025-08-26 16:00", "eskalasi_sekda", clock=True),
                Move("2025-08-27 10:00", "disetujui"),
            ],
            0.0,
            "annulled",
        ),
        ([Move("2025-08-06 10:00", "gugur")], None, "lapsed"),
        ([Move("2025-08-06 10:00", "dialihkan", agency="dkisp")], None, "forwarded"),
        ([Move("2025-08-06 10:00", "aktif_sementara")], None, "emergency"),
    ],
)
def test_openness_counts_what_the_agency_gave_and_no_lawful_refusal(
    moves: list[Move], value: float | None, why: str
) -> None:
    came = outcomes.outcome(moved(ASKED, WAITING, *moves), "dinkes")
    assert came is not None
    assert (came.value, came.why) == (value, why)


@pytest.mark.parametrize(
    ("moment", "last"), [("2025-08-12 09:00", True), ("2025-08-11 10:00", False)]
)
def test_a_refusal_in_the_last_tenth_of_the_clock_is_counted(moment: str, last: bool) -> None:
    steps = moved(ASKED, WAITING, Move(moment, "ditolak", agency="dinkes", ground="T13"))
    refusal = next(outcomes.refusals(steps))
    assert (refusal.ground, refusal.in_last(0.1)) == ("T13", last)


def test_the_walidata_is_measured_by_its_own_clocks() -> None:
    silent = moved(
        ASKED, Move("2025-08-05 16:00", "menunggu_produsen", "2025-08-12 16:00", clock=True)
    )
    checked = moved(
        ASKED, WAITING, OVERDUE, Move("2025-08-13 09:00", "menunggu_produsen", agency="dkisp")
    )
    states = {"diajukan", "terlambat"}
    assert [a[2] for a in outcomes.answers_of(silent, states, "dkisp")] == [False]
    assert [a[2] for a in outcomes.answers_of(checked, states, "dkisp")] == [True, True]


STATES = st.sampled_from(
    [
        "diajukan", "menunggu_produsen", "terlambat", "disetujui", "ditolak", "keberatan", "aktif",
        "dianggap_disetujui", "eskalasi_sekda", "ditolak_final", "disetujui_otomatis", "gugur",
    ]
)  # fmt: skip


@given(st.lists(st.tuples(STATES, st.booleans()), max_size=8))
def test_whatever_the_path_it_is_read_without_guessing(path: list[tuple[str, bool]]) -> None:
    before, steps = None, []
    for number, (state, clock) in enumerate(path, start=1):
        moment = at(f"2025-08-{number:02} 10:00")
        steps.append(Moved(number, moment, before, state, clock, None, None, None))
        before = state
    answer, came = outcomes.answer(steps), outcomes.outcome(steps, "dinkes")
    if any(step.to_state == "terlambat" for step in steps) and answer is None:
        raise AssertionError("an overdue request was not counted")
    assert came is None or came.value in (None, 0.0, 1.0)
