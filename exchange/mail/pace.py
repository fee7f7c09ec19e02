"""How fast e-mails may go: so many a second in all, and to one receiving domain, over all workers together.

A row for each limit says when the next e-mail may go. Whoever sends one takes that place and moves it on.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Self

from sqlalchemy import select

from exchange.config import Settings
from exchange.mail.smtp import Refused
from exchange.mail.transport import Transport
from exchange.storage.db import transaction
from exchange.storage.insert import insert_new
from exchange.storage.pace import MailPace

EVERYBODY = ""
PATIENCE = timedelta(seconds=10)
BUSY = 451


@dataclass(frozen=True)
class Turn:
    """When an e-mail may go. `taken`: the place is ours; otherwise it comes too late, by the limit of that `name`."""

    at: datetime
    taken: bool
    name: str = EVERYBODY


def wall() -> datetime:
    """The moment outside, also in a rehearsal: servers know no other."""
    return datetime.now(UTC)


def limits(settings: Settings, domain: str) -> dict[str, float]:
    """The limits that hold for an e-mail to this domain, in e-mails a second by the name of the row; none are set
    unless the operator does.
    """
    found = {EVERYBODY: settings.mail_per_second, domain.lower(): settings.mail_per_domain}
    return {name: rate for name, rate in found.items() if rate > 0}


def turn(rates: dict[str, float], *, at: datetime, patience: timedelta, with_domain: timedelta | None = None) -> Turn:
    """Take the next place that all of these limits leave free, if it comes within `patience`.

    `with_domain` is how long to wait for a domain when it would be our turn otherwise; as long, if not given.
    """
    with transaction() as session:
        insert_new(session, MailPace, [{"name": name, "next_at": at} for name in sorted(rates)])
        rows = session.scalars(
            select(MailPace)
            .where(MailPace.name.in_(rates))
            .order_by(MailPace.name)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        free = {row.name: max(at, row.next_at) for row in rows}
        ours = free.get(EVERYBODY, at)
        if ours - at > patience:
            return Turn(ours, taken=False)
        for name, moment in free.items():
            if name != EVERYBODY and moment - ours > (patience if with_domain is None else with_domain):
                return Turn(moment, taken=False, name=name)
        ours = max(free.values())
        for row in rows:
            row.next_at = ours + timedelta(seconds=1 / rates[row.name])
    return Turn(ours, taken=True)


class Paced:
    """A way out that waits for its turn before each e-mail. What would wait too long is tried again later."""

    def __init__(self, way: Transport, settings: Settings) -> None:
        self.way, self.settings = way, settings

    def __enter__(self) -> Self:
        self.way.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.way.__exit__(*_)

    def send(self, message: EmailMessage) -> None:
        """Hand a letter over when it may go. Raises what the way out does, and Refused where that is too far away."""
        if rates := limits(self.settings, message["To"].addresses[0].domain):
            now = wall()
            found = turn(rates, at=now, patience=PATIENCE)
            if not found.taken:
                raise Refused(BUSY, "So many letters go to this domain that this one has to wait.")
            time.sleep((found.at - now).total_seconds())
        self.way.send(message)
