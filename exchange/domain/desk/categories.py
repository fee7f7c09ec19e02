"""The group's categories: organisers add them, rename them, make them neutral, and switch them."""

import re
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from exchange.domain import words
from exchange.domain.desk.settings import Value, record
from exchange.domain.errors import NotFound, Refusal
from exchange.domain.invitations import organising
from exchange.storage.db import db, locked, transaction
from exchange.storage.group import Category, Group
from exchange.storage.group import Kind as Kind
from exchange.storage.membership import Membership


def one(category_id: int, *, seen_by: Membership) -> Category:
    """A category as an organiser who changes it needs it. Raises NotYours or NotFound."""
    organising(seen_by)
    found = db.session.scalar(select(Category).filter_by(id=category_id, group_id=seen_by.group_id))
    if found is None:
        raise NotFound(_("There is no such category."))
    return found


def add(name: str, *, by: Membership, kind: Kind, neutral: bool, at: datetime) -> Category:
    """An organiser adds a category at the end of the list. Raises BadInput, or Refusal for a name that is there."""
    name = words.line(name, field="name", name=_("The name"), most=60)
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
    with transaction() as session:
        organising(by)
        locked(session, Group, by.group_id)
        last = session.scalar(select(func.max(Category.position)).filter_by(group_id=by.group_id)) or 0
        slug = slug or f"{kind.value}_{last + 1}"  # a name in another script
        if session.scalar(select(Category.id).filter_by(group_id=by.group_id, slug=slug)) is not None:
            raise Refusal(_("There is a category with this name already."), field="name")
        made = Category(
            group_id=by.group_id, slug=slug, name=name, kind=kind, neutral=neutral, enabled=True, position=last + 1
        )
        session.add(made)
        session.flush()
        record(session, by, "category", "", name, at, category=slug)
        record(session, by, "neutral", 0, int(neutral), at, category=slug)
    return made


def change(category_id: int, *, by: Membership, name: str, neutral: bool, enabled: bool, at: datetime) -> Category:
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
            record(session, by, field, before[field], value, at, category=found.slug)
    return found
