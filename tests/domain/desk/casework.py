"""What the tests of the desk share: reporting, deciding, and who stands aside, with defaults for what is not said."""

from datetime import datetime, timedelta
from typing import Any

from exchange.domain import invitations
from exchange.domain.desk import cases, decisions, reports, rules
from exchange.storage.db import db, transaction
from exchange.storage.desk import Act, Case, Decision, TargetKind
from exchange.storage.membership import Invitation, Membership, Role
from exchange.storage.person import Person
from exchange.storage.post import Post
from tests.people import NOON

WHY = "Sending clients in return for clients is what the third rule rules out."
DAY = timedelta(days=1)


def rule_of(member: Membership) -> int:
    """One of the rules of the member's group."""
    return rules.rules(seen_by=member)[2].id


def reported(post: Post, by: Membership, at: datetime = NOON, note: str = "A trade in clients.") -> Case:
    """Somebody reports a post."""
    return reports.report(TargetKind.POST, post.id, by=by, rule=rule_of(by), note=note, at=at)


def decided(
    case: Case, by: Membership | Person, act: Act = Act.HIDE, at: datetime = NOON, **said: Any
) -> Decision | None:
    """Somebody decides a case."""
    return decisions.decide(case.id, act, by=by, rule=rule_of(case.about), why=WHY, at=at, **said)


def made(case: Case, by: Membership | Person, act: Act = Act.HIDE, at: datetime = NOON, **said: Any) -> Decision:
    """A decision that takes one person."""
    decision = decided(case, by, act, at, **said)
    assert decision is not None
    return decision


def waiting(organiser: Membership, at: datetime = NOON) -> int:
    """The one case that waits for an organiser."""
    (line,) = cases.desk(seen_by=organiser, at=at).waiting
    assert line.case_id is not None
    return line.case_id


def plain(message: Any) -> str:
    """The words of a letter."""
    return str(message.get_body(("plain",)).get_content())


def invited(host: Membership, guest: Membership, at: datetime = NOON - 300 * DAY) -> None:
    """The guest once came by an invitation of the host."""
    email = guest.person.email
    with transaction() as session:
        token = invitations.issue(session, host.group, email, role=Role.MEMBER, by=session.merge(host), at=at)
    found = db.session.query(Invitation).filter_by(token_hash=invitations.hashed(token)).one()
    found.used_at = at
    db.session.commit()
