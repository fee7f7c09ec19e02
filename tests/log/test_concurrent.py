"""Many processes write to one log and sign it, some change their mind, some are killed, and the log begins anew.

EXCHANGE_WRITES says how many acknowledged appends (250), EXCHANGE_SEED which chances.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange.log import kept, nodes
from exchange.log.append import head_of
from exchange.log.checkpoint import parsed, read
from exchange.log.keys import signer
from exchange.log.regrown import torn
from exchange.log.tree import Frontier, leaf_hash
from exchange.storage.db import db
from exchange.storage.entry import LogHead, LogLeaf
from tests.databases import fresh
from tests.log.crowd import KEY, Crowd, house
from tests.log.growing import bare

ENTRIES = int(os.environ.get("EXCHANGE_WRITES", "250"))
SEED = int(os.environ.get("EXCHANGE_SEED", "0")) or 20261015
WRITERS = {"sqlite": 4, "postgres": 8}
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def url(database_kind, tmp_path, worker_id):
    with fresh(database_kind, tmp_path, f"crowd_{worker_id}", migrated=True) as url:
        yield url


@pytest.fixture
def tables(url):
    """The tables and nothing else, in a database that other processes open too."""
    with house(url):
        yield


def lived(crowd):
    """Let the crowd live. Returns what was acknowledged, and how many were killed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.log.crowd", json.dumps(asdict(crowd))],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr == ""
    lines = [line for path in Path(crowd.notes).glob("*.said") for line in path.read_text().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith("\n")], int(done.stdout)


def test_nothing_is_lost_doubled_or_signed_twice(tables, url, tmp_path, database_kind):
    began = time.monotonic()
    group_id = bare(db.session()).id
    (tmp_path / "notes").mkdir()
    shared, own = str(tmp_path / "shared"), str(tmp_path / "own")
    crowd = Crowd(
        url, group_id, str(tmp_path / "notes"), WRITERS[database_kind], [shared, shared, own], ENTRIES, SEED
    )  # fmt: skip
    said, kills = lived(crowd)
    session = db.session()
    session.rollback()  # what it saw before is old
    head = head_of(session, group_id)
    check_entries(session, head, said)
    check_notes(session, group_id, [(one["folder"], one["note"]) for one in said if "note" in one])
    assert kills > ENTRIES // 100, "some were killed"
    print(  # noqa: T201
        f"\nEXCHANGE_SEED={SEED} EXCHANGE_WRITES={ENTRIES} on {database_kind}: {head.size} entries, {kills} killed, "
        f"{time.monotonic() - began:.1f} s"
    )


def check_entries(session, head, said):
    """No gap, nothing twice, nothing that was taken back, all that was acknowledged; and the tree is theirs."""
    rows = session.execute(select(LogLeaf.idx, LogLeaf.leaf).filter_by(log_id=head.log_id).order_by(LogLeaf.idx)).all()
    assert [index for index, _ in rows] == list(range(head.size))
    entries = [leaf.decode() for _, leaf in rows]
    assert max(Counter(entries).values()) == 1
    kept_entries = {int(index): entry for one in said for index, entry in one.get("kept", {}).items()}
    gone = {entry for one in said for entry in one.get("gone", ())}
    assert {index: entries[index] for index in kept_entries} == kept_entries
    assert gone
    assert not gone & set(entries)
    assert torn(session, head.group_id) == []
    frontier = Frontier()
    frontier.extend([leaf_hash(leaf) for _, leaf in rows])
    assert nodes.root_at(session, head.log_id, head.size) == frontier.root()


def check_notes(session, group_id, notes):
    """Whoever asked got the same note for the same size, over what the log held; the last one is kept."""
    heads = {head.origin: head for head in session.scalars(select(LogHead).filter_by(group_id=group_id))}
    assert len(heads) == 2
    by_size = defaultdict(set)
    for folder, note in notes:
        stated = parsed(note.rpartition("\n\n")[0] + "\n")
        by_size[stated.origin, stated.size].add(note)
        last = kept.last(Path(folder), stated.origin)
        assert read(last, signer(KEY, stated.origin).vkey).size >= stated.size
    assert len(by_size) > 3
    for (origin, size), same in by_size.items():
        assert len(same) == 1
        stated = read(same.pop(), signer(KEY, origin).vkey)
        assert stated.root == nodes.root_at(session, heads[origin].log_id, size)
    old, new = sorted(heads.values(), key=lambda head: head.log_id)
    first = session.scalars(select(LogLeaf.leaf).filter_by(log_id=new.log_id, idx=0)).one()
    prev = read(json.loads(first)["prev"], signer(KEY, old.origin).vkey)
    assert max(size for origin, size in by_size if origin == old.origin) <= prev.size <= old.size
