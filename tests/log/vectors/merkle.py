"""The public test vectors for proofs, made again by their rules; a digest says that they are the same values.

transparency-dev/merkle at commit 417fb0c publishes 98 inclusion and 98 consistency proofs as files in
`testdata/{inclusion,consistency}`: a few right ones over the eight leaves of the classic tree, what comes of each when
one thing is changed, and a few over no tree at all. Of those files only a digest over all of their values is kept.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from exchange.log.proofs import consistency_proof, inclusion_proof
from exchange.log.tree import EMPTY_ROOT, leaf_hash, root

DATA = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
LEAVES = [leaf_hash(bytes.fromhex(data)) for data in DATA]
WORD = 1 << 64

# What stands in the files where a hash has nothing to do with the tree.
RANDOM = bytes.fromhex("abacaba0") + bytes(20) + bytes.fromhex("60061e00123456").rjust(8, b"\0")
SINGLE = bytes.fromhex("0d3aed023148ffd2a259fbd0cdc7fb3cf975658760d3775b82af6f90aacc2dfc")
WRONG_LEAF, WRONG_ROOT, ONE, TWO = b"WrongLeaf", b"WrongRoot", b"don't care 1", b"don't care 2"


class Inclusion(NamedTuple):
    """A claim that the leaf `index` stands in a tree of `size`, and whether it does."""

    index: int  # type: ignore[assignment]  # hides a method of tuples, which nobody calls here
    size: int
    leaf: bytes
    root: bytes
    proof: list[bytes]
    right: bool = False


class Consistency(NamedTuple):
    """A claim that a tree of `size` continues one of `old`, and whether it does."""

    old: int
    size: int
    old_root: bytes
    root: bytes
    proof: list[bytes]
    right: bool = False


def digest(cases: Sequence[Inclusion | Consistency]) -> str:
    """SHA-256 over all values of all cases, whatever their order."""
    lines = [json.dumps([_readable(value) for value in case]) for case in cases]
    return sha256("\n".join(sorted(lines)).encode()).hexdigest()


def inclusions() -> Iterator[Inclusion]:
    """All 98."""
    for index, size in ((0, 1), (0, 8), (5, 8), (2, 3), (1, 5)):
        right = Inclusion(index, size, LEAVES[index], root(LEAVES[:size]), inclusion_proof(index, size, _hash), True)
        yield right
        for changes in _other_places(right), _other_hashes(right), _other_proofs(right):
            yield from (one._replace(right=False) for one in changes)
    for index, size in ((0, 0), (0, 1), (1, 0), (2, 1)):
        yield from (
            Inclusion(index, size, *both, []) for both in ((RANDOM, EMPTY_ROOT), (b"", EMPTY_ROOT), (RANDOM, b""))
        )
    yield Inclusion(0, 1, SINGLE, SINGLE, [], True)
    yield from (Inclusion(0, 1, *both, []) for both in ((b"", SINGLE), (SINGLE, b""), (b"", b"")))


def consistencies() -> Iterator[Consistency]:
    """All 98."""
    yield Consistency(1, 1, root(LEAVES[:1]), root(LEAVES[:1]), [], True)
    for old, size in ((1, 8), (6, 8), (2, 5), (6, 7)):
        roots = root(LEAVES[:old]), root(LEAVES[:size])
        right = Consistency(old, size, *roots, consistency_proof(old, size, _hash), True)
        yield right
        yield from (one._replace(right=False) for one in _other_trees(right))
        yield from (right._replace(proof=proof, right=False) for proof in _other_steps(right))
    yield Consistency(1, 1, TWO, TWO, [], True)
    for sizes in ((0, 0), (1, 1)):
        yield from (Consistency(*sizes, *roots, []) for roots in ((ONE, TWO), (EMPTY_ROOT, TWO)))
        yield Consistency(*sizes, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT])
    yield Consistency(0, 0, ONE, ONE, [])
    yield from (Consistency(*sizes, ONE, TWO, []) for sizes in ((0, 1), (1, 0), (1, 2), (2, 1)))
    yield Consistency(0, 1, EMPTY_ROOT, TWO, [])
    yield Consistency(0, 1, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT])


def _other_places(one: Inclusion) -> Iterator[Inclusion]:
    for index in (one.index - 1) % WORD, one.index + 1, one.index ^ 2:
        yield one._replace(index=index)
    for size in one.size * 2, one.size // 2:
        yield one._replace(size=size)


def _other_hashes(one: Inclusion) -> Iterator[Inclusion]:
    yield one._replace(leaf=WRONG_LEAF)
    yield from (one._replace(root=root) for root in (EMPTY_ROOT, RANDOM))


def _other_proofs(one: Inclusion) -> Iterator[Inclusion]:
    for more in b"", one.root:
        yield one._replace(proof=[*one.proof, more])
        yield one._replace(proof=[more, *one.proof])
    for place, _ in enumerate(one.proof):
        yield one._replace(proof=_flipped(one.proof, place, 3))
    if one.proof:
        yield one._replace(proof=one.proof[:-1])
    if len(one.proof) > 1:
        yield one._replace(proof=[one.proof[0], RANDOM, *one.proof[1:]])


def _other_trees(one: Consistency) -> Iterator[Consistency]:
    for old in one.old - 1, one.old + 1, one.old ^ 2:
        yield one._replace(old=old)
    for size in one.size * 2, one.size // 2:
        yield one._replace(size=size)
    yield one._replace(old_root=WRONG_ROOT)
    yield one._replace(root=WRONG_ROOT)
    yield one._replace(old_root=one.root, root=one.old_root)


def _other_steps(one: Consistency) -> Iterator[list[bytes]]:
    yield []
    for more in b"", one.old_root, one.root:
        yield [*one.proof, more]
        yield [more, *one.proof]
    yield [one.proof[0], *one.proof]
    yield one.proof[:-1]
    for place, _ in enumerate(one.proof):
        yield _flipped(one.proof, place, 4)


def _flipped(proof: list[bytes], place: int, bit: int) -> list[bytes]:
    first, rest = proof[place][0], proof[place][1:]
    return [*proof[:place], bytes([first ^ 1 << bit]) + rest, *proof[place + 1 :]]


def _hash(place: tuple[int, int]) -> bytes:
    level, index = place
    return root(LEAVES[index << level : index + 1 << level])


def _readable(value: object) -> object:
    if isinstance(value, list):
        return [_readable(one) for one in value]
    return b64encode(value).decode() if isinstance(value, bytes) else value
