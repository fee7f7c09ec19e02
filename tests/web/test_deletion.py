"""Deleting a group by its pages: proposed, waited for, agreed to or called off; and what stands at the address then."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask_security.utils import hash_password

from exchange.cli import main
from exchange.domain import accounts, archiving, clearing, deleting, read_tokens
from exchange.domain.deleting import WAITS
from exchange.log.checkpoint import read
from exchange.storage.membership import Role
from tests.builders import letters_to
from tests.people import NOON, joined
from tests.web.reader import Reader

NAME = "Harbor County Bar, Business Law"
PASSWORD = "a long and quiet river"
PAGE = "/g/bar/settings/delete"


@pytest.fixture
def olga(session, olga):
    olga.person.password = hash_password(PASSWORD)
    session.commit()
    return olga


@pytest.fixture
def orla(session, group):
    """Organises as well."""
    return joined(session, group, "Orla Byrne", role=Role.ORGANISER, password=hash_password(PASSWORD))


@pytest.fixture
def proposed(olga):
    archiving.archive(by=olga, at=NOON)
    return deleting.propose(by=olga, name=NAME, at=NOON)


@pytest.fixture
def as_rosa(session, app):
    """Administers the site, and is a member of nothing."""
    person = accounts.add(
        session, email="rosa@site.example", name="Rosa Root", at=NOON, password=hash_password(PASSWORD)
    )
    person.is_administrator = True
    session.commit()
    reader = Reader(app)
    reader.sign_in(person)
    return reader


def gone(group_id):
    while clearing.step(group_id):
        pass


def test_from_the_settings_of_an_archived_group_an_organiser_proposes_it(session, reader, ada, olga):
    page = reader.as_(olga).visit(PAGE)
    assert "Only a group that is archived can be deleted." in page.main()
    page = page.follow("Archive the group").press("Archive the group", password=PASSWORD).follow("Delete the group")
    page = page.press("Propose to delete the group", name="The bar", password=PASSWORD)
    assert (page.status, "This is not the name of the group." in page.main()) == (422, True)
    page = page.press("Propose to delete the group", name=NAME, password="a guess")
    assert (page.status, page.soup.select_one("[name=name]")["value"]) == (422, NAME)

    page = page.press("Propose to delete the group", password=PASSWORD)
    assert "Every member is told, and the log says so." in page.text
    assert "You proposed it. A second person can agree from" in page.main()
    assert letters_to(session, ada) == ["deletion_proposed"]
    assert "It was proposed to delete the group." in reader.as_(ada).visit("/g/bar/log?kind=role").main()


def test_a_member_reads_what_that_means_and_can_do_nothing_but_take_along(reader, ada, olga, proposed):
    page = reader.as_(ada).visit("/g/bar/").follow("What that means for you")

    assert "Olga Petrenko proposed it." in page.main()
    assert not page.soup.main.select("form")
    assert page.follow("Everything that is held about you").path == "/me/data"
    assert reader.as_(ada).send("GET", "/g/bar/log/download").status_code == 200


def test_while_nothing_is_proposed_it_is_the_organisers_page(reader, ada):
    assert reader.as_(ada).visit(PAGE).status == 403


def test_another_organiser_agrees_after_a_week_and_the_group_is_gone(session, clock, reader, ada, olga, orla, proposed):
    page = reader.as_(orla).visit(PAGE)
    assert "The members have a week to take with them what is theirs." in page.main()
    clock.at = NOON + WAITS
    assert "Another organiser has to agree." in reader.as_(olga).visit(PAGE).main()
    page = reader.as_(orla).visit(PAGE).press("Agree, and delete the group", name="Bar", password=PASSWORD)
    assert (page.status, "This is not the name of the group." in page.main()) == (422, True)

    page = page.press("Agree, and delete the group", name=NAME, password=PASSWORD)
    assert f"{NAME} is deleted." in page.text
    assert NAME not in reader.as_(ada).visit("/").main()
    assert reader.as_(ada).visit("/g/bar/").status == 410


def test_any_organiser_calls_it_off(session, reader, ada, olga, orla, proposed):
    page = reader.as_(orla).visit(PAGE).press("Call it off")

    assert "It is called off." in page.text
    assert letters_to(session, ada)[-1] == "deletion_called_off"
    assert "The deletion of the group was called off." in reader.as_(ada).visit("/g/bar/log?kind=role").main()


def test_taking_the_group_up_again_calls_it_off_and_says_so_before(reader, olga, proposed):
    page = reader.as_(olga).visit("/g/bar/settings/archive")
    assert "Taking it up again calls that off." in page.main()
    page.press("Take the group up again", password=PASSWORD)

    assert "To delete" not in reader.as_(olga).visit("/g/bar/").main()
    assert "Only a group that is archived" in reader.as_(olga).visit(PAGE).main()


def test_where_nobody_else_organises_the_administrator_agrees(session, clock, reader, as_rosa, ada, olga, proposed):
    page = as_rosa.visit("/admin/desk").follow(NAME)
    assert "its only organiser, proposed it." in page.main()
    assert "have a week" in page.main()
    clock.at = NOON + WAITS
    page = as_rosa.visit("/groups/bar/delete").press("Agree, and delete the group", name=NAME, password=PASSWORD)

    assert f"{NAME} is deleted." in page.text
    assert reader.visit("/g/bar/").status == 410
    assert as_rosa.visit("/admin/desk").main().count(NAME) == 0


def test_where_another_organiser_is_there_it_is_not_the_administrators(clock, as_rosa, olga, orla, proposed):
    clock.at = NOON + WAITS

    assert NAME not in as_rosa.visit("/admin/desk").main()
    assert as_rosa.visit("/groups/bar/delete").status == 404


# What stands at the address


@pytest.fixture
def deleted(group, settings, ada, sam, olga, orla, proposed):
    number = group.id
    stone = deleting.agree(number, by=orla, name=NAME, settings=settings, at=NOON + WAITS)
    gone(number)
    return stone


@pytest.mark.parametrize("path", ["", "log", "members/", "settings", "posts/1", "desk"])
def test_everybody_reads_that_it_was_deleted_and_where_its_last_word_is(reader, deleted, sam, path):
    for browser in (reader, reader.as_(sam)):
        page = browser.visit(f"/g/bar/{path}")

        assert (page.status, page.title) == (410, "This group was deleted")
        assert "Two people deleted it on" in page.main()
        assert NAME not in page.text
        assert page.soup.select('a[href$="/g/bar/log/checkpoint"]')


def test_the_last_checkpoint_and_its_key_stay_where_they_were(reader, deleted):
    note = reader.send("GET", "/g/bar/log/checkpoint", headers={"Accept": "*/*"})
    key = reader.send("GET", "/g/bar/log/vkey", headers={"Accept": "*/*"})

    assert (note.status_code, key.status_code) == (200, 200)
    assert note.text == deleted.checkpoint
    assert read(note.text, key.text.strip()).size > 0
    assert reader.send("GET", "/g/bar/log/tile/0/000.p/2").status_code == 410


def test_what_is_sent_there_changes_nothing(app, monkeypatch, reader, sam, deleted):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)

    assert reader.as_(sam).send("POST", "/g/bar/posts/new").status_code == 410
    assert reader.as_(sam).send("POST", "/g/bar/log/checkpoint").status_code == 405


def test_a_token_reads_the_last_word_too(reader, sam, deleted):
    _token, text = read_tokens.make("At home", by=sam.person, at=NOON)
    answer = reader.send("GET", "/g/bar/log/checkpoint", headers={"Authorization": f"Bearer {text}"})

    assert (answer.status_code, answer.text) == (200, deleted.checkpoint)


def test_other_groups_read_as_before(app, clock, group, settings, sam, ada, olga, orla, proposed):
    def pages():
        browser = Reader(app, sam)
        paths = ("", "log", "members/", "settings", "numbers", "decisions")
        return [
            *(browser.visit(f"/g/med/{path}").text for path in paths),
            browser.send("GET", "/g/med/log/checkpoint").text,
        ]

    clock.at = NOON + WAITS
    before, number = pages(), group.id
    deleting.agree(number, by=orla, name=NAME, settings=settings, at=NOON + WAITS)
    gone(number)

    assert pages() == before


def test_its_address_is_refused_for_a_new_group(as_rosa, deleted):
    page = as_rosa.visit("/groups/new").press("Make the group", name="New", slug="bar", organiser="o@bar.example")

    assert (page.status, "A group with this address was deleted." in page.main()) == (409, True)


# The operator's commands


def test_the_operator_lists_what_waits_and_agrees_for_the_administrator(
    session, clock, runner: CliRunner, as_rosa, olga, proposed
):
    said = runner.invoke(main, ["group", "deletions"]).stdout
    assert said == "bar  the site's administrator can agree from 2026-10-22 12:00 to 2026-11-14 12:00 UTC\n"
    delete = ["group", "delete", "bar", "--administrator", "rosa@site.example", "--name", NAME]
    early = runner.invoke(main, delete)
    assert (early.exit_code, "have a week" in early.stderr) == (1, True)
    clock.at = NOON + WAITS + timedelta(hours=1)
    done = runner.invoke(main, delete)

    assert done.exit_code == 0, done.output
    assert f"{NAME} is deleted. Its last checkpoint stays at" in done.stdout
    assert "was deleted on 2026-10-22" in runner.invoke(main, ["log", "checkpoint", "bar"]).stderr
    assert runner.invoke(main, ["group", "deletions"]).stdout == "No group is to be deleted.\n"
