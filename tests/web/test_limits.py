"""How often somebody may try a password or ask for a letter."""

import pytest
from sqlalchemy import func, select

from exchange.storage.letter import Letter
from exchange.web.limits import LIMITS
from tests.web.reader import Reader


@pytest.fixture
def stranger(app):
    """Somebody who is not signed in."""
    return Reader(app)


def tried(stranger, email, password="guess"):
    return stranger.visit("/sign-in").press("Sign in", email=email, password=password)


def test_a_password_cannot_be_guessed_one_after_another(stranger, ada):
    answers = [tried(stranger, ada.person.email) for _ in range(11)]

    assert [page.status for page in answers[:10]] == [200] * 10
    assert answers[10].status == 429
    assert "That was tried too often. Wait a little, then try again" in answers[10].main()
    assert 0 < int(answers[10].response.headers["Retry-After"]) <= 60


def test_others_sign_in_meanwhile(stranger, ada, ben):
    for _ in range(11):
        tried(stranger, ada.person.email)

    assert tried(stranger, ben.person.email).status == 200


def test_writing_the_address_otherwise_does_not_help(stranger, ada):
    for number in range(11):
        page = tried(stranger, ada.person.email.upper() if number % 2 else f" {ada.person.email} ")

    assert page.status == 429


def test_nobodys_mailbox_is_filled(session, stranger, ada):
    for _ in range(8):
        stranger.visit("/reset").press("Send the link", email=ada.person.email)
    letters = session.scalar(select(func.count(Letter.id)).filter_by(kind="reset", email=ada.person.email))

    assert letters is not None
    assert letters <= 5


def test_opening_the_page_is_never_counted(stranger):
    assert {stranger.visit("/sign-in").status for _ in range(12)} == {200}


def test_every_limit_is_on_a_door_that_is_there(app):
    assert {limit.door for limit in LIMITS} <= set(app.view_functions)
