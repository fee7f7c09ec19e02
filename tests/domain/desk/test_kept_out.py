"""Whoever is close to a case is refused at every verb of the desk; and what happens where nobody is free."""

import pytest
from sqlalchemy import select

from exchange.domain import invitations, ties, unasked
from exchange.domain.desk import (
    appeals,
    cases,
    decisions,
    objections,
    public,
    questions,
    reports,
    seconds,
    views,
)
from exchange.domain.errors import BadInput, NotYours, Refusal
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act, Appeal, Decision, DecisionNote, Objection, Outcome, Proposal, Report, TargetKind
from exchange.storage.membership import Membership, Role
from exchange.storage.post import PostState
from tests.builders import offered
from tests.domain.desk.casework import DAY, WHY, decided, invited, made, reported, rule_of
from tests.people import NOON, joined

NOTE = "A note of the first look."


def the_author(olga, ada, ben):
    return reported(offered(olga), ben)


def the_reporter(olga, ada, ben):
    return reported(offered(ada), olga)


def the_named(olga, ada, ben):
    """Ada thanked Olga in words that Ben reports, for a favor of so long ago that it alone would not matter."""
    long_ago = NOON - 400 * DAY
    favor = unasked.helped_by(olga.number, by=ada, category="advice", title="An hour", thanks="Bah.", at=long_ago)
    return reports.report(TargetKind.THANKS, favor.id, by=ben, rule=rule_of(ben), at=NOON)


def the_counterparty(olga, ada, ben):
    unasked.helped_by(olga.number, by=ada, category="advice", title="An hour", at=NOON - 200 * DAY)
    return reported(offered(ada), ben)


def the_inviter(olga, ada, ben):
    invited(olga, ada)
    return reported(offered(ada), ben)


def the_invitee(olga, ada, ben):
    invited(ada, olga)
    return reported(offered(ada), ben)


def the_tied(olga, ada, ben):
    ties.declare(olga.number, by=ada, kind=TieKind.CLIENT, at=NOON)
    return reported(offered(ada), ben)


PARTS = [the_author, the_reporter, the_named, the_counterparty, the_inviter, the_invitee, the_tied]
VERBS = {
    "reads": lambda case, by, _row: views.show(case.id, seen_by=by, at=NOON),
    "looks at it": lambda case, by, _row: cases.claim(case.id, by=by, at=NOON),
    "decides": lambda case, by, _row: made(case, by),
    "agrees": lambda _case, by, row: seconds.agree(row(Proposal), by=by, at=NOON),
    "lets it be": lambda _case, by, row: seconds.let_be(row(Proposal), by=by, at=NOON),
    "answers an objection": lambda _case, by, row: objections.answer(row(Objection), by=by, upheld=False, at=NOON),
    "asks the reporter": lambda _case, by, row: questions.ask(row(Report), by=by, text="Which line?", at=NOON),
}


@pytest.fixture
def third(session, group):
    return joined(session, group, "Oskar Lind", role=Role.ORGANISER)


@pytest.fixture
def row(session):
    """The id of the only row of a table."""
    return lambda table: session.scalars(select(table.id)).one()


@pytest.mark.parametrize("part", PARTS)
def test_every_verb_is_refused_with_403(session, olga, otto, third, ada, ben, row, part):
    case = part(olga, ada, ben)
    reporter = ben if part is not the_reporter else olga
    decided(case, otto, Act.END)
    objections.object_to(case.id, third.number, by=reporter, why="They are close.", at=NOON)

    for name, verb in VERBS.items():
        with pytest.raises(NotYours) as refused:
            verb(case, olga, row)
        assert refused.value.status == 403, name
    assert session.scalars(select(Decision)).all() == []
    assert session.scalars(select(Proposal)).one().ended_at is None


@pytest.mark.parametrize("part", PARTS)
def test_nor_do_they_take_back_what_was_decided(session, olga, otto, ada, ben, third, part):
    case = part(olga, ada, ben)
    first = decided(case, otto, Act.WARN)
    if first is None:
        first = seconds.agree(session.scalars(select(Proposal.id)).one(), by=third, at=NOON)

    with pytest.raises(NotYours):
        decisions.reverse(first.id, by=olga, why="It is fine.", at=NOON)


def test_who_decided_reads_no_note_and_answers_no_appeal_against_it(session, olga, otto, ada, ben, row):
    case = reported(offered(ada), ben)
    made(case, olga, Act.HIDE, note=NOTE)
    appeals.appeal(public.mine(seen_by=ada, at=NOON)[0].id, by=ada, why="No.", at=NOON)

    for verb in (
        lambda: views.show(case.id, seen_by=olga, at=NOON),
        lambda: cases.claim(case.id, by=olga, at=NOON),
        lambda: appeals.answer(row(Appeal), Outcome.UPHELD, by=olga, why=WHY, at=NOON),
        lambda: questions.ask(row(Report), by=olga, text="Which line?", at=NOON),
    ):
        with pytest.raises(NotYours, match="You decided about this before"):
            verb()
    with pytest.raises(Refusal, match="An appeal waits"):
        decisions.reverse(row(Decision), by=olga, why="It is fine.", at=NOON)
    assert views.show(case.id, seen_by=otto, at=NOON).history[0].note == NOTE
    assert session.scalars(select(DecisionNote)).one().text == NOTE


@pytest.mark.parametrize("how_many", [1, 2, 3])
def test_where_nobody_is_free_it_goes_to_the_administrator_and_then_only_what_can_be_undone(
    session, group, olga, ada, ben, rosa, how_many
):
    names = ("Otto Brandt", "Oskar Lind")[: how_many - 1]
    everybody = [olga, *(joined(session, group, name, role=Role.ORGANISER) for name in names)]
    for organiser in everybody:
        ties.declare(ada.number, by=organiser, kind=TieKind.FAMILY, at=NOON)
    post = offered(ada)
    case = reported(post, ben)

    assert case.handed_at == NOON
    assert [line.case_id for line in cases.handed(by=rosa, at=NOON)] == [case.id]
    for organiser in everybody:
        with pytest.raises(NotYours):
            made(case, organiser, at=NOON + DAY)
    late = NOON + 2 * DAY
    for act in (Act.DISMISS, Act.ASK_EDIT, Act.REMOVE, Act.WARN, Act.END):
        with pytest.raises(Refusal, match="only what can be undone"):
            made(case, everybody[-1], act, at=late)
    with pytest.raises(BadInput, match="7 days"):
        made(case, everybody[-1], Act.SUSPEND, at=late, until=late + 8 * DAY)
    decision = made(case, everybody[-1], Act.HIDE, at=late)
    assert (decision.conflicted, decision.asides, post.state) == (True, how_many, PostState.HIDDEN)
    again = session.scalars(select(Appeal)).one()
    assert (again.decision_id, again.by_id, again.handed_at) == (decision.id, None, late)
    back = appeals.answer(again.id, Outcome.OVERTURNED, by=rosa, why="It is harmless.", at=late)
    assert back is not None
    assert post.state is not PostState.HIDDEN


@pytest.mark.parametrize("how_many", [1, 2, 3])
def test_where_nobody_is_free_the_administrator_decides_alone(session, group, olga, ada, ben, rosa, how_many):
    names = ("Otto Brandt", "Oskar Lind")[: how_many - 1]
    for organiser in [olga, *(joined(session, group, name, role=Role.ORGANISER) for name in names)]:
        ties.declare(ada.number, by=organiser, kind=TieKind.FAMILY, at=NOON)

    decision = made(reported(offered(ada), ben), rosa, Act.END)
    assert (decision.by, decision.second, decision.administrator, decision.asides) == (None, None, rosa, how_many)


def test_whom_two_have_removed_is_not_asked_back_by_a_friend(session, olga, otto, third, ada, ben, row):
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    decided(reported(offered(ada), ben), otto, Act.END)
    seconds.agree(row(Proposal), by=third, at=NOON)

    with pytest.raises(NotYours, match="close to whoever it concerns"):
        invitations.invite(ada.person.email, by=olga, at=NOON + DAY)
    assert invitations.invite(ada.person.email, by=otto, at=NOON + DAY).invited_by == otto


# One person is never two.


@pytest.fixture
def both(session, olga):
    """Olga organises the group and administers the site."""
    olga.person.is_administrator = True
    session.commit()
    return olga


def test_who_proposed_as_an_organiser_does_not_agree_as_the_administrator(session, both, ada, ben, row):
    case = reported(offered(ada), ben)
    assert decided(case, both, Act.END) is None

    with pytest.raises(NotYours, match="takes two people"):
        seconds.agree(row(Proposal), by=both.person, at=NOON)
    for reader in (both, both.person):
        half = views.show(case.id, seen_by=reader, at=NOON).proposal
        assert half is not None
        assert half.mine
    assert (ada.state, session.scalars(select(Decision)).all()) == ("active", [])


def test_nor_the_other_way_round(session, both, ada, ben, row):
    """The case was handed over while Olga could not decide it; now she can."""
    tie = ties.declare(ada.number, by=both, kind=TieKind.FAMILY, at=NOON)
    case = reported(offered(ada), ben)
    ties.withdraw(tie.id, by=both, at=NOON)
    assert decided(case, both.person, Act.END) is None

    with pytest.raises(NotYours, match="takes two people"):
        seconds.agree(row(Proposal), by=both, at=NOON)
    assert ada.state == "active"


def test_an_administrator_who_decided_does_not_look_again_as_an_organiser(session, group, olga, otto, ben, rosa, row):
    """Rosa was the second; since then she organises, too."""
    case = reported(offered(otto), ben)
    decided(case, olga, Act.HIDE)
    decision = seconds.agree(row(Proposal), by=rosa, at=NOON)
    organiser = Membership(
        group_id=otto.group_id, person_id=rosa.id, number=90, role=Role.ORGANISER, contact="", joined_at=NOON
    )
    session.add(organiser)
    session.commit()
    asked = appeals.appeal(decision.id, by=otto, why="It is only golf.", at=NOON)

    for verb in (
        lambda: views.show(case.id, seen_by=organiser, at=NOON),
        lambda: appeals.answer(asked.id, Outcome.UPHELD, by=organiser, why=WHY, at=NOON),
    ):
        with pytest.raises(NotYours, match="You decided about this before"):
            verb()
