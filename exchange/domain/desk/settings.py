"""What organisers settle about their group. Every change stands in the log with the old and the new value."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import words
from exchange.domain.desk import rules
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.domain.invitations import organising
from exchange.storage.db import db, locked, transaction
from exchange.storage.group import Group
from exchange.storage.membership import Membership
from exchange.storage.policy import GroupPolicy, GroupRule
from exchange.storage.policy import Holding as Holding
from exchange.storage.policy import Joining as Joining
from exchange.storage.post import Rule as Rule

MOST_RULES = 20
OF_THE_GROUP = frozenset({"name", "withholding"})
Value = str | int


@dataclass(frozen=True)
class Settled:
    """What a group has settled about itself."""

    name: str
    purpose: str
    welcome: str
    joining: Joining
    holding: Holding
    digest_hour: int
    allocation: tuple[Rule, ...]
    withholding: bool
    question: str
    second_factor: bool = False


def settled(*, seen_by: Membership) -> Settled:
    """What the reader's group has settled; where nothing was, the defaults, which stand in no table."""
    return of(seen_by.group)


def of(group: Group) -> Settled:
    """The same of any group, for whoever may know of it."""
    return _settled(group, db.session.get(GroupPolicy, group.id) or _usual(group.id))


def _settled(group: Group, kept: GroupPolicy) -> Settled:
    return Settled(
        name=group.name,
        purpose=kept.purpose,
        welcome=kept.welcome,
        joining=kept.joining,
        holding=kept.holding,
        digest_hour=kept.digest_hour,
        allocation=tuple(Rule(name) for name in kept.allocation),
        withholding=group.withholding,
        question=kept.question or "",
        second_factor=bool(kept.second_factor),
    )


def _usual(group_id: int) -> GroupPolicy:
    return GroupPolicy(
        group_id=group_id,
        purpose="",
        welcome="",
        joining=Joining.INVITED,
        holding=Holding.NEWCOMERS,
        digest_hour=8,
        allocation=[rule.value for rule in Rule],
    )


def closed_to(member: Membership) -> bool:
    """Whether this organiser has to set up a second factor before anything else, because the group wants it."""
    if not member.is_organiser or member.person.second_factor:
        return False
    policy = db.session.get(GroupPolicy, member.group_id)
    return bool(policy and policy.second_factor)


def allowed(session: Session, group_id: int) -> list[Rule]:
    """How places may go in a group, the usual way first."""
    found = session.get(GroupPolicy, group_id)
    return [Rule(name) for name in found.allocation] if found else list(Rule)


def change(said: Settled, *, by: Membership, at: datetime) -> Settled:
    """An organiser changes what the group has settled. Raises NotYours for members, BadInput naming the field."""
    said = _checked(said)
    with transaction() as session:
        organising(by)
        group = locked(session, Group, by.group_id)
        assert group is not None  # noqa: S101 (its organiser is here)
        kept = session.get(GroupPolicy, group.id)
        if kept is None:
            kept = _usual(group.id)
            session.add(kept)
        before = _settled(group, kept)
        if said.second_factor and not by.person.second_factor:
            raise BadInput(
                _("Set up your own second factor first, on your account page. You could not come in any more."),
                field="second_factor",
            )
        for field in fields(said):
            value = getattr(said, field.name)
            row = group if field.name in OF_THE_GROUP else kept
            setattr(row, field.name, list(value) if isinstance(value, tuple) else value)
        session.flush()
        for field in fields(said):
            record(session, by, field.name, getattr(before, field.name), getattr(said, field.name), at)
    return said


def _checked(said: Settled) -> Settled:
    if not 0 <= said.digest_hour <= 23:
        raise BadInput(_("Choose an hour from 0 to 23."), field="digest_hour")
    if not said.allocation:
        raise BadInput(_("Allow at least one way in which places go."), field="allocation")
    return replace(
        said,
        name=words.line(said.name, field="name", name=_("The name")),
        purpose=words.text(said.purpose, field="purpose", name=_("The purpose"), most=500),
        welcome=words.text(said.welcome, field="welcome", name=_("The welcome"), most=2000),
        allocation=tuple(rule for rule in Rule if rule in said.allocation),
        question=words.line(said.question, field="question", name=_("The question"), most=300, required=False),
    )


def record(
    session: Session, by: Membership, setting: str, old: Any, new: Any, at: datetime, *, category: str = ""
) -> None:
    """Inside a running verb, last: one entry for what is otherwise now."""
    before, after = _plain(old), _plain(new)
    if before != after:
        log.record_setting(
            session, by.group_id, setting=setting, old=before, new=after, by=by, at=at, category=category
        )


def _plain(value: Any) -> Value:
    if isinstance(value, tuple):
        return ", ".join(value)
    return int(value) if isinstance(value, int) else str(value)


def add_rule(text: str, *, by: Membership, at: datetime) -> GroupRule:
    """An organiser adds a rule at the end. Raises NotYours or BadInput."""
    text = words.line(text, field="text", name=_("The rule"), most=300)
    with transaction() as session:
        organising(by)
        locked(session, Group, by.group_id)
        there = rules.of(session, by.group_id)
        if len(there) >= MOST_RULES:
            raise Refusal(_("There are %(most)s rules already. Nobody reads more.", most=MOST_RULES))
        made = GroupRule(group_id=by.group_id, position=there[-1].position + 1 if there else 0, text=text)
        session.add(made)
        session.flush()
        record(session, by, "rule", "", text, at)
    return made


def change_rule(rule_id: int, *, by: Membership, text: str, at: datetime) -> GroupRule:
    """An organiser words a rule anew; decisions of before keep the words that they were made under.

    Raises NotFound, NotYours or BadInput.
    """
    text = words.line(text, field="text", name=_("The rule"), most=300)
    with transaction() as session:
        found = _rule(session, rule_id, by)
        old, found.text = found.text, text
        session.flush()
        record(session, by, "rule", old, text, at)
    return found


def retire_rule(rule_id: int, *, by: Membership, at: datetime) -> GroupRule:
    """An organiser takes a rule out. Raises NotFound, NotYours, or Refusal for the last one."""
    with transaction() as session:
        found = _rule(session, rule_id, by)
        if len(rules.of(session, by.group_id)) == 1:
            raise Refusal(_("A group needs at least one rule, or nothing could be decided."))
        found.retired = True
        session.flush()
        record(session, by, "rule", found.text, "", at)
    return found


def rule(rule_id: int, *, seen_by: Membership) -> GroupRule:
    """A rule as an organiser who words it anew needs it. Raises NotYours or NotFound."""
    organising(seen_by)
    found = db.session.scalar(select(GroupRule).filter_by(id=rule_id, group_id=seen_by.group_id, retired=False))
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


def _rule(session: Session, rule_id: int, by: Membership) -> GroupRule:
    organising(by)
    found = locked(session, GroupRule, rule_id, group_id=by.group_id, retired=False)
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found
