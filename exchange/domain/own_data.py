"""Everything that is held about one person, for that person: one structure that becomes one file.

What is kept about them is named table by table. A test looks at every column of the database that names a person or a
member, and fails where one is neither given out nor left out for a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from exchange.storage.db import Base, db
from exchange.storage.deletion import Deletion
from exchange.storage.desk import Appeal, Aside, Case, Decision, Objection, Report
from exchange.storage.digest import DigestGroupWish, DigestIssue, DigestNote, DigestWish
from exchange.storage.election import Seen, Vote, Willing
from exchange.storage.favor import Correction, Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import Invitation, Membership
from exchange.storage.person import Person
from exchange.storage.policy import Asking
from exchange.storage.post import Post, Response
from exchange.storage.question import Question
from exchange.storage.read_token import ReadToken
from exchange.storage.sign_in import SignIn
from exchange.storage.suppression import Suppression
from exchange.storage.tie import Tie


class Part(NamedTuple):
    """Rows of a table: in which list they stand, by which columns they are somebody's, and what of them is told."""

    name: str
    table: type[Base]
    whose: tuple[str, ...]
    told: str


OF_PERSONS = (
    Part("weekly_letter", DigestWish, ("person_id",), "rhythm weekday hour paused_until changed_at since"),
    Part(
        "weekly_letters",
        DigestIssue,
        ("person_id",),
        "period window_from window_until due_at state reason sent_at bounced",
    ),
    Part("letters", Letter, ("person_id",), "kind email state due_at sent_at why_failed"),
    Part("signed_in", SignIn, ("person_id",), "browser system made_at seen_at"),
    Part("read_tokens", ReadToken, ("person_id",), "name created_at last_used_on revoked_at"),
)
OF_MEMBERS = (
    Part(
        "posts",
        Post,
        ("author_id",),
        "id kind title text place slots taken rule event_at closes_at state closed_because hidden_from_firm created_at",
    ),
    Part("answers", Response, ("member_id",), "post_id text state created_at decided_at offered_until"),
    Part(
        "favors",
        Favor,
        ("giver_id", "receiver_id"),
        "id post_id title state began giver_id receiver_id event_at agreed_at delivered_at confirmed_at cancelled_at "
        "cancelled_because cancelled_why dropped_out disputed_at disputed_why settled_why how thanks entry",
    ),
    Part("corrections", Correction, ("by_id",), "favor_id why state entry created_at decided_at"),
    Part("ties", Tie, ("from_id", "to_id"), "from_id to_id kind declared_at agreed answered_at withdrawn_at"),
    Part("asked_to_join", Asking, ("membership_id",), "question answer"),
    Part("weekly_letter", DigestGroupWish, ("membership_id",), "off previewed"),
    Part("notes_in_the_weekly_letter", DigestNote, ("by_id",), "text written_at used_at"),
    Part("invitations_sent", Invitation, ("invited_by_id",), "email role created_at expires_at used_at revoked_at"),
    Part("last_seen", Seen, ("membership_id",), "at"),
    Part("reports", Report, ("by_id",), "rule note made_at"),
    Part("questions_asked", Question, ("by_id",), "text asked_at"),
    Part("objections", Objection, ("by_id",), "why made_at upheld decided_at"),
    Part("appeals", Appeal, ("by_id",), "decision_id why made_at outcome decided_at"),
    Part("stood_aside", Aside, ("member_id",), "case_id why at"),
    Part("decisions_made", Decision, ("by_id", "second_id"), "id act rule why until entry at"),
    Part("deletions_proposed", Deletion, ("by_id",), "proposed_at ended_at"),
    Part("votes", Vote, ("voter_id",), "election_id for_id at"),
    Part("willing_to_organise", Willing, ("member_id",), "election_id at"),
)
ACCOUNT = "email name zone language confirmed_at created_at is_administrator second_factor"
PROFILE = (
    "number role state firm practice office contact can_help_with would_love accepts_gifts letters_off joined_at "
    "ended_at suspended_at"
)


@dataclass(frozen=True)
class _Names:
    """Members by id, as the others in a list are named."""

    by_id: dict[int, str]

    def said(self, column: str, value: Any) -> Any:
        if column in {"giver_id", "receiver_id", "from_id", "to_id", "for_id"}:
            return self.by_id.get(value, "")
        if isinstance(value, datetime | date):
            return value.isoformat()
        return value.value if isinstance(value, Enum) else value


def own_data(person: Person, *, at: datetime) -> dict[str, Any]:
    """All of it, ready for JSON: texts, numbers, yes and no, moments in ISO 8601, people by name.

    Withheld favors and letters are in it, since they are the person's own; passwords, keys and the hashes of tokens are
    not, nor what others told the organisers in confidence.
    """
    names = _Names({})
    account: dict[str, Any] = _told(person, ACCOUNT, names)
    account["letters_stopped"] = [_told(row, "since why", names) for row in _rows(Suppression, email=person.email)]
    data: dict[str, Any] = {"made_at": at.isoformat(), "account": account}
    data |= {part.name: _list(part, [person.id], names) for part in OF_PERSONS}
    return data | {"groups": [_group(member) for member in _rows(Membership, person_id=person.id)]}


def _group(member: Membership) -> dict[str, Any]:
    people = select(Membership.id, Person.name).join(Person).where(Membership.group_id == member.group_id)
    names = _Names({number: name or str(_("A former member")) for number, name in db.session.execute(people)})
    said: dict[str, Any] = {
        "group": member.group.name,
        "slug": member.group.slug,
        "profile": _told(member, PROFILE, names),
    }
    said |= {part.name: _list(part, [member.id], names) for part in OF_MEMBERS}
    about = select(Decision).join(Case, Case.id == Decision.case_id).where(Case.about_id == member.id)
    concerning = db.session.scalars(about.order_by(Decision.id))
    mine = select(Question).join(Report).where(Report.by_id == member.id).order_by(Question.id)
    said["questions_about_my_reports"] = [
        _told(one, "text asked_at answer answered_at", names) for one in db.session.scalars(mine)
    ]
    return said | {"decisions_about_me": [_told(one, "act rule why until entry at", names) for one in concerning]}


def _list(part: Part, ids: list[int], names: _Names) -> list[dict[str, Any]]:
    mine = or_(*(getattr(part.table, column).in_(ids) for column in part.whose))
    keys = part.table.__table__.primary_key.columns  # type: ignore[attr-defined]
    return [_told(row, part.told, names) for row in db.session.scalars(select(part.table).where(mine).order_by(*keys))]


def _rows(table: type[Any], **where: Any) -> Iterator[Any]:
    yield from db.session.scalars(select(table).filter_by(**where))


def _told(row: Any, columns: str, names: _Names) -> dict[str, Any]:
    return {column.removesuffix("_id"): names.said(column, getattr(row, column)) for column in columns.split()}
