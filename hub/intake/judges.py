"""Processes that judge and stage, so that a large batch never holds up the web process.

The verdict engine keeps the interpreter lock while it works (measured: another thread stalled for
as long as the call took), hence processes. Small batches have a lane of their own: a 100 MB file
in the other lane does not delay them. Both lanes run at lower priority than the web process.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from catalog.errors import StorageFull as CatalogStorageFull
from catalog.keyfiles import KeyFile
from catalog.storage import Manifest, Mode, Staged, commit, stage
from hub.errors import Unavailable
from hub.intake.spool import NO_ROOM, storage_full
from schemas.arrow import arrow_schema
from schemas.document import SchemaDocument
from schemas.gate import InForce, Verdict, judge
from schemas.gate.marking import as_xlsx
from schemas.gate.mending import Mending, mending_of, name_origins
from schemas.gate.quarantine import all_but

P = ParamSpec("P")
T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
LARGE_NICE = 15
SMALL_NICE = 0


@dataclass(frozen=True)
class JudgeTask:
    """What a judge needs to know; crosses the process border, so plain values only."""

    path: Path
    format: str
    document: SchemaDocument
    steps: list[dict[str, Any]]
    work: Path
    codes: Mapping[str, Path] = field(default_factory=dict)
    delete: bool = False
    references: Mapping[int, tuple[KeyFile, ...]] = field(default_factory=dict)
    held: tuple[Path, ...] | None = None
    sheet: str | None = None
    header_row: int | None = None
    severities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MendTask:
    """A judged correction, its quarantine in place, and the quarantine that it corrects."""

    path: Path
    format: str
    document: SchemaDocument
    verdict: Verdict
    earlier: Path


@dataclass(frozen=True)
class DrawTask:
    """A report that becomes a workbook, without the rows whose bit is set in `mended`."""

    document: SchemaDocument
    report: Path
    quarantine: Path
    out: Path
    language: str
    mended: int


@dataclass(frozen=True)
class StageTask:
    """What staging needs: the table, the base it stands on and the accepted rows."""

    table: Path
    base: Manifest | None
    base_number: int | None
    rows_file: Path
    mode: Mode
    document: SchemaDocument
    release: int
    batch: str


def run_judge(task: JudgeTask) -> Verdict:
    return judge(
        task.path,
        task.format,
        task.document,
        task.steps,
        work=task.work,
        inforce=InForce(task.codes, _made(task.references), task.held),
        delete=task.delete,
        sheet=task.sheet,
        header_row=task.header_row,
        severities=task.severities,
    )


def _made(references: Mapping[int, Sequence[KeyFile]]) -> dict[int, list[Path]]:
    return {place: [keys.made() for keys in files] for place, files in references.items()}


def run_mend(task: MendTask) -> Mending:
    """What the correction mends; rows that are still wrong keep the number they had."""
    found = mending_of(task.path, task.format, task.document, task.verdict, task.earlier)
    name_origins(task.verdict.quarantine_file, found.still)
    return found


def run_draw(task: DrawTask) -> None:
    as_xlsx(
        task.document,
        task.report,
        task.quarantine,
        task.out,
        task.language,
        wanted=all_but(task.mended),
    )


def run_stage(task: StageTask) -> tuple[Staged, int]:
    """Stage the files and commit them to the Delta table; returns the Delta version too."""
    staged = stage(
        task.table,
        task.base,
        task.rows_file,
        task.mode,
        task.document.key,
        arrow_schema(task.document),
        base_number=task.base_number,
    )
    return staged, commit(task.table, staged, release=task.release, batch=task.batch)


def _begin(nice: int) -> None:
    """Give way to the web process, and die with it: a killed hub judges nothing any more."""
    os.nice(nice)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Judges:
    """Two lanes of judge processes, started when first needed from a clean parent."""

    def __init__(self, *, large: int, small_bytes: int) -> None:
        self._large, self._small_bytes = large, small_bytes
        self._lanes: dict[bool, Executor] = {}
        self._lock = Lock()

    def judge(self, task: JudgeTask, *, size: int) -> Verdict:
        return self._run(size, run_judge, task)

    def mend(self, task: MendTask, *, size: int) -> Mending:
        return self._run(size, run_mend, task)

    def draw(self, task: DrawTask, *, size: int) -> None:
        """A workbook of many rows would keep the web process from everything else."""
        self._run(size, run_draw, task)

    def stage(self, task: StageTask, *, size: int) -> tuple[Staged, int]:
        return self._run(size, run_stage, task)

    def do(self, work: Callable[P, T], size: int, *args: P.args, **kwargs: P.kwargs) -> T:
        """Any other slow look at a file of `size` bytes; the function and what it takes are picklable."""
        return self._run(size, work, *args, **kwargs)

    def close(self) -> None:
        with self._lock:
            for lane in self._lanes.values():
                lane.shutdown(wait=True, cancel_futures=True)
            self._lanes.clear()

    def _run(self, size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Raises what the work raises; StorageFull for a full disk, Unavailable if it was killed."""
        small = size <= self._small_bytes
        lane = self._lane(small)
        try:
            return _begun(lane, work, *args, **kwargs).result()
        except BrokenProcessPool as error:
            self._drop(small, lane)
            raise Unavailable(
                "Proses penilai terhenti; tidak ada yang berubah. Kirim ulang.",
                "The judging process was stopped; nothing was changed. Send again.",
            ) from error
        except CatalogStorageFull as error:
            raise storage_full() from error
        except OSError as error:
            if error.errno in NO_ROOM:
                raise storage_full() from error
            raise

    def _lane(self, small: bool) -> Executor:
        with self._lock:
            if small not in self._lanes:
                context = get_context("forkserver")
                context.set_forkserver_preload(["hub.intake.judges"])
                self._lanes[small] = ProcessPoolExecutor(
                    1 if small else self._large,
                    mp_context=context,
                    initializer=_begin,
                    initargs=(SMALL_NICE if small else LARGE_NICE,),
                )
            return self._lanes[small]

    def _drop(self, small: bool, broken: Executor) -> None:
        """Take this lane away, unless another caller has: the one in its place is whole."""
        with self._lock:
            if self._lanes.get(small) is broken:
                del self._lanes[small]
        broken.shutdown(wait=False)


def _begun(lane: Executor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Raises BrokenProcessPool, also when what starts the judges was killed while it started one,
    or when another caller, who saw that first, has closed the lane meanwhile."""
    try:
        return lane.submit(work, *args, **kwargs)
    except (ConnectionError, EOFError, RuntimeError) as error:
        raise BrokenProcessPool("no judge could be started") from error
