"""The clean parent of query workers: it has the libraries loaded and never opened DuckDB.

Started as `python -m catalog.engine.nursery FD MEMORY THREADS`; FD is a socket to the hub. `F` with
a descriptor forks a worker that talks over it and answers with the worker's pid; `K` kills one.
When the hub goes away so does the nursery, and its workers with it.
"""

import os
import select
import signal
import socket
import struct
import sys

# Loaded for the workers, which share these pages.
import duckdb  # noqa: F401
import pyarrow as pa  # noqa: F401

from catalog.engine import confinement, worker

_PID = struct.Struct("!Q")


def main(control: socket.socket, memory: int, threads: int) -> None:
    """Fork and kill workers on request until the hub hangs up."""
    children: set[int] = set()
    while True:
        ready, _, _ = select.select([control], [], [], 1.0)
        _reap(children)
        if not ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(control, 1 + _PID.size, 1)
        if not message:
            break
        if message[:1] == b"F":
            pid = _fork(control, descriptors[0], memory, threads)
            children.add(pid)
            control.sendall(_PID.pack(pid))
        elif message[:1] == b"K":
            (pid,) = _PID.unpack(message[1:])
            if pid in children:
                os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _fork(control: socket.socket, descriptor: int, memory: int, threads: int) -> int:
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    code = 1
    try:
        control.close()
        with socket.socket(fileno=descriptor) as channel:
            worker.serve(channel, memory, threads)
        code = 0
    except OSError:
        code = 2  # The hub hung up while we were answering.
    finally:
        # Never run the nursery's own shutdown in a worker, nor wait for DuckDB's threads.
        os._exit(code)


def _reap(children: set[int]) -> None:
    for pid in list(children):
        done, _ = os.waitpid(pid, os.WNOHANG)
        if done:
            children.discard(pid)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confinement.leave_network()
    number, memory_bytes, worker_threads = (int(part) for part in sys.argv[1:4])
    main(socket.socket(fileno=number), memory_bytes, worker_threads)
