"""Every packaged procedure is sound, and what would lose a request is found before it is in force."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from hub.errors import InvalidInput
from hub.proceedings.procedure import parse
from hub.rules import service, soundness
from hub.subjects import subjects

PROCEDURES = [name for name in service.names() if service.is_procedure(service.packaged(name))]
MANDATES = list(service.packaged("mandat").body["mandates"])


@pytest.mark.parametrize("name", service.names())
def test_every_packaged_book_passes_its_own_check(name: str) -> None:
    service.check(name, service.packaged(name).body)


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_packaged_procedure_is_sound(name: str) -> None:
    assert list(soundness.faults(service.packaged(name).body, MANDATES)) == []


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_subject_is_there_for_every_procedure(name: str) -> None:
    assert name in subjects()


@pytest.mark.parametrize("name", PROCEDURES)
def test_the_last_term_holds_whatever_is_known(name: str) -> None:
    procedure = parse(name, 0, service.packaged(name).body)
    clocks = [state.clock for state in procedure.states.values() if state.clock is not None]
    assert clocks
    assert all(clock.days({}) == clock.terms[-1].days for clock in clocks)


def small() -> dict[str, Any]:
    """Asked, answered or overdue; from overdue, by silence, to one of two ends."""
    words = {"id": "Kata", "en": "Word"}
    terms = [{"when": {"big": [True]}, "days": 9, "source": "uji"}, {"days": 5, "source": "uji"}]
    waits = {"title": words, "look": "warn", "waits_for": "produsen.head"}
    silence = {"title": words, "by": ["clock"]}
    return {
        "title": words,
        "ledger": "test",
        "initial": "asked",
        "notice_hour": "08:00",
        "states": {
            "asked": waits
            | {
                "clock": {
                    "terms": terms,
                    "then": "late",
                    "notices": [{"mark": "H-2", "days": -2, "to": ["mandat.sekda"]}],
                }
            },
            "overdue": waits
            | {"clock": {"terms": [{"days": 2, "source": "uji"}], "then": "silence"}},
            "given": {"title": words, "look": "good"},
            "closed": {"title": words, "look": "idle", "end": True},
        },
        "moves": [
            silence | {"event": "late", "from": ["asked"], "to": "overdue"},
            silence
            | {"event": "silence", "from": ["overdue"], "to": "given", "when": {"open": [True]}},
            silence
            | {"event": "silence", "from": ["overdue"], "to": "closed", "when": {"open": [False]}},
            {
                "event": "more",
                "from": ["asked"],
                "to": "asked",
                "by": ["produsen.head"],
                "title": words,
                "at_most": 1,
                "clock": {"kind": "extend", "terms": [{"days": 3, "source": "uji"}]},
            },
            {"event": "end", "from": ["given"], "to": "closed", "by": ["hub"], "title": words},
        ],
    }


def test_the_small_procedure_is_sound() -> None:
    assert list(soundness.faults(small(), MANDATES)) == []


def _move(body: dict[str, Any], event: str, nth: int = 0) -> dict[str, Any]:
    found: list[dict[str, Any]] = [move for move in body["moves"] if move["event"] == event]
    return found[nth]


def _gap(body: dict[str, Any]) -> None:
    del body["moves"][2]


def _overlap(body: dict[str, Any]) -> None:
    _move(body, "silence", 1)["when"] = {}


def _two_facts(body: dict[str, Any]) -> None:
    """Open and personal, or neither: nobody has said what happens."""
    _move(body, "silence", 0)["when"] = {"open": [True], "personal": [False]}


def _circle(body: dict[str, Any]) -> None:
    _move(body, "silence", 1)["to"] = "asked"


def _unbounded(body: dict[str, Any]) -> None:
    del _move(body, "more")["at_most"]


def _dead_end(body: dict[str, Any]) -> None:
    del body["moves"][4]


def _moving_end(body: dict[str, Any]) -> None:
    _move(body, "end")["from"] = ["given", "closed"]


def _nobody_waited_for(body: dict[str, Any]) -> None:
    del body["states"]["overdue"]["waits_for"]


def _waits_without_clock(body: dict[str, Any]) -> None:
    body["states"]["given"]["waits_for"] = "walidata"
    _move(body, "more")["to"] = "given"
    del _move(body, "more")["clock"]


def _unreached(body: dict[str, Any]) -> None:
    body["states"]["island"] = body["states"]["closed"]


def _no_last_term(body: dict[str, Any]) -> None:
    del body["states"]["asked"]["clock"]["terms"][1]


def _term_never_fits(body: dict[str, Any]) -> None:
    body["states"]["asked"]["clock"]["terms"].reverse()


def _no_such_state(body: dict[str, Any]) -> None:
    _move(body, "late")["to"] = "nowhere"


def _no_such_mandate(body: dict[str, Any]) -> None:
    body["states"]["asked"]["clock"]["notices"][0]["to"] = ["mandat.raja"]


def _false_mark(body: dict[str, Any]) -> None:
    body["states"]["asked"]["clock"]["notices"][0]["days"] = 3


def _same_mark(body: dict[str, Any]) -> None:
    body["states"]["asked"]["clock"]["notices"] *= 2


def _two_voices(body: dict[str, Any]) -> None:
    body["moves"].append(deepcopy(_move(body, "more")) | {"to": "given"})


def _silence_never_comes(body: dict[str, Any]) -> None:
    body["states"]["asked"]["clock"]["then"] = "later"


def _extends_nothing(body: dict[str, Any]) -> None:
    _move(body, "more")["to"] = "given"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_gap, "0 silent moves fit"),
        (_overlap, "2 silent moves fit"),
        (_two_facts, "0 silent moves fit instead of one (open=True, personal=True)"),
        (_circle, "circles"),
        (_unbounded, "circles"),
        (_dead_end, "no move leaves it"),
        (_moving_end, "an end has neither"),
        (_nobody_waited_for, "only where somebody is waited for"),
        (_waits_without_clock, "waited for without a clock"),
        (_unreached, "no path leads to it"),
        (_no_last_term, "must always fit"),
        (_term_never_fits, "never fit"),
        (_no_such_state, "there is no state nowhere"),
        (_no_such_mandate, "there is no mandate raja"),
        (_false_mark, "3 days are the mark H+3"),
        (_same_mark, "is there twice"),
        (_two_voices, "two moves more fit at the same time"),
        (_silence_never_comes, "a silent move of another event"),
        (_extends_nothing, "no clock runs in given"),
    ],
)
def test_what_would_lose_a_request_is_found(
    spoil: Callable[[dict[str, Any]], None], said: str
) -> None:
    body = deepcopy(small())
    spoil(body)
    assert said in " / ".join(fault["fault"] for fault in soundness.faults(body, MANDATES))


def test_a_book_whose_last_term_does_not_always_fit_is_not_put() -> None:
    body = deepcopy(dict(service.packaged("permintaan-data").body))
    del body["states"]["menunggu_produsen"]["clock"]["terms"][2]
    with pytest.raises(InvalidInput) as refused:
        service.check("permintaan-data", body)
    (fault,) = refused.value.facts["faults"]
    assert fault["pointer"] == "/states/menunggu_produsen/clock/terms/1"


def test_a_move_that_may_be_repeated_without_end_is_not_put() -> None:
    body = deepcopy(dict(service.packaged("permintaan-data").body))
    for move in body["moves"]:
        if move["event"] == "mediasi":
            move["at_most"] = None
    with pytest.raises(InvalidInput) as refused:
        service.check("permintaan-data", body)
    assert "terlambat" in refused.value.facts["faults"][0]["fault"]


def test_mandates_are_neither_added_nor_left_out() -> None:
    body = deepcopy(dict(service.packaged("mandat").body))
    body["mandates"]["raja"] = body["mandates"]["bupati"]
    with pytest.raises(InvalidInput):
        service.check("mandat", body)
