"""The tree against RFC 6962's own recursion and the classic vectors of Certificate Transparency."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.log.tree import EMPTY_ROOT, Frontier, Node, folded, leaf_hash, node_hash, root

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(number.to_bytes(2, "big")) for number in range(130)]


def by_the_letter(hashes):
    """MTH, word for word as RFC 6962 section 2.1 defines it."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return sha256(b"\x01" + by_the_letter(hashes[:middle]) + by_the_letter(hashes[middle:])).digest()


def test_hashes_are_those_of_rfc_6962():
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_classic_tree_has_its_known_roots(size):
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    frontier = Frontier()
    frontier.extend(hashes)

    assert root(hashes).hex() == ROOTS[size]
    assert frontier.root().hex() == ROOTS[size]


def test_every_size_up_to_130_has_the_root_that_the_recursion_gives():
    frontier = Frontier()
    for size in range(len(HASHES) + 1):
        assert root(HASHES[:size]) == frontier.root() == by_the_letter(HASHES[:size])
        if size < len(HASHES):
            frontier.push(HASHES[size])


def test_pushing_tells_the_subtrees_that_it_completes_lowest_first():
    frontier = Frontier()
    told = [frontier.push(one) for one in HASHES[:8]]

    assert [[node[:2] for node in nodes] for nodes in told] == [
        [],
        [(1, 0)],
        [],
        [(1, 1), (2, 0)],
        [],
        [(1, 2)],
        [],
        [(1, 3), (2, 1), (3, 0)],
    ]
    assert told[7][-1] == Node(3, 0, by_the_letter(HASHES[:8]))


@settings(deadline=None)
@given(st.integers(0, 70), st.integers(0, 60))
def test_extending_is_pushing_one_after_another(before, more):
    one_by_one, at_once = Frontier(), Frontier()
    for each in HASHES[:before]:
        one_by_one.push(each)
    at_once.extend(HASHES[:before])

    pushed = [node for each in HASHES[before : before + more] for node in one_by_one.push(each)]
    extended = at_once.extend(iter(HASHES[before : before + more]))

    assert extended == sorted(pushed)
    assert (at_once.size, at_once.hashes) == (one_by_one.size, one_by_one.hashes)


@settings(deadline=None)
@given(st.integers(0, 130))
def test_a_frontier_comes_back_from_its_bytes(size):
    frontier = Frontier()
    frontier.extend(HASHES[:size])

    back = Frontier.unpacked(size, frontier.packed())

    assert back.root() == root(HASHES[:size])
    assert len(frontier.packed()) == 32 * size.bit_count()
    back.push(HASHES[0])
    assert back.root() == root([*HASHES[:size], HASHES[0]])


@pytest.mark.parametrize(
    ("size", "length"), [(0, 32), (1, 0), (3, 32), (3, 96), (4, 31), (5, 63), (7, 65), (-1, 0), (-1, 32)]
)
def test_a_frontier_of_another_size_is_refused(size, length):
    with pytest.raises(ValueError, match="frontier"):
        Frontier.unpacked(size, bytes(length))


def test_nothing_folds_to_the_empty_tree():
    assert folded([]) == root([]) == Frontier().root() == EMPTY_ROOT
    assert folded(HASHES[:1]) == HASHES[0]
