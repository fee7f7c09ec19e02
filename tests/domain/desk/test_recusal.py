"""Who stands aside: everybody with a part in a case, or close to one who has; from reading, claiming and deciding."""

from datetime import timedelta

import pytest

from exchange.domain import addresses, corrections, favors, leaving, ties, unasked
from exchange.domain.desk import appeals, cases, held, objections, recusal, reports, views
from exchange.domain.desk.recusal import Bond, Link, People, Reason
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act, Outcome, TargetKind
from exchange.storage.favor import Favor, FavorState
from exchange.storage.group import Category
from tests.builders import letters_to, offered
from tests.domain.desk.casework import DAY, WHY, invited, made, reported, rule_of, waiting
from tests.people import NOON, joined

YEAR = timedelta(days=365)


def helped(session, giver, receiver, at=NOON - 30 * DAY, withheld=False):
    """A favor that stands in no log, for what it links."""
    advice = session.query(Category).filter_by(group_id=giver.group_id, slug="advice").one()
    session.add(
        Favor(
            group_id=giver.group_id,
            giver=giver,
            receiver=receiver,
            category=advice,
            title="An hour",
            state=FavorState.AGREED,
            agreed_at=at,
            clock_from=at,
            withheld_by_id=receiver.id if withheld else None,
        )
    )
    session.commit()


CLOSE = {
    "a favor given": lambda session, olga, ada: helped(session, olga, ada),
    "a favor received": lambda session, olga, ada: helped(session, ada, olga),
    "a tie": lambda _session, olga, ada: ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON),
    "a tie that the other declared": lambda _session, olga, ada: ties.declare(
        olga.number, by=ada, kind=TieKind.CLIENT, at=NOON
    ),
    "having invited": lambda _session, olga, ada: invited(olga, ada),
    "being invited": lambda _session, olga, ada: invited(ada, olga),
}
SAYS = {
    "a favor given": "You and Ada Farouk are the two of a favor of 15 September 2026.",
    "a favor received": "You and Ada Farouk are the two of a favor of 15 September 2026.",
    "a tie": "There is a declared tie between you and Ada Farouk.",
    "a tie that the other declared": "There is a declared tie between you and Ada Farouk.",
    "having invited": "You invited Ada Farouk to this group.",
    "being invited": "Ada Farouk invited you to this group.",
}


def is_kept_out(case, organiser, says, at=NOON):
    """Reading, claiming and deciding are refused with the reason; the desk shows neither title nor name."""
    for attempt in (
        lambda: views.show(case.id, seen_by=organiser, at=at),
        lambda: cases.claim(case.id, by=organiser, at=at),
        lambda: made(case, organiser, at=at),
    ):
        with pytest.raises(NotYours) as refused:
            attempt()
        assert str(refused.value) == f"You stand aside. {says}"
    (line,) = cases.desk(seen_by=organiser, at=at).aside
    assert (line.aside, line.title, line.name, line.reports, line.target_id) == (says, "", "", 0, 0)
    assert cases.desk(seen_by=organiser, at=at).waiting == []


@pytest.mark.parametrize("how", sorted(CLOSE))
def test_who_is_close_to_the_author_stands_aside_and_reads_why(session, post, olga, otto, ada, ben, how):
    CLOSE[how](session, olga, ada)
    case = reported(post, ben)

    is_kept_out(case, olga, SAYS[how])
    assert "at_desk" not in letters_to(session, olga)
    assert made(case, otto).asides == 1


@pytest.mark.parametrize("how", sorted(CLOSE))
def test_who_is_close_to_the_reporter_stands_aside_and_cannot_tell_to_whom(session, post, olga, otto, ben, how):
    CLOSE[how](session, olga, ben)
    case = reported(post, ben)

    is_kept_out(case, olga, "You are close to somebody in this case.")


def test_a_withheld_favor_with_the_author_is_not_told_either(session, post, olga, otto, ada, ben):
    helped(session, olga, ada, withheld=True)

    is_kept_out(reported(post, ben), olga, "You are close to somebody in this case.")


def test_the_reporter_stands_aside_without_being_named(post, olga, otto):
    is_kept_out(reported(post, olga), olga, "You are close to somebody in this case.")


def test_the_author_stands_aside(otto, olga, ben):
    case = reported(offered(otto), ben)

    is_kept_out(case, otto, "This concerns you.")


def test_who_is_named_stands_aside(session, olga, otto, ben, ada):
    """Olga gave the favor whose thanks are reported."""
    helped(session, olga, ben)
    favor = session.query(Favor).one()
    favors.confirm(favor.id, by=ben, at=NOON, thanks="Psst.")
    case = reports.report(TargetKind.THANKS, favor.id, by=ada, rule=rule_of(ada), at=NOON)
    is_kept_out(case, olga, "You are one of those whom this is about.")


@pytest.mark.parametrize(("ago", "aside"), [(YEAR - DAY, True), (YEAR + DAY, False)])
def test_a_favor_counts_for_twelve_months(session, post, olga, ada, ben, ago, aside):
    helped(session, olga, ada, at=NOON - ago)
    case = reported(post, ben)

    assert bool(cases.desk(seen_by=olga, at=NOON).aside) is aside
    assert (case.handed_at is not None) is aside


@pytest.mark.parametrize("how", sorted(CLOSE))
def test_who_is_close_to_one_side_corrects_no_entry(session, olga, otto, ada, ben, how):
    favor = unasked.helped_by(ben.number, by=ada, category="advice", title="An hour", at=NOON)
    CLOSE[how](session, olga, ada)

    with pytest.raises(NotYours, match="close to neither"):
        corrections.correct(favor.id, by=olga, why="It was entered twice.", at=NOON)
    corrections.correct(favor.id, by=otto, why="It was entered twice.", at=NOON)
    assert favor.voided_by is not None


def test_what_came_to_nothing_links_nobody(session, post, olga, ada, ben):
    helped(session, olga, ada)
    favors.cancel(session.query(Favor).one().id, by=ada, at=NOON)

    reported(post, ben)
    assert len(cases.desk(seen_by=olga, at=NOON).waiting) == 1


def test_a_tie_that_was_withdrawn_links_nobody(post, olga, ada, ben):
    tie = ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    ties.withdraw(tie.id, by=olga, at=NOON)

    reported(post, ben)
    assert len(cases.desk(seen_by=olga, at=NOON).waiting) == 1


@pytest.mark.parametrize("host", ["olga", "ada"])
def test_who_invited_whom_is_known_also_under_another_address(post, olga, otto, ada, ben, host):
    one, other = (olga, ada) if host == "olga" else (ada, olga)
    invited(one, other)
    person = other.person
    addresses.take(person.id, old=person.email, new="new@bar.example", epoch="", at=NOON)

    is_kept_out(reported(post, ben), olga, SAYS["having invited" if host == "olga" else "being invited"])


def test_an_organiser_may_stand_aside_by_themself(session, otto, olga, case):
    cases.stand_aside(case.id, by=olga, at=NOON, why="We went to school together.")

    is_kept_out(case, olga, "You chose to stand aside.")
    with pytest.raises(Refusal, match="aside already"):
        cases.stand_aside(case.id, by=olga, at=NOON)
    assert views.show(case.id, seen_by=otto, at=NOON).asides == 1
    assert "school" not in repr(views.show(case.id, seen_by=otto, at=NOON))


def test_who_decided_does_not_decide_the_appeal(olga, otto, ada, case):
    decision = made(case, olga)
    asked = appeals.appeal(decision.id, by=ada, why="I sell nothing.", at=NOON + DAY)

    with pytest.raises(NotYours, match="You decided about this before"):
        appeals.answer(asked.id, Outcome.UPHELD, by=olga, why=WHY, at=NOON + DAY)
    with pytest.raises(NotYours, match="You decided about this before"):
        views.show(case.id, seen_by=olga, at=NOON + DAY)
    assert appeals.answer(asked.id, Outcome.UPHELD, by=otto, why=WHY, at=NOON + DAY) is not None


def test_a_first_post_waits_for_anybody_but_its_author(session, group, olga, otto, ada, ben):
    helped(session, olga, ada)
    ada.joined_at = NOON - 3 * DAY
    session.commit()
    post = offered(ada)

    assert held.release(waiting(olga), by=olga, at=NOON) == post


def test_from_a_first_post_an_organiser_may_stand_aside_by_themself_once(session, group, olga, otto):
    newcomer = joined(session, group, "Wen Li")
    newcomer.joined_at = NOON - 3 * DAY
    session.commit()
    offered(newcomer)
    case_id = waiting(olga)
    cases.stand_aside(case_id, by=olga, at=NOON)

    assert cases.desk(seen_by=olga, at=NOON).waiting == []
    with pytest.raises(NotYours, match="You chose to stand aside"):
        held.release(case_id, by=olga, at=NOON)
    with pytest.raises(Refusal, match="You stand aside already"):
        cases.stand_aside(case_id, by=olga, at=NOON)
    held.release(waiting(otto), by=otto, at=NOON)


def test_an_objection_keeps_an_organiser_out_until_another_has_answered_it(session, olga, otto, ben, case):
    objection = objections.object_to(case.id, olga.number, by=ben, why="They play golf together.", at=NOON)

    is_kept_out(case, olga, "Somebody with a part in this case objected to you.")
    page = views.show(case.id, seen_by=otto, at=NOON)
    assert page.objection is not None
    assert (page.objection.organiser, page.objection.why) == ("Olga Petrenko", "They play golf together.")
    assert "Ben" not in repr(page)
    with pytest.raises(NotYours):
        objections.answer(objection.id, by=olga, upheld=False, at=NOON)
    objections.answer(objection.id, by=otto, upheld=False, at=NOON)
    assert len(cases.desk(seen_by=olga, at=NOON).waiting) == 1


def test_an_objection_that_is_upheld_keeps_them_out_for_good(olga, otto, ben, case):
    objection = objections.object_to(case.id, olga.number, by=ben, why="Golf.", at=NOON)
    objections.answer(objection.id, by=otto, upheld=True, at=NOON)

    is_kept_out(case, olga, "Somebody with a part in this case objected to you.")
    with pytest.raises(Refusal, match="answered a moment before"):
        objections.answer(objection.id, by=otto, upheld=False, at=NOON)


def test_who_decided_before_answers_no_objection_of_whoever_appealed(session, post, olga, otto, ada, ben, cleo, case):
    """Also where the thing was reported once more, and so waits for everybody again."""
    decision = made(case, olga, Act.WARN)
    appeals.appeal(decision.id, by=ada, why="It was not so.", at=NOON)
    reported(post, cleo)
    objection = objections.object_to(case.id, otto.number, by=ada, why="Golf.", at=NOON)

    with pytest.raises(NotYours, match="You decided about this before"):
        objections.answer(objection.id, by=olga, upheld=True, at=NOON)


def test_there_is_one_objection_in_a_case_and_only_by_who_has_a_part(olga, otto, ben, cleo, case):
    with pytest.raises(NotFound):
        objections.object_to(case.id, olga.number, by=cleo, why="I dislike her.", at=NOON)
    objections.object_to(case.id, olga.number, by=ben, why="Golf.", at=NOON)
    with pytest.raises(Refusal, match="There can be one"):
        objections.object_to(case.id, otto.number, by=ben, why="Golf, too.", at=NOON)


def test_an_objection_to_the_only_organiser_goes_to_the_administrator(session, olga, ben, rosa, case):
    objection = objections.object_to(case.id, olga.number, by=ben, why="Golf.", at=NOON)

    assert case.handed_at == NOON
    assert [line.case_id for line in cases.handed(by=rosa, at=NOON)] == [case.id]
    objections.answer(objection.id, by=rosa, upheld=False, at=NOON)
    assert len(cases.desk(seen_by=olga, at=NOON).waiting) == 1


def test_an_organiser_who_is_suspended_is_nobodys_judge(olga, otto, case):
    leaving.suspend(otto.id, at=NOON)

    with pytest.raises(NotYours, match="Only the organisers"):
        made(case, otto)


# The pure function.

CASE = People(about=1, named=frozenset({2}), reporters=frozenset({3}))


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([], None),
        ([Link(9, 4, Bond.TIE)], None),
        ([Link(8, 1, Bond.TIE)], None),
        ([Link(9, 1, Bond.TIE)], Reason(Bond.TIE, 1)),
        ([Link(9, 2, Bond.INVITED)], Reason(Bond.INVITED, 2)),
        ([Link(9, 3, Bond.TIE)], Reason(Bond.CLOSE)),
        ([Link(9, 1, Bond.FAVOR, secret=True)], Reason(Bond.CLOSE)),
        ([Link(9, 3, Bond.TIE), Link(9, 1, Bond.INVITED_BY)], Reason(Bond.INVITED_BY, 1)),
        ([Link(9, 1, Bond.FAVOR), Link(9, 1, Bond.TIE)], Reason(Bond.TIE, 1)),
    ],
)
def test_the_reason_is_the_closest_that_may_be_told(links, expected):
    assert recusal.reason(9, CASE, links) == expected


def test_each_part_in_a_case_is_a_reason_by_itself():
    asides = People(1, aside=frozenset({4}), objected=frozenset({5}), deciders=frozenset({6}), reporters=frozenset({7}))

    said = [recusal.reason(member, asides, []) for member in (1, 4, 5, 6, 7, 8)]
    assert [one.bond if one else None for one in said] == [
        Bond.CONCERNED,
        Bond.BY_THEMSELF,
        Bond.OBJECTED,
        Bond.DECIDED,
        Bond.CLOSE,
        None,
    ]


def test_every_bond_has_a_sentence(app):
    said = [str(recusal.sentence(Reason(bond, 1, NOON.date()), {1: "Ada"})) for bond in Bond]

    assert len(set(said)) == len(Bond)
    assert all(sentence.endswith(".") for sentence in said)


def test_decided_acts_are_refused_in_bulk_as_well(olga, otto, ada, ben):
    """Several cases at once are nothing but one after another: each asks for itself."""
    mine, other = reported(offered(olga), ben), reported(offered(ada), ben)

    with pytest.raises(NotYours):
        made(mine, olga, Act.DISMISS)
    assert made(other, olga, Act.DISMISS).act is Act.DISMISS
