"""Favors without a post: "I was helped by Ruth" and "I helped Ann"."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange import log
from exchange.domain import letters, words
from exchange.domain.corrections import drop_proposal
from exchange.domain.errors import BadInput, NotYours, Refusal
from exchange.domain.favors import (
    NOT_ME_FOR,
    THANKS,
    called_off,
    please_confirm,
    record,
    tell_confirmed,
    theirs,
    withholdable,
)
from exchange.domain.members import acting
from exchange.sentences import NOT_THEM
from exchange.storage.db import transaction
from exchange.storage.favor import Began, CancelledBecause, Favor, FavorState, How
from exchange.storage.group import Category, Kind
from exchange.storage.membership import Membership, MembershipState


def helped_by(
    number: int, *, by: Membership, category: str, title: str, at: datetime, thanks: str = "", withheld: bool = False
) -> Favor:
    """ "I was helped by Ruth": it stands in the log at once; Ruth is told, and may say for 30 days that it was not her.

    `number` is the helper's in the group. Raises BadInput, naming the field, and Refusal for what may not be withheld.
    """
    thanks = words.text(thanks, field="thanks", name=_("The thanks"), most=THANKS)
    with transaction() as session:
        favor = _begun(session, by, number, category, title, at, gave=False)
        favor.began = Began.HELPED_BY
        if withheld:
            if not withholdable(favor):
                raise BadInput(
                    _("Only advice, mentoring and review can be kept between two, and never with an organiser."),
                    field="withheld",
                )
            favor.withheld_by_id = by.id
        session.flush()
        record(session, favor, How.RECEIVER, at, thanks=thanks)
        letters.tell(
            session,
            "helped_by",
            favor.giver,
            once=f"favor:{favor.id}:helped_by",
            at=at,
            acts=[("not_me", favor.id)],
            name=by.name,
            title=favor.title,
            entry=favor.entry,
            until=at + NOT_ME_FOR,
            path=letters.path(by.group, "favors", favor.id),
        )
        tell_confirmed(session, favor, by, at)
    return favor


def helped(number: int, *, by: Membership, category: str, title: str, at: datetime) -> Favor:
    """ "I helped Ann": it waits for Ann, never confirms by silence, and lapses after 30 days.

    `number` is that of the one who was helped. Raises BadInput, naming the field.
    """
    with transaction() as session:
        favor = _begun(session, by, number, category, title, at, gave=True)
        favor.began, favor.state, favor.delivered_at, favor.asked = Began.HELPED, FavorState.DELIVERED, at, 1
        session.flush()
        please_confirm(session, favor, at)
    return favor


def _begun(
    session: Session, by: Membership, number: int, category: str, title: str, at: datetime, *, gave: bool
) -> Favor:
    acting(by)
    title = words.line(title, field="title", name=_("What it was"))
    other = session.scalar(select(Membership).filter_by(group_id=by.group_id, number=number))
    if other is None or other.state is not MembershipState.ACTIVE:
        raise BadInput(_("Choose one of the members of this group."), field="member")
    if other.id == by.id:
        raise BadInput(_("A favor takes two people. Choose somebody else."), field="member")
    chosen = session.scalar(select(Category).filter_by(group_id=by.group_id, slug=category, enabled=True))
    if chosen is None:
        raise BadInput(_("Choose one of the categories of this group."), field="category")
    receiver = other if gave else by
    if chosen.kind is Kind.EVENT_PLACE and not receiver.accepts_gifts:
        raise BadInput(_("%(name)s accepts no gifts, so no place at an event.", name=receiver.name), field="category")
    favor = Favor(
        group_id=by.group_id,
        giver=by if gave else other,
        receiver=receiver,
        category=chosen,
        title=title,
        state=FavorState.AGREED,
        agreed_at=at,
        clock_from=at,
        asked=0,
    )
    session.add(favor)
    return favor


def not_me(favor_id: int, *, by: Membership, at: datetime) -> Favor:
    """ "That was not me": within 30 days the named helper takes the entry back; a correction stands in the log.

    Raises NotFound, NotYours for anybody but the helper, Refusal when it is too late or did not begin like this.
    """
    with transaction() as session:
        favor = theirs(session, favor_id, by)
        if by.id != favor.giver_id:
            raise NotYours(_("Only the person who is said to have helped can say this."))
        if favor.began is not Began.HELPED_BY or favor.confirmed_at is None:
            raise Refusal(_("This favor did not begin like that. You can propose a correction together."))
        if favor.voided_by is not None:
            raise Refusal(_("This entry was corrected already."))
        if at >= favor.clock_from + NOT_ME_FOR:
            raise Refusal(_("The 30 days for this are over. You can propose a correction together."))
        drop_proposal(session, favor, at)
        favor.voided_by = log.record_correction(session, favor, by=[by], why=NOT_THEM, at=at)
        letters.tell(
            session,
            "not_me",
            favor.receiver,
            once=f"favor:{favor.id}:not_me",
            at=at,
            name=by.name,
            title=favor.title,
            path=letters.path(by.group, "favors", favor.id),
        )
    return favor


def deny(favor_id: int, *, by: Membership, at: datetime) -> Favor:
    """Who is said to have been helped, without having asked for it, says no; nothing enters the log.

    Raises NotFound, NotYours, or Refusal when it did not begin like that or is closed.
    """
    with transaction() as session:
        favor = theirs(session, favor_id, by)
        if by.id != favor.receiver_id:
            raise NotYours(_("Only the person who is said to have been helped can say this."))
        if favor.began is not Began.HELPED or favor.state is not FavorState.DELIVERED:
            raise Refusal(_("This favor is closed, or it began with an answer: then it can be disputed."))
        called_off(favor, CancelledBecause.NOT_ME, at, by=by)
        letters.tell(
            session,
            "cancelled",
            favor.giver,
            once=f"favor:{favor.id}:cancelled",
            at=at,
            name=by.name,
            title=favor.title,
            why="",
            denied=True,
            path=letters.path(by.group, "favors", favor.id),
        )
    return favor
