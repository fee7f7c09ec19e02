"""Every door of the site, as everybody who could stand before it. A route that nobody listed here fails."""

import pytest
from flask import Flask

from exchange.domain import corrections, invitations, read_tokens, ties, unasked
from exchange.domain.desk import rules
from exchange.domain.ties import TieKind
from exchange.storage.membership import MembershipState
from tests.builders import answered, needed
from tests.domain.desk.casework import reported
from tests.people import NOON
from tests.web.reader import Reader

OPEN = "open"
SIGNED_IN = "signed in"
MEMBERS = "members"
PROGRAMS = "members and their programs"
ORGANISERS = "organisers"
ADMINISTRATOR = "administrator"

DOORS = {
    "static": OPEN,
    "front.home": OPEN,
    "join.show": OPEN,
    "act.show": OPEN,
    "appeal.show": OPEN,
    "appeal.tell": OPEN,
    "site.healthz": OPEN,
    "site.metrics": OPEN,
    "site.readyz": OPEN,
    "texts.privacy": OPEN,
    "texts.imprint": OPEN,
    "texts.retention": OPEN,
    "texts.all": ADMINISTRATOR,
    "texts.change": ADMINISTRATOR,
    "security.login": OPEN,
    "security.forgot_password": OPEN,
    "security.reset_password": OPEN,
    "security.send_confirmation": OPEN,
    "security.confirm_email": OPEN,
    "weekly.stop": OPEN,
    "security.two_factor_token_validation": OPEN,
    "security.two_factor_rescue": OPEN,
    "security.mf_recovery": OPEN,
    "security.tf_select": OPEN,
    "security.two_factor_setup": SIGNED_IN,
    "security.two_factor_setup_validate": SIGNED_IN,
    "security.mf_recovery_codes": SIGNED_IN,
    "security.logout": SIGNED_IN,
    "security.change_password": SIGNED_IN,
    "security.verify": SIGNED_IN,
    "account.data": SIGNED_IN,
    "account.show": SIGNED_IN,
    "addresses.change": SIGNED_IN,
    "addresses.confirm": OPEN,
    "sessions.all": SIGNED_IN,
    "sessions.end": SIGNED_IN,
    "sessions.end_all": SIGNED_IN,
    "weekly.own": SIGNED_IN,
    "weekly.try_again": SIGNED_IN,
    "applications.ask": OPEN,
    "come.show": OPEN,
    "applications.take_back": SIGNED_IN,
    "tokens.all": SIGNED_IN,
    "tokens.revoke": SIGNED_IN,
    "demo.letters": OPEN,
    "admin.new_group": ADMINISTRATOR,
    "admin.delete": ADMINISTRATOR,
    "admin.organiser": ADMINISTRATOR,
    "admin_desk.show": ADMINISTRATOR,
    "admin_desk.case": ADMINISTRATOR,
    "admin_desk.second": ADMINISTRATOR,
    "admin_desk.objection": ADMINISTRATOR,
    "admin_desk.let_in": ADMINISTRATOR,
    "admin_desk.ask": ADMINISTRATOR,
    "admin_disputes.settle": ADMINISTRATOR,
    "board.show": MEMBERS,
    "search.show": MEMBERS,
    "posts.new": MEMBERS,
    "posts.show": MEMBERS,
    "posts.answer": MEMBERS,
    "posts.take_back": MEMBERS,
    "posts.choose": MEMBERS,
    "posts.stand_by": MEMBERS,
    "posts.accept_place": MEMBERS,
    "posts.pass_place": MEMBERS,
    "posts.extend": MEMBERS,
    "posts.withdraw": MEMBERS,
    "favors.new": MEMBERS,
    "favors.show": MEMBERS,
    "favors.confirm": MEMBERS,
    "favors.deliver": MEMBERS,
    "favors.cancel": MEMBERS,
    "favors.withhold": MEMBERS,
    "favors.deny": MEMBERS,
    "favors.not_me": MEMBERS,
    "favors.dispute": MEMBERS,
    "favors.settle": MEMBERS,
    "favors.propose": MEMBERS,
    "favors.correct": MEMBERS,
    "favors.agree": MEMBERS,
    "favors.refuse": MEMBERS,
    "favors.receipt": MEMBERS,
    "members.all": MEMBERS,
    "members.show": MEMBERS,
    "members.edit": MEMBERS,
    "members.forget": ORGANISERS,
    "membership.letters": MEMBERS,
    "membership.choose_weekly": MEMBERS,
    "membership.leave": MEMBERS,
    "membership.erase": MEMBERS,
    "ties.all": MEMBERS,
    "ties.answer": MEMBERS,
    "ties.withdraw": MEMBERS,
    "log.show": MEMBERS,
    "log_files.checkpoint": PROGRAMS,
    "log_files.tile": PROGRAMS,
    "log_files.vkey": PROGRAMS,
    "log_proofs.check": MEMBERS,
    "log_proofs.entry": MEMBERS,
    "log_proofs.mine": MEMBERS,
    "log_proofs.whole": MEMBERS,
    "log.take_out": ORGANISERS,
    "invitations.all": ORGANISERS,
    "invitations.revoke": ORGANISERS,
    "invitations.many": ORGANISERS,
    "invitations.send_many": ORGANISERS,
    "categories.all": ORGANISERS,
    "categories.change": ORGANISERS,
    "categories.switch": ORGANISERS,
    "settings.show": MEMBERS,
    "settings.change": ORGANISERS,
    "archive.show": ORGANISERS,
    "deletion.show": ORGANISERS,
    "deletion.agree": ORGANISERS,
    "deletion.call_off": ORGANISERS,
    "settings.rules": ORGANISERS,
    "settings.rule": ORGANISERS,
    "settings.retire": ORGANISERS,
    "handover.name": ORGANISERS,
    "handover.step_down": ORGANISERS,
    "election.show": MEMBERS,
    "election.call": MEMBERS,
    "election.stand": MEMBERS,
    "election.vote": MEMBERS,
    "desk.show": ORGANISERS,
    "desk.case": ORGANISERS,
    "desk.decide": ORGANISERS,
    "desk.claim": ORGANISERS,
    "desk.leave": ORGANISERS,
    "desk.stand_aside": ORGANISERS,
    "desk.release": ORGANISERS,
    "desk.admit": ORGANISERS,
    "desk.turn_down": ORGANISERS,
    "desk_again.agree": ORGANISERS,
    "desk_again.let_be": ORGANISERS,
    "desk_again.objection": ORGANISERS,
    "desk_again.appeal": ORGANISERS,
    "desk_again.reverse": ORGANISERS,
    "desk_again.ask": ORGANISERS,
    "numbers.show": MEMBERS,
    "decisions.show": MEMBERS,
    "decisions.mine": MEMBERS,
    "decisions.appeal": MEMBERS,
    "decisions.object_to": MEMBERS,
    "decisions.edit": MEMBERS,
    "reports.mine": MEMBERS,
    "reports.new": MEMBERS,
    "reports.object_to": MEMBERS,
    "reports.tell": MEMBERS,
    "weekly_desk.show": ORGANISERS,
    "weekly_desk.preview": ORGANISERS,
    "weekly_desk.preview_file": ORGANISERS,
    "weekly_desk.preview_page": ORGANISERS,
    "weekly_desk.sheet": ORGANISERS,
    "weekly_desk.member": ORGANISERS,
    "weekly_desk.again": ORGANISERS,
}

# Whoever has gone through these comes in nowhere else.
LAST = ("membership.erase", "membership.leave")


def doors(app: Flask, closed: str) -> list[tuple[str, str, str]]:
    """(endpoint, method, rule) of every door of a sort; those that lead out come last."""
    found = [
        (rule.endpoint, method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"})
        if DOORS.get(rule.endpoint) == closed
    ]
    return sorted(found, key=lambda door: (*(door[0] == last for last in reversed(LAST)), door[1] == "POST"))


@pytest.fixture
def paths(ada, ben, olga, favor, app):
    """Rules made into addresses of things that exist."""
    post = needed(ada)
    response = answered(post, ben)
    invitation = invitations.invite("new@bar.example", by=olga, at=NOON)
    token, _text = read_tokens.make("At home", by=ben.person, at=NOON)
    tie = ties.declare(ada.number, by=ben, kind=TieKind.FAMILY, at=NOON)
    thanked = unasked.helped_by(ada.number, by=ben, category="advice", title="An hour on tax", at=NOON)
    case = reported(post, ben)
    correction = corrections.propose(thanked.id, by=ben, why="It was two hours.", at=NOON)
    values = {
        "<slug>": "bar",
        "<int:post_id>": post.id,
        "<int:favor_id>": favor.id,
        "<int:number>": ada.number,
        "<int:invitation_id>": invitation.id,
        "<int:response_id>": response.id,
        "<int:correction_id>": correction.id,
        "<int:tie_id>": tie.id,
        "<int:token_id>": token.id,
        "<word>": "privacy",
        "<token>": "not-a-token",
        "<int:sign_in_id>": 1,
        "<path:path>": "0/000.p/2",
        "<int:category_id>": olga.group.categories[0].id,
        "<int:index>": thanked.entry,
        "<int:case_id>": case.id,
        "<int:decision_id>": 1,
        "<int:proposal_id>": 1,
        "<int:objection_id>": 1,
        "<int:appeal_id>": 1,
        "<int:report_id>": 1,
        "<int:question_id>": 1,
        "<kind>": "post",
        "<int:handed_id>": 1,
        "<int:disputed_id>": 1,
        "<listed>": "bar",
        "<headless>": "bar",
        "<int:rule_id>": rules.rules(seen_by=olga)[0].id,
    }

    def path(rule: str) -> str:
        for name, value in values.items():
            rule = rule.replace(name, str(value))
        assert "<" not in rule, f"nobody said what stands in {rule}"
        return rule

    return path


@pytest.fixture(autouse=True)
def without_csrf(app, monkeypatch):
    """Whether a form carries its token is another test's business."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)


def statuses(reader: Reader, found: list[tuple[str, str, str]], paths) -> dict[str, int]:
    return {f"{method} {endpoint}": reader.send(method, paths(rule)).status_code for endpoint, method, rule in found}


def test_every_door_is_listed(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(DOORS)


@pytest.mark.parametrize("closed", [SIGNED_IN, MEMBERS, ORGANISERS, ADMINISTRATOR])
def test_somebody_who_is_not_signed_in_is_sent_to_sign_in(app, reader, paths, closed):
    for endpoint, method, rule in doors(app, closed):
        answer = reader.send(method, paths(rule))

        assert answer.status_code == 302, (endpoint, answer.status_code)
        assert answer.headers["Location"].startswith("/sign-in"), endpoint


def test_their_program_finds_nothing_and_their_browser_is_sent_to_sign_in(app, reader, paths):
    for _endpoint, method, rule in doors(app, PROGRAMS):
        program = reader.send(method, paths(rule), headers={"Accept": "*/*"})
        browser = reader.send(method, paths(rule), headers={"Accept": "text/html,*/*;q=0.8"})

        assert program.status_code == 404
        assert browser.headers["Location"].startswith("/sign-in")


def test_it_makes_no_difference_to_them_whether_a_group_exists(reader, group):
    there, not_there = (reader.send("GET", f"/g/{slug}/") for slug in ("bar", "nonsense"))

    assert there.status_code == not_there.status_code == 302
    assert there.headers["Location"].replace("bar", "nonsense") == not_there.headers["Location"]


@pytest.mark.parametrize("closed", [MEMBERS, PROGRAMS, ORGANISERS])
def test_a_member_of_another_group_finds_nothing(app, reader, sam, paths, closed):
    assert set(statuses(reader.as_(sam), doors(app, closed), paths).values()) == {404}


@pytest.mark.parametrize("closed", [MEMBERS, PROGRAMS, ORGANISERS])
def test_a_suspended_member_is_told_so(app, session, reader, ben, paths, closed):
    ben.state = MembershipState.SUSPENDED
    session.commit()

    assert set(statuses(reader.as_(ben), doors(app, closed), paths).values()) == {403}
    assert "Your membership in" in reader.as_(ben).visit("/g/bar/").text


@pytest.mark.parametrize("state", [MembershipState.APPLIED, MembershipState.LEFT, MembershipState.ENDED])
def test_whoever_left_or_is_not_in_yet_finds_nothing(app, session, reader, ben, paths, state):
    ben.state = state
    session.commit()

    closed = doors(app, MEMBERS) + doors(app, PROGRAMS)
    assert set(statuses(reader.as_(ben), closed, paths).values()) == {404}


def test_a_member_comes_in_and_is_kept_from_what_organisers_do(app, reader, cleo, paths):
    here = reader.as_(cleo)

    for path in ("", "posts/new", "favors/new", "members/", "log", "me", "me/letters", "me/leave", "ties"):
        assert here.send("GET", f"/g/bar/{path}").status_code == 200, path
    assert set(statuses(here, doors(app, ORGANISERS), paths).values()) == {403}
    found = statuses(here, doors(app, MEMBERS), paths)
    assert not {401, 500} & set(found.values())
    assert (found["POST membership.erase"], found["POST membership.leave"]) == (422, 302)


def test_an_organiser_comes_in(app, reader, olga, paths):
    found = statuses(reader.as_(olga), doors(app, ORGANISERS), paths)

    assert found["GET invitations.all"] == 200
    assert found["POST invitations.revoke"] == 302
    assert found["GET categories.all"] == 200
    assert found["POST categories.switch"] == 302


def test_for_everybody_else_the_administrators_pages_do_not_exist(app, reader, olga, cleo, paths):
    for member in (olga, cleo):
        assert set(statuses(reader.as_(member), doors(app, ADMINISTRATOR), paths).values()) == {404}


def test_only_the_administrator_makes_groups(app, session, reader, olga, cleo):
    assert reader.as_(olga).send("GET", "/groups/new").status_code == 404
    cleo.person.is_administrator = True
    session.commit()

    assert reader.as_(cleo).send("GET", "/groups/new").status_code == 200


def test_letters_stand_on_a_page_only_in_the_demo(reader, ada):
    assert reader.as_(ada).send("GET", "/demo/letters").status_code == 404


def test_no_door_acts_on_a_form_without_its_token(app, monkeypatch, reader, ada, paths):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for sort in (SIGNED_IN, MEMBERS, ORGANISERS):
        posts = [door for door in doors(app, sort) if door[1] == "POST"]
        assert set(statuses(reader.as_(ada), posts, paths).values()) == {400}, posts


def test_signing_out_takes_a_form_never_a_link(reader, ada):
    assert reader.as_(ada).send("GET", "/sign-out").status_code == 405
