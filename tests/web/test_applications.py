"""Asking to join: who has an account sees a group that may be asked, and nobody sees another."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from exchange.domain import leaving
from exchange.domain.desk import cases, views
from exchange.domain.desk import settings as of_group
from exchange.domain.desk.settings import Joining
from exchange.mail import deliver, links
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.person import Person
from exchange.storage.policy import Asking
from tests.builders import letters_to
from tests.domain.desk.casework import plain
from tests.mail.bag import Bag
from tests.people import NOON
from tests.web.reader import Reader

PAGE = "/ask/bar"
QUESTION = "How do you know one of us?"


@pytest.fixture
def asking(olga):
    """The group may be asked, and asks something."""
    said = replace(
        of_group.settled(seen_by=olga),
        joining=Joining.ASKING,
        question=QUESTION,
        purpose="To help each other.",
    )
    return of_group.change(said, by=olga, at=NOON)


def test_of_a_private_group_nobody_learns_that_it_exists(reader, olga, sam):
    there, not_there = (reader.as_(sam).visit(f"/ask/{slug}") for slug in ("bar", "nowhere"))

    assert (there.status, there.main()) == (404, not_there.main())
    assert "Harbor County" not in reader.as_(sam).visit("/account").text
    signed_out = [reader.send("GET", f"/ask/{slug}").headers["Location"] for slug in ("bar", "nowhere")]
    assert signed_out[0].replace("bar", "nowhere") == signed_out[1]


def test_somebody_asks_answers_the_question_and_is_let_in(session, reader, asking, olga, sam):
    page = reader.as_(sam).visit(PAGE)
    assert "To help each other." in page.main()
    assert "Kind words, also in disagreement." in page.main()
    assert page.press("Ask to join", answer=" ").status == 422
    page = page.press("Ask to join", answer="I clerked for Olga.")
    assert "An organiser answers you by letter." in page.main()
    assert letters_to(session, olga) == ["at_desk"]

    page = reader.as_(olga).visit("/g/bar/desk").follow("Sam Oduya asks to join")
    assert QUESTION in page.main()
    assert "I clerked for Olga." in page.main()
    assert "sam@med.example" in page.main()
    page.press("Let them in")
    assert reader.as_(sam).visit("/g/bar/").status == 200
    assert session.query(Asking).count() == 0


def test_who_is_turned_down_may_ask_again_and_the_first_answer_is_gone(session, reader, asking, olga, sam):
    reader.as_(sam).visit(PAGE).press("Ask to join", answer="Please.")
    reader.as_(olga).visit("/g/bar/desk").follow("asks to join").press("Not this time")
    assert session.query(Asking).count() == 0

    page = reader.as_(sam).visit(PAGE).press("Ask to join", answer="Pretty please.")
    assert "You have asked to join." in page.main()


def test_a_request_can_be_taken_back(reader, session, asking, olga, sam):
    page = reader.as_(sam).visit(PAGE).press("Ask to join", answer="Please.").press("Take the request back")

    assert "Your request is taken back." in page.text
    assert cases.desk(seen_by=olga, at=NOON).waiting == []
    assert session.query(Asking).count() == 0


def test_members_and_whoever_was_removed_find_no_form(reader, asking, ada, ben):
    leaving.end(ben.id, at=NOON)

    assert "You are a member of this group." in reader.as_(ada).visit(PAGE).main()
    page = reader.as_(ben).visit(PAGE)
    assert "You cannot ask to join this group." in page.main()
    assert not page.soup.main.select("form")


def test_without_a_question_a_few_words_are_free(reader, asking, olga, sam):
    of_group.change(replace(asking, question=""), by=olga, at=NOON)
    page = reader.as_(sam).visit(PAGE).press("Ask to join")

    assert "You have asked to join." in page.main()
    (line,) = cases.desk(seen_by=olga, at=NOON).waiting
    assert views.show(line.case_id or 0, seen_by=olga, at=NOON).texts == []


def test_what_was_answered_goes_when_somebody_is_forgotten(session, reader, asking, sam):
    reader.as_(sam).visit(PAGE).press("Ask to join", answer="I clerked for Olga.")
    member = session.query(Membership).filter_by(person_id=sam.person_id, state=MembershipState.APPLIED).one()
    leaving.erase(member.id, at=NOON)

    assert session.query(Asking).count() == 0


# Without an account


def asked_by(reader, email):
    """Somebody without a session gives an address."""
    return reader.visit(PAGE).press("Send me the letter", email=email)


def letter_to(session, settings, email):
    """The newest letter to an address, as it is sent."""
    bag = Bag()
    deliver(at=NOON, settings=settings, transport=bag)
    return [plain(one) for one in bag.letters if email in str(one["To"])][-1]


@pytest.fixture
def come(session, settings, reader, asking):
    """The page behind the link in a stranger's letter."""
    asked_by(reader, "nora@new.example")
    (path,) = re.findall(r"http://exchange\.example(/come/\S+)", letter_to(session, settings, "nora@new.example"))
    return reader.visit(path)


def test_a_stranger_reads_the_front_page_and_finds_it_from_the_first_one(reader, asking):
    page = reader.visit("/").follow("Harbor County Bar, Business Law")

    assert page.path == PAGE
    assert "To help each other." in page.main()
    assert "Kind words, also in disagreement." in page.main()
    assert "Olga" not in page.text


def test_of_a_private_group_a_stranger_learns_nothing_and_writes_to_nobody(app, monkeypatch, session, reader, olga):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    answers = [reader.send("POST", f"/ask/{slug}", data={"email": "nora@new.example"}) for slug in ("bar", "nowhere")]

    assert [one.headers["Location"] for one in answers] == ["/sign-in", "/sign-in"]
    assert "Harbor County" not in reader.visit("/").text
    assert session.scalars(select(Letter).filter_by(kind="come_in")).all() == []


def test_the_answer_is_the_same_whoever_has_an_account(session, settings, reader, asking, ada, sam):
    emails = ("nora@new.example", ada.person.email, sam.person.email)
    pages = [asked_by(reader, email).main() for email in emails]

    assert pages[0] == pages[1] == pages[2]
    assert "one with a link is on its way" in pages[0]
    found = session.scalars(select(Letter).filter_by(kind="come_in").order_by(Letter.id)).all()
    assert [(one.email, one.person_id, one.facts["known"]) for one in found] == [
        (emails[0], None, False),
        (emails[1], None, True),
        (emails[2], None, True),
    ]
    assert "/ask/bar" in letter_to(session, settings, ada.person.email)


def test_one_letter_a_day_goes_to_an_address(session, reader, asking, clock):
    for email in ("nora@new.example", " Nora@NEW.example"):
        asked_by(reader, email)
    assert len(session.scalars(select(Letter).filter_by(kind="come_in")).all()) == 1

    clock.pass_by(days=1)
    asked_by(reader, "nora@new.example")
    assert len(session.scalars(select(Letter).filter_by(kind="come_in")).all()) == 2


def test_what_is_no_address_is_refused_beside_the_field(session, reader, asking):
    page = asked_by(reader, "nora")

    assert (page.status, "is not an e-mail address" in page.main()) == (422, True)
    assert page.soup.select_one("[name=email]")["value"] == "nora"


def test_a_mailbox_is_not_filled(reader, asking):
    assert [asked_by(reader, "nora@new.example").status for _ in range(6)] == [200] * 5 + [429]


def test_from_the_letter_somebody_makes_an_account_and_asks(session, reader, come, olga):
    assert "no-store" in come.response.headers["Cache-Control"]
    assert session.scalars(select(Person).filter_by(email="nora@new.example")).all() == []
    page = come.press("Ask to join", name="Nora Vance", password="short", answer="I clerked for Olga.")
    assert (page.status, "at least" in page.soup.find(class_="error").get_text()) == (422, True)
    assert "I clerked for Olga." in page.main()
    page = page.press("Ask to join", password="a long and quiet river")

    assert (page.path, "You have asked to join." in page.main()) == (PAGE, True)
    assert letters_to(session, olga) == ["at_desk"]
    page = reader.as_(olga).visit("/g/bar/desk").follow("Nora Vance asks to join")
    assert "I clerked for Olga." in page.main()
    page.press("Let them in")
    assert come.reader.visit("/g/bar/").status == 200


def test_the_link_makes_no_second_account_and_sets_no_password_anew(session, reader, come):
    come.press("Ask to join", name="Nora Vance", password="a long and quiet river", answer="Please.")
    kept = session.scalars(select(Person.password).filter_by(email="nora@new.example")).one()
    page = Reader(reader.app).visit(come.path)

    assert "has an account already. Sign in" in page.main()
    assert not page.soup.select("main form")
    typed = {"name": "Eve", "password": "another quiet river", "answer": "x", "csrf_token": token_of(page)}
    assert page.reader.post(come.path, **typed).status in {200, 400}
    assert session.scalars(select(Person.password).filter_by(email="nora@new.example")).one() == kept


def token_of(page):
    found = page.reader.visit("/sign-in").soup.select_one("[name=csrf_token]")
    return found["value"]


def test_without_an_answer_or_a_name_no_account_is_made(session, come):
    for typed in ({"name": "", "answer": "Please."}, {"name": "Nora Vance", "answer": " "}):
        assert come.press("Ask to join", password="a long and quiet river", **typed).status == 422
    session.expire_all()
    assert session.scalars(select(Person).filter_by(email="nora@new.example")).all() == []


def test_a_link_that_is_old_or_was_changed_opens_nothing(reader, settings, asking, come, clock, olga):
    assert reader.visit(come.path[:-1]).status == 404
    assert reader.visit("/come/nonsense").status == 404
    other = links.link(settings, verb="tell", row=1, member=1, at=NOON).rpartition("/")[2]
    assert reader.visit(f"/come/{other}").status == 404
    clock.pass_by(days=15)
    assert reader.visit(come.path).status == 410


def test_a_group_that_went_private_meanwhile_is_asked_no_more(reader, asking, come, olga):
    of_group.change(replace(asking, joining=Joining.INVITED), by=olga, at=NOON)

    assert reader.visit(come.path).status == 410


@pytest.mark.parametrize("name", ["checkpoint", "vkey"])
def test_of_a_listed_group_checkpoint_and_key_are_open_to_everybody(session, reader, asking, olga, ada, sam, name):
    path = f"/g/bar/log/{name}"
    own = reader.as_(ada).send("GET", path)
    found = [reader.send("GET", path), reader.as_(sam).send("GET", path)]
    assert [(one.status_code, one.data) for one in found] == [(200, own.data)] * 2
    assert own.status_code == 200
    assert reader.send("GET", "/g/bar/log/tile/0/000.p/2").status_code == 404
    wrong = reader.send("GET", path, headers={"Authorization": "Bearer nonsense"})
    assert wrong.status_code == 404

    of_group.change(replace(asking, joining=Joining.INVITED), by=olga, at=NOON)
    assert [reader.send("GET", path).status_code, reader.as_(sam).send("GET", path).status_code] == [404, 404]
