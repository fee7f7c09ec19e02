"""What a group settles about itself, on its pages: read by everybody, changed by organisers, told in the log."""

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange import log
from exchange.domain import groups, invitations
from exchange.domain.desk import rules
from exchange.storage.membership import Role
from exchange.storage.policy import GroupPolicy, GroupRule
from exchange.storage.post import Post, Rule
from tests.builders import letters_to
from tests.people import NOON, joined

PASSWORD = "a long and quiet river"
HOME = "/g/bar/settings"


@pytest.fixture
def as_olga(reader, olga):
    return reader.as_(olga)


@pytest.fixture
def password(session, olga):
    """What Olga types where it is asked for again."""
    olga.person.password = hash_password(PASSWORD)
    session.commit()
    return PASSWORD


def told(session, group):
    """Setting, old and new of what was changed, oldest first."""
    found = log.entries(session, group.id, kinds=["setting"])
    return [(one.told["setting"], one.told["old"], one.told["new"]) for one in reversed(found)]


def test_members_read_rules_and_settings_and_change_nothing(reader, ada, olga):
    page = reader.as_(ada).visit("/g/bar/").follow("Rules and settings")

    assert page.path == HOME
    assert rules.USUAL[3] in page.main()
    assert "By invitation only" in page.main()
    assert "Olga Petrenko" in page.main()
    assert "Change the" not in page.main()


def test_an_organiser_changes_settings_and_everybody_reads_it_in_the_log(session, group, reader, as_olga, ada):
    page = as_olga.visit(HOME).follow("Change the settings")
    assert "stands in the log, with what was before, what is now" in page.main()
    after = page.press(
        "Keep this", name="Harbor Bar", purpose="To help each other.", holding="everybody", digest_hour="7"
    )

    assert (after.path, "To help each other." in after.main()) == (HOME, True)
    assert told(session, group) == [
        ("name", "Harbor County Bar, Business Law", "Harbor Bar"),
        ("purpose", "", "To help each other."),
        ("holding", "newcomers", "everybody"),
        ("digest_hour", 8, 7),
    ]
    read = reader.as_(ada).visit(HOME).follow("in the log").main()
    assert "from “Harbor County Bar, Business Law” to “Harbor Bar” Setting, changed by Olga Petrenko." in read
    assert "from “the first two posts of newcomers wait” to “everybody’s posts wait”" in read
    assert "weekly letter was changed from 8 to 7." in read


def test_a_change_of_nothing_writes_nothing(session, group, as_olga):
    as_olga.visit(f"{HOME}/change").press("Keep this")

    assert told(session, group) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "The name"),
        ({"purpose": "x" * 501}, "The purpose"),
        ({"allocation": []}, "Allow at least one way"),
        ({"digest_hour": "24"}, "from 0 to 23"),
        ({"joining": "nonsense"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_all_that_was_typed_is_kept(session, group, as_olga, typed, said):
    page = as_olga.visit(f"{HOME}/change").press("Keep this", **{"welcome": "Hello, all of you.", **typed})

    assert page.status == 422
    assert said in page.main()
    assert "Hello, all of you." in page.soup.select_one('[name="welcome"]').get_text()
    assert session.scalar(select(GroupPolicy)) is None
    assert told(session, group) == []


def test_one_way_for_places_is_enough_and_names_can_be_kept_in_the_log(session, group, as_olga):
    page = as_olga.visit(f"{HOME}/change").press("Keep this", allocation=["choice"], withholding=[])

    assert "The author chooses." in page.main()
    assert "Every favor stands there with both names." in page.main()
    assert told(session, group) == [("allocation", "choice, first_come", "choice"), ("withholding", 1, 0)]


def test_whoever_is_invited_reads_the_purpose_and_the_welcome(reader, as_olga, olga, session):
    as_olga.visit(f"{HOME}/change").press("Keep this", purpose="To help.", welcome="Good to have you.")
    as_olga.visit("/g/bar/invitations").press("Send the invitation", email="new@bar.example")
    token = invitations.issue(session, olga.group, "other@bar.example", role=Role.MEMBER, by=olga, at=NOON)
    session.commit()

    page = reader.visit(f"/join/{token}")
    assert "To help." in page.main()
    assert "Good to have you." in page.main()


# Rules.


def test_rules_are_added_worded_anew_and_taken_out(session, group, reader, as_olga, ada):
    page = as_olga.visit(HOME).follow("Change the rules").press("Add the rule", text="No poems.")
    assert "No poems." in page.main()
    new = session.scalars(select(GroupRule).filter_by(text="No poems.")).one()
    page = as_olga.visit(f"{HOME}/rules/{new.id}").press("Keep this", text="No long poems.")
    assert "No long poems." in page.main()
    page = as_olga.visit(f"{HOME}/rules/{new.id}").press("Take it out")

    assert "No long poems." not in page.soup.select_one(".lines").get_text()
    assert told(session, group) == [
        ("rule", "", "No poems."),
        ("rule", "No poems.", "No long poems."),
        ("rule", "No long poems.", ""),
    ]
    read = reader.as_(ada).visit("/g/bar/log").main()
    assert "A rule was taken out: “No long poems.”" in read
    assert "A rule was worded anew, from “No poems.” to “No long poems.”" in read


def test_the_last_rule_cannot_be_taken_out(as_olga, olga):
    *others, last = rules.rules(seen_by=olga)
    open_before = as_olga.visit(f"{HOME}/rules/{last.id}")
    for one in others:
        as_olga.visit(f"{HOME}/rules/{one.id}").press("Take it out")
    assert "Take it out" not in as_olga.visit(f"{HOME}/rules/{last.id}").main()

    assert open_before.press("Take it out").status == 409
    assert len(rules.rules(seen_by=olga)) == 1


def test_an_empty_rule_is_refused(as_olga):
    assert as_olga.visit(f"{HOME}/rules").press("Add the rule", text=" ").status == 422


def test_there_is_no_rule_of_another_group(session, as_olga, sam):
    theirs = rules.rules(seen_by=sam)[0]

    assert as_olga.visit(f"{HOME}/rules/{theirs.id}").status == 404


# Categories.


def test_a_category_is_added_and_made_to_count(session, group, reader, as_olga, ada):
    page = as_olga.visit(HOME).follow("Change the categories")
    page = page.press("Add the category", name="Court dates", kind="other", neutral="y")
    assert "Court dates can be posted now" in page.main()
    made = next(one for one in groups.categories(ada) if one.name == "Court dates")
    as_olga.visit(f"/g/bar/categories/{made.id}").press("Keep this", name="Hearings", neutral=[])

    assert told(session, group) == [
        ("category", "", "Court dates"),
        ("neutral", 0, 1),
        ("category", "Court dates", "Hearings"),
        ("neutral", 1, 0),
    ]
    assert "The category Court dates is called Hearings from now on." in reader.as_(ada).visit("/g/bar/log").main()
    assert "Hearings" in reader.as_(ada).visit("/g/bar/posts/new").main()


def test_a_name_that_is_there_is_refused_beside_the_field(as_olga):
    page = as_olga.visit("/g/bar/categories").press("Add the category", name="ADVICE")

    assert (page.status, "with this name already" in page.main()) == (409, True)


def test_a_name_in_another_script_is_a_name(as_olga, ada):
    as_olga.visit("/g/bar/categories").press("Add the category", name="Совет", kind="advice")

    assert [one.slug for one in groups.categories(ada)][-1] == "advice_7"


# Handing over.


def test_an_organiser_names_another_with_their_password(session, group, reader, as_olga, ada, password):
    page = as_olga.visit(HOME).follow("Hand over").press("Name this organiser", member=str(ada.number), password="no")
    assert (page.status, "not your password" in page.main(), ada.is_organiser) == (422, True, False)
    page = page.press("Name this organiser", password=password)

    assert "Ada Farouk organises from now on" in page.main()
    assert (ada.role, letters_to(session, ada)) == (Role.ORGANISER, ["organises"])
    assert "Olga Petrenko made you an organiser." in reader.as_(ada).visit("/g/bar/log").main()


def test_the_last_organiser_is_shown_the_way_and_nothing_else(as_olga, olga, ada, password):
    page = as_olga.visit("/g/bar/organisers").follow("Step down")
    assert "You are the last organiser." in page.main()
    assert not page.soup.select('[name="password"]')

    token = as_olga.visit("/g/bar/organisers").soup.select_one("[name=csrf_token]")["value"]
    page = as_olga.post("/g/bar/organisers/step-down", csrf_token=token, password=password)
    assert (page.status, olga.is_organiser) == (409, True)
    left = as_olga.visit("/g/bar/me/leave").press("Leave the group")
    assert (left.status, "last organiser" in left.main()) == (409, True)


def test_with_another_one_they_step_down(session, group, as_olga, olga, password):
    joined(session, group, "Otto Brandt", role=Role.ORGANISER)
    page = as_olga.visit("/g/bar/organisers/step-down").press("Step down", password=password)

    assert (page.path, olga.role) == ("/g/bar/", Role.MEMBER)
    assert "You are no longer an organiser." in as_olga.visit("/g/bar/log").main()


def test_nobody_can_be_named_but_a_member(as_olga, ada, password):
    page = as_olga.visit("/g/bar/organisers").press("Name this organiser", member="", password=password)

    assert (page.status, "Choose one of the members" in page.main()) == (422, True)


@pytest.mark.parametrize(
    ("allowed", "offered"),
    [("choice", []), ("first_come", []), (["choice", "first_come"], ["usual", "choice", "first_come"])],
)
def test_who_posts_is_offered_the_ways_that_the_group_allows(reader, as_olga, ada, allowed, offered):
    as_olga.visit("/g/bar/settings/change").press("Keep this", allocation=allowed)
    page = reader.as_(ada).visit("/g/bar/posts/new")

    assert [box["value"] for box in page.soup.select("[name=rule]")] == offered
    assert ("Your group gives places in this way only." in page.main()) is not bool(offered)
    assert page.press("Post it", title="An hour", category="advice").path.startswith("/g/bar/posts/")


def test_a_form_from_before_a_way_was_ruled_out_is_told_so_and_nothing_is_lost(session, reader, as_olga, ada):
    page = reader.as_(ada).visit("/g/bar/posts/new")
    as_olga.visit("/g/bar/settings/change").press("Keep this", allocation=["choice"])
    page = page.press("Post it", title="An hour", category="event_place", rule="first_come")

    assert page.status == 422
    assert "Places do not go like this in your group. Choose another way." in page.main()
    page = page.press("Post it", rule="choice")
    assert session.scalars(select(Post)).one().rule is Rule.CHOICE
    assert "An hour" in page.main()
