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
from exchange.log.verify.former import compare_former, former_of, former_roots
from exchange.log.verify.openings import offsets
from exchange.log.verify.receipts import Receipts, former_receipts
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
        genesis = place.entries(0, checkpoint.size)[0] if checkpoint.size else b""
        former = former_of(genesis)
        everything = [one for some in kept.values() for one in some]
        memory = sorted_out(everything, origin=checkpoint.origin, former=former.origin if former else "", vkey=vkey)
        _nothing_in(kept, memory, report)
        sizes = {checkpoint.size, *memory.sizes, *([former.size] if former else [])}
        cuts = sorted(size for size in sizes if size <= checkpoint.size)
        workers = processes or _processors(checkpoint.size)
        log = joined(_stretches(place, checkpoint.size, cuts, workers, at_once, progress or _quietly))
        report.findings.take(log.findings)
        found = roots(log.blocks, log.parts, cuts)
        _check_tree(place, checkpoint, log, found[checkpoint.size], report)
        rules = _read_rules(log, report)
        names = place.names()
        _count(log, names, report)
        compare(memory, checkpoint, found, report)
        if former:
            entries = place.entries(0, checkpoint.size)
            before = former_roots(entries, log.blocks, log.parts, cuts)
            compare_former(former, memory.former, checkpoint.size, before, report)
            former_receipts(memory.former_receipts, former.origin, report)
        receipts = Receipts(place, checkpoint.size, rules, names=names, mine=mine, report=report)
        for one in memory.receipts:
            receipts.compare(one, vkey)
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


def _nothing_in(kept: dict[Path, list[Remembered]], memory: Memory, report: Report) -> None:
    """Say which files are of other logs, and fail for a file that holds nothing of this one."""
    report.notes += [
        f"{where} is of another log, {origin}, and was left aside." for origin, where in dict.fromkeys(memory.strange)
    ]
    ours = {one.kept for one in memory.own + memory.former} | set(memory.other_keys)
    for path, some in kept.items():
        if not any(one in ours or memory.keys.get(one.vkey.partition("+")[0]) == one.vkey for one in some):
            report.findings.add(
                None, f"{path.name} holds no checkpoint and no receipt of this log: nothing was compared."
            )


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


def _count(log: Stretch, names: dict[int, str], report: Report) -> None:
    report.balances = balances(log, names)
    report.favors = favors(log)
