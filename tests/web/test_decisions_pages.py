"""What was decided, in a browser: for all members, for whom it concerns, by the link in a letter, and by an edit."""

import re

import pytest
from sqlalchemy import select

from exchange.domain import favors, members
from exchange.domain.desk import appeals, reports, seconds
from exchange.mail import deliver, links
from exchange.storage.desk import Act, Appeal, Objection, Outcome, Proposal, TargetKind
from exchange.storage.membership import MembershipState, Role
from exchange.storage.post import PostState, Rule
from tests.builders import answered, offered
from tests.domain.desk.casework import DAY, WHY, decided, made, plain, reported, rule_of
from tests.mail.bag import Bag
from tests.people import NOON, joined


@pytest.fixture
def otto(session, group, olga):
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


@pytest.fixture
def post(ada):
    return offered(ada, title="Clients for clients")


@pytest.fixture
def case(post, otto, ben):
    return reported(post, ben)


@pytest.fixture
def hidden(case, olga):
    """Olga has hidden Ada's offer."""
    return made(case, olga, Act.HIDE, note="Only for organisers.")


# For all members


def test_members_read_what_was_decided_and_not_about_whom(reader, olga, otto, cleo, hidden, clock):
    page = reader.as_(cleo).visit("/g/bar/").follow("Decisions")

    assert page.title == "What the organisers decided"
    for said in ("Hidden", WHY, "by Olga Petrenko, about a member, under the rule", "One decision in the last twelve"):
        assert said in page.text, said
    for secret in (
        "Ada Farouk",
        "Ben Castellanos",
        "Clients for clients",
        "Only for organisers.",
        "A trade in clients",
    ):
        assert secret not in page.main(), secret
    assert page.follow("entry").status == 200


def test_how_it_went_on_appeal_and_the_figures_of_each_stand_there(reader, olga, otto, ada, cleo, hidden, clock):
    clock.pass_by(days=3)
    found = appeals.appeal(hidden.id, by=ada, why="No.", at=clock())
    assert "An appeal waits." in reader.as_(cleo).visit("/g/bar/decisions").text
    appeals.answer(found.id, Outcome.OVERTURNED, by=otto, why="It names no client.", at=clock())
    page = reader.as_(cleo).visit("/g/bar/decisions")

    assert "Somebody else looked again: it was taken back." in page.text
    assert "Two decisions in the last twelve months; one was overturned or changed on appeal." in page.text
    figures = page.soup.select_one("aside dl").get_text(" ", strip=True)
    assert "Olga Petrenko One decision; one was overturned or changed on appeal." in figures
    assert "Otto Brandt One decision; none was overturned on appeal." in figures
    assert "One organiser stood aside." in page.text


def test_what_takes_something_back_and_what_it_took_back_lead_to_each_other(reader, olga, otto, ada, cleo, hidden):
    asked = appeals.appeal(hidden.id, by=ada, why="It is only golf.", at=NOON)
    back = appeals.answer(asked.id, Outcome.OVERTURNED, by=otto, why="It is.", at=NOON)
    assert back is not None
    page = reader.as_(cleo).visit("/g/bar/decisions")
    later, first = page.soup.select("#rows-h ~ ol > li")

    assert f"It is about the decision in entry {hidden.entry}." in " ".join(later.get_text().split())
    assert f"What came after stands in entry {back.entry}." in " ".join(first.get_text().split())
    assert page.follow(f"entry {hidden.entry}").status == 200


def test_a_page_without_decisions_says_what_will_stand_there(reader, olga, cleo):
    page = reader.as_(cleo).visit("/g/bar/decisions")

    assert "Nothing had to be decided in the last twelve months." in page.text
    assert "Whom it concerned, what was taken off and who reported it is told to nobody." in page.text


def test_older_decisions_stand_on_further_pages(reader, olga, post, ben, cleo, case):
    for _ in range(31):
        made(case, olga, Act.DISMISS)
        reported(post, ben)
    page = reader.as_(cleo).visit("/g/bar/decisions")

    assert len(page.soup.select("main ol.lines > li")) == 30
    assert len(page.follow("Older").soup.select("main ol.lines > li")) == 1
    assert reader.as_(cleo).visit("/g/bar/decisions?page=nonsense").status == 200


# For whom it concerns


def test_the_author_reads_what_was_decided_and_why_and_asks_for_another_look(session, reader, ada, post, hidden):
    page = reader.as_(ada).visit(f"/g/bar/posts/{post.id}")
    assert "Only you and the organisers see this" in page.text
    assert WHY in page.text
    page = page.follow("What was decided, and how to ask for another look")
    assert page.title == "Hidden: your post"
    assert "Only for organisers." not in page.text
    assert page.press("Ask for another look", why=" ").status == 422

    page = page.press("Ask for another look", why="It was kindly meant.")
    assert "You have asked for another look." in page.text
    assert session.scalars(select(Appeal)).one().why == "It was kindly meant."
    assert not page.soup.select('textarea[name="why"][rows="4"]')


def test_what_was_decided_about_others_is_not_there(reader, olga, ben, cleo, hidden):
    for member in (ben, cleo, olga):
        assert reader.as_(member).visit(f"/g/bar/decisions/{hidden.id}").status == 404
        assert "What was decided about you" not in reader.as_(member).visit("/g/bar/decisions").text


def test_twenty_days_later_the_right_is_over(reader, ada, hidden, clock):
    page = reader.as_(ada).visit(f"/g/bar/decisions/{hidden.id}")
    clock.pass_by(days=20, seconds=1)

    assert page.press("Ask for another look", why="Late.").status == 409
    assert "You see it differently?" not in reader.as_(ada).visit(f"/g/bar/decisions/{hidden.id}").text


def test_who_appealed_may_object_to_one_organiser(session, group, reader, ada, otto, hidden):
    appeals.appeal(hidden.id, by=ada, why="No.", at=NOON)
    page = reader.as_(ada).visit(f"/g/bar/decisions/{hidden.id}")
    assert page.press("Object", organiser="", why="He is my landlord.").status == 422
    page = page.press("Object", organiser=str(otto.number), why="He is my landlord.")

    assert "Until then they do not decide." in page.text
    assert session.scalars(select(Objection)).one().organiser_id == otto.id
    assert "should not answer it" not in page.text


def test_a_first_post_that_waits_says_so_to_its_author_and_to_nobody_else(session, group, reader, olga, ada, ben):
    ada.joined_at = NOON - 3 * DAY
    session.commit()
    post = offered(ada)

    page = reader.as_(ada).visit(f"/g/bar/posts/{post.id}")
    assert "It waits for a yes" in page.text
    assert "onto the board by itself on Saturday, 17 October, 12:00" in page.text
    assert reader.as_(ben).visit(f"/g/bar/posts/{post.id}").status == 404


@pytest.mark.parametrize("kind", ["answer", "thanks", "profile"])
def test_words_that_were_put_away_are_missed_by_their_author_with_the_reason_and_the_way(
    reader, olga, otto, ada, ben, cleo, favor, kind
):
    """Ben has answered, thanked and written his page; Ada reports it, Otto decides."""
    post = offered(ada, rule=Rule.CHOICE)
    answer = answered(post, ben)
    favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap.")
    members.change(
        by=ben, firm="Tamarind", practice="", office="", contact="", can_help_with="Anything", would_love="Golf"
    )
    target, path = {
        "answer": (answer.id, f"posts/{post.id}"),
        "thanks": (favor.id, f"favors/{favor.id}"),
        "profile": (ben.id, f"members/{ben.number}"),
    }[kind]
    by = cleo if kind == "profile" else ada
    case = reports.report(TargetKind(kind), target, by=by, rule=rule_of(by), at=NOON)
    assert "put away" not in reader.as_(ben).visit(f"/g/bar/{path}").text
    made(case, otto, Act.HIDE)

    page = reader.as_(ben).visit(f"/g/bar/{path}")
    assert "Words of yours were put away here." in page.text
    assert WHY in page.text
    assert "You see it differently?" in page.follow("What was decided, and how to go on").text
    assert "put away" not in reader.as_(cleo if kind == "profile" else ada).visit(f"/g/bar/{path}").text


# By the link in a letter


def link_to_appeal(settings, member, decision):
    return links.link(settings, verb="appeal", row=decision.id, member=member.id, at=NOON).removeprefix(
        settings.base_url
    )


def test_whoever_was_removed_appeals_by_the_link_in_the_letter(session, settings, reader, olga, otto, ada, case):
    decided(case, olga, Act.END)

    seconds.agree(session.scalars(select(Proposal.id)).one(), by=otto, at=NOON)
    assert session.get(type(ada), ada.id).state is MembershipState.ENDED
    bag = Bag()
    deliver(at=NOON, settings=settings, transport=bag)
    (letter,) = [one for one in bag.letters if one["X-Exchange-Letter"] == "decided"]
    (path,) = re.findall(r"http://exchange\.example(/appeal/\S+)", plain(letter))

    page = reader.visit(path)
    assert page.status == 200
    assert "Opening this page changed nothing" in page.text
    assert not session.scalars(select(Appeal)).all()
    assert page.response.headers["Cache-Control"] == "no-store"
    assert page.response.headers["Referrer-Policy"] == "no-referrer"
    assert page.press("Ask for another look", why="").status == 422
    page = page.press("Ask for another look", why="I was never asked.")
    assert page.title == "Another look was asked for"
    assert session.scalars(select(Appeal)).one().by_id == ada.id
    assert "asked for already" in reader.visit(path).text
    assert "Sign in" in reader.visit("/g/bar/").text


def test_a_link_that_is_not_whole_not_ours_or_too_old_opens_nothing(session, settings, reader, ada, ben, hidden, clock):
    path = link_to_appeal(settings, ada, hidden)
    other = links.link(settings, verb="confirm", row=hidden.id, member=ada.id, at=NOON).replace("/do/", "/appeal/")
    theirs = link_to_appeal(settings, ben, hidden)

    assert reader.visit(path.replace("appeal.", "appeal.1")).status == 404
    assert reader.visit(other.removeprefix(settings.base_url)).status == 404
    assert reader.visit(theirs).status == 404
    assert reader.visit("/appeal/nonsense").status == 404
    clock.pass_by(days=21)
    assert "This cannot be asked any more." in reader.visit(path).text
    clock.pass_by(days=40)
    assert reader.visit(path).status == 410


# An edit


def test_the_author_changes_the_words_and_the_post_is_back_by_itself(session, reader, olga, ada, ben, post, case):
    made(case, olga, Act.ASK_EDIT)
    assert reader.as_(ben).visit(f"/g/bar/posts/{post.id}").status == 404
    page = reader.as_(ada).visit(f"/g/bar/posts/{post.id}").follow("Change the words")
    assert WHY in page.text
    same = page.press("Put it back")
    assert (same.status, "Nothing is changed yet." in same.text) == (422, True)

    page = page.press("Put it back", title="An hour on estates")
    assert page.path == f"/g/bar/posts/{post.id}"
    assert "Thank you. It is back where it was" in page.text
    assert session.get(type(post), post.id).state is PostState.OPEN
    assert "An hour on estates" in reader.as_(ben).visit("/g/bar/").text


def test_an_answer_is_edited_the_same_way(session, reader, olga, otto, ada, ben):
    answer = answered(offered(ada), ben, text="Only for clients.")
    case = reports_answer(answer, ada)
    decision = made(case, olga, Act.ASK_EDIT)
    page = reader.as_(ben).visit("/g/bar/decisions").follow("Asked for an edit").follow("Change the words")
    page = page.press("Put it back", text="I would love it.")

    assert page.path == f"/g/bar/decisions/{decision.id}"
    assert session.get(type(answer), answer.id).text == "I would love it."


def reports_answer(answer, by):

    return reports.report(TargetKind.ANSWER, answer.id, by=by, rule=rule_of(by), at=NOON)


def test_nobody_edits_what_they_were_not_asked_to(reader, ada, ben, hidden):
    assert reader.as_(ada).visit(f"/g/bar/decisions/{hidden.id}/edit").status == 404
    assert reader.as_(ben).visit(f"/g/bar/decisions/{hidden.id}/edit").status == 404


# Off the pages at once


def test_a_hidden_post_is_nowhere_at_once(session, settings, reader, olga, otto, ada, ben, cleo, post, case):
    still = offered(ada, title="Clients for clients")
    pages = [
        "/g/bar/",
        "/g/bar/?category=event_place",
        "/g/bar/members/",
        f"/g/bar/members/{ada.number}",
        "/g/bar/decisions",
        "/g/bar/search?q=clients&in=posts",
        "/g/bar/log",
    ]

    def stands_on(member):
        here = reader.as_(member)
        return [page for page in pages if f"/posts/{still.id}" in here.visit(page).response.text]

    assert {*pages[:2], pages[5]} <= set(stands_on(ben))
    made(reported(still, ben), olga, Act.HIDE)
    made(case, otto, Act.HIDE)

    for member in (ben, olga, cleo):
        assert stands_on(member) == []
        assert reader.as_(member).visit(f"/g/bar/posts/{still.id}").status == 404
    bag = Bag()
    deliver(at=NOON + DAY, settings=settings, transport=bag)
    written = [plain(one) for one in bag.letters if str(one["To"]).find("ada@") < 0]
    assert not [text for text in written if f"/posts/{still.id}" in text and "Clients for clients" in text]
