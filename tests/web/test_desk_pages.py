"""The desk in a browser: who sees what waits, who decides, who stands aside, and what comes between two people."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from exchange.domain import ties, unasked
from exchange.domain.desk import appeals, applications, cases, objections, public, reports
from exchange.domain.desk.decisions import Act
from exchange.domain.ties import TieKind
from exchange.storage.desk import Appeal, Aside, Case, Decision, Proposal, Report, TargetKind
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import MembershipState, Role
from exchange.storage.policy import GroupPolicy, Joining
from exchange.storage.post import PostState
from tests.builders import offered
from tests.domain.desk.casework import DAY, WHY, decided, invited, made, reported, rule_of
from tests.people import NOON, joined

pytestmark = pytest.mark.usefixtures("olga")


@pytest.fixture
def otto(session, group):
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


@pytest.fixture
def post(ada):
    return offered(ada)


@pytest.fixture
def case(post, otto, ben):
    """Ben has reported Ada's offer; Olga and Otto organise."""
    return reported(post, ben)


def desk(case):
    return f"/g/bar/desk/{case.id}"


def decide(page, act="hide", **said):
    """Fill in the form of a case and send it."""
    typed = {"act": act, "rule": str(rule_of_page(page)), "why": WHY} | said
    return page.press("Decide and tell", **typed)


def rule_of_page(page):
    """The third rule of the list."""
    return page.soup.select('select[name="rule"] option')[3]["value"]


# What waits


def test_what_waits_stands_on_one_page_oldest_first(session, reader, group, olga, otto, ada, ben, cleo, clock):
    wen = joined(session, group, "Wen Li")
    wen.joined_at = NOON - 3 * DAY
    session.commit()
    offered(wen, title="Half an hour on tax")
    clock.pass_by(hours=1)
    reported(offered(ada, at=clock()), ben, at=clock())
    page = reader.as_(otto).visit("/g/bar/desk")

    headings = [h.get_text() for h in page.soup.select("main h3")]
    assert headings == ["A first post by Wen Li", "A post by Ada Farouk"]
    assert "Two things wait for a decision." in page.text
    assert "Goes onto the board by itself on Saturday, 17 October, 12:00" in page.text
    assert "two things wait" not in page.soup.nav.get_text()
    assert "2 things wait" in page.soup.nav.get_text()


def test_an_empty_desk_says_what_comes_here(reader, olga):
    page = reader.as_(olga).visit("/g/bar/desk")

    assert "Nothing waits for a decision of yours." in page.text
    assert "a newcomer’s first post waits" in page.text
    assert "thing waits" not in page.soup.nav.get_text()


def test_the_menu_leads_organisers_there_and_nobody_else(reader, olga, ada):
    assert reader.as_(olga).visit("/g/bar/").follow("Desk").title == "The organisers’ desk"
    assert "Desk" not in reader.as_(ada).visit("/g/bar/").soup.nav.get_text()


def test_a_case_shows_everything_that_is_needed(reader, olga, ada, case, session):
    session.add(Favor(**favor_between(session, olga.group, ada)))
    page = reader.as_(olga).visit(desk(case))

    assert page.title == "A post by Ada Farouk"
    for said in (
        "One report, since Thursday, 15 October.",
        "A place in Saturday’s golf tournament",
        "“A trade in clients.”",
        "Member since December 2025.",
        "1 post so far.",
        "No earlier decision concerns Ada",
        "Open to two organisers.",
        "Only those read it who may decide this case.",
    ):
        assert said in page.text, said
    assert "Ben" not in page.text


def favor_between(session, group, giver):
    receiver = joined(session, group, "Gita Rao")
    return {
        "group_id": group.id,
        "giver_id": giver.id,
        "receiver_id": receiver.id,
        "category_id": group.categories[0].id,
        "title": "An hour",
        "state": FavorState.AGREED,
        "agreed_at": NOON,
        "clock_from": NOON,
    }


def test_what_was_reported_is_a_click_away_where_the_organiser_may_see_it(session, reader, olga, ada, post, case):
    page = reader.as_(olga).visit(desk(case))
    assert page.follow("Look at it where it stands").path == f"/g/bar/posts/{post.id}"

    made(case, olga)
    assert "Look at it where it stands" not in reader.as_(olga).visit(desk(case)).text


def test_a_page_of_a_member_is_a_click_away_too(session, reader, olga, otto, ada, ben):
    ada.can_help_with = "Clients for clients."
    session.commit()
    case = reports.report(TargetKind.PROFILE, ada.id, by=ben, rule=rule_of(ben), at=NOON)
    page = reader.as_(olga).visit(desk(case)).follow("Look at it where it stands")

    assert page.path == f"/g/bar/members/{ada.number}"


def test_a_dispute_leads_to_the_page_of_its_favor(session, reader, olga, ada, ben, favor):
    favor.state, favor.disputed_at, favor.disputed_by_id = FavorState.DISPUTED, NOON, ben.id
    favor.delivered_at, favor.disputed_why = NOON, "We never spoke."
    session.commit()
    page = reader.as_(olga).visit("/g/bar/desk").follow("A favor on which two disagree")

    assert page.path == f"/g/bar/favors/{favor.id}"
    assert "We never spoke." in page.text


# Deciding


def test_an_organiser_decides_with_a_rule_and_a_reason(session, reader, olga, post, case):
    page = decide(reader.as_(olga).visit(desk(case)), note="The second time.")

    assert page.path == "/g/bar/desk"
    assert "It is decided, and Ada Farouk is told." in page.text
    assert session.get(type(post), post.id).state is PostState.HIDDEN
    found = session.scalars(select(Decision)).one()
    assert (found.act, found.why, found.by_id) == (Act.HIDE, WHY, olga.id)
    again = reader.as_(olga).visit(desk(case))
    assert "This is decided." in again.text
    assert "The second time." in again.text


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ({"act": ""}, "Choose what shall be done."),
        ({"rule": ""}, "Choose one of the rules of this group."),
        ({"why": " "}, "The reason is empty."),
        ({"act": "suspend", "until": ""}, "Choose a day to come"),
        ({"act": "suspend", "until": "2026-10-14"}, "Choose a day to come"),
    ],
)
def test_without_rule_reason_or_day_nothing_is_decided_and_nothing_is_lost(
    session, reader, olga, case, left_out, sentence
):
    page = decide(reader.as_(olga).visit(desk(case)), **({"note": "Keep this note."} | left_out))

    assert page.status == 422
    assert sentence in page.text
    assert "Keep this note." in page.text
    assert not session.scalars(select(Decision)).all()
    assert not session.scalars(select(Proposal)).all()


def test_like_cases_stand_beside_it_without_their_notes(session, reader, olga, otto, ada, ben, cleo, case):
    made(case, olga, Act.DISMISS, note="Only for those who decided.")
    other = reported(offered(cleo), ben)
    page = reader.as_(otto).visit(desk(other))

    assert "In like cases, under the same rule" in page.text
    assert WHY in page.text
    assert "Only for those who decided." not in page.text


def test_the_second_of_two_sees_what_the_first_decided_and_loses_nothing(session, reader, olga, otto, case):
    theirs = reader.as_(otto).visit(desk(case))
    made(case, olga, Act.DISMISS)
    page = decide(theirs, act="remove", why="My own reason, which took a while.", note="And a note.")

    assert page.status == 409
    assert "Olga Petrenko decided a moment before you" in page.text
    assert WHY in page.text
    assert "What you had written" in page.text
    written = [area.get_text().strip() for area in page.soup.select("textarea[readonly]")]
    assert written == ["My own reason, which took a while.", "And a note."]
    assert "Removed" in page.main()
    assert "Take the last decision back" not in page.text
    assert len(session.scalars(select(Decision)).all()) == 1


def test_whoever_read_an_earlier_round_decides_nothing_about_the_next(session, reader, olga, otto, cleo, post, case):
    theirs = reader.as_(otto).visit(desk(case))
    made(case, olga, Act.DISMISS)
    reported(post, cleo)
    page = decide(theirs, why="About the first round.")

    assert page.status == 409
    assert "About the first round." in page.text
    assert len(session.scalars(select(Decision)).all()) == 1


def test_looking_at_a_case_is_told_to_the_others_and_can_be_left_to_them(reader, olga, otto, case):
    page = reader.as_(olga).visit(desk(case)).press("Tell the others that I look at it")
    assert "The others see until" in page.text
    theirs = reader.as_(otto).visit(desk(case))
    assert "Olga Petrenko looks at it just now" in theirs.text
    assert "Tell the others" not in theirs.text

    assert page.press("Leave it to the others").path == "/g/bar/desk"
    assert "looks at it just now" not in reader.as_(otto).visit("/g/bar/desk").text


# Two people


def test_suspending_takes_a_second_person(session, reader, olga, otto, ada, case):
    page = decide(reader.as_(olga).visit(desk(case)), act="suspend", until="2026-11-01")
    assert "It happens once a second person agrees." in page.text
    assert session.get(type(ada), ada.id).state is MembershipState.ACTIVE
    mine = reader.as_(olga).visit(desk(case))
    assert "once somebody else agrees" in mine.text
    assert "I agree" not in mine.text

    page = reader.as_(otto).visit(desk(case))
    assert "Proposed: Suspended until Sunday, 1 November" in page.text
    page = page.press("I agree")
    assert "It is decided, and Ada Farouk is told." in page.text
    assert session.get(type(ada), ada.id).state is MembershipState.SUSPENDED


def test_a_proposal_is_let_be_and_the_case_waits_again(session, reader, olga, otto, case):
    decide(reader.as_(olga).visit(desk(case)), act="end")
    page = reader.as_(otto).visit(desk(case)).press("Let it be")

    assert "The case waits again." in page.text
    assert page.form("Decide and tell") is not None
    assert not session.scalars(select(Decision)).all()


def test_whoever_decides_while_a_proposal_waits_reads_it_and_keeps_what_was_typed(reader, olga, otto, case):
    theirs = reader.as_(otto).visit(desk(case))
    decide(reader.as_(olga).visit(desk(case)), act="end")
    page = decide(theirs, act="suspend", until="2026-11-01", why="A week is enough.")

    assert page.status == 409
    assert "Somebody has proposed a decision a moment before you" in page.text
    assert "A week is enough." in [area.get_text().strip() for area in page.soup.select("textarea[readonly]")]


# Standing aside


def ways(path_of):
    """Everything that reads a note, claims or decides."""
    return [
        ("GET", path_of("")),
        ("POST", path_of("/claim")),
        ("POST", path_of("/decide")),
        ("POST", path_of("/stand-aside")),
    ]


def the_author(session, olga, otto, ada, ben, cleo):
    """Olga wrote it herself."""
    return reported(offered(olga), ben), olga


def the_reporter(session, olga, otto, ada, ben, cleo):
    """Olga reported it."""
    return reported(offered(ada), olga), olga


def the_named(session, olga, otto, ada, ben, cleo):
    """Ada thanked Olga in words that Ben reports."""
    favor = unasked.helped_by(olga.number, by=ada, category="advice", title="An hour", thanks="Bah.", at=NOON)
    return reports.report(TargetKind.THANKS, favor.id, by=ben, rule=rule_of(ben), at=NOON), olga


def the_counterparty(session, olga, otto, ada, ben, cleo):
    """Olga helped Ada in March."""
    unasked.helped_by(olga.number, by=ada, category="advice", title="An hour", at=NOON - 200 * DAY)
    return reported(offered(ada), ben), olga


def the_inviter(session, olga, otto, ada, ben, cleo):
    """Olga invited Ada."""
    invited(olga, ada)
    return reported(offered(ada), ben), olga


def the_invitee(session, olga, otto, ada, ben, cleo):
    """Ada invited Olga."""
    invited(ada, olga)
    return reported(offered(ada), ben), olga


def the_tied(session, olga, otto, ada, ben, cleo):
    """Ada has declared a tie to Olga."""
    ties.declare(olga.number, by=ada, kind=TieKind.CLIENT, at=NOON)
    return reported(offered(ada), ben), olga


def the_decider(session, olga, otto, ada, ben, cleo):
    """Olga decided, and Ada appeals."""
    case = reported(offered(ada), ben)
    made(case, olga, Act.HIDE, note="A note of the first look.")
    appeals.appeal(public.mine(seen_by=ada, at=NOON)[0].id, by=ada, why="No.", at=NOON)
    return case, olga


@pytest.mark.parametrize(
    "close", [the_author, the_reporter, the_named, the_counterparty, the_inviter, the_invitee, the_tied, the_decider]
)
def test_whoever_is_close_reads_claims_and_decides_nothing(
    app, monkeypatch, session, reader, olga, otto, ada, ben, cleo, close
):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    case, organiser = close(session, olga, otto, ada, ben, cleo)
    here, before = reader.as_(organiser), len(session.scalars(select(Decision)).all())
    said = {"act": "hide", "rule": rule_of(ada), "why": WHY}

    page = here.visit(desk(case))
    assert page.status == 403
    assert "You stand aside" in page.text
    assert "A trade in clients." not in page.text
    assert "A note of the first look." not in page.text
    assert here.post(f"{desk(case)}/decide", **said).status == 403
    assert here.send("POST", f"{desk(case)}/claim").status_code == 403
    asked = session.scalars(select(Report.id)).one()
    assert here.post(f"{desk(case)}/reports/{asked}/ask", text="Which line is it?").status == 403
    for first in session.scalars(select(Decision.id)).all():
        assert here.post(f"{desk(case)}/decisions/{first}/reverse", why=WHY).status == 403
    if case.state == "open":
        decided(case, otto, Act.END)
        half = session.scalars(select(Proposal.id)).one()
        for word in ("agree", "let-be"):
            assert here.send("POST", f"{desk(case)}/proposals/{half}/{word}").status_code == 403
    for again in session.scalars(select(Appeal)):
        answer = {"outcome": "upheld", "why": WHY}
        assert here.post(f"{desk(case)}/appeals/{again.id}", **answer).status == 403
    assert len(session.scalars(select(Decision)).all()) == before
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert "A trade in clients." not in here.visit("/g/bar/desk").text
    assert reader.as_(otto).visit(desk(case)).status == 200


def test_members_find_no_desk(reader, ada, ben, case):
    for member in (ada, ben):
        for path in ("/g/bar/desk", desk(case)):
            page = reader.as_(member).visit(path)
            assert page.status == 403
            assert "A trade in clients." not in page.text


def test_the_reason_for_standing_aside_is_shown_to_that_organiser_alone(session, reader, olga, otto, ada, ben):
    case, _olga = the_counterparty(session, olga, otto, ada, ben, None)
    assert "You and Ada Farouk are the two of a favor of" in reader.as_(olga).visit(desk(case)).text
    assert "You and Ada Farouk are the two of a favor of" in reader.as_(olga).visit("/g/bar/desk").text

    theirs = reader.as_(otto).visit(desk(case)).text
    assert "One stands aside." in theirs
    assert "Olga" not in theirs


def test_an_organiser_stands_aside_by_themself(session, reader, olga, otto, case):
    page = reader.as_(olga).visit(desk(case)).press("Stand aside", why="We are at law.")

    assert "You stand aside. The others decide." in page.text
    assert session.scalars(select(Aside)).one().why == "We are at law."
    assert reader.as_(olga).visit(desk(case)).status == 403
    assert "We are at law." not in reader.as_(otto).visit(desk(case)).text


def test_an_objection_is_answered_by_another_organiser(session, reader, olga, otto, ben, case):
    objections.object_to(case.id, olga.number, by=ben, why="They share an office.", at=NOON)
    assert reader.as_(olga).visit(desk(case)).status == 403
    page = reader.as_(otto).visit(desk(case))
    assert "An objection to Olga Petrenko" in page.text
    form = page.form("Go on deciding")
    assert form.select('button[name="upheld"]')

    path = str(form["action"])
    token = form.select_one('[name="csrf_token"]')["value"]
    assert reader.as_(otto).send("POST", path, data={"upheld": "0"}).status_code == 400
    page = page.reader.post(path, csrf_token=token, upheld="0")
    assert "It is answered" in page.text
    assert reader.as_(olga).visit(desk(case)).status == 200


# Appeals and taking back


def test_an_appeal_is_answered_by_somebody_else(session, reader, olga, otto, ada, post, case):
    made(case, olga, Act.HIDE)
    appeals.appeal(public.mine(seen_by=ada, at=NOON)[0].id, by=ada, why="It was kindly meant.", at=NOON)
    page = reader.as_(otto).visit("/g/bar/desk").follow("Ada Farouk asks for another look")
    assert "It was kindly meant." in page.text
    assert page.press("Answer and tell", why="Fine.").status == 422

    page = page.press("Answer and tell", outcome="overturned", why="It names no client.")
    assert "It is decided" in page.text
    assert session.get(type(post), post.id).state is PostState.OPEN


def test_something_else_is_done_on_appeal(session, reader, olga, otto, ada, post, case):
    made(case, olga, Act.REMOVE)
    appeals.appeal(public.mine(seen_by=ada, at=NOON)[0].id, by=ada, why="It was kindly meant.", at=NOON)
    page = reader.as_(otto).visit(desk(case))
    bad = page.press("Answer and tell", outcome="changed", why="An edit is enough.")
    assert (bad.status, "An edit is enough." in bad.text) == (422, True)

    page.press(
        "Answer and tell", outcome="changed", act="ask_edit", rule=str(rule_of_page(page)), why="An edit is enough."
    )
    assert public.mine(seen_by=ada, at=NOON)[0].act is Act.ASK_EDIT


def test_a_decision_is_taken_back_by_a_new_one(session, reader, olga, otto, post, case):
    made(case, olga, Act.HIDE)
    page = reader.as_(otto).visit(desk(case)).press("Take it back", why="It names no client.")

    assert "It is decided" in page.text
    assert session.get(type(post), post.id).state is PostState.OPEN
    assert len(session.scalars(select(Decision)).all()) == 2


# Held posts and requests to join


def test_a_first_post_is_let_onto_the_board(session, reader, group, olga, ada):
    ada.joined_at = NOON - 3 * DAY
    session.commit()
    post = offered(ada)
    case_id = cases.desk(seen_by=olga, at=NOON).waiting[0].case_id
    page = reader.as_(olga).visit(f"/g/bar/desk/{case_id}").press("Let it onto the board")

    assert "It stands on the board, and Ada Farouk is told." in page.text
    assert session.get(type(post), post.id).state is PostState.OPEN
    again = reader.as_(olga).visit(f"/g/bar/desk/{case_id}")
    assert "This is decided." in again.text


@pytest.mark.parametrize(("button", "state"), [("Let them in", "active"), ("Not this time", "left")])
def test_somebody_who_asks_to_join_is_answered(session, reader, group, olga, sam, button, state):
    session.add(GroupPolicy(group_id=group.id, joining=Joining.ASKING))
    session.commit()
    member = applications.apply("bar", by=sam.person, at=NOON)
    page = reader.as_(olga).visit("/g/bar/desk").follow("Sam Oduya asks to join")
    assert page.title == "Sam Oduya asks to join"

    page = page.press(button)
    assert page.path == "/g/bar/desk"
    assert session.get(type(member), member.id).state == state


# Nobody free


def test_when_nobody_is_free_one_may_do_what_can_be_undone_after_two_days(session, reader, olga, ada, ben, clock):
    ties.declare(ada.number, by=olga, kind=TieKind.CLIENT, at=NOON)
    case = reported(offered(ada, closes_at=NOON + 30 * DAY, event_at=None), ben)
    assert reader.as_(olga).visit(desk(case)).status == 403

    clock.pass_by(hours=48)
    page = reader.as_(olga).visit(desk(case))
    assert "so you may only do what can be undone" in page.text
    assert "A trade in clients." not in page.text
    assert [box["value"] for box in page.soup.select('input[name="act"]')] == ["hide", "suspend"]
    page = decide(page, act="suspend", until="2026-11-30")
    assert page.status == 422
    assert "7 days at most" in page.text
    decide(page, act="hide")
    (row,) = public.public(seen_by=ada, at=clock()).rows
    assert (row.conflicted, row.appealed) == (True, True)
    assert session.get(Case, case.id).decided_at == NOON + timedelta(hours=48)
