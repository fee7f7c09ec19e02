"""Groups that were deleted: what stays of one is its gravestone, which everybody may read."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _

from exchange.domain.errors import Gone
from exchange.log.checkpoint import parsed, short_code
from exchange.storage.db import db
from exchange.storage.deletion import DeletedGroup


@dataclass(frozen=True)
class LastWord:
    """When a group was deleted, and what its log had signed last: the note, its key, its code and over how many.

    `earlier` are the notes by size that were signed in the last week, for copies that were taken then.
    """

    deleted_at: datetime
    checkpoint: str
    earlier: dict[int, str]
    vkey: str
    code: str
    entries: int


def last_word(slug: str | None) -> LastWord | None:
    """What everybody may read of the group that had this address; None where none was deleted."""
    found = grave(slug)
    if found is None:
        return None
    size = parsed(found.checkpoint.partition("\n\n")[0] + "\n").size
    earlier = {int(one): note for one, note in sorted(found.earlier.items(), key=lambda item: int(item[0]))}
    return LastWord(found.deleted_at, found.checkpoint, earlier, found.vkey, short_code(found.checkpoint), size)


def grave(slug: str | None) -> DeletedGroup | None:
    """The gravestone of the group that had this address."""
    return db.session.get(DeletedGroup, slug) if slug else None


def alive(slug: str) -> None:
    """Raises Gone for the address of a deleted group, for the operator's commands."""
    if (found := grave(slug)) is not None:
        raise Gone(_("The group “%(slug)s” was deleted on %(day)s.", slug=slug, day=f"{found.deleted_at:%Y-%m-%d}"))


def links_ended(member_id: int, written_at: datetime) -> None:
    """Raises Gone for a link in a letter to a member of a group that was deleted, whose number another may have now."""
    for last, at in db.session.query(DeletedGroup.last_member, DeletedGroup.deleted_at):
        if written_at <= at and member_id > last:
            raise Gone(_("This link does not work any more."))
