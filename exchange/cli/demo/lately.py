"""The last weeks of the demo group: what runs, a place that changed hands, and what happens in every real group."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from exchange.cli.demo.favors import RUNNING, Running
from exchange.cli.demo.more_people import GONE
from exchange.domain import clocks, corrections, disputes, favors, leaving, posts, responses, ties, unasked
from exchange.domain.ties import TieKind
from exchange.storage.db import db
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.post import Post, PostKind, Rule

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TIES = (
    ("marcus", "ada", TieKind.SAME_FIRM),
    ("dorian", "petra", TieKind.BUSINESS_PARTNER),
    ("silas", "maeve", TieKind.BUSINESS_PARTNER),
    ("rupert", "philippa", TieKind.FAMILY),
    ("winifred", "obadiah", TieKind.SAME_FIRM),
    ("grace", "theo", TieKind.CLIENT),
)


class Lately:
    """What happened lately, told in the order in which it stands in the log."""

    def __init__(self, members: Mapping[str, int], at: datetime) -> None:
        self.members, self.at = members, at

    def member(self, key: str) -> Membership:
        """A member by key, as the row is now."""
        return db.session.get_one(Membership, self.members[key])

    def happens(self) -> None:
        """All of it, the oldest first."""
        for giver, receiver, days_ago in (("nils", "hector", 45), ("hector", "quentin", 38)):
            unasked.helped(
                self.member(receiver).number, by=self.member(giver), category="other",
                title="A morning at the inspection of a boiler", at=self.at - days_ago * DAY,
            )  # fmt: skip
        clocks.due(at=self.at - 5 * DAY)  # what nobody confirmed has lapsed
        for runs in RUNNING:
            self._runs(runs)
        self._place_changes_hands()
        self._taken_back()
        for one, other, kind in TIES:
            ties.declare(self.member(other).number, by=self.member(one), kind=kind, at=self.at - 2.2 * DAY)
        self._is_human()
        for key in GONE:
            leaving.leave(by=self.member(key), at=self.at - 20 * HOUR)

    def _agreed(self, need: Post, helper: str, at: datetime, text: str = "Gladly.") -> Favor:
        answer = responses.answer(need.id, by=self.member(helper), text=text, at=at - 2 * HOUR)
        return responses.accept(need.id, answer.id, by=need.author, at=at)

    def _need(self, author: str, category: str, title: str, up: datetime) -> Post:
        return posts.post(
            by=self.member(author), kind=PostKind.NEED, category=category, title=title, text="", slots=1,
            rule=Rule.CHOICE, closes_at=up + 10 * DAY, at=up,
        )  # fmt: skip

    def _runs(self, one: Running) -> None:
        agreed = self.at - one.agreed_days_ago * DAY - 3 * HOUR
        favor = self._agreed(self._need(one.receiver, one.category, one.title, agreed - 2 * DAY), one.giver, agreed)
        if one.delivered_days_ago is not None:
            favors.deliver(favor.id, by=self.member(one.giver), at=self.at - one.delivered_days_ago * DAY - HOUR)

    def _place_changes_hands(self) -> None:
        """One seat: somebody has it and drops out, one passes, one says nothing, and now it is kept for Ben."""
        at = self.at
        seat = posts.post(
            by=self.member("theo"), kind=PostKind.OFFER, category="event_place",
            title="The last seat at the hearing dinner of the arbitration section",
            text="Courthouse Square, seven o’clock. Two speeches, both short.", slots=1, rule=Rule.FIRST_COME,
            closes_at=at + 3 * DAY, event_at=at + 6 * DAY, at=at - 4 * DAY,
        )  # fmt: skip
        has = responses.answer(seat.id, by=self.member("piotr"), text="With pleasure.", at=at - 3.9 * DAY)
        hopes = [
            responses.answer(
                seat.id,
                by=self.member(key),
                text="If it becomes free.",
                at=at - (3.8 - 0.1 * n) * DAY,
                standing_by=True,
            )
            for n, key in enumerate(("yusuf", "ambrose", "ben", "ingeborg", "karim"))
        ]
        given = db.session.scalars(select(Favor.id).filter_by(response_id=has.id)).one()
        favors.cancel(given, by=self.member("piotr"), why="A site day was moved to that evening.", at=at - 2.4 * DAY)
        responses.pass_place(hopes[0].id, by=self.member("yusuf"), at=at - 1.9 * DAY)
        responses.expire(hopes[1].id, at=at - 0.85 * DAY)
        responses.take_back(seat.id, by=self.member("karim"), at=at - DAY)

    def _taken_back(self) -> None:
        """A need that was solved otherwise, and an agreement that was called off in good time."""
        need = self._need("lysander", "review", "Minutes of 1987, and who signed them", self.at - 3.5 * DAY)
        responses.answer(need.id, by=self.member("yvaine"), text="I collect these.", at=self.at - 3 * DAY)
        posts.withdraw(need.id, by=self.member("lysander"), at=self.at - 2.8 * DAY)
        need = self._need("soo", "advice", "A drainage easement from another century", self.at - 6 * DAY)
        favor = self._agreed(need, "hollis", self.at - 5 * DAY)
        favors.cancel(favor.id, by=self.member("soo"), why="The seller has withdrawn.", at=self.at - 2.7 * DAY)

    def _is_human(self) -> None:
        """A word between two, slips that were corrected or not, quarrels."""
        at = self.at
        unasked.helped_by(
            self.member("ruth").number, by=self.member("harriet"), category="advice",
            title="What to say to a partner who wants to leave", withheld=True, at=at - 1.9 * DAY,
        )  # fmt: skip
        slip, twice, right, open_ = (
            unasked.helped_by(
                self.member(giver).number, by=self.member(receiver), category="advice", title=title,
                at=at - (1.8 - 0.01 * n) * DAY,
            )
            for n, (giver, receiver, title) in enumerate((
                ("ben", "priya", "A notice period in a lease"),
                ("gideon", "alden", "A letter about a filing fee"),
                ("winifred", "saskia", "A proof of claim with a staple in it"),
                ("ines", "beatriz", "The first severance letter"),
            ))
        )  # fmt: skip
        quarrel = self._quarrel("kwame", "samuel", "We had lunch, and it was very good. The clerk could not come.", 1.7)
        settled = self._disputed("A set of exhibits, carried to Eastmere", "We waited until noon.")
        unasked.not_me(slip.id, by=self.member("ben"), at=at - 1.5 * DAY)
        corrections.correct(twice.id, by=self.member("grace"), why="It was entered twice.", at=at - 1.49 * DAY)
        disputed = corrections.propose(
            right.id, by=self.member("winifred"), why="Saskia found it herself.", at=at - 36 * HOUR
        )
        corrections.refuse(disputed.id, by=self.member("saskia"), at=at - 35 * HOUR)
        corrections.propose(open_.id, by=self.member("ines"), why="It was mentoring, not advice.", at=at - 30 * HOUR)
        why = "The exhibits came at two, and they were used. The help took place."
        disputes.settle(settled, by=self.member("grace"), happened=True, why=why, at=at - 29 * HOUR)
        assert quarrel  # noqa: S101 (it waits on the desk)

    def _quarrel(self, giver: str, receiver: str, why: str, days_ago: float) -> int:
        delivered = select(Favor.id).filter_by(
            giver_id=self.members[giver], receiver_id=self.members[receiver], state=FavorState.DELIVERED
        )
        favor_id = db.session.scalars(delivered).one()
        disputes.dispute(favor_id, by=self.member(receiver), why=why, at=self.at - days_ago * DAY)
        return favor_id

    def _disputed(self, title: str, why: str) -> int:
        need = self._need("clement", "other", title, self.at - 9 * DAY)
        favor = self._agreed(need, "darnell", self.at - 8 * DAY)
        favors.deliver(favor.id, by=self.member("darnell"), at=self.at - 4 * DAY)
        return self._quarrel("darnell", "clement", why, 1.6)
