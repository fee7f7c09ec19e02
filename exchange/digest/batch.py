"""One batch of letters on its way: prepared together, looked at again, handed over one by one."""

import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from exchange.digest import breaker, checkpoints, look, notes, ticks
from exchange.digest.deliver import NotYet, TakenOver, deliver, following, written
from exchange.digest.leases import RESERVE, Claimed
from exchange.digest.prepare import Ready, prepare
from exchange.digest.round import Round
from exchange.digest.skips import Skip
from exchange.mail.pace import wall
from exchange.mail.parcel import Parcel
from exchange.mail.smtp import Unreachable
from exchange.storage.db import db

# How old what was looked at may be when a letter goes, in seconds. Some hundred letters to a fast server take as long.
LOOK_EVERY = 0.5
READ_EVERY = 30.0


class Batch:
    """Claimed issues on their way, of which `run` brings each to an end or hands it back."""

    def __init__(self, go: Round) -> None:
        self.go = go
        self.queue: deque[Ready] = deque()
        self.looked_at = self.read_at = 0.0
        self.answered = False
        self.ahead: tuple[Ready, Parcel] | None = None
        go.way.meanwhile = self._write_ahead

    def run(self, issues: Sequence[Claimed]) -> bool:
        """Send them. False when the rest has to wait: the server is silent, or it is time to stop."""
        people = [issue.due.person_id for issue in issues]
        notes.used(people, until=max(issue.due.window_until for issue in issues), at=self.go.now())
        checkpoints.sign(people, settings=self.go.settings, at=self.go.now(), known=self.go.signed)
        self._read(issues)
        while self.queue:
            if self.go.stop() or self.go.now() > self.queue[0].issue.until - RESERVE:
                self._hand_back(self.queue)
                return False
            self._look_again()
            if self.queue and not self._deliver(self.queue.popleft()):
                return False
        return True

    def _read(self, issues: Sequence[Claimed]) -> None:
        self.looked_at = self.read_at = time.monotonic()
        self.queue = deque(prepare(issues, self.go))
        # What batches share may have been read a while ago: it is looked at before the first letter, too.
        over = self._over()
        self._compose_anew([one.issue for one in self.queue if not over.isdisjoint(one.digest.shown)])

    def _write_ahead(self) -> None:
        """The next letter is written while the server takes this one. What is wrong with it comes out in its turn."""
        if self.queue:
            with suppress(Exception):
                self.ahead = self.queue[0], written(self.queue[0].digest, self.go)

    def _deliver(self, ready: Ready) -> bool:
        parcel = self.ahead[1] if self.ahead is not None and self.ahead[0] is ready else None
        after = following(self.queue[0], self.go) if self.queue and not self.go.ends_soon() else None
        try:
            if deliver(ready, self.go, parcel, after) and not self.answered:
                self.answered = True
                breaker.answered()
        except NotYet as wait:
            return self._wait(ready, wait)
        except TakenOver:
            self._hand_back(self.queue)
            return False
        except Unreachable as error:
            breaker.silent(wall(), str(error))
            # Should it be about this letter alone, another one is tried first next time.
            self.go.done.later += ticks.later({ready.issue.id: self.go.now()}, [ready.issue])
            self._hand_back(self.queue)
            return False
        return True

    def _wait(self, ready: Ready, wait: NotYet) -> bool:
        """Put off all that go to a domain which is to have no more just now, one after the other; the others go on."""
        theirs = [ready, *(one for one in self.queue if not wait.domain or one.domain == wait.domain)]
        self.queue = deque(one for one in self.queue if one not in theirs)
        moments = {one.issue.id: wait.until + wait.apart * place for place, one in enumerate(theirs)}
        self.go.done.later += ticks.later(moments, [one.issue for one in theirs])
        return bool(wait.domain)

    def _hand_back(self, some: Collection[Ready]) -> None:
        """Whoever has time may take them at once."""
        moments = {one.issue.id: one.issue.due_at for one in some}
        self.go.done.later += ticks.later(moments, [one.issue for one in some])

    def _look_again(self) -> None:
        """Leave out who does not wish it any more, and compose anew what does not hold any more."""
        now = time.monotonic()
        if now - self.looked_at < LOOK_EVERY:
            return
        if now - self.read_at >= READ_EVERY:
            self._read([one.issue for one in self.queue])
            return
        self.looked_at = now
        session = db.session()
        try:
            stands = look.standing(session, [one.issue for one in self.queue])
        finally:
            session.rollback()
        over = self._over()
        self._skip({issue_id: one.skip for issue_id, one in stands.items() if one.skip})
        self._compose_anew(
            [
                one.issue
                for one in self.queue
                if stands[one.issue.id].members != one.members or not over.isdisjoint(one.digest.shown)
            ]
        )

    def _over(self) -> set[int]:
        """The posts in the queue's letters that are not open any more."""
        session = db.session()
        try:
            return look.over(session, {post for one in self.queue for post in one.digest.shown}, at=self.go.now())
        finally:
            session.rollback()

    def _skip(self, reasons: Mapping[int, Skip]) -> None:
        if reasons:
            self.go.done.skipped += ticks.skipped(reasons, [one.issue for one in self.queue])
            self.queue = deque(one for one in self.queue if one.issue.id not in reasons)

    def _compose_anew(self, stale: Sequence[Claimed]) -> None:
        if stale:
            self.go.kept.forget()
            anew: dict[int, Ready | None] = dict.fromkeys([issue.id for issue in stale])
            anew |= {one.issue.id: one for one in prepare(stale, self.go)}
            self.queue = deque(found for one in self.queue if (found := anew.get(one.issue.id, one)))
