"""The whole verification, step by step."""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from exchange.log.checkpoint import Checkpoint, read, short_code
from exchange.log.note import BadNote, to_base64
from exchange.log.tiles import WIDTH
from exchange.log.verify.bundles import checked
from exchange.log.verify.compare import Memory, compare, sorted_out
from exchange.log.verify.counts import balances, favors
from exchange.log.verify.folder import Folder, Unreadable
from exchange.log.verify.former import Former, compare_former, formers
from exchange.log.verify.openings import offsets
from exchange.log.verify.receipts import Receipts
from exchange.log.verify.remembered import Remembered, found_in
from exchange.log.verify.report import Report
from exchange.log.verify.roots import roots, wrong_tiles
from exchange.log.verify.rules import Rules
from exchange.log.verify.stretch import FAVOR, Stretch, joined
from exchange.log.verify.surplus import check_surplus

AT_ONCE = 64  # bundles in a stretch
WORTH_A_PROCESS = 50_000  # entries
FILES_NAMED = 20

Progress = Callable[[int, int], None]


def verify(
    folder: Path,
    against: Sequence[Path] = (),
    *,
    mine: Collection[int] = (),
    progress: Progress | None = None,
    processes: int | None = None,
    at_once: int = AT_ONCE,
) -> Report:
    """Check an exported log, and compare it with what `against` holds: checkpoints, letters, mailboxes, receipts, keys.

    `mine` are the member numbers of whoever asks: nothing of theirs may have been forgotten. `progress` is called with
    the number of entries that were read, and of all. A big log is read in as many processes as there are processors,
    unless `processes` says how many. Nothing is raised: what cannot be read is a failure in the report, too.
    """
    report = Report()
    try:
        place = Folder(folder)
        kept = {path: found_in(path) for path in against}
        checkpoint, vkey = _signed(place, report)
        _all_here(place, checkpoint.size, report)
        first = place.entries(0, checkpoint.size) if checkpoint.size else []
        before = formers(first[0], place.former()) if first else []
        memory = _memory(kept, checkpoint, vkey, before, report)
        sizes = {checkpoint.size, *(one.size for one in memory.older), *(one.checkpoint.size for one in before)}
        cuts = sorted(size for size in sizes if size <= checkpoint.size)
        workers = processes or _processors(checkpoint.size)
        log = joined(_stretches(place, checkpoint.size, cuts, workers, at_once, progress or _quietly))
        report.findings.take(log.findings)
        found = roots(log.blocks, log.parts, cuts)
        _check_tree(place, checkpoint, log, found[checkpoint.size], report)
        rules = _read_rules(log, report)
        names = place.names()
        report.balances, report.favors = balances(log, names), favors(log)
        compare(memory, checkpoint, found, report)
        for former in before:
            compare_former(former, memory.former[former.checkpoint.origin], first, log, report)
        receipts = Receipts(place, checkpoint.size, rules, names=names, mine=mine, report=report)
        receipts.compare_all(memory)
    except Unreadable as error:
        report.findings.add(None, str(error))
    return report


def _signed(place: Folder, report: Report) -> tuple[Checkpoint, str]:
    note, vkey = place.text("checkpoint"), place.text("vkey").strip()
    try:
        checkpoint = read(note, vkey)
    except BadNote as error:
        raise Unreadable(
            f"The checkpoint of this export is not signed by the key in its file “vkey”: {error} So nobody answers for "
            "the rest, and it was not looked at. Make the export again, or ask whoever made it."
        ) from error
    report.origin, report.size = checkpoint.origin, checkpoint.size
    report.root, report.code = to_base64(checkpoint.root), short_code(note)
    return checkpoint, vkey


def _all_here(place: Folder, size: int, report: Report) -> None:
    lacking = list(place.lacking(size))
    for sentence in lacking[:FILES_NAMED]:
        report.findings.add(None, sentence)
    if not place.openings.is_file():
        raise Unreadable("openings.jsonl is missing, so nobody can read who helped whom: ask whoever made the export.")
    if any("entries" in sentence for sentence in lacking):
        raise Unreadable(
            f"{len(lacking):,} files of the log are missing, so its root cannot be rebuilt. The checkpoint promises "
            f"{size:,} entries: ask whoever made the export for the rest."
        )


def _memory(
    kept: dict[Path, list[Remembered]], checkpoint: Checkpoint, vkey: str, before: Sequence[Former], report: Report
) -> Memory:
    """What the files hold of this log. Says which are of other logs; a file that holds nothing of this one is a "
    "failure."""
    everything = [one for some in kept.values() for one in some]
    former = [one.checkpoint.origin for one in before]
    memory = sorted_out(everything, origin=checkpoint.origin, former=former, vkey=vkey)
    report.notes += [
        f"{where} is of another log, {origin}, and was left aside." for origin, where in dict.fromkeys(memory.strange)
    ]
    ours = {one.kept for one in memory.older} | set(memory.other_keys)
    names = {checkpoint.origin, *former}
    for path, some in kept.items():
        if not any(one in ours or one.vkey.partition("+")[0] in names for one in some):
            sentence = f"{path.name} holds no checkpoint, receipt or key of this log: nothing was compared with it."
            report.findings.add(None, sentence)
    return memory


def _processors(size: int) -> int:
    if size < WORTH_A_PROCESS or sys.platform != "linux":
        return 1
    return len(os.sched_getaffinity(0))


def _quietly(done: int, of: int) -> None:
    """Nobody looks on."""


def _stretches(
    place: Folder, size: int, cuts: Sequence[int], workers: int, at_once: int, progress: Progress
) -> Iterator[Stretch]:
    last = -(-size // WIDTH)
    starts = list(range(0, last, at_once))
    bundles = [range(start, min(start + at_once, last)) for start in starts]
    marks = [*offsets(place.openings, [start * WIDTH for start in starts]), place.openings.stat().st_size]
    marks[0] = 0  # whatever stands before the first line belongs to the first stretch
    spans = list(pairwise(marks))
    within = [[cut for cut in cuts if cut // WIDTH in some] for some in bundles]
    work = partial(checked, place, size)
    if workers == 1:
        yield from _told(map(work, bundles, spans, within), size, progress)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        yield from _told(pool.map(work, bundles, spans, within), size, progress)


def _told(stretches: Iterable[Stretch], size: int, progress: Progress) -> Iterator[Stretch]:
    for one in stretches:
        progress(one.first + len(one.marks), size)
        yield one


def _check_tree(place: Folder, checkpoint: Checkpoint, log: Stretch, root: bytes, report: Report) -> None:
    if root != checkpoint.root:
        sentence = (
            f"The {checkpoint.size:,} entries do not give the root that the checkpoint signs: entries were changed, "
            "dropped or reordered after it was signed. Ask whoever made the export; if the server gives it out like "
            "this, somebody wrote into its database."
        )
        report.findings.add(None, sentence)
    for tile in wrong_tiles(place, checkpoint.size, log.blocks):
        report.findings.add(
            None, f"{tile.path} is not what the entries give: other programs would find another log there."
        )
    check_surplus(place, checkpoint.size, report)


def _read_rules(log: Stretch, report: Report) -> Rules:
    rules = Rules(log)
    rules.read()
    report.findings.take(rules.findings)
    report.entries["favor"] = sum(bool(mark & FAVOR) for mark in log.marks)
    for leaf in log.others.values():
        report.entries[leaf.kind] += 1
    report.openings = rules.tally
    return rules
