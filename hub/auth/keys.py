"""Keys that sign access tokens: files in the home, one per key, the newest signs, all verify."""

import fcntl
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from joserfc.jwk import ECKey

PREFIX = "oauth-"
MADE = "%Y%m%dT%H%M%S%f"


class SigningKeys:
    """The ES256 keys in a folder, made on first use; safe for several processes on one folder.

    Files that come and go are noticed at the next use, whoever made or removed them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._keys: dict[str, ECKey] = {}

    def newest(self) -> ECKey:
        """The key that signs: the last by name, and names begin with the time of making."""
        keys = self._loaded()
        return keys[max(keys)]

    def find(self, kid: str) -> ECKey | None:
        """The key of this name, while its file is there."""
        return self._loaded().get(kid)

    def public(self) -> list[dict[str, object]]:
        """JSON Web Keys without their private halves, for `/oauth/jwks`."""
        keys = self._loaded()
        return [dict(keys[kid].as_dict(private=False)) for kid in sorted(keys)]

    def names(self) -> list[str]:
        """The `kid` of every key, oldest first; the last one signs."""
        return sorted(self._loaded())

    def rotate(self) -> str:
        """Make one more key, which signs from now on; the older ones go on verifying."""
        self._loaded()  # the first key of all is not made by turning to a second one
        return make_key(self._folder)

    def remove(self, kid: str) -> None:
        """Delete a key: what it signed is worth nothing from now on."""
        (self._folder / f"{PREFIX}{kid}.pem").unlink()

    def _loaded(self) -> dict[str, ECKey]:
        """Read again when other names lie in the folder than were read (a few microseconds)."""
        if not self._keys or _names_in(self._folder) != self._keys.keys():
            return self._reload()
        return self._keys

    def _reload(self) -> dict[str, ECKey]:
        with self._lock:
            _make_first(self._folder)
            known, keys = self._keys, {}
            # A key has its content before it has its name; it may be removed while we look.
            for kid in _names_in(self._folder):
                with suppress(FileNotFoundError):
                    keys[kid] = known.get(kid) or _read(self._folder / f"{PREFIX}{kid}.pem")
            self._keys = keys
            return keys


def made_at(kid: str) -> datetime:
    """When a key was made, which its name says."""
    return datetime.strptime(kid.partition("-")[0], MADE).replace(tzinfo=UTC)


def _names_in(folder: Path) -> set[str]:
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return set()
    return {
        name.removeprefix(PREFIX).removesuffix(".pem")
        for name in names
        if name.startswith(PREFIX) and name.endswith(".pem")
    }


def make_key(folder: Path) -> str:
    """Write a new P-256 key readable by its owner alone; return its `kid`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kid = f"{datetime.now(UTC):{MADE}}-{secrets.token_hex(4)}"
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
