"""Keeping what a source sends: to disk, counted, capped and hashed on the way."""

import contextlib
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from connectors.errors import SourceTooLarge, SpoolFailed


class Spool:
    """A new file in the work directory; deleted again unless `keep` was called."""

    def __init__(self, work: Path, suffix: str, limit: int, what: str = "") -> None:
        self._limit, self._what, self._kept = limit, what, False
        self._sha = hashlib.sha256()
        self.size = 0
        with _disk():
            # Not a context manager: the file outlives this object when it is kept.
            self._out = tempfile.NamedTemporaryFile(  # noqa: SIM115
                dir=work, prefix="pull-", suffix=suffix, delete=False
            )
        self.file = Path(self._out.name)

    def write(self, data: bytes) -> None:
        """Raises SourceTooLarge before the limit is passed, SpoolFailed when the disk is full."""
        if self.size + len(data) > self._limit:
            raise SourceTooLarge(self._limit, self._what)
        self.size += len(data)
        self._sha.update(data)
        with _disk():
            self._out.write(data)

    def fill(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self.write(chunk)

    def flush(self) -> None:
        with _disk():
            self._out.flush()

    def keep(self) -> Path:
        self.flush()
        self._kept = True
        return self.file

    @property
    def sha256(self) -> str:
        return self._sha.hexdigest()

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing flushes once more, and a full disk says so again: it has been said.
        with contextlib.suppress(OSError):
            self._out.close()
        if not self._kept or kind is not None:
            self.file.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SpoolFailed(error.errno) from error
