"""How people come in: invitations, joining, signing in, a forgotten password."""

import re
from datetime import timedelta

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange.domain import groups, invitations
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, Role
from exchange.storage.person import Person
from tests.people import HOST, NOON, joined

PASSWORD = "a long and quiet river"


def link(session, kind, email):
    """The address that a waiting letter carries."""
    letter = session.scalars(select(Letter).filter_by(kind=kind, email=email).order_by(Letter.id.desc())).first()
    return letter.facts["path"]


@pytest.fixture
def invited(session, reader, olga):
    reader.as_(olga).visit("/g/bar/invitations").press("Send the invitation", email="New.Comer@Bar.example")
    return link(session, "invitation", "new.comer@bar.example")


def test_an_organiser_invites_and_the_invited_joins_from_the_letter(session, reader, group, invited):
    page = reader.visit(invited)
    assert "log" in page.main()
    assert "confidential" in page.main()

    inside = page.press("Join the group", name="Nora Comer", password=PASSWORD, zone="Europe/Paris")
    assert inside.path == "/g/bar/me"
    member = session.scalars(select(Membership).join(Person).where(Person.email == "new.comer@bar.example")).one()
    assert (member.name, member.role, member.person.zone) == ("Nora Comer", Role.MEMBER, "Europe/Paris")
    assert reader.visit("/g/bar/").status == 200


def test_opening_the_link_changes_nothing(session, reader, invited):
    reader.visit(invited)
    reader.visit(invited)

    assert session.scalar(select(Person).filter_by(email="new.comer@bar.example")) is None


def test_an_invitation_works_once(app, reader, invited):
    reader.visit(invited).press("Join the group", name="Nora Comer", password=PASSWORD)
    from tests.web.reader import Reader

    again = Reader(app).visit(invited)
    assert again.status == 410
    assert "has been used" in again.title


def test_an_invitation_expires(clock, reader, invited):
    clock.pass_by(days=14)
    page = reader.visit(invited)

    assert (page.status, "expired" in page.title) == (410, True)


def test_an_invitation_can_be_taken_back(reader, olga, invited):
    reader.as_(olga).visit("/g/bar/invitations").press("Take it back")

    assert reader.visit(invited).status == 410


def test_a_second_invitation_ends_the_first(session, reader, olga, invited):
    reader.as_(olga).visit("/g/bar/invitations").press("Send the invitation", email="new.comer@bar.example")

    assert reader.visit(invited).status == 410
    assert reader.visit(link(session, "invitation", "new.comer@bar.example")).status == 200


def test_a_link_that_never_was_is_not_found(reader):
    assert reader.visit("/join/nonsense").status == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "  ", "password": PASSWORD}, "empty"),
        ({"name": "Nora", "password": "short"}, "at least 10 characters"),
        ({"name": "x" * 200, "password": PASSWORD}, "120 fit"),
    ],
)
def test_what_a_newcomer_types_wrongly_does_not_use_up_the_link(reader, invited, typed, sentence):
    page = reader.visit(invited).press("Join the group", **typed)

    assert page.status == 422
    assert sentence in page.main()
    assert reader.visit(invited).status == 200


def test_only_the_hash_of_a_link_is_kept(session, invited):
    token = invited.rpartition("/")[2]
    invitation = invitations.look(token, at=NOON)

    assert token not in invitation.token_hash
    assert invitation.token_hash == invitations.hashed(token)


def test_whoever_has_an_account_joins_a_second_group_with_one_button(session, reader, olga, sam):
    reader.as_(olga).visit("/g/bar/invitations").press("Send the invitation", email="sam@med.example")
    there = link(session, "invitation", "sam@med.example")

    assert "Sign in" in reader.visit(there).main()
    inside = reader.as_(sam).visit(there).press("Join the group")
    assert inside.path == "/g/bar/me"


def test_nobody_joins_with_an_invitation_to_somebody_else(reader, sam, invited):
    page = reader.as_(sam).visit(invited)
    assert "new.comer@bar.example" in page.main()

    refused = reader.as_(sam).post(invited)
    assert refused.status in {400, 403}


def test_a_member_is_not_invited_again(reader, olga, ada):
    page = reader.as_(olga).visit("/g/bar/invitations").press("Send the invitation", email="ada@bar.example")

    assert (page.status, "is a member already" in page.main()) == (409, True)


@pytest.mark.parametrize("address", ["nonsense", "a@b", "two@at@x.example, y@x.example", "", "x" * 300 + "@x.example"])
def test_what_is_no_address_is_refused(reader, olga, address):
    page = reader.as_(olga).visit("/g/bar/invitations").press("Send the invitation", email=address)

    assert (page.status, "is not an e-mail address" in page.main()) == (422, True)


def test_the_organiser_of_a_new_group_signs_in_with_the_printed_link(app, reader):
    _made, token = groups.create("new", "A new circle", organiser="otto@new.example", host=HOST, at=NOON)
    inside = reader.visit(f"/join/{token}").press("Join the group", name="Otto Brandt", password=PASSWORD)

    assert inside.path == "/g/new/me"
    assert reader.visit("/g/new/invitations").status == 200


class TestSigningIn:
    @pytest.fixture(autouse=True)
    def account(self, session, group):
        return joined(session, group, "Ada Farouk", password=hash_password(PASSWORD))

    def test_the_right_password_leads_to_the_board(self, reader):
        page = reader.visit("/sign-in").press("Sign in", email="Ada@Bar.example", password=PASSWORD)

        assert page.path == "/g/bar/"

    def test_one_arrives_where_one_wanted_to_go(self, reader):
        page = reader.visit("/g/bar/log").press("Sign in", email="ada@bar.example", password=PASSWORD)

        assert page.path == "/g/bar/log"

    @pytest.mark.parametrize("email", ["ada@bar.example", "nobody@bar.example"])
    def test_a_wrong_password_and_an_unknown_address_read_the_same(self, reader, email):
        page = reader.visit("/sign-in").press("Sign in", email=email, password="wrong wrong wrong")

        assert "The e-mail or the password is not right." in page.main()
        assert page.path == "/sign-in"

    def test_nobody_is_led_to_another_site(self, reader):
        page = reader.visit("/sign-in?next=https://elsewhere.example/")
        found = page.press("Sign in", email="ada@bar.example", password=PASSWORD)

        assert found.response.request.host == "localhost"

    def test_signing_out_takes_one_button(self, reader):
        page = reader.visit("/sign-in").press("Sign in", email="ada@bar.example", password=PASSWORD)
        page.press("Sign out")

        assert reader.send("GET", "/g/bar/").status_code == 302

    def test_a_forgotten_password_is_set_again_from_a_letter(self, session, reader):
        asked = reader.visit("/reset").press("Send the link", email="ada@bar.example")
        assert "a letter with a link is on its way" in asked.text
        there = link(session, "reset", "ada@bar.example")
        reader.visit(there).press(
            "Keep this password", password="another calm river", password_confirm="another calm river"
        )

        page = Fresh(reader).visit("/sign-in").press("Sign in", email="ada@bar.example", password="another calm river")
        assert page.path == "/g/bar/"
        kinds = session.scalars(select(Letter.kind).filter_by(email="ada@bar.example").order_by(Letter.id)).all()
        assert kinds == ["reset", "password_reset"]

    def test_a_used_reset_link_does_not_work_again(self, session, reader):
        reader.visit("/reset").press("Send the link", email="ada@bar.example")
        there = link(session, "reset", "ada@bar.example")
        reader.visit(there).press(
            "Keep this password", password="another calm river", password_confirm="another calm river"
        )

        assert "does not work any more" in Fresh(reader).visit(there).text

    def test_asking_for_an_unknown_address_reads_the_same_and_sends_nothing(self, session, reader):
        asked = reader.visit("/reset").press("Send the link", email="nobody@bar.example")

        assert "a letter with a link is on its way" in asked.text
        assert session.scalars(select(Letter)).all() == []

    def test_a_changed_password_is_told_by_letter(self, session, reader):
        reader.visit("/sign-in").press("Sign in", email="ada@bar.example", password=PASSWORD)
        reader.visit("/me/password").press(
            "Change the password",
            password=PASSWORD,
            new_password="another calm river",
            new_password_confirm="another calm river",
        )

        assert session.scalars(select(Letter.kind).filter_by(email="ada@bar.example")).all() == ["password_changed"]


def Fresh(reader):  # noqa: N802 (reads as a new browser)
    """Another browser of the same site, with nobody signed in."""
    return type(reader)(reader.app)


def test_an_imported_member_without_a_password_cannot_sign_in_before_a_letter(session, reader, ada):
    ada.person.password = None
    session.commit()

    page = reader.visit("/sign-in").press("Sign in", email="ada@bar.example", password="anything at all")
    assert page.path == "/sign-in"


def test_links_in_letters_are_paths_of_ours(invited):
    assert re.fullmatch(r"/join/[A-Za-z0-9_-]{43}", invited)


def test_invitations_are_gone_after_their_time_from_the_organisers_list(clock, reader, olga, invited):
    assert "new.comer@bar.example" in reader.as_(olga).visit("/g/bar/invitations").main()
    clock.at += timedelta(days=15)

    assert "new.comer@bar.example" not in reader.as_(olga).visit("/g/bar/invitations").main()
