"""The group's own rules, which reports and decisions name."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain.errors import BadInput
from exchange.sentences import N_, said_in
from exchange.storage.db import db
from exchange.storage.membership import Membership
from exchange.storage.policy import GroupRule

# What a new group begins with; migration 0007 gave it to those that were there.
USUAL = (
    N_("Say what it is and who it is for."),
    N_("No client, patient or employer is named without their consent."),
    N_("Nothing is given or asked for in return for a client, a referral or a favor."),
    N_("Kind words, also in disagreement."),
    N_("Nothing for sale, and the same thing only once."),
    N_("True, as far as you know."),
)


def lay_down(session: Session, group_id: int, *, language: str) -> None:
    """Inside a running verb: a new group gets the usual rules."""
    texts = map(said_in(language).gettext, USUAL)
    session.add_all(GroupRule(group_id=group_id, position=place, text=text) for place, text in enumerate(texts))


def rules(*, seen_by: Membership) -> Sequence[GroupRule]:
    """The rules that hold now, in their order."""
    return of(db.session(), seen_by.group_id)


def of(session: Session, group_id: int) -> Sequence[GroupRule]:
    """The rules of a group, in their order."""
    found = select(GroupRule).filter_by(group_id=group_id, retired=False)
    return session.scalars(found.order_by(GroupRule.position, GroupRule.id)).all()


def chosen(session: Session, group_id: int, rule_id: int | None) -> str:
    """The words of the rule that somebody chose. Raises BadInput without one of the group's."""
    rule = next((rule for rule in of(session, group_id) if rule.id == rule_id), None)
    if rule is None:
        raise BadInput(_("Choose one of the rules of this group."), field="rule")
    return rule.text
