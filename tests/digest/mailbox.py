"""A counting SMTP server, and a site with many readers of the weekly letter in a database of its own."""

import asyncio
import email
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import select

from exchange.storage.db import db
from exchange.storage.digest import DigestWish, Rhythm
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from tests.builders import needed
from tests.digest.issues import DAY, MONDAY
from tests.jobs.running import free_port, inside
from tests.people import NOON, founded, joined

JOINED = NOON - timedelta(days=100)


@dataclass
class Mailbox:
    """Takes letters, each after some time, and remembers of each to whom it went, its Message-ID and when it came. Like
    most servers, it takes several commands at once.
    """

    seconds: float = 0.0
    taken: list[tuple[str, str, float]] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say so."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """Take a letter."""
        message = email.message_from_bytes(envelope.content, policy=default)
        self.taken.append((envelope.rcpt_tos[0], str(message["Message-ID"]), time.monotonic()))
        self.contents.append(envelope.content)
        self.senders.append(envelope.mail_from)
        await asyncio.sleep(self.seconds)
        return "250 OK"

    @property
    def by_reader(self) -> Counter[str]:
        """How many letters came to each."""
        return Counter(to for to, _, _ in self.taken)

    @property
    def ids(self) -> set[str]:
        """Every Message-ID that came."""
        return {message_id for _, message_id, _ in self.taken}

    @property
    def extras(self) -> int:
        """How many came again, each under the id of the first."""
        return len(self.taken) - len(self.ids)


@contextmanager
def mailbox(seconds: float = 0.0) -> Iterator[tuple[Mailbox, str]]:
    """A running SMTP server and its address."""
    taker, port = Mailbox(seconds), free_port()
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield taker, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def readers(env: dict[str, str], number: int, *, domains: int = 1) -> list[str]:
    """A group with one need and so many readers, for whom it is due on Monday at eight; their addresses."""
    with inside(env):
        session = db.session()
        group = founded(session, "bar", "Harbor County Bar", "olga@bar.example")
        ben = joined(session, group, "Ben Castellanos")
        founders = session.scalars(select(Membership.person_id).filter_by(group_id=group.id)).all()
        session.add_all(DigestWish(person_id=one, rhythm=Rhythm.NEVER) for one in founders)
        people = [
            Person(
                email=f"reader{each:05}@{each % domains}.example",
                name=f"Reader {each:05}",
                fs_uniquifier=f"reader{each}",
                created_at=JOINED,
            )
            for each in range(number)
        ]
        session.add_all(people)
        session.flush()
        session.add_all(
            Membership(group_id=group.id, person_id=one.id, number=100 + place, joined_at=JOINED)
            for place, one in enumerate(people)
        )
        session.commit()
        needed(ben, at=MONDAY - DAY, closes_at=MONDAY + 5 * DAY)
        return [one.email for one in people]
