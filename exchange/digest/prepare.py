"""From issues to letters that only need to be written out: looked at, gathered and composed for all of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from exchange.digest import look, ticks
from exchange.digest.compose import compose
from exchange.digest.facts import Digest, Due
from exchange.digest.gather import Gathered, gather
from exchange.digest.kept import Kept
from exchange.digest.leases import Claimed
from exchange.digest.round import Round
from exchange.digest.skips import Skip
from exchange.storage.db import db


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that only needs to be written out, and the memberships that it is about."""

    issue: Claimed
    digest: Digest
    members: frozenset[int]

    @property
    def domain(self) -> str:
        """Where it goes, as limits name it."""
        return self.digest.reader.email.rpartition("@")[2].lower()


@dataclass
class Composed:
    """What became of issues before anything is sent: letters, reasons for having none, and what went wrong."""

    ready: list[Ready] = field(default_factory=list)
    reasons: dict[int, Skip] = field(default_factory=dict)
    broken: dict[int, Exception] = field(default_factory=dict)


def prepare(issues: Sequence[Claimed], go: Round) -> list[Ready]:
    """The letters of those who still wish one and for whom there is something new. The others are skipped, each with
    its reason; a letter that cannot be composed fails, and holds nobody else up.
    """
    session = db.session()
    try:
        found = composed(session, issues, folder=go.settings.checkpoints, at=go.now(), kept=go.kept)
    finally:
        session.rollback()
    go.done.skipped += ticks.skipped(found.reasons, issues)
    for issue in issues:
        if issue.id in found.broken:
            go.done.failed += cannot_be_written(issue, found.broken[issue.id])
    return found.ready


def cannot_be_written(issue: Claimed, error: Exception) -> int:
    """The issue has failed. The error's own sentence may hold what the letter says, so only its kind is kept."""
    return ticks.failed(issue, f"It could not be written: {type(error).__name__}.")


def composed(
    session: Session, issues: Sequence[Claimed], *, folder: Path, at: datetime, kept: Kept | None = None
) -> Composed:
    """Compose the letters of some issues as they would be sent at a moment. Nothing is written down."""
    found = Composed()
    stands = look.standing(session, issues)
    found.reasons |= {issue_id: one.skip for issue_id, one in stands.items() if one.skip}
    wanted = [issue for issue in issues if issue.id not in found.reasons]

    def read(some: Sequence[Due]) -> Gathered:
        return gather(session, some, folder=folder, at=at, kept=kept)

    known = _gathered(read, [issue.due for issue in wanted], found.broken)
    for issue in (issue for issue in wanted if issue.id in known):
        reader, weeks = known[issue.id]
        try:
            digest = compose(reader, weeks)
        except Exception as error:
            found.broken[issue.id] = error
            continue
        if digest is None:
            found.reasons[issue.id] = Skip.EMPTY
        else:
            found.ready.append(Ready(issue, digest, frozenset(week.member.id for week in weeks)))
    return found


def _gathered(
    read: Callable[[Sequence[Due]], Gathered], issues: Sequence[Due], broken: dict[int, Exception]
) -> Gathered:
    """What is known for all of them at once; where that fails, for one after the other."""
    try:
        return read(issues)
    except SQLAlchemyError:
        raise
    except Exception as error:
        if len(issues) == 1:
            broken[issues[0].issue_id] = error
            return {}
    known: Gathered = {}
    for issue in issues:
        known |= _gathered(read, [issue], broken)
    return known
