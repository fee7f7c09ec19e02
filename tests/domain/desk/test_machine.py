"""Anything that reporters, organisers, the administrator and time do to cases, in any order, keeps every rule."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from exchange import log
from exchange.domain import accounts, clocks, listing, ties
from exchange.domain.desk import appeals, cases, decisions, edits, held, objections, public, questions, seconds, views
from exchange.domain.desk.holding import TAKE_OFF
from exchange.domain.desk.recusal import Bond
from exchange.domain.desk.standing import standing, waited
from exchange.domain.desk.targets import POSTS
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.ties import TieKind
from exchange.storage.db import db
from exchange.storage.desk import Act, Appeal, Case, CaseState, Decision, Objection, Outcome, Proposal, Report
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.post import Post, PostState
from exchange.storage.question import Question
from tests.builders import offered
from tests.domain.desk.casework import DAY, WHY, reported, rule_of
from tests.people import NOON, joined

MEMBERS = ("Ada Farouk", "Ben Castellanos", "Cleo Marchetti", "Dan Osei")
ORGANISERS = ("Olga Petrenko", "Otto Brandt", "Grace Lund")
SPANS = (timedelta(hours=1), DAY, 2 * DAY, 8 * DAY, 21 * DAY)
MAY_BE_UNDONE = {Act.HIDE, Act.SUSPEND}


class Desk(RuleBasedStateMachine):
    """One group of four members with one, two or three organisers, inside a savepoint that is rolled back."""

    group_id: int

    def __init__(self) -> None:
        super().__init__()
        db.session.remove()
        engines: Any = db.engines
        self.savepoint = engines[None].begin_nested()
        self.at: datetime = NOON
        self.rows: dict[int, tuple[object, ...]] = {}

    def teardown(self) -> None:
        db.session.remove()
        self.savepoint.rollback()

    @initialize(organisers=st.integers(1, 3), tied=st.booleans())
    def begins(self, organisers, tied):
        session = db.session()
        group = session.get_one(Group, self.group_id)
        self.organisers = [joined(session, group, name, role=Role.ORGANISER).id for name in ORGANISERS[:organisers]]
        self.members = [joined(session, group, name).id for name in MEMBERS]
        rosa = accounts.add(session, email="rosa@site.example", name="Rosa Root", at=NOON)
        rosa.is_administrator = True
        self.rosa = rosa.id
        session.commit()
        newest = self.one(Membership, self.members[3])
        newest.joined_at = NOON - 2 * DAY
        session.commit()
        for author in (self.members[0], self.members[3], self.organisers[0]):
            offered(self.one(Membership, author), closes_at=NOON + 200 * DAY, event_at=None)
        if tied:
            one, other = self.one(Membership, self.organisers[-1]), self.one(Membership, self.members[0])
            ties.declare(other.number, by=one, kind=TieKind.FAMILY, at=NOON)

    def one(self, table: Any, row_id: int) -> Any:
        return db.session().get_one(table, row_id)

    def all(self, table: Any, *conditions: Any) -> list[Any]:
        return list(db.session().scalars(select(table).where(*conditions).order_by(table.id)))

    def actor(self, number: int) -> Membership | Person:
        """Any organiser, the administrator, and now and then a member."""
        people = [*self.organisers, None, *self.organisers, None, self.members[1]]
        chosen = people[number % len(people)]
        found: Membership | Person = self.one(Membership, chosen) if chosen else self.one(Person, self.rosa)
        return found

    def tries(self, move: Any) -> None:
        """Refusals are sentences."""
        try:
            move()
        except Refusal as refusal:
            said = str(refusal)
            assert said.endswith(".") and " " in said, "a refusal is no sentence"  # noqa: PT018 (no test of one)
        finally:
            db.session().expire_all()

    # What may happen.

    @rule(number=st.integers(0, 99), who=st.integers(0, 3))
    def a_report(self, number, who):
        posts = self.all(Post)
        people = [*self.members, self.organisers[0]]
        by = self.one(Membership, people[number % len(people)])
        self.tries(partial(reported, posts[who % len(posts)], by, at=self.at))

    @rule(
        number=st.integers(0, 99), act=st.sampled_from([*Act, Act.HIDE, Act.ASK_EDIT, Act.SUSPEND]), long=st.booleans()
    )
    def a_decision(self, number, act, long):
        for case in self.pick(Case, number):
            by = self.actor(number // 7)
            allowed = self.allowed(case, by)
            before = len(self.all(Decision))
            until = self.at + (30 if long else 5) * DAY if act is Act.SUSPEND else None
            made: list[Decision | None] = []

            def decide(case: Case = case, by: Any = by, until: Any = until, made: Any = made) -> None:
                said = {"rule": rule_of(case.about), "why": WHY, "at": self.at, "until": until}
                made.append(decisions.decide(case.id, act, by=by, **said))

            self.tries(decide)
            if made:
                assert allowed, "somebody decided who ought to stand aside"
            assert len(self.all(Decision)) - before == (1 if made and made[0] is not None else 0)

    def allowed(self, case: Case, by: Membership | Person) -> bool:
        """The rule of standing aside, asked for once more and apart from the verb."""
        found = standing(db.session(), case, self.at)
        if isinstance(by, Person):
            return case.handed_at is not None
        if not by.is_organiser:
            return False
        why = found.aside.get(by.id)
        if why is None:
            return True
        return not found.free and waited(case.handed_at, self.at) and why.bond is not Bond.CONCERNED

    @rule(number=st.integers(0, 99), agrees=st.sampled_from([True, True, False]))
    def a_second(self, number, agrees):
        for proposal in self.pick(Proposal, number, Proposal.ended_at.is_(None)):
            verb = seconds.agree if agrees else seconds.let_be
            self.tries(partial(verb, proposal.id, by=self.actor(number // 3), at=self.at))

    @rule(number=st.integers(0, 99))
    def an_appeal(self, number):
        for decision in self.pick(Decision, number):
            self.tries(partial(appeals.appeal, decision.id, by=decision.case.about, why="No.", at=self.at))

    @rule(number=st.integers(0, 99), outcome=st.sampled_from(list(Outcome)), act=st.sampled_from(list(Act)))
    def an_answer(self, number, outcome, act):
        for found in self.pick(Appeal, number, Appeal.outcome.is_(None)):
            by = self.actor(number // 3)
            until = self.at + DAY if act is Act.SUSPEND else None
            said = {"why": WHY, "at": self.at, "act": act, "until": until, "rule": rule_of(found.decision.case.about)}
            decider = {found.decision.by_id, found.decision.second_id}
            self.tries(partial(appeals.answer, found.id, outcome, by=by, **said))
            if found.outcome is not None and isinstance(by, Membership):
                assert by.id not in decider, "who decided has answered the appeal"

    @rule(number=st.integers(0, 99))
    def a_reversal(self, number):
        for decision in self.pick(Decision, number):
            self.tries(partial(decisions.reverse, decision.id, by=self.actor(number // 3), why=WHY, at=self.at))

    @rule(number=st.integers(0, 99))
    def standing_aside(self, number):
        for case in self.pick(Case, number):
            organiser = self.one(Membership, self.organisers[number % len(self.organisers)])
            if number % 4 == 0:
                self.tries(partial(cases.stand_aside, case.id, by=organiser, at=self.at))

    @rule(number=st.integers(0, 99))
    def objecting(self, number):
        for case in self.pick(Case, number):
            by = self.one(Membership, self.members[number % 4])
            organiser = self.one(Membership, self.organisers[number % len(self.organisers)])
            self.tries(partial(objections.object_to, case.id, organiser.number, by=by, why="Golf.", at=self.at))
        for found in self.pick(Objection, number, Objection.upheld.is_(None)):
            answer = partial(objections.answer, found.id, upheld=bool(number % 2), at=self.at)
            self.tries(partial(answer, by=self.actor(number // 5)))

    @rule(number=st.integers(0, 99))
    def asking_a_reporter(self, number):
        for report in self.pick(Report, number):
            by = self.actor(number // 3)
            asked = len(self.all(Question))
            allowed = self.may_look(report.case_id, by)
            self.tries(partial(questions.ask, report.id, by=by, text="Which line?", at=self.at))
            assert allowed or len(self.all(Question)) == asked, "somebody asked who ought to stand aside"
        for question in self.pick(Question, number):
            who = self.one(Membership, question.report.by_id if number % 3 else self.members[1])
            self.tries(partial(questions.answer, question.id, by=who, text="The second.", at=self.at))

    def may_look(self, case_id: int, by: Membership | Person) -> bool:
        try:
            return not views.show(case_id, seen_by=by, at=self.at).conflicted
        except Refusal:
            return False

    @rule(number=st.integers(0, 99))
    def editing_and_releasing(self, number):
        for case in self.pick(Case, number):
            edit = partial(edits.edit, case.id, title=f"A place {number}", text="Better.", at=self.at)
            self.tries(partial(edit, by=case.about))
            self.tries(partial(held.release, case.id, by=self.actor(number), at=self.at))

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span):
        self.at += span
        while clocks.due(at=self.at):
            pass
        db.session().expire_all()

    def pick(self, table: Any, number: int, *conditions: Any) -> Iterator[Any]:
        found = self.all(table, *conditions)
        if found:
            yield found[number % len(found)]

    # What always holds.

    @invariant()
    def decisions_never_change_and_stand_in_the_log(self):
        if not hasattr(self, "organisers"):
            return
        columns = list(Decision.__table__.columns)
        now = {row.id: tuple(row) for row in db.session().execute(select(*columns))}
        assert {number: now[number] for number in self.rows} == self.rows
        self.rows = now
        entries = log.entries(db.session(), self.group_id, kinds=["decision"], limit=500)
        logged = [entry.index for entry in entries if entry.told["act"] != "handed_over"]
        assert sorted(one.entry for one in self.all(Decision)) == sorted(logged)

    @invariant()
    def nobody_decides_about_themself_and_two_are_two(self):
        for one in self.all(Decision) if hasattr(self, "organisers") else []:
            assert one.case.about_id not in {one.by_id, one.second_id}
            assert one.why
            assert one.rule
            deciders = [who for who in (one.by_id, one.second_id, one.administrator_id) if who is not None]
            if one.act in {Act.SUSPEND, Act.END} and one.by_id is not None and not one.conflicted:
                assert len(deciders) == 2
            if one.conflicted:
                assert one.act in MAY_BE_UNDONE
                assert db.session().scalar(select(Appeal.id).filter_by(decision_id=one.id)) is not None

    @invariant()
    def what_is_off_the_pages_is_on_nobodys_board(self):
        if not hasattr(self, "organisers"):
            return
        reader = self.one(Membership, self.members[1])
        if reader.state is not MembershipState.ACTIVE:
            return
        shown = {post.id for post in listing.board(seen_by=reader, at=self.at).posts}
        off = {post.id for post in self.all(Post) if post.state in {PostState.HELD, PostState.HIDDEN}}
        assert not shown & off

    @invariant()
    def what_was_taken_off_stays_off_until_that_is_taken_back(self):
        decisions_now = self.all(Decision) if hasattr(self, "organisers") else []
        replaced = {one.replaces_id for one in decisions_now}
        last = {
            one.case.target_id: one
            for one in decisions_now
            if one.act in TAKE_OFF and one.id not in replaced and one.case.kind in POSTS
        }
        for post_id, decision in last.items():
            if decision.act is not Act.ASK_EDIT:
                assert self.one(Post, post_id).state is PostState.HIDDEN

    @invariant()
    def what_waits_has_somebody_whom_it_waits_for(self):
        if not hasattr(self, "organisers"):
            return
        for case in self.all(Case, Case.state == CaseState.OPEN):
            found = standing(db.session(), case, self.at)
            assert found.free or case.handed_at is not None or case.kind == "held_post"
        for reader in map(partial(self.one, Membership), self.organisers):
            if reader.is_organiser:
                desk = cases.desk(seen_by=reader, at=self.at)
                for line in desk.waiting:
                    assert line.case_id is not None
                    try:
                        views.show(line.case_id, seen_by=reader, at=self.at)
                    except (NotFound, NotYours):
                        raise AssertionError("what waits for somebody is closed to them") from None

    @invariant()
    def a_question_waits_once_and_nobody_asks_themself(self):
        asked = self.all(Question) if hasattr(self, "organisers") else []
        waiting = [one.report_id for one in asked if one.answered_at is None]
        assert len(waiting) == len(set(waiting))
        assert all(one.by_id != one.report.by_id for one in asked)

    @invariant()
    def the_public_page_can_be_read(self):
        if hasattr(self, "organisers"):
            page = public.public(seen_by=self.one(Membership, self.members[1]), at=self.at)
            total = db.session().scalar(select(func.count()).select_from(Decision))
            assert len(page.rows) == min(total or 0, public.PAGE)


def test_a_desk_lives_by_its_rules(app, session, group, olga):
    """Olga founded the group and organises it."""
    session.commit()

    class Here(Desk):
        group_id = group.id

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("act", list(Act))
def test_every_act_has_a_word_in_the_log(act):
    assert act.value.replace("_", "").isalpha()
