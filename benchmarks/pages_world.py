"""The group whose pages are measured: so many members and favors, written in bulk, straight into the tables."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.orm import Session

from benchmarks.digest_world import ASKS, GIVES, LAST, NAMES, TOPICS
from exchange import create_app
from exchange.config import Settings
from exchange.log import searched
from exchange.log.append import grow, locked_head
from exchange.log.projection import recount
from exchange.storage import migrate, reword
from exchange.storage.db import Base, db, transaction
from exchange.storage.entry import LogEntry, LogLeaf
from exchange.storage.favor import Began, Favor, FavorState, How
from exchange.storage.group import Category
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.post import ClosedBecause, Post, PostKind, PostState, Rule
from tests.databases import fresh
from tests.people import founded

SLUG = "bench"
DAY = timedelta(days=1)
AT_ONCE = 20_000
FIRMS, OFFICES = 25, ("Harbor", "Fernhill", "Mill Quay", "Eastmere")


@contextmanager
def site(kind: str, folder: Path, members: int, favors: int, *, kept: bool = False) -> Iterator[Settings]:
    """A migrated database of that kind with everything in it. One that is `kept` is made once in its folder."""
    folder.mkdir(exist_ok=kept)
    with fresh(kind, folder, "exchange_pages_bench", kept=kept) as url:
        made = folder / "made"
        engine = create_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        settings = Settings(
            production=False,
            secret_key="a secret that only the benchmarks know, long enough",
            database_url=url,
            queue_url=f"sqlite:///{folder / 'queue.sqlite'}",
            smtp_url="",
            base_url="http://bench.example",
            log_key=b"a key that only benchmarks know.",
            instance=folder,
        )
        if not made.exists():
            with opened(settings):
                _fill(members, favors)
                db.session.remove()
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM ANALYZE" if kind == "postgres" else "PRAGMA optimize")
            made.touch()
        yield settings


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """The house on that site, in this process."""
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def _fill(members: int, favors: int) -> None:
    chance, now = random.Random(17), datetime.now(UTC)
    group = founded(db.session(), SLUG, "A group, measured", "olga@bench.example").id
    rows = db.session.execute(select(Category.slug, Category.id).filter_by(group_id=group))
    categories = {slug: category for slug, category in rows}  # noqa: C416 (rows are no pairs to mypy)
    with transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA cache_size = -400000"))
        people = _people(session, chance, now, group, members)
        _posts(session, chance, now, group, people, [*categories.values()], max(120, members // 50), favors // 10)
        _favors(session, chance, now, group, people, categories, favors)
        recount(session, group)


def _people(session: Session, chance: random.Random, now: datetime, group: int, members: int) -> list[int]:
    first = session.scalars(select(Person.id).order_by(Person.id.desc())).first() or 0
    people = [
        {
            "id": first + n,
            "email": f"member{n:06}@bench.example",
            "name": f"{chance.choice(NAMES)} {chance.choice(LAST)}{' ' + chance.choice(LAST) if n % 3 else ''}",
            "fs_uniquifier": f"bench-{n:06}",
            "created_at": now - 400 * DAY,
            "active": True,
        }
        for n in range(1, members + 1)
    ]
    before = session.scalars(select(Membership.id).order_by(Membership.id.desc())).first() or 0
    rows = [
        {
            "id": before + n,
            "group_id": group,
            "person_id": person["id"],
            "number": 100 + n,
            "role": Role.ORGANISER if n <= 3 else Role.MEMBER,
            "state": MembershipState.ACTIVE,
            "firm": f"{chance.choice(LAST)} & {chance.choice(LAST)} {n % FIRMS}",
            "practice": chance.choice(TOPICS),
            "office": chance.choice(OFFICES),
            "can_help_with": ", ".join(chance.sample(TOPICS, 3)),
            "would_love": ", ".join(chance.sample(TOPICS, 2)),
            "joined_at": now - 390 * DAY,
        }
        for n, person in enumerate(people, 1)
    ]
    _insert(session, Person, people)
    _insert(session, Membership, rows)
    ids = [before + n for n in range(1, members + 1)]
    reword.members(session, ids)
    return ids


def _posts(
    session: Session,
    chance: random.Random,
    now: datetime,
    group: int,
    people: list[int],
    categories: list[int],
    open_ones: int,
    closed: int,
) -> None:
    rows = []
    for n in range(1, open_ones + closed + 1):
        need, is_open = n % 2 == 0, n <= open_ones
        age = chance.random() * 6 if is_open else 20 + chance.random() * 300
        closes = now + (0.5 + chance.random() * 14) * DAY if is_open else now - (age - 8) * DAY
        rows.append(
            {
                "id": n,
                "group_id": group,
                "author_id": chance.choice(people),
                "category_id": chance.choice(categories),
                "kind": PostKind.NEED if need else PostKind.OFFER,
                "title": chance.choice(ASKS if need else GIVES).format(chance.choice(TOPICS)),
                "text": "Whoever has a word to say about it: I would be glad of it, also in the evening.",
                "rule": Rule.CHOICE,
                "event_at": closes + DAY if n % 4 == 0 else None,
                "closes_at": closes,
                "created_at": now - age * DAY,
                "state": PostState.OPEN if is_open else PostState.CLOSED,
                "closed_because": None if is_open else ClosedBecause.TIME,
            }
        )
    _insert(session, Post, rows)
    reword.posts(session, range(1, len(rows) + 1))


def _favors(
    session: Session,
    chance: random.Random,
    now: datetime,
    group: int,
    people: list[int],
    categories: dict[str, int],
    favors: int,
) -> None:
    """Confirmed favors of the last two years with their entries; their leaves hold nothing but their numbers."""
    head = locked_head(session, group)
    slugs = [slug for slug in categories if slug != "referral"]
    texts = [f"A word on {topic}" for topic in TOPICS]
    rows_of = session.execute(select(Membership.id, Membership.number))
    numbers = {member: number for member, number in rows_of}  # noqa: C416 (rows are no pairs to mypy)
    first = head.size
    for start in range(0, favors, AT_ONCE):
        rows, entries, words, leaves = [], [], {}, []
        for n in range(start, min(start + AT_ONCE, favors)):
            giver, receiver = _pair(chance, people)
            slug, title, index = chance.choice(slugs), chance.choice(texts), first + n
            at = now - (730 * (1 - n / favors)) * DAY
            withheld = slug == "advice" and n % 10 == 0
            rows.append(
                {
                    "group_id": group,
                    "giver_id": giver,
                    "receiver_id": receiver,
                    "category_id": categories[slug],
                    "title": title,
                    "state": FavorState.CONFIRMED,
                    "began": Began.HELPED_BY,
                    "agreed_at": at,
                    "clock_from": at,
                    "confirmed_at": at,
                    "how": How.RECEIVER,
                    "entry": index,
                    "thanks": "It helped a lot." if n % 5 == 0 else "",
                    "withheld_by_id": giver if withheld else None,
                }
            )
            entries.append(
                {
                    "log_id": head.log_id,
                    "idx": index,
                    "group_id": group,
                    "kind": "favor",
                    "day": at.date(),
                    "counts": True,
                    "giver_id": giver,
                    "receiver_id": receiver,
                    "category": slug,
                    "what": title,
                    "how": How.RECEIVER.value,
                    "tie": False,
                    "withheld": withheld,
                }
            )
            leaf = f'{{"k":"favor","n":{index}}}'.encode()
            leaves.append({"log_id": head.log_id, "idx": index, "leaf": leaf, "hash": sha256(b"\x00" + leaf).digest()})
            both = [numbers[giver], numbers[receiver]]
            thanks = str(rows[-1]["thanks"])
            words[index] = searched.of_entry(title, thanks, slug, {}, both, both if withheld else None)
        _insert(session, LogLeaf, leaves)
        grow(session, head, [leaf["hash"] for leaf in leaves])  # type: ignore[misc]
        _insert(session, Favor, rows)
        _insert(session, LogEntry, entries)
        searched.put(session, head.log_id, words)


def _pair(chance: random.Random, people: list[int]) -> tuple[int, int]:
    """Mostly among those whom one knows: numbers near one's own."""
    place = chance.randrange(len(people))
    other = (place + chance.choice((-1, 1)) * chance.randrange(1, min(60, len(people)))) % len(people)
    return people[place], people[other]


def _insert(session: Session, table: type[Base], rows: list[Any]) -> None:
    name: Any = table.__table__
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(name), rows[start : start + AT_ONCE])
