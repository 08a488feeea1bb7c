"""What an entry says, what it refuses to say, and its canonical bytes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hub.ledger.entry import HUB, Actor, Facts, Target, build, canonical

MOMENT = datetime(2025, 10, 3, 1, 2, 3, 4, tzinfo=UTC)


def built(**more: Any) -> dict[str, Any]:
    facts: Facts = {"kind": "rows.read", "actor": HUB, "target": Target("dataset", "bpbj/kontrak")}
    facts.update(more)  # type: ignore[typeddict-item]  # wrong ones are what some tests are about
    return build(facts, entry_id="0" * 32, at=MOMENT, trace_id="1" * 32)


def test_an_entry_has_exactly_the_members_of_version_1() -> None:
    entry = built(
        actor=Actor(client="c-1", post="p-1", agency="bappeda", on_behalf_of="dpupr"),
        target=Target("dataset", "bpbj/kontrak", release=3, owner="bpbj"),
        grant="ab" * 32,
        decision={"id": "d-1", "policy": "berbagi"},
        digests={"request": "0" * 64, "file": "sha256:" + "1" * 64},
        counts={"rows": 5},
        signature={"kind": "by_rule", "cites": ["2" * 32]},
    )
    assert entry == {
        "v": 1,
        "id": "0" * 32,
        "at": "2025-10-03T01:02:03.000004Z",
        "kind": "rows.read",
        "actor": {"client": "c-1", "post": "p-1", "agency": "bappeda", "on_behalf_of": "dpupr"},
        "target": {"type": "dataset", "id": "bpbj/kontrak", "release": 3},
        "grant": "ab" * 32,
        "decision": {"id": "d-1", "policy": "berbagi"},
        "digests": {"request": "sha256:" + "0" * 64, "file": "sha256:" + "1" * 64},
        "counts": {"rows": 5},
        "outcome": "ok",
        "trace_id": "1" * 32,
        "signature": {"kind": "by_rule", "cites": ["2" * 32]},
    }


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "Rows Read"},
        {"outcome": "Ditolak karena ..."},
        {"digests": {"subject": "0" * 64}},
        {"digests": {"file": "6401010000000000"}},
        {"decision": {"id": "d-1"}},
        {"signature": {"kind": "trust me"}},
        {"signature": {"kind": "by_rule", "weight": 0.5}},
        {"grant": "x" * 600},
        {"target": Target("dataset", "bpbj/\x00")},
        {"target": Target("dataset", "bpbj/\ud800")},
        {"counts": {"nama lengkap": 1}},
    ],
)
def test_what_does_not_belong_in_an_entry_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        built(**more)


def test_an_actor_is_a_person_or_a_program_never_both_nor_neither() -> None:
    with pytest.raises(ValueError, match="either"):
        Actor(person="a", client="b")
    with pytest.raises(ValueError, match="either"):
        Actor(post="p-1", agency="bpbj")


def test_a_number_that_json_readers_would_round_is_written_as_text() -> None:
    counts = built(counts={"rows": 2**53 + 1, "most": 2**53 - 1})["counts"]
    assert counts == {"rows": "9007199254740993", "most": 9007199254740991}


TEXT = st.text(max_size=80).filter(str.isprintable)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    entry = built(signature={"kind": "agency_key", "more": value})
    assert canonical(entry) == rfc8785.dumps(entry)
    assert json.loads(canonical(entry)) == entry
