"""The log in real tables: how much an append costs the transaction that it stands in, and proofs out of SQL."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from exchange import create_app
from exchange.config import Settings
from exchange.log import nodes
from exchange.log.append import append, locked_head
from exchange.log.leaf import Leaf
from exchange.log.proofs import verify_inclusion
from exchange.storage import migrate
from exchange.storage.db import db, transaction
from exchange.storage.favor import Favor, FavorState
from exchange.storage.group import Category, Group
from tests.databases import fresh
from tests.people import NOON, Clock, founded, joined


class Tables:
    """A group of two members with an empty log, in a database of its own."""

    def __init__(self, session: Session) -> None:
        self.group_id = founded(session, "bench", "A group", "olga@bench.example").id
        group = session.get_one(Group, self.group_id)
        self.ada = joined(session, group, "Ada Farouk").id
        self.ben = joined(session, group, "Ben Castellanos").id
        self.category = session.query(Category).filter_by(group_id=self.group_id, slug="advice").one().id
        session.commit()

    def business(self, count: int) -> None:
        """What so many transactions would do without a log: each keeps one favor, durably."""
        for _ in range(count):
            with transaction() as session:
                self._agree(session)

    def business_and_log(self, leaves: list[Leaf]) -> None:
        """The same, each with an entry, all its openings and whom they are about, in the same transaction."""
        for leaf in leaves:
            with transaction() as session:
                self._agree(session)
                append(session, locked_head(session, self.group_id), [(leaf, self._subjects(leaf))])

    def grow(self, leaves: list[Leaf]) -> None:
        """Many entries in one transaction, as an import writes them."""
        with transaction() as session:
            head = locked_head(session, self.group_id)
            append(session, head, [(leaf, self._subjects(leaf)) for leaf in leaves])

    def proofs(self, count: int) -> list[float]:
        """Seconds of each of so many inclusion proofs at random places; a few before it warm everything up."""
        session = db.session()
        head = locked_head(session, self.group_id)
        log_id, size = head.log_id, head.size
        root = nodes.root_at(session, log_id, size)
        chance = random.Random(7)
        spent = []
        for number in range(count + 50):
            index = chance.randrange(size)
            begun = perf_counter()
            proof = nodes.inclusion(session, log_id, index, size)
            if number >= 50:
                spent.append(perf_counter() - begun)
        (leaf,) = nodes.hashes(session, log_id, [(0, index)]).values()
        assert verify_inclusion(proof, leaf=leaf, index=index, size=size, root=root)
        session.rollback()
        return spent

    def _agree(self, session: Session) -> None:
        favor = {"giver_id": self.ada, "receiver_id": self.ben, "category_id": self.category, "group_id": self.group_id}
        said = {"title": "An hour", "state": FavorState.AGREED, "agreed_at": NOON, "clock_from": NOON}
        session.add(Favor(**favor, **said))
        session.flush()

    def _subjects(self, leaf: Leaf) -> dict[str, list[int]]:
        return {"from": [self.ada], "to": [self.ben], "what": [self.ada, self.ben]} if leaf.openings else {}


@contextmanager
def tables(kind: str, folder: Path) -> Iterator[Tables]:
    """The house on a migrated database of that kind, with one group in it."""
    with fresh(kind, folder, "exchange_bench") as url:
        engine = create_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        app = create_app(_settings(url, folder), clock=Clock())
        with app.app_context():
            yield Tables(db.session())
            db.session.remove()
            db.engine.dispose()


def _settings(url: str, folder: Path) -> Settings:
    return Settings(
        production=False,
        secret_key="a secret that only the benchmarks know, long enough",
        database_url=url,
        queue_url=f"sqlite:///{folder / 'queue.sqlite'}",
        smtp_url="",
        base_url="http://bench.example",
        log_key=b"a key that only benchmarks know.",
        instance=folder,
    )
