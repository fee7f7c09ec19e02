"""What a case is about: finding it, and taking it off the pages and bringing it back. Inside a running verb."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain.places import call_up, decline, ends_at, of_post
from exchange.domain.visibility import sees
from exchange.storage.db import locked
from exchange.storage.desk import Case, TargetKind
from exchange.storage.favor import Began, Favor, FavorState
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.policy import Asking, PutAway
from exchange.storage.post import ClosedBecause, Post, PostState, Response, ResponseState

Row = Post | Response | Favor | Membership
HOPING = (ResponseState.WAITING, ResponseState.STANDBY, ResponseState.OFFERED)
POSTS = frozenset({TargetKind.POST, TargetKind.HELD_POST})
# By kind the words that can be put away, and how each is called.
WORDS: dict[TargetKind, dict[str, object]] = {
    TargetKind.ANSWER: {"text": _("The answer")},
    TargetKind.THANKS: {"thanks": _("The thanks")},
    TargetKind.FAVOR: {"title": _("The title"), "thanks": _("The thanks")},
    TargetKind.PROFILE: {
        "firm": _("The firm"),
        "practice": _("The practice"),
        "office": _("The office"),
        "can_help_with": _("What you can help with"),
        "would_love": _("What you would love"),
    },
}


@dataclass(frozen=True)
class Target:
    """The thing, who wrote it, who else is named by it, and when it was written."""

    row: Row
    about: Membership
    named: frozenset[int]
    title: str
    written_at: datetime | None


def find(session: Session, kind: TargetKind, target_id: int, group_id: int, *, lock: bool = False) -> Target | None:
    """What a case is about, if the group has it."""
    table: Any = _table(kind)
    where = {"group_id": group_id}
    found = select(table).filter_by(id=target_id, **where)
    row = locked(session, table, target_id, **where) if lock else session.scalar(found)
    return _target(kind, row) if row is not None else None


def _table(kind: TargetKind) -> type[Row]:
    if kind in POSTS:
        return Post
    if kind is TargetKind.ANSWER:
        return Response
    return Membership if kind in {TargetKind.PROFILE, TargetKind.APPLICATION} else Favor


def _target(kind: TargetKind, row: Row) -> Target:
    if isinstance(row, Post):
        return Target(row, row.author, frozenset(), row.title, row.created_at)
    if isinstance(row, Response):
        return Target(row, row.member, frozenset({row.post.author_id}), row.post.title, row.created_at)
    if isinstance(row, Membership):
        return Target(row, row, frozenset(), row.name, row.joined_at)
    both = {row.giver_id, row.receiver_id}
    writer = row.receiver if kind is TargetKind.THANKS else _who_worded(row)
    return Target(row, writer, frozenset(both - {writer.id}), row.title, row.confirmed_at or row.agreed_at)


def _who_worded(favor: Favor) -> Membership:
    """Whose words the title of a favor is: the author's of its post, or of whoever told of it."""
    if favor.post is not None:
        return favor.giver if favor.post.author_id == favor.giver_id else favor.receiver
    return favor.giver if favor.began is Began.HELPED else favor.receiver


def known_to(target: Target, kind: TargetKind, reader: Membership) -> bool:
    """Whether the reader may know of the thing, and so may report it."""
    row = target.row
    if isinstance(row, Post):
        return row.state not in {PostState.HELD, PostState.HIDDEN} and sees(reader, row.id)
    if isinstance(row, Response):
        return reader.id == row.post.author_id and bool(row.text)
    if isinstance(row, Membership):
        return row.state in {MembershipState.ACTIVE, MembershipState.SUSPENDED} and row.erased_by_entry is None
    party = reader.id in {row.giver_id, row.receiver_id}
    public = row.state is FavorState.CONFIRMED and row.withheld_by_id is None
    return (party or public) and (kind is TargetKind.FAVOR or bool(row.thanks))


def texts(session: Session, kind: TargetKind, target: Target, case_id: int | None = None) -> list[tuple[str, str]]:
    """The words in question with how each is called: for organisers who decide, and whom it is about."""
    row = target.row
    if isinstance(row, Post):
        return [(str(_("The title")), row.title), (str(_("The text")), row.text)]
    if kind is TargetKind.APPLICATION:
        asked = session.get(Asking, row.id)
        return [(asked.question or str(_("In their own words")), asked.answer)] if asked and asked.answer else []
    away = session.get(PutAway, case_id) if case_id is not None else None
    kept = away.texts if away else {}
    found = [(str(name), kept.get(field) or getattr(row, field)) for field, name in WORDS.get(kind, {}).items()]
    return [(name, text) for name, text in found if text]


def take_off(session: Session, case: Case, target: Target, at: datetime, *, for_good: bool = False) -> None:
    """The thing is on no page any more, and in no letter that waits. `for_good` ends the hopes of who answered."""
    row = target.row
    if isinstance(row, Post):
        _hide(session, row, at, for_good=for_good)
        return
    away = session.get(PutAway, case.id)
    kept = dict(away.texts) if away else {}
    for field in WORDS.get(case.kind, {}):
        kept[field] = getattr(row, field) or kept.get(field, "")
        setattr(row, field, "")
    if away is None:
        session.add(PutAway(case_id=case.id, texts=kept))
    else:
        away.texts = kept
    session.flush()
    _reword(session, row)


def _hide(session: Session, post: Post, at: datetime, *, for_good: bool) -> None:
    if post.state is not PostState.HIDDEN:
        post.was, post.closed_because, post.state = post.closed_because, None, PostState.HIDDEN
        post.held_until = None
    if for_good:
        post.taken -= len(of_post(session, post, ResponseState.OFFERED))
        decline(session, post, of_post(session, post, *HOPING), at)
    session.flush()
    _empty_letters(session, post)


def _empty_letters(session: Session, post: Post) -> None:
    """What waits to be sent does not carry the title out any more."""
    path = f"/g/{post.author.group.slug}/posts/{post.id}"
    waiting = select(Letter).filter_by(group_id=post.group_id, state=LetterState.DUE)
    for letter in session.scalars(waiting.where(Letter.facts["path"].as_string() == path)):
        if "title" in letter.facts and letter.kind != "decided":
            letter.facts = letter.facts | {"title": ""}
    session.flush()


def bring_back(session: Session, case: Case, target: Target, at: datetime) -> None:
    """The thing stands where it stood, as far as time allows; what was written anew meanwhile stays."""
    row = target.row
    if isinstance(row, Post):
        show_again(session, row, at)
        return
    away = session.get(PutAway, case.id)
    if away is None:
        return
    for field, text in away.texts.items():
        if not getattr(row, field):
            setattr(row, field, text)
    session.delete(away)
    session.flush()
    _reword(session, row)


def _reword(session: Session, row: Row) -> None:
    """Thanks are found in the log, too."""
    if isinstance(row, Favor):
        log.reword_favor(session, row)


def show_again(session: Session, post: Post, at: datetime) -> None:
    """A post that was held or hidden stands where it stood; what time has closed meanwhile is closed."""
    if post.state not in {PostState.HELD, PostState.HIDDEN}:
        return
    post.held_until, was, post.was = None, post.was, None
    gone = was is ClosedBecause.WITHDRAWN or post.author.state is not MembershipState.ACTIVE
    closed = (
        ClosedBecause.WITHDRAWN
        if gone
        else ClosedBecause.FILLED
        if post.taken == post.slots
        else ClosedBecause.TIME
        if at >= post.closes_at
        else None
    )
    post.state, post.closed_because = (PostState.CLOSED, closed) if closed else (PostState.OPEN, None)
    session.flush()
    if closed is None and at < ends_at(post):
        call_up(session, post, at)
