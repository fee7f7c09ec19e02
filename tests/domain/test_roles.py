"""Who organises: every change of it stands in the log, and so does what organisers decide and set."""

import pytest
from sqlalchemy import select

from exchange import log
from exchange.domain import corrections, disputes, favors, groups, imports, invitations, leaving, ties
from exchange.domain.errors import NotFound
from exchange.domain.ties import TieKind
from exchange.storage.db import transaction
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, Role
from tests.builders import answered, favors_of, index_of, line, offered
from tests.people import NOON, joined

WHY = "You were seen there."


def roles_of(session, group):
    """(who, what they are from then on, made so by whom) from the first on."""
    return [
        (entry.about[0].name, entry.told["role"], [member.name for member in entry.by])
        for entry in reversed(log.entries(session, group.id, kinds=["role"]))
    ]


def decisions(session, group, reader=None):
    found = log.entries(session, group.id, kinds=["decision"], seen_by_id=reader.id if reader else None)
    return [(entry.told["act"], entry.by, entry.of, entry.what) for entry in reversed(found)]


@pytest.fixture
def quarrel(session, ada, ben):
    """Ada says that she helped Ben, and Ben says that it was not so."""
    post = offered(ada, event_at=None)
    answered(post, ben)
    (favor,) = favors_of(session, post)
    favors.deliver(favor.id, by=ada, at=NOON)
    return disputes.dispute(favor.id, by=ben, why="I was ill.", at=NOON)


def test_who_founds_a_group_is_its_first_organiser(session, group, olga):
    assert roles_of(session, group) == [("Olga Petrenko", "organiser", [])]


def test_who_is_invited_as_an_organiser_became_one_by_whoever_invited_them(session, group, olga):
    with transaction() as own:
        token = invitations.issue(own, olga.group, "new@bar.example", role=Role.ORGANISER, by=own.merge(olga), at=NOON)
    invitations.accept(token, at=NOON, name="Nina Okoye", password="x")

    assert roles_of(session, group)[1:] == [("Nina Okoye", "organiser", ["Olga Petrenko"])]


def test_who_joins_as_a_member_or_again_as_what_they_were_changes_nothing(session, group, olga, ada):
    joined(session, group, "Olga Petrenko", role=Role.ORGANISER)
    joined(session, group, "Ada Farouk")
    imports.members("bar", b"email,name\nnew@bar.example,Nina Okoye\n", at=NOON)

    assert len(roles_of(session, group)) == 1


def test_an_organiser_who_leaves_is_none_until_they_come_back(session, group, olga):
    otto = joined(session, group, "Otto Brandt", role=Role.ORGANISER)
    leaving.leave(by=otto, at=NOON)
    joined(session, group, "Otto Brandt")

    assert roles_of(session, group)[1:] == [
        ("Otto Brandt", "organiser", []),
        ("Otto Brandt", "member", ["Otto Brandt"]),
        ("Otto Brandt", "organiser", []),
    ]


@pytest.mark.parametrize("state", ["active", "suspended"])
def test_an_organiser_who_is_removed_is_none_any_more_and_comes_back_as_a_member(session, group, olga, state):
    otto = joined(session, group, "Otto Brandt", role=Role.ORGANISER)
    if state == "suspended":
        leaving.suspend(otto.id, at=NOON)
    leaving.end(otto.id, at=NOON)
    joined(session, group, "Otto Brandt")

    assert roles_of(session, group)[2:] == [("Otto Brandt", "member", [])]


def test_an_organiser_who_rests_stays_one(session, group, olga):
    otto = joined(session, group, "Otto Brandt", role=Role.ORGANISER)
    leaving.suspend(otto.id, at=NOON)
    leaving.reinstate(otto.id, at=NOON)

    assert len(roles_of(session, group)) == 2


def test_of_an_organiser_who_is_forgotten_the_log_keeps_that_there_was_one(session, group, olga):
    otto = joined(session, group, "Otto Brandt", role=Role.ORGANISER)
    leaving.erase(otto.id, at=NOON)

    assert roles_of(session, group)[1:] == [("A former member", "organiser", []), ("A former member", "member", [])]
    assert log.compare(session, group.id).differences == []


def test_a_member_who_goes_changes_no_role(session, group, olga, ada, ben):
    leaving.leave(by=ada, at=NOON)
    leaving.end(ada.id, at=NOON)
    leaving.erase(ben.id, at=NOON)

    assert len(roles_of(session, group)) == 1


def test_a_category_that_is_switched_twice_is_told_twice(session, group, olga):
    advice = next(category for category in olga.group.categories if category.slug == "advice")
    for _ in range(2):
        groups.switch(advice.id, by=olga, at=NOON)

    told = [entry.told for entry in reversed(log.entries(session, group.id, kinds=["setting"]))]
    assert [(said["old"], said["new"]) for said in told] == [(1, 0), (0, 1)]
    assert log.compare(session, group.id).differences == []


@pytest.mark.parametrize("happened", [True, False])
def test_a_settled_dispute_is_a_decision_whose_reason_only_the_two_read(
    session, group, olga, ada, ben, cleo, quarrel, happened
):
    disputes.settle(quarrel.id, by=olga, happened=happened, why=WHY, at=NOON)

    assert decisions(session, group, cleo) == [("settled", (olga,), None, "")]
    for reader in (ada, ben, olga):
        assert decisions(session, group, reader) == [("settled", (olga,), None, WHY)]
    assert log.compare(session, group.id).differences == []


def test_a_settled_dispute_about_a_withheld_favor_does_not_even_tell_who_settled_it(
    session, group, olga, ada, ben, cleo
):
    post = offered(ada, event_at=None, hidden_from=[cleo.number])
    answered(post, ben)
    (favor,) = favors_of(session, post)
    favors.deliver(favor.id, by=ada, at=NOON)
    disputes.dispute(favor.id, by=ben, why="I was ill.", at=NOON)
    disputes.settle(favor.id, by=olga, happened=True, why=WHY, at=NOON)

    assert decisions(session, group, cleo) == [("settled", (), None, "")]
    assert decisions(session, group, ben) == [("settled", (olga,), None, WHY)]


def test_of_a_settled_dispute_with_somebody_forgotten_only_the_act_is_kept(session, group, olga, ada, ben, quarrel):
    leaving.erase(ada.id, at=NOON)
    disputes.settle(quarrel.id, by=olga, happened=False, why=WHY, at=NOON)

    assert decisions(session, group, ben) == [("settled", (olga,), None, "")]
    assert log.compare(session, group.id).differences == []


def test_an_organiser_who_corrects_alone_has_decided_something(session, group, favor, olga, ada, ben, cleo):
    entry = favors.confirm(favor.id, by=ben, at=NOON).entry
    correction = corrections.correct(favor.id, by=olga, why="It was entered twice.", at=NOON)

    assert decisions(session, group, cleo) == [("corrected", (olga,), entry, "It was entered twice.")]
    assert line(session, group.id, index_of(correction)).of == entry


def test_a_correction_by_both_is_no_decision(session, group, favor, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON)
    proposed = corrections.propose(favor.id, by=ada, why="It was two hours.", at=NOON)
    corrections.agree(proposed.id, by=ben, at=NOON)

    assert decisions(session, group) == []


def test_a_decision_that_is_refused_writes_nothing(session, group, olga, ada, quarrel):
    ties.declare(olga.number, by=ada, kind=TieKind.FAMILY, at=NOON)
    size = log.size(session, group.id)

    with pytest.raises(NotFound):
        disputes.settle(quarrel.id, by=olga, happened=True, why=WHY, at=NOON)
    assert log.size(session, group.id) == size
    assert session.scalars(select(Letter).filter_by(kind="settled")).all() == []
    assert session.get_one(Membership, olga.id).is_organiser
