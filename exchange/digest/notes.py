"""The words that organisers put at the top of the next letter to their group."""

from collections.abc import Collection
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from exchange.domain import invitations, words
from exchange.storage.among import among
from exchange.storage.db import db, transaction
from exchange.storage.digest import DigestNote
from exchange.storage.membership import Membership

MOST = 500


def to_come(*, seen_by: Membership) -> DigestNote | None:
    """The note that no letter carries yet. For organisers."""
    invitations.organising(seen_by)
    return db.session.scalar(select(DigestNote).filter_by(group_id=seen_by.group_id, used_at=None))


def write(text: str, *, by: Membership, at: datetime) -> DigestNote | None:
    """An organiser writes the note, changes it, or takes it back by leaving it empty.

    Raises NotYours for members, BadInput for more than 500 characters.
    """
    clean = words.text(text, field="text", name=_("The note"), most=MOST)
    with transaction() as session:
        invitations.organising(by)
        unused = select(DigestNote).filter_by(group_id=by.group_id, used_at=None).with_for_update(of=DigestNote)
        note = session.scalar(unused.execution_options(populate_existing=True))
        if not clean:
            if note is not None:
                session.delete(note)
            return None
        if note is None:
            note = DigestNote(group_id=by.group_id)
            session.add(note)
        note.by_id, note.text, note.written_at = by.id, clean, at
    return note


def used(people: Collection[int], *, until: datetime, at: datetime) -> None:
    """Letters to these people, with windows up to `until`, are composed now: the notes in them stay as they are."""
    unused = (DigestNote.used_at.is_(None)) & (DigestNote.written_at < until)
    groups = select(Membership.group_id).where(among(Membership.person_id, "people"))
    found = db.session.scalars(
        select(DigestNote.id).where(unused, DigestNote.group_id.in_(groups)), {"people": people}
    ).all()
    db.session.rollback()
    if found:
        with transaction() as session:
            session.execute(update(DigestNote).where(DigestNote.id.in_(found), unused).values(used_at=at))
