"""Taking the text out of an entry: who may, what goes, what stays, and who hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from exchange import log
from exchange.domain import corrections, favors, leaving, redaction, ties, unasked
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.domain.ties import TieKind
from exchange.storage.favor import Correction, Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import Role
from tests.builders import index_of, letters_to, line, offered, sides
from tests.domain.desk.casework import DAY, invited, made, reported
from tests.people import NOON, joined

WHY = "It names somebody’s client."
WRONG = "Mrs. Vale told me so."


@pytest.fixture
def otto(session, group):
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


@pytest.fixture
def entry(favor, ben):
    """That Ada helped Ben stands in the log, with a word of thanks."""
    return index_of(favors.confirm(favor.id, by=ben, at=NOON, thanks="Mrs. Vale is so relieved."))


@pytest.fixture
def corrected(favor, entry, olga):
    """Olga has made it void; the decision, and then the correction."""
    made = index_of(corrections.correct(favor.id, by=olga, why=WRONG, at=NOON))
    return made - 1, made


def test_the_words_go_and_the_parties_and_the_kind_stay(session, group, favor, entry, olga, ada, ben):
    redaction.take_out(entry, by=olga, why=WHY, at=NOON)

    found = line(session, group.id, entry)
    assert (found.what, found.thanks, found.category) == ("", "", "advice")
    assert sides(found) == [ada.id, ben.id]
    assert (favor.title, favor.thanks) == ("", "")
    assert log.balance(session, ada).given == 1
    assert log.compare(session, group.id).differences == []


def test_a_decision_with_its_reason_stands_before_it(session, group, entry, olga):
    redaction.take_out(entry, by=olga, why=WHY, at=NOON)

    taken, decision = log.entries(session, group.id, limit=2)
    assert (decision.told["act"], decision.of, decision.by, decision.what) == ("redacted", entry, (olga,), WHY)
    assert taken.told == {"by_decision": decision.index, "what": [[entry, "what"]]}
    assert line(session, group.id, entry).redacted_by == taken.index


def test_both_are_told_by_letter_and_the_letter_does_not_repeat_it(session, favor, entry, olga, ada, ben):
    redaction.take_out(entry, by=olga, why=WHY, at=NOON)

    letters = session.scalars(select(Letter).filter_by(kind="redacted").order_by(Letter.id)).all()
    assert [letter.email for letter in letters] == [ada.person.email, ben.person.email]
    assert letters[0].facts == {
        "entry": entry,
        "of": "favor",
        "why": WHY,
        "path": f"/g/bar/favors/{favor.id}",
        "member": ada.id,
        "acts": [],
    }


def test_letters_that_wait_do_not_carry_it_out_any_more(session, entry, olga, ada):
    assert letters_to(session, ada) == ["confirmed"]
    redaction.take_out(entry, by=olga, why=WHY, at=NOON)

    for waiting in session.scalars(select(Letter).filter_by(kind="confirmed")).all():
        assert (waiting.facts["title"], waiting.facts["thanks"], waiting.facts["entry"]) == ("", "", entry)


def test_a_party_to_it_does_not_decide(session, group, ada, ben, entry):
    for party in (ada, ben):
        party.role = Role.ORGANISER
    session.commit()

    for party in (ada, ben):
        with pytest.raises(NotYours, match="has no part in it"):
            redaction.take_out(entry, by=party, why=WHY, at=NOON)
    assert line(session, group.id, entry).what


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_nobody_who_is_tied_to_one_of_them_decides(session, entry, olga, otto, ada, ben, who):
    ties.declare(olga.number, by={"ada": ada, "ben": ben}[who], kind=TieKind.FAMILY, at=NOON)

    with pytest.raises(NotYours, match="close to nobody who has"):
        redaction.take_out(entry, by=olga, why=WHY, at=NOON)
    redaction.take_out(entry, by=otto, why=WHY, at=NOON)


def test_a_member_does_not_decide(entry, cleo):
    with pytest.raises(NotYours, match="Only the organisers"):
        redaction.take_out(entry, by=cleo, why=WHY, at=NOON)


def test_it_takes_a_reason(entry, olga):
    with pytest.raises(BadInput, match="The reason is empty"):
        redaction.take_out(entry, by=olga, why="  ", at=NOON)


def test_it_is_done_once(session, group, entry, olga, otto):
    redaction.take_out(entry, by=olga, why=WHY, at=NOON)
    size = log.size(session, group.id)

    with pytest.raises(NotFound, match="no such text"):
        redaction.take_out(entry, by=otto, why=WHY, at=NOON)
    assert log.size(session, group.id) == size


def test_a_text_that_went_while_the_page_was_open_is_said_so(session, group, entry, olga, monkeypatch):
    redaction.take_out(entry, by=olga, why=WHY, at=NOON)
    before = log.size(session, group.id)
    stale = log.Entry(entry, "favor", NOON.date(), True, None, None, "advice", "An hour", "receiver", None, "")
    monkeypatch.setattr(redaction, "show", lambda *_, **__: stale)

    with pytest.raises(Refusal, match="a moment before"):
        redaction.take_out(entry, by=olga, why=WHY, at=NOON)
    assert log.size(session, group.id) == before


@pytest.mark.parametrize("index", [0, 1, 2, 99])
def test_what_has_no_text_of_somebody_is_not_found(group, olga, index):
    with pytest.raises(NotFound, match="no such text"):
        redaction.take_out(index, by=olga, why=WHY, at=NOON)


def test_a_withheld_text_is_not_there_for_organisers(session, olga, ada, ben):
    favor = unasked.helped_by(
        ada.number, by=ben, category="advice", title="An hour", at=NOON, thanks="Thank you.", withheld=True
    )

    with pytest.raises(NotFound, match="no such text"):
        redaction.take_out(index_of(favor), by=olga, why=WHY, at=NOON)


def test_the_reason_of_a_correction_goes_with_the_decision_that_repeats_it(
    session, group, corrected, olga, otto, ada, ben
):
    decision, correction = corrected
    redaction.take_out(correction, by=otto, why=WHY, at=NOON)

    assert [line(session, group.id, index).what for index in corrected] == ["", ""]
    taken = log.entries(session, group.id, limit=1)[0]
    assert taken.told["what"] == [[correction, "why"], [decision, "why"]]
    assert session.scalars(select(Correction.why)).all() == [""]
    assert [letters_to(session, member)[-1] for member in (ada, ben, olga)] == ["redacted"] * 3
    assert "" in [letter.facts.get("why") for letter in session.scalars(select(Letter).filter_by(kind="corrected"))]
    assert session.scalars(select(Favor.title)).one()
    assert log.compare(session, group.id).differences == []


def test_the_decision_takes_its_correction_along_too(session, group, corrected, otto):
    redaction.take_out(corrected[0], by=otto, why=WHY, at=NOON)

    assert [line(session, group.id, index).what for index in corrected] == ["", ""]


def test_who_corrected_it_does_not_take_out_what_they_wrote(corrected, olga):
    for index in corrected:
        with pytest.raises(NotYours):
            redaction.take_out(index, by=olga, why=WHY, at=NOON)


def test_the_reason_for_taking_a_text_out_can_be_taken_out_by_another(session, group, entry, olga, otto):
    redaction.take_out(entry, by=olga, why="Mrs. Vale is a client.", at=NOON)
    decision = log.entries(session, group.id, limit=2)[1].index
    redaction.take_out(decision, by=otto, why=WHY, at=NOON)

    assert line(session, group.id, decision).what == ""
    assert letters_to(session, olga) == ["redacted"]
    assert log.compare(session, group.id).differences == []


def test_of_somebody_who_was_forgotten_nothing_is_left_to_take_out(entry, olga, ada):
    leaving.erase(ada.id, at=NOON)

    with pytest.raises(NotFound, match="no such text"):
        redaction.take_out(entry, by=olga, why=WHY, at=NOON)


def test_a_void_entry_can_still_hold_what_should_not_stand_there(session, group, favor, entry, corrected, otto):
    redaction.take_out(entry, by=otto, why=WHY, at=NOON + timedelta(days=1))

    found = line(session, group.id, entry)
    assert (found.what, found.voided_by) == ("", corrected[1])
    assert log.compare(session, group.id).differences == []


def test_whoever_may_is_shown_so(session, group, entry, olga, otto, ada, cleo):
    ties.declare(otto.number, by=ada, kind=TieKind.FAMILY, at=NOON)
    texts = log.entries(session, group.id)

    assert [one.index for one in texts if redaction.possible(one, seen_by=olga, at=NOON)] == [entry]
    assert not [one for one in texts for who in (otto, cleo) if redaction.possible(one, seen_by=who, at=NOON)]


# Whoever would stand aside at the desk


@pytest.mark.parametrize("link", ["a favor of this year", "invited"])
def test_whatever_makes_an_organiser_stand_aside_at_the_desk_does_so_here(session, entry, olga, otto, ada, link):
    if link == "invited":
        invited(olga, ada)
    else:
        unasked.helped_by(ada.number, by=olga, category="advice", title="An hour", at=NOON)

    with pytest.raises(NotYours, match="close to nobody who has"):
        redaction.take_out(entry, by=olga, why=WHY, at=NOON)
    redaction.take_out(entry, by=otto, why=WHY, at=NOON)


def test_a_favor_of_long_ago_hinders_nobody(entry, olga, ada):
    unasked.helped_by(ada.number, by=olga, category="advice", title="An hour", at=NOON)

    redaction.take_out(entry, by=olga, why=WHY, at=NOON + 366 * DAY)


@pytest.fixture
def decision(olga, otto, ada, ben):
    """Ben has reported Ada's offer, and Otto has hidden it: the log does not say whose it was."""
    return made(reported(offered(ada), ben), otto)


@pytest.mark.parametrize("whose", ["the member concerned", "the reporter"])
def test_the_reason_of_a_decision_is_taken_out_by_who_could_have_decided(
    session, group, decision, olga, otto, ada, ben, whose
):
    third = joined(session, group, "Oskar Lind", role=Role.ORGANISER)
    close_to = {"the member concerned": ada, "the reporter": ben}[whose]
    ties.declare(close_to.number, by=olga, kind=TieKind.FAMILY, at=NOON)

    for organiser in (olga, otto):
        with pytest.raises(NotYours, match="close to nobody who has"):
            redaction.take_out(decision.entry, by=organiser, why=WHY, at=NOON)
    redaction.take_out(decision.entry, by=third, why=WHY, at=NOON)
    assert line(session, group.id, decision.entry).what == ""
