"""Read tokens: what they open, for whom, and how they end."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from exchange.domain import leaving, read_tokens
from exchange.domain.errors import BadInput, NotFound, Refusal
from exchange.storage.membership import MembershipState
from exchange.storage.read_token import ReadToken
from exchange.web.guards import FOR_PROGRAMS
from tests.people import NOON, joined
from tests.web.test_doors import ADMINISTRATOR, DOORS, MEMBERS, ORGANISERS, PROGRAMS, SIGNED_IN, doors, paths

__all__ = ["paths"]

CHECKPOINT = "/g/bar/log/checkpoint"


@pytest.fixture
def token(ada):
    """The text of a token of Ada's."""
    return read_tokens.make("At home", by=ada.person, at=NOON)[1]


@pytest.fixture
def fetch(reader):
    """A program with a token fetches an address."""

    def get(token, path=CHECKPOINT, method="GET", of=reader):
        return of.send(method, path, headers={"Authorization": f"Bearer {token}"})

    return get


def kept(session):
    return session.scalar(select(func.count(ReadToken.id)))


def test_it_is_made_on_the_account_page_and_shown_once(session, reader, ada):
    page = reader.as_(ada).visit("/me").follow("Read tokens").press("Make a token", name="Sundays, at home")
    text = page.soup.find(id="token").get_text()

    assert text.startswith("exchange-read-")
    assert "shown only this once" in page.main()
    assert "without names and without words" in page.main()
    assert page.response.headers["Cache-Control"] == "no-store"
    again = reader.as_(ada).visit("/me/tokens")
    assert "Sundays, at home Made on Thursday, 15 October. Not used yet." in again.main()
    assert text not in again.response.text


def test_only_its_hash_is_kept(session, token):
    row = session.scalars(select(ReadToken)).one()

    assert token not in str({column.name: getattr(row, column.name) for column in ReadToken.__table__.columns})
    assert len(row.token_hash) == 64


def test_it_opens_checkpoint_key_and_tiles(app, fetch, token, paths):
    fetch(token)
    for endpoint, method, rule in doors(app, PROGRAMS):
        assert fetch(token, paths(rule), method).status_code == 200, endpoint


def test_it_opens_nothing_else(app, fetch, token, paths, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    for sort in (SIGNED_IN, MEMBERS, ORGANISERS, ADMINISTRATOR):
        for endpoint, method, rule in doors(app, sort):
            answer = fetch(token, paths(rule), method)

            assert (endpoint, answer.status_code) == (endpoint, 404)
            assert "Location" not in answer.headers


def test_it_changes_nothing(fetch, token):
    assert {fetch(token, method=method).status_code for method in ("POST", "PUT", "DELETE", "PATCH")} == {405}


def test_nobody_is_signed_in_by_it(reader, fetch, token):
    assert fetch(token).status_code == 200

    assert reader.send("GET", "/me").status_code == 302


def test_a_session_does_not_help_a_wrong_token(reader, ada, fetch):
    assert fetch("wrong", of=reader.as_(ada)).status_code == 404


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer wrong", "bearer wrong", "BEARER\twrong", "Bearer  exchange-read-", "Bearer ä ö"],
)
def test_a_wrong_one_finds_what_a_group_that_does_not_exist_would_be(reader, group, token, header):
    there, not_there = (
        reader.send("GET", f"/g/{slug}/log/checkpoint", headers={"Authorization": header}) for slug in ("bar", "nosuch")
    )

    assert there.status_code == not_there.status_code == 404
    assert there.text.replace("bar", "") == not_there.text.replace("nosuch", "")
    assert "Location" not in there.headers


def test_it_works_in_each_group_of_its_owner_and_in_no_other(session, fetch, token, ada, sam):
    assert fetch(token, "/g/med/log/checkpoint").status_code == 404
    joined(session, sam.group, "Ada Farouk", email=ada.person.email)

    assert fetch(token, "/g/med/log/checkpoint").status_code == 200
    assert fetch(token).text != fetch(token, "/g/med/log/checkpoint").text


@pytest.mark.parametrize("state", [state for state in MembershipState if state is not MembershipState.ACTIVE])
def test_it_rests_with_the_membership_and_comes_back_with_it(session, fetch, token, ada, state):
    ada.state = state
    session.commit()
    assert fetch(token).status_code == 404

    ada.state = MembershipState.ACTIVE
    session.commit()
    assert fetch(token).status_code == 200


def test_it_ends_with_the_account(session, fetch, token, ada):
    ada.person.active = False
    session.commit()

    assert fetch(token).status_code == 404


def test_it_is_revoked_where_it_was_made(reader, fetch, token, ada):
    page = reader.as_(ada).visit("/me/tokens").press("Revoke")

    assert "“At home” opens nothing any more." in page.main()
    assert "None so far" in page.main()
    assert fetch(token).status_code == 404


def test_nobody_revokes_that_of_somebody_else(session, reader, fetch, token, ben, monkeypatch, app):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    row = session.scalars(select(ReadToken)).one()

    assert reader.as_(ben).send("POST", f"/me/tokens/{row.id}/revoke").status_code == 404
    monkeypatch.undo()
    assert "At home" not in reader.as_(ben).visit("/me/tokens").main()
    assert fetch(token).status_code == 200


def test_whoever_is_forgotten_leaves_none_behind(session, fetch, token, ada):
    leaving.erase(ada.id, at=NOON)

    assert kept(session) == 0
    assert fetch(token).status_code == 404


def test_whoever_is_forgotten_in_one_group_keeps_it_for_the_other(session, fetch, token, ada, sam):
    joined(session, sam.group, "Ada Farouk", email=ada.person.email)
    leaving.erase(ada.id, at=NOON)

    assert fetch(token).status_code == 404
    assert fetch(token, "/g/med/log/checkpoint").status_code == 200


def test_of_its_use_the_latest_day_is_known(session, clock, reader, fetch, token, ada):
    fetch(token)
    row = session.scalars(select(ReadToken)).one()
    assert row.last_used_on == NOON.date()
    clock.pass_by(days=1, hours=3)
    fetch(token)
    fetch(token, "/g/bar/log/vkey")
    session.refresh(row)

    assert row.last_used_on == (NOON + timedelta(days=1)).date()
    assert "Last used on Friday, 16 October." in reader.as_(ada).visit("/me/tokens").main()


def test_one_has_up_to_twenty(session, ada):
    for number in range(20):
        read_tokens.make(f"Number {number}", by=ada.person, at=NOON)
    with pytest.raises(Refusal, match="You have 20 tokens"):
        read_tokens.make("One more", by=ada.person, at=NOON)

    read_tokens.revoke(read_tokens.of(ada.person)[0].id, by=ada.person, at=NOON)
    read_tokens.make("One more", by=ada.person, at=NOON)
    assert len(read_tokens.of(ada.person)) == 20


@pytest.mark.parametrize(("name", "sentence"), [("", "is empty"), ("x" * 61, "61 characters; 60 fit")])
def test_it_has_a_name_by_which_one_knows_it_again(session, reader, ada, name, sentence):
    with pytest.raises(BadInput, match=sentence):
        read_tokens.make(name, by=ada.person, at=NOON)
    page = reader.as_(ada).visit("/me/tokens").press("Make a token", name=name)

    assert (page.status, kept(session)) == (422, 0)


def test_none_is_revoked_twice(session, ada, token):
    row = read_tokens.of(ada.person)[0]
    read_tokens.revoke(row.id, by=ada.person, at=NOON)

    with pytest.raises(NotFound):
        read_tokens.revoke(row.id, by=ada.person, at=NOON)


def test_every_door_for_programs_is_one_that_a_token_opens():
    assert {endpoint for endpoint, sort in DOORS.items() if sort == PROGRAMS} == FOR_PROGRAMS
