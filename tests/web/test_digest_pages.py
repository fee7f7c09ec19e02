"""The pages around the weekly letter: what one wishes of it, and what organisers see and do."""

from email import message_from_bytes
from email.policy import default

import pytest

from exchange.digest import report, wishes
from exchange.digest.issue import due
from exchange.digest.send import send, send_all
from exchange.digest.suppression import try_again
from exchange.storage.digest import DigestGroupWish, DigestNote, DigestWish
from exchange.storage.post import Post
from tests.builders import answered, needed, offered
from tests.digest.bag import UNKNOWN, Bag
from tests.digest.issues import DAY, HOUR, MINUTE, MONDAY, WEEK, issue, issues, nobody_else
from tests.people import NOON, joined

LETTERS = "/g/bar/me/letters"
DESK = "/g/bar/weekly"
CARGO = "Somebody at Harborline Freight who decides on cargo insurance"


def own(member):
    return wishes.own(member.person, at=NOON)


@pytest.fixture
def cargo(session, ben) -> Post:
    """Ben needs something, and nobody has answered."""
    return needed(ben, at=NOON, closes_at=MONDAY + 5 * DAY)


@pytest.fixture
def sent(session, settings, cargo, ada, olga, clock) -> Bag:
    """The letters of Monday, an hour ago."""
    bag = Bag(ada=[UNKNOWN])
    send_all(at=MONDAY, settings=settings, way=bag)
    clock.at = MONDAY + HOUR
    return bag


# What one wishes


def test_the_page_shows_what_holds_and_keeps_what_is_chosen(reader, ada):
    page = reader.as_(ada).visit(LETTERS)
    assert page.soup.find("input", attrs={"name": "rhythm", "checked": True})["value"] == "weekly"
    assert page.soup.select_one('select[name="weekday"] option[selected]').get_text() == "Monday"
    assert page.soup.select_one('select[name="hour"] option[selected]').get_text() == "08:00"

    after = page.press("Keep this", weekday="4", hour="19", zone="Europe/London", pause="2")
    assert "This is when the weekly letter comes" in after.text
    assert (own(ada).plan.weekday, own(ada).plan.hour, own(ada).plan.zone) == (4, 19, "Europe/London")
    assert own(ada).paused_until == NOON + 2 * WEEK


def test_keeping_it_as_it_is_changes_nothing(session, reader, ada):
    reader.as_(ada).visit(LETTERS).press("Keep this")

    assert session.get_one(DigestWish, ada.person_id).changed_at is None
    assert own(ada).parts[0].on


def test_a_pause_is_shown_and_can_be_ended(reader, ada):
    here = reader.as_(ada)
    here.visit(LETTERS).press("Keep this", pause="3")
    page = here.visit(LETTERS)
    assert page.soup.select_one('select[name="pause"] option').get_text() == "Paused until Thursday, 5 November"

    page.press("Keep this")
    assert own(ada).paused_until == NOON + 3 * WEEK
    page.press("Keep this", pause="0")
    assert own(ada).paused_until is None


def test_what_cannot_be_chosen_is_said_beside_the_field(reader, ada):
    page = reader.as_(ada).visit(LETTERS).press("Keep this", zone="Mars/Olympus")

    assert page.status == 422
    assert "is not a time zone" in page.text


def test_each_group_can_be_left_out(session, reader, ada, sam):
    sam.person = ada.person
    session.commit()
    page = reader.as_(ada).visit(LETTERS)
    assert [box["value"] for box in page.soup.select('input[name="on"]:checked')][:2] == [
        ada.group.slug,
        sam.group.slug,
    ]

    page.reader.post(f"{LETTERS}/weekly", **_typed(page) | {"on": [sam.group.slug]})
    assert {part.membership.id: part.on for part in own(ada).parts} == {ada.id: False, sam.id: True}


def _typed(page) -> dict[str, str]:
    """The token of a page and the fields that are not about groups."""
    token = page.soup.find("input", attrs={"name": "csrf_token"})["value"]
    plan = {"rhythm": "weekly", "weekday": "0", "hour": "8", "zone": "UTC", "language": "en", "pause": ""}
    return plan | {"csrf_token": str(token)}


def test_agreeing_to_a_preview_counts_for_this_group_only(session, reader, ada, sam):
    sam.person = ada.person
    session.add(DigestGroupWish(membership_id=sam.id, previewed=True))
    session.commit()
    page = reader.as_(ada).visit(LETTERS)
    page.reader.post(f"{LETTERS}/weekly", **_typed(page) | {"on": [ada.group.slug, sam.group.slug], "previewed": "1"})
    assert {part.membership.id: part.previewed for part in own(ada).parts} == {ada.id: True, sam.id: True}

    page.reader.post(f"{LETTERS}/weekly", **_typed(page) | {"on": [ada.group.slug, sam.group.slug]})
    assert {part.membership.id: part.previewed for part in own(ada).parts} == {ada.id: False, sam.id: True}


def test_a_new_zone_on_the_account_page_counts_from_now_on(session, reader, ada):
    here = reader.as_(ada)
    here.visit("/me").press("Keep this", name="Ada F.")
    assert session.get(DigestWish, ada.person_id) is None

    here.visit("/me").press("Keep this", zone="Asia/Kathmandu")
    assert session.get_one(DigestWish, ada.person_id).changed_at == NOON


# The note


def test_a_note_stands_at_the_top_of_the_next_letter_of_each_and_of_no_other(
    session, settings, reader, olga, ada, cargo
):
    reader.as_(olga).visit(DESK).press("Keep the note", text="The library is closed on Friday.")
    bag = Bag()
    send_all(at=MONDAY, settings=settings, way=bag)
    assert len(bag.letters) == 3
    for number in range(3):
        assert "Olga Petrenko to everybody The library is closed on Friday." in bag.text(number)

    needed(ada, title="Half an hour on tax", at=MONDAY + DAY, closes_at=MONDAY + 2 * WEEK)
    again = Bag()
    send_all(at=MONDAY + WEEK, settings=settings, way=again)
    assert again.letters
    assert "library" not in again.text(0)


def test_a_note_can_be_changed_and_taken_back_until_a_letter_carries_it(session, settings, reader, olga, cargo):
    here = reader.as_(olga)
    here.visit(DESK).press("Keep the note", text="The libary is closed.")
    page = here.visit(DESK)
    assert "No letter carries it yet" in page.text
    page.press("Keep the note", text="The library is closed.")
    assert [note.text for note in session.query(DigestNote)] == ["The library is closed."]
    here.visit(DESK).press("Keep the note", text="")
    assert session.query(DigestNote).count() == 0

    here.visit(DESK).press("Keep the note", text="It is open.")
    send_all(at=MONDAY, settings=settings, way=Bag())
    assert here.visit(DESK).soup.textarea.get_text().strip() == ""
    here.visit(DESK).press("Keep the note", text="")
    assert [note.text for note in session.query(DigestNote)] == ["It is open."]


@pytest.mark.parametrize(("length", "status"), [(500, 200), (501, 422)])
def test_a_note_has_500_characters_at_most(reader, olga, length, status):
    assert reader.as_(olga).visit(DESK).press("Keep the note", text="x" * length).status == status


# Previews


def test_an_organiser_sees_their_own_next_letter_and_takes_it_along(session, reader, olga, cargo):
    page = reader.as_(olga).visit(DESK).follow("Your own")
    assert CARGO in page.text

    answer = reader.as_(olga).send("GET", f"{DESK}/preview.eml")
    message = message_from_bytes(answer.data, policy=default)
    assert (answer.mimetype, message["To"].addresses[0].addr_spec) == ("message/rfc822", "olga@bar.example")


def test_they_see_it_as_a_mail_program_shows_it(session, reader, olga, ben):
    needed(ben, title='A chair, style="Louis XV" <b>', at=NOON, closes_at=MONDAY + DAY)
    page = reader.as_(olga).visit(f"{DESK}/preview").follow("As a mail program shows it")
    assert page.title == "Good morning, Olga"
    assert 'A chair, style="Louis XV" <b>' in page.text

    [sheet] = page.soup.select('link[rel="stylesheet"]')
    answer = reader.as_(olga).send("GET", sheet["href"])
    assert answer.mimetype == "text/css"
    assert ".letter { max-width: 600px" in answer.text
    assert "prefers-color-scheme: dark" in answer.text


def test_where_nothing_is_new_the_page_says_so(reader, olga):
    assert "Nothing is new" in reader.as_(olga).visit(f"{DESK}/preview").text
    assert "Nothing is new" in reader.as_(olga).visit(f"{DESK}/preview/letter").text
    assert reader.as_(olga).visit(f"{DESK}/preview.eml").status == 200


def test_a_member_is_previewed_only_with_their_consent(session, reader, olga, ada, cargo):
    assert reader.as_(olga).visit(f"{DESK}/preview?member={ada.number}").status == 403
    session.add(DigestGroupWish(membership_id=ada.id, previewed=True))
    session.commit()

    page = reader.as_(olga).visit(DESK).follow("That of Ada Farouk")
    assert page.status == 200
    assert CARGO in page.text


def test_a_preview_of_a_member_shows_nothing_that_only_the_member_may_know(session, reader, olga, ada, ben, sam, cargo):
    """Neither what waits for them, nor a post that is hidden from anybody, nor another group, nor their link."""
    session.add(DigestGroupWish(membership_id=ada.id, previewed=True))
    nobody_else(session, sam.group)
    sam.person = ada.person
    session.commit()
    needed(ben, title="A quiet word about a new job", at=NOON, closes_at=MONDAY + DAY, hidden_from=[olga.number])
    mine = offered(
        ada, title="An hour on escrow", at=NOON, closes_at=MONDAY + DAY, event_at=MONDAY + 2 * DAY, rule="choice"
    )
    answered(mine, ben)
    otto = joined(session, sam.group, "Otto Lindqvist", email="otto@med.example")
    needed(otto, title="A second opinion on a knee", at=NOON, closes_at=MONDAY + DAY)
    theirs = reader.as_(ada).visit("/g/bar/").text
    assert "An hour on escrow" in theirs

    answer = reader.as_(olga).send("GET", f"{DESK}/preview.eml?member={ada.number}")
    message = message_from_bytes(answer.data, policy=default)
    whole = " ".join(part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
    assert CARGO in whole
    for secret in ("A quiet word", "An hour on escrow", "opinion on a knee", "ada@bar.example", ".digest."):
        assert secret not in whole + str(message), secret
    assert message["To"].addresses[0].addr_spec == "olga@bar.example"
    assert "/letters/stop/preview" in message["List-Unsubscribe"]


def test_who_has_stopped_the_letter_has_no_preview(session, reader, olga):
    wishes.stop(olga.person_id, at=NOON)

    assert "has stopped the letter" in reader.as_(olga).visit(f"{DESK}/preview").text


# What became of the letters


def test_the_report_adds_up_and_says_why(session, reader, sent, olga, ada):
    (run,) = report.runs(seen_by=olga)
    assert (run.due, run.sent, run.failed, run.skipped.total()) == (3, 1, 1, 1)
    page = reader.as_(olga).visit(DESK)
    assert "3 due: 1 sent, 1 skipped, 1 failed." in page.text
    assert "Nothing was new for them: 1" in page.text
    assert "Ada Farouk: 550 5.1.1 … no such user" in page.text


def test_a_group_hears_only_of_its_own_members(session, reader, sent, sam):
    sam.role = "organiser"
    session.commit()

    assert report.runs(seen_by=sam) == []


def test_why_somebody_wishes_no_letter_is_not_told_by_name(session, settings, reader, olga, ben, cleo, cargo, clock):
    wishes.choose(
        cleo.person_id,
        rhythm="weekly", weekday=0, hour=8, zone="UTC", language="en", pause=4, on={cleo.id}, previewed=(), at=NOON,
    )  # fmt: skip
    send_all(at=MONDAY, settings=settings, way=Bag())
    clock.at = MONDAY + HOUR

    assert "They pause the letter: 1" in reader.as_(olga).visit(DESK).text
    for member in (cleo, ben):
        page = reader.as_(olga).visit(f"/g/bar/members/{member.number}").follow("Weekly letters to")
        assert "not sent. Nothing was new, or they wish none just now" in page.text


def test_what_came_back_is_counted_and_shown(session, reader, sent, olga):
    one = issue(session, olga)
    one.bounced = "4.2.2"
    session.commit()

    assert "1 of those that were sent came back" in reader.as_(olga).visit(DESK).text
    assert "It came back: 4.2.2" in reader.as_(olga).visit(f"{DESK}/members/{olga.number}").text


def test_before_the_first_run_the_page_says_when_it_comes(reader, olga):
    assert "None was due yet" in reader.as_(olga).visit(DESK).text


def test_a_daily_letter_that_joined_the_next_is_not_said_to_be_late_by_more_than_a_day(session, reader, olga, clock):
    wishes.choose(
        olga.person_id,
        rhythm="daily", weekday=0, hour=8, zone="UTC", language="en", pause=None, on={olga.id}, previewed=(),
        at=NOON - DAY,
    )  # fmt: skip
    due(at=MONDAY)
    due(at=MONDAY + DAY)
    clock.at = MONDAY + DAY + HOUR

    page = reader.as_(olga).visit(f"{DESK}/members/{olga.number}")
    assert "It was late, and the next letter tells what was in it" in page.text


# Sending one again


def test_a_letter_is_sent_to_one_person_again(session, settings, reader, sent, olga, ada, ben):
    page = reader.as_(olga).visit(f"{DESK}/members/{olga.number}").press("Send the latest again")
    assert "It goes out within a minute" in page.text
    bag = Bag()
    done = send(at=MONDAY + HOUR + MINUTE, settings=settings, way=bag)

    assert (done.sent, bag.readers) == (1, ["olga"])
    first, copy = sorted(issues(session, olga), key=lambda one: one.period)
    assert (first.period, copy.period) == ("2026-W43", "2026-W43+1")
    assert (first.window_from, first.window_until) == (copy.window_from, copy.window_until)
    assert first.message_id != copy.message_id
    assert bag.letters[0]["Date"].datetime == MONDAY + HOUR, "no receiver takes it for an old letter"
    assert CARGO in bag.text()
    assert "once more" in reader.as_(olga).visit(f"{DESK}/members/{olga.number}").text
    assert report.runs(seen_by=olga)[0].due == 4


def test_one_that_failed_can_be_sent_again_and_is_the_letter_of_its_week(session, settings, reader, sent, olga, ada):
    try_again(ada.person_id)
    reader.as_(olga).visit(f"{DESK}/members/{ada.number}").press("Send the latest again")
    send(at=MONDAY + 2 * HOUR, settings=settings, way=Bag())
    needed(olga, title="Half an hour on tax", at=MONDAY + DAY, closes_at=MONDAY + 2 * WEEK)
    send_all(at=MONDAY + WEEK, settings=settings, way=Bag())

    assert issues(session, ada)[-1].window_from == MONDAY


def test_whether_they_still_wish_it_is_looked_at_when_it_goes(session, settings, reader, sent, olga):
    reader.as_(olga).visit(f"{DESK}/members/{olga.number}").press("Send the latest again")
    wishes.stop(olga.person_id, at=MONDAY + HOUR)

    assert send(at=MONDAY + 2 * HOUR, settings=settings, way=Bag()).sent == 0


def test_it_is_not_sent_again_and_again(session, reader, sent, olga):
    for _ in range(3):
        reader.as_(olga).visit(f"{DESK}/members/{olga.number}").press("Send the latest again")
    page = reader.as_(olga).visit(f"{DESK}/members/{olga.number}").press("Send the latest again")

    assert (page.status, "3 times already" in page.text) == (409, True)


def test_there_is_nothing_to_send_again_where_none_was_due(session, reader, sent, olga, ben, clock):
    assert "Send the latest again" not in reader.as_(olga).visit(f"{DESK}/members/{ben.number}").text
    clock.at = MONDAY + 15 * DAY
    assert "Send the latest again" not in reader.as_(olga).visit(f"{DESK}/members/{olga.number}").text


@pytest.mark.parametrize("path", ["", "/preview", "/preview.eml", "/preview/letter", "/members/1"])
def test_members_see_nothing_of_it(reader, ada, path):
    assert reader.as_(ada).send("GET", DESK + path).status_code == 403
