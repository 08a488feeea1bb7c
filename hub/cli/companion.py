"""A child process beside ours, and an end that reaches it: the worker that `simpul serve` looks after."""

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType


class Companion:
    """A child process that lives as long as we do, and is started again when it dies."""

    PAUSE = 2.0
    PATIENCE = 60.0
    """Seconds that the child has for what it was doing."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._over = threading.Event()
        self._starting = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep, name="companion", daemon=True)

    def __enter__(self) -> "Companion":
        self._watch.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        with self._starting:
            self._over.set()
            child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
        self._watch.join(self.PATIENCE)

    def _keep(self) -> None:
        while child := self._started():
            child.wait()
            self._over.wait(self.PAUSE)

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._over.is_set():
                return None
            self._child = subprocess.Popen(self._command)  # noqa: S603 - our own interpreter
            return self._child


@contextmanager
def ending_well() -> Iterator[None]:
    """SIGTERM and SIGINT leave the block by its own exits, with exit code 0.

    uvicorn drains first and then raises the signal once more; without this the second one would
    end the process before its companion is told.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
