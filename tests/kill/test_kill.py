"""`kill -9` of web server and workers at random moments: nothing that was acknowledged is lost, nothing is doubled.

EXCHANGE_LIVES says how many small lives (50), EXCHANGE_SEED which chances; the seed of each run is printed.
"""

import os
import random
import secrets
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange.mail import count_waiting
from exchange.mail.kinds import SEVERAL
from exchange.mail.leases import LEASE, take_back
from exchange.storage.db import db
from exchange.storage.entry import LogEntry
from exchange.storage.favor import Favor, FavorState
from exchange.storage.letter import Letter, LetterState
from exchange.storage.post import Post, Response
from tests.databases import fresh
from tests.jobs.running import Sink, eventually, free_port, inside, instance, sink, start, told, workers
from tests.kill import lives
from tests.kill.lives import Life
from tests.kill.site import Killer, Site

LIVES = int(os.environ.get("EXCHANGE_LIVES", "50"))
SEED = int(os.environ.get("EXCHANGE_SEED", "0")) or secrets.randbelow(10**9)


@pytest.fixture
def mailbox() -> Iterator[tuple[Sink, str]]:
    with sink(seconds=0.002) as running:
        yield running


@pytest.fixture
def env(database_kind: str, tmp_path: Path, worker_id: str, mailbox: tuple[Sink, str]) -> Iterator[dict[str, str]]:
    with fresh(database_kind, tmp_path, f"exchange_kill_{worker_id}", migrated=True) as url:
        queue = url if database_kind == "postgres" else f"sqlite:///{tmp_path / 'queue.sqlite'}"
        yield instance(tmp_path, database=url, queue=queue, smtp=mailbox[1], port=free_port())


def test_nothing_is_lost_or_doubled(env, mailbox, tmp_path, database_kind) -> None:
    print(f"\nEXCHANGE_SEED={SEED} EXCHANGE_LIVES={LIVES} on {database_kind}")  # noqa: T201
    began, output, emails = time.monotonic(), tmp_path / "output", lives.people(env)
    site = Site(env, int(env["EXCHANGE_BASE_URL"].rpartition(":")[2]), output)
    try:
        wrong, pairs = _kill_while_they_live(site, env["EXCHANGE_BASE_URL"], emails)
        assert not wrong, f"seed {SEED}: {wrong!r}\n{told(output)[-3000:]}"
        # One that was started a moment ago has nothing in hand, and ends without a word.
        assert set(site.end_workers()) <= {0, -signal.SIGTERM}
    finally:
        site.close()
    with inside(env):
        take_back(at=datetime.now(UTC) + LEASE)
        site.let_minutes_pass()
        with workers(env, output):
            eventually(lambda: _waiting() == 0, what=told(output)[-3000:], patience=60)
        lived = [life for pair in pairs for life in pair.lives]
        _check_favors(lived)
        _check_letters(lived, mailbox[0], killed=site.kills["worker"])
    assert start(env, tmp_path / "doctor", "doctor").wait(60) == 0, told(tmp_path / "doctor")
    lost = sum(visitor.lost for pair in pairs for visitor in (pair.one, pair.other))
    print(  # noqa: T201
        f"{LIVES} lives, kills: {dict(site.kills)}, answers lost: {lost}, e-mails: {len(mailbox[0].taken)}, "
        f"of these sent again: {mailbox[0].extras}, {time.monotonic() - began:.0f} s"
    )


def _kill_while_they_live(site: Site, base: str, emails: list[str]) -> tuple[list[Exception], list[lives.Pair]]:
    chance = random.Random(SEED)  # noqa: S311 (nothing secret)
    pairs = list(lives.pairs(base, emails, chance))
    visitors = [visitor for pair in pairs for visitor in (pair.one, pair.other)]
    killer = Killer(site, chance, lambda: sum(visitor.answers for visitor in visitors))
    killer.start()
    wrong = lives.live(pairs, LIVES)
    killer.stop.set()
    killer.join()
    return wrong + ([killer.failure] if killer.failure else []), pairs


def _waiting() -> int:
    db.session.rollback()
    return count_waiting(datetime.now(UTC))


def _check_favors(lived: list[Life]) -> None:
    """What each life was told is there, once, and so is what follows from it."""
    session = db.session()
    assert len(lived) == LIVES
    titles = Counter(session.scalars(select(Post.title)))
    unsure = {title for life in lived for title in life.unsure}
    assert {life.title: titles[life.title] for life in lived if titles[life.title] != 1} == {}
    assert set(titles) <= {life.title for life in lived} | unsure
    assert max(titles.values()) == 1
    for life in lived:
        post = session.scalars(select(Post).filter_by(title=life.title)).one()
        favor = session.scalars(select(Favor).filter_by(post_id=post.id)).one()
        assert (post.id, favor.id, favor.state) == (life.post, life.favor, FavorState.CONFIRMED), life
        assert session.scalars(select(Response).filter_by(post_id=post.id)).one().text == f"Gladly, life {life.number}."
    entries = list(session.scalars(select(LogEntry.idx).filter_by(kind="favor")))
    assert set(entries) == set(session.scalars(select(Favor.entry))), "an entry for each favor, and no other"
    assert len(entries) == len(set(entries)) == LIVES


def _check_letters(lived: list[Life], mailbox: Sink, *, killed: int) -> None:
    """Every letter went out, and again only where a worker was killed."""
    assert set(db.session.scalars(select(Letter.state))) == {LetterState.SENT}
    singles = set(db.session.scalars(select(Letter.id).filter_by(kind="agreed")))
    assert len(singles) == 2 * LIVES
    assert singles <= {one.number for one in mailbox.taken}
    got = {(one.to, one.text) for one in mailbox.taken if one.kind in {"confirmed", SEVERAL}}
    unthanked = [life for life in lived if not any(life.giver == to and life.title in text for to, text in got)]
    assert unthanked == []
    assert mailbox.extras <= killed
    again = [one for one in mailbox.taken if one.number in singles]
    assert len({one.message_id for one in again}) == len(singles)
