"""Keys that sign access tokens: files in the home, one per key, the newest signs, all verify."""

import fcntl
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from joserfc.jwk import ECKey

PREFIX = "oauth-"


class SigningKeys:
    """The ES256 keys in a folder, made on first use; safe for several processes on one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._keys: dict[str, ECKey] = {}

    def newest(self) -> ECKey:
        """The key that signs: the last by name, and names begin with the time of making."""
        keys = self._loaded()
        return keys[max(keys)]

    def find(self, kid: str) -> ECKey | None:
        """The key of this name; the folder is read again when the name is new."""
        keys = self._loaded()
        if kid not in keys:
            keys = self._reload()
        return keys.get(kid)

    def public(self) -> list[dict[str, object]]:
        """JSON Web Keys without their private halves, for `/oauth/jwks`."""
        keys = self._reload()
        return [dict(keys[kid].as_dict(private=False)) for kid in sorted(keys)]

    def rotate(self) -> str:
        """Make one more key, which signs from now on; the older ones go on verifying."""
        kid = make_key(self._folder)
        self._reload()
        return kid

    def _loaded(self) -> dict[str, ECKey]:
        return self._keys or self._reload()

    def _reload(self) -> dict[str, ECKey]:
        with self._lock:
            _make_first(self._folder)
            self._keys = {
                path.stem.removeprefix(PREFIX): _read(path)
                for path in self._folder.glob(f"{PREFIX}*.pem")
            }
            return self._keys


def make_key(folder: Path) -> str:
    """Write a new P-256 key readable by its owner alone; return its `kid`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kid = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    path = folder / f"{PREFIX}{kid}.pem"
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(ECKey.generate_key("P-256").as_pem(private=True))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)  # readers never see half a key
    return kid


def _make_first(folder: Path) -> None:
    """Two processes that start together must agree on one first key."""
    if any(folder.glob(f"{PREFIX}*.pem")):
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f".{PREFIX}lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not any(folder.glob(f"{PREFIX}*.pem")):
            make_key(folder)


def _read(path: Path) -> ECKey:
    kid = path.stem.removeprefix(PREFIX)
    return ECKey.import_key(path.read_bytes(), {"kid": kid, "use": "sig", "alg": "ES256"})
