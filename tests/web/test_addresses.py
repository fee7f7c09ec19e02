"""Another address for an account: proven by a letter, told to the old one, and telling nobody who has an account."""

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange.domain import accounts, addresses, leaving, sign_ins
from exchange.domain.errors import Gone
from exchange.storage.letter import Letter
from exchange.storage.person import Person
from exchange.storage.suppression import Suppression
from tests.people import NOON
from tests.web.reader import Reader

PASSWORD = "a long and quiet river"
NEW = "ada@new.example"


@pytest.fixture
def ada(session, ada):
    ada.person.password = hash_password(PASSWORD)
    session.commit()
    return ada


@pytest.fixture
def asked(app, ada):
    """Ada types another address, and her password."""

    def ask(email=NEW, password=PASSWORD):
        page = Reader(app, ada).visit("/me").follow("Change the e-mail address")
        return page.press("Send the letter", email=email, password=password)

    return ask


def link_to(session, email):
    facts = session.scalars(select(Letter.facts).filter_by(kind="new_address", email=email)).all()
    return facts[-1]["path"] if facts else None


def kinds_to(session, email):
    return list(session.scalars(select(Letter.kind).filter_by(email=email)))


def test_the_new_address_is_used_once_its_letter_said_yes(app, session, asked, ada):
    ada.contact, old = ada.person.email, ada.person.email
    session.commit()
    page = asked(f" {NEW.upper()} ")
    assert "If the address is free, a letter is on its way" in page.main()
    assert ada.person.email == old

    stranger = Reader(app)
    page = stranger.visit(link_to(session, NEW))
    assert ada.person.email == old
    assert (page.response.headers["Referrer-Policy"], page.response.headers["Cache-Control"]) == (
        "no-referrer",
        "no-store",
    )
    page = page.press("Use this address")

    assert (page.path, ada.person.email, ada.contact) == ("/sign-in", NEW, NEW)
    assert page.press("Sign in", email=NEW, password=PASSWORD).path == "/g/bar/"
    assert "address_changed" in kinds_to(session, old)


def test_it_takes_the_password(session, asked, ada):
    page = asked(password="a guess")

    assert page.status == 422
    assert page.soup.select_one("input[name=email]")["value"] == NEW
    assert link_to(session, NEW) is None


def test_the_answer_is_the_same_where_somebody_has_it(session, asked, ada, ben):
    free, taken = asked(NEW), asked(ben.person.email)

    assert free.main().replace(NEW, "") == taken.main().replace(ben.person.email, "")
    assert kinds_to(session, ben.person.email) == []


@pytest.mark.parametrize(
    ("typed", "said"), [("ada@", "is not an e-mail address"), ("ada@bar.example", "your address already")]
)
def test_what_cannot_be_an_address_is_refused(asked, ada, typed, said):
    page = asked(typed)

    assert page.status == 422
    assert said in page.main()


def test_two_people_want_one_address_and_the_second_hears_no_more_than_that(app, session, asked, ada, ben):
    asked()
    taken = addresses.take(ben.person_id, old=ben.person.email, new=NEW, epoch=ben.person.fs_uniquifier[:16], at=NOON)
    page = Reader(app).visit(link_to(session, NEW)).press("Use this address")

    assert (page.status, taken.email) == (410, NEW)
    assert "This link does not work any more." in page.text
    assert ada.person.email == "ada@bar.example"


def test_the_database_says_no_where_the_verb_did_not_see_it(session, monkeypatch, ada, ben):
    monkeypatch.setattr(accounts, "by_email", lambda _session, _email: None)

    with pytest.raises(Gone):
        addresses.take(ada.person_id, old=ada.person.email, new=ben.person.email, epoch="", at=NOON)
    assert session.scalar(select(Person.email).filter_by(id=ada.person_id)) == "ada@bar.example"


def test_the_link_works_for_a_day_and_once(app, session, clock, asked, ada):
    asked()
    path = link_to(session, NEW)
    clock.pass_by(hours=24, seconds=1)
    assert Reader(app).visit(path).status == 410
    clock.at = NOON
    page = Reader(app).visit(path)
    page.press("Use this address")

    assert page.press("Use this address").status == 410
    assert Reader(app).visit(path[:-3] + "xyz").status == 410


def test_signing_out_everywhere_ends_links_that_are_on_their_way(app, session, asked, ada):
    asked()
    sign_ins.end_all(by=ada.person)

    assert Reader(app).visit(link_to(session, NEW)).press("Use this address").status == 410


def test_a_link_to_a_new_password_that_went_to_the_old_address_is_dead(app, session, asked, ada):
    Reader(app).visit("/reset").press("Send the link", email=ada.person.email)
    reset = session.scalars(select(Letter.facts).filter_by(kind="reset")).one()["path"]
    asked()
    Reader(app).visit(link_to(session, NEW)).press("Use this address")
    new = "a short loud brook"

    assert "This link does not work any more" in Reader(app).visit(reset).main()
    page = Reader(app).visit("/sign-in").press("Sign in", email=NEW, password=new)
    assert page.path == "/sign-in"


def test_what_waits_follows_and_what_came_back_does_not(app, session, asked, ada):
    old = ada.person.email
    session.add(Suppression(email=old, since=NOON, why="5.1.1", scored_at=NOON))
    session.add(
        Letter(kind="answer", email=old, person_id=ada.person_id, once="x", facts={}, due_at=NOON, created_at=NOON)
    )
    session.commit()
    asked()
    Reader(app).visit(link_to(session, NEW)).press("Use this address")

    assert session.get(Suppression, NEW) is None
    assert "answer" in kinds_to(session, NEW)
    assert kinds_to(session, old) == ["address_changed"]


def test_erasing_forgets_every_address_that_was_asked_for(session, asked, ada):
    asked()
    leaving.erase(ada.id, at=NOON)

    assert not session.scalars(select(Letter.id).where(Letter.email.in_((NEW, "ada@bar.example")))).all()
