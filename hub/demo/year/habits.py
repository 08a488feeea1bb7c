"""How people of the replay behave. Shares follow what was measured elsewhere, see the docs page.

Where nothing forces an agency, about three quarters of the answers come in time and about a quarter of
the requests are withheld (UK statistics of FOI, 2023 to 2024); an owner who cannot ignore a clock is
expected to refuse on its last day.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Habit:
    """Shares (0 to 1) of one agency's answers: in time, at the last hour, late; the rest is silence.

    `refuses` is the share of answers that refuse, `extends` how often more time is asked for.
    """

    in_time: float
    last_hour: float
    late: float
    refuses: float
    extends: float = 0.1


HABITS = {
    "menjawab": Habit(in_time=0.92, last_hour=0.03, late=0.03, refuses=0.08),
    "biasa": Habit(in_time=0.75, last_hour=0.07, late=0.08, refuses=0.22),
    "menolak di akhir": Habit(in_time=0.2, last_hour=0.65, late=0.05, refuses=0.75),
    "diam": Habit(in_time=0.15, last_hour=0.05, late=0.2, refuses=0.3),
}
SPREAD = {"menjawab": 10, "biasa": 16, "menolak di akhir": 5, "diam": 9}
"""Agencies of each habit, of forty."""

COMPLETES, RETURNS = 0.6, 0.08
"""Of new requests the walidata declares complete or returns; the rest passes by his silence."""
REPAIRS, OBJECTS, WITHDRAWS = 0.85, 0.4, 0.02
UPHOLDS, FORUM_DECIDES = 0.3, 0.85
MEDIATES = 0.35
SEKDA_DECIDES, REGENT_DECIDES = 0.75, 0.6
EMERGENCY, SUSPENDS, SETTLES = 0.01, 0.02, 0.5
FINISHES = 0.03

GROUNDS = ("T02", "T05", "T07", "T09", "T11", "T12", "T13")
ALWAYS_WITH = {"T09": {"review_on": "2027-12-31"}, "T12": {"review_on": "2027-12-31"}}


def habit_of(number: int, draw: Random) -> Habit:
    """The habit of the agency with this number, spread as `SPREAD` says."""
    name = draw.choices(list(SPREAD), list(SPREAD.values()))[0]
    return HABITS[name] if number else HABITS["menjawab"]
