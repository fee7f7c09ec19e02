"""Editing what organisers asked one to edit: it comes back by itself."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from exchange import log
from exchange.domain import words
from exchange.domain.desk import targets
from exchange.domain.desk.holding import takes_off
from exchange.domain.desk.opening import loaded
from exchange.domain.desk.targets import POSTS
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.domain.members import acting
from exchange.storage.db import db, transaction
from exchange.storage.desk import Act, Case, TargetKind
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from exchange.storage.policy import PutAway
from exchange.storage.post import Post, PostState

ONE_TEXT = {TargetKind.ANSWER: "text", TargetKind.THANKS: "thanks"}


def waiting(case_id: int, *, seen_by: Membership) -> tuple[str, str]:
    """Title and text of what the reader was asked to edit; both as they were. Raises NotFound for anything else."""
    session = db.session()
    case = session.scalar(select(Case).filter_by(id=case_id, group_id=seen_by.group_id))
    target = targets.find(session, case.kind, case.target_id, case.group_id) if case else None
    if case is None or target is None or case.about_id != seen_by.id or not may_edit(case):
        raise NotFound(_("There is nothing to edit."))
    said = [text for _name, text in targets.texts(session, case.kind, target, case.id)]
    if isinstance(target.row, Post):
        return target.row.title, target.row.text
    return "", said[0] if said else ""


def may_edit(case: Case) -> bool:
    """Whether the thing rests until its author has edited it. A profile is edited on its own page."""
    session = db.session()
    decision = takes_off(session, case)
    if (
        decision is None
        or decision.act is not Act.ASK_EDIT
        or (decision.case_id, decision.round) != (case.id, case.round)
    ):
        return False
    if case.kind in POSTS:
        return session.scalar(select(Post.state).filter_by(id=case.target_id)) is PostState.HIDDEN
    return case.kind in ONE_TEXT and session.get(PutAway, case.id) is not None


def edit(case_id: int, *, by: Membership, text: str, at: datetime, title: str = "") -> Case:
    """The author changes the words, and the thing is back where it was. `title` is for posts.

    Raises NotFound for anybody else's, Refusal where nobody asked for an edit, BadInput for words that cannot be
    taken or are the same as before.
    """
    with transaction() as session:
        acting(by)
        case = loaded(session, case_id, by)
        target = targets.find(session, case.kind, case.target_id, case.group_id, lock=True)
        if target is None or case.about_id != by.id:
            raise NotFound(_("There is nothing to edit."))
        if not may_edit(case):
            raise Refusal(_("Nobody asked you to edit this, or it was edited already."))
        if isinstance(target.row, Post):
            title = words.line(title, field="title", name=_("The title"))
            text = words.text(text, field="text", name=_("The text"))
            if (title, text) == (target.row.title, target.row.text):
                raise BadInput(_("Nothing is changed yet."), field="text")
            target.row.title, target.row.text = title, text
            targets.show_again(session, target.row, at)
        else:
            field = ONE_TEXT[case.kind]
            away = session.get_one(PutAway, case.id)
            text = words.text(text, field="text", name=_("The text"), most=1000, required=True)
            if text == away.texts.get(field):
                raise BadInput(_("Nothing is changed yet."), field="text")
            setattr(target.row, field, text)
            session.delete(away)
            if isinstance(target.row, Favor):
                log.reword_favor(session, target.row)
    return case
