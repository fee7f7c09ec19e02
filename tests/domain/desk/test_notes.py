"""Notes for organisers, and what waits for a yes: no way round standing aside."""

import pytest
from sqlalchemy import select

from exchange.domain import ties
from exchange.domain.desk import cases, decisions, held, public, seconds, views
from exchange.domain.errors import NotYours
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act, Case, Decision, Proposal
from exchange.storage.membership import Role
from exchange.storage.policy import GroupPolicy, Holding
from exchange.storage.post import PostState
from tests.builders import offered
from tests.domain.desk.casework import DAY, decided, made, reported
from tests.people import NOON, joined

NOTE = "The third time, says Xanthippe."


@pytest.fixture
def noted(session, otto, ada, ben, olga):
    """Otto has warned Ada, with a note; Olga stood aside, for Ben who reported it is of her family."""
    ties.declare(ben.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    return made(reported(offered(ada), ben), otto, Act.WARN, note=NOTE)


@pytest.fixture
def waits(session, group, ada, otto):
    """Ada's next post waits for a yes."""
    session.add(GroupPolicy(group_id=group.id, holding=Holding.EVERYBODY))
    session.commit()
    post = offered(ada, title="Another place")
    return session.scalars(select(Case).filter_by(target_id=post.id, kind="held_post")).one()


def close(one, other):
    ties.declare(other.number, by=one, kind=TieKind.FAMILY, at=NOON)


def beside(case, reader, at=NOON):
    """What stands beside a case about earlier decisions."""
    found = views.show(case.id, seen_by=reader, at=at)
    return [(one.act, one.note) for one in found.earlier]


def test_a_note_is_read_beside_another_case_by_those_alone_who_could_decide_the_first(noted, olga, otto, ada, cleo):
    case = reported(offered(ada, title="Another place"), cleo)

    assert beside(case, otto) == [(Act.WARN, NOTE)]
    assert beside(case, olga) == [(Act.WARN, "")]


def test_nor_does_the_administrator_read_one_of_a_case_that_was_not_handed_over(
    session, noted, olga, otto, ada, cleo, rosa
):
    close(otto, cleo)
    close(olga, cleo)
    case = reported(offered(ada, title="Another place"), cleo)

    assert case.handed_at == NOON
    assert beside(case, rosa) == [(Act.WARN, "")]


def test_who_is_close_to_whoever_posted_reads_no_note_beside_what_waits(noted, waits, olga, otto, ada):
    close(olga, ada)

    assert beside(waits, olga) == [(Act.WARN, "")]
    assert beside(waits, otto) == [(Act.WARN, NOTE)]


def test_nor_one_of_what_waited_before(session, waits, olga, otto, ada):
    """Olga could have let the first one up, too, and was never asked about its author."""
    made(waits, otto, Act.HIDE, note=NOTE)
    close(olga, ada)
    post = offered(ada, title="A third place")
    later = session.scalars(select(Case).filter_by(target_id=post.id, kind="held_post")).one()

    assert beside(later, olga) == [(Act.HIDE, "")]
    assert beside(later, otto) == [(Act.HIDE, NOTE)]
    assert [one.note for one in views.show(waits.id, seen_by=olga, at=NOON).history] == [""]


def test_who_is_close_says_whether_a_post_goes_up_and_decides_nothing_about_its_author(session, waits, olga, ada):
    close(olga, ada)

    page = views.show(waits.id, seen_by=olga, at=NOON)
    assert page.may == {"release", "ask_edit", "hide", "remove", "claim", "stand_aside", "ask"}
    for act in (Act.WARN, Act.SUSPEND, Act.END):
        with pytest.raises(NotYours, match="declared tie between you and Ada Farouk"):
            decided(waits, olga, act, until=NOON + DAY if act is Act.SUSPEND else None)
    assert session.scalars(select(Decision)).all() == []
    assert held.release(waits.id, by=olga, at=NOON).state is PostState.OPEN


def test_nor_agrees_to_it_nor_lets_it_be(session, group, waits, olga, otto, ada):
    close(olga, ada)
    assert decided(waits, otto, Act.END) is None
    half = session.scalars(select(Proposal.id)).one()
    shown = views.show(waits.id, seen_by=olga, at=NOON).proposal
    assert shown is not None
    assert not shown.may_answer

    for verb in (seconds.agree, seconds.let_be):
        with pytest.raises(NotYours, match="declared tie"):
            verb(half, by=olga, at=NOON)
    third = joined(session, group, "Oskar Lind", role=Role.ORGANISER)
    assert seconds.agree(half, by=third, at=NOON).second == third


def test_nor_takes_it_back(waits, olga, otto, ada):
    decision = made(waits, otto, Act.REMOVE)
    close(olga, ada)

    assert "reverse" not in views.show(waits.id, seen_by=olga, at=NOON).may
    with pytest.raises(NotYours, match="declared tie"):
        decisions.reverse(decision.id, by=olga, why="It is fine.", at=NOON)
    assert public.one_of_mine(decision.id, seen_by=ada, at=NOON).act is Act.REMOVE


def test_who_may_do_only_what_can_be_undone_reads_no_proposal_and_does_not_let_it_be(
    session, olga, otto, ada, ben, rosa
):
    """Otto has proposed it with a note, and then stood aside; nobody has answered for two days."""
    close(olga, ada)
    case = reported(offered(ada), ben)
    decided(case, otto, Act.END, note=NOTE)
    half = session.scalars(select(Proposal)).one()
    cases.stand_aside(case.id, by=otto, at=NOON)
    late = NOON + 2 * DAY

    shown = views.show(case.id, seen_by=olga, at=late)
    assert shown.proposal is not None
    assert (shown.conflicted, shown.proposal.note, shown.proposal.may_answer) == (True, "", False)
    for verb in (seconds.agree, seconds.let_be):
        with pytest.raises(NotYours, match="neither agree nor let it be"):
            verb(half.id, by=olga, at=late)
    assert half.ended_at is None
