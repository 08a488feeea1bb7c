"""The tree against the recursive definition of RFC 9162 §2.1.1 and a published root."""

from collections.abc import Iterable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.ledger.merkle import (
    Frontier,
    Node,
    consistency_path,
    hashes_of,
    inclusion_path,
    place_of,
)
from hub.ledger.verify import (
    EMPTY_ROOT,
    Checkpoint,
    consistency_holds,
    inclusion_holds,
    leaf_hash,
    node_hash,
)

# Inputs and root of the reference implementation of Certificate Transparency.
KNOWN_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
KNOWN_INPUTS += ["606162636465666768696a6b6c6d6e6f"]
KNOWN_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


class Tree:
    """A tree in memory, every root it ever had, and its complete nodes."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf_hash(str(n).encode()) for n in range(size)]
        self.nodes: dict[Node, bytes] = {}
        self.roots = [EMPTY_ROOT]
        frontier = Frontier()
        for leaf in self.leaves:
            self.nodes.update(frontier.append(leaf))
            self.roots.append(frontier.root())

    def fetch(self, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
        return {node: self.nodes[node] for node in nodes}

    def head(self, size: int) -> Checkpoint:
        return Checkpoint("hub.invalid", size, self.roots[size])


TREE = Tree(300)
SIZES = st.integers(1, 300)


def test_eight_known_leaves_have_the_published_root() -> None:
    frontier = Frontier()
    for item in KNOWN_INPUTS:
        frontier.append(leaf_hash(bytes.fromhex(item)))
    assert frontier.root().hex() == KNOWN_ROOT


def test_every_root_is_the_one_of_the_definition() -> None:
    for size in range(130):
        assert TREE.roots[size] == by_definition(TREE.leaves[:size])


def test_every_node_has_a_place_of_its_own() -> None:
    assert len({place_of(node) for node in TREE.nodes}) == len(TREE.nodes)
    assert [place_of(node) for node in [(0, 0), (1, 0), (0, 1), (2, 0), (0, 2)]] == [0, 1, 2, 3, 4]


def test_a_frontier_taken_up_again_grows_to_the_same_root() -> None:
    for size in range(65):
        frontier = Frontier.at(size, TREE.fetch)
        for leaf in TREE.leaves[size:65]:
            frontier.append(leaf)
        assert frontier.root() == TREE.roots[65]


@given(data=st.data(), size=SIZES)
@settings(deadline=None)
def test_an_inclusion_proof_holds_for_its_leaf_and_for_no_other(
    data: st.DataObject, size: int
) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1))
    path = hashes_of(inclusion_path(index, size), TREE.fetch)
    root = TREE.roots[size]
    assert inclusion_holds(TREE.leaves[index], index, size, path, root)
    if other != index:
        assert not inclusion_holds(TREE.leaves[other], index, size, path, root)
        assert not inclusion_holds(TREE.leaves[index], other, size, path, root)
    assert not inclusion_holds(TREE.leaves[index], index, size, [*path, EMPTY_ROOT], root)
    assert not path or not inclusion_holds(TREE.leaves[index], index, size, path[:-1], root)
    assert not inclusion_holds(TREE.leaves[index], index + size, size, path, root)


@given(data=st.data(), new=SIZES)
@settings(deadline=None)
def test_a_consistency_proof_holds_for_these_two_states_only(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    path = hashes_of(consistency_path(old, new), TREE.fetch)
    before, after = TREE.head(old), TREE.head(new)
    assert consistency_holds(before, after, path)
    forged = Checkpoint("hub.invalid", old, leaf_hash(b"forged"))
    assert not consistency_holds(forged, after, path)
    assert not consistency_holds(before, Checkpoint("hub.invalid", new, forged.root), path)
    assert old == new or not consistency_holds(before, after, path[:-1])
    assert not consistency_holds(before, after, [*path, EMPTY_ROOT])


def test_a_shrunken_tree_is_never_consistent() -> None:
    assert not consistency_holds(TREE.head(9), TREE.head(8), [])


@given(st.integers(0, 2**40), st.integers(1, 2**40))
def test_proofs_stay_short_in_a_huge_tree(index: int, size: int) -> None:
    assert len(inclusion_path(index % size, size)) <= 41
    assert len(consistency_path(index % size, size)) <= 42
