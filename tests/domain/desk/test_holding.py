"""Several decisions about the same thing or member: the last one holds, whatever becomes of those before."""

import pytest
from sqlalchemy import select

from exchange.domain import leaving, ties
from exchange.domain.desk import appeals, decisions, edits, public, reports, seconds
from exchange.domain.errors import Refusal
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act, Case, Outcome, Proposal, TargetKind
from exchange.storage.membership import MembershipState
from exchange.storage.post import PostState
from tests.builders import answered, needed, offered
from tests.domain.desk.casework import DAY, WHY, decided, made, reported, rule_of
from tests.people import NOON


@pytest.fixture
def edited(session, olga, ada):
    """Ada's first post waited for a yes, was sent back for an edit, and stands on the board since."""
    ada.joined_at = NOON - 3 * DAY
    session.commit()
    post = offered(ada)
    case = session.scalars(select(Case)).one()
    decision = made(case, olga, Act.ASK_EDIT)
    edits.edit(case.id, by=ada, title="A place at golf", text="Fernhill.", at=NOON)
    assert post.state is PostState.OPEN
    return post, decision


def stands(post):
    return post.state is PostState.OPEN


def reverse(decision, by, at=NOON):
    return decisions.reverse(decision.id, by=by, why="It is fine.", at=at)


def twice(session, case, act, by, second, at, **said):
    """Two people decide."""
    assert decided(case, by, act, at=at, **said) is None
    half = session.scalars(select(Proposal.id).filter_by(ended_at=None)).one()
    return seconds.agree(half, by=second, at=at)


def test_what_was_removed_is_not_edited_back_by_an_earlier_request_for_an_edit(edited, otto, ada, ben):
    post, first = edited
    made(reported(post, ben), otto, Act.REMOVE)

    assert not public.one_of_mine(first.id, seen_by=ada, at=NOON).may_edit
    with pytest.raises(Refusal, match="edited already"):
        edits.edit(first.case_id, by=ada, title="Once more", text="", at=NOON)
    assert post.state is PostState.HIDDEN


def test_nor_does_it_come_back_with_an_earlier_decision_that_is_taken_back(edited, olga, otto, ben):
    post, first = edited
    last = made(reported(post, ben), otto, Act.REMOVE)

    assert reverse(first, olga) is not None
    assert not stands(post)
    reverse(last, otto)
    assert stands(post)


def test_nor_with_an_earlier_decision_that_is_overturned(olga, otto, ada, ben, post, case):
    first = made(case, olga, Act.ASK_EDIT)
    edits.edit(case.id, by=ada, title="A place at golf", text="Fernhill.", at=NOON)
    asked = appeals.appeal(first.id, by=ada, why="It was fine.", at=NOON)
    made(reported(post, ben), olga, Act.REMOVE)

    appeals.answer(asked.id, Outcome.OVERTURNED, by=otto, why="It was.", at=NOON)
    assert post.state is PostState.HIDDEN


def test_words_that_were_put_away_again_stay_away(olga, ada, ben):
    answer = answered(needed(ada), ben, text="Only for a client.")
    case = reports.report(TargetKind.ANSWER, answer.id, by=ada, rule=rule_of(ada), at=NOON)
    first = made(case, olga, Act.ASK_EDIT)
    edits.edit(case.id, by=ben, text="Only for two clients.", at=NOON)
    reports.report(TargetKind.ANSWER, answer.id, by=ada, rule=rule_of(ada), at=NOON)
    last = made(case, olga, Act.REMOVE)

    reverse(first, olga)
    assert answer.text == ""
    reverse(last, olga)
    assert answer.text == "Only for two clients."


def test_what_is_to_be_edited_can_be_edited_after_an_appeal_in_vain(olga, otto, ada, post, case):
    first = made(case, olga, Act.ASK_EDIT)
    asked = appeals.appeal(first.id, by=ada, why="It is fine.", at=NOON)
    appeals.answer(asked.id, Outcome.UPHELD, by=otto, why=WHY, at=NOON)

    assert public.one_of_mine(first.id, seen_by=ada, at=NOON).may_edit
    edits.edit(case.id, by=ada, title="A place at golf", text="Fernhill.", at=NOON)
    assert post.state is PostState.OPEN


@pytest.mark.parametrize("act", [Act.SUSPEND, Act.END])
def test_who_was_kept_out_again_does_not_come_back_with_the_first_decision(
    session, olga, otto, ada, ben, cleo, case, act
):
    until = {"until": NOON + DAY} if act is Act.SUSPEND else {}
    first = twice(session, case, act, olga, otto, NOON, **until)
    ada.state = MembershipState.ACTIVE  # the suspension is over, or Ada was asked back
    ada.suspended_at = None
    session.commit()
    other = reports.report(TargetKind.PROFILE, ada.id, by=ben, rule=rule_of(ben), at=NOON + 2 * DAY)
    until = {"until": NOON + 9 * DAY} if act is Act.SUSPEND else {}
    last = twice(session, other, act, olga, otto, NOON + 2 * DAY, **until)
    state = ada.state

    reverse(first, olga, at=NOON + 3 * DAY)
    assert ada.state == state
    reverse(last, olga, at=NOON + 3 * DAY)
    assert ada.state == "active"


def test_a_suspension_that_nobody_decided_after_it_ends_when_it_is_taken_back(session, olga, otto, ada, case):
    decision = twice(session, case, Act.SUSPEND, olga, otto, NOON, until=NOON + 9 * DAY)
    reverse(decision, otto)

    assert ada.state == "active"
    with pytest.raises(Refusal, match="not suspended"):
        leaving.reinstate(ada.id, at=NOON)


def test_a_tie_of_since_does_not_open_a_door_round_the_last_decision(edited, olga, otto, ada, ben):
    """From a first post only its author stands aside; from what was reported later also who is close."""
    post, first = edited
    made(reported(post, ben), otto, Act.REMOVE)
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)

    with pytest.raises(Refusal):
        reverse(first, olga)
    assert post.state is PostState.HIDDEN
