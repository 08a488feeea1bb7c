"""Messages between the hub and a query worker: one letter, a length, the bytes."""

import socket
import struct

_HEAD = struct.Struct("!cI")

READY, ASK, WORK, SCHEMA, BATCH, DONE, FAILED = b"R", b"Q", b"W", b"S", b"B", b"D", b"E"


def send(channel: socket.socket, kind: bytes, payload: bytes | memoryview = b"") -> None:
    """Send one message; raises OSError when the other side is gone."""
    channel.sendall(_HEAD.pack(kind, len(payload)))
    if len(payload):
        channel.sendall(payload)


def receive(channel: socket.socket) -> tuple[bytes, bytes]:
    """The next message; raises EOFError when the other side is gone, TimeoutError when late."""
    kind, length = _HEAD.unpack(_exactly(channel, _HEAD.size))
    return kind, bytes(_exactly(channel, length))


def _exactly(channel: socket.socket, size: int) -> bytearray:
    buffer = bytearray(size)
    view, place = memoryview(buffer), 0
    while place < size:
        got = channel.recv_into(view[place:])
        if not got:
            raise EOFError
        place += got
    return buffer
