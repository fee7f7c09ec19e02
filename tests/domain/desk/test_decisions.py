"""Decisions: what each does, what it needs, who hears of it, and that none is ever changed."""

from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from exchange import log
from exchange.domain import board, clocks, favors, leaving, listing, members, posts, suggestions
from exchange.domain.desk import cases, decisions, edits, reports, seconds, views
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.storage.desk import Act, CaseState, Decision, Proposal, TargetKind
from exchange.storage.letter import Letter
from exchange.storage.membership import MembershipState, Role
from exchange.storage.post import PostState, ResponseState
from tests.builders import answered, letters_to, needed, offered
from tests.domain.desk.casework import DAY, WHY, decided, invited, made, reported, rule_of
from tests.people import NOON, joined


def titles(reader):
    return [post.title for post in listing.board(seen_by=reader, at=NOON).posts]


def letter(session, kind, member):
    return session.scalars(
        select(Letter).filter_by(kind=kind, email=member.person.email).order_by(Letter.id.desc())
    ).first()


def test_dismissing_lets_it_stand_and_the_author_hears_so(session, post, olga, ada, case):
    decision = made(case, olga, Act.DISMISS)

    assert (post.state, case.state, decision.by, decision.why) == (PostState.OPEN, CaseState.DECIDED, olga, WHY)
    assert letter(session, "decided", ada).facts["did"] == "dismiss"
    assert letter(session, "decided", ada).facts["acts"] == []


def test_hiding_takes_it_off_the_board_search_and_suggestions_at_once(session, post, olga, ada, ben, cleo, case):
    cleo.would_love = "golf tournament"
    session.commit()
    assert suggestions.suggestions(seen_by=cleo, at=NOON)[1]
    made(case, olga, Act.HIDE)

    for reader in (ben, cleo, olga):
        assert titles(reader) == []
        with pytest.raises(NotFound):
            board.show(post.id, seen_by=reader, at=NOON)
    assert suggestions.suggestions(seen_by=cleo, at=NOON) == ([], [])
    assert board.show(post.id, seen_by=ada, at=NOON).post.state is PostState.HIDDEN


def test_nobody_answers_what_is_hidden(post, olga, cleo, case):
    made(case, olga, Act.HIDE)

    with pytest.raises(NotFound):
        answered(post, cleo)


def test_letters_that_wait_do_not_carry_the_title_out(session, ada, ben, cleo, olga):
    post = needed(ada)
    answered(post, cleo)
    made(reported(post, ben), olga, Act.HIDE)

    assert letter(session, "answer", ada).facts["title"] == ""
    assert letter(session, "decided", ada).facts["title"] == post.title


def test_the_author_hears_what_why_and_how_to_appeal(session, olga, ada, case):
    decision = made(case, olga, Act.HIDE)

    facts = letter(session, "decided", ada).facts
    assert (facts["why"], facts["rule"], facts["by"]) == (WHY, decision.rule, "Olga Petrenko")
    assert facts["acts"] == [["appeal", decision.id]]
    assert facts["appeal_until_at"] == (NOON + 20 * DAY).isoformat()


def test_whoever_invited_the_author_hears_of_it(session, post, olga, ada, ben, cleo):
    invited(cleo, ada)
    made(reported(post, ben), olga, Act.HIDE)

    assert letters_to(session, cleo) == ["invitee_moderated"]
    assert letter(session, "invitee_moderated", cleo).facts["name"] == "Ada Farouk"


def test_of_what_stands_the_inviter_hears_nothing(session, post, olga, ada, ben, cleo):
    invited(cleo, ada)
    made(reported(post, ben), olga, Act.DISMISS)

    assert letters_to(session, cleo) == []


def test_what_is_to_be_edited_comes_back_by_itself_once_it_is(post, olga, ada, cleo, case):
    made(case, olga, Act.ASK_EDIT)
    assert titles(cleo) == []
    assert edits.waiting(case.id, seen_by=ada) == (post.title, post.text)

    with pytest.raises(BadInput, match="Nothing is changed"):
        edits.edit(case.id, by=ada, title=post.title, text=post.text, at=NOON)
    edits.edit(case.id, by=ada, title="A place at golf", text="Fernhill.", at=NOON)

    assert titles(cleo) == ["A place at golf"]
    with pytest.raises(Refusal, match="edited already"):
        edits.edit(case.id, by=ada, title="Again", text="", at=NOON)


def test_nobody_else_edits_and_what_is_hidden_is_not_edited_back(olga, ada, cleo, case):
    made(case, olga, Act.HIDE)

    with pytest.raises(Refusal):
        edits.edit(case.id, by=ada, title="A place", text="", at=NOON)
    with pytest.raises(NotFound):
        edits.edit(case.id, by=cleo, title="A place", text="", at=NOON)


def test_removing_ends_the_hopes_of_who_answered(session, ada, ben, cleo, olga):
    post = needed(ada)
    answer = answered(post, cleo)
    made(reported(post, ben), olga, Act.REMOVE)

    assert answer.state is ResponseState.DECLINED
    assert letter(session, "declined", cleo).facts["title"] == ""
    assert titles(ben) == []


def test_hiding_keeps_the_answers_until_it_is_back(ada, ben, cleo, olga):
    post = needed(ada)
    answer = answered(post, cleo)
    decision = made(reported(post, ben), olga, Act.HIDE)
    decisions.reverse(decision.id, by=olga, why="It is fine.", at=NOON)

    assert (post.state, answer.state) == (PostState.OPEN, ResponseState.WAITING)


def test_what_its_author_withdraws_while_hidden_does_not_come_back(post, olga, ada, case):
    decision = made(case, olga, Act.HIDE)
    posts.withdraw(post.id, by=ada, at=NOON)
    assert post.state is PostState.HIDDEN

    decisions.reverse(decision.id, by=olga, why="It is fine.", at=NOON)
    assert (post.state, post.closed_because) == (PostState.CLOSED, "withdrawn")


def test_a_hidden_post_whose_time_is_over_comes_back_closed(post, olga, case):
    decision = made(case, olga, Act.HIDE)
    decisions.reverse(decision.id, by=olga, why="It is fine.", at=NOON + 2 * DAY)

    assert (post.state, post.closed_because) == (PostState.CLOSED, "time")


def test_a_warning_takes_nothing_away(post, olga, cleo, case):
    made(case, olga, Act.WARN)

    assert titles(cleo) == [post.title]


@pytest.mark.parametrize("act", [Act.HIDE, Act.REMOVE, Act.ASK_EDIT])
def test_words_of_an_answer_thanks_and_a_profile_are_put_away_and_come_back(session, favor, ada, ben, cleo, olga, act):
    favors.confirm(favor.id, by=ben, at=NOON, thanks="You know what for.")
    answer = answered(needed(ada), ben, text="Only for a client.")
    members.change(
        by=ben, firm="Voss", practice="", office="", contact="x", can_help_with="Trades", would_love="Clients"
    )
    said: dict[str, Any] = {"rule": rule_of(ada), "at": NOON}
    found = [
        reports.report(TargetKind.THANKS, favor.id, by=cleo, **said),
        reports.report(TargetKind.ANSWER, answer.id, by=ada, **said),
        reports.report(TargetKind.PROFILE, ben.id, by=cleo, **said),
    ]
    done = [made(case, olga, act) for case in found]

    assert (favor.thanks, answer.text, ben.firm, ben.can_help_with) == ("", "", "", "")
    assert views.show(found[1].id, seen_by=olga, at=NOON).texts == [("The answer", "Only for a client.")]
    for decision in done:
        decisions.reverse(decision.id, by=olga, why="It is fine.", at=NOON)
    assert (favor.thanks, answer.text, ben.firm) == ("You know what for.", "Only for a client.", "Voss")


@pytest.mark.parametrize("said", [{"why": ""}, {"why": " \n"}, {"rule": None}, {"rule": 0}])
def test_no_decision_without_rule_and_reason(session, olga, case, said):
    with pytest.raises(BadInput):
        decisions.decide(case.id, Act.HIDE, by=olga, at=NOON, **{"rule": rule_of(olga), "why": WHY} | said)

    assert session.scalars(select(Decision)).all() == []


@pytest.mark.parametrize("column", ["why", "rule"])
def test_the_database_takes_none_without_either(session, olga, case, column):
    made(case, olga)
    copy = "INSERT INTO decision ({}) SELECT {} FROM decision"
    names = [one.name for one in Decision.__table__.columns if one.name != "id"]
    values = ["''" if name == column else f'"{name}"' for name in names]

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(copy.format(", ".join(f'"{name}"' for name in names), ", ".join(values))))


@pytest.mark.parametrize("statement", [update(Decision).values(why="Nothing."), delete(Decision)])
def test_the_database_changes_and_deletes_none(session, olga, case, statement):
    made(case, olga)

    with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
        session.execute(statement)
    assert session.scalars(select(Decision.why)).all() == [WHY]


def test_the_second_of_two_deciders_sees_the_first_decision(olga, otto, case):
    made(case, olga)

    with pytest.raises(decisions.Before) as refused:
        made(case, otto, Act.DISMISS)
    assert refused.value.status == 409
    assert str(refused.value).startswith("Olga Petrenko decided a moment before you: “Sending clients")


def test_who_clicks_twice_decides_once_and_reads_so(session, olga, otto, case):
    made(case, olga)

    with pytest.raises(decisions.Before, match="You have decided this already: “Sending clients"):
        made(case, olga)
    assert len(session.scalars(select(Decision)).all()) == 1


def test_who_read_an_earlier_round_does_not_decide_a_later_one(olga, otto, ben, post, case):
    made(case, olga, Act.DISMISS)
    reported(post, ben, at=NOON + DAY)

    with pytest.raises(decisions.Before):
        made(case, otto, at=NOON + DAY, in_round=1)
    assert made(case, otto, at=NOON + DAY, in_round=2).round == 2


def test_it_stands_in_the_log_without_whom_it_is_about(session, group, olga, ada, case):
    decision = made(case, olga)

    (entry,) = log.entries(session, group.id, kinds=["decision"])
    assert (entry.index, entry.by, entry.what, entry.told["rule"]) == (decision.entry, (olga,), WHY, decision.rule)
    assert entry.about == ()
    assert log.compare(session, group.id).differences == []


def test_a_reversal_is_a_new_row(session, post, olga, case):
    first = made(case, olga)
    second = decisions.reverse(first.id, by=olga, why="I misread it.", at=NOON)

    assert second is not None
    assert (second.act, second.replaces_id, post.state) == (Act.RESTORE, first.id, PostState.OPEN)
    with pytest.raises(decisions.Before):
        decisions.reverse(first.id, by=olga, why="Again.", at=NOON)


# What takes two people.


@pytest.mark.parametrize("act", [Act.SUSPEND, Act.END])
def test_keeping_a_member_out_takes_two_people(session, olga, otto, ada, case, act):
    until = {"until": NOON + 7 * DAY} if act is Act.SUSPEND else {}
    assert decided(case, olga, act, **until) is None
    proposal = session.scalars(select(Proposal)).one()

    assert ada.state is MembershipState.ACTIVE
    with pytest.raises(NotYours, match="takes two people"):
        seconds.agree(proposal.id, by=olga, at=NOON)
    decision = seconds.agree(proposal.id, by=otto, at=NOON)
    assert (decision.by, decision.second) == (olga, otto)
    assert ada.state == ("suspended" if act is Act.SUSPEND else "ended")


def test_a_suspension_ends_by_itself(session, olga, otto, ada, case):
    decided(case, olga, Act.SUSPEND, until=NOON + 7 * DAY)
    seconds.agree(session.scalars(select(Proposal.id)).one(), by=otto, at=NOON)
    clocks.due(at=NOON + 7 * DAY - DAY / 1000)
    assert ada.state == "suspended"

    clocks.due(at=NOON + 7 * DAY)
    assert ada.state is MembershipState.ACTIVE
    assert letters_to(session, ada)[-1] == "suspension_over"
    assert clocks.due(at=NOON + 8 * DAY) == 0


def test_one_that_was_not_decided_here_does_not_end_by_itself(session, group, ada):
    leaving.suspend(ada.id, at=NOON)

    clocks.due(at=NOON + 400 * DAY)
    assert ada.state is MembershipState.SUSPENDED


@pytest.mark.parametrize("until", [None, NOON, NOON - DAY, NOON + 366 * DAY])
def test_a_suspension_needs_a_day_to_come(olga, otto, case, until):
    with pytest.raises(BadInput):
        decided(case, olga, Act.SUSPEND, until=until)


@pytest.mark.parametrize("act", [Act.DISMISS, Act.HIDE, Act.WARN])
def test_anything_about_an_organiser_takes_two(session, group, olga, otto, ben, act):
    grace = joined(session, group, "Grace Lund", role=Role.ORGANISER)
    case = reported(offered(otto), ben)

    assert decided(case, olga, act) is None
    decision = seconds.agree(session.scalars(select(Proposal.id)).one(), by=grace, at=NOON)
    assert (decision.by, decision.second) == (olga, grace)


def test_a_proposal_may_be_let_be_and_made_anew(session, olga, otto, case):
    decided(case, olga, Act.END)
    seconds.let_be(session.scalars(select(Proposal.id)).one(), by=otto, at=NOON)

    assert made(case, otto, Act.WARN).by == otto


def test_a_proposal_ends_with_what_somebody_decides_meanwhile(session, olga, otto, case):
    decided(case, olga, Act.END)
    made(case, otto, Act.WARN)

    with pytest.raises(Refusal, match="answered a moment before"):
        seconds.agree(session.scalars(select(Proposal.id)).one(), by=otto, at=NOON)


def test_a_case_about_somebody_who_is_forgotten_can_still_be_decided(session, group, olga, ada, case):
    leaving.erase(ada.id, at=NOON)
    made(case, olga, Act.DISMISS)

    assert log.compare(session, group.id).differences == []
    assert views.show(case.id, seen_by=olga, at=NOON).reports[0].note == ""


def test_there_is_one_proposal_at_a_time(olga, otto, case):
    decided(case, olga, Act.END)

    with pytest.raises(Refusal, match="proposed a decision a moment before"):
        decided(case, otto, Act.END)


def test_the_last_organiser_is_not_removed_before_another_is_named(session, olga, ben, rosa):
    case = reported(offered(olga), ben)

    with pytest.raises(Refusal, match="no other organiser"):
        decided(case, rosa, Act.END)
    assert olga.is_organiser


# What nobody may decide.


def test_with_one_organiser_what_they_post_goes_to_the_administrator(session, group, olga, ben, rosa):
    case = reported(offered(olga), ben)

    assert case.handed_at == NOON
    assert letters_to_person(session, rosa) == ["handed_over"]
    (entry,) = log.entries(session, group.id, kinds=["decision"])
    assert (entry.told["act"], entry.by, entry.about) == ("handed_over", (), ())
    assert made(case, rosa, Act.HIDE).administrator == rosa


def letters_to_person(session, person):
    return list(session.scalars(select(Letter.kind).filter_by(email=person.email).order_by(Letter.id)))


def test_the_administrator_sees_no_case_that_was_not_handed_over(rosa, case):
    with pytest.raises(NotFound):
        views.show(case.id, seen_by=rosa, at=NOON)
    with pytest.raises(NotFound):
        made(case, rosa)
    assert cases.handed(by=rosa, at=NOON) == []


def test_an_administrator_who_is_a_member_is_a_party_like_anybody(session, olga, ben, rosa):
    ben.person.is_administrator = True
    session.commit()
    case = reported(offered(olga), ben)

    with pytest.raises(NotYours, match="close to somebody"):
        made(case, ben.person)
    assert cases.handed(by=ben.person, at=NOON) == []


def test_with_two_organisers_the_administrator_is_the_second(session, olga, otto, ben, rosa):
    case = reported(offered(otto), ben)
    assert decided(case, olga, Act.HIDE) is None

    assert case.handed_at == NOON
    decision = seconds.agree(session.scalars(select(Proposal.id)).one(), by=rosa, at=NOON)
    assert (decision.by, decision.second, decision.administrator) == (olga, None, rosa)


def test_after_48_hours_one_organiser_may_do_what_can_be_undone(session, post, olga, ben, cleo, rosa, ada):
    case = reported(post, olga)
    late = NOON + 2 * DAY

    with pytest.raises(NotYours):
        made(case, olga, at=late - DAY / 1000)
    page = views.show(case.id, seen_by=olga, at=late)
    assert (page.conflicted, page.reports[0].note) == (True, "")
    assert page.may == {"hide", "suspend"}
    for act in (Act.DISMISS, Act.REMOVE, Act.WARN, Act.END):
        with pytest.raises(Refusal, match="only what can be undone"):
            made(case, olga, act, at=late)
    decision = made(case, olga, Act.HIDE, at=late)
    assert (decision.conflicted, post.state) == (True, PostState.HIDDEN)
    (line,) = cases.handed(by=rosa, at=late)
    assert line.appeal_id is not None


def test_and_suspend_for_seven_days_at_most(olga, post, ada):
    case = reported(post, olga)
    late = NOON + 2 * DAY

    with pytest.raises(BadInput, match="7 days"):
        made(case, olga, Act.SUSPEND, at=late, until=late + 8 * DAY)
    assert made(case, olga, Act.SUSPEND, at=late, until=late + 7 * DAY).conflicted
    assert ada.state is MembershipState.SUSPENDED


def test_nobody_ever_decides_about_themself(olga, ben):
    case = reported(offered(olga), ben)

    with pytest.raises(NotYours, match="This concerns you"):
        made(case, olga, at=NOON + 30 * DAY)


def test_with_three_organisers_two_of_them_conflicted_the_third_decides(session, group, olga, otto, ben, post):
    grace = joined(session, group, "Grace Lund", role=Role.ORGANISER)
    case = reported(post, olga)
    reported(post, otto)

    assert case.handed_at is None
    assert made(case, grace).asides == 2
