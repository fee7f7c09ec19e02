"""Where no organiser has been here for a month: what a member sees and does, in plain words."""

from datetime import timedelta

import pytest

from exchange.domain.desk import election
from exchange.storage.membership import Role
from tests.builders import letters_to
from tests.people import NOON, joined

DAY = timedelta(days=1)
HERE = "/g/bar/election"


@pytest.fixture
def members(session, group, olga, ada, ben, cleo):
    """Five members who were here today, and an organiser who was not for three months."""
    dan, eve = joined(session, group, "Dan Osei"), joined(session, group, "Eve Lindqvist")
    election.seen(by=olga, at=NOON - 91 * DAY)
    for one in (ada, ben, cleo, dan, eve):
        election.seen(by=one, at=NOON)
    return ada, ben, cleo, dan, eve


def test_members_notice_on_the_board_and_choose_one_of_themselves(reader, members, olga, session):
    ada, ben, cleo, dan, _eve = members
    page = reader.as_(ada).visit("/g/bar/").follow("The members can choose one")
    assert "No organiser has been here for 30 days" in page.main()
    page = page.press("Begin the election")
    assert (page.path, letters_to(session, olga)) == (HERE, ["election"])
    assert "Five members count, and the word of three of them is enough." in page.main()
    assert "Somebody has to be the first." in page.main()

    page = reader.as_(cleo).visit(HERE).press("I would organise")
    assert "You would organise, and the others see it." in page.main()
    assert "Nobody has said so yet." in page.main()
    page = reader.as_(ada).visit(HERE).press("Give my word", member=str(cleo.number))
    assert "One member is for Cleo Marchetti." in page.main()
    assert page.soup.select_one(f'[name=member][value="{cleo.number}"]').has_attr("checked")
    assert not reader.as_(ben).visit(HERE).soup.select("[name=member][checked]")
    reader.as_(ben).visit(HERE).press("Give my word", member=str(cleo.number))
    assert not cleo.is_organiser
    page = reader.as_(dan).visit(HERE).press("Give my word", member=str(cleo.number))

    assert "That was enough: Cleo Marchetti organises from now on" in page.text
    assert cleo.role is Role.ORGANISER
    assert "Cleo Marchetti became an organiser." in reader.as_(ada).visit("/g/bar/log").main()


def test_while_an_organiser_is_about_there_is_no_word_of_it(reader, members, olga, ada):
    election.seen(by=olga, at=NOON)

    assert "No organiser has been here" not in reader.as_(ada).visit("/g/bar/").main()
    page = reader.as_(ada).visit("/g/bar/settings").follow("If the organisers vanish")
    assert "There is nothing to choose now" in page.main()
    assert not page.soup.main.select("button")
    token = page.soup.select_one("[name=csrf_token]")["value"]
    assert reader.as_(ada).send("POST", f"{HERE}/call", data={"csrf_token": token}).status_code in {400, 409}


def test_an_organisers_coming_ends_it_for_everybody(reader, members, olga, ada):
    reader.as_(ada).visit(HERE).press("Begin the election")
    election.seen(by=olga, at=NOON)

    assert "There is nothing to choose now" in reader.as_(ada).visit(HERE).main()


def test_a_newcomer_may_stand_and_does_not_choose(session, reader, members, ada):
    dan = members[3]
    dan.joined_at = NOON - 89 * DAY
    session.commit()
    reader.as_(ada).visit(HERE).press("Begin the election")
    page = reader.as_(dan).visit(HERE).press("I would organise")

    assert "Four members count, and the word of two of them is enough." in page.main()
    assert "Who has been a member for 90 days can choose." in page.main()
    assert not page.soup.select("[name=member]")


def test_a_word_for_nobody_is_refused_beside_the_question(reader, members, ada, cleo):
    here = reader.as_(ada).visit(HERE).press("Begin the election").press("I would organise")
    page = here.press("Give my word")

    assert (page.status, "Choose somebody who is willing." in page.main()) == (422, True)


def test_an_election_begins_once(reader, members, ada, ben):
    open_twice = reader.as_(ben).visit(HERE)
    reader.as_(ada).visit(HERE).press("Begin the election")

    assert open_twice.press("Begin the election").status == 409
