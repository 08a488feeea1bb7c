"""The hub's signing key: one Ed25519 file, made on first use, in the C2SP note forms."""

import base64
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.ledger.verify import (
    ED25519,
    RECEIPT_CONTEXT,
    STATEMENT_CONTEXT,
    key_id,
    verifier_key,
)
from hub.settings import Settings

KEY_FILE = "ledger.key"
PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True)
class Signer:
    """Signs receipts and checkpoints. Nothing touches the disk until the first signature."""

    folder: Path
    default_name: str

    @classmethod
    def of(cls, settings: Settings) -> "Signer":
        return cls(settings.keys, urlsplit(settings.public_url).hostname or "simpul")

    @property
    def name(self) -> str:
        """Origin of the log; written into the key file, so a later change of address keeps it."""
        return self._named_key[0]

    @property
    def vkey(self) -> str:
        """C2SP verifier key, to be handed to agencies and to the Inspektorat."""
        return verifier_key(self.name, self._public)

    def sign(self, entry_hash: bytes) -> str:
        """The hub's promise that this entry is in the log: base64 of key id and signature."""
        return self._signature(RECEIPT_CONTEXT + entry_hash)

    def attest(self, statement: bytes) -> str:
        """The hub's word for a statement of its own, in the form of `sign`."""
        return self._signature(STATEMENT_CONTEXT + statement)

    def note(self, size: int, root: bytes) -> str:
        """C2SP checkpoint of the tree, signed."""
        text = f"{self.name}\n{size}\n{base64.b64encode(root).decode()}\n"
        return f"{text}\n\u2014 {self.name} {self._signature(text.encode())}\n"

    def _signature(self, message: bytes) -> str:
        signed = self._named_key[1].sign(message)
        return base64.b64encode(self._key_id + signed).decode()

    @cached_property
    def _named_key(self) -> tuple[str, Ed25519PrivateKey]:
        path = self.folder / KEY_FILE
        if not path.exists():
            _make(path, self.default_name)
        name, _, seed = path.read_text().strip().removeprefix(PREFIX).split("+", 2)
        return name, Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed)[1:])

    @cached_property
    def _public(self) -> bytes:
        return self._named_key[1].public_key().public_bytes_raw()

    @cached_property
    def _key_id(self) -> bytes:
        return key_id(self.name, self._public)


def _make(path: Path, name: str) -> None:
    """Write a new key whole or not at all; whoever comes second uses the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    identity = key_id(name, key.public_key().public_bytes_raw()).hex()
    seed = base64.b64encode(ED25519 + key.private_bytes_raw()).decode()
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    draft.touch(0o600, exist_ok=False)
    with draft.open("w") as file:
        file.write(f"{PREFIX}{name}+{identity}+{seed}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process made the key between our look and our link
    finally:
        draft.unlink()
