"""An archived group is read and checked, and nothing new happens in it."""

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select

from exchange.domain.errors import Refusal
from exchange.storage.group import Group

ASLEEP = _("This group is archived: it can be read and checked, and nothing new happens in it.")


def awake(group: Group) -> None:
    """Raises Refusal while the group is archived."""
    if group.archived_at is not None:
        raise Refusal(ASLEEP)


def asleep() -> Select[int]:
    """The groups that are archived, for statements that leave them alone."""
    return select(Group.id).where(Group.archived_at.is_not(None))
