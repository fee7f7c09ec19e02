"""From issues to letters that only need to be written out: looked at, gathered and composed for all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from exchange.digest import look, ticks
from exchange.digest.compose import compose
from exchange.digest.facts import Digest
from exchange.digest.gather import Gathered, gather
from exchange.digest.leases import Claimed
from exchange.digest.round import Round
from exchange.digest.skips import Skip
from exchange.storage.db import db


@dataclass(frozen=True)
class Ready:
    """A letter that only needs to be written out, and the memberships that it is about."""

    issue: Claimed
    digest: Digest
    members: frozenset[int]

    @property
    def domain(self) -> str:
        """Where it goes, as limits name it."""
        return self.digest.reader.email.rpartition("@")[2].lower()


def prepare(issues: Sequence[Claimed], go: Round) -> list[Ready]:
    """The letters of those who still wish one and for whom there is something new. The others are skipped, each with
    its reason; a letter that cannot be composed fails, and holds nobody else up.
    """
    session = db.session()
    try:
        stands = look.standing(session, issues)
        wanted = [issue for issue in issues if stands[issue.id].skip is None]
        known, broken = _gathered(session, wanted, go)
    finally:
        session.rollback()
    reasons = {issue_id: one.skip for issue_id, one in stands.items() if one.skip}
    ready = []
    for issue in (issue for issue in wanted if issue.id in known):
        reader, weeks = known[issue.id]
        try:
            digest = compose(reader, weeks)
        except Exception as error:
            broken[issue.id] = error
            continue
        if digest is None:
            reasons[issue.id] = Skip.EMPTY
        else:
            ready.append(Ready(issue, digest, frozenset(week.member.id for week in weeks)))
    go.done.skipped += ticks.skipped(reasons, issues)
    go.done.failed += sum(cannot_be_written(issue, broken[issue.id]) for issue in wanted if issue.id in broken)
    return ready


def cannot_be_written(issue: Claimed, error: Exception) -> int:
    """The issue has failed. The error's own sentence may hold what the letter says, so only its kind is kept."""
    return ticks.failed(issue, f"It could not be written: {type(error).__name__}.")


def _gathered(session: Session, issues: Sequence[Claimed], go: Round) -> tuple[Gathered, dict[int, Exception]]:
    """What is known for all of them at once; where that fails, for one after the other."""
    folder = go.settings.checkpoints
    try:
        return gather(session, [issue.due for issue in issues], folder=folder, at=go.now()), {}
    except SQLAlchemyError:
        raise
    except Exception as error:
        if len(issues) == 1:
            return {}, {issues[0].id: error}
    known: Gathered = {}
    broken: dict[int, Exception] = {}
    for issue in issues:
        found, failed = _gathered(session, [issue], go)
        known |= found
        broken |= failed
    return known, broken
