"""Proofs: exhaustively for every size up to 130, and against the vectors that other implementations share."""

import pytest

from exchange.log.proofs import (
    consistency_places,
    consistency_proof,
    folded,
    frontier_places,
    inclusion_places,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from exchange.log.tree import EMPTY_ROOT, Frontier, leaf_hash, root
from tests.log.vectors import merkle

MOST = 130
HASHES = [leaf_hash(number.to_bytes(2, "big")) for number in range(MOST)]
ROOTS = [root(HASHES[:size]) for size in range(MOST + 1)]
SOME_SIZES = [range(start, min(start + 33, MOST + 1)) for start in range(0, MOST + 1, 33)]
WRONG = leaf_hash(b"something else")
KNOWN = {(0, index): one for index, one in enumerate(HASHES)}
KNOWN |= {(level, index): one for level, index, one in Frontier().extend(HASHES)}


def included(proof, index, size, *, leaf=None, under=None):
    leaf = HASHES[index] if leaf is None else leaf
    under = ROOTS[size] if under is None else under
    return verify_inclusion(proof, leaf=leaf, index=index, size=size, root=under)


def consistent(proof, old, size, *, old_root=None, new_root=None):
    old_root = ROOTS[old] if old_root is None else old_root
    new_root = ROOTS[size] if new_root is None else new_root
    return verify_consistency(proof, old_size=old, old_root=old_root, size=size, root=new_root)


def altered(proof):
    """The proof with one hash changed, at each of its positions, and with one too few or too many."""
    for at in range(len(proof)):
        yield [*proof[:at], WRONG, *proof[at + 1 :]]
    if proof:
        yield proof[:-1]
        yield proof[1:]
    yield [*proof, WRONG]


@pytest.mark.parametrize("sizes", SOME_SIZES)
def test_every_leaf_of_every_tree_is_proven(sizes):
    for size in sizes:
        for index in range(size):
            proof = inclusion_proof(index, size, KNOWN.__getitem__)
            assert included(proof, index, size), (index, size)


@pytest.mark.parametrize("sizes", SOME_SIZES)
def test_every_tree_is_proven_to_begin_with_every_smaller_one(sizes):
    for size in sizes:
        for old in range(size + 1):
            proof = consistency_proof(old, size, KNOWN.__getitem__)
            assert consistent(proof, old, size), (old, size)


@pytest.mark.parametrize("sizes", SOME_SIZES)
def test_no_altered_inclusion_proof_is_believed(sizes):
    for size, index in ((each, index) for each in sizes for index in range(each)):
        proof = inclusion_proof(index, size, KNOWN.__getitem__)
        assert not any(included(other, index, size) for other in altered(proof))
        assert not included(proof, index, size, leaf=WRONG)
        assert not included(proof, index, size, under=WRONG)
        assert not included(proof, index, 2 * size + 1, under=ROOTS[size])
        assert not included(proof, size, size, leaf=HASHES[index])
        assert not included(proof, -1, size, leaf=HASHES[index])
        for elsewhere in {0, index - 1, index + 1, size - 1} & set(range(size)) - {index}:
            assert not included(proof, elsewhere, size, leaf=HASHES[index])
        if size < MOST:
            assert not included(proof, index, size + 1)


@pytest.mark.parametrize("sizes", SOME_SIZES)
def test_no_altered_consistency_proof_is_believed(sizes):
    for size, old in ((each, old) for each in sizes for old in range(1, each)):
        proof = consistency_proof(old, size, KNOWN.__getitem__)
        assert not any(consistent(other, old, size) for other in altered(proof))
        assert not consistent(proof, old, size, old_root=WRONG)
        assert not consistent(proof, old, size, new_root=WRONG)
        assert not consistent(proof, old, size, old_root=ROOTS[size], new_root=ROOTS[old])
        assert not consistent(proof, size, old, old_root=ROOTS[size], new_root=ROOTS[old])
        assert not consistent(proof, old, 2 * size + 1, new_root=ROOTS[size])
        assert not consistent(proof, old - 1, size)
        if old + 1 < size:
            assert not consistent(proof, old + 1, size)
        if size < MOST:
            assert not consistent(proof, old, size + 1)


def test_a_tree_begins_with_itself_and_with_the_empty_one_and_needs_no_proof():
    assert consistency_proof(7, 7, KNOWN.__getitem__) == consistency_proof(0, 7, KNOWN.__getitem__) == []
    assert consistent([], 7, 7)
    assert consistent([], 0, 7)
    assert consistent([], 0, 0)
    assert not consistent([WRONG], 7, 7)
    assert not consistent([WRONG], 0, 7)
    assert not consistent([], 7, 7, old_root=WRONG)
    assert not consistent([], 0, 7, old_root=WRONG)
    assert not consistent([], 0, 0, old_root=WRONG, new_root=WRONG)
    assert not consistent([], 7, 8)


def test_what_is_no_hash_is_not_believed():
    (sibling,) = proof = inclusion_proof(0, 2, KNOWN.__getitem__)

    assert included(proof, 0, 2)
    assert not included([sibling[:-1]], 0, 2)
    assert not verify_inclusion([], leaf=b"", index=0, size=1, root=b"")
    assert not consistent([b""], 1, 2)


def test_bytes_that_wander_from_one_hash_to_the_next_are_not_believed():
    """The hash of a node is over both hashes below it as one string, so the length of each has to be checked."""
    one, two = HASHES[0][:31], HASHES[0][31:] + HASHES[1]

    assert not included([two], 0, 2, leaf=one)
    assert not consistent([two], 1, 2, old_root=one)


def test_the_frontier_folds_to_the_root():
    for size in range(MOST + 1):
        assert folded([KNOWN[place] for place in frontier_places(size)]) == ROOTS[size]
        assert len(frontier_places(size)) == size.bit_count()


def test_places_are_those_of_the_sections_own_example():
    """RFC 6962 section 2.1.3: the tree of seven leaves, and what grew out of three, four and six."""
    assert inclusion_places(0, 7) == [[(0, 1)], [(1, 1)], [(1, 2), (0, 6)]]
    assert inclusion_places(3, 7) == [[(0, 2)], [(1, 0)], [(1, 2), (0, 6)]]
    assert inclusion_places(4, 7) == [[(0, 5)], [(0, 6)], [(2, 0)]]
    assert inclusion_places(6, 7) == [[(1, 2)], [(2, 0)]]
    assert consistency_places(3, 7) == [[(0, 2)], [(0, 3)], [(1, 0)], [(1, 2), (0, 6)]]
    assert consistency_places(4, 7) == [[(1, 2), (0, 6)]]
    assert consistency_places(6, 7) == [[(1, 2)], [(0, 6)], [(2, 0)]]


@pytest.mark.parametrize(("index", "size"), [(0, 0), (7, 7), (-1, 7)])
def test_nobody_proves_an_entry_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="has no entry"):
        inclusion_places(index, size)


@pytest.mark.parametrize(("old", "size"), [(8, 7), (-1, 7)])
def test_nobody_proves_that_a_log_shrank(old, size):
    with pytest.raises(ValueError, match="cannot continue"):
        consistency_places(old, size)


def test_no_log_has_a_negative_size():
    assert frontier_places(0) == []
    assert folded([]) == EMPTY_ROOT
    with pytest.raises(ValueError, match="-1 entries"):
        frontier_places(-1)


def test_the_published_inclusion_vectors_agree():
    """The digest is over the values of the 98 files that transparency-dev/merkle publishes."""
    cases = list(merkle.inclusions())

    assert merkle.digest(cases) == "6e23d12ea8133b943738411822f99e66d92bc9f12d941d92dbba6ae489a2b8c6"
    for one in cases:
        found = verify_inclusion(one.proof, leaf=one.leaf, index=one.index, size=one.size, root=one.root)
        assert found is one.right, one


def test_the_published_consistency_vectors_agree():
    """The digest is over the values of the 98 files that transparency-dev/merkle publishes."""
    cases = list(merkle.consistencies())

    assert merkle.digest(cases) == "012c1b6304a29360bdee341d0ed8279a8e72e990cca95310febe55d79954004b"
    for one in cases:
        found = verify_consistency(one.proof, old_size=one.old, old_root=one.old_root, size=one.size, root=one.root)
        assert found is one.right, one
