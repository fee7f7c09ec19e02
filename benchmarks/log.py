"""The log's figures beside their limits, and the peers that they are held against, measured in the same run.

    python -m benchmarks.log

Ratios only mean something within one run. The floor F is CPython hashing all entries and building the tree, nothing
else: two hashes for each entry. A whole export has six openings for each entry besides, each with a hash of its own;
the floor O is F and CPython hashing them. The second peer is pymerkle's SqliteTree. EXCHANGE_BENCH_ENTRIES (1,000,000)
says how many entries there are; the database gets a tenth of them. Exit status 1 where a limit is missed. PostgreSQL
is the server that EXCHANGE_TEST_POSTGRES_URL names, or one of our own.
"""

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, NamedTuple

from pymerkle import SqliteTree

from benchmarks.log_tables import Tables, tables
from benchmarks.log_world import exported, favor_leaves
from exchange.log.checkpoint import read
from exchange.log.tiles import WIDTH, TileAt
from exchange.log.tree import Frontier, leaf_hash, root
from exchange.log.verify.folder import Folder
from exchange.log.verify.roots import roots, wrong_tiles
from exchange.log.verify.run import verify

ENTRIES = int(os.environ.get("EXCHANGE_BENCH_ENTRIES", "1000000"))
ROUNDS = int(os.environ.get("EXCHANGE_BENCH_ROUNDS", "5"))
PROOFS = 2_000
COMMITS = 500
AT_ONCE = 5_000


class Figure(NamedTuple):
    """One line: what was measured, its value in words, what it is held to, and whether it keeps to that."""

    what: str
    value: str
    limit: str
    kept: bool


def main() -> int:
    """Measure everything, print each figure when it is there. Returns the exit status."""
    missed = 0
    with TemporaryDirectory(prefix="exchange-bench-") as name:
        folder = Path(name)
        for measure in (in_memory, in_sqlite, in_postgres):
            for figure in apart(listed, measure, folder):
                missed += not figure.kept
                verdict = "ok" if figure.kept else "MISSED"
                print(f"{figure.what:<58}{figure.value:>34}   {figure.limit:<24}{verdict}", flush=True)
    return 1 if missed else 0


def apart(measured: Callable[..., Any], *given: Any) -> Any:
    """What something gives in a process of its own: what a million entries leave in memory slows what follows."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measured, *given).result()


def listed(measure: Callable[[Path], Iterator[Figure]], folder: Path) -> list[Figure]:
    """All figures of one measurement."""
    return list(measure(folder))


def floor(entries: list[bytes]) -> bytes:
    """The root, with hashlib alone: RFC 6962 section 2.1, level by level."""
    row = [sha256(b"\x00" + entry).digest() for entry in entries]
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        pairs = iter(row)
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)] + odd
    return row[0]


def hashing(export: Path) -> float:
    """Seconds that the digests of all openings take, with hashlib alone (RFC 9901 section 4.2.3)."""
    with (export / "openings.jsonl").open("rb") as file:
        openings = [line.split(b'"', 4)[3] for line in file]
    return best(lambda: [sha256(opening).digest() for opening in openings])


def rooting(export: Path) -> float:
    """Seconds that reading an export takes."""
    return best(lambda: rooted(export))


def verified(export: Path) -> tuple[float, float, float]:
    """Seconds of the whole verification; in one process; and of the processor in that."""
    report = verify(export)
    assert report.holds, report.sentences
    whole = best(lambda: verify(export))
    begun = process_time()
    return whole, timed(lambda: verify(export, processes=1)), process_time() - begun


def rooted(folder: Path) -> None:
    """Read an export in one process as far as the root needs it: no opening, no leaf taken apart."""
    place = Folder(folder)
    checkpoint = read(place.text("checkpoint"), place.text("vkey").strip())
    blocks, parts = [], {}
    for n in range(-(-checkpoint.size // WIDTH)):
        hashes = [leaf_hash(entry) for entry in place.entries(n, checkpoint.size)]
        assert place.read(TileAt(0, n, len(hashes))) == b"".join(hashes)
        if len(hashes) == WIDTH:
            blocks.append(root(hashes))
        else:
            parts[checkpoint.size] = root(hashes)
    assert roots(blocks, parts, [checkpoint.size])[checkpoint.size] == checkpoint.root
    assert not list(wrong_tiles(place, checkpoint.size, blocks))


def appended(entries: list[bytes]) -> bytes:
    """The root, with our own frontier, which also gives every node to be stored."""
    frontier = Frontier()
    frontier.extend([leaf_hash(entry) for entry in entries])
    return frontier.root()


def in_memory(folder: Path) -> Iterator[Figure]:
    """Hashing, appending, and verifying a whole export, which has six openings for each entry."""
    begun = perf_counter()
    export = folder / "export"
    entries = exported(export, favor_leaves(ENTRIES))
    size = sum(file.stat().st_size for file in export.rglob("*") if file.is_file())
    made = f"{size / 1e6:,.0f} MB, made in {perf_counter() - begun:.0f} s"
    yield Figure(f"an export of {ENTRIES:,} entries with all openings", made, "", kept=True)
    base, ours = tree_times(entries)
    del entries
    yield Figure("floor F: hashing and the tree in CPython, one core", f"{base:.2f} s", "", kept=True)
    yield ratio("appending in memory", ours, base, 3)
    yield ratio("reading an export: signature, bundles, tiles, root", apart(rooting, export), base, 2.5)
    most = base + apart(hashing, export)
    yield Figure("floor O: F, and hashing all openings", f"{most:.2f} s = {most / base:.2f} F", "", kept=True)
    whole, alone, spent = apart(verified, export)
    said = f"{whole:.2f} s = {whole / most:.2f} O = {whole / base:.2f} F"
    yield Figure("verifying all of it, as the command does", said, "at most 2.5 O", kept=whole <= 2.5 * most)
    said = f"{alone:.2f} s, {spent:.2f} s of the processor"
    yield Figure("  the same in one process", said, "", kept=True)
    shutil.rmtree(export)


def tree_times(entries: list[bytes]) -> tuple[float, float]:
    """Seconds of the floor and of our own append, taken in turns."""
    assert floor(entries) == appended(entries)
    both = [(timed(lambda: floor(entries)), timed(lambda: appended(entries))) for _ in range(ROUNDS)]
    return min(base for base, _ in both), min(ours for _, ours in both)


def in_sqlite(folder: Path) -> Iterator[Figure]:
    """Appends and proofs in SQLite, and pymerkle's proofs over as many entries in a file of its own."""
    with tables("sqlite", folder) as log:
        yield from appends("SQLite", log, least=0.6)
        grown(log)
        ours = log.proofs(PROOFS)
        yield from proofs("SQLite", ours)
    first, again = pymerkles(folder / "pymerkle.sqlite")
    times = again / median(ours)
    said = f"{first * 1e3:.2f} ms, {again * 1e3:.2f} ms = {times:.1f} times ours"
    yield Figure(
        f"  pymerkle {version('pymerkle')}, median, first and again", said, "at least 3 times", kept=times >= 3
    )


def in_postgres(folder: Path) -> Iterator[Figure]:
    """Appends and proofs in PostgreSQL."""
    with tables("postgres", folder) as log:
        yield from appends("PostgreSQL", log, least=0.45)
        grown(log)
        yield from proofs("PostgreSQL", log.proofs(PROOFS))


def appends(name: str, log: Tables, *, least: float) -> Iterator[Figure]:
    """How many transactions with an entry are committed for each one without, all of them durably.

    The limit is for the entry, its nodes and its head, four statements as in references/log.md; the openings and whom
    they are about come on top.
    """
    leaves = list(favor_leaves(ROUNDS * COMMITS + 1))[1:]
    bare = [leaf.without(leaf.openings) for leaf in leaves]
    alone, entry, whole = 0.0, 0.0, 0.0
    for start in range(0, len(leaves), COMMITS):
        some = slice(start, start + COMMITS)
        alone = max(alone, COMMITS / timed(partial(log.business, COMMITS)))
        entry = max(entry, COMMITS / timed(partial(log.business_and_log, bare[some])))
        whole = max(whole, COMMITS / timed(partial(log.business_and_log, leaves[some])))
    yield Figure(f"{name}: business transactions alone", f"{alone:,.0f} a second", "", kept=True)
    said = f"{entry:,.0f} a second = {entry / alone:.2f}"
    yield Figure(f"{name}: with their entry", said, f"at least {least}", kept=entry >= least * alone)
    said = f"{whole:,.0f} a second = {whole / alone:.2f}"
    yield Figure("  and all openings of the entry", said, "", kept=True)


def grown(log: Tables) -> None:
    """Fill the log up to a tenth of all entries."""
    leaves = [leaf.without(leaf.openings) for leaf in favor_leaves(ENTRIES // 10)]
    for start in range(0, len(leaves), AT_ONCE):
        log.grow(leaves[start : start + AT_ONCE])


def proofs(name: str, spent: list[float]) -> Iterator[Figure]:
    """The slowest twentieth, in process."""
    p95 = quantiles(spent, n=20)[-1] * 1e3
    said = f"median {median(spent) * 1e3:.2f} ms, p95 {p95:.2f} ms"
    yield Figure(f"{name}: a proof at {ENTRIES // 10:,} entries", said, "p95 at most 5 ms", kept=p95 <= 5)


def pymerkles(file: Path) -> tuple[float, float]:
    """Median seconds of a proof from pymerkle's SqliteTree: each for the first time, and once its cache knows them."""
    tree = SqliteTree(str(file))
    tree.append_entries([leaf.data for leaf in favor_leaves(ENTRIES // 10)])
    size = tree.get_size()
    chance = random.Random(7)
    places = [chance.randrange(size) + 1 for _ in range(PROOFS)]
    first, again = (median(timed(partial(tree.prove_inclusion, place, size)) for place in places) for _ in range(2))
    tree.close()
    return first, again


def ratio(what: str, spent: float, base: float, most: float) -> Figure:
    """So many times the floor."""
    return Figure(what, f"{spent:.2f} s = {spent / base:.2f} F", f"at most {most} F", kept=spent <= most * base)


def best(measured: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of several times, in seconds."""
    return min(timed(measured) for _ in range(rounds))


def timed(measured: Callable[[], object]) -> float:
    """Seconds."""
    begun = perf_counter()
    measured()
    return perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
