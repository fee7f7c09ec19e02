"""What the log's benchmarks measure on: leaves of favors, and an exported folder as the server would write it."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from exchange.log import keys
from exchange.log.checkpoint import Checkpoint
from exchange.log.leaf import Leaf, canonical, favor_leaf, genesis_leaf
from exchange.log.note import signed
from exchange.log.tiles import TileAt, bundle, tiles_of
from exchange.log.tree import Frontier, leaf_hash

MEMBERS = 500
SIGNER = keys.signer(b"a seed for benchmarks only", "bench.example/g/1")
TITLES = (
    "A place in Saturday’s golf tournament",
    "An introduction at Harborline Freight",
    "An hour on the escrow clause",
    "Read the draft of the lease",
)


def favor_leaves(count: int) -> Iterator[Leaf]:
    """A genesis leaf and favors among 500 members, so many in all."""
    chance = random.Random(5)
    began = datetime(2020, 1, 1, tzinfo=UTC)
    yield genesis_leaf()
    for number in range(1, count):
        giver, receiver = chance.sample(range(1, MEMBERS + 1), 2)
        yield favor_leaf(
            giver=giver,
            receiver=receiver,
            category=chance.choice(("advice", "introduction", "event_place")),
            title=f"{chance.choice(TITLES)} {number}",
            how="receiver",
            tie=False,
            counts=True,
            at=began + timedelta(days=number * 2000 // count),
        )


def exported(folder: Path, leaves: Iterator[Leaf]) -> list[bytes]:
    """Write the folder that `exchange log export` would write of these leaves. Returns the entries."""
    folder.mkdir()
    entries: list[bytes] = []
    with (folder / "openings.jsonl").open("w", encoding="ascii") as file:
        while some := list(islice(leaves, 256)):
            at = TileAt(None, len(entries) // 256, len(some))
            _write(folder / at.path, bundle(leaf.data for leaf in some))
            for index, leaf in enumerate(some, len(entries)):
                file.writelines(
                    f'{{"disclosure":"{opening}","field":"{field}","index":{index}}}\n'
                    for field, opening in sorted(leaf.openings.items())
                )
            entries += [leaf.data for leaf in some]
    root = _write_tiles(folder, entries)
    note = signed(Checkpoint(SIGNER.name, len(entries), root).text(), SIGNER)
    (folder / "checkpoint").write_text(note, encoding="utf-8")
    (folder / "vkey").write_text(f"{SIGNER.vkey}\n", encoding="utf-8")
    names = [canonical({"member": f"m{number}", "name": f"Member {number}"}) for number in range(1, MEMBERS + 1)]
    (folder / "members.jsonl").write_bytes(b"".join(name + b"\n" for name in names))
    return entries


def _write_tiles(folder: Path, entries: Sequence[bytes]) -> bytes:
    frontier = Frontier()
    hashes = [leaf_hash(entry) for entry in entries]
    levels = {0: hashes}
    for node in frontier.extend(hashes):
        if node.level % 8 == 0:
            levels.setdefault(node.level, []).append(node.hash)
    for at in tiles_of(len(entries)):
        if at.level is not None:
            row = levels[at.node_level]
            _write(folder / at.path, b"".join(row[at.indexes.start : at.indexes.stop]))
    return frontier.root()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
