"""Inviting many at once: a list is looked through, and only then sent."""

import io

import pytest
from sqlalchemy import func, select

from exchange.domain import invitations, inviting, leaving
from exchange.domain.errors import BadInput, NotYours
from exchange.storage.letter import Letter
from exchange.storage.membership import Invitation
from exchange.storage.suppression import Suppression
from tests.people import NOON

LIST = "/g/bar/invitations/list"


@pytest.fixture
def page(reader, olga):
    return reader.as_(olga).visit("/g/bar/invitations").follow("Invite many at once")


def sent(session):
    found = select(Letter.email).filter_by(kind="invitation").order_by(Letter.email)
    return list(session.scalars(found))


def section(page, title):
    """What stands under a heading of the preview."""
    for one in page.soup.select("main section"):
        if one.h2.get_text() == title:
            return [item.get_text() for item in one.select("li")]
    return []


def test_nothing_is_sent_before_the_button(session, page):
    page = page.press("Look through it", text="nora@new.example\nNils Berg <NILS@new.example>;\n")

    assert "2 people of the list are new" in page.main()
    assert section(page, "New") == ["nora@new.example", "nils@new.example"]
    assert sent(session) == []
    page = page.press("Send 2 invitations")
    assert "2 letters with invitations are on their way." in page.main()
    assert sent(session) == ["nils@new.example", "nora@new.example"]


def test_the_invited_join_from_their_letter(session, reader, page):
    page.press("Look through it", text="nora@new.example").press("Send one invitation")
    path = session.scalars(select(Letter.facts).filter_by(kind="invitation")).one()["path"]

    assert (
        reader.visit(path).press("Join the group", name="Nora", password="a long and quiet river").path == "/g/bar/me"
    )


def test_who_is_not_invited_and_why(session, page, olga, ada, ben, cleo):
    leaving.end(cleo.id, at=NOON)
    invitations.invite("waits@new.example", by=olga, at=NOON)
    session.add(Suppression(email="back@new.example", since=NOON, why="5.1.1", scored_at=NOON))
    session.commit()
    lines = (
        "Name,E-mail",
        f"Ada,{ada.person.email.upper()}",
        "",
        "Nobody",
        "two@@new..example at@",
        "waits@new.example",
        "back@new.example",
        cleo.person.email,
        "nora@new.example",
        "Nora <nora@new.example>",
    )
    page = page.press("Look through it", text="\r\n".join(lines))

    assert section(page, "New") == ["nora@new.example"]
    assert section(page, "Members already") == ["ada@bar.example"]
    assert section(page, "Invited already") == ["waits@new.example"]
    assert section(page, "Were members") == ["cleo@bar.example"]
    assert section(page, "Letters come back") == ["back@new.example"]
    assert "One address stood in it twice" in page.main()
    wrong = section(page, "Lines without an address")
    assert wrong[0] == "Line 4: There is no e-mail address in it."
    assert wrong[-1] == "Line 5: “at@” is not an e-mail address."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_of_any_program_is_read(page, encoding):
    data = "Näme;E-mail\r\nNörá;nora@new.example\r\n".encode(encoding)
    page = page.press("Look through it", file=(io.BytesIO(data), "list.csv"))

    assert section(page, "New") == ["nora@new.example"]


def test_a_picture_is_no_list(page):
    page = page.press("Look through it", file=(io.BytesIO(b"\x89PNG\0\0\0"), "list.png"))

    assert page.status == 422
    assert "This file is no text." in page.main()


@pytest.mark.parametrize("typed", ["", "   ", "Name"])
def test_an_empty_list_says_so(page, typed):
    page = page.press("Look through it", text=typed)

    assert page.status == 422
    assert "There is no e-mail address in the list." in page.main()


def test_ten_thousand_go_at_once_and_no_more(session, olga):
    lines = "\n".join(f"new{number}@new.example" for number in range(10_000))
    assert inviting.invite_all(lines, by=olga, at=NOON) == 10_000
    assert session.scalar(select(func.count(Invitation.id))) == 10_001  # with that of the first organiser

    with pytest.raises(BadInput, match="10,001 lines"):
        inviting.look(f"{lines}\none@more.example", by=olga, at=NOON)


def test_sending_twice_invites_once(session, page):
    page = page.press("Look through it", text="nora@new.example")
    page.press("Send one invitation")
    again = page.press("Send one invitation")

    assert "0 letters" in again.main()
    assert sent(session) == ["nora@new.example"]


def test_an_invitation_that_ran_out_is_sent_again(session, clock, olga):
    inviting.invite_all("nora@new.example", by=olga, at=NOON)
    later = clock.pass_by(days=14)

    assert inviting.look("nora@new.example", by=olga, at=later).new == ["nora@new.example"]
    assert inviting.invite_all("nora@new.example", by=olga, at=later) == 1
    assert len(invitations.open_ones(seen_by=olga, at=later)) == 1


def test_a_member_sends_nothing(reader, ada, olga, session):
    assert reader.as_(ada).visit(LIST).status == 403
    with pytest.raises(NotYours):
        inviting.invite_all("nora@new.example", by=ada, at=NOON)
