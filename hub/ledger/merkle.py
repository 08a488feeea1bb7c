"""The Merkle tree of RFC 9162 §2.1, growing at its right edge, and what its proofs are made of.

A node is a complete subtree, named `(level, index)`: 2^level leaves, the index-th from the left.
Complete nodes never change, so they are stored once and every proof is put together from them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hub.ledger.verify import EMPTY_ROOT, node_hash

Node = tuple[int, int]
Span = tuple[int, int]  # leaves from the first, up to but without the second
Fetch = Callable[[Iterable[Node]], Mapping[Node, bytes]]


def place_of(node: Node) -> int:
    """A node's number when the tree is walked in order: left subtree, node, right subtree."""
    level, index = node
    return (2 * index + 1 << level) - 1


@dataclass
class Frontier:
    """The complete subtrees of a tree, largest first: all that is needed to let it grow."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def at(cls, size: int, fetch: Fetch) -> "Frontier":
        """The frontier of a stored tree."""
        nodes = list(complete_nodes(0, size))
        stored = fetch(nodes)
        return cls(size, [stored[node] for node in nodes])

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add one leaf; returns every node that became complete, the leaf first."""
        level, index, made = 0, self.size, [((0, self.size), leaf)]
        while index & 1:  # a left neighbour of the same level waits among the peaks
            level, index = level + 1, index >> 1
            leaf = node_hash(self.peaks.pop(), leaf)
            made.append(((level, index), leaf))
        self.peaks.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        return fold(self.peaks)


def fold(peaks: Sequence[bytes]) -> bytes:
    """Hash of the subtree over adjoining complete subtrees, the largest at the left."""
    if not peaks:
        return EMPTY_ROOT
    reached = peaks[-1]
    for left in reversed(peaks[:-1]):
        reached = node_hash(left, reached)
    return reached


def complete_nodes(low: int, high: int) -> Iterator[Node]:
    """The complete nodes that cover a span, left to right; `low` must begin a subtree."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def inclusion_path(index: int, size: int) -> list[Span]:
    """Siblings on the way from a leaf to the root (§2.1.3.1), the leaf's own first."""
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _half(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[Span]:
    """What proves that the tree of `old` leaves is the beginning of that of `new` (§2.1.4.1)."""
    if old in (0, new):
        return []
    low, high, path = 0, new, []
    while high > old:
        middle = low + _half(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    if low > 0:  # a whole old tree is known to the verifier already
        path.append((low, high))
    return path[::-1]


def hashes_of(path: Sequence[Span], fetch: Fetch) -> list[bytes]:
    """The hash of every span of a path, with one call of `fetch` for all of them."""
    parts = [list(complete_nodes(*span)) for span in path]
    stored = fetch({node for nodes in parts for node in nodes})
    return [fold([stored[node] for node in nodes]) for nodes in parts]


def _half(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)
