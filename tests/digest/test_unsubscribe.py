"""The address that ends the letter: it says who and what, and works without signing in."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as chances
from hypothesis import strategies as some

from exchange.digest import unsubscribe, wishes
from exchange.digest.schedule import Plan
from exchange.digest.unsubscribe import Stop
from exchange.mail import links
from exchange.storage.digest import Rhythm
from exchange.storage.membership import MembershipState
from tests.people import NOON
from tests.web.reader import Reader

EARLIER = "an earlier secret that was good for a while, long enough"


def token(settings, person: int = 7, at=NOON) -> str:
    return unsubscribe.address(settings, person_id=person, at=at).rpartition("/")[2]


def test_it_says_whose_letters_of_which_kind_shall_end(settings):
    address = unsubscribe.address(settings, person_id=7, at=NOON)

    assert address.startswith("http://exchange.example/letters/stop/")
    assert unsubscribe.read(settings, address.rpartition("/")[2], at=NOON) == Stop(7, "digest")


def test_it_is_the_same_all_day_so_that_a_letter_can_be_written_twice(settings):
    assert token(settings) == token(settings, at=NOON + timedelta(hours=11))
    assert token(settings) != token(settings, at=NOON + timedelta(hours=12))
    assert token(settings) != token(settings, person=8)


def test_it_holds_no_name_and_no_address(settings):
    assert re.fullmatch(r"[\w-]+\.7\.digest\.20261015\.[0-9a-f]{6}", token(settings))


@pytest.mark.parametrize(("days", "works"), [(0, True), (60, True), (61, False)])
def test_it_works_for_60_days(settings, days, works):
    assert (unsubscribe.read(settings, token(settings), at=NOON + timedelta(days=days)) is not None) is works


def test_it_survives_a_new_key_as_long_as_the_old_one_is_known(settings):
    old = token(replace(settings, secret_key=EARLIER))
    after = replace(settings, secrets_before=("another that is older still, and long", EARLIER))

    assert unsubscribe.read(after, old, at=NOON + timedelta(days=60)) == Stop(7, "digest")
    assert unsubscribe.read(settings, old, at=NOON) is None
    assert unsubscribe.read(after, token(settings), at=NOON) == Stop(7, "digest")


@given(some.data())
@chances(max_examples=200, deadline=None)
def test_nobody_can_make_one_up(settings, data):
    good = token(settings)
    place = data.draw(some.integers(0, len(good) - 1))
    other = data.draw(some.sampled_from([char for char in "abcXYZ019.-_" if char != good[place]]))

    assert unsubscribe.read(settings, good[:place] + other + good[place + 1 :], at=NOON) is None


@given(some.text(max_size=60))
@chances(max_examples=100, deadline=None)
def test_nor_anything_else(settings, text):
    assert unsubscribe.read(settings, text, at=NOON) is None


def test_a_link_that_acts_is_none_that_ends_letters(settings):
    act = links.link(settings, verb="confirm", row=7, member=7, at=NOON).rpartition("/")[2]
    assert unsubscribe.read(settings, act, at=NOON) is None


@pytest.fixture
def address(settings, ada) -> str:
    """What Ada's letter of noon says, as a path."""
    found = unsubscribe.address(settings, person_id=ada.person_id, at=NOON)
    return found.removeprefix(settings.base_url)


def test_opening_the_page_changes_nothing_and_its_button_does(session, reader, ada, address):
    page = reader.visit(address)
    assert (page.status, page.title) == (200, "Stop the weekly letter?")
    assert wishes.own(ada.person, at=NOON).plan.rhythm == "weekly"

    done = page.press("Stop the letter")
    assert done.title == "No more weekly letters come"
    assert wishes.own(ada.person, at=NOON).plan.rhythm == "never"

    back = done.press("That was a slip")
    assert back.title == "The weekly letter comes again"
    assert wishes.own(ada.person, at=NOON).plan.rhythm == "weekly"


def test_whoever_would_rather_choose_gets_there_in_one_step(reader, ada, sam, address):
    for page in (address, "/letters/stop/nonsense"):
        assert reader.as_(ada).visit(page).follow("Sign in and choose").path == "/g/bar/me/letters"
    asked = Reader(reader.app).visit(address).follow("Sign in and choose")
    assert (asked.path, asked.response.request.args["next"]) == ("/sign-in", "/me/letters")


def test_whoever_is_in_no_group_is_sent_home(session, reader, ada):
    ada.state = MembershipState.LEFT
    session.commit()

    assert reader.as_(ada).visit("/me/letters").path == "/"


def test_after_a_slip_it_comes_as_often_as_before(session, reader, ada, address):
    wishes.choose(
        ada.person_id,
        rhythm="daily", weekday=3, hour=19, zone="UTC", language="en", pause=None, on={ada.id}, previewed=(), at=NOON,
    )  # fmt: skip
    done = reader.visit(address).press("Stop the letter")
    assert wishes.own(ada.person, at=NOON).plan.rhythm == "never"

    done.press("That was a slip")
    assert wishes.own(ada.person, at=NOON).plan == Plan(Rhythm.DAILY, 3, 19, "UTC")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_nor_does_a_program_that_only_looks_where_links_lead(app, ada, address, method):
    assert Reader(app).send(method, address).status_code == 200

    assert wishes.own(ada.person, at=NOON).plan.rhythm == "weekly"


def test_a_mail_program_ends_it_by_one_click_without_cookies_or_csrf(session, app, monkeypatch, ada, address):

    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = Reader(app).send("POST", address, data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert wishes.own(ada.person, at=NOON).plan.rhythm == "never"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_tampered_link_shows_a_neutral_page(session, reader, ada, address, method):
    bent = address[:-1] + ("0" if address[-1] != "0" else "1")
    page = reader.visit(bent) if method == "GET" else reader.post(bent)

    assert (page.status, page.title) == (404, "This link does not work")
    assert "Ada" not in page.text
    assert wishes.own(ada.person, at=NOON).plan.rhythm == "weekly"


def test_one_that_is_too_old_shows_the_same_page(reader, clock, address):
    clock.pass_by(days=61)

    assert reader.visit(address).main() == reader.visit("/letters/stop/nonsense").main()


def test_the_page_tells_nobody_where_one_comes_from_and_is_kept_by_no_browser(reader, address):
    headers = reader.send("GET", address).headers

    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
