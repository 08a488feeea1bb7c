"""Keys that a reference may name, taken from releases into a file of their own: made once per release."""
# ruff: noqa: S608 - names are quoted by catalog.duck

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from catalog.comparing import Source
from catalog.duck import identifier, literal, open_tool
from schemas.references import Reference

_KEPT_TYPES = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000"


@dataclass(frozen=True)
class KeyFile:
    """Which files hold the keys of a reference, and the bridge's if one stands between.

    `digest` names what it is made from: the sha256 of the releases and the columns taken.
    """

    folder: Path
    digest: str
    files: tuple[Path, ...]
    reference: Reference
    bridge: tuple[Path, ...] = ()

    @classmethod
    def of(
        cls,
        folder: Path,
        reference: Reference,
        files: Sequence[Path],
        releases: Sequence[str],
        bridge: Sequence[Path] = (),
    ) -> "KeyFile":
        """`releases` are the sha256 of all that is read."""
        said = [reference.fields, reference.bridge and vars(reference.bridge), list(releases)]
        digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        return cls(folder, digest, tuple(files), reference, tuple(bridge))

    @property
    def path(self) -> Path:
        return self.folder / f"{self.digest}.parquet"

    def made(self) -> Path:
        """The file, made now if it is not there; several processes may do so at once.

        Its columns are the keys in the order of `Reference.mine`, without rows that are empty in one.
        """
        try:
            os.utime(self.path)  # it is in use: the sweep takes only what nobody asked for lately
        except FileNotFoundError:
            self._make()
        return self.path

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".part-") as room:
            part = Path(room) / "keys.parquet"
            with closing(open_tool(Path(room))) as connection:
                theirs = Source(connection, self.files)
                query = _query(connection, theirs, self.reference, self.bridge)
                connection.execute(f"COPY ({query}) TO {literal(str(part))} ({_KEPT_TYPES})")
            part.replace(self.path)


def _query(
    connection: duckdb.DuckDBPyConnection,
    theirs: Source,
    reference: Reference,
    bridge: tuple[Path, ...],
) -> str:
    columns = [
        f"t.{identifier(name)} AS {identifier(f'k{i}')}" for i, name in enumerate(reference.theirs)
    ]
    source, first = f"{theirs.sql} AS t", len(columns)
    if reference.bridge is not None:
        between = Source(connection, bridge)
        met = [theirs.text(theirs_, "t.") for _, theirs_ in reference.bridge.to]
        its = [between.text(its_, "b.") for its_, _ in reference.bridge.to]
        equal = " AND ".join(f"{a} = {b}" for a, b in zip(met, its, strict=True))
        source += f" JOIN {between.sql} AS b ON {equal}"
        columns += [
            f"b.{identifier(name)} AS {identifier(f'k{i}')}"
            for i, name in enumerate(reference.bridge.met, first)
        ]
    named = [column.rpartition(" AS ")[2] for column in columns]
    whole = " AND ".join(f"{name} IS NOT NULL" for name in named)
    return f"SELECT * FROM (SELECT DISTINCT {', '.join(columns)} FROM {source}) WHERE {whole}"
