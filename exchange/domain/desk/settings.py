"""What organisers settle about their group. Every change stands in the log with the old and the new value."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import words
from exchange.domain.desk import rules
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.domain.invitations import organising
from exchange.storage.db import db, locked, transaction
from exchange.storage.group import Category, Group
from exchange.storage.group import Kind as Kind
from exchange.storage.membership import Membership
from exchange.storage.policy import GroupPolicy, GroupRule
from exchange.storage.policy import Holding as Holding
from exchange.storage.policy import Joining as Joining
from exchange.storage.post import Rule

MOST_RULES = 20
Value = str | int


def policy(*, seen_by: Membership) -> GroupPolicy:
    """What the reader's group has settled; where nothing was, the defaults, which stand in no table."""
    found = db.session.get(GroupPolicy, seen_by.group_id)
    return found if found is not None else _usual(seen_by.group_id)


def _usual(group_id: int) -> GroupPolicy:
    return GroupPolicy(
        group_id=group_id,
        purpose="",
        welcome="",
        joining=Joining.INVITED,
        holding=Holding.NOBODY,
        digest_hour=8,
        allocation=[rule.value for rule in Rule],
    )


def allowed(session: Session, group_id: int) -> list[Rule]:
    """How places may go in a group, the usual way first."""
    found = session.get(GroupPolicy, group_id)
    return [Rule(name) for name in found.allocation] if found else list(Rule)


def change(
    *,
    by: Membership,
    name: str,
    purpose: str,
    welcome: str,
    joining: Joining,
    holding: Holding,
    digest_hour: int,
    allocation: Collection[Rule],
    at: datetime,
) -> GroupPolicy:
    """An organiser changes what the group has settled. Raises NotYours for members, BadInput naming the field."""
    said: dict[str, Any] = {
        "purpose": words.text(purpose, field="purpose", name=_("The purpose"), most=500),
        "welcome": words.text(welcome, field="welcome", name=_("The welcome"), most=2000),
        "joining": joining,
        "holding": holding,
        "digest_hour": _hour(digest_hour),
        "allocation": [rule.value for rule in Rule if rule in allocation],
    }
    name = words.line(name, field="name", name=_("The name"))
    if not said["allocation"]:
        raise BadInput(_("Allow at least one way in which places go."), field="allocation")
    with transaction() as session:
        organising(by)
        group = locked(session, Group, by.group_id)
        assert group is not None  # noqa: S101 (its organiser is here)
        kept = session.get(GroupPolicy, group.id)
        if kept is None:
            kept = _usual(group.id)
            session.add(kept)
        before = {"name": group.name} | {field: getattr(kept, field) for field in said}
        group.name = name
        for field, value in said.items():
            setattr(kept, field, value)
        session.flush()
        for field, value in ({"name": name} | said).items():
            _record(session, by, field, before[field], value, at)
    return kept


def _hour(hour: int) -> int:
    if not 0 <= hour <= 23:
        raise BadInput(_("Choose an hour from 0 to 23."), field="digest_hour")
    return hour


def _record(
    session: Session, by: Membership, setting: str, old: Any, new: Any, at: datetime, *, category: str = ""
) -> None:
    """Inside a running verb, last: one entry for what is otherwise now."""
    before, after = _plain(old), _plain(new)
    if before != after:
        log.record_setting(
            session, by.group_id, setting=setting, old=before, new=after, by=by, at=at, category=category
        )


def _plain(value: Any) -> Value:
    if isinstance(value, list):
        return ", ".join(value)
    return int(value) if isinstance(value, int) else str(value)


def add_category(name: str, *, by: Membership, kind: Kind, neutral: bool, at: datetime) -> Category:
    """An organiser adds a category at the end of the list. Raises BadInput, or Refusal for a name that is there."""
    name = words.line(name, field="name", name=_("The name"), most=60)
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or kind.value
    with transaction() as session:
        organising(by)
        locked(session, Group, by.group_id)
        if session.scalar(select(Category.id).filter_by(group_id=by.group_id, slug=slug)) is not None:
            raise Refusal(_("There is a category with this name already."), field="name")
        last = session.scalar(select(func.max(Category.position)).filter_by(group_id=by.group_id)) or 0
        made = Category(
            group_id=by.group_id, slug=slug, name=name, kind=kind, neutral=neutral, enabled=True, position=last + 1
        )
        session.add(made)
        session.flush()
        _record(session, by, "category", "", name, at, category=slug)
        _record(session, by, "neutral", 0, int(neutral), at, category=slug)
    return made


def change_category(
    category_id: int, *, by: Membership, name: str, neutral: bool, enabled: bool, at: datetime
) -> Category:
    """An organiser renames a category, makes it neutral, or switches it. Entries of before count as they did.

    Raises NotFound, NotYours or BadInput.
    """
    name = words.line(name, field="name", name=_("The name"), most=60)
    with transaction() as session:
        organising(by)
        found = locked(session, Category, category_id, group_id=by.group_id)
        if found is None:
            raise NotFound(_("There is no such category."))
        before = {"category": found.name, "neutral": int(found.neutral), "enabled": int(found.enabled)}
        found.name, found.neutral, found.enabled = name, neutral, enabled
        session.flush()
        after: dict[str, Value] = {"category": name, "neutral": int(neutral), "enabled": int(enabled)}
        for field, value in after.items():
            _record(session, by, field, before[field], value, at, category=found.slug)
    return found


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
        _record(session, by, "rule", "", text, at)
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
        _record(session, by, "rule", old, text, at)
    return found


def retire_rule(rule_id: int, *, by: Membership, at: datetime) -> GroupRule:
    """An organiser takes a rule out. Raises NotFound, NotYours, or Refusal for the last one."""
    with transaction() as session:
        found = _rule(session, rule_id, by)
        if len(rules.of(session, by.group_id)) == 1:
            raise Refusal(_("A group needs at least one rule, or nothing could be decided."))
        found.retired = True
        session.flush()
        _record(session, by, "rule", found.text, "", at)
    return found


def _rule(session: Session, rule_id: int, by: Membership) -> GroupRule:
    organising(by)
    found = locked(session, GroupRule, rule_id, group_id=by.group_id, retired=False)
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found
