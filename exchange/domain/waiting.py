"""What waits for a member, and what is under way: the first thing that the board says."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from exchange.domain import favor_page
from exchange.domain.board import choosable, extendable
from exchange.domain.desk import election
from exchange.domain.favors import OPEN, free_of
from exchange.storage.db import Key, Moment, db
from exchange.storage.favor import Correction, CorrectionState, Favor, FavorState
from exchange.storage.fixed import word, words
from exchange.storage.membership import Membership
from exchange.storage.post import LIVE, ClosedBecause, Post, PostState, Response, ResponseState

ASK_AFTER = timedelta(days=14)


@dataclass(frozen=True)
class Waiting:
    """What only the reader can move on.

    `confirm`: delivered favors whose receiver they are. `happened`: agreed ones whose day has passed.
    `choose`: their posts with answers, and how many. `offers`: places offered to them. `corrections` to agree to,
    `disputes` to settle, `closing`: posts of theirs that close unanswered within a day. Nothing to do for now:
    `under_way`, agreed or given, and `standing`, where they stand by. `elects`: no organiser has been here for a month.
    """

    confirm: list[Favor]
    happened: list[Favor]
    choose: list[tuple[Post, int]]
    offers: list[Response]
    corrections: list[Correction]
    disputes: list[Favor]
    closing: list[Post]
    under_way: list[Favor]
    standing: list[Response]
    elects: bool = False

    def __len__(self) -> int:
        mine = (self.confirm, self.happened, self.choose, self.offers, self.corrections, self.disputes, self.closing)
        return sum(len(some) for some in mine)


def waiting(*, seen_by: Membership, at: datetime) -> Waiting:
    """What waits for the reader in their group."""
    ids = _ids(seen_by, at)
    mine, disputed = ({row.id for row in ids[sort]} for sort in ("favor", "dispute"))
    favors, corrections = _favors(mine | disputed, [row.id for row in ids["correction"]])
    confirm, happened, under_way = [], [], []
    for favor in (one for one in favors if one.id in mine):
        due = favor.event_at or favor.agreed_at + ASK_AFTER
        if favor.state is FavorState.DELIVERED and favor.receiver_id == seen_by.id:
            confirm.append(favor)
        elif favor.state is FavorState.AGREED and due <= at:
            happened.append(favor)
        else:
            under_way.append(favor)
    posts, hoping = _posts(ids["post"], [row.id for row in ids["answer"]])
    return Waiting(
        confirm=confirm,
        happened=happened,
        choose=[(post, asking) for post, asking, _live in posts if asking and choosable(post)],
        offers=[response for response in hoping if response.state is ResponseState.OFFERED],
        corrections=corrections,
        disputes=sorted(
            free_of([favor for favor in favors if favor.id in disputed], seen_by, at),
            key=lambda favor: (favor.disputed_at or favor.agreed_at, favor.id),
        ),
        closing=[post for post, _asking, live in posts if not live and _closes(post, at)],
        under_way=under_way,
        standing=[response for response in hoping if response.state is ResponseState.STANDBY],
        elects=not ids["organiser"],
    )


def _ids(reader: Membership, at: datetime) -> defaultdict[str, list[Row[Any]]]:
    """By sort, the ids of what waits, with the answers to a post. Nearly always there is little: it is loaded then."""
    said = {"me": reader.id, "in_group": reader.group_id}
    moments = {"at": at, "tomorrow": at + timedelta(days=1), "since": at - election.VANISHED_FOR}
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(_everything(organises=reader.is_organiser), said | moments):
        found[row.sort].append(row)
    return found


def _arm(sort: str, key: Any, asking: Any = literal(0), live: Any = literal(0)) -> Any:  # noqa: B008 (never changed)
    return select(literal(sort).label("sort"), key.label("id"), asking.label("asking"), live.label("live"))


def _of_posts(me: Any, at: Any, tomorrow: Any) -> Any:
    """The reader's posts that answers wait at or that close within a day; how many answers wait, and how many live."""
    asking = func.count().filter(Response.state == word(ResponseState.WAITING))
    live = func.count().filter(Response.state.in_(words(LIVE)))
    counted = (
        select(Response.post_id, asking.label("asking"), live.label("live"))
        .join(Post, Post.id == Response.post_id)
        .where(Post.author_id == me)
        .group_by(Response.post_id)
        .subquery()
    )
    counts = (func.coalesce(counted.c.asking, 0), func.coalesce(counted.c.live, 0))
    return (
        _arm("post", Post.id, *counts)
        .outerjoin(counted, counted.c.post_id == Post.id)
        .where(
            Post.author_id == me,
            or_(Post.state == word(PostState.OPEN), Post.closed_because == word(ClosedBecause.TIME)),
            or_(counted.c.asking > 0, Post.closes_at.between(at, tomorrow)),
        )
    )


@cache
def _everything(*, organises: bool) -> Any:
    """One statement for all that may wait, made once: that takes longer than asking it."""
    me, group = bindparam("me", type_=Key), bindparam("in_group", type_=Key)
    at, tomorrow = bindparam("at", type_=Moment), bindparam("tomorrow", type_=Moment)
    hoping = (ResponseState.OFFERED, ResponseState.STANDBY)
    disputed = _arm("dispute", Favor.id).where(Favor.group_id == group, Favor.state == word(FavorState.DISPUTED))
    here = election.here(group, bindparam("since", type_=Moment)).subquery()
    return union_all(
        *(
            _arm("favor", Favor.id).where(side == me, Favor.state.in_(words(OPEN)))
            for side in (Favor.giver_id, Favor.receiver_id)
        ),
        _arm("answer", Response.id)
        .join(Post, Post.id == Response.post_id)
        .where(Response.member_id == me, Response.state.in_(words(hoping)), Post.state != word(PostState.HIDDEN)),
        _of_posts(me, at, tomorrow),
        _arm("correction", Correction.id)
        .join(Favor, Favor.id == Correction.favor_id)
        .where(
            Correction.state == word(CorrectionState.PROPOSED),
            Correction.by_id != me,
            or_(Favor.giver_id == me, Favor.receiver_id == me),
        ),
        *([disputed] if organises else []),
        _arm("organiser", here.c.id),
    )


def _favors(ids: set[int], corrections: Sequence[int]) -> tuple[list[Favor], list[Correction]]:
    """Favors, those that were agreed first in front, and the corrections that the reader is asked to agree to, oldest
    first. Where there are both, one statement finds them.
    """
    if not corrections:
        return favor_page.oldest_first(ids), []
    proposed = and_(Correction.favor_id == Favor.id, Correction.id.in_(corrections))
    statement = (
        select(Favor, Correction)
        .outerjoin(Correction, proposed)
        .options(lazyload(Correction.favor), joinedload(Correction.by, innerjoin=False))
        .where(or_(Favor.id.in_(ids), Correction.id.is_not(None)))
        .order_by(Favor.agreed_at, Favor.id)
    )
    rows = db.session.execute(statement).all()
    for favor, correction in rows:
        if correction:
            set_committed_value(correction, "favor", favor)
    found = sorted((correction for _, correction in rows if correction), key=lambda one: one.id)
    return [favor for favor, _ in rows if favor.id in ids], found


def _posts(rows: Sequence[Row[Any]], answers: Sequence[int]) -> tuple[list[tuple[Post, int, int]], list[Response]]:
    """The reader's posts with how many ask and how many are in play, the first to close in front; and the reader's own
    answers to others. Where there are both, one statement finds them.
    """
    counts = {row.id: (row.asking, row.live) for row in rows}
    own = Post.id.in_(counts)
    statement: Any = select(Post).where(own) if rows else None
    if answers:
        statement = (
            select(Post, Response)
            .outerjoin(Response, and_(Response.post_id == Post.id, Response.id.in_(answers)))
            .options(lazyload(Response.member))
            .where(or_(own, Response.id.is_not(None)))
        )
    found = db.session.execute(statement.order_by(Post.closes_at)).all() if statement is not None else []
    posts = {row[0].id: row[0] for row in found}
    hoping = sorted((row[1] for row in found if answers and row[1]), key=lambda one: one.id)
    for response in hoping:
        set_committed_value(response, "post", posts[response.post_id])
    return [(post, *counts[number]) for number, post in posts.items() if number in counts], hoping


def _closes(post: Post, at: datetime) -> bool:
    return post.state is PostState.OPEN and at < post.closes_at and extendable(post, at)
