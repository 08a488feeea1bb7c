"""Secrets that have to be read again, at rest: AES-256-GCM, bound to the row they belong to.

A row's identity is the associated data, so a ciphertext moved to another row does not open
(security.md T29: a plain Fernet token would).
"""

import contextlib
import json
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from hub.errors import Unavailable

NONCE_BYTES = 12
KEY_BYTES = 32


def key_from(setting: SecretStr | None, folder: Path) -> bytes:
    """The key: 64 hexadecimal digits of the setting, else a key file (0600) made on first use."""
    if setting is not None:
        return bytes.fromhex(setting.get_secret_value())
    path = folder / "secrets.key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        part.touch(mode=0o600)
        part.write_bytes(secrets.token_bytes(KEY_BYTES))
        # A link does not replace: of two processes that make it, both read the first one's key.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
        part.unlink()
    return path.read_bytes()


def seal(key: bytes, owner: str, values: dict[str, str]) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(values).encode(), owner.encode())


def unseal(key: bytes, owner: str, sealed: bytes | None) -> dict[str, str]:
    """Raises Unavailable when the key is another one or the row was tampered with."""
    if sealed is None:
        return {}
    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        opened: dict[str, str] = json.loads(AESGCM(key).decrypt(nonce, text, owner.encode()))
    except InvalidTag as error:
        raise Unavailable(
            "Rahasia yang tersimpan di sini tidak dapat dibuka. Isi ulang rahasianya.",
            "The secrets that are kept here cannot be opened. Enter them again.",
        ) from error
    return opened
