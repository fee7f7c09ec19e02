"""Somebody who may do anything on the server: write into the database, delete files, and sign with the log's key.

A clever one: after each change every hash is computed again, the checkpoints are thrown away, and the server signs
anew.
"""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from exchange.log import leaf, signing
from exchange.log.append import head_of
from exchange.log.export import export
from exchange.log.tree import Frontier, leaf_hash
from exchange.storage.entry import (
    LogCheckpoint,
    LogEntry,
    LogHead,
    LogLeaf,
    LogNode,
    LogOpening,
    LogOpeningSubject,
    LogPart,
)
from tests.log.growing import tampered
from tests.people import NOON

KEY = b"a key that nobody else has, 32 b"
EVERYTHING = (LogPart, LogEntry, LogOpeningSubject, LogOpening, LogCheckpoint, LogNode, LogLeaf)


class Attacker:
    """Holds the log as lists; `strike` puts what became of them in the place of the log."""

    def __init__(self, session: Session, group_id: int, folder: Path) -> None:
        self.session, self.group_id, self.folder = session, group_id, folder
        self.read()

    def read(self) -> None:
        """Look at the log as it is now."""
        log_id = self.head.log_id
        leaves = select(LogLeaf.leaf).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)
        self.leaves = list(self.session.scalars(leaves))
        rows = self.session.execute(
            select(LogOpening.idx, LogOpening.field, LogOpening.disclosure).where(LogOpening.log_id == log_id)
        )
        self.openings = {(index, field): disclosure for index, field, disclosure in rows}

    @property
    def head(self) -> LogHead:
        return head_of(self.session, self.group_id)

    def replace(self, index: int, one: leaf.Leaf) -> None:
        """Another entry in the place of one, with its openings."""
        self.openings = {place: opening for place, opening in self.openings.items() if place[0] != index}
        self.openings |= {(index, field): opening for field, opening in one.openings.items()}
        self.leaves[index] = one.data

    def insert(self, index: int, one: leaf.Leaf) -> None:
        """Another entry before that index; what comes after it moves, and what refers to it moves along."""
        self._move(index, 1)
        self.leaves.insert(index, b"")
        self.replace(index, one)

    def drop(self, index: int) -> None:
        """No entry at that index; what comes after it moves, and what refers to it moves along."""
        self.openings = {place: opening for place, opening in self.openings.items() if place[0] != index}
        del self.leaves[index]
        self._move(index + 1, -1)

    def swap(self, one: int, other: int) -> None:
        """Two entries trade places."""
        places = {one: other, other: one}
        self.openings = {(places.get(index, index), field): text for (index, field), text in self.openings.items()}
        self.leaves[one], self.leaves[other] = self.leaves[other], self.leaves[one]

    def append(self, one: leaf.Leaf) -> int:
        """An entry at the end."""
        self.leaves.append(b"")
        self.replace(len(self.leaves) - 1, one)
        return len(self.leaves) - 1

    def strike(self) -> None:
        """Write it all into the database, with the tree that belongs to it, and forget what was signed."""
        log_id = self.head.log_id
        for table in EVERYTHING:
            tampered(self.session, table.__tablename__, f"DELETE FROM {table.__tablename__}")  # noqa: S608 (our own)
        hashes = [leaf_hash(data) for data in self.leaves]
        frontier = Frontier()
        nodes = frontier.extend(hashes)
        rows: dict[Any, list[dict[str, Any]]] = {
            LogLeaf: [
                {"log_id": log_id, "idx": index, "leaf": data, "hash": one}
                for index, (data, one) in enumerate(zip(self.leaves, hashes, strict=True))
            ],
            LogNode: [{"log_id": log_id, "level": level, "idx": index, "hash": one} for level, index, one in nodes],
            LogOpening: [
                {"log_id": log_id, "idx": index, "field": field, "disclosure": text}
                for (index, field), text in self.openings.items()
            ],
        }
        for table, some in rows.items():
            self.session.execute(insert(table), some)
        head = update(LogHead).where(LogHead.log_id == log_id)
        self.session.execute(head.values(size=frontier.size, frontier=frontier.packed()))
        self.session.commit()
        shutil.rmtree(self.folder, ignore_errors=True)

    def hide(self, index: int, field: str) -> None:
        """An opening is gone from the database, and nothing says why."""
        gone = LogOpening.idx == index, LogOpening.field == field, LogOpening.log_id == self.head.log_id
        self.session.execute(delete(LogOpening).where(*gone))
        self.session.commit()

    def note(self) -> str:
        """What the server signs now."""
        return signing.checkpoint(self.group_id, key=KEY, folder=self.folder, at=NOON + timedelta(days=1))

    def export(self, folder: Path) -> Path:
        """What the server gives out now."""
        vkey = signing.vkey(self.session, self.group_id, key=KEY)
        export(self.session, self.group_id, folder, seen_by=None, note=self.note(), vkey=vkey)
        return folder

    def _move(self, start: int, by: int) -> None:
        """Entries from `start` on get other indexes; corrections and the like follow them."""
        self.openings = {
            (index + by if index >= start else index, field): text for (index, field), text in self.openings.items()
        }
        for place, data in enumerate(self.leaves):
            said = json.loads(data)
            if said.get("of", 0) >= start:
                self.leaves[place] = leaf.canonical(said | {"of": said["of"] + by})


def a_favor(giver: int, receiver: int, *, title: str = "An hour", **said: Any) -> leaf.Leaf:
    """The leaf of a favor, as the server would write it."""
    given: dict[str, Any] = {"category": "advice", "how": "receiver", "tie": False, "counts": True, "at": NOON}
    return leaf.favor_leaf(giver=giver, receiver=receiver, title=title, **(given | said))
