"""The Merkle tree over a log's entries (RFC 6962 section 2.1, which RFC 9162 section 2.1 keeps).

A perfect subtree of level L and index i covers the leaves i * 2^L up to (i + 1) * 2^L. Once its last leaf exists it
never changes. The frontier of a log is the perfect subtrees of its size's set bits; it is all that an append needs.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import count, repeat
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class Node(NamedTuple):
    """A perfect subtree and its 32-byte hash; level 0 is the leaves."""

    level: int
    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here
    hash: bytes


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry's exact bytes: 32 bytes (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and the two hashes below: 32 bytes (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """One hash out of neighbouring perfect subtrees, biggest first, joined from the right (RFC 6962 section 2.1).

    No subtrees give the root of the empty tree.
    """
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The tree's root over the leaves' 32-byte hashes, MTH of RFC 6962 section 2.1, level by level.

    A node without a right neighbour is carried up as it is, which is what the section's recursion comes to.
    """
    row = list(leaf_hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = _paired(row) + odd
    return row[0]


class Frontier:
    """What a log must remember to grow: its size, and the hashes of the size's perfect subtrees, biggest first.

    The same state as in RFC 9162 section 2.1.2, which verifies a root from the entries one by one.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """The frontier of `size` leaves.

        Raises:
            ValueError: there is not exactly one 32-byte hash for each set bit of the size.
        """
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count() or any(len(one) != HASH_BYTES for one in self.hashes):
            raise ValueError(f"A log of {size} entries does not have these {len(self.hashes)} hashes as its frontier.")

    def push(self, leaf_hash: bytes) -> list[Node]:
        """Append one leaf by its hash. Returns the subtrees of level 1 and above that it completes, lowest first."""
        completed = []
        level, index, top = 0, self.size, leaf_hash
        while index & 1:
            top = node_hash(self.hashes.pop(), top)
            level, index = level + 1, index >> 1
            completed.append(Node(level, index, top))
        self.hashes.append(top)
        self.size += 1
        return completed

    def extend(self, leaf_hashes: Iterable[bytes]) -> list[Node]:
        """Append many leaves by their hashes, level by level: the same as pushing each, and much faster.

        Returns the subtrees of level 1 and above that they complete, ordered by level, then index.
        """
        row = list(leaf_hashes)
        size = self.size + len(row)
        completed: list[Node] = []
        kept: list[bytes] = []
        level = 0
        while size >> level:
            if level:
                completed += map(Node._make, zip(repeat(level), count(self.size >> level), row, strict=False))
            if (self.size >> level) & 1:
                row.insert(0, self.hashes.pop())
            if (size >> level) & 1:
                kept.append(row[-1])
            row = _paired(row)
            level += 1
        self.size, self.hashes = size, kept[::-1]
        return completed

    def root(self) -> bytes:
        """The root of the tree so far, 32 bytes."""
        return folded(self.hashes)

    def packed(self) -> bytes:
        """The hashes one after another, 32 bytes each, the biggest subtree first."""
        return b"".join(self.hashes)

    @classmethod
    def unpacked(cls, size: int, data: bytes) -> "Frontier":
        """The frontier that `packed` wrote.

        Raises:
            ValueError: the bytes are not those of a log of that size.
        """
        return cls(size, (data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)))


def _paired(row: Sequence[bytes]) -> list[bytes]:
    """The row above; a last one without a neighbour is left out."""
    pairs = iter(row)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
