"""Terms of the machine itself: the worked examples, more time, a pause, mediation."""

import pytest

from tests.hub.proceedings.conftest import Regency


def test_a_silent_producer_is_overdue_after_five_days_and_deemed_to_agree_after_two_more(
    regency: Regency,
) -> None:
    """The worked example of domain.md §4.4."""
    regency.at("2026-03-12 10:00")
    number = regency.ask("terbatas")
    assert (regency.state(number), regency.due(number)) == ("diajukan", "2026-03-13 16:00")
    regency.tick("2026-03-13 15:59")
    assert regency.state(number) == "diajukan"
    regency.tick("2026-03-13 16:00")
    assert (regency.state(number), regency.due(number)) == ("menunggu_produsen", "2026-03-27 16:00")
    regency.tick("2026-03-27 16:00")
    assert (regency.state(number), regency.due(number)) == ("terlambat", "2026-03-31 16:00")
    regency.tick("2026-03-31 16:00")
    assert [step.to_state for step in regency.steps(number)] == [
        "diajukan",
        "menunggu_produsen",
        "terlambat",
        "dianggap_disetujui",
        "aktif",
    ]
    assert [step.by_clock for step in regency.steps(number)] == [False, True, True, True, False]


def test_a_late_tick_comes_to_the_same_as_one_in_time(regency: Regency) -> None:
    regency.at("2026-03-12 10:00")
    number = regency.ask("terbatas")
    assert regency.tick("2026-04-20 03:00").moved == 3
    assert [f"{step.at:%Y-%m-%d %H:%M}" for step in regency.steps(number)[1:4]] == [
        "2026-03-13 08:00",
        "2026-03-27 08:00",
        "2026-03-31 08:00",
    ]


@pytest.mark.parametrize(
    ("complete", "dataset", "due"),
    [
        ("2026-03-13 15:00", "terbatas", "2026-03-27 16:00"),
        ("2026-06-08 09:00", "terbatas", "2026-06-15 16:00"),
        ("2026-12-21 11:00", "pribadi", "2027-01-08 16:00"),
    ],
)
def test_the_worked_examples_of_working_days(
    regency: Regency, complete: str, dataset: str, due: str
) -> None:
    """domain.md §2.9: day 1 is the first working day after complete receipt."""
    regency.at(complete)
    number = regency.ask(dataset)
    regency.move(number, "walidata", "lengkap")
    assert regency.due(number) == due


def test_personal_data_is_never_given_by_silence(regency: Regency) -> None:
    regency.at("2026-03-12 10:00")
    number = regency.ask("pribadi")
    regency.tick("2027-03-12 10:00")
    assert regency.state(number) == "ditolak_final"
    assert [step.to_state for step in regency.steps(number)] == [
        "diajukan",
        "menunggu_produsen",
        "terlambat",
        "eskalasi_sekda",
        "eskalasi_bupati",
        "bupati_terlambat",
        "ditolak_final",
    ]


def test_more_time_is_added_to_the_term_once(regency: Regency) -> None:
    regency.at("2026-06-08 09:00")
    number = regency.ask("terbatas")
    regency.move(number, "walidata", "lengkap")
    regency.at("2026-06-12 14:00")
    regency.move(number, "steward", "tambah_waktu")
    assert regency.due(number) == "2026-06-19 16:00"
    with pytest.raises(Exception, match="1 times only"):
        regency.move(number, "head", "tambah_waktu")


def test_more_time_asked_for_after_the_end_counts_from_the_asking(regency: Regency) -> None:
    """The clock had not moved it yet; the new term must not have ended before it began."""
    regency.at("2026-06-08 09:00")
    number = regency.ask("terbatas")
    regency.move(number, "walidata", "lengkap")
    regency.at("2026-06-29 09:00")
    regency.move(number, "head", "tambah_waktu")
    assert regency.due(number) == "2026-07-02 16:00"


def test_after_a_pause_what_was_left_of_the_term_goes_on(regency: Regency) -> None:
    regency.at("2026-06-08 09:00")
    number = regency.ask("pribadi")
    regency.move(number, "walidata", "lengkap")
    assert regency.due(number) == "2026-06-23 16:00"
    regency.at("2026-06-12 14:00")
    regency.move(number, "head", "minta_dpia")
    assert regency.due(number) == "2026-06-22 16:00"
    regency.at("2026-06-18 10:00")
    regency.move(number, "analyst", "lampirkan_dpia")
    assert regency.due(number) == "2026-06-26 16:00"


def test_a_pause_on_the_last_day_leaves_one_day(regency: Regency) -> None:
    regency.at("2026-06-08 09:00")
    number = regency.ask("pribadi")
    regency.move(number, "walidata", "lengkap")
    regency.at("2026-06-23 15:00")
    regency.move(number, "head", "minta_dpia")
    regency.at("2026-06-24 10:00")
    regency.move(number, "analyst", "lampirkan_dpia")
    assert regency.due(number) == "2026-06-25 16:00"


def test_mediation_gives_two_days_once_and_then_silence_counts(regency: Regency) -> None:
    regency.at("2026-06-08 09:00")
    number = regency.ask("terbatas")
    regency.move(number, "walidata", "lengkap")
    regency.tick("2026-06-15 16:00")
    regency.at("2026-06-17 11:00")
    regency.move(number, "walidata", "mediasi")
    assert (regency.state(number), regency.due(number)) == ("menunggu_produsen", "2026-06-19 16:00")
    regency.tick("2026-06-19 16:00")
    with pytest.raises(Exception, match="1 times only"):
        regency.move(number, "walidata", "mediasi")
    regency.tick("2026-06-23 16:00")
    assert regency.state(number) == "aktif"


def test_the_days_are_those_of_whoever_must_act(regency: Regency) -> None:
    """The producer's own day off moves its term; the walidata's term is the regency's."""
    regency.at("2026-06-08 09:00")
    producers_day = regency.at("2026-06-10 09:00").date()
    regency.clock.days[producers_day, "bpbj"] = True
    regency.at("2026-06-08 09:00")
    number = regency.ask("terbatas")
    assert regency.due(number) == "2026-06-09 16:00"
    regency.move(number, "walidata", "lengkap")
    assert regency.due(number) == "2026-06-17 16:00"
