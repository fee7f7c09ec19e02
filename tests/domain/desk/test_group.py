"""What a group settles about itself: first posts that are held, requests, settings, handing over, elections."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from exchange import log
from exchange.domain import board, clocks, groups, leaving, listing, posts
from exchange.domain.desk import applications, cases, categories, edits, election, handover, held, rules, settings
from exchange.domain.desk.categories import Kind
from exchange.domain.desk.settings import Holding, Joining
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.mail import MUST
from exchange.storage.desk import Act, Case, CaseState, Report
from exchange.storage.digest import DigestWish
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.policy import GroupPolicy
from exchange.storage.post import PostState, Rule
from tests.builders import letters_to, offered
from tests.domain.desk.casework import DAY, made, waiting
from tests.people import NOON, joined


def settle(by, **said):
    return settings.change(replace(settings.settled(seen_by=by), **said), by=by, at=NOON)


def entries(session, group):
    found = log.entries(session, group.id, kinds=["setting"])
    return [(one.told["setting"], one.told["old"], one.told["new"]) for one in reversed(found)]


# Held posts.


@pytest.fixture
def newcomer(session, olga, ada):
    ada.joined_at = NOON - 3 * DAY
    session.commit()
    return ada


def long(by, **said):
    return offered(by, closes_at=NOON + 30 * DAY, event_at=None, **said)


def test_a_newcomers_first_two_posts_are_held(olga, newcomer):
    first, second, third = long(newcomer), long(newcomer), long(newcomer)

    assert [post.state for post in (first, second, third)] == [PostState.HELD, PostState.HELD, PostState.OPEN]
    assert first.held_until == NOON + 2 * DAY


def test_what_is_held_only_its_author_sees(olga, newcomer, ben):
    post = long(newcomer)

    assert listing.board(seen_by=ben, at=NOON).posts == []
    with pytest.raises(NotFound):
        board.show(post.id, seen_by=ben, at=NOON)
    assert board.show(post.id, seen_by=newcomer, at=NOON).open is False
    (line,) = cases.desk(seen_by=olga, at=NOON).waiting
    assert (line.title, line.until) == (post.title, NOON + 2 * DAY)


def test_an_organiser_lets_it_onto_the_board(session, olga, newcomer, ben):
    post = long(newcomer)
    case_id = waiting(olga)
    held.release(case_id, by=olga, at=NOON)

    assert [line.id for line in listing.board(seen_by=ben, at=NOON).posts] == [post.id]
    assert letters_to(session, newcomer) == ["released"]
    with pytest.raises(Refusal):
        held.release(case_id, by=olga, at=NOON)


def test_after_48_hours_it_is_released_by_itself(session, olga, newcomer):
    post = long(newcomer)
    clocks.due(at=NOON + 2 * DAY - DAY / 1000)
    assert post.state == "held"

    assert clocks.due(at=NOON + 2 * DAY) == 1
    assert post.state == "open"
    assert cases.desk(seen_by=olga, at=NOON + 2 * DAY).waiting == []
    assert clocks.due(at=NOON + 2 * DAY) == 0


def test_a_held_post_may_be_sent_back_for_an_edit(session, olga, newcomer):
    post = long(newcomer)
    case_id = waiting(olga)
    case = session.get_one(Case, case_id)
    made(case, olga, Act.ASK_EDIT)
    assert clocks.due(at=NOON + 2 * DAY) == 0

    edits.edit(case.id, by=newcomer, title="A better title", text="", at=NOON)
    assert (post.state, post.title) == (PostState.OPEN, "A better title")


def test_what_is_withdrawn_while_held_waits_no_more(olga, newcomer):
    post = long(newcomer)
    posts.withdraw(post.id, by=newcomer, at=NOON)

    assert cases.desk(seen_by=olga, at=NOON).waiting == []
    assert clocks.due(at=NOON + 2 * DAY) == 0


def test_the_group_says_whose_posts_are_held(olga, newcomer, ben):
    settle(olga, holding=Holding.EVERYBODY)
    assert long(ben).state is PostState.HELD
    assert long(olga).state is PostState.OPEN

    settle(olga, holding=Holding.NOBODY)
    assert long(newcomer).state is PostState.OPEN


def test_in_a_young_group_nobody_is_a_newcomer(session, group, olga, newcomer):
    group.created_at = NOON - 4 * DAY
    session.commit()

    assert long(newcomer).state is PostState.OPEN


# Requests to join.


def test_who_asks_is_let_in_by_any_organiser_or_not(session, group, olga, sam):
    with pytest.raises(NotFound):
        applications.apply("bar", by=sam.person, at=NOON)
    settle(olga, joining=Joining.ASKING)
    asked = applications.apply("bar", by=sam.person, at=NOON)
    case_id = waiting(olga)
    applications.turn_down(case_id, by=olga, at=NOON)
    assert asked.state is MembershipState.LEFT

    applications.apply("bar", by=sam.person, at=NOON + DAY)
    with pytest.raises(Refusal, match="asked already"):
        applications.apply("bar", by=sam.person, at=NOON + DAY)
    applications.admit(case_id, by=olga, at=NOON + DAY)
    assert (asked.state, letters_to(session, asked)) == (MembershipState.ACTIVE, ["turned_down", "admitted"])


def test_who_was_removed_does_not_come_back_by_asking(session, olga, ben):
    settle(olga, joining=Joining.ASKING)
    leaving.end(ben.id, at=NOON)

    with pytest.raises(NotYours):
        applications.apply("bar", by=ben.person, at=NOON)


# Settings.


def test_every_change_stands_in_the_log_with_old_and_new(session, group, olga):
    settle(
        olga,
        name="Harbor Bar",
        purpose="To help each other.",
        welcome="Hello.",
        joining=Joining.ASKING,
        holding=Holding.EVERYBODY,
        digest_hour=7,
        allocation=(Rule.CHOICE,),
    )

    assert entries(session, group) == [
        ("name", "Harbor County Bar, Business Law", "Harbor Bar"),
        ("purpose", "", "To help each other."),
        ("welcome", "", "Hello."),
        ("joining", "invited", "asking"),
        ("holding", "newcomers", "everybody"),
        ("digest_hour", 8, 7),
        ("allocation", "choice, first_come", "choice"),
    ]
    assert log.compare(session, group.id).differences == []


def test_what_stays_as_it_is_writes_nothing(session, group, olga):
    settle(olga)
    settle(olga)

    assert entries(session, group) == []
    assert len(session.scalars(select(GroupPolicy)).all()) == 1


@pytest.mark.parametrize("said", [{"name": ""}, {"digest_hour": 24}, {"allocation": ()}, {"purpose": "x" * 501}])
def test_what_cannot_be_is_refused_and_nothing_kept(session, group, olga, said):
    with pytest.raises(BadInput):
        settle(olga, **said)
    assert entries(session, group) == []


def test_members_settle_nothing(ada, olga):
    category = groups.categories(olga)[0]
    for attempt in (
        lambda: settle(ada),
        lambda: settings.add_rule("Mine.", by=ada, at=NOON),
        lambda: categories.add("Mine", by=ada, kind=Kind.OTHER, neutral=False, at=NOON),
        lambda: categories.change(category.id, by=ada, name="x", neutral=True, enabled=True, at=NOON),
        lambda: handover.name_organiser(ada.number, by=ada, at=NOON),
    ):
        with pytest.raises(NotYours):
            attempt()


def test_rules_are_added_worded_anew_and_retired(session, group, olga, ben, case):
    new = settings.add_rule("No poems.", by=olga, at=NOON)
    third = rules.rules(seen_by=olga)[2]
    settings.change_rule(third.id, by=olga, text="Nothing for a client.", at=NOON)
    settings.retire_rule(new.id, by=olga, at=NOON)

    assert [one.text for one in rules.rules(seen_by=olga)][2:3] == ["Nothing for a client."]
    assert session.scalars(select(Report.rule)).all() == [rules.USUAL[2]]
    assert entries(session, group) == [
        ("rule", "", "No poems."),
        ("rule", rules.USUAL[2], "Nothing for a client."),
        ("rule", "No poems.", ""),
    ]


def test_a_group_keeps_one_rule_at_least(olga):
    for one in rules.rules(seen_by=olga)[1:]:
        settings.retire_rule(one.id, by=olga, at=NOON)

    with pytest.raises(Refusal, match="at least one rule"):
        settings.retire_rule(rules.rules(seen_by=olga)[0].id, by=olga, at=NOON)


def test_categories_are_added_renamed_and_made_neutral(session, group, olga):
    made_one = categories.add("Court dates", by=olga, kind=Kind.OTHER, neutral=True, at=NOON)
    categories.change(made_one.id, by=olga, name="Hearings", neutral=False, enabled=False, at=NOON)

    assert entries(session, group) == [
        ("category", "", "Court dates"),
        ("neutral", 0, 1),
        ("category", "Court dates", "Hearings"),
        ("neutral", 1, 0),
        ("enabled", 1, 0),
    ]
    with pytest.raises(Refusal, match="with this name"):
        categories.add("court DATES", by=olga, kind=Kind.OTHER, neutral=True, at=NOON)


def test_places_go_only_in_ways_that_the_group_allows(olga, ada):
    settle(olga, allocation=(Rule.CHOICE,))

    with pytest.raises(BadInput, match="do not go like this"):
        long(ada, rule=Rule.FIRST_COME)
    assert long(ada, rule=None).rule is Rule.CHOICE


def test_who_joins_gets_the_weekly_letter_at_the_groups_hour(session, group, olga, ada):
    settle(olga, digest_hour=17)
    wen = joined(session, group, "Wen Li")

    assert {one.person_id: one.hour for one in session.scalars(select(DigestWish))} == {wen.person_id: 17}


# Handing over.


def test_the_last_organiser_goes_only_after_another_is_named(session, group, olga, ada):
    for attempt in (lambda: leaving.leave(by=olga, at=NOON), lambda: handover.step_down(by=olga, at=NOON)):
        with pytest.raises(Refusal, match="last organiser"):
            attempt()
    handover.name_organiser(ada.number, by=olga, at=NOON)
    handover.step_down(by=olga, at=NOON)

    assert (ada.role, olga.role) == (Role.ORGANISER, Role.MEMBER)
    assert letters_to(session, ada) == ["organises"]
    roles = [(one.about[0].name, one.told["role"]) for one in log.entries(session, group.id, kinds=["role"])]
    assert roles[:2] == [("Olga Petrenko", "member"), ("Ada Farouk", "organiser")]


def test_being_forgotten_is_never_refused(session, olga, ada, rosa):
    leaving.erase(olga.id, at=NOON)

    assert olga.erased_by_entry is not None
    handover.name_from_outside("bar", ada.person.email, by=rosa, at=NOON)
    assert ada.is_organiser


def test_only_the_administrator_names_from_outside(olga, ada):
    with pytest.raises(NotYours):
        handover.name_from_outside("bar", ada.person.email, by=ada.person, at=NOON)


def test_they_name_a_member_of_that_group_who_does_not_organise_yet(session, olga, ada, ben, sam, rosa):
    leaving.leave(by=ben, at=NOON)

    for email in (ben.person.email, sam.person.email, "nobody@bar.example", ""):
        with pytest.raises(BadInput, match="No active member"):
            handover.name_from_outside("bar", email, by=rosa, at=NOON)
    with pytest.raises(Refusal, match="organises already"):
        handover.name_from_outside("bar", olga.person.email, by=rosa, at=NOON)
    with pytest.raises(NotFound):
        handover.name_from_outside("nowhere", ada.person.email, by=rosa, at=NOON)


# Elections.


@pytest.fixture
def members(session, group, olga, ada, ben, cleo):
    """Four members who were seen, and an organiser who was not for long."""
    dan = joined(session, group, "Dan Osei")
    election.seen(by=olga, at=NOON - 95 * DAY)
    for one in (ada, ben, cleo, dan):
        election.seen(by=one, at=NOON)
    return ada, ben, cleo, dan


def test_half_of_those_who_are_there_elect_a_willing_one(session, group, members, olga):
    ada, ben, cleo, _dan = members
    election.call(by=ada, at=NOON)
    assert letters_to(session, olga) == ["election"]
    election.stand(by=cleo, at=NOON)

    assert election.vote(cleo.number, by=ada, at=NOON) is None
    assert election.vote(cleo.number, by=ada, at=NOON) is None  # the same voice counts once
    page = election.show(seen_by=ada, at=NOON)
    assert (page.electorate, page.needed, page.mine, page.willing[0].votes) == (4, 2, cleo.id, 1)
    assert election.vote(cleo.number, by=ben, at=NOON) == cleo
    assert cleo.is_organiser
    assert log.entries(session, group.id, kinds=["role"])[0].about == (cleo,)
    with pytest.raises(Refusal):
        election.vote(cleo.number, by=ben, at=NOON)


def test_no_organiser_has_switched_off_hearing_of_it(session, members, olga, ada):
    assert "election" in MUST
    olga.letters_off = ["election"]  # from when that could be done
    session.commit()
    election.call(by=ada, at=NOON)

    assert letters_to(session, olga) == ["election"]


def test_while_an_organiser_was_here_there_is_none(members, olga, ada):
    election.seen(by=olga, at=NOON - 30 * DAY + DAY)

    with pytest.raises(Refusal, match="within the last 30 days"):
        election.call(by=ada, at=NOON)
    assert election.show(seen_by=ada, at=NOON).possible is False


def test_an_organisers_coming_ends_it(session, members, olga, ada, cleo):
    running = election.call(by=ada, at=NOON)
    election.stand(by=cleo, at=NOON)
    election.seen(by=olga, at=NOON + DAY)

    assert (running.ended_at, running.elected_id) == (NOON + DAY, None)
    with pytest.raises(Refusal):
        election.vote(cleo.number, by=ada, at=NOON + DAY)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("joined 89 days ago", {"joined_at": NOON - 89 * DAY}),
        ("is suspended", {"state": MembershipState.SUSPENDED}),
    ],
)
def test_who_does_not_count(session, members, who, said):
    ada, ben, _cleo, dan = members
    for name, value in said.items():
        setattr(dan, name, value)
    session.commit()

    assert election.show(seen_by=ada, at=NOON).electorate == 3
    election.call(by=ada, at=NOON)
    with pytest.raises(NotYours):
        election.vote(ben.number, by=dan, at=NOON)


@pytest.mark.parametrize(("ago", "counts"), [(90 * DAY - DAY / 1000, True), (90 * DAY, False)])
def test_who_was_not_seen_for_90_days_does_not_count(session, group, olga, ada, ago, counts):
    election.seen(by=ada, at=NOON - ago)

    assert (election.electorate(session, group.id, NOON) == {ada.id}) is counts


@pytest.mark.parametrize(("ago", "possible"), [(30 * DAY, True), (30 * DAY - DAY / 1000, False)])
def test_there_can_be_one_once_no_organiser_was_here_for_30_days(olga, ada, ago, possible):
    election.seen(by=olga, at=NOON - ago)

    assert election.show(seen_by=ada, at=NOON).possible is possible


@pytest.mark.parametrize(("noted", "possible"), [(30 * DAY, True), (30 * DAY - DAY / 1000, False)])
def test_who_was_never_seen_is_not_taken_for_absent_from_before_it_was_noted(
    session, group, olga, ada, noted, possible
):
    group.seen_since = NOON - noted
    session.commit()

    assert election.possible(seen_by=ada, at=NOON) is possible
    election.seen(by=olga, at=NOON - 31 * DAY)
    assert election.possible(seen_by=ada, at=NOON) is True


def test_nor_do_a_few_early_comers_choose_for_all_others(session, group, olga, ada, ben, cleo):
    group.seen_since = NOON - 31 * DAY
    session.commit()
    election.seen(by=ada, at=NOON)

    page = election.show(seen_by=ada, at=NOON)
    assert (page.possible, page.electorate, page.needed) == (True, 4, 2)
    later = election.show(seen_by=ada, at=NOON + 59 * DAY)
    assert (later.electorate, later.needed) == (1, 1)


def test_in_a_group_without_any_organiser_one_can_be_chosen_at_once(session, group, olga, ada):
    group.seen_since = NOON
    session.execute(update(Membership).where(Membership.group_id == group.id).values(role=Role.MEMBER))
    session.commit()

    assert election.possible(seen_by=ada, at=NOON) is True


def test_a_vote_is_for_somebody_willing(members):
    ada, ben, _cleo, _dan = members
    election.call(by=ada, at=NOON)

    with pytest.raises(BadInput, match="willing"):
        election.vote(ben.number, by=ada, at=NOON)


def test_a_case_of_a_released_post_is_decided(session, olga, newcomer):
    long(newcomer)
    case_id = waiting(olga)
    held.release(case_id, by=olga, at=NOON)

    assert session.get_one(Case, case_id).state is CaseState.DECIDED
