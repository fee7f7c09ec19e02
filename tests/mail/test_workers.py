"""Several workers at once, each on its own connection to the same database."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from exchange import create_app
from exchange.config import Settings
from exchange.mail import deliver
from exchange.mail.outbox import BATCH
from exchange.storage.db import Base, db
from exchange.storage.group import Group
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from tests.databases import fresh
from tests.mail.bag import Bag
from tests.mail.samples import ONE_AFTER_ANOTHER, due
from tests.people import NOON

Work = Callable[[Iterable[Base]], list[Bag]]
READERS = 2 * BATCH


@pytest.fixture
def work(settings: Settings, database_kind: str, tmp_path: Path, worker_id: str) -> Iterator[Work]:
    """Fills an outbox, lets three workers deliver at once, and returns what each of them sent."""
    with fresh(database_kind, tmp_path, f"exchange_mail_{worker_id}") as url:
        own = replace(settings, database_url=url, queue_url=f"sqlite:///{tmp_path / 'queue.sqlite'}", instance=tmp_path)
        app = create_app(own)

        def worked(rows: Iterable[Base]) -> list[Bag]:
            with app.app_context():
                Base.metadata.create_all(db.engine)
                db.session.add_all(rows)
                db.session.commit()
                count = db.session.query(Letter).count()
            bags, begin = [Bag(), Bag(), Bag()], Barrier(3)
            workers = [Thread(target=deliver_all, args=(bag, begin)) for bag in bags]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            with app.app_context():
                assert db.session.query(Letter).filter_by(state=LetterState.SENT).count() == count
            return bags

        def deliver_all(bag: Bag, begin: Barrier) -> None:
            with app.app_context():
                begin.wait()
                deliver(at=NOON, settings=settings, transport=bag)

        yield worked
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_two_workers_never_send_the_same_letter(work: Work) -> None:
    bags = work(due(number) for number in range(3 * BATCH))

    readers = [reader for bag in bags for reader in bag.readers]
    assert len(readers) == len(set(readers)) == 3 * BATCH


def test_two_workers_never_split_what_belongs_together(work: Work) -> None:
    """Due one after the other in such an order that every batch of claims cuts through the middle of readers."""
    group = Group(id=1, slug="bar", name="Harbor County Bar", created_at=NOON)
    people = [
        Person(id=n, email=f"reader{n}@bar.example", name=f"Reader {n}", fs_uniquifier=str(n), created_at=NOON)
        for n in range(1, READERS + 1)
    ]
    members = [Membership(group_id=1, person_id=person.id, number=person.id, joined_at=NOON) for person in people]
    letters = [
        due(n, kind=kind, once=f"{kind}:{n}", person_id=n, group_id=1, due_at=NOON - timedelta(seconds=n % 7 + late))
        for late, kind in enumerate(ONE_AFTER_ANOTHER)
        for n in range(1, READERS + 1)
    ]
    bags = work([group, *people, *members, *letters])

    readers = [reader for bag in bags for reader in bag.readers]
    assert len(readers) == len(set(readers)) == READERS
    assert {str(message["Subject"])[-len("and 2 more") :] for bag in bags for message in bag.letters} == {"and 2 more"}
