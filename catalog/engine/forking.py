"""The hub's end of the nursery: asking it for workers, having it kill them."""

import socket
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

_PID = struct.Struct("!Q")
START_SECONDS = 30.0


@dataclass(eq=False)
class Worker:
    """A worker process; `warm` once it has said that it is ready."""

    pid: int
    channel: socket.socket
    warm: bool = False


class Nursery:
    """Our end of the process that forks workers; started again when it dies."""

    def __init__(self, memory: int, threads: int) -> None:
        self._memory, self._threads = memory, threads
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def fork(self) -> Worker:
        """A new worker, still cold; raises OSError when none can be had."""
        with self._lock:
            try:
                return self._fork(self._running())
            except OSError:
                self._stop()
                return self._fork(self._running())

    def alive(self) -> bool:
        """Whether the process runs; its workers die with it."""
        process = self._process
        return process is not None and process.poll() is None

    def kill(self, pid: int) -> None:
        """Kill a worker that the nursery has not seen end yet."""
        with self._lock:
            if self._control is None:
                return
            try:
                self._control.sendall(b"K" + _PID.pack(pid))
            except OSError:
                self._stop()  # A dead nursery has taken its workers along.

    def close(self) -> None:
        """Stop the nursery and every worker."""
        with self._lock:
            self._stop()

    def _fork(self, control: socket.socket) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(control, [b"F" + bytes(_PID.size)], [theirs.fileno()])
                answer = control.recv(_PID.size)
                if len(answer) != _PID.size:
                    raise ConnectionResetError("the nursery is gone")
            except BaseException:
                ours.close()
                raise
        return Worker(_PID.unpack(answer)[0], ours)

    def _running(self) -> socket.socket:
        if self._control is not None:
            return self._control
        # Packets: a request arrives whole, with its descriptor.
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = str(Path(__file__).parents[2])
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [
                    *(sys.executable, "-P", "-m", "catalog.engine.nursery"),
                    *(str(n) for n in (theirs.fileno(), self._memory, self._threads)),
                ],
                pass_fds=[theirs.fileno()],
                # Nothing of the hub's environment: there may be secrets in it.
                env={"PYTHONPATH": root, "TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        ours.settimeout(START_SECONDS)
        self._control = ours
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
