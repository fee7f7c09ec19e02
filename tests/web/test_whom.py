"""Choosing a member where there are too many for a list: by name, without a script, and losing nothing."""

import pytest

from exchange.domain import members
from exchange.storage.favor import Favor
from exchange.storage.membership import Role
from exchange.storage.post import Post, PostHidden
from exchange.web.forms import whom
from tests.people import joined


@pytest.fixture(autouse=True)
def large(session, group, ada, ben, cleo, monkeypatch):
    """A group of more members than a list takes; two are called Ruth, and one of them has a firm."""
    monkeypatch.setattr(whom, "LISTED", 3)
    joined(session, group, "Ruth Adeyemi", email="ruth@bar.example")
    other = joined(session, group, "Ruth Larkin", email="larkin@bar.example")
    members.change(by=other, firm="Larkin & Co", practice="", office="", contact="", can_help_with="", would_love="")


@pytest.fixture
def page(reader, ada):
    return reader.as_(ada).visit("/g/bar/favors/new")


def listed(page):
    """What can be chosen."""
    return [option.get_text() for option in page.soup.select("select[name=member] option")]


def test_nobody_is_listed_before_a_name_was_typed(page):
    assert page.soup.select("input[name=find]")
    assert listed(page) == []


def test_whoever_alone_is_called_so_is_meant(page, session, ben):
    found = page.press("Write it down", find="castell", title="An hour on tax")

    assert found.status == 200
    assert session.query(Favor).one().giver_id == ben.id


def test_of_several_one_is_chosen_and_nothing_is_lost(page, session):
    page = page.press("Write it down", find="Ruth", title="An hour on tax")

    assert page.status == 422
    assert "Several are called so" in page.main()
    assert listed(page) == ["Choose a member", "Ruth Adeyemi", "Ruth Larkin, Larkin & Co"]
    assert page.soup.select_one("input[name=title]")["value"] == "An hour on tax"
    larkin = page.soup.select("select[name=member] option")[2]["value"]
    page.press("Write it down", member=larkin)
    assert session.query(Favor).one().giver.name == "Ruth Larkin"


def test_the_firm_tells_them_apart(page, session):
    page.press("Write it down", find="ruth larkin co", title="An hour on tax")

    assert session.query(Favor).one().giver.name == "Ruth Larkin"


def test_for_nobody_there_is_a_sentence(page, session):
    page = page.press("Write it down", find="Zacharias", title="An hour on tax")

    assert page.status == 422
    assert "Nobody else here is called so" in page.main()
    assert session.query(Favor).count() == 0


def test_finding_writes_nothing_down(page, session):
    page = page.press("Find", look="1", find="Ruth", title="An hour on tax")

    assert listed(page) == ["Choose a member", "Ruth Adeyemi", "Ruth Larkin, Larkin & Co"]
    assert session.query(Favor).count() == 0


def test_oneself_is_not_found_and_a_link_may_name_somebody(reader, page, ada, ben):
    assert "Nobody else here is called so" in page.press("Find", look="1", find="Ada Farouk").main()
    assert listed(reader.as_(ada).visit("/g/bar/favors/new", member=ben.number)) == ["Choose a member", ben.name]


def test_a_post_is_kept_from_several_who_were_found_one_after_another(reader, session, ada, ben, cleo):
    page = reader.as_(ada).visit("/g/bar/posts/new").press("Find", look="1", find="castell", title="A new place")
    page = page.press("Find", look="1", hidden_from=[str(ben.number)], find="cleo")
    page.press("Post it", hidden_from=[str(ben.number), str(cleo.number)])

    assert session.query(Post).one().title == "A new place"
    assert {row.member_id for row in session.query(PostHidden)} == {ben.id, cleo.id}


def test_who_organises_already_is_not_found_to_be_named(session, group, reader, olga):
    joined(session, group, "Otto Blum", email="otto@bar.example", role=Role.ORGANISER)
    page = reader.as_(olga).visit("/g/bar/organisers").press("Find", look="1", find="otto")

    assert "Nobody else here is called so" in page.main()
