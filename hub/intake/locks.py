"""One writer per table on this machine, while a batch is staged and admitted."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def table_lock(table: Path) -> Iterator[None]:
    """Wait for the table's turn. The kernel frees the lock when its holder dies.

    Writers on other machines are not held back by it: `admit` compares the base release anyway.
    """
    table.mkdir(parents=True, exist_ok=True)
    with (table / ".writer.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
