"""The stored tree: its nodes and its checkpoints, read through one connection."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, bindparam, insert, select

from hub.ledger.merkle import Node, place_of
from hub.ledger.models import LedgerCheckpoint, LedgerNode

NODES = LedgerNode.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
CHECKPOINTS = LedgerCheckpoint.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it

AT_ONCE = 500
"""Nodes in one query, well below the bound parameters that either database takes."""

_BY_PLACE = select(NODES.c.place, NODES.c.hash).where(
    NODES.c.place.in_(bindparam("places", expanding=True))
)


def size_of(connection: Connection) -> int:
    """Leaves of the newest checkpoint; 0 for an empty ledger."""
    newest = select(CHECKPOINTS.c.size).order_by(CHECKPOINTS.c.size.desc()).limit(1)
    return int(connection.execute(newest).scalar() or 0)


def fetch(connection: Connection, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
    """The hashes of some nodes; one that is missing from the answer is missing from the tree."""
    places = {place_of(node): node for node in nodes}
    found: dict[Node, bytes] = {}
    for some in _pieces(sorted(places)):
        rows = connection.execute(_BY_PLACE, {"places": some})
        found |= {places[place]: digest for place, digest in rows}
    return found


def store(connection: Connection, nodes: Iterable[tuple[Node, bytes]]) -> None:
    """Keep nodes that have become complete; they never change again."""
    rows = [{"place": place_of(node), "hash": digest} for node, digest in nodes]
    connection.execute(insert(NODES), rows)


def _pieces(places: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(places), AT_ONCE):
        yield places[start : start + AT_ONCE]
