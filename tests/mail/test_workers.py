"""Several workers at once, each on its own connection to the same database."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread

from exchange import create_app
from exchange.config import Settings
from exchange.mail import deliver
from exchange.mail.outbox import BATCH
from exchange.storage.db import Base, db
from exchange.storage.letter import Letter, LetterState
from tests.databases import fresh
from tests.mail.bag import Bag
from tests.mail.samples import due
from tests.people import NOON


def test_two_workers_never_send_the_same_letter(
    settings: Settings, database_kind: str, tmp_path: Path, worker_id: str
) -> None:
    with fresh(database_kind, tmp_path, f"exchange_mail_{worker_id}") as url:
        own = replace(settings, database_url=url, queue_url=f"sqlite:///{tmp_path / 'queue.sqlite'}", instance=tmp_path)
        app = create_app(own)
        with app.app_context():
            Base.metadata.create_all(db.engine)
            for number in range(3 * BATCH):
                db.session.add(due(number))
            db.session.commit()
        bags, begin = [Bag(), Bag(), Bag()], Barrier(3)

        def work(bag: Bag, at: datetime) -> None:
            with app.app_context():
                begin.wait()
                deliver(at=at, settings=settings, transport=bag)

        workers = [Thread(target=work, args=(bag, NOON)) for bag in bags]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with app.app_context():
            assert db.session.query(Letter).filter_by(state=LetterState.SENT).count() == 3 * BATCH
            db.session.remove()
            db.engine.dispose()
    readers = [reader for bag in bags for reader in bag.readers]
    assert len(readers) == len(set(readers)) == 3 * BATCH
