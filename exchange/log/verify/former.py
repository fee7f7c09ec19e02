"""A log that was begun anew: its genesis holds the last checkpoint of the log that it continues.

Entries 1 and above are copies, byte for byte, at the same indexes, so that only entry 0 differs between the two. What
that was stands in `former.jsonl`; nobody needs to believe it, since another one would give other roots.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from exchange.log.checkpoint import Checkpoint, parsed
from exchange.log.note import BadNote
from exchange.log.tiles import WIDTH
from exchange.log.tree import leaf_hash, root
from exchange.log.verify.compare import Older
from exchange.log.verify.leaves import BadLeaf
from exchange.log.verify.leaves import parsed as parsed_leaf
from exchange.log.verify.report import Report, counted
from exchange.log.verify.roots import roots
from exchange.log.verify.stretch import Stretch

FIRST_GENESIS = b'{"k":"genesis","prev":"","v":1}'


class Former(NamedTuple):
    """A log that was continued: its last checkpoint, which nobody verified, and its first entry."""

    checkpoint: Checkpoint
    genesis: bytes


def formers(genesis: bytes, before: Sequence[bytes]) -> list[Former]:
    """The logs that a log continues, the latest first; `before` are their first entries, as far as they are known."""
    found = []
    checkpoint = _continued(genesis)
    for first in [*before, FIRST_GENESIS]:
        if checkpoint is None:
            break
        found.append(Former(checkpoint, first))
        checkpoint = _continued(first)
    return found


def _continued(genesis: bytes) -> Checkpoint | None:
    """The last checkpoint of the log that this genesis continues; None where it continues none, or says so wrongly."""
    try:
        leaf = parsed_leaf(genesis)
        note = leaf.said["prev"] if leaf.kind == "genesis" else ""
        return parsed(note.rpartition("\n\n")[0] + "\n") if note else None
    except (BadLeaf, BadNote):
        return None


def compare_former(
    former: Former, older: Sequence[Older], entries: Sequence[bytes], log: Stretch, report: Report
) -> None:
    """Compare a former log's last checkpoint, and remembered ones, with what was taken over from it.

    `entries` are those of the log's first bundle. The log was read with the sizes of these checkpoints as its cuts.
    """
    last, size = former.checkpoint, len(log.marks)
    found = _roots(former, entries, log, [one for one in (last.size, *(one.size for one in older)) if one <= size])
    if found.get(last.size) == last.root:
        report.notes.append(
            f"This log continues {last.origin}: its {counted(last.size, 'entry', 'entries')} are all here."
        )
    else:
        report.notes.append(
            f"This log continues {last.origin}, whose last checkpoint signed {counted(last.size, 'entry', 'entries')}; "
            "they are not all here as they were. Ask the organisers why the log was begun anew, and what was lost."
        )
    for one in sorted(older, key=lambda older: older.size):
        unsigned = f" Its signature was not checked, because {one.wrong}." if one.wrong else ""
        if one.size > last.size:
            sentence = (
                f"{one.kept.where} remembers {one.size:,} entries of {last.origin}, and this log, which continues it, "
                f"says that it had {last.size:,}: the others were left out when it was begun anew. Ask the organisers "
                "for them."
            )
            report.findings.add(last.size, sentence + unsigned)
        elif found.get(one.size) != one.checkpoint.root:
            sentence = (
                f"The first {one.size:,} entries are not those of {last.origin} that {one.kept.where} remembers: "
                "entries were changed or lost when the log was begun anew. Ask the organisers, who have the old log."
            )
            report.findings.add(None, sentence + unsigned)
        else:
            many = counted(one.size, "entry", "entries")
            report.compared.append(f"{one.kept.where}: the first {many}, as {last.origin} had them{unsigned}")


def _roots(former: Former, entries: Sequence[bytes], log: Stretch, sizes: Sequence[int]) -> Mapping[int, bytes]:
    """The roots that the former log had at these sizes if its entries were these."""
    hashes = [leaf_hash(former.genesis), *map(leaf_hash, entries[1:])]
    first = {size: root(hashes[:size]) for size in sizes if size < WIDTH}
    blocks = [root(hashes), *log.blocks[1:]] if log.blocks else []
    return roots(blocks, log.parts | first, sizes)
