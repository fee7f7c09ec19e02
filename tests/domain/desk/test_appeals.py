"""Appeals: once, within 20 days, decided by somebody else; what comes of them, and what everybody reads of it."""

import pytest
from sqlalchemy import select

from exchange import log
from exchange.domain import leaving
from exchange.domain.desk import appeals, cases, decisions, objections, public, seconds, views
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.mail import deliver
from exchange.storage.desk import Act, Outcome, Proposal
from exchange.storage.letter import Letter
from exchange.storage.post import PostState
from tests.builders import letters_to, offered
from tests.domain.desk.casework import DAY, WHY, decided, made, plain, reported, rule_of
from tests.mail.bag import Bag
from tests.people import NOON

WORDS = "I sell nothing, and nobody sells anything to me."


@pytest.fixture
def post(ada, olga):
    """One that stays open for long."""
    return offered(ada, closes_at=NOON + 90 * DAY, event_at=None)


def asked(decision, by, at=NOON + DAY):
    return appeals.appeal(decision.id, by=by, why=WORDS, at=at)


def answered(found, outcome, by, at=NOON + 2 * DAY, **said):
    return appeals.answer(found.id, outcome, by=by, why="It looks otherwise by daylight.", at=at, **said)


def test_it_waits_for_those_who_did_not_decide(olga, otto, ada, case):
    found = asked(made(case, olga), ada)

    (line,) = cases.desk(seen_by=otto, at=NOON + DAY).waiting
    assert (line.appeal_id, line.since) == (found.id, NOON + DAY)
    page = views.show(case.id, seen_by=otto, at=NOON + DAY)
    assert page.appeal is not None
    assert (page.appeal.why, page.appeal.decision.why) == (WORDS, WHY)
    assert "answer_appeal" in page.may
    assert cases.desk(seen_by=olga, at=NOON + DAY).aside[0].aside.startswith("You decided about this")


def test_overturned_it_comes_back_and_stays_in_the_public_page_as_such(session, post, group, olga, otto, ada, case):
    first = made(case, olga)
    found = asked(first, ada)
    result = answered(found, Outcome.OVERTURNED, otto)

    assert result is not None
    assert (result.act, result.replaces_id, post.state) == (Act.RESTORE, first.id, PostState.OPEN)
    assert (found.outcome, found.result_id) == (Outcome.OVERTURNED, result.id)
    rows = public.public(seen_by=ada, at=NOON + 2 * DAY).rows
    assert [(row.act, row.outcome, row.by) for row in rows] == [
        (Act.RESTORE, None, ["Otto Brandt"]),
        (Act.HIDE, Outcome.OVERTURNED, ["Olga Petrenko"]),
    ]
    assert letters_to(session, ada)[-1] == "decided"
    assert log.compare(session, group.id).differences == []


def test_upheld_it_stays_as_it_is(post, olga, otto, ada, case):
    result = answered(asked(made(case, olga), ada), Outcome.UPHELD, otto)

    assert result is not None
    assert (result.act, post.state) == (Act.UPHOLD, PostState.HIDDEN)


def test_changed_it_is_undone_and_something_else_is_done(session, post, olga, otto, ada, case):
    first = made(case, olga, Act.REMOVE)
    result = answered(asked(first, ada), Outcome.CHANGED, otto, act=Act.WARN, rule=rule_of(ada))

    assert result is not None
    assert (result.act, result.replaces_id, post.state) == (Act.WARN, first.id, PostState.OPEN)


def test_changed_says_into_what(olga, otto, ada, case):
    found = asked(made(case, olga), ada)

    with pytest.raises(BadInput, match="what shall be done instead"):
        answered(found, Outcome.CHANGED, otto)


@pytest.mark.parametrize(("after", "taken"), [(20 * DAY, True), (20 * DAY + DAY / 1000, False)])
def test_it_can_be_asked_for_within_20_days(olga, otto, ada, case, after, taken):
    decision = made(case, olga)

    (mine,) = public.mine(seen_by=ada, at=NOON + after)
    assert mine.may_appeal is taken
    if taken:
        asked(decision, ada, at=NOON + after)
    else:
        with pytest.raises(Refusal, match="within 20 days"):
            asked(decision, ada, at=NOON + after)


def test_it_can_be_asked_for_once(olga, otto, ada, case):
    decision = made(case, olga)
    found = asked(decision, ada)

    with pytest.raises(Refusal, match="once"):
        asked(decision, ada)
    answered(found, Outcome.UPHELD, otto)
    with pytest.raises(Refusal, match="once"):
        asked(decision, ada)
    with pytest.raises(decisions.Before):
        answered(found, Outcome.OVERTURNED, otto)


def test_what_was_decided_on_an_appeal_is_final(olga, otto, ada, case):
    result = answered(asked(made(case, olga), ada), Outcome.CHANGED, otto, act=Act.WARN, rule=rule_of(ada))

    with pytest.raises(Refusal, match="final"):
        asked(result, ada)


@pytest.mark.parametrize("act", [Act.DISMISS])
def test_what_took_nothing_cannot_be_appealed(olga, ada, case, act):
    with pytest.raises(Refusal, match="final"):
        asked(made(case, olga, act), ada)


def test_nobody_else_appeals(olga, ada, ben, cleo, case):
    decision = made(case, olga)

    for other in (ben, cleo, olga):
        with pytest.raises(NotFound):
            asked(decision, other)


def test_who_is_suspended_or_was_removed_can_appeal(session, olga, otto, ada, case, rosa):
    decided(case, olga, Act.END)
    decision = seconds.agree(session.scalars(select(Proposal.id)).one(), by=otto, at=NOON)
    assert ada.state == "ended"
    found = asked(decision, ada)

    assert found.handed_at == NOON + DAY  # both organisers decided, so nobody is free
    assert answered(found, Outcome.OVERTURNED, rosa) is not None
    assert ada.state == "active"


def test_the_letter_reaches_who_was_removed(session, olga, otto, ada, case, settings):
    decided(case, olga, Act.END)
    seconds.agree(session.scalars(select(Proposal.id)).one(), by=otto, at=NOON)
    bag = Bag()
    deliver(at=NOON, settings=settings, transport=bag)

    sent = [message for message in bag.letters if message["To"].endswith("<ada@bar.example>")]
    assert [message["X-Exchange-Letter"] for message in sent] == ["decided"]
    assert "/appeal/" in plain(sent[0])


def test_with_one_organiser_the_administrator_looks_again(olga, ada, rosa, case):
    found = asked(made(case, olga), ada)

    assert [line.appeal_id for line in cases.handed(by=rosa, at=NOON + DAY)] == [found.id]
    with pytest.raises(NotYours):
        answered(found, Outcome.UPHELD, olga, at=NOON + 30 * DAY)  # also after 48 hours
    assert answered(found, Outcome.OVERTURNED, rosa) is not None


def test_an_administrator_who_decided_does_not_look_again(session, olga, ben, rosa):
    case = reported(offered(olga), ben)
    found = asked(made(case, rosa), olga)

    with pytest.raises(NotYours, match="decided about this before"):
        answered(found, Outcome.UPHELD, rosa)


def test_who_appeals_may_object_to_one_organiser(olga, otto, ada, case):
    decision = made(case, olga)
    asked(decision, ada)
    assert objections.open_to(decision.id, seen_by=ada) == [olga, otto]
    objections.object_to(case.id, otto.number, by=ada, why="They quarrelled with me.", at=NOON + DAY)

    with pytest.raises(NotYours, match="objected to you"):
        views.show(case.id, seen_by=otto, at=NOON + DAY)


def test_a_decision_that_waits_for_an_appeal_is_not_taken_back_beside_it(olga, otto, ada, case):
    decision = made(case, olga)
    asked(decision, ada)

    with pytest.raises(Refusal, match="An appeal waits"):
        decisions.reverse(decision.id, by=otto, why="It is fine.", at=NOON + DAY)


def test_a_forgotten_member_appeals_nothing_and_no_letter_goes_out(session, olga, otto, ada, case):
    decision = made(case, olga)
    leaving.erase(ada.id, at=NOON)

    with pytest.raises(NotFound):
        asked(decision, ada)
    assert all("erased" in one.email for one in session.scalars(select(Letter).filter_by(kind="decided")))


# The public page.


def test_all_members_read_what_was_decided_and_nothing_about_whom(post, olga, otto, ada, ben, cleo, case):
    decided_at = NOON + DAY / 2
    cases.stand_aside(case.id, by=otto, at=NOON)
    made(case, olga, at=decided_at, note="Between us: the third time.")

    page = public.public(seen_by=cleo, at=NOON + DAY)
    (row,) = page.rows
    assert (row.by, row.act, row.why, row.asides, row.about_organiser) == (["Olga Petrenko"], Act.HIDE, WHY, 1, False)
    for secret in ("Ada", "Ben", "Between us", "trade in clients", post.title):
        assert secret not in repr(page)
    assert page.figures.took == DAY / 2


def test_figures_of_each_organiser(olga, otto, ada, ben, case):
    answered(asked(made(case, olga), ada), Outcome.OVERTURNED, otto)
    figures = public.public(seen_by=ben, at=NOON + 3 * DAY).figures

    assert (figures.decisions, figures.appealed, figures.overturned) == (2, 1, 1)
    assert [(one.name, one.decisions, one.overturned) for one in figures.organisers] == [
        ("Olga Petrenko", 1, 1),
        ("Otto Brandt", 1, 0),
    ]


def test_only_the_member_concerned_reads_what_was_decided_about_them(olga, ada, ben, case):
    decision = made(case, olga)

    assert public.one_of_mine(decision.id, seen_by=ada, at=NOON).why == WHY
    with pytest.raises(NotFound):
        public.one_of_mine(decision.id, seen_by=ben, at=NOON)
