"""What a signed link is about, for the member whom it was sent to."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from exchange.domain import archived, board, favor_page
from exchange.domain.errors import Gone, NotFound
from exchange.domain.favors import part_of
from exchange.storage.db import db
from exchange.storage.favor import Correction, Favor
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import Post, Response, ResponseState


@dataclass(frozen=True)
class About:
    """What the link shows: the words of the favor or post, the other person's name, the id of its page, and whether
    the favor is withheld.
    """

    text: str
    other: str
    page_id: int
    withheld: bool = False


def member(member_id: int) -> Membership:
    """The member whom a link is for. Raises Gone when the membership is not active any more."""
    found = db.session.get(Membership, member_id)
    if found is None or found.state is not MembershipState.ACTIVE:
        raise Gone(_("This link does not work any more."))
    archived.awake(found.group)
    return found


def once_member(member_id: int) -> Membership:
    """The member whom a link to appeal is for, whatever became of the membership. Raises Gone for who was erased."""
    found = db.session.get(Membership, member_id)
    if found is None or found.erased_by_entry is not None:
        raise Gone(_("This link does not work any more."))
    archived.awake(found.group)
    return found


def about(verb: str, row: int, *, seen_by: Membership) -> About:
    """What a verb of a link is about. Raises NotFound when it is not this member's."""
    if verb in {"accept_place", "pass_place"}:
        response = db.session.scalar(select(Response).filter_by(id=row, member_id=seen_by.id))
        if response is not None:
            return About(response.post.title, response.post.author.name, response.post_id)
    elif verb == "extend":
        post = db.session.scalar(select(Post).filter_by(id=row, author_id=seen_by.id))
        if post is not None:
            return About(post.title, seen_by.name, post.id)
    else:
        favor = _favor(verb, row)
        if favor is not None and favor.group_id == seen_by.group_id and part_of(favor, seen_by):
            other = favor.receiver if favor.giver_id == seen_by.id else favor.giver
            return About(favor.title, other.name, favor.id, favor.withheld_by_id is not None)
    raise NotFound(_("This link does not work. Check that the whole address was copied."))


def _favor(verb: str, row: int) -> Favor | None:
    if verb != "agree_correction":
        return db.session.get(Favor, row)
    correction = db.session.get(Correction, row)
    return correction.favor if correction else None


def possible(verb: str, row: int, *, seen_by: Membership, at: datetime) -> bool:
    """Whether a verb of a link can still be done; the verb itself looks again."""
    if verb == "extend":
        return "extend" in board.show(row, seen_by=seen_by, at=at).may
    if verb in {"accept_place", "pass_place"}:
        response = db.session.get_one(Response, row)
        in_time = response.offered_until is not None and at < response.offered_until
        return response.state is ResponseState.OFFERED and in_time
    favor = _favor(verb, row)
    page = favor_page.show(favor.id, seen_by=seen_by, at=at) if favor else None
    if page is None:
        return False
    if verb == "agree_correction":
        return page.correction is not None and page.correction.id == row and page.correction.by_id != seen_by.id
    return verb in page.may
