"""Check a receipt of Simpul offline: `python verify.py BUNDLE.json [--key VKEY]`.

One file, on purpose without anything else of the hub: an agency or a court can read it in ten
minutes and run it with Python and `cryptography` alone. Sources: RFC 9162 §2.1 (Merkle tree,
inclusion, consistency), C2SP signed-note and tlog-checkpoint (the signed state of the tree).
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = b"\x01"
RECEIPT_CONTEXT = b"simpul receipt v1\n"  # a space can never begin a checkpoint: origins have none
STATEMENT_CONTEXT = b"simpul statement v1\n"
EMPTY_ROOT = hashlib.sha256(b"").digest()


class NotProven(Exception):
    """Something in the evidence does not hold; the message says what."""


@dataclass(frozen=True)
class Check:
    name: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class Report:
    """What was checked, in order. `ok` is true when every check held."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        return {"ok": self.ok, "checks": [vars(check) for check in self.checks]}


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


# Merkle tree, RFC 9162


def leaf_hash(body: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def inclusion_holds(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 §2.1.3.2: is `leaf` at `index` of the tree of `size` leaves with this root?"""
    if not 0 <= index < size:
        return False
    position, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            reached = node_hash(sibling, reached)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and reached == root


def consistency_holds(old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> bool:
    """RFC 9162 §2.1.4.2: is the newer tree the older one with only entries added at its end?"""
    if old.size > new.size:
        return False
    if old.size == new.size:
        return old.root == new.root and not path
    if old.size == 0:
        return old.root == EMPTY_ROOT and not path
    hashes = [old.root, *path] if old.size & (old.size - 1) == 0 else list(path)
    if not path:
        return False
    position, last = old.size - 1, new.size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and before == old.root and after == new.root


# Keys and signed notes, C2SP


def key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """C2SP vkey: `name+id+key`, the form in which a key is handed over and kept."""
    tail = base64.b64encode(ED25519 + public).decode()
    return f"{name}+{key_id(name, public).hex()}+{tail}"


def open_verifier_key(vkey: str) -> tuple[str, bytes]:
    """Name and raw public key; NotProven when its parts do not belong together."""
    name, _, rest = vkey.partition("+")
    stated, _, tail = rest.partition("+")
    raw = decode(tail)
    if raw[:1] != ED25519 or len(raw) != 33 or stated != key_id(name, raw[1:]).hex():
        raise NotProven("not a verifier key")
    return name, raw[1:]


def decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NotProven("not base64") from wrong


def signature_holds(vkey: str, signature: str, message: bytes) -> bool:
    """`signature` is base64 of the 4-byte key id and the 64 bytes of Ed25519."""
    name, public = open_verifier_key(vkey)
    try:
        raw = decode(signature)
        if raw[:4] != key_id(name, public):
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], message)
    except (InvalidSignature, NotProven):
        return False
    return True


def open_checkpoint(note: str, vkeys: Sequence[str]) -> Checkpoint:
    """The checkpoint in a signed note, or NotProven when none of `vkeys` signed it."""
    text, gap, signatures = note.rpartition("\n\n")
    lines = (text + "\n").split("\n")
    if not gap or len(lines) < 4 or not (lines[1].isascii() and lines[1].isdecimal()):
        raise NotProven("not a checkpoint")
    for vkey in vkeys:
        name = open_verifier_key(vkey)[0]
        for line in signatures.splitlines():
            dash, _, rest = line.partition(" ")
            signer, _, signature = rest.partition(" ")
            if (dash, signer, lines[0]) != ("\u2014", name, name):
                continue
            if signature_holds(vkey, signature, (text + "\n").encode()):
                return Checkpoint(lines[0], int(lines[1]), decode(lines[2]))
    raise NotProven("the checkpoint is not signed by a key we trust")


def receipt_holds(vkeys: Sequence[str], entry_hash: bytes, signature: str) -> bool:
    return any(signature_holds(vkey, signature, RECEIPT_CONTEXT + entry_hash) for vkey in vkeys)


def statement_holds(vkeys: Sequence[str], statement: bytes, signature: str) -> bool:
    """Whether one of these hubs made this statement (what it attests of a contract)."""
    return any(signature_holds(vkey, signature, STATEMENT_CONTEXT + statement) for vkey in vkeys)


# A bundle, as `GET /api/v1/ledger/entries/{id}/receipt` serves it


def bundle(document: dict[str, Any], *, keys: Sequence[str] = ()) -> Report:
    """Every claim of a receipt bundle. Without `keys` the bundle's own key is taken, and said so."""
    try:
        return Report(tuple(_checks(document, keys)))
    except NotProven as wrong:
        return Report((Check("bundle", False, str(wrong)),))
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        return Report((Check("bundle", False, f"not a receipt bundle: {wrong!r}"),))


def _checks(document: dict[str, Any], keys: Sequence[str]) -> list[Check]:
    body: bytes = document["entry"].encode()
    entry, receipt, proof = json.loads(body), document["receipt"], document["inclusion"]
    trusted = list(keys) or [document["key"]]
    leaf = leaf_hash(body)
    checks = [
        _key_check(document["key"], keys),
        Check("entry id", entry["id"] == receipt["entry_id"], entry["id"]),
        Check("entry hash", leaf.hex() == receipt["entry_hash"], leaf.hex()),
        Check("hub signature", receipt_holds(trusted, leaf, receipt["signature"])),
    ]
    head = open_checkpoint(document["checkpoint"], trusted)
    path = [decode(step) for step in proof["path"]]
    checks += [
        Check("checkpoint signature", True, f"{head.origin}, {head.size} entries"),
        Check("proof size", proof["size"] == head.size, str(proof["size"])),
        Check("inclusion", inclusion_holds(leaf, proof["index"], head.size, path, head.root)),
    ]
    if older := document.get("consistency"):
        before = open_checkpoint(older["checkpoint"], trusted)
        steps = [decode(step) for step in older["path"]]
        grown = consistency_holds(before, head, steps)
        checks.append(Check("consistency", grown, f"{before.size} to {head.size} entries"))
    return checks


def _key_check(own: str, keys: Sequence[str]) -> Check:
    name, _ = open_verifier_key(own)
    if not keys:
        return Check("key", True, f"{name}: taken from the bundle itself; compare it: {own}")
    return Check("key", own in keys, f"{name}: known beforehand" if own in keys else "unknown key")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when everything holds, 1 when something does not."""
    parser = argparse.ArgumentParser(description="Verify a receipt of Simpul offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a key you trust (C2SP vkey)")
    asked = parser.parse_args(arguments)
    report = bundle(json.loads(asked.bundle.read_bytes()), keys=asked.key)
    for check in report.checks:
        sys.stdout.write(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}  {check.detail}\n")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
