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
from collections.abc import Callable
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
ANSWERS_BETWEEN_KILLS = (10, 60)


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
    app = Flask("crowd")
    app.config["SQLALCHEMY_DATABASE_URI"] = crowd.url
    db.init_app(app)
    chance, answers, notes = random.Random(f"{crowd.seed} {number} {life}"), 0, Path(crowd.notes)  # noqa: S311 (nothing secret)
    with (
        app.app_context(),
        (notes / f"{number}.{life}.said").open("ab", buffering=0) as file,
        (notes / "count").open("ab", buffering=0) as count,
    ):
        while not (notes / "stop").exists():
            answers += 1
            if number < crowd.writers:
                said = written(crowd, chance, f"{number}.{life}.{answers}")
            else:
                said = signed(crowd, crowd.folders[number - crowd.writers])
                time.sleep(chance.random() / 100)
            file.write(json.dumps(said).encode() + b"\n")
            count.write(b".")
        db.session.remove()
        db.engine.dispose()


def begin_anew(crowd: Crowd) -> None:
    """Renew the log in the middle of it all."""
    app = Flask("crowd")
    app.config["SQLALCHEMY_DATABASE_URI"] = crowd.url
    db.init_app(app)
    with app.app_context():
        renew.renew(crowd.group_id, key=KEY, folder=Path(crowd.folders[0]), host=HOST, at=datetime.now(UTC))
        db.session.remove()
        db.engine.dispose()


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


def acknowledged(notes: Path) -> int:
    """How many answers there are."""
    count = notes / "count"
    return count.stat().st_size if count.exists() else 0


def main(crowd: Crowd) -> int:
    """Let them live; returns how many were killed."""
    chance, notes = random.Random(crowd.seed), Path(crowd.notes)  # noqa: S311 (nothing secret)
    configure_mappers()  # once, for all of them
    everybody = range(crowd.writers + len(crowd.folders))
    living = {forked(lambda number=number: child(crowd, number, 0)): (number, 0) for number in everybody}  # type: ignore[misc]
    renewing, kills, until = 0, 0, time.monotonic() + 600
    while (answers := acknowledged(notes)) < crowd.entries:
        if not renewing and answers > crowd.entries // 2:
            renewing = forked(lambda: begin_anew(crowd))
        enough = answers + chance.randint(*ANSWERS_BETWEEN_KILLS)
        while acknowledged(notes) < enough:
            assert time.monotonic() < until, "They stand still."
            assert os.waitpid(-1, os.WNOHANG)[0] in {0, renewing}, "Somebody ended without being told to."
            time.sleep(0.01)
        time.sleep(chance.random() / 50)
        pid = chance.choice(sorted(living))
        number, life = living.pop(pid)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        kills += 1
        living[forked(lambda number=number, life=life: child(crowd, number, life + 1))] = (number, life + 1)  # type: ignore[misc]
    (notes / "stop").touch()
    assert {os.waitpid(pid, 0)[1] for pid in living} == {0}, "Somebody failed."
    return kills


if __name__ == "__main__":
    sys.stdout.write(str(main(Crowd(**json.loads(sys.argv[1])))))
