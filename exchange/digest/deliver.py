"""Handing one letter over, and writing down what became of it."""

import re
import time
from datetime import datetime, timedelta

from exchange.digest import suppression, ticks, unsubscribe, verp
from exchange.digest.facts import Digest
from exchange.digest.leases import Claimed
from exchange.digest.prepare import Ready, cannot_be_written
from exchange.digest.retry import again
from exchange.digest.round import Round
from exchange.digest.write import letter
from exchange.mail.headers import CannotBeAddressed, mailbox
from exchange.mail.pace import limits, turn, wall
from exchange.mail.parcel import Parcel
from exchange.mail.smtp import Dropped, Refused
from exchange.mail.wire import Envelope

PATIENCE = timedelta(seconds=5)
SOON = timedelta(seconds=1)
WHY = 300
TWICE = "The connection broke twice after the letter was handed over; it may have arrived."
_ADDRESS = re.compile(r"\S+@\S+")


class NotYet(Exception):  # noqa: N818 (read as a sentence)
    """The limit of a domain, or of all letters where it is empty, leaves no place until then; further ones `apart`."""

    def __init__(self, domain: str, until: datetime, apart: timedelta) -> None:
        super().__init__(domain)
        self.domain, self.until, self.apart = domain, until, apart


class TakenOver(Exception):  # noqa: N818 (read as a sentence)
    """Another worker has taken back what this one held: it was away for longer than its lease."""


def deliver(ready: Ready, go: Round, parcel: Parcel | None = None, following: Envelope | None = None) -> bool:
    """Send a letter and tick it off, or write down why it was not sent. Whether the server has said yes or no to it.
    `parcel` is what was written of it ahead, `following` whom the next one is for.

    Raises:
        TakenOver: the letter went, and it was not ours any more.
        NotYet: it is not its turn.
        exchange.mail.smtp.Unreachable: nobody takes letters. The issue is still claimed in both cases.
    """
    issue = ready.issue
    try:
        parcel = parcel or written(ready.digest, go)
    except Exception as error:  # one bad letter holds nobody else up
        go.done.failed += cannot_be_written(issue, error)
        return False
    _wait_for_turn(ready.domain, go)
    try:
        go.way.send(parcel, sender=_comes_back_to(ready, go), following=following)
    except Refused as refused:
        _refused(ready, refused, go)
    except Dropped:
        _dropped(issue, go)
        return False
    else:
        _sent(ready, parcel, go)
    return True


def following(ready: Ready, go: Round) -> Envelope | None:
    """What the server may be told of a letter before its turn; None where a limit may still put it off, or where it
    cannot be sent at all.
    """
    if limits(go.settings, ready.domain):
        return None
    try:
        to = mailbox(ready.digest.reader.name, ready.digest.reader.email).addr_spec
    except CannotBeAddressed:
        return None
    return Envelope(_comes_back_to(ready, go) or go.settings.letters_from, str(to))


def _comes_back_to(ready: Ready, go: Round) -> str:
    return verp.sender(go.settings, ready.issue.id, ready.digest.reader.email)


def written(digest: Digest, go: Round) -> Parcel:
    """The e-mail. The same facts give the same bytes, whenever it is written."""
    reader = digest.reader
    stop = unsubscribe.address(go.settings, person_id=reader.person_id, at=reader.window_until)
    return letter(digest, settings=go.settings, stop=stop)


def _wait_for_turn(domain: str, go: Round) -> None:
    rates = limits(go.settings, domain)
    if not rates:
        return
    now = wall()
    found = turn(rates, at=now, patience=PATIENCE, with_domain=timedelta(0))
    if not found.taken:
        raise NotYet(found.name, go.now() + (found.at - now), timedelta(seconds=1 / rates[found.name]))
    time.sleep(max(0.0, (found.at - wall()).total_seconds()))


def _sent(ready: Ready, parcel: Parcel, go: Round) -> None:
    digest = ready.digest
    posts = [] if ready.issue.copy else digest.shown
    ours = ticks.sent(
        ready.issue,
        at=go.now(),
        message_id=parcel.message_id,
        carried=digest.carried,
        shown=posts,
        ticking=go.ticking,
        lasting=go.lasting(),
    )
    if not ours:
        raise TakenOver
    go.done.sent += 1
    go.shown.update((ready.issue.run_id, post_id) for post_id in posts)


def _refused(ready: Ready, refused: Refused, go: Round) -> None:
    """For good, or for now: then it is tried again, and holds nobody else up."""
    issue, now = ready.issue, go.now()
    why = without_addresses(str(refused))
    code = int(str(refused)[:3])
    when = None if refused.for_good else again(issue.attempts + 1, go.pauses, at=now)
    if when is None:
        go.done.failed += ticks.failed(issue, why)
    else:
        go.done.later += ticks.later({issue.id: when}, [issue], attempts=1, why=why)
    if refused.for_good:
        status = suppression.status_in(code, str(refused), read=refused.read)
        suppression.came_back(ready.digest.reader.email, status, at=now)


def _dropped(issue: Claimed, go: Round) -> None:
    """Nobody knows whether it arrived: it goes out once more, and no more."""
    if issue.dropped:
        go.done.failed += ticks.failed(issue, TWICE)
    else:
        go.done.later += ticks.later({issue.id: go.now() + SOON}, [issue], dropped=1)


def without_addresses(text: str) -> str:
    """A server's sentence as it may be kept and shown to organisers: it need not say whose address it is about."""
    return _ADDRESS.sub("…", text)[:WHY]
