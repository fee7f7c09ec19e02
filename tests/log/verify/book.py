"""A small log in memory, which writes itself out as an export: no database, and no honest server either."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exchange.log import keys, leaf, note, receipt, tiles
from exchange.log.checkpoint import Checkpoint
from exchange.log.proofs import Place, inclusion_proof
from exchange.log.tree import leaf_hash, root

ORIGIN = "exchange.example/g/7f3a"
SEED = b"0123456789abcdef0123456789abcdef"
DAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Book:
    """Leaves and openings as somebody wants them. `gone` are openings that the export will not have."""

    def __init__(self, *, origin: str = ORIGIN, prev: str = "", seed: bytes = SEED) -> None:
        self.signer = keys.signer(seed, origin)
        self.origin = origin
        self.leaves: list[bytes] = []
        self.openings: dict[tuple[int, str], str] = {}
        self.names: dict[int, str] = {}
        self.former: list[bytes] = []
        self.add(leaf.genesis_leaf(prev))

    def add(self, one: leaf.Leaf) -> int:
        """Append a leaf with its openings. Returns its index."""
        index = len(self.leaves)
        self.leaves.append(one.data)
        self.openings |= {(index, field): opening for field, opening in one.openings.items()}
        return index

    def favor(self, giver: int, receiver: int, **said: Any) -> int:
        """`giver` helped `receiver`."""
        given: dict[str, Any] = {
            "category": "advice",
            "title": "An hour",
            "how": "receiver",
            "tie": False,
            "counts": True,
            "at": DAY,
        }
        return self.add(leaf.favor_leaf(giver=giver, receiver=receiver, **(given | said)))

    def correct(self, of: int, *, by: str = "m1", withheld: bool = False) -> int:
        """Void a favor."""
        return self.add(leaf.correction_leaf(of=of, by=by, why="It was another day.", at=DAY, withheld=withheld))

    def erase(self, *what: tuple[int, str], same_as: int | None = None, keep: bool = False) -> int:
        """Say that openings are gone because somebody was forgotten; and let them go."""
        if not keep:
            self.lose(*what)
        return self.add(leaf.erase_leaf(what=list(what), at=DAY, same_as=same_as))

    def forget(self, member: int) -> int:
        """Forget somebody completely, as the server does."""
        mine = {place for place in self.openings if f"m{member}" in str(self.told(*place)).split(",")}
        texts = {(index, name) for index, _ in mine for name in ("what", "why") if (index, name) in self.openings}
        return self.erase(*sorted(mine | texts))

    def decide(self, *, withheld: Collection[str] = ()) -> int:
        """A decision of m1 about m2."""
        words = {"act": "hide", "by": "m1", "rule": "Be kind.", "target": "m2", "why": "It was unkind."}
        return self.add(leaf.decision_leaf(at=DAY, withheld=withheld, **words))

    def redact(self, *what: tuple[int, str], decision: int) -> int:
        """Take texts out by a decision."""
        self.lose(*what)
        return self.add(leaf.redact_leaf(decision=decision, what=list(what), at=DAY))

    def lose(self, *what: tuple[int, str]) -> None:
        """Drop openings without a word."""
        for place in what:
            self.openings.pop(place)

    def told(self, index: int, field: str) -> Any:
        """What an opening tells."""
        return leaf.opened(self.openings[index, field])[1]

    def rewrite(self, index: int, one: leaf.Leaf) -> None:
        """Put another entry in the place of one."""
        for place in [place for place in self.openings if place[0] == index]:
            del self.openings[place]
        self.leaves[index] = one.data
        self.openings |= {(index, field): opening for field, opening in one.openings.items()}

    @property
    def size(self) -> int:
        return len(self.leaves)

    @property
    def vkey(self) -> str:
        return self.signer.vkey

    def checkpoint(self, size: int | None = None) -> str:
        """The signed note over the first `size` entries."""
        size = self.size if size is None else size
        hashes = [leaf_hash(data) for data in self.leaves[:size]]
        return note.signed(Checkpoint(self.origin, size, root(hashes)).text(), self.signer)

    def receipt(self, index: int, *fields: str) -> str:
        """A proof file for an entry, with the openings of these fields, or of all that it has."""
        openings = {name: one for (of, name), one in self.openings.items() if of == index}
        chosen = {name: openings[name] for name in fields or openings}
        extra = receipt.extra_of(self.leaves[index], chosen)
        proof = inclusion_proof(index, self.size, self._hash)
        return receipt.Receipt(index, proof, self.checkpoint(), extra).text()

    def write(self, folder: Path, *, opening: Collection[int] = ()) -> Path:
        """Write the export. What leaves withhold is left out but for the entries in `opening`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checkpoint").write_text(self.checkpoint(), newline="")
        (folder / "vkey").write_text(self.vkey + "\n", newline="")
        for tile in tiles.tiles_of(self.size):
            path = folder / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._tile(tile))
        lines = [
            {"disclosure": one, "field": field, "index": index}
            for (index, field), one in sorted(self.openings.items())
            if index in opening or field not in self._withheld(index)
        ]
        (folder / "openings.jsonl").write_bytes(b"".join(leaf.canonical(line) + b"\n" for line in lines))
        members = [{"member": f"m{number}", "name": name} for number, name in sorted(self.names.items())]
        (folder / "members.jsonl").write_bytes(b"".join(leaf.canonical(line) + b"\n" for line in members))
        if self.former:
            (folder / "former.jsonl").write_bytes(b"".join(one + b"\n" for one in self.former))
        return folder

    def _withheld(self, index: int) -> Sequence[str]:
        try:
            return list(json.loads(self.leaves[index]).get("withheld", ()))
        except (ValueError, AttributeError, TypeError):
            return []

    def _tile(self, tile: tiles.TileAt) -> bytes:
        if tile.level is None:
            return tiles.bundle(self.leaves[index] for index in tile.indexes)
        return b"".join(self._hash((tile.node_level, index)) for index in tile.indexes)

    def _hash(self, place: Place) -> bytes:
        level, index = place
        if level == 0:
            return leaf_hash(self.leaves[index])
        return root([leaf_hash(data) for data in self.leaves[index << level : (index + 1) << level]])
