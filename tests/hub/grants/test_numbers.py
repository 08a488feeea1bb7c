"""Numbers of requests and grants: no two alike, none left out, however many write at once."""

from concurrent.futures import ThreadPoolExecutor

from hub.db import unit_of_work
from hub.proceedings.numbering import next_number


def test_writers_side_by_side_get_numbers_in_a_row(hub):
    def draw(_):
        with unit_of_work(hub.app.state.engine) as session:
            return next_number(session, "PD", 2025, 6)

    with ThreadPoolExecutor(8) as pool:
        drawn = sorted(pool.map(draw, range(24)))
    assert drawn == [f"PD-2025-{n:06}" for n in range(1, 25)]


def test_a_number_that_was_rolled_back_is_given_again(hub):
    class Mishap(Exception):
        pass

    for _ in range(2):
        try:
            with unit_of_work(hub.app.state.engine) as session:
                drawn = next_number(session, "HA", 2026, 5)
                raise Mishap
        except Mishap:
            assert drawn == "HA-2026-00001"
