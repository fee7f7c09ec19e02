"""A second factor: set up, asked for, lost, and wanted of organisers."""

from dataclasses import replace

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange.cli import main
from exchange.domain import leaving
from exchange.domain.desk import settings
from exchange.storage.letter import Letter
from exchange.storage.membership import Role
from tests.people import NOON
from tests.web.reader import Reader

PASSWORD = "a long and quiet river"


@pytest.fixture
def codes(app):
    """The library's codes; half a minute passes between two of them."""
    return app.extensions["security"].totp_factory


@pytest.fixture
def phone(app, session, ada, codes, monkeypatch):
    """Ada has set up her phone; asked, it shows the code of the next half minute."""
    ada.person.password = hash_password(PASSWORD)
    ada.person.tf_totp_secret, ada.person.tf_primary_method = codes.generate_totp_secret(), "authenticator"
    session.commit()
    return shows(codes, ada, monkeypatch)


def shows(codes, member, monkeypatch):
    times = iter(range(1_800_000_000, 1_900_000_000, 60))

    def code():
        at = next(times)
        monkeypatch.setattr(codes, "_totp", codes._totp.using(now=lambda: at))
        return codes.generate_totp_password(member.person.tf_totp_secret)

    return code


def typed_password(app, member):
    return Reader(app).visit("/sign-in").press("Sign in", email=member.person.email, password=PASSWORD)


def letters(session, member):
    found = select(Letter.kind, Letter.facts).filter_by(email=member.person.email).order_by(Letter.id)
    return [(kind, facts.get("on")) for kind, facts in session.execute(found) if kind == "second_factor"]


def test_it_is_set_up_with_a_picture_and_a_code(app, session, reader, ada, codes, monkeypatch):
    page = reader.as_(ada).visit("/me").follow("Set up a second factor").press("Set it up")
    picture = page.soup.select_one("main img")["src"]
    key = page.soup.select_one("main code").get_text().replace("-", "")
    code = codes._totp(key=key).generate().token
    page = page.press("Switch it on", code=code)

    assert picture.startswith("data:image/svg+xml;base64,")
    assert "img-src 'self' data:;" in page.response.headers["Content-Security-Policy"]
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "It works: from now on signing in takes a code of your app." in page.main()
    assert "It is switched on" in page.main()
    assert letters(session, ada) == [("second_factor", True)]
    assert key not in ada.person.tf_totp_secret


def test_a_wrong_code_switches_nothing_on(session, reader, ada):
    page = reader.as_(ada).visit("/me/second-factor").press("Set it up").press("Switch it on", code="000000")

    assert "This code is not right" in page.main()
    assert not ada.person.second_factor
    assert letters(session, ada) == []


def test_the_password_alone_opens_nothing_then(app, ada, phone):
    page = typed_password(app, ada)

    assert page.title == "The code of your app"
    assert page.reader.send("GET", "/me").status_code == 302
    assert page.press("Sign in", code="000000").title == "The code of your app"
    assert page.press("Sign in", code=phone()).path == "/g/bar/"


def test_no_code_is_good_twice(app, ada, phone):
    code = phone()
    first, second = typed_password(app, ada), typed_password(app, ada)

    assert first.press("Sign in", code=code).path == "/g/bar/"
    assert second.press("Sign in", code=code).title == "The code of your app"


def test_codes_cannot_be_guessed_one_after_another(app, ada, phone):
    answers = [typed_password(app, ada).press("Sign in", code=f"{n:06}").status for n in range(6)]
    page = typed_password(app, ada)
    answers += [page.press("Sign in", code=f"{n:06}").status for n in range(6)]

    assert answers[:10] == [200] * 10
    assert answers[10] == 429


def test_a_recovery_code_signs_in_once(app, session, reader, ada, phone):
    page = reader.as_(ada).visit("/me/second-factor").press("Make recovery codes")
    one = page.soup.select_one("main ol code").get_text()
    assert len(page.soup.select("main ol code")) == 8
    assert page.response.headers["Cache-Control"] == "no-store"
    assert one not in str(ada.person.mf_recovery_codes)
    page = typed_password(app, ada).follow("Use a recovery code")

    assert page.press("Sign in", code=one).path == "/g/bar/"
    again = typed_password(app, ada).follow("Use a recovery code").press("Sign in", code=one)
    assert "or it was used already" in again.main()
    assert "7 recovery codes left" in reader.as_(ada).visit("/me/second-factor").main()


def test_nobody_comes_to_the_code_without_a_password(app, ada, phone):
    for path in ("/sign-in/code", "/sign-in/recovery-code", "/sign-in/rescue", "/sign-in/choose"):
        assert Reader(app).visit(path).path == "/sign-in", path


def test_a_new_password_from_a_letter_still_takes_the_code(app, session, ada, phone):
    Reader(app).visit("/reset").press("Send the link", email=ada.person.email)
    path = session.scalars(select(Letter.facts).filter_by(kind="reset")).one()["path"]
    new = "a short loud brook"
    page = Reader(app).visit(path).press("Keep this password", password=new, password_confirm=new)
    assert page.reader.send("GET", "/me").status_code == 302

    page = Reader(app).visit("/sign-in").press("Sign in", email=ada.person.email, password=new)
    assert page.title == "The code of your app"


def test_switching_it_off_is_told_and_takes_the_codes_along(session, reader, ada, phone):
    page = reader.as_(ada).visit("/me/second-factor")
    page.press("Make recovery codes")
    page = page.press("Switch it off")

    assert "the password alone signs you in" in page.main()
    assert (ada.person.second_factor, ada.person.mf_recovery_codes or []) == (False, [])
    assert letters(session, ada) == [("second_factor", False)]


def test_in_a_browser_left_open_the_password_is_asked_first(app, session, ada, phone):
    reader = Reader(app, ada)
    with reader.client.session_transaction() as cookie:
        cookie["fs_paa"] -= 3600
    page = reader.visit("/me/second-factor")
    assert page.title == "Your password, once more"

    assert page.press("Go on", password="a guess").title == "Your password, once more"
    page.press("Go on", password=PASSWORD)
    assert reader.visit("/me/second-factor").title == "Second factor"


def test_the_operator_helps_whoever_lost_everything(app, runner, ada, phone):
    browser = Reader(app, ada)
    said = runner.invoke(main, ["admin", "forget-second-factor", ada.person.email]).output

    assert "signs in with the password alone now" in said
    assert browser.send("GET", "/me").status_code == 302
    assert typed_password(app, ada).path == "/g/bar/"


def test_erasing_takes_it_along(session, ada, phone):
    leaving.erase(ada.id, at=NOON)

    assert (ada.person.tf_totp_secret, ada.person.mf_recovery_codes or []) == (None, [])


@pytest.fixture
def wanted(session, ada, olga, phone):
    """Ada, who has a second factor, organises and wants it of the others."""
    ada.role = Role.ORGANISER
    session.commit()
    said = settings.settled(seen_by=ada)
    settings.change(replace(said, second_factor=True), by=ada, at=NOON)


def test_an_organiser_without_one_reads_how_to_set_it_up(reader, wanted, olga):
    for path in ("", "desk", "invitations", "members/"):
        page = reader.as_(olga).visit(f"/g/bar/{path}")
        assert (page.status, page.title) == (403, "A second factor first")
    assert page.follow("Set it up").title == "Second factor"
    assert page.follow("Rather stop organising").status == 200


def test_members_and_organisers_who_have_one_come_in(reader, wanted, ada, ben):
    assert reader.as_(ben).visit("/g/bar/").status == 200
    assert reader.as_(ada).visit("/g/bar/desk").status == 200


def test_the_log_and_the_settings_say_so(reader, wanted, ben):
    assert "Organisers need a second factor from now on." in reader.as_(ben).visit("/g/bar/log?kind=role").main()
    assert "With a second factor" in reader.as_(ben).visit("/g/bar/settings").main()


def test_nobody_locks_themself_out_with_it(reader, olga):
    page = reader.as_(olga).visit("/g/bar/settings/change").press("Keep this", second_factor="y")

    assert page.status == 422
    assert "Set up your own second factor first" in page.main()
