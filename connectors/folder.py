"""Kind `folder`: each settled file of a folder is one batch, once, in the order of names."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from connectors.base import Batch, Bounds, Format, Report, State, Stream
from connectors.checking import climb
from connectors.directory import Directory, Found, chunks, locate
from connectors.errors import Sentence
from connectors.file_sampling import describe_file
from connectors.folder_options import SCHEMA
from connectors.spool import Spool

STREAM = "files"
Taken = list[dict[str, Any]]
_REMEMBERED = 500
_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".xlsx": "xlsx",
    ".xls": "xls",
    ".ods": "ods",
    ".parquet": "parquet",
}


class Folder:
    """One stream, `files`. State is what was taken: name, size, time and digest of each file."""

    options_schema: Mapping[str, Any] = SCHEMA

    def __init__(self, options: Mapping[str, Any], bounds: Bounds) -> None:
        self._options, self._bounds = options, bounds

    def check(self) -> Report:
        return climb(
            [("exists", self._exists), ("readable", self._readable), ("files", self._some_files)]
        )

    def discover(self) -> list[Stream]:
        """Columns are those of the newest file that can say them."""
        with self._open() as folder:
            newest = max(self._settled(folder), key=lambda found: found.mtime, default=None)
            if newest is None:
                return [Stream(STREAM)]
            with folder.open(newest.name) as file:
                return [describe_file(STREAM, file, _format(newest.name))]

    def read(self, stream: str, state: State) -> Iterator[Batch]:
        self.acknowledge(stream, state)
        taken: Taken = [entry for entry in state.get("taken", []) if isinstance(entry, dict)]
        with self._open() as folder:
            for found in self._settled(folder):
                if any(_is(entry, found) for entry in taken):
                    continue
                with self._copy(folder, found) as copy:
                    if copy is None:
                        continue
                    before = [entry["sha256"] for entry in taken]
                    taken = self._remember(folder, taken, found, copy.sha256)
                    if copy.sha256 in before:
                        continue
                    copy.keep()
                yield Batch(
                    file=copy.file,
                    format=_format(found.name),
                    state={"taken": list(taken)},
                    origin=found.name,
                    sha256=copy.sha256,
                    size=copy.size,
                )

    def acknowledge(self, stream: str, state: State) -> None:
        """Move what was taken to `done/`, unless it has been written again since."""
        if not self._options["move_to_done"]:
            return
        with self._open() as folder:
            for entry in state.get("taken", []):
                found = folder.look(entry["name"])
                if found is not None and _is(entry, found):
                    # A folder we may only read stays as it is: state alone keeps us from taking twice.
                    with contextlib.suppress(OSError):
                        folder.move_to_done(found.name, f"{entry['sha256'][:12]}-{found.name}")

    @contextlib.contextmanager
    def _copy(self, folder: Directory, found: Found) -> Iterator[Spool | None]:
        """The file in the work directory, or None when it changed while we copied."""
        suffix = PurePosixPath(found.name).suffix.lower()
        with Spool(self._bounds.work, suffix, self._options["max_bytes"], found.name) as copy:
            with folder.open(found.name) as file:
                copy.fill(chunks(file, found.name))
            whole = folder.look(found.name) == found and copy.size == found.size
            yield copy if whole else None

    def _remember(self, folder: Directory, taken: Taken, found: Found, sha256: str) -> Taken:
        """All that is still in the folder, and the latest of what is gone.

        An older version of the same name is forgotten: when it comes back, that is news.
        """
        others = [entry for entry in taken if entry["name"] != found.name]
        recent = len(others) - _REMEMBERED
        return [
            *(
                entry
                for place, entry in enumerate(others)
                if place >= recent or folder.look(entry["name"]) is not None
            ),
            {"name": found.name, "size": found.size, "mtime": found.mtime, "sha256": sha256},
        ]

    def _settled(self, folder: Directory) -> list[Found]:
        limit = time.time_ns() - int(self._options["settle_seconds"] * 1e9)
        return [found for found in self._candidates(folder) if found.changed <= limit]

    def _candidates(self, folder: Directory) -> list[Found]:
        found = folder.files(self._options["pattern"])
        return [each for each in found if PurePosixPath(each.name).suffix.lower() in _FORMATS]

    def _open(self) -> Directory:
        return Directory(self._located())

    def _located(self) -> Path:
        return locate(self._options["path"], self._bounds.roots)

    def _exists(self) -> Sentence:
        self._located()
        return Sentence(id="Folder ada.", en="The folder exists.")

    def _readable(self) -> Sentence:
        with self._open() as folder:
            for found in self._candidates(folder):
                with folder.open(found.name):
                    pass
        return Sentence(id="Folder dan berkasnya dapat dibaca.", en="Folder and files can be read.")

    def _some_files(self) -> Sentence:
        with self._open() as folder:
            all_of_them, settled = len(self._candidates(folder)), len(self._settled(folder))
        return Sentence(
            id=f"{all_of_them} berkas cocok, {settled} di antaranya sudah selesai ditulis.",
            en=f"{all_of_them} files match, {settled} of them are settled.",
        )


def _format(name: str) -> Format:
    return _FORMATS[PurePosixPath(name).suffix.lower()]


def _is(entry: Mapping[str, Any], found: Found) -> bool:
    """Whether nothing was written to the file since it was taken."""
    return (entry["name"], entry["size"], entry["mtime"]) == (found.name, found.size, found.mtime)
