"""The demo has the shape of a real group, something in every state, and something to tell next Monday."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from exchange import log
from exchange.cli.demo.chance import drawn
from exchange.cli.demo.make import EVERYBODY, SLUG
from exchange.cli.demo.more_people import CIRCLE, COLDHARBOR, NEWCOMERS, QUIET
from exchange.digest.compose import compose
from exchange.digest.facts import Due, Part
from exchange.digest.gather import gather
from exchange.domain import group_numbers, listing
from exchange.log.regrown import torn
from exchange.storage.desk import Case, CaseState
from exchange.storage.entry import LogCount, LogEntry, LogPair
from exchange.storage.favor import Correction, CorrectionState, Favor, FavorState
from exchange.storage.group import Group
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.post import Post, PostState, Response, ResponseState
from exchange.storage.tie import Tie
from tests.people import NOON

DAY = timedelta(days=1)
MONDAY = NOON + timedelta(days=4)
BY_KEY = {person.key: person for person in EVERYBODY}


@pytest.fixture
def members(session, demo):
    """The demo's members by key."""
    by_email = {member.person.email: member for member in session.scalars(select(Membership).join(Person))}
    return {key: by_email[person.email] for key, person in BY_KEY.items() if person.email in by_email}


@pytest.mark.once
def test_the_demo_has_the_shape_of_a_real_group(session, members):
    group = session.scalars(select(Group).filter_by(slug=SLUG)).one()
    active = [member for member in members.values() if member.state is MembershipState.ACTIVE]
    counts = {row.member_id: row for row in session.scalars(select(LogCount))}
    pairs = session.scalars(select(LogPair)).all()
    given = sorted((row.given for row in counts.values()), reverse=True)
    entries = session.scalars(select(LogEntry).filter_by(kind="favor")).all()
    numbers = group_numbers.show(seen_by=members["ada"], at=NOON)

    assert group.invented
    assert 115 <= len(active) <= 125
    assert len({member.firm for member in active}) == 25
    assert 700 <= len(entries) <= 1_000
    assert (entries[0].day, entries[-1].day) > ((NOON - 760 * DAY).date(), (NOON - 3 * DAY).date())
    assert (min(one.day for one in entries)) < (NOON - 600 * DAY).date()
    assert sum(given[:12]) > sum(given) / 3  # busy helpers
    assert all(members[key].id not in counts for key in QUIET)
    assert all(members[key].joined_at > NOON - 60 * DAY for key in NEWCOMERS)
    inside = _within(pairs, {member.id for member in members.values() if member.firm == COLDHARBOR})
    around = _within(pairs, {members[key].id for key in CIRCLE})
    assert inside > 0.6
    assert around > 0.6
    assert session.scalar(select(func.count()).select_from(Tie)) >= 6
    assert 10 <= sum(entry.withheld for entry in entries) <= len(entries) / 10
    assert sum(not entry.counts for entry in entries) >= 10
    assert sum(entry.voided_by is not None for entry in entries) >= 2
    assert numbers.needs.found >= 10
    assert numbers.newcomers.of > numbers.newcomers.found > 0
    assert numbers.every.nameless > 5


def _within(pairs, those):
    """The share of what some gave that stayed among them."""
    of_theirs = [pair for pair in pairs if pair.giver_id in those]
    return sum(pair.count for pair in of_theirs if pair.receiver_id in those) / sum(pair.count for pair in of_theirs)


def test_every_state_is_there_and_the_log_agrees_with_all_of_it(session, members):
    group = members["ada"].group_id
    posts = Counter(session.scalars(select(Post.state)))

    assert set(posts) == set(PostState)
    assert posts[PostState.OPEN] == 30
    assert set(session.scalars(select(Response.state))) == set(ResponseState)
    assert set(session.scalars(select(Favor.state))) == set(FavorState)
    assert set(session.scalars(select(Case.state))) == set(CaseState)
    assert set(session.scalars(select(Correction.state))) == set(CorrectionState)
    assert log.compare(session, group).differences == []
    assert torn(session, group) == []
    days = session.scalars(select(LogEntry.day).order_by(LogEntry.idx)).all()
    assert days == sorted(days)


@pytest.mark.once
def test_on_the_next_monday_twenty_posts_are_open_and_half_of_the_members_have_news(session, members, tmp_path):
    open_ = [post for post in listing.board(seen_by=members["quentin"], at=MONDAY).posts if post.closes_at > MONDAY]
    active = [member for member in members.values() if member.state is MembershipState.ACTIVE]
    due = [Due(member.id, member.person_id, MONDAY - 7 * DAY, MONDAY) for member in active]
    letters = [compose(*known) for known in gather(session, due, folder=Path(tmp_path), at=MONDAY).values()]
    told = set(Part) - {Part.WAITING}
    news = [letter for letter in letters if letter and told & {section.part for section in letter.sections}]

    assert len(open_) >= 20
    assert len(news) >= len(active) / 2


def test_chance_makes_the_same_group_every_time_and_seldom_repeats_itself():
    favors = drawn(EVERYBODY)

    assert favors == drawn(EVERYBODY)
    assert Counter(one.title for one in favors).most_common(1)[0][1] <= 4
    assert Counter(one.thanks for one in favors if one.thanks).most_common(1)[0][1] <= 4


def test_everybody_has_an_address_of_their_own_that_leads_nowhere():
    assert len({person.email for person in EVERYBODY}) == len({person.name for person in EVERYBODY}) == len(EVERYBODY)
    assert all(person.email.endswith(".example") for person in EVERYBODY)
