"""The weekly letter's figures beside their limits, and the naive design beside them, measured in the same run.

    python -m benchmarks.digest [--readers 100000] [--database sqlite|postgres] [--rounds 5]

So many members are in three groups with 5,000 posts; three in ten find nothing new. A tenth of them is measured, too,
to see that time grows no faster than they do. Without --database, both are measured. Two workers send to
Postfix's smtp-sink, which discards what it takes, on the same machine. The peer is the naive design: for each reader
statements of their own, an e-mail of the standard package and a connection of its own. Exit status 1 where a limit is
missed. PostgreSQL is the server that EXCHANGE_TEST_POSTGRES_URL names, or one of our own. What other programs do on the
machine shows in the seconds, less so in the processor's; ratios only mean something within one run.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.digest_sending import Sent, Sink, found, round_of, sink, statements
from benchmarks.digest_world import POSTS, site

DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
READERS = 200  # for whom statements are counted
PEER = 50  # letters of each of its workers
MEMORY, LEAST, GROWS = 150, 1_000, 1.15


class Figure(NamedTuple):
    """One line: what was measured, its value in words, what it is held to, and whether it keeps to that."""

    what: str
    value: str
    limit: str = ""
    kept: bool = True


def asked() -> Namespace:
    """What is to be measured."""
    parser = ArgumentParser(prog="python -m benchmarks.digest")
    parser.add_argument("--readers", type=int, default=int(os.environ.get("EXCHANGE_BENCH_READERS", "100000")))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("EXCHANGE_BENCH_ROUNDS", "5")))
    parser.add_argument("--database", choices=DATABASES, action="append")
    return parser.parse_args()


def main() -> int:
    """Measure everything, print each figure when it is there. Returns the exit status."""
    what = asked()
    if not found():
        print("The weekly letter's figures need Postfix's smtp-sink. Install it: apt-get install postfix")
        return 1
    missed = 0
    with TemporaryDirectory(prefix="exchange-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with sink(folder) as taker:
            for kind in what.database or DATABASES:
                for figure in measured(kind, what.readers, what.rounds, folder, taker):
                    missed += not figure.kept
                    verdict = "ok" if figure.kept else "MISSED"
                    print(f"{figure.what:<62}{figure.value:>48}   {figure.limit:<18}{verdict}", flush=True)
            print(f"smtp-sink: {taker.cost()[1]:.0f} MB. It discards what it takes.")
    return 1 if missed else 0


def measured(kind: str, most: int, rounds_of_each: int, folder: Path, taker: Sink) -> Iterator[Figure]:
    """A tenth of the readers first, then all of them."""
    name = DATABASES[kind]
    spent = []
    for readers in (most // 10, most):
        with site(kind, folder / f"{kind}-{readers}", readers, taker.url) as settings:
            yield Figure(f"{name}, {readers:,} members in 3 groups, {POSTS:,} posts", "")
            rounds = [round_of(settings, taker) for _ in range(rounds_of_each)]
            yield from speed(rounds)
            if readers == most:
                yield from once(statements(settings, READERS), statements(settings, 20))
                yield peer(rounds, round_of(settings, taker, peer=PEER))
            spent.append(median(sum(one.processor for one in each.workers) / each.sent for each in rounds))
    said = f"{spent[1] * 1e3:.2f} after {spent[0] * 1e3:.2f} ms of the processor"
    yield Figure(f"{name}: a letter of {most:,} readers' and of a tenth", said, f"at most {GROWS}", grows(*spent))


def grows(tenth: float, whole: float) -> bool:
    """Whether a letter of many costs no more than one of few, within 15%."""
    return whole <= GROWS * tenth


def speed(rounds: list[Sent]) -> Iterator[Figure]:
    """Letters a second over both workers, and what they cost."""
    rates = [each.sent / each.seconds for each in rounds]
    said = f"{median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f} in {len(rates)})"
    yield Figure("  letters a second over two workers", said, f"at least {LEAST:,}", median(rates) >= LEAST)
    per_second = median(each.sent / sum(one.processor for one in each.workers) for each in rounds)
    sink_share = median(each.sink_processor / each.seconds for each in rounds)
    said = f"{per_second:,.0f}; the sink takes {sink_share:.0%} of a processor"
    yield Figure("  letters for a second of the processor", said)
    memory = [one.memory for each in rounds for one in each.workers]
    yield Figure(
        "  memory of a worker at the most", f"{max(memory):.0f} MB", f"at most {MEMORY} MB", max(memory) <= MEMORY
    )
    last = rounds[-1]
    agree = all(each.sent == each.sunk == each.ids for each in rounds)
    said = f"{last.sent:,} = {last.sunk:,} = {last.ids:,}; {last.skipped:,} skipped"
    yield Figure("  sent in the table, taken by the sink, distinct Message-IDs", said, "the same", agree)
    total = sum(one.statements for one in last.workers)
    yield Figure(f"  all statements for {READERS} letters", f"{total * READERS / last.sent:,.0f}")


def once(many: tuple[int, int], few: tuple[int, int]) -> Iterator[Figure]:
    """What is read, and how long letters are."""
    said = f"{many[0]}, for 20 readers {few[0]}"
    yield Figure(f"  statements that read for {READERS} readers", said, "the same", many[0] == few[0])
    yield Figure("  bytes of a letter", f"{many[1]:,}", "at most 100,000", many[1] <= 100_000)


def peer(rounds: list[Sent], naive: Sent) -> Figure:
    """How many times as fast as the naive design, in the same run."""
    rate, theirs = median(each.sent / each.seconds for each in rounds), naive.sent / naive.seconds
    return Figure("  the naive design, letters a second", f"{theirs:,.1f}; ours are {rate / theirs:,.0f} times as many")


if __name__ == "__main__":
    sys.exit(main())
