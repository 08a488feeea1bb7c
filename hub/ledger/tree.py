"""The stored tree: its nodes and its checkpoints, read through one connection."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, tuple_

from hub.ledger.merkle import Node
from hub.ledger.models import LedgerCheckpoint, LedgerNode

NODES = LedgerNode.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
CHECKPOINTS = LedgerCheckpoint.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def size_of(connection: Connection) -> int:
    """Leaves of the newest checkpoint; 0 for an empty ledger."""
    newest = select(CHECKPOINTS.c.size).order_by(CHECKPOINTS.c.size.desc()).limit(1)
    return int(connection.execute(newest).scalar() or 0)


def fetch(connection: Connection, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
    """The hashes of some nodes in one query; a missing one is a damaged ledger and a KeyError."""
    wanted = tuple_(NODES.c.level, NODES.c.idx).in_(list(nodes))
    rows = connection.execute(select(NODES.c.level, NODES.c.idx, NODES.c.hash).where(wanted))
    return {(level, index): digest for level, index, digest in rows}


def fetch_ranges(connection: Connection, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
    """The same for many neighbours: one range of each level, which may hold a few others too."""
    levels: dict[int, list[int]] = {}
    for level, index in nodes:
        levels.setdefault(level, []).append(index)
    found: dict[Node, bytes] = {}
    for level, places in levels.items():
        among = NODES.c.idx.between(min(places), max(places))
        query = select(NODES.c.idx, NODES.c.hash).where(NODES.c.level == level, among)
        found |= {(level, index): digest for index, digest in connection.execute(query)}
    return found
