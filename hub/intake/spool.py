"""A request body goes to disk as it comes: bounded memory, counted, hashed."""

import errno
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio

from hub.errors import InvalidInput, StorageFull, TooLarge

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Spooled:
    """A delivery on disk; whoever takes it deletes it with `discard`."""

    path: Path
    bytes: int
    sha256: str

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


async def spool(chunks: AsyncIterator[bytes], folder: Path, *, limit: int) -> Spooled:
    """Write a body of up to `limit` bytes to a fresh file in `folder`.

    Raises TooLarge past the limit, StorageFull when the disk is, InvalidInput when it is empty;
    nothing is left behind then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}.body"
    digest, size = hashlib.sha256(), 0
    try:
        async with await anyio.open_file(path, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise too_large(limit)
                digest.update(chunk)
                await file.write(chunk)
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in NO_ROOM:
            raise storage_full() from error
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if size == 0:
        path.unlink(missing_ok=True)
        raise InvalidInput(
            "Tidak ada isi yang dikirim. Sertakan berkas datanya.",
            "The request has no body. Send the data file.",
        )
    return Spooled(path, size, digest.hexdigest())


def too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"Berkas lebih besar dari batas {limit:,} bita. Bagi menjadi beberapa kiriman.".replace(
            ",", "."
        ),
        f"The body is larger than the limit of {limit:,} bytes. Send it in parts.",
        limit=limit,
    )


def storage_full() -> StorageFull:
    return StorageFull(
        "Penyimpanan hub penuh; tidak ada yang berubah. Hubungi walidata, lalu kirim ulang.",
        "The hub's storage is full; nothing was changed. Tell the walidata, then send again.",
    )
