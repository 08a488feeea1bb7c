"""The decider sees at most five things, the gravest first."""

from itertools import combinations
from typing import Any

from hub.web.highlights import MOST, Seen, highlights

FACTS: dict[str, dict[str, Any]] = {
    "specific": {"personal": ("nik", "penyakit"), "specific": ("penyakit",)},
    "personal": {"personal": ("nik", "penyakit")},
    "assess": {"triggers": ("Mencocokkan kelompok data",)},
    "wide": {"columns": 12, "usual": 4},
    "long": {"days": 400, "longest": 180},
    "purpose": {"purpose": "Survei pasar", "earlier_purpose": "Menyusun RKPD"},
    "refused": {"refused": ("PD-2026-000001", "T13")},
    "stores": {"stores": True},
    "used": {"grants": 2, "reads": 14},
    "others": {"others": ("Bappeda", "BKAD")},
}
"""What makes each highlight appear, in the order in which they are shown."""


def codes(*names: str) -> list[str]:
    said: dict[str, Any] = {}
    for name in names:
        said |= FACTS[name]
    return [one.code for one in highlights(Seen(**said))]


def test_a_plain_request_has_none() -> None:
    assert highlights(Seen(columns=4, usual=4, days=90)) == []


def test_each_fact_makes_its_highlight() -> None:
    for name in FACTS:
        assert name in codes(name), name


def test_never_more_than_five_and_always_in_the_order_of_the_rule() -> None:
    order = list(FACTS)
    for count in range(len(order) + 1):
        for chosen in combinations(order, count):
            shown = codes(*chosen)
            assert len(shown) <= MOST
            assert shown == sorted(shown, key=order.index)
            expected = [name for name in order if name in {*chosen, *shown}][:MOST]
            assert shown == expected, chosen


def test_the_same_purpose_in_other_words_of_space_and_case_is_the_same() -> None:
    seen = Seen(purpose="menyusun  RKPD", earlier_purpose="Menyusun rkpd")
    assert highlights(seen) == []


def test_an_assessment_that_came_is_not_asked_for() -> None:
    assert highlights(Seen(triggers=("Skala besar",), assessed=True)) == []


def test_a_grant_that_was_never_used_is_told_as_such() -> None:
    (one,) = highlights(Seen(grants=1))
    assert "belum pernah" in one.text
