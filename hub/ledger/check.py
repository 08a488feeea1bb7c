"""The whole ledger against itself: every hash recomputed, every signature opened, from the bodies.

What the database says about itself can be rewritten by whoever holds it and the key. So keep
checkpoints elsewhere, and give them here as `kept`: no rewriting survives those.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select

from hub.ledger import tree
from hub.ledger.merkle import Frontier, Node
from hub.ledger.service import TABLE as ENTRIES
from hub.ledger.verify import (
    Check,
    Checkpoint,
    NotProven,
    Report,
    leaf_hash,
    open_checkpoint,
    receipt_holds,
)

CHUNK = 2000
MOST_FAULTS = 20
"""Faults of one kind that are listed; the rest is only counted."""
KINDS = ("entries", "receipts", "order", "columns", "nodes", "checkpoints", "kept checkpoints")


def whole(
    engine: Engine, keys: Sequence[str], *, kept: Sequence[str] = (), receipts: bool = True
) -> Report:
    """Recompute everything; `keys` are C2SP verifier keys, `kept` checkpoints held elsewhere.

    `receipts=False` leaves out the hub's signature under each entry, most of the time it takes.
    """
    with engine.connect().execution_options(read_only=True) as connection:
        checking = _Checking(connection, keys, receipts)
        checking.open_kept(kept)
        checking.open_stored()
        checking.regrow()
        waiting = checking.look_at_waiting()
        connection.rollback()
    size = f"{checking.frontier.size} entries in the tree, {waiting} waiting"
    return Report((Check("size", True, size), *checking.checks()))


@dataclass
class _Checking:
    """One run over one connection; a kind without faults is a check that held."""

    connection: Connection
    keys: Sequence[str]
    receipts: bool
    frontier: Frontier = field(default_factory=Frontier)
    stored: dict[int, bytes] = field(default_factory=dict)
    kept: dict[int, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def checks(self) -> Iterator[Check]:
        for kind, found in self.faults.items():
            more = f" and {len(found) - MOST_FAULTS} more" if len(found) > MOST_FAULTS else ""
            yield Check(kind, not found, ", ".join(found[:MOST_FAULTS]) + more)

    def open_kept(self, notes: Sequence[str]) -> None:
        for note in notes:
            head = self._opened("kept checkpoints", note)
            if head and self.kept.setdefault(head.size, head.root) != head.root:
                self._fault("kept checkpoints", f"a split view: two states of {head.size} entries")

    def open_stored(self) -> None:
        """A note that is not signed, or says something else than its row, is a fault."""
        for row in self.connection.execute(select(tree.CHECKPOINTS)):
            self.stored[row.size] = row.root
            head = self._opened("checkpoints", row.note)
            if head and head != Checkpoint(head.origin, row.size, row.root):
                self._fault("checkpoints", f"the note at {row.size} says something else")

    def regrow(self) -> None:
        """Grow the tree again from the bodies, comparing whatever is stored on the way."""
        last = max(self.stored, default=0)
        for rows in self._chunks(select(ENTRIES).where(ENTRIES.c.idx.is_not(None))):
            made: dict[Node, bytes] = {}
            for row in rows:
                if row.idx != self.frontier.size:
                    self._fault("order", f"place {row.idx} where {self.frontier.size} was due")
                made.update(self.frontier.append(self._leaf(row)))
                self._compare_root()
            self._compare_nodes(made)
        if self.frontier.size != last:
            self._fault("checkpoints", f"of {last} entries, but {self.frontier.size} have a place")
        for size in self.kept:
            self._fault("kept checkpoints", f"{size} were signed, {self.frontier.size} are left")
        self._count_nodes()

    def look_at_waiting(self) -> int:
        """Check entries without a place; returns how many there are."""
        chunks = self._chunks(select(ENTRIES).where(ENTRIES.c.idx.is_(None)))
        return len([self._leaf(row) for rows in chunks for row in rows])

    def _chunks(self, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
        ordered = query.order_by(ENTRIES.c.idx, ENTRIES.c.id).execution_options(yield_per=CHUNK)
        return self.connection.execute(ordered).partitions()

    def _leaf(self, row: Row[Any]) -> bytes:
        """The leaf hash of the body, after comparing the body with the columns beside it."""
        leaf = leaf_hash(row.body)
        if leaf != row.hash:
            self._fault("entries", row.id)
        elif _told(row.body) != _columns(row):
            self._fault("columns", row.id)
        if self.receipts and not receipt_holds(self.keys, leaf, row.signature):
            self._fault("receipts", row.id)
        return leaf

    def _compare_root(self) -> None:
        size = self.frontier.size
        if size in self.stored and self.stored[size] != self.frontier.root():
            self._fault("checkpoints", f"another root at {size} entries")
        if size in self.kept and self.kept.pop(size) != self.frontier.root():
            self._fault("kept checkpoints", f"another root at {size} entries")

    def _compare_nodes(self, made: Mapping[Node, bytes]) -> None:
        stored = tree.fetch(self.connection, made)
        for node, digest in made.items():
            if stored.get(node) != digest:
                self._fault("nodes", f"level {node[0]} index {node[1]}")

    def _count_nodes(self) -> None:
        """n leaves complete 2n - popcount(n) nodes; any more belong to no entry."""
        size = self.frontier.size
        due = 2 * size - size.bit_count()
        counted = self.connection.execute(select(func.count()).select_from(tree.NODES)).scalar_one()
        if counted > due:
            self._fault("nodes", f"{counted - due} belong to no entry")

    def _opened(self, kind: str, note: str) -> Checkpoint | None:
        try:
            return open_checkpoint(note, self.keys)
        except NotProven as wrong:
            self._fault(kind, str(wrong))
            return None

    def _fault(self, kind: str, what: str) -> None:
        self.faults[kind].append(what)


def _told(body: bytes) -> tuple[Any, ...]:
    """What the evidence itself says of the columns that only help to find it; () if nothing."""
    try:
        told = json.loads(body)
        actor, target = told["actor"], told["target"]
    except (ValueError, KeyError, TypeError):
        return ()
    who = actor.get("person") or actor.get("client")
    where = (target.get("type"), target.get("id"), told.get("trace_id"))
    return (told.get("id"), told.get("at"), told.get("kind"), who, actor.get("agency"), *where)


def _columns(row: Row[Any]) -> tuple[Any, ...]:
    at = f"{row.at:%Y-%m-%dT%H:%M:%S.%fZ}"
    where = (row.target_type, row.target_id, row.trace_id)
    return (row.id, at, row.kind, row.actor, row.agency, *where)
