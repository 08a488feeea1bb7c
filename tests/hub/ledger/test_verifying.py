"""A receipt proves itself offline, and a receipt that was touched does not."""

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hub.db import reading
from hub.errors import InvalidInput, NotFound
from hub.ledger import proofs, sequencer, verify
from hub.ledger.keys import Signer
from hub.ledger.service import Ledger, Receipt

Fill = Callable[[int], list[Receipt]]
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def bundle(engine: Engine, ledger: Ledger, fill: Fill) -> dict[str, Any]:
    """The receipt of the third of eleven entries, with the growth since a state of five."""
    receipts = fill(5)
    sequencer.run_once(engine, ledger.signer)
    fill(6)
    sequencer.run_once(engine, ledger.signer)
    with reading(engine) as session:
        made = proofs.bundle(session, ledger.signer, receipts[2].entry_id, since=5)
    assert made["receipt"] == receipts[2].as_dict()
    return made


def test_an_untouched_receipt_holds_in_every_part(bundle: dict[str, Any], ledger: Ledger) -> None:
    report = verify.bundle(json.loads(json.dumps(bundle)), keys=[ledger.signer.vkey])
    assert report.ok, report
    assert [check.name for check in report.checks] == [
        "key",
        "entry id",
        "entry hash",
        "hub signature",
        "checkpoint signature",
        "proof size",
        "inclusion",
        "consistency",
    ]


def test_a_receipt_that_brings_its_own_key_says_so(bundle: dict[str, Any]) -> None:
    report = verify.bundle(bundle)
    assert report.ok
    assert "compare" in report.checks[0].detail


def _set(*path: str | int, to: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


def _edit(document: dict[str, Any]) -> None:
    document["entry"] = document["entry"].replace('"accepted":2', '"accepted":3')


def _edit_with_its_hash(document: dict[str, Any]) -> None:
    _edit(document)
    document["receipt"]["entry_hash"] = verify.leaf_hash(document["entry"].encode()).hex()


def _drop_a_step(document: dict[str, Any]) -> None:
    document["inclusion"]["path"].pop()


def _drop_the_growth(document: dict[str, Any]) -> None:
    document["consistency"]["path"].pop()


def _swap_steps(document: dict[str, Any]) -> None:
    document["inclusion"]["path"].reverse()


CHANGES: list[Change] = [
    _edit,
    _edit_with_its_hash,
    _drop_a_step,
    _drop_the_growth,
    _swap_steps,
    _set("inclusion", "index", to=3),
    _set("inclusion", "size", to=12),
    _set("inclusion", "path", 0, to="AAAA"),
    _set("inclusion", "path", 0, to="not base64!"),
    _set("receipt", "signature", to="AAAA"),
    _set("receipt", "entry_id", to="0" * 32),
    _set("checkpoint", to="hub.invalid\n11\nAAAA\n\n"),
    _set("checkpoint", to=7),
    _set("key", to="hub.invalid+00000000+AAAA"),
    _set("entry", to="{}"),
    _set("entry", to="no json"),
    lambda document: document.pop("receipt"),
    lambda document: document.clear(),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_is_changed_in_a_receipt_is_seen(bundle: dict[str, Any], ledger: Ledger) -> None:
    for number, change in enumerate(CHANGES):
        document = copy.deepcopy(bundle)
        change(document)
        assert document != bundle
        assert not verify.bundle(document, keys=[ledger.signer.vkey]).ok, number
        assert not verify.bundle(document).ok, number


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_that_is_not_ours_does_not_convince(bundle: dict[str, Any], tmp_path: Path) -> None:
    other = Signer(tmp_path / "other", "hub.invalid").vkey
    assert not verify.bundle(bundle, keys=[other]).ok
    assert not verify.bundle(bundle | {"key": other}).ok


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_verifier_is_one_file_that_needs_nothing_else_of_the_hub(
    bundle: dict[str, Any], ledger: Ledger, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    shutil.copy(verify.__file__, alone / "verify.py")
    (alone / "receipt.json").write_text(json.dumps(bundle))
    (alone / "touched.json").write_text(
        json.dumps(bundle).replace('accepted\\":2', 'accepted\\":3')
    )

    def run(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "verify.py", name, "--key", ledger.signer.vkey]
        return subprocess.run(command, cwd=alone, capture_output=True, text=True, check=False)

    good, bad = run("receipt.json"), run("touched.json")
    assert (good.returncode, good.stderr) == (0, "")
    assert "FAIL" not in good.stdout
    assert bad.returncode == 1
    assert "FAIL  entry hash" in bad.stdout


def test_every_entry_has_a_proof_and_every_two_states_their_growth(
    engine: Engine, ledger: Ledger, fill: Fill
) -> None:
    receipts, sizes = [], []
    for more in (1, 2, 5, 9):
        receipts += fill(more)
        sequencer.run_once(engine, ledger.signer)
        sizes.append(len(receipts))
    keys = [ledger.signer.vkey]
    with reading(engine) as session:
        for receipt in receipts:
            made = proofs.bundle(session, ledger.signer, receipt.entry_id)
            assert verify.bundle(made, keys=keys).ok
        for old in sizes:
            for new in sizes[sizes.index(old) :]:
                grown = proofs.consistency(session, old, new)
                before = verify.open_checkpoint(grown["from"], keys)
                after = verify.open_checkpoint(grown["to"], keys)
                path = [verify.decode(step) for step in grown["path"]]
                assert (before.size, after.size) == (old, new)
                assert verify.consistency_holds(before, after, path)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_proven_is_said(engine: Engine, ledger: Ledger, fill: Fill) -> None:
    (receipt,) = fill(1)
    with reading(engine) as session:
        with pytest.raises(proofs.NotPlacedYet):
            proofs.inclusion(session, receipt.entry_id)
        with pytest.raises(NotFound):
            proofs.inclusion(session, "0" * 32)
        with pytest.raises(NotFound):
            proofs.checkpoint(session)
        with pytest.raises(InvalidInput):
            proofs.consistency(session, 2, 1)
