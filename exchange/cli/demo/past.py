"""The past of the demo group: what stood on the board, and two years of favors, written at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from exchange import log
from exchange.cli.demo.chance import drawn
from exchange.cli.demo.favors import FAVORS
from exchange.cli.demo.people import Person
from exchange.cli.demo.phrases import NEEDS
from exchange.domain import posts, responses
from exchange.storage.db import db, transaction
from exchange.storage.favor import Began, Favor, FavorState, How
from exchange.storage.group import Category
from exchange.storage.membership import Membership
from exchange.storage.post import PostKind, Rule

DAY = timedelta(days=1)
THANKS = ("You came at once, and it was what I needed.", "", "Exactly that. Thank you.", "", "")
KEPT = (
    "group_id", "giver_id", "receiver_id", "category_id", "title", "state", "began", "how", "withheld_by_id",
    "agreed_at", "clock_from", "confirmed_at", "thanks",
)  # fmt: skip


@dataclass(frozen=True)
class Past:
    """A favor as it is to be confirmed. `favor_id` is that of one which was agreed on the board."""

    at: datetime
    giver: str
    receiver: str
    category: str
    title: str
    thanks: str
    withheld: bool = False
    favor_id: int | None = None


def live(members: Mapping[str, int], people: Sequence[Person], at: datetime) -> None:
    """What the group has lived through so far."""
    told = _on_the_board(members, at)
    for one in FAVORS:
        when = at - one.days_ago * DAY - timedelta(hours=len(one.title) % 9)
        told.append(Past(when, one.giver, one.receiver, one.category, one.title, one.thanks))
    for past in drawn(people):
        when = at - past.days_ago * DAY
        told.append(Past(when, past.giver, past.receiver, past.category, past.title, past.thanks, past.withheld))
    _write(members, sorted(told, key=lambda one: one.at))


def _on_the_board(members: Mapping[str, int], at: datetime) -> list[Past]:
    """Needs of the last year: most found somebody, some closed by themselves. Returns the favors that came of it."""
    told = []
    for place, (author, category, title, helper, days_ago, found_after) in enumerate(NEEDS):
        up = at - days_ago * DAY - timedelta(hours=place % 7)
        asks = db.session.get_one(Membership, members[author])
        need = posts.post(
            by=asks, kind=PostKind.NEED, category=category, title=title, text="", slots=1,
            rule=Rule.CHOICE, closes_at=up + 14 * DAY, at=up,
        )  # fmt: skip
        if not helper:
            posts.end(need.id, at=up + 14 * DAY)
            continue
        chosen = up + found_after * DAY + timedelta(hours=6)
        gives = db.session.get_one(Membership, members[helper])
        answer = responses.answer(need.id, by=gives, text="Gladly. Call me.", at=up + (chosen - up) / 2)
        if place % 4 == 0:  # one who came too late to be chosen
            also = db.session.get_one(Membership, members["ruth"])
            responses.answer(need.id, by=also, text="I could, too, from Thursday on.", at=chosen - timedelta(hours=1))
        favor = responses.accept(need.id, answer.id, by=asks, at=chosen, others="decline")
        when = chosen + (2 + place % 4) * DAY
        told.append(Past(when, helper, author, category, title, THANKS[place % len(THANKS)], favor_id=favor.id))
    return told


def _write(members: Mapping[str, int], told: Sequence[Past]) -> None:
    """Confirm many favors in the order in which they happened: as the verbs would, but their letters."""
    with transaction() as session:
        people = {key: session.get_one(Membership, member_id) for key, member_id in members.items()}
        group_id = next(iter(people.values())).group_id
        categories = {one.slug: one for one in session.scalars(select(Category).filter_by(group_id=group_id))}
        favors = [_favor(one, people[one.giver], people[one.receiver], categories[one.category]) for one in told]
        indexes = log.record_favors(session, group_id, favors, how=How.RECEIVER)
        rows = [
            {name: getattr(favor, name) for name in KEPT} | {"entry": index}
            for favor, index in zip(favors, indexes, strict=True)
        ]
        session.execute(insert(Favor), [row for row, one in zip(rows, told, strict=True) if one.favor_id is None])
        for row, one in zip(rows, told, strict=True):
            if one.favor_id is not None:
                came = {name: row[name] for name in ("state", "how", "confirmed_at", "thanks", "entry")}
                session.execute(update(Favor).where(Favor.id == one.favor_id).values(came))


def _favor(one: Past, giver: Membership, receiver: Membership, category: Category) -> Favor:
    return Favor(
        group_id=giver.group_id,
        giver=giver,
        giver_id=giver.id,
        receiver=receiver,
        receiver_id=receiver.id,
        category=category,
        category_id=category.id,
        title=one.title,
        state=FavorState.CONFIRMED,
        began=Began.HELPED_BY,
        how=How.RECEIVER,
        withheld_by_id=receiver.id if one.withheld else None,
        agreed_at=one.at,
        clock_from=one.at,
        confirmed_at=one.at,
        thanks=one.thanks,
    )
