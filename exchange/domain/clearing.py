"""Taking out what was in a deleted group: many small transactions, each of which goes on where the rows stand.

A kill between two of them, or in the middle of one, loses nothing: whoever looks next goes on. Nobody can come into the
group meanwhile.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, literal, select, update
from sqlalchemy.orm import Session

from exchange.storage import search, whole
from exchange.storage.db import db, locked, transaction
from exchange.storage.desk import Appeal, Case, Decision, Report
from exchange.storage.favor import Favor
from exchange.storage.group import Group
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from exchange.storage.question import Question

AT_ONCE = 1_000
NOT_SENT = "not sent: the group was deleted"
UNSENT = (LetterState.DUE, LetterState.LEASED)


def due(*, at: datetime, stop: Callable[[], bool] = lambda: False, steps: int = 50) -> bool:  # noqa: ARG001 (as jobs are called)
    """Take out what was in deleted groups, so many steps at most. Returns whether there is more of it."""
    for group_id in db.session.scalars(select(Group.id).where(Group.deleted_at.is_not(None))).all():
        while step(group_id):
            steps -= 1
            if steps <= 0 or stop():
                return True
    return False


def step(group_id: int) -> bool:
    """One transaction. Returns whether something of the group is left."""
    with transaction() as session:
        group = locked(session, Group, group_id)
        if group is None or group.deleted_at is None:
            return False
        left = AT_ONCE - _letters(session, group_id)
        if left > 0:
            _nameless(session, group_id)
            _to_administrators(session, group_id)
            left -= whole.take_out(session, group_id, limit=left)
        session.expunge(group)  # its row may be gone
        if left > 0:
            search.forget(session)
    return left <= 0


def rows(group_id: int) -> int:
    """How many rows of a group are left, for whoever looks on."""
    return whole.count(db.session(), group_id)


def _letters(session: Session, group_id: int) -> int:
    """A letter stays as the fact that somebody was written to; what it said goes, and what was not sent never is."""
    ids = session.scalars(select(Letter.id).filter_by(group_id=group_id).limit(AT_ONCE)).all()
    _emptied(session, Letter.id.in_(ids))
    return len(ids)


def _emptied(session: Session, which: ColumnElement[bool]) -> None:
    letters = update(Letter).where(which).execution_options(synchronize_session=False)
    unsent = {"state": LetterState.FAILED, "why_failed": NOT_SENT, "leased_until": None}
    session.execute(letters.where(Letter.state.in_(UNSENT)).values(unsent))
    once = literal("gone:", String).concat(cast(Letter.id, String))
    session.execute(letters.values(group_id=None, facts={}, once=once))


def _nameless(session: Session, group_id: int) -> None:
    """Whoever was forgotten is called after a membership, whose number may be given to another one."""
    forgotten = select(Membership.person_id).where(
        Membership.group_id == group_id, Membership.erased_by_entry.is_not(None)
    )
    fresh = literal("erased-person-", String).concat(cast(Person.id, String)).concat("@erased.invalid")
    renamed = update(Person).where(Person.id.in_(forgotten), Person.email.like("erased-%@erased.invalid"))
    session.execute(renamed.values(email=fresh).execution_options(synchronize_session=False))


def _to_administrators(session: Session, group_id: int) -> None:
    """Letters about cases name them by numbers, which may be given to others."""
    cases = select(Case.id).where(Case.group_id == group_id, Case.handed_at.is_not(None))
    of_group = select(Decision.id).where(Decision.group_id == group_id)
    appeals = select(Appeal.id).where(Appeal.decision_id.in_(of_group), Appeal.handed_at.is_not(None))
    begins = [f"case:{number}:%" for number in session.scalars(cases)]
    begins += [f"appeal:{number}:%" for number in session.scalars(appeals)]
    disputes = select(Favor.id).where(Favor.group_id == group_id, Favor.handed_at.is_not(None))
    begins += [f"favor:{number}:handed%" for number in session.scalars(disputes)]
    reports = select(Report.id).where(Report.case_id.in_(select(Case.id).where(Case.group_id == group_id)))
    asked = select(Question.id).where(Question.report_id.in_(reports), Question.administrator_id.is_not(None))
    begins += [f"question:{number}:%" for number in session.scalars(asked)]
    for one in begins:
        _emptied(session, (Letter.kind == "handed_over") & Letter.once.like(one))
