"""python -m tests.log.crowd: processes that write to one log and sign it at once, while some are killed at random.

Each notes in a file of its own what the database or the signer acknowledged to it. Every child is a fork, so that a
new one lives within milliseconds. It ends with 0 when there are enough entries and nobody ended but by being killed.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import configure_mappers

from exchange.log import renew, signing
from exchange.log.append import append, locked_head
from exchange.log.leaf import Leaf, disclosure
from exchange.storage import tables  # noqa: F401 (every table, so that foreign keys find theirs)
from exchange.storage.db import db, transaction
from tests.people import HOST

KEY = b"a key that nobody else has, 32 b"
ROLLED_BACK = 0.1
ENTRIES_BETWEEN_KILLS = (10, 50)
SIGNED_AT_LEAST = 15
PATIENCE = 60.0


@dataclass(frozen=True)
class Crowd:
    """Who does what: `entries` is how many acknowledged appends are enough, `folders` has one folder per signer."""

    url: str
    group_id: int
    notes: str
    writers: int
    folders: list[str]
    entries: int
    seed: int


class Gone(Exception):  # noqa: N818 (the entry is gone)
    """The writer changed its mind."""


@contextmanager
def house(url: str) -> Iterator[None]:
    """The tables and nothing else."""
    app = Flask("crowd")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()


def written(crowd: Crowd, chance: random.Random, word: str) -> dict[str, Any]:
    """Append one to four entries, and sometimes take them back at the last moment."""
    entries = [f"{word} {number}" for number in range(chance.choice((1, 1, 1, 4)))]
    gone = chance.random() < ROLLED_BACK
    try:
        with transaction() as session:
            leaves = [Leaf(entry.encode(), {"what": disclosure("what", entry)}) for entry in entries]
            head = locked_head(session, crowd.group_id)
            indexes = append(session, head, [(leaf, {}) for leaf in leaves])
            if gone:
                session.flush()
                raise Gone
    except Gone:
        return {"gone": entries}
    return {"kept": dict(zip(indexes, entries, strict=True))}


def signed(crowd: Crowd, folder: str) -> dict[str, Any]:
    """Ask for the checkpoint."""
    note = signing.checkpoint(crowd.group_id, key=KEY, folder=Path(folder), at=datetime.now(UTC))
    return {"note": note, "folder": folder}


def child(crowd: Crowd, number: int, life: int) -> None:
    """Write, or sign, until there is a file that says stop; one line of JSON for each answer."""
    chance = random.Random(f"{crowd.seed} {number} {life}")  # noqa: S311 (nothing secret)
    parent, answers, notes = os.getppid(), 0, Path(crowd.notes)
    with (
        house(crowd.url),
        (notes / f"{number}.{life}.said").open("ab", buffering=0) as file,
        (notes / "count").open("ab", buffering=0) as count,
    ):
        while not (notes / "stop").exists() and os.getppid() == parent:
            answers += 1
            if number < crowd.writers:
                said = written(crowd, chance, f"{number}.{life}.{answers}")
            else:
                said = signed(crowd, crowd.folders[number - crowd.writers])
            file.write(json.dumps(said).encode() + b"\n")
            count.write(b"w" if number < crowd.writers else b"s")
            time.sleep(chance.random() / 100)  # SQLite lets others wait for as long as somebody writes on and on


def begin_anew(crowd: Crowd) -> None:
    """Renew the log in the middle of it all."""
    with house(crowd.url):
        renew.renew(crowd.group_id, key=KEY, folder=Path(crowd.folders[0]), host=HOST, at=datetime.now(UTC))


class Nursery:
    """The processes that live, by their ids: whoever is killed begins again with another life."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd, self.notes = crowd, Path(crowd.notes)
        self.living: dict[int, tuple[int, int]] = {}
        self.others: set[int] = set()
        self.kills = 0

    def begin(self, number: int, life: int = 0) -> None:
        """Let a writer or signer live."""
        self.living[forked(lambda: child(self.crowd, number, life))] = number, life

    def kill(self, chance: random.Random) -> None:
        """Kill anybody, and let them begin again."""
        pid = chance.choice(sorted(self.living))
        number, life = self.living.pop(pid)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.kills += 1
        self.begin(number, life + 1)

    def wait(self, appends: int) -> None:
        """Wait until so many appends are acknowledged."""
        until = time.monotonic() + PATIENCE
        while self.answers("w") < appends:
            assert time.monotonic() < until, "They stand still."
            pid, status = os.waitpid(-1, os.WNOHANG)
            assert status == 0, "Somebody failed."
            assert pid == 0 or pid in self.others, "Somebody ended without being told to."
            self.others.discard(pid)
            time.sleep(0.01)

    def answers(self, kind: str) -> int:
        """How many answers there are: `w` to writers, `s` to signers."""
        count = self.notes / "count"
        return count.read_text().count(kind) if count.exists() else 0

    def stop(self) -> None:
        """Let everybody end what they are at."""
        (self.notes / "stop").touch()
        while self.living or self.others:
            pid, status = os.waitpid(-1, 0)
            assert status == 0, "Somebody failed."
            self.living.pop(pid, None)
            self.others.discard(pid)

    def close(self) -> None:
        """End at once whoever is left."""
        for pid in {*self.living, *self.others}:
            os.kill(pid, signal.SIGKILL)


def forked(work: Callable[[], None]) -> int:
    """The id of a process of ours that does this and ends."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201 (the test shows it)
        raise
    finally:
        os._exit(status)


def main(crowd: Crowd) -> int:
    """Let them live, and the log begin anew half-way; returns how many were killed."""
    chance = random.Random(crowd.seed)  # noqa: S311 (nothing secret)
    configure_mappers()  # once, for all of them
    nursery, renewed = Nursery(crowd), False
    try:
        for number in range(crowd.writers + len(crowd.folders)):
            nursery.begin(number)
        while (appends := nursery.answers("w")) < crowd.entries or nursery.answers("s") < SIGNED_AT_LEAST:
            if not renewed and appends > crowd.entries // 2:
                nursery.others.add(forked(lambda: begin_anew(crowd)))
                renewed = True
            nursery.wait(appends + chance.randint(*ENTRIES_BETWEEN_KILLS))
            time.sleep(chance.random() / 50)
            nursery.kill(chance)
        nursery.stop()
    finally:
        nursery.close()
    return nursery.kills


if __name__ == "__main__":
    sys.stdout.write(str(main(Crowd(**json.loads(sys.argv[1])))))
