"""A folder that others write into, held by descriptor: no name in it can lead out of it."""

import contextlib
import fnmatch
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from connectors.errors import FolderForbidden, Sentence, SourceRefused, SourceUnavailable

# Unfinished copies of browsers, transfer programs and office suites.
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".lock")


@dataclass(frozen=True)
class Found:
    """A regular file as seen at one moment. Times in nanoseconds since 1970, UTC.

    `changed` is the later of mtime and ctime: a copy that keeps the old mtime still moves ctime.
    """

    name: str
    size: int
    mtime: int
    changed: int


def locate(path: str, roots: tuple[Path, ...]) -> Path:
    """The real folder behind `path`, when it lies in an allowed root; raises FolderForbidden."""
    try:
        folder = Path(path).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _absent() from error
    if not any(folder.is_relative_to(root.resolve()) for root in roots):
        raise FolderForbidden(
            Sentence(
                id="Folder berada di luar folder yang diizinkan instans ini.",
                en="The folder lies outside the folders this instance allows.",
            )
        )
    if not folder.is_dir():
        raise _absent()
    return folder


class Directory:
    """Raises SourceUnavailable (exists) and SourceRefused (auth) when it cannot be opened."""

    def __init__(self, folder: Path) -> None:
        try:
            self._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except PermissionError as error:
            raise _refused() from error
        except OSError as error:
            raise _absent() from error

    def __enter__(self) -> "Directory":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._fd)

    def files(self, pattern: str) -> list[Found]:
        """Regular files whose names match, by name; links and unfinished copies are passed over."""
        try:
            with os.scandir(self._fd) as entries:
                names = [entry.name for entry in entries]
        except OSError as error:
            raise _refused() from error
        wanted = sorted(name for name in names if _wanted(name, pattern))
        return [found for name in wanted if (found := self.look(name)) is not None]

    def look(self, name: str) -> Found | None:
        """The file as it is now, or None when it is gone or is no regular file."""
        try:
            return _found(name, os.stat(name, dir_fd=self._fd, follow_symlinks=False))
        except OSError:
            return None

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Raises SourceRefused when it may not be read, SourceUnavailable when it is gone."""
        try:
            # Not blocking: a pipe put in place of the file must not hold us.
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._fd)
        except FileNotFoundError as error:
            raise _unreadable(name) from error
        except OSError as error:
            raise _refused(name) from error
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise _refused(name)
            yield file

    def move_to_done(self, name: str, as_name: str) -> None:
        """Into `done/` below; a folder that cannot be written is left as it is."""
        with contextlib.suppress(FileExistsError):
            os.mkdir("done", dir_fd=self._fd)
        done = os.open("done", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self._fd)
        try:
            os.rename(name, as_name, src_dir_fd=self._fd, dst_dir_fd=done)
        finally:
            os.close(done)


def chunks(file: IO[bytes], name: str, size: int = 256 << 10) -> Iterator[bytes]:
    """The bytes of an agency's file; raises SourceUnavailable when the share goes away."""
    while True:
        try:
            chunk = file.read(size)
        except OSError as error:
            raise _unreadable(name) from error
        if not chunk:
            return
        yield chunk


def _wanted(name: str, pattern: str) -> bool:
    unfinished = name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED)
    return not unfinished and fnmatch.fnmatchcase(name, pattern)


def _found(name: str, seen: os.stat_result) -> Found | None:
    if not stat.S_ISREG(seen.st_mode):
        return None
    return Found(name, seen.st_size, seen.st_mtime_ns, max(seen.st_mtime_ns, seen.st_ctime_ns))


def _absent() -> SourceUnavailable:
    return SourceUnavailable(
        "exists",
        Sentence(id="Folder tidak ditemukan.", en="The folder does not exist."),
        transient=False,
    )


def _unreadable(name: str) -> SourceUnavailable:
    return SourceUnavailable(
        "files",
        Sentence(id=f"Berkas '{name}' hilang selagi dibaca.", en=f"The file '{name}' went away."),
    )


def _refused(name: str = "") -> SourceRefused:
    what = f"Berkas '{name}'" if name else "Folder"
    what_en = f"The file '{name}'" if name else "The folder"
    refused = SourceRefused(
        Sentence(id=f"{what} tidak boleh dibaca.", en=f"{what_en} may not be read.")
    )
    refused.layer = "readable"
    return refused
