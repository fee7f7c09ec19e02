"""The site whose weekly letters are measured: so many members in three groups, 5,000 posts, and a week behind them."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, delete, insert, select
from sqlalchemy.orm import Session

from exchange import create_app
from exchange.config import Settings
from exchange.domain import imports
from exchange.storage import migrate
from exchange.storage.db import Base, db, transaction
from exchange.storage.digest import DigestIssue, DigestRun, DigestTimes, DigestWish, Rhythm
from exchange.storage.favor import Favor, FavorState
from exchange.storage.group import Category
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.post import Post, PostKind, Response, ResponseState, Rule
from tests.databases import fresh


def _words(said: str) -> list[str]:
    return said.split(",")


# Monday at eight, when everybody's letter is due.
MONDAY = datetime(2026, 10, 19, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_AGO = MONDAY - 300 * DAY
GROUPS = (("bar", "Harbor County Bar"), ("med", "Harbor Medical Society"), ("alumni", "Alumni of Fernhill"))
POSTS = 5_000
QUIET = 0.3  # for so many of the members nothing is new
AT_ONCE = 5_000
TOPICS = _words(
    "cargo insurance,trademark law,commercial leases,escrow clauses,employment contracts,arbitration,"
    "immigration,golf,opera,sailing,chamber music,mentoring,public speaking,pensions,zoning,cardiology,"
    "radiology,pediatrics,triage,clinical trials,bookkeeping,fundraising,licensing,logistics,catering,"
    "translation,photography,carpentry,beekeeping,ceramics,statistics,encryption,procurement,auditing,customs,"
    "bankruptcy,mediation,notaries,patents,privacy,probate,shipping,taxation,tenancy,trusts,venture capital,"
    "wills,antitrust,campaigns,debates"
)
NAMES = _words("Ada,Ben,Cleo,Dan,Elena,Farid,Grace,Hugo,Imogen,Jonas,Kira,Liam,Mina,Noor,Otto,Priya,Ruth,Sam,Theo,Wen")
LAST = _words("Farouk,Castellanos,Marchetti,Okafor,Rossi,Haddad,Lindqvist,Clarke,Nakamura,Adeyemi,Whitcombe,Raman,Li")
ASKS = ("Half an hour on {} before the 29th", "Somebody who knows {} from the inside", "A second pair of eyes: {}")
GIVES = ("An afternoon of {} for two", "My notes on {}, gathered over ten years", "A seat at the evening on {}")


@contextmanager
def site(kind: str, folder: Path, members: int, smtp_url: str) -> Iterator[Settings]:
    """A migrated database of that kind with everything in it."""
    folder.mkdir()
    with fresh(kind, folder, "exchange_digest_bench") as url:
        engine = create_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        settings = Settings(
            production=False,
            secret_key="a secret that only the benchmarks know, long enough",
            database_url=url,
            queue_url=f"sqlite:///{folder / 'queue.sqlite'}",
            smtp_url=smtp_url,
            base_url="http://bench.example",
            log_key=b"a key that only benchmarks know.",
            instance=folder,
            bounces_to="bounces@bench.example",
        )
        with opened(settings):
            _fill(db.session(), members)
            if kind == "postgres":
                _measured()
        yield settings


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """The house on that site, in this process."""
    app = create_app(settings, clock=lambda: MONDAY)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def forgotten() -> None:
    """No letter was ever written: the next round begins like the first."""
    with transaction() as session:
        for table in (DigestTimes, DigestIssue, DigestRun):
            session.execute(delete(table), execution_options={"synchronize_session": False})


def _measured() -> None:
    """PostgreSQL looks at what is in its tables by itself, but not at once."""
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _fill(session: Session, members: int) -> None:
    # Here, because it makes a password of 64 MB when it is read, and a worker's memory is measured.
    from tests.people import founded

    chance = random.Random(11)
    groups = [founded(session, slug, name, f"olga@{slug}.example").id for slug, name in GROUPS]
    founders = session.scalars(select(Person.id)).all()
    session.commit()
    with transaction() as session:
        never = {"rhythm": Rhythm.NEVER, "weekday": 0, "hour": 8}
        _insert(session, DigestWish, [never | {"person_id": person} for person in founders])
        people = _people(session, chance, members)
        here = _members(session, chance, groups, people)
        _posts(session, chance, here)
        _waiting(session, chance, here)
    for slug, _name in GROUPS:
        imports.favors(slug, _favors(chance, slug, members), at=MONDAY)
    db.session.remove()


def _people(session: Session, chance: random.Random, members: int) -> list[int]:
    first = 1_000
    rows = [
        {
            "id": first + number,
            "email": f"reader{number:06}@{GROUPS[number % 3][0]}.example",
            "name": f"{chance.choice(NAMES)} {chance.choice(LAST)}",
            "fs_uniquifier": f"reader{number}",
            "created_at": LONG_AGO,
        }
        for number in range(members)
    ]
    _insert(session, Person, rows)
    return [first + number for number in range(members)]


def _members(
    session: Session, chance: random.Random, groups: list[int], people: list[int]
) -> dict[int, list[dict[str, Any]]]:
    """By group, its members whom something fits, every tenth of them in two groups; three in ten find nothing."""
    rows: dict[int, list[dict[str, Any]]] = {group: [] for group in groups}
    for number, person in enumerate(people):
        quiet = chance.random() < QUIET
        for away in range(1 if quiet or chance.random() > 0.1 else 2):
            group = groups[(number + away) % 3]
            words = ["heraldry", "heraldry"] if quiet else [", ".join(chance.sample(TOPICS, 2)) for _ in range(2)]
            rows[group].append(
                {
                    "id": 10_000 + 2 * number + away,
                    "group_id": group,
                    "person_id": person,
                    "number": 100 + len(rows[group]),
                    "firm": chance.choice(("Tamarind Legal", "Hollis Marsh", "Brackwater", "")),
                    "can_help_with": words[0],
                    "would_love": words[1],
                    "joined_at": LONG_AGO,
                }
            )
    for some in rows.values():
        _insert(session, Membership, some)
    return {group: [row for row in some if row["can_help_with"] != "heraldry"] for group, some in rows.items()}


def _posts(session: Session, chance: random.Random, here: dict[int, list[dict[str, Any]]]) -> None:
    """Posts of three weeks. All of the last week's have an answer; of the others, every third has none."""
    posts, answers = [], []
    categories = {group: _categories(session, group) for group in here}
    for number in range(1, POSTS + 1):
        group = list(here)[number % 3]
        author, other = chance.sample(here[group], 2)
        age = chance.random() * 21
        need = chance.random() < 0.55
        created_at = MONDAY - age * DAY
        title = chance.choice(ASKS if need else GIVES).format(chance.choice(TOPICS))
        posts.append(
            {
                "id": number,
                "group_id": group,
                "author_id": author["id"],
                "category_id": chance.choice(categories[group]),
                "kind": PostKind.NEED if need else PostKind.OFFER,
                "title": title,
                "text": "Whoever has a word to say about it: I would be glad of it, also in the evening.",
                "rule": Rule.CHOICE,
                "closes_at": MONDAY + (1.5 + chance.random() * 14) * DAY,
                "created_at": created_at,
            }
        )
        if age < 8 or number % 3:
            state = ResponseState.WAITING if chance.random() < 0.1 else ResponseState.DECLINED
            answers.append(
                {
                    "group_id": group,
                    "post_id": number,
                    "member_id": other["id"],
                    "text": "Gladly.",
                    "state": state,
                    "created_at": created_at,
                }
            )
    _insert(session, Post, posts)
    _insert(session, Response, answers)


def _categories(session: Session, group: int) -> list[int]:
    return [*session.scalars(select(Category.id).filter_by(group_id=group))]


def _waiting(session: Session, chance: random.Random, here: dict[int, list[dict[str, Any]]]) -> None:
    """Every twentieth of those who get a letter has a delivered favor to confirm."""
    rows = []
    for group, some in here.items():
        category = session.scalars(select(Category.id).filter_by(group_id=group, slug="advice")).one()
        for _ in range(len(some) // 20):
            giver, receiver = chance.sample(some, 2)
            rows.append(
                {
                    "group_id": group,
                    "giver_id": giver["id"],
                    "receiver_id": receiver["id"],
                    "category_id": category,
                    "title": f"A word on {chance.choice(TOPICS)}",
                    "state": FavorState.DELIVERED,
                    "agreed_at": MONDAY - 9 * DAY,
                    "clock_from": MONDAY - 8 * DAY,
                    "delivered_at": MONDAY - 8 * DAY,
                }
            )
    _insert(session, Favor, rows)


def _favors(chance: random.Random, slug: str, members: int) -> bytes:
    """A file of as many confirmed favors as the group has members, of the last 200 days."""
    place = [one for one, _name in GROUPS].index(slug)
    lines = ["giver,receiver,at,category,title"]
    for _ in range(members // 3):
        giver, receiver = chance.sample(range(place, members, 3), 2)
        day = (MONDAY - chance.randrange(1, 200) * DAY).date()
        said = f"A word on {chance.choice(TOPICS)}"
        lines.append(f"reader{giver:06}@{slug}.example,reader{receiver:06}@{slug}.example,{day},advice,{said}")
    return "\n".join(lines).encode()


def _insert(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    name: Any = table.__table__
    for start in range(0, len(rows), AT_ONCE):
        session.execute(insert(name), rows[start : start + AT_ONCE])
