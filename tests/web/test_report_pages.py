"""Telling the organisers in a browser, from every post, answer, thank-you, page and favor; nobody learns who it was."""

import json
import re

import pytest
from sqlalchemy import select

from exchange.domain import favors, ties, unasked
from exchange.domain.desk import public, rules
from exchange.domain.ties import TieKind
from exchange.mail import deliver, links
from exchange.storage.desk import Act, Case, Objection, Report, TargetKind
from exchange.storage.letter import Letter
from exchange.storage.membership import Role
from exchange.storage.post import Rule
from tests.builders import answered, offered
from tests.domain.desk.casework import DAY, made, plain, reported
from tests.mail.bag import Bag
from tests.people import NOON, joined

NOTE = "I know where this came from."
LINK = "Is something wrong?"


@pytest.fixture
def otto(session, group, olga):
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


@pytest.fixture
def thanked(ada, ben, favor):
    """Ben has thanked Ada."""
    return favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap.")


def tell(page, link=LINK, **said):
    """Follow the link and send the form."""
    form = page.follow(link)
    assert form.title == "What is wrong here?"
    assert "Nobody is told that it was you" in form.text
    choice = form.soup.select('input[name="rule"]')[2]["value"]
    return form.press("Tell the organisers", **({"rule": choice, "note": NOTE} | said))


def kinds(session):
    return [(case.kind, case.about.name) for case in session.scalars(select(Case).order_by(Case.id))]


def test_a_post_is_reported_in_two_steps(session, reader, olga, ada, ben):
    post = offered(ada)
    page = tell(reader.as_(ben).visit(f"/g/bar/posts/{post.id}"))

    assert "Thank you. An organiser who is free to decide looks at it." in page.text
    assert kinds(session) == [(TargetKind.POST, "Ada Farouk")]
    found = session.scalars(select(Report)).one()
    assert (found.note, found.rule) == (NOTE, rules.rules(seen_by=ben)[2].text)
    assert NOTE in reader.as_(olga).visit("/g/bar/desk").follow("A post by Ada Farouk").text


def test_an_answer_is_reported_by_the_author_of_the_post(session, reader, olga, ada, ben):
    post = offered(ada, rule=Rule.CHOICE)
    answered(post, ben)
    tell(reader.as_(ada).visit(f"/g/bar/posts/{post.id}"), "Tell the organisers about this answer")

    assert kinds(session) == [(TargetKind.ANSWER, "Ben Castellanos")]


def test_what_only_two_can_read_says_so_before_it_is_reported(reader, olga, ada, ben, cleo, favor):
    """A report tells by itself who made it then, whatever the desk keeps to itself."""
    can = "whoever hears that it was reported can work it out"
    post = offered(ada, rule=Rule.CHOICE)
    answer = answered(post, ben)
    page = reader.as_(ada).visit(f"/g/bar/reports/answer/{answer.id}")
    assert f"Beside you only Ben Castellanos can read this. Nobody is told that it was you, but {can}." in page.main()
    assert (
        can
        in reader.as_(ben).visit(f"/g/bar/reports/favor/{favor.id}").main()
        + page.reader.as_(ada).visit(f"/g/bar/reports/favor/{favor.id}").main()
    )

    favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap.")
    for path in (f"favor/{favor.id}", f"thanks/{favor.id}", f"post/{post.id}", f"profile/{ada.number}"):
        assert can not in reader.as_(cleo).visit(f"/g/bar/reports/{path}").main(), path


def test_thanks_and_the_words_of_a_favor_are_reported_by_whoever_reads_them(session, reader, olga, cleo, thanked):
    page = reader.as_(cleo).visit(f"/g/bar/favors/{thanked.id}")
    tell(page, "Tell the organisers about the thanks")
    tell(page, "Tell the organisers about the words of this favor")

    assert [kind for kind, _name in kinds(session)] == [TargetKind.THANKS, TargetKind.FAVOR]


def test_a_page_is_reported_under_the_number_of_the_member(session, reader, olga, ada, ben):
    tell(reader.as_(ben).visit(f"/g/bar/members/{ada.number}"))

    assert kinds(session) == [(TargetKind.PROFILE, "Ada Farouk")]


def test_ones_own_words_carry_no_such_link(reader, olga, ada, ben, thanked):
    post = offered(ada)
    for path in (f"posts/{post.id}", f"members/{ada.number}", "me"):
        assert LINK not in reader.as_(ada).visit(f"/g/bar/{path}").text
    assert "about the thanks" not in reader.as_(ben).visit(f"/g/bar/favors/{thanked.id}").text
    assert reader.as_(ada).visit(f"/g/bar/reports/post/{post.id}").status == 409


def test_what_one_may_not_know_of_cannot_be_reported(session, reader, olga, ada, ben, cleo, sam):
    hidden = offered(ada, hidden_from=[cleo.number])
    theirs = unasked.helped_by(
        ada.number, by=ben, category="advice", title="An hour", at=NOON, thanks="Thanks.", withheld=True
    )
    answer = answered(offered(ada), ben)
    paths = [f"post/{hidden.id}", f"favor/{theirs.id}", f"thanks/{theirs.id}", f"answer/{answer.id}"]
    for path in [*paths, "post/4711", "held_post/1", "application/1", "nonsense/1", "profile/99"]:
        assert reader.as_(cleo).visit(f"/g/bar/reports/{path}").status == 404, path
    assert not session.scalars(select(Case)).all()


def test_without_a_rule_nothing_is_sent_and_the_note_is_kept(session, reader, olga, ada, ben):
    post = offered(ada)
    form = reader.as_(ben).visit(f"/g/bar/reports/post/{post.id}")
    page = form.press("Tell the organisers", note=NOTE)

    assert page.status == 422
    assert "Choose one of the rules of this group." in page.text
    assert NOTE in page.text
    assert not session.scalars(select(Report)).all()


def test_two_reports_by_one_member_count_once(session, reader, olga, ada, ben):
    page = reader.as_(ben).visit(f"/g/bar/posts/{offered(ada).id}")
    tell(page)

    assert tell(page).status == 409
    assert len(session.scalars(select(Report)).all()) == 1


def test_one_finds_ones_own_reports_and_nobody_elses(reader, olga, ada, ben, cleo):
    case = reported(offered(ada), ben, note=NOTE)
    page = reader.as_(ben).visit("/g/bar/decisions").follow("What you reported")
    assert NOTE in page.text
    assert "The organisers look at it." in page.text
    assert NOTE not in reader.as_(cleo).visit("/g/bar/reports").text

    made(case, olga, Act.DISMISS)
    assert "It is decided" in reader.as_(ben).visit("/g/bar/reports").text


def test_a_reporter_objects_to_an_organiser(session, reader, olga, otto, ada, ben):
    reported(offered(ada), ben)
    page = reader.as_(ben).visit("/g/bar/reports")
    bad = page.press("Object", why="They share an office.")
    assert bad.status == 422
    assert "They share an office." in bad.text

    page = page.press("Object", organiser=str(olga.number), why="They share an office.")
    assert "Until then they do not decide." in page.text
    assert session.scalars(select(Objection)).one().organiser_id == olga.id
    assert not page.soup.select('textarea[name="why"]')


# A question is relayed


def test_an_organiser_asks_and_the_reporter_answers_from_the_letter(session, settings, reader, olga, otto, ada, ben):
    case = reported(offered(ada), ben)
    page = reader.as_(olga).visit(f"/g/bar/desk/{case.id}")
    bad = page.press("Ask", text=" ")
    assert (bad.status, "The question is empty" in bad.main()) == (422, True)
    page = page.press("Ask", text="Which line is it?")
    assert "Neither of you learns who the other is." in page.text
    assert "No answer yet." in page.main()
    assert not [one for one in page.soup.select("summary") if "Ask whoever" in one.get_text()]

    bag = Bag()
    deliver(at=NOON, settings=settings, transport=bag)
    (letter,) = [one for one in bag.letters if one["X-Exchange-Letter"] == "question"]
    assert "Olga" not in str(letter) + plain(letter)
    (path,) = re.findall(r"http://exchange\.example(/tell/\S+)", plain(letter))
    page = reader.visit(path)
    assert "Opening this page changed nothing" in page.main()
    assert "Olga" not in page.text
    assert page.press("Answer without your name", text="").status == 422
    page = page.press("Answer without your name", text="The second one.")
    assert "nobody is told that it was you" in page.main()
    assert not page.soup.main.select("form")

    page = reader.as_(otto).visit(f"/g/bar/desk/{case.id}")
    assert "“The second one.”" in page.main()
    assert "Ben" not in page.text


def test_a_second_question_meanwhile_loses_nothing_that_was_typed(reader, olga, otto, ada, ben):
    case = reported(offered(ada), ben)
    late = reader.as_(otto).visit(f"/g/bar/desk/{case.id}")
    reader.as_(olga).visit(f"/g/bar/desk/{case.id}").press("Ask", text="Which line is it?")
    page = late.press("Ask", text="And since when?")

    assert page.status == 409
    assert "A question waits for an answer already." in page.main()
    assert "And since when?" in page.main()


def test_a_link_for_something_else_answers_nothing(settings, reader, olga, ada, ben):
    reported(offered(ada), ben)
    for verb, row in (("appeal", 1), ("tell", 4711)):
        link = links.link(settings, verb=verb, row=row, member=ben.id, at=NOON).removeprefix(settings.base_url)
        assert reader.visit(link.replace("/appeal/", "/tell/")).status == 404


# Nobody learns who it was


@pytest.fixture
def reporter(session, group):
    """Nobody else has anything of this name."""
    return joined(session, group, "Xanthippe Quill", email="quillx@bar.example")


def everything(reader, readers, case, decision_ids):
    """Every page about a case, to everybody who could open one."""
    said = []
    for member in readers:
        here = reader.as_(member)
        pages = ["", "/log", "/log?kind=decision", "/decisions", "/reports", "/desk", f"/desk/{case.id}", "/log/mine"]
        pages += [f"/decisions/{number}" for number in decision_ids]
        pages += [f"/posts/{case.target_id}", f"/members/{case.about.number}", "/me", "/weekly/preview"]
        for page in pages:
            found = here.visit(f"/g/bar{page}")
            for list_of_members in found.soup.find_all("select"):
                list_of_members.decompose()
            said.append(str(found.soup))
    return said


@pytest.mark.parametrize("close", [False, True], ids=["a stranger", "tied to an organiser"])
def test_who_reported_stands_on_no_page_in_no_letter_and_in_no_log(
    session, settings, reader, olga, otto, ada, ben, cleo, reporter, close
):
    if close:
        ties.declare(reporter.number, by=olga, kind=TieKind.FAMILY, at=NOON)
        deliver(at=NOON, settings=settings, transport=Bag())  # what the tie itself tells the two
    others = [ada, ben, cleo, olga, otto]
    post = offered(ada, closes_at=NOON + 30 * DAY, event_at=None)
    tell(reader.as_(reporter).visit(f"/g/bar/posts/{post.id}"))
    case = session.scalars(select(Case)).one()
    said = everything(reader, others, case, [])

    reader.as_(otto).visit(f"/g/bar/desk/{case.id}").press("Ask", text="Which line is it?")
    said += everything(reader, others, case, [])
    reader.as_(reporter).visit("/g/bar/reports").press("Answer without your name", text="The second one.")
    said += everything(reader, others, case, [])
    assert sum("The second one." in text for text in said) == (1 if close else 2)

    page = reader.as_(reporter).visit("/g/bar/reports")
    page.press("Object", organiser=str(olga.number), why="They are close.")
    said += everything(reader, others, case, [])
    made(case, otto, Act.HIDE)
    mine = public.mine(seen_by=ada, at=NOON)[0]
    reader.as_(ada).visit(f"/g/bar/decisions/{mine.id}").press("Ask for another look", why="No.")
    said += everything(reader, others, case, [mine.id])
    bag = Bag()
    deliver(at=NOON + DAY, settings=settings, transport=bag)
    said += [str(one) + plain(one) for one in bag.letters if "quillx@" not in str(one["To"])]
    said += [json.dumps(one.facts) for one in session.scalars(select(Letter)) if one.email != "quillx@bar.example"]

    assert len(said) > 100
    for text in said:
        for secret in ("Xanthippe", "Quill", "quillx"):
            assert secret not in text
    assert all("What members wrote, seen by organisers who may decide" in text for text in said if NOTE in text)
