"""What became of issues that were claimed, written down letter by letter."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, update

from exchange.digest import holder
from exchange.digest.leases import Claimed, changed
from exchange.digest.skips import Skip
from exchange.storage.among import among
from exchange.storage.db import transaction
from exchange.storage.digest import DigestIssue, IssueState
from exchange.storage.ticking import Tick, Ticking


def sent(
    issue: Claimed,
    *,
    at: datetime,
    message_id: str,
    carried: Mapping[str, int],
    shown: Iterable[int],
    ticking: Ticking,
    lasting: bool = True,
) -> bool:
    """Tick one issue off with what it has shown, before the next letter goes. False where somebody else has taken it
    over.

    No kill of this process loses the tick. One that need not be `lasting` waits for no disk: where the power fails, it
    may be lost with all since the last one that did, and these letters go out again, each under its Message-ID.
    """
    tick = Tick(issue.id, issue.until, holder.me(), at, message_id, dict(carried), sorted(set(shown)))
    return ticking.tick(tick, lasting=lasting)


def skipped(reasons: Mapping[int, Skip], issues: Sequence[Claimed]) -> Counter[Skip]:
    """Issues that need not be sent, each with its reason by id; how many of each."""
    by_reason: dict[Skip, list[Claimed]] = {}
    for issue in issues:
        if issue.id in reasons:
            by_reason.setdefault(reasons[issue.id], []).append(issue)
    return Counter({reason: _end(some, IssueState.SKIPPED, reason.value) for reason, some in by_reason.items()})


def failed(issue: Claimed, reason: str) -> int:
    """An issue that cannot be sent: 1, or 0 where somebody else has taken it over."""
    return _end([issue], IssueState.FAILED, reason)


def _end(issues: Sequence[Claimed], state: IssueState, reason: str) -> int:
    with transaction() as session:
        return changed(
            session,
            update(DigestIssue)
            .where(_still_ours(issues))
            .values(state=state, reason=reason, leased_until=None, holder=""),
            issues=[issue.id for issue in issues],
        )


def later(
    issues: Mapping[int, datetime], ours: Sequence[Claimed], *, attempts: int = 0, dropped: int = 0, why: str = ""
) -> int:
    """Hand issues back, to be tried again at these moments by id. `attempts` and `dropped` are added up."""
    some = [issue for issue in ours if issue.id in issues]
    if not some:
        return 0
    with transaction() as session:
        return changed(
            session,
            update(DigestIssue)
            .where(_still_ours(some))
            .values(
                state=IssueState.DUE,
                leased_until=None,
                holder="",
                reason=why,
                attempts=DigestIssue.attempts + attempts,
                dropped=DigestIssue.dropped + dropped,
                next_try_at=case(issues, value=DigestIssue.id, else_=DigestIssue.next_try_at),
            ),
            issues=[issue.id for issue in some],
        )


def _still_ours(issues: Sequence[Claimed]) -> ColumnElement[bool]:
    return (
        among(DigestIssue.id, "issues")
        & (DigestIssue.state == IssueState.LEASED)
        & (DigestIssue.leased_until == issues[0].until)
        & (DigestIssue.holder == holder.me())
    )
