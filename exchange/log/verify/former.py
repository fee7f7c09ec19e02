"""A log that was begun anew: its genesis holds the last checkpoint of the log that it continues.

Entries 1 and above are copies, byte for byte, at the same indexes, so that only entry 0 differs between the two.
"""

from collections.abc import Mapping, Sequence

from exchange.log.checkpoint import Checkpoint, parsed
from exchange.log.note import BadNote
from exchange.log.tiles import WIDTH
from exchange.log.tree import leaf_hash, root
from exchange.log.verify.compare import Older
from exchange.log.verify.leaves import BadLeaf
from exchange.log.verify.leaves import parsed as parsed_leaf
from exchange.log.verify.report import Report, counted
from exchange.log.verify.roots import roots

FIRST_GENESIS = b'{"k":"genesis","prev":"","v":1}'


def former_of(genesis: bytes) -> Checkpoint | None:
    """The last checkpoint of the log that this one continues; None where it continues none, or says so wrongly."""
    try:
        leaf = parsed_leaf(genesis)
        note = leaf.said["prev"] if leaf.kind == "genesis" else ""
        return parsed(note.rpartition("\n\n")[0] + "\n") if note else None
    except (BadLeaf, BadNote):
        return None


def former_roots(
    entries: Sequence[bytes], blocks: Sequence[bytes], parts: Mapping[int, bytes], sizes: Sequence[int]
) -> dict[int, bytes]:
    """The roots that the former log had at these sizes if its entries were these; `entries` are the first bundle's."""
    hashes = [leaf_hash(FIRST_GENESIS), *map(leaf_hash, entries[1:])]
    first = {size: root(hashes[:size]) for size in sizes if size < WIDTH}
    return roots([root(hashes), *blocks[1:]] if blocks else [], {**parts, **first}, sizes)


def compare_former(
    former: Checkpoint, older: Sequence[Older], size: int, found: Mapping[int, bytes], report: Report
) -> None:
    """Compare remembered checkpoints of the former log with the entries that were taken over from it."""
    if former.size > size or found[former.size] != former.root:
        report.notes.append(
            f"This log continues {former.origin}, whose last checkpoint signed "
            f"{counted(former.size, 'entry', 'entries')}; they are not all here as they were. The organisers must have "
            "told you why it was begun anew, and what was lost."
        )
    else:
        report.notes.append(
            f"This log continues {former.origin}: its {counted(former.size, 'entry', 'entries')} are all here."
        )
    for one in sorted(older, key=lambda older: older.size):
        unsigned = f" Its signature was not checked, because {one.wrong}." if one.wrong else ""
        if one.size > former.size:
            sentence = (
                f"{one.kept.where} remembers {one.size:,} entries of {former.origin}, and this log, which continues "
                f"it, says that it had {former.size:,}: the last ones were left out when it was begun anew. Ask the "
                "organisers."
            )
            report.findings.add(former.size, sentence + unsigned)
        elif one.size > size or found[one.size] != one.checkpoint.root:
            sentence = (
                f"The first {one.size:,} entries are not those of {former.origin} that {one.kept.where} remembers: "
                "entries were changed or lost when the log was begun anew. Ask the organisers, who have the old log."
            )
            report.findings.add(None, sentence + unsigned)
        else:
            report.compared.append(
                f"{one.kept.where}: the first {counted(one.size, 'entry', 'entries')}, as {former.origin} had "
                f"them{unsigned}"
            )
