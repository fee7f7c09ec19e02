"""Proofs that an entry is contained in a log, and that a log only grew (RFC 6962 section 2.1, RFC 9162 section 2.1).

What a proof is made of is said as places of perfect subtrees, so that somebody who keeps them as rows can look all
of them up at once.
"""

from collections.abc import Callable, Iterator, Sequence

from exchange.log.tree import EMPTY_ROOT, HASH_BYTES, node_hash
from exchange.log.tree import folded as folded

Place = tuple[int, int]
"""Level and index of a perfect subtree; (0, i) is leaf i."""

Lookup = Callable[[Place], bytes]


def frontier_places(size: int) -> list[Place]:
    """The perfect subtrees whose fold is the root of `size` leaves, biggest first (RFC 6962 section 2.1).

    Raises:
        ValueError: the size is negative.
    """
    if size < 0:
        raise ValueError(f"A log cannot have {size} entries.")
    return _perfect(0, size)


def inclusion_places(index: int, size: int) -> list[list[Place]]:
    """What proves that leaf `index` is in the tree of `size` leaves, PATH of RFC 6962 section 2.1.1.

    Outer list: one for each hash of the proof, the leaf's sibling first. Inner list: the perfect subtrees whose fold
    gives that hash, biggest first; there are several only at the right edge of the tree.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"A log of {size} entries has no entry {index}.")
    low, high = 0, size
    path = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return [_perfect(*span) for span in reversed(path)]


def consistency_places(old: int, size: int) -> list[list[Place]]:
    """What proves that the tree of `old` leaves is the beginning of that of `size`, PROOF of RFC 6962 section 2.1.2.

    In the form of `inclusion_places`; empty where one size is as the other, or the old one is 0.

    Raises:
        ValueError: `old` is negative or more than `size`.
    """
    if not 0 <= old <= size:
        raise ValueError(f"A log of {size} entries cannot continue one of {old}.")
    if old == 0:
        return []
    low, high = 0, size
    path = []
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    if low:
        path.append((low, high))
    return [_perfect(*span) for span in reversed(path)]


def inclusion_proof(index: int, size: int, lookup: Lookup) -> list[bytes]:
    """The 32-byte hashes of an inclusion proof, the leaf's sibling first (RFC 6962 section 2.1.1).

    Raises:
        ValueError: there is no such leaf.
    """
    return [folded([lookup(place) for place in places]) for places in inclusion_places(index, size)]


def consistency_proof(old: int, size: int, lookup: Lookup) -> list[bytes]:
    """The 32-byte hashes of a consistency proof (RFC 6962 section 2.1.2).

    Raises:
        ValueError: `old` is negative or more than `size`.
    """
    return [folded([lookup(place) for place in places]) for places in consistency_places(old, size)]


def verify_inclusion(proof: Sequence[bytes], *, leaf: bytes, index: int, size: int, root: bytes) -> bool:
    """Whether the leaf with the 32-byte hash `leaf` stands at `index` under `root` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    place, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            result = node_hash(sibling, result)
            place, last = _to_a_right_child(place, last)
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(proof: Sequence[bytes], *, old_size: int, old_root: bytes, size: int, root: bytes) -> bool:
    """Whether the tree of `old_root` is the beginning of that of `root` (RFC 9162 section 2.1.4.2).

    The empty log is the beginning of every log, and needs the empty proof.
    """
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root and (size > 0 or root == EMPTY_ROOT)
    if not _are_hashes(old_root, root, *proof):
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not proof:
        return False
    whole = old_size & (old_size - 1) == 0
    first, *rest = [old_root, *proof] if whole else proof
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_result = result = first
    for sibling in rest:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_result, result = node_hash(sibling, old_result), node_hash(sibling, result)
            place, last = _to_a_right_child(place, last)
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_result == old_root and result == root


def _split(count: int) -> int:
    """The largest power of two below a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _perfect(low: int, high: int) -> list[Place]:
    """The perfect subtrees that cover the leaves low..high, where low is a multiple of the biggest one's width."""
    return list(_covering(low, high))


def _covering(low: int, high: int) -> Iterator[Place]:
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _to_a_right_child(place: int, last: int) -> tuple[int, int]:
    """Climb over the levels at the right edge at which the node is carried up without a sibling."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
