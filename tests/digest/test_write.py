"""The weekly letter as an e-mail. Whole ones are kept in letters/ and compared; WRITE_LETTERS=1 writes them anew."""

import os
import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from exchange.config import Settings
from exchange.digest.compose import compose
from exchange.digest.facts import Board, Counts, Digest, Group, GroupWeek, Happened, Newcomer, Note, Tally, Wait
from exchange.digest.fragments import Fragments
from exchange.digest.lines import Block
from exchange.digest.picture import Row, drawn
from exchange.digest.write import letter, message_id
from exchange.log.checkpoint import short_code
from exchange.mail.headers import CannotBeAddressed
from tests.digest.samples import (
    ADA,
    BAR,
    DAY,
    FROM,
    LONG_AGO,
    MED,
    UNTIL,
    WEDNESDAY,
    favor,
    member,
    need,
    offer,
    post,
    reader,
    waiting,
    week,
)
from tests.digest.whole import BEFORE, SIGNED, WHOLE, bar, whole
from tests.mail.reading import as_file, part

LETTERS = Path(__file__).parent / "letters"
STOP = "http://exchange.example/letters/stop/EV5yjM3bXcZbq5fS2mM8l3UcYkYdWkZlq3cJ0k1Q6wU.1.digest.20261012.a1b2c3"
FORBIDDEN = re.compile(r"\b(debts?|owes?|owed|credits?|points?)\b|!", re.IGNORECASE)
SEVEN_TIMES_SEVEN = "{{ 7*7 }} {% raw %} %(name)s 100% <!--piece 0-->"
EVIL = '</p><a href="https://evil.example">Look & see</a><style>*{top:0}</style>'
INJECTION = "Ada\r\nBcc: sam@med.example\r\n\r\nHello\u2028X-Evil: yes"
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def write(settings: Settings) -> Any:
    """Writes a letter, whole or of one week, and reads it back as a mail program does."""

    def written(what: Digest | str | GroupWeek, *more: GroupWeek, **said: Any) -> EmailMessage:
        if isinstance(what, GroupWeek):
            composed = compose(reader(**said), [what, *more])
            assert composed is not None
            what = composed
        digest = whole(what) if isinstance(what, str) else what
        data = letter(digest, settings=settings, stop=STOP, fragments=Fragments()).as_bytes()
        return message_from_bytes(data, policy=default)

    return written


def page(message: EmailMessage) -> BeautifulSoup:
    return BeautifulSoup(part(message, "html"), "html.parser")


def words_of_page(message: EmailMessage) -> list[str]:
    """What the page says in words: without the preview, the picture, and addresses."""
    found = page(message)
    for hidden in found.select(".preview, head, .picture, .each"):
        hidden.decompose()
    for end in found.select("br, p, h1, h2"):
        end.append(" ")
    return re.findall(r"\w+", found.get_text().casefold())


def words_of_text(message: EmailMessage) -> list[str]:
    """What the text says, without addresses."""
    return re.findall(r"\w+", re.sub(r"(?m)^http\S+", "", part(message, "plain")).casefold())


def says(message: EmailMessage) -> str:
    """The text on one line."""
    return " ".join(part(message, "plain").split())


def links(message: EmailMessage) -> list[str]:
    return [str(link["href"]) for link in page(message).select("[href]")]


def lines_of(message: EmailMessage) -> list[bytes]:
    return message.as_bytes().split(b"\n")


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_letter(name: str, write: Any) -> None:
    message = write(name)

    for suffix, found in ((".txt", as_file(message)), (".html", part(message, "html"))):
        expected = LETTERS / f"{name}{suffix}"
        if os.environ.get("WRITE_LETTERS"):
            expected.write_text(found)
        assert found == expected.read_text()


@pytest.mark.parametrize("name", WHOLE)
def test_both_parts_say_the_same_and_lead_to_the_same_pages(name: str, write: Any) -> None:
    message = write(name)

    assert words_of_text(message) == words_of_page(message)
    assert set(links(message)) == set(re.findall(r"(?m)^http\S+$", part(message, "plain")))


@pytest.mark.parametrize("name", WHOLE)
def test_the_house_rules_of_a_letter(name: str, write: Any, settings: Settings) -> None:
    message = write(name)
    soup = page(message)

    body = message if message.get_content_type() == "multipart/alternative" else next(iter(message.iter_parts()))
    assert [one.get_content_type() for one in body.iter_parts()] == ["text/plain", "text/html"]
    assert not soup.select("img, script, link, iframe, form, svg, [src], [background]")
    assert len(soup.select("h1")) == 1
    assert len(soup.select(".press")) == (1 if soup.find(string="Waiting for you") else 0)
    assert all(link.startswith(settings.base_url + "/") for link in links(message))
    assert all(element.get("style") for element in soup.select("p, a, h1, h2, td"))
    assert "You get this letter every" in says(message)
    assert "Stop this letter, without signing in: " + STOP in says(message)
    assert not FORBIDDEN.search(as_file(message).partition("\n\n")[2])
    assert "“”" not in says(message)


@pytest.mark.parametrize("name", WHOLE)
def test_no_line_is_too_long(name: str, write: Any) -> None:
    message = write(name)
    text = [line for line in part(message, "plain").splitlines() if not line.startswith("http")]
    head, _empty, body = message.as_bytes().partition(b"\n\n")

    assert max(map(len, text)) <= 78
    assert max(map(len, body.splitlines())) <= 76
    assert max(map(len, head.split(b"\n"))) <= 998
    encoded = [one for one in message.walk() if one["Content-Transfer-Encoding"] == "quoted-printable"]
    for one in encoded:
        assert max(map(len, str(one.get_payload()).splitlines())) <= 76
    assert len(encoded) == 2


def test_the_headers_of_the_list(write: Any, settings: Settings) -> None:
    message = write("full")

    assert message["List-Unsubscribe"] == f"<{STOP}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<digest.exchange.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Exchange-Letter"] == "digest"
    assert message["Message-ID"] == message_id(settings, 501)
    assert message["Date"].datetime == UNTIL
    assert str(message["From"]) == "Marlow County Bar <exchange@exchange.example>"
    assert str(message["To"]) == "Ada Farouk <ada@bar.example>"


def test_the_message_id_is_made_of_the_issue_and_the_settings(settings: Settings) -> None:
    first = message_id(settings, 501)

    assert first == message_id(settings, 501)
    assert first.startswith("<digest-501-")
    assert first.endswith("@exchange.example>")
    assert message_id(replace(settings, secret_key="another secret, long enough"), 501) != first
    assert message_id(settings, 502) != first


def test_a_letter_about_several_groups_comes_from_the_house(write: Any) -> None:
    assert str(write("two_groups")["From"]) == "Exchange <exchange@exchange.example>"


def test_the_same_facts_give_the_same_bytes_whatever_was_written_before(settings: Settings) -> None:
    shared = Fragments()
    for name in WHOLE:
        letter(whole(name), settings=settings, stop=STOP, fragments=shared)
    for name in WHOLE:
        with_old = letter(whole(name), settings=settings, stop=STOP, fragments=shared).as_bytes()
        assert with_old == letter(whole(name), settings=settings, stop=STOP, fragments=Fragments()).as_bytes()
        assert with_old == letter(whole(name), settings=settings, stop=STOP).as_bytes()


def test_a_piece_is_written_once_for_all_who_read_the_same(settings: Settings, monkeypatch: Any) -> None:
    shared = Fragments()
    written: list[str] = []
    honest = Fragments.piece

    def noted(self: Fragments, name: str, *said: Any) -> Block:
        written.append(name)
        return honest(self, name, *said)

    monkeypatch.setattr(Fragments, "piece", noted)
    full = whole("full")
    letter(full, settings=settings, stop=STOP, fragments=shared)
    first = len(written)
    ben = replace(full, reader=reader(issue_id=9, name="Ben Castellanos", email="ben@bar.example"))
    message = letter(ben, settings=settings, stop=STOP, fragments=shared).read()

    assert "Good morning, Ben" in says(message)
    assert written.count("post") > 10
    assert set(written[first:]) == {"waiting"}


def test_readers_in_two_zones_read_their_own_days(settings: Settings) -> None:
    shared = Fragments()
    one = week(need(closes_at=UNTIL + 5 * DAY + timedelta(hours=5)))
    days = []
    for zone in ("America/New_York", "Pacific/Auckland", "Nowhere/Else"):
        digest = compose(reader(zone=zone), [one])
        assert digest is not None
        found = says(letter(digest, settings=settings, stop=STOP, fragments=shared).read())
        days.append((re.findall(r"Closes on (\d+)", found), re.findall(r"Good \w+", found)))

    assert days == [(["17"], ["Good morning"]), (["18"], ["Good evening"]), (["17"], ["Good afternoon"])]


def test_the_checkpoints_are_attached_as_they_were_signed(write: Any) -> None:
    files = {one.get_filename(): one.get_payload(decode=True) for one in write("full").iter_attachments()}

    assert files == {"checkpoint-bar-1104.txt": BEFORE.encode(), "checkpoint-bar-1198.txt": SIGNED.encode()}
    assert short_code(SIGNED) in says(write("full"))


def test_the_same_checkpoint_is_attached_once(write: Any) -> None:
    same = replace(bar().checkpoint, size_before=1198, before=SIGNED)  # type: ignore[type-var]

    message = write(bar(checkpoint=same))
    assert [one.get_filename() for one in message.iter_attachments()] == ["checkpoint-bar-1198.txt"]
    assert "Nothing was added since your last letter. The signed checkpoint is attached. Its code" in says(message)


def test_without_checkpoints_there_is_nothing_attached(write: Any) -> None:
    message = write("waiting")

    assert message.get_content_type() == "multipart/alternative"
    assert "The log" not in says(message)


def test_a_full_letter_of_the_longest_words_stays_below_100_kb(write: Any) -> None:
    long = {"firm": "Ünï " * 30, "category": "Ünïversity " * 5, "author": "Nguyễn " * 17, "answered": False}
    posts = [
        make(title="Ệ" * 40 + " marine insurance golf " + "Ệ" * 50, **long) for make in (need, offer) for _ in range(9)
    ]
    groups = [Group(number, f"g{number}", "Ệ" * 120, organisers=("Ệ" * 120,) * 3) for number in range(5)]
    weeks = [
        week(
            *posts,
            group=group,
            notes=[Note(group, "Ệ" * 120, "Ệ " * 250, WEDNESDAY)],
            thanks=[favor(group=group, giver_id=ADA, thanks="Ệ " * 500) for _ in range(3)],
            favors=[favor(group=group)],
            newcomers=[Newcomer(number, "Ệ" * 120, WEDNESDAY) for number in range(3)],
            checkpoint=replace(bar().checkpoint, group=group, origin=f"o{group.id}"),  # type: ignore[type-var]
            member=member(would_love="Ệ" * 40 + ", golf"),
        )
        for group in groups
    ]
    message = write(*weeks)

    assert len(message.as_bytes()) < 100_000
    assert max(map(len, lines_of(message))) <= 998


@pytest.mark.parametrize(
    "name",
    ["Castellanos, Ben", 'Ben "the <lawyer>" Castellanos; Esq.', "Ben 👩‍⚖️ Castellanos", "نور الحسيني", "José \\ Núñez"],
)
def test_a_name_stays_one_name(name: str, write: Any) -> None:
    message = write(week(need(author=name), group=replace(BAR, name=name)), name=name)

    assert [one.display_name for one in message["To"].addresses] == [name]
    assert [one.display_name for one in message["From"].addresses] == [name]
    assert message["Subject"] == f"{name.split()[0]} could use a hand"


def test_no_fact_reaches_another_header(write: Any) -> None:
    message = write(
        week(need(author=INJECTION, title=INJECTION, text="marine insurance"), group=replace(BAR, name=INJECTION)),
        name=INJECTION,
    )

    assert "Bcc" not in message
    assert "X-Evil" not in message
    assert message["To"].addresses[0].addr_spec == "ada@bar.example"
    head = message.as_bytes().partition(b"\n\n")[0]
    assert not re.search(rb"(?m)^(Bcc|X-Evil|Hello)", head)


def test_an_address_that_no_header_holds_is_refused(settings: Settings) -> None:
    digest = compose(reader(email="adä@bar.example"), [week(need())])
    assert digest is not None

    with pytest.raises(CannotBeAddressed):
        letter(digest, settings=settings, stop=STOP)


def everywhere(text: str) -> tuple[GroupWeek, dict[str, Any]]:
    """A week in which a text stands wherever a member can write."""
    group = Group(1, "bar", text, organisers=(text, text))
    words = member(can_help_with="marine insurance " + text.replace(",", ""), would_love="golf")
    kinds = list(Wait)[:8]
    one = week(
        need(title="marine insurance " + text, author=text, firm=text, category=text, text="marine insurance " + text),
        post(title=text, author=text, author_joined_at=WEDNESDAY - DAY),
        group=group,
        member=words,
        waiting=[waiting(kind, name=text, other=text, title=text, group=group, until=UNTIL + DAY) for kind in kinds],
        notes=[Note(group, text, text, WEDNESDAY)],
        thanks=[favor(group=group, giver_id=ADA, thanks=text, title=text, receiver=text)],
        favors=[favor(group=group, giver=text, receiver=text, title=text, thanks=text, met=1)],
        newcomers=[Newcomer(77, text, WEDNESDAY)],
    )
    return one, {"name": text}


@pytest.mark.parametrize("text", [SEVEN_TIMES_SEVEN, EVIL])
def test_what_a_member_wrote_stands_there_literally(text: str, write: Any) -> None:
    one, said = everywhere(text)
    message = write(one, **said)
    soup = page(message)
    for hidden in soup.select("head"):
        hidden.decompose()

    assert says(message).count(" ".join(text.split())) >= 15
    assert soup.get_text().count(text) >= 15
    assert "evil.example" not in "".join(links(message))
    assert len(BeautifulSoup(part(message, "html"), "html.parser").select("style")) == 1
    assert "49" not in re.sub(r"exchange.example\S+", "", says(message)).replace(text, "")
    assert words_of_text(message) == words_of_page(message)


def test_a_members_text_cannot_pass_for_ours(write: Any) -> None:
    text = "Gladly.\n\nSay that it happened:\nhttps://evil.example/\u2028https://evil.example/2"
    one = week(
        need(title="marine insurance https://evil.example/" + "x" * 60),
        notes=[Note(BAR, "Olga", text, WEDNESDAY)],
        thanks=[favor(giver_id=ADA, thanks=text)],
    )
    lines = part(write(one), "plain").splitlines()

    assert not [line for line in lines if line.startswith("https://evil")]
    assert [line for line in lines if line.startswith("  ") and "evil" in line]


def test_text_that_turns_round_turns_nothing_else_round(write: Any) -> None:
    message = write(week(need(author="Ben \u202egro.live", firm="\u2067x")))

    assert "\u202e" not in says(message) + unescape(part(message, "html"))
    assert "<bdi>Ben gro.live</bdi>" in part(message, "html").replace(' style="margin: 0;"', "")


def test_a_language_from_right_to_left_turns_the_page(write: Any) -> None:
    assert '<html lang="ar" dir="rtl"' in part(write(week(need()), language="ar"), "html")


@pytest.mark.parametrize("language", ["", "xx", "not a language"])
def test_an_unknown_language_is_english(language: str, write: Any) -> None:
    assert "You get this letter every Monday" in says(write(week(need()), language=language))


def posts(*authors: str, make: Any = need, **said: Any) -> GroupWeek:
    return week(*(make(author=author, **said) for author in authors))


@pytest.mark.parametrize(
    ("one", "subject"),
    [
        (posts("Ben Castellanos"), "Ben could use a hand"),
        (posts("Ben", "Ann Whitcombe"), "Ben and Ann could use a hand"),
        (posts("Ben", "Ann", "Dr. Wen Li"), "Ben, Ann and Dr. Wen could use a hand"),
        (posts("Ben", "Ann", "Wen", "Theo"), "Ben, Ann and two others could use a hand"),
        (posts("Ben", "Ann", "Wen", "Theo", "Elena"), "Ben, Ann and three others could use a hand"),
        (posts("Theo", make=offer), "Theo offers something that you might love"),
        (posts("Theo", "Ann", make=offer), "Theo and Ann offer something that you might love"),
        (posts("Wen", make=post), "Wen would be glad of an answer"),
        (week(waiting=[waiting()]), "One thing waits for you"),
        (week(waiting=[waiting()] * 13), "13 things wait for you"),
        (week(post(author="Wen"), waiting=[waiting()]), "One thing waits for you"),
        (week(thanks=[favor(giver_id=ADA, thanks="Thank you")]), "Ben Castellanos says thank you"),
        (week(thanks=[favor(giver_id=ADA, thanks="Thank you", receiver="")]), "A former member says thank you"),
        (week(notes=[Note(BAR, "Olga Petrenko", "Come", WEDNESDAY)]), "A word from Olga Petrenko"),
    ],
)
def test_the_subject_is_what_is_most_worth_reading(one: GroupWeek, subject: str, write: Any) -> None:
    assert write(one)["Subject"] == subject


@pytest.mark.parametrize(
    ("said", "greeting"),
    [
        ({"zone": "UTC"}, "Good afternoon, Ada"),
        ({"zone": "Europe/Berlin"}, "Good afternoon, Ada"),
        ({"zone": "Asia/Kathmandu"}, "Good afternoon, Ada"),
        ({"zone": "Pacific/Kiritimati"}, "Good evening, Ada"),
        ({"zone": "America/New_York"}, "Good morning, Ada"),
        ({"name": ""}, "Good morning "),
        ({"name": "", "zone": "UTC"}, "Good day "),
    ],
)
def test_the_greeting_goes_with_the_readers_hour(said: dict[str, Any], greeting: str, write: Any) -> None:
    assert greeting in says(write(week(need()), **said))


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (week(need()), "You said you can help with “marine insurance”. http"),
        (week(need(answered=False)), "You said you can help with “marine insurance”, and nobody has answered yet."),
        (week(offer()), "You said you would love “golf”. http"),
        (week(offer(answered=False)), "You said you would love “golf”, and nobody has answered yet."),
        (week(post()), "Nobody has answered yet."),
        (week(need(), post(created_at=FROM - DAY)), "Still nobody has answered."),
        (
            week(post(author="Wen Li", author_joined_at=LONG_AGO + 280 * DAY)),
            "Wen joined on Tuesday, 22 September, and nobody has answered yet.",
        ),
        (
            week(post(author="Wen Li", author_joined_at=LONG_AGO + 280 * DAY, answered=True)),
            "Wen joined on Tuesday, 22 September.",
        ),
        (week(need(closes_at=UNTIL + 100 * DAY)), "Closes on 20 January 2027."),
        (week(offer(event_at=UNTIL + 6 * DAY)), "It takes place on Sunday, 18 October."),
        (week(offer(first_come=True)), "Whoever answers first gets it."),
        (week(thanks=[favor(giver_id=ADA, thanks="Oh", title="")]), "Ben Castellanos to you."),
        (week(need(), favors=[favor(title="", thanks="Oh")]), "Ruth Adeyemi helped Ben Castellanos."),
        (week(need(), favors=[favor(thanks="Oh", giver="")]), "A former member helped Ben Castellanos: “An hour"),
        (week(need(), favors=[favor()], newcomers=[Newcomer(7, "", FROM)]), "a former member joined."),
        (
            week(need(), favors=[], newcomers=[Newcomer(number, f"N{number}", FROM) for number in range(3)]),
            "N0, N1 and N2 joined.",
        ),
        (
            week(need(), favors=[], newcomers=[Newcomer(number, f"N{number}", FROM) for number in range(4)]),
            "4 people joined.",
        ),
        (week(need(), tally=Tally({2: 1}, {}, {2: 1}, {})), "Since Monday, 5 October you gave 1, to one person."),
        (
            week(need(), tally=Tally({}, {2: 3, 4: 1})),
            "In the last twelve months you received 4, from 2 different people.",
        ),
        (week(need(), member=member(can_help_with="marine", would_love="")), "You get this letter"),
    ],
)
def test_what_a_letter_says_follows_its_facts(one: GroupWeek, sentence: str, write: Any) -> None:
    message = write(one)

    assert sentence in says(message)
    assert words_of_text(message) == words_of_page(message)
    assert not FORBIDDEN.search(says(message).replace("!", ""))


@pytest.mark.parametrize(
    ("begin", "year", "news"),
    [
        (FROM, "YOUR WEEK AND YEAR", "THE GROUP’S WEEK"),
        (FROM + timedelta(hours=1), "YOUR WEEK AND YEAR", "THE GROUP’S WEEK"),
        (UNTIL - 2 * DAY, "YOUR YEAR", "IN THE GROUP SINCE SATURDAY, 10 OCTOBER"),
        (FROM - 14 * DAY, "YOUR YEAR", "IN THE GROUP SINCE MONDAY, 21 SEPTEMBER"),
    ],
)
def test_only_a_week_is_called_one(begin: Any, year: str, news: str, write: Any) -> None:
    tally = Tally({2: 3}, {}, {2: 1}, {})
    one = week(need(created_at=UNTIL - DAY), favors=[favor(confirmed_at=UNTIL - DAY)], tally=tally)
    found = part(write(one, window_from=begin), "plain").splitlines()

    assert [line for line in found if line.isupper()] == ["NEEDS YOU COULD MEET", year, news]


def test_a_year_that_is_no_more_than_the_week_is_not_told_again(write: Any) -> None:
    found = says(write(week(need(), tally=Tally({}, {2: 1, 3: 1}, {}, {2: 1, 3: 1}))))

    assert "you received 2, from 2 different people." in found
    assert "twelve months" not in found


def test_nor_is_a_week_announced_of_which_nothing_is_told(write: Any) -> None:
    found = part(write(week(need(), tally=Tally({2: 3}))), "plain")

    assert "\nYOUR YEAR\n" in found


def test_nor_where_there_are_several_groups(write: Any) -> None:
    here = week(need(created_at=UNTIL - DAY), favors=[favor(confirmed_at=UNTIL - DAY)])
    found = part(write(here, week(group=MED), window_from=UNTIL - 2 * DAY), "plain")

    assert "IN MARLOW COUNTY BAR SINCE SATURDAY, 10 OCTOBER" in found


def test_what_is_nothing_is_not_said(write: Any) -> None:
    found = says(write(week(need())))

    for silent in ("WEEK", "WAITING", "CAME OF", "LOVE", "The log", "(Marlow"):
        assert silent not in found


def test_the_picture_has_a_row_for_each_count() -> None:
    assert drawn(Counts(7, 4, 9)).rows == (Row("gave", 7, 7), Row("received", 4, 4), Row("people", 9, 9))
    assert drawn(Counts(7, 4, 12)).each == 1


def test_a_large_picture_keeps_one_measure_and_shows_whatever_is_more_than_nothing() -> None:
    large = drawn(Counts(1, 130, 0))

    assert large.each == 11
    assert large.rows == (Row("gave", 1, 1), Row("received", 130, 12), Row("people", 0, 0))


def test_the_picture_reads_with_pictures_off(write: Any) -> None:
    soup = page(write("full"))
    rows = [[cell.get_text(strip=True) for cell in row.select("td")] for row in soup.select(".picture tr")]

    assert [[row[0], row[-1]] for row in rows] == [["Gave", "16"], ["Received", "11"], ["People", "5"]]
    assert [len(row) - 2 for row in rows] == [8, 6, 3]
    assert len(soup.select("td.gave")) == 8
    assert soup.select_one(".picture")["aria-hidden"] == "true"  # type: ignore[index]


def test_the_dark_page_keeps_its_own_style(write: Any) -> None:
    found = part(write("full"), "html")

    assert '<meta name="color-scheme" content="light dark">' in found
    assert "@media (prefers-color-scheme: dark)" in found
    assert "/* " not in found
    assert ".press {" in found.partition("</head>")[0].partition("prefers-color-scheme")[2]


def test_two_groups_are_told_apart(write: Any) -> None:
    here = week(need(), thanks=[favor(giver_id=ADA, thanks="Oh")], waiting=[waiting()])
    there = week(offer(), group=MED, member=member(id=90, can_help_with="", would_love=""))
    found = says(write(here, there))

    assert "Other, in Marlow County Bar" in found
    assert "Marlow County Bar Did Ruth Adeyemi help you" in found
    assert "In Marlow County Bar." in found
    assert "Write it down for Harbor Medical Society" in found
    assert "because you are a member of Harbor Medical Society and Marlow County Bar." in found


def test_who_joins_in_the_window_is_welcomed_by_nobody_but_the_facts(write: Any) -> None:
    one = GroupWeek(
        group=BAR,
        member=member(joined_at=FROM, can_help_with="", would_love=""),
        board=Board((post(),)),
        happened=Happened((), (Newcomer(ADA, "Ada Farouk", FROM),)),
    )

    assert "Ada Farouk joined" not in says(write(one))
