"""Anything that members, organisers and time do, in any order, keeps every rule; and nothing stays open for ever."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import or_, select
from sqlalchemy.orm import lazyload

from exchange import log
from exchange.domain import corrections, disputes, favors, invitations, leaving, posts, responses, ties, unasked
from exchange.domain.errors import Refusal
from exchange.domain.places import ends_at
from exchange.storage.db import Base, db, transaction
from exchange.storage.favor import Began, CancelledBecause, Correction, CorrectionState, Favor, FavorState, How
from exchange.storage.group import Group
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.post import LIVE, ClosedBecause, Post, PostKind, PostState, Response, ResponseState, Rule
from exchange.storage.tie import Tie
from tests.domain.lives import every_row, time_comes
from tests.people import NOON, joined

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = ("Ada Farouk", "Ben Castellanos", "Cleo Marchetti", "Dan Osei", "Edda Lund")
OVER = frozenset({MembershipState.LEFT, MembershipState.ENDED})
HOPING = {ResponseState.WAITING, ResponseState.STANDBY, ResponseState.OFFERED}
HAS_A_PLACE = {ResponseState.ACCEPTED, ResponseState.OFFERED}
CALLED_OFF = {CancelledBecause.CALLED_OFF, CancelledBecause.LEFT}
WHY = "It was not so."

Row = TypeVar("Row", bound=Base)
Move = Callable[[], object]
# How many groups live and end; the quick checks take few of them.
MORE = "EXCHANGE_TEST_LIVES"
LIVE_ONES = Response.state.in_(LIVE)
SPANS = (HOUR / 2, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 31 * DAY)
# Each kind of move as often as it is interesting: most of the time things go on, and now and then they go wrong.
KINDS = (
    *("posting", "answering", "choosing", "cancelling", "delivering") * 3,
    *("taking_an_offered_place", "confirming", "doubting", "settling", "suspending", "telling") * 2,
    *("extending_and_withdrawing", "taking_an_answer_back", "withholding", "that_was_not_me", "proposing_a_correction"),
    *("answering_a_correction", "correcting", "tying", "going", "removing", "erasing", "coming_back", "coming_back"),
)


class Lives(RuleBasedStateMachine):
    """One group of five members and two organisers, inside a savepoint that is rolled back."""

    group_id: int

    def __init__(self) -> None:
        super().__init__()
        db.session.remove()
        engines: Any = db.engines
        self.savepoint = engines[None].begin_nested()
        self.at = NOON
        self.read_to = 0

    def teardown(self) -> None:
        try:
            self.everything_ends()
        finally:
            db.session.remove()
            self.savepoint.rollback()

    # What is there, and trying something.

    def rows(self, table: type[Row], *conditions: Any) -> Sequence[Row]:
        found = select(table).where(table.__table__.c.group_id == self.group_id, *conditions)
        return db.session.scalars(found.order_by(*table.__table__.primary_key).options(lazyload("*"))).all()

    def try_one(self, moves: Sequence[Move], number: int) -> None:
        """Do one of the moves; if it is refused, nothing may have changed."""
        before = every_row(db.session()) if self.looks_closely else None
        try:
            moves[number % len(moves)]()
        except Refusal as refusal:
            said = str(refusal)
            assert said.endswith(".") and " " in said, "a refusal is no sentence"  # noqa: PT018 (no test of one)
            assert before is None or every_row(db.session()) == before, "a refusal changed something"
        finally:
            db.session.expire_all()

    @initialize(looks_closely=st.sampled_from([False, False, False, True]))
    def begins(self, looks_closely):
        self.looks_closely = looks_closely

    # What may happen: the moves of each kind, from what there is.

    def posting(self, number: int) -> Iterator[Move]:
        chosen = Random(number)  # noqa: S311 (no secret; a number stands for one post)
        closes_at = self.at + chosen.choice([1, 30, 24 * 9]) * HOUR
        later = chosen.choice([None, 0, 1, 40, 24 * 6])
        active = self.active()
        if len(self.rows(Post, Post.state == PostState.OPEN)) > 2:
            return  # what there is shall go on
        make = partial(
            posts.post,
            kind=chosen.choice(list(PostKind)),
            category=chosen.choice(["advice", "event_place"]),
            title="A place",
            text="",
            slots=chosen.randint(1, 2),
            rule=chosen.choice(list(Rule)),
            closes_at=closes_at,
            event_at=None if later is None else closes_at + later * HOUR,
            hidden_from=[active[0].number] if active and chosen.random() < 0.2 else [],
            at=self.at,
        )
        yield from (partial(make, by=author) for author in active)

    def answering(self, number: int) -> Iterator[Move]:
        active = self.active()
        takes_some = or_(Post.state == PostState.OPEN, Post.closed_because == ClosedBecause.FILLED)
        for post in self.rows(Post, takes_some):
            if self.at > ends_at(post) and number % 9:
                continue
            answered = {row.member_id for row in self.rows(Response, Response.post_id == post.id, LIVE_ONES)}
            answer = partial(responses.answer, post.id, text="Gladly.", at=self.at, standing_by=True)
            yield from (partial(answer, by=member) for member in active if member.id not in answered)

    def extending_and_withdrawing(self, number: int) -> Iterator[Move]:
        for post in self.rows(Post):
            yield partial(posts.extend if number % 3 else posts.withdraw, post.id, by=post.author, at=self.at)

    def choosing(self, number: int) -> Iterator[Move]:
        choose = partial(responses.accept, at=self.at, others="decline" if number % 4 == 0 else "standby")
        for response in self.rows(Response, Response.state == ResponseState.WAITING):
            yield partial(choose, response.post_id, response.id, by=response.post.author)

    def taking_an_offered_place(self, number: int) -> Iterator[Move]:
        verb = responses.accept_place if number % 2 else responses.pass_place
        for response in self.rows(Response, Response.state == ResponseState.OFFERED):
            yield partial(verb, response.id, by=response.member, at=self.at)

    def taking_an_answer_back(self, _number: int) -> Iterator[Move]:
        for response in self.rows(Response, Response.state.in_(HOPING)):
            yield partial(responses.take_back, response.post_id, by=response.member, at=self.at)

    def delivering(self, number: int) -> Iterator[Move]:
        for favor in self.rows(Favor, Favor.state == FavorState.AGREED):
            yield partial(favors.deliver, favor.id, by=favor.giver if number % 5 else favor.receiver, at=self.at)

    def confirming(self, number: int) -> Iterator[Move]:
        for favor in self.rows(Favor, Favor.state.in_(favors.OPEN)):
            yield partial(favors.confirm, favor.id, by=favor.receiver if number % 5 else favor.giver, at=self.at)

    def cancelling(self, number: int) -> Iterator[Move]:
        for favor in self.rows(Favor, Favor.state == FavorState.AGREED):
            yield partial(favors.cancel, favor.id, by=favor.receiver if number % 2 else favor.giver, at=self.at)

    def withholding(self, number: int) -> Iterator[Move]:
        for favor in self.rows(Favor, Favor.state.in_(favors.OPEN)):
            yield partial(favors.withhold, favor.id, by=favor.receiver if number % 2 else favor.giver)

    def doubting(self, number: int) -> Iterator[Move]:
        for favor in self.rows(Favor, Favor.state == FavorState.DELIVERED):
            party = favor.receiver if number % 2 else favor.giver
            if favor.began is Began.HELPED and number % 5:
                yield partial(unasked.deny, favor.id, by=favor.receiver, at=self.at)
                continue
            yield partial(disputes.dispute, favor.id, by=party, why=WHY, at=self.at)

    def settling(self, number: int) -> Iterator[Move]:
        for favor in self.rows(Favor, Favor.state == FavorState.DISPUTED):
            for organiser in self.rows(Membership, Membership.role == Role.ORGANISER):
                settle = partial(disputes.settle, happened=bool(number % 2), why=WHY, at=self.at)
                yield partial(settle, favor.id, by=organiser)

    def telling(self, number: int) -> Iterator[Move]:
        verb = unasked.helped if number % 2 else unasked.helped_by
        said = partial(verb, category="mentoring", title="A call", at=self.at)
        active = self.active()
        yield from (partial(said, two.number, by=one) for one in active for two in active if one.id != two.id)

    def that_was_not_me(self, number: int) -> Iterator[Move]:
        standing = Favor.voided_by.is_(None) if number % 5 else Favor.voided_by.is_not(None)
        for favor in self.rows(Favor, Favor.began == Began.HELPED_BY, standing):
            yield partial(unasked.not_me, favor.id, by=favor.giver, at=self.at)

    def proposing_a_correction(self, number: int) -> Iterator[Move]:
        for favor in self.rows(Favor, Favor.state == FavorState.CONFIRMED, Favor.voided_by.is_(None)):
            party = favor.receiver if number % 2 else favor.giver
            yield partial(corrections.propose, favor.id, by=party, why=WHY, at=self.at)

    def answering_a_correction(self, number: int) -> Iterator[Move]:
        for found in self.rows(Correction, Correction.state == CorrectionState.PROPOSED):
            other = found.favor.giver if found.by_id == found.favor.receiver_id else found.favor.receiver
            verb = corrections.agree if number % 3 else corrections.refuse
            yield partial(verb, found.id, by=other if number % 7 else found.by, at=self.at)

    def correcting(self, number: int) -> Iterator[Move]:
        standing = Favor.voided_by.is_(None) if number % 5 else Favor.voided_by.is_not(None)
        for favor in self.rows(Favor, Favor.state == FavorState.CONFIRMED, standing):
            for organiser in self.rows(Membership, Membership.role == Role.ORGANISER):
                yield partial(corrections.correct, favor.id, by=organiser, why=WHY, at=self.at)

    def tying(self, number: int) -> Iterator[Move]:
        for tie in self.rows(Tie, Tie.withdrawn_at.is_(None)):
            yield partial(ties.withdraw, tie.id, by=tie.declarer, at=self.at)
            yield partial(ties.answer, tie.id, by=tie.other, agreed=bool(number % 2), at=self.at)
        declare = partial(ties.declare, kind=ties.TieKind.FAMILY, at=self.at)
        active = self.active()
        yield from (partial(declare, two.number, by=one) for one in active for two in active)

    def going(self, _number: int) -> Iterator[Move]:
        yield from (partial(leaving.leave, by=member, at=self.at) for member in self.enough())

    def suspending(self, _number: int) -> Iterator[Move]:
        yield from (partial(leaving.suspend, member.id, at=self.at) for member in self.enough())

    def removing(self, _number: int) -> Iterator[Move]:
        everybody = self.rows(Membership) if self.enough() else ()
        yield from (partial(leaving.end, member.id, at=self.at) for member in everybody)

    def erasing(self, _number: int) -> Iterator[Move]:
        everybody = self.rows(Membership, Membership.erased_by_entry.is_(None)) if self.enough() else ()
        yield from (partial(leaving.erase, member.id, at=self.at) for member in everybody)

    def coming_back(self, _number: int) -> Iterator[Move]:
        gone = self.rows(Membership, Membership.state != MembershipState.ACTIVE, Membership.erased_by_entry.is_(None))
        for member in gone:
            if member.state is MembershipState.SUSPENDED:
                yield partial(leaving.reinstate, member.id, at=self.at)
            else:
                yield partial(self.rejoin, member)

    def active(self) -> Sequence[Membership]:
        return self.rows(Membership, Membership.state == MembershipState.ACTIVE)

    def enough(self) -> Sequence[Membership]:
        """The active members, while there are so many that something goes on without one of them."""
        active = self.active()
        return active if len(active) > 4 else ()

    # One rule with many moves, because hypothesis leaves some rules out of each run, and all of these matter.

    @rule(kind=st.sampled_from(KINDS), number=st.integers(0, 255))
    def somebody_does_something(self, kind, number):
        others = Random(number).sample(KINDS, len(KINDS))  # noqa: S311 (no secret)
        for other in (kind, *others):  # where there is nothing of the kind, something else happens
            if moves := list(getattr(self, other)(number)):
                self.try_one(moves, number)
                return

    @rule(seed=st.integers(0, 2**32 - 1))
    def a_busy_day(self, seed):
        """Hypothesis likes small and equal choices; a day of chance brings lives further on."""
        chance = Random(seed)  # noqa: S311 (no secret; a number stands for one day)
        for _ in range(6):
            self.somebody_does_something(chance.choice(KINDS), chance.randrange(256))
            self.every_rule_holds()
        self.time_passes(chance.choice(SPANS), chance.random() < 0.3)

    @rule(span=st.sampled_from(SPANS), late=st.sampled_from([False, False, True]))
    def time_passes(self, span, late):
        self.at += span
        if not late:
            self.clocks_run()

    def rejoin(self, member: Membership) -> None:
        with transaction() as session:
            email = member.person.email
            token = invitations.issue(session, member.group, email, role=Role.MEMBER, by=None, at=self.at)
        assert invitations.accept(token, at=self.at, by=member.person).id == member.id

    def clocks_run(self) -> None:
        time_comes(self.at)
        db.session.expire_all()
        assert not self.rows(Post, Post.state == PostState.OPEN, Post.closes_at <= self.at)
        assert not self.rows(Response, Response.offered_until <= self.at)

    # What holds at every moment.

    @invariant()
    def every_rule_holds(self):
        members = {member.id: member for member in self.rows(Membership)}
        every_post, every_favor, every_response = self.rows(Post), self.rows(Favor), self.rows(Response)
        every_correction = self.rows(Correction)
        self.places_are_given_once(every_post, every_response, every_favor)
        self.nobody_who_is_gone_is_counted_on(members, every_post, every_response, every_favor)
        self.no_correction_waits_in_vain(members, every_correction)
        self.everybody_was_told_once(members, every_favor, every_response, every_correction)
        if self.read_to != log.size(db.session(), self.group_id):
            self.each_favor_is_in_the_log_once(every_favor, members)
            self.read_to = log.size(db.session(), self.group_id)

    def places_are_given_once(
        self, every_post: Sequence[Post], every_response: Sequence[Response], every_favor: Sequence[Favor]
    ) -> None:
        by_response = {favor.response_id: favor for favor in every_favor if favor.response_id}
        for post in every_post:
            answers = [response for response in every_response if response.post_id == post.id]
            having = [response for response in answers if response.state in HAS_A_PLACE]
            assert len(having) == post.taken <= post.slots, "a place is given twice, or lost"
            if post.state is PostState.OPEN:
                assert post.taken < post.slots, "a post is open with no place left"
            if post.closed_because is ClosedBecause.FILLED and self.at < ends_at(post):
                assert post.taken == post.slots, "a post is called full and has a free place"
            standing = [response for response in answers if response.state is ResponseState.STANDBY]
            if standing and self.at < ends_at(post):
                assert post.taken == post.slots, "somebody stands by beside a free place"
            if post.closed_because is ClosedBecause.WITHDRAWN:
                assert not [response for response in answers if response.state in HOPING], "hoping in vain"
        for response in every_response:
            favor = by_response.get(response.id)
            assert (favor is not None) == (response.state in {ResponseState.ACCEPTED, ResponseState.DROPPED_OUT})
            if favor is not None:
                off = favor.state is FavorState.CANCELLED and favor.cancelled_because in CALLED_OFF
                assert off == (response.state is ResponseState.DROPPED_OUT)

    def nobody_who_is_gone_is_counted_on(
        self,
        members: dict[int, Membership],
        every_post: Sequence[Post],
        every_response: Sequence[Response],
        every_favor: Sequence[Favor],
    ) -> None:
        active = {id_ for id_, member in members.items() if member.state is MembershipState.ACTIVE}
        assert all(post.author_id in active for post in every_post if post.state is PostState.OPEN)
        assert all(response.member_id in active for response in every_response if response.state in HOPING)
        authors = {post.id: post.author_id for post in every_post}
        in_vain = [response for response in every_response if response.state in HOPING]
        assert {authors[response.post_id] for response in in_vain} <= active, "somebody hopes for who is gone"
        for favor in every_favor:
            if favor.state is FavorState.AGREED:
                assert {favor.giver_id, favor.receiver_id} <= active
            if favor.paused_at is not None and favor.state in favors.OPEN:
                assert favor.state is FavorState.DELIVERED, "a clock stands still that does not run"
                assert members[favor.receiver_id].state is MembershipState.SUSPENDED, "a clock waits for nobody"

    def no_correction_waits_in_vain(self, members: dict[int, Membership], every_one: Sequence[Correction]) -> None:
        for correction in every_one:
            if correction.state is CorrectionState.PROPOSED:
                favor = correction.favor
                assert favor.voided_by is None, "a correction of what is void already waits for an answer"
                states = {members[favor.giver_id].state, members[favor.receiver_id].state}
                assert not states & OVER, "a correction waits for somebody who is gone"

    def each_favor_is_in_the_log_once(self, every_favor: Sequence[Favor], members: dict[int, Membership]) -> None:
        session = db.session()
        confirmed = [favor for favor in every_favor if favor.state is FavorState.CONFIRMED]
        found = log.entries(session, self.group_id, limit=1_000)
        logged = [entry for entry in found if entry.kind == "favor"]
        assert sorted(favor.entry or 0 for favor in confirmed) == sorted(entry.index for entry in logged)
        assert {favor.entry: favor.voided_by for favor in confirmed} == {
            entry.index: entry.voided_by for entry in logged
        }
        standing = [favor for favor in confirmed if favor.voided_by is None and not favor.category.neutral]
        clear = [favor for favor in standing if favor.withheld_by_id is None]
        public = log.balances(session, self.group_id).values()
        own = [log.balance_of(member.id, log.lines(session, member, date.min, own=True)) for member in members.values()]
        for counts, total in ((public, len(clear)), (own, len(standing))):
            assert sum(count.given for count in counts) == sum(count.received for count in counts) == total
        assert log.compare(session, self.group_id).differences == []

    def everybody_was_told_once(
        self,
        members: dict[int, Membership],
        every_favor: Sequence[Favor],
        every_response: Sequence[Response],
        every_correction: Sequence[Correction],
    ) -> None:
        letters = db.session.execute(select(Letter.email, Letter.once).where(Letter.group_id == self.group_id)).all()
        assert len(set(letters)) == len(letters)
        written = Counter(once for _, once in letters)
        expected: dict[str, int] = {}
        unsaid: dict[str, int] = {}  # nothing more is written to who was forgotten

        def forgotten(favor: Favor) -> int:
            return sum(members[party].erased_by_entry is not None for party in (favor.giver_id, favor.receiver_id))

        for favor in every_favor:
            about = {f"favor:{favor.id}:{what}": count for what, count in letters_of(favor).items()}
            expected |= about
            unsaid |= dict.fromkeys(about, forgotten(favor))
        for response in every_response:
            said = f"response:{response.id}"
            expected[f"{said}:declined"] = int(response.state is ResponseState.DECLINED)
            expected[f"{said}:offer_over"] = int(response.state is ResponseState.EXPIRED)
            if response.state in {ResponseState.OFFERED, ResponseState.PASSED, ResponseState.EXPIRED}:
                expected[f"{said}:offered"] = 1
            if response.state is ResponseState.STANDBY:
                expected[f"{said}:standby"] = 1
            if response.state is ResponseState.WAITING:
                expected[said] = 1
        for correction in every_correction:
            expected[f"correction:{correction.id}:made"] = 2 * (correction.state is CorrectionState.MADE)
            unsaid[f"correction:{correction.id}:made"] = forgotten(correction.favor)
        wrong = {
            once: (count, written[once])
            for once, count in expected.items()
            if not count - unsaid.get(once, 0) <= written[once] <= count
        }
        assert wrong == {}, "expected and written letters"

    # And at the end.

    def everything_ends(self) -> None:
        for _ in range(5):
            self.at += 30 * DAY
            self.clocks_run()
        self.every_rule_holds()
        assert not self.rows(Post, Post.state == PostState.OPEN)
        assert not self.rows(Response, Response.state.in_(HOPING))
        for favor in self.rows(Favor, Favor.state.in_(favors.OPEN)):
            assert favor.paused_at is not None, "a favor stays open for ever"
        for favor in self.rows(Favor, Favor.state == FavorState.CONFIRMED, Favor.how == How.TIME):
            assert favor.began is Began.ANSWER, "silence has confirmed one side's word"


def letters_of(favor: Favor) -> dict[str, int]:
    """How many letters there are to be about each thing that happened to a favor."""
    confirmed, cancelled = favor.state is FavorState.CONFIRMED, favor.state is FavorState.CANCELLED
    why = favor.cancelled_because
    settled = (confirmed and favor.how is How.SETTLED) or why in {
        CancelledBecause.SETTLED,
        CancelledBecause.NOT_SETTLED,
    }
    off = cancelled and why is CancelledBecause.CALLED_OFF
    by_author = favor.post is None or favor.cancelled_by_id == favor.post.author_id
    told_at_once = favor.began is Began.HELPED_BY
    return {
        "agreed": 2 if favor.began is Began.ANSWER else 0,
        "helped_by": int(told_at_once),
        "confirmed": {How.RECEIVER: 1 if told_at_once else 2, How.TIME: 2}.get(favor.how, 0) if favor.how else 0,
        "settled": 2 if settled else 0,
        "lapsed": 2 if favor.state is FavorState.LAPSED else 0,
        "no_longer": int(cancelled and why is CancelledBecause.LEFT),
        "cancelled": int((off and by_author) or why is CancelledBecause.NOT_ME),
        "dropped_out": int(off and not by_author),
        "disputed": int(favor.disputed_at is not None),
        "please_confirm:1": int(favor.delivered_at is not None),
        "please_confirm:3": 0,
        "did_it_happen:3": 0,
    }


def test_whatever_happens_every_rule_holds_and_everything_ends(session, group: Group):
    for name in NAMES:
        joined(session, group, name)
    organiser = joined(session, group, "Olga Petrenko", role=Role.ORGANISER)
    joined(session, group, "Otis Vale", role=Role.ORGANISER)
    Lives.group_id = organiser.group_id

    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=int(os.environ.get(MORE, "12")),
            stateful_step_count=30,
            deadline=None,
            derandomize=bool(os.environ.get("CI")),
            database=None,
            phases=[Phase.generate],  # add Phase.shrink for a shorter story; it takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
