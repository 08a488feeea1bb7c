"""The hub's signing key on disk."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.ledger.keys import Signer
from hub.ledger.verify import NotProven, open_checkpoint, open_verifier_key, receipt_holds


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = Signer(tmp_path / "keys", "hub.invalid")
    assert not (tmp_path / "keys").exists()
    vkey = first.vkey
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert Signer(tmp_path / "keys", "another-address.invalid").vkey == vkey


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    signers = [Signer(tmp_path / "keys", "hub.invalid") for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda signer: signer.vkey, signers))) == 1
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_a_signature_is_good_for_its_hash_and_its_use_alone(tmp_path: Path) -> None:
    signer, other = Signer(tmp_path / "a", "hub.invalid"), Signer(tmp_path / "b", "hub.invalid")
    signature = signer.sign(b"1" * 32)
    assert receipt_holds([other.vkey, signer.vkey], b"1" * 32, signature)
    assert not receipt_holds([signer.vkey], b"2" * 32, signature)
    assert not receipt_holds([other.vkey], b"1" * 32, signature)


def test_a_checkpoint_opens_with_the_key_that_signed_it_alone(tmp_path: Path) -> None:
    signer, other = Signer(tmp_path / "a", "hub.invalid"), Signer(tmp_path / "b", "hub.invalid")
    note = signer.note(7, b"r" * 32)
    opened = open_checkpoint(note, [other.vkey, signer.vkey])
    assert (opened.origin, opened.size, opened.root) == ("hub.invalid", 7, b"r" * 32)
    for forged in (note.replace("\n7\n", "\n8\n"), note.replace("hub", "hup"), "", "\n\n\n"):
        with pytest.raises(NotProven):
            open_checkpoint(forged, [signer.vkey])
    with pytest.raises(NotProven):
        open_checkpoint(note, [other.vkey])


def test_a_verifier_key_whose_parts_do_not_belong_together_is_refused(tmp_path: Path) -> None:
    signer = Signer(tmp_path, "hub.invalid")
    assert open_verifier_key(signer.vkey)[0] == "hub.invalid"
    with pytest.raises(NotProven):
        open_verifier_key(signer.vkey.replace("hub.invalid", "other.invalid"))
