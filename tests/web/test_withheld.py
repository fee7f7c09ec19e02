"""A test that tries to find a withheld pair from everything that a third member can open, export or receive, and fails.

Two worlds differ only in who the pair is: Ada helped Ben, or Cleo helped Dan. Whoever is neither of them opens every
page, runs every command and reads every letter, and must find the same in both.

On PostgreSQL three of all addresses that differ only in a number are opened, and a tenth of the others. With
EXCHANGE_CRAWL=1, as in `make check-long`, all of them are opened there too; EXCHANGE_SEED says which chances.
"""

import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, message_from_string
from email.policy import default
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from exchange import log
from exchange.cli import COMMANDS, main
from exchange.domain import clocks, corrections, disputes, favors, leaving, responses, ties, unasked
from exchange.domain.entries import KINDS
from exchange.domain.ties import TieKind
from exchange.mail.render import render
from exchange.storage.db import db, transaction
from exchange.storage.desk import Case, Decision
from exchange.storage.entry import LogLeaf
from exchange.storage.favor import Favor
from exchange.storage.group import Category
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, Role
from exchange.storage.person import Person
from exchange.storage.policy import GroupRule
from exchange.storage.post import Post, PostKind, Response, Rule
from tests.builders import answered, favors_of, offered
from tests.people import NOON, Clock, founded, joined
from tests.web.reader import Reader
from tests.web.test_doors import DOORS, MEMBERS, ORGANISERS, PROGRAMS
from tests.web.unsalted import of_file, of_letter, unsalted

WHOLE = os.environ.get("EXCHANGE_CRAWL", "") == "1"
FEW, SHARE = 3, 0.1
SEED = int(os.environ.get("EXCHANGE_SEED", "0")) or 20261015

WEEK = timedelta(days=7)
SATURDAY = 5
NAMES = ("Ada Farouk", "Ben Castellanos", "Cleo Marchetti", "Dan Okafor", "Eve Lindqvist", "Finn Aalto", "Gita Rao")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PAIR = ("ada", "ben")
OTHER_PAIR = ("cleo", "dan")
WORDS = "An hour on the escrow clause"
THANKS = "You found the gap in clause 9."

# The other commands tell nothing of a group; one that nobody has thought of fails below.
TELLING = {"balances", "digest", "export", "log"}
PROCESSES = {"serve", "tick", "worker"}
NOT_TELLING = {"admin", "backup", "bounces", "demo", "desk", "doctor", "group", "import", "init", "restore"} | PROCESSES


@dataclass
class World:
    """A group with its people by first name, and the pair whose favors are withheld here."""

    app: Flask
    people: dict[str, Membership]
    giver: Membership
    receiver: Membership
    clock: Clock
    made: dict[str, Any] = field(default_factory=dict)
    begin: dict[str, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Membership:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def authors(self) -> tuple[Membership, Membership]:
        """The givers of both pairs: where posts tell nothing, both post the same."""
        return self.ada, self.cleo


@contextmanager
def world(app: Flask, pair: tuple[str, str]) -> Iterator[World]:
    """A world of its own, gone afterwards."""
    connection: Any = db.engines[None]
    clock: Clock = app.extensions["clock"]
    db.session.remove()
    point = connection.begin_nested()
    clock.at = NOON
    try:
        session = db.session()
        group = founded(session, "bar", "Harbor County Bar", "otto@bar.example")
        people = {name.split()[0].lower(): joined(session, group, name) for name in NAMES}
        people["olga"] = joined(session, group, "Olga Petrenko", role=Role.ORGANISER)
        for name in ("ada", "cleo", "gita"):
            people[name].firm = "Étude Pereira"
        for member in people.values():
            member.can_help_with = "escrow, cargo insurance"
            member.would_love = "golf, escrow"
        session.commit()
        here = World(app, people, people[pair[0]], people[pair[1]], clock)
        _before(here)
        yield here
    finally:
        db.session.remove()
        point.rollback()
        clock.at = NOON


def _before(w: World) -> None:
    """An ordinary life, the same in both worlds: everybody has given something before."""
    for giver, receiver, category in (
        (w.ada, w.eve, "advice"),
        (w.cleo, w.eve, "review"),
        (w.eve, w.ben, "mentoring"),
        (w.eve, w.dan, "advice"),
        (w.finn, w.gita, "other"),
        (w.olga, w.finn, "advice"),
    ):
        unasked.helped_by(giver.number, by=receiver, category=category, title=f"What {giver.name} knows", at=w.clock())
    w.clock.pass_by(hours=20)
    post = offered(w.finn, closes_at=w.clock() + WEEK, event_at=w.clock() + WEEK, at=w.clock(), slots=2)
    answered(post, w.gita, at=w.clock())


def _after(w: World) -> None:
    """And goes on."""
    w.clock.pass_by(hours=30)
    unasked.helped_by(w.gita.number, by=w.finn, category="advice", title="A second pair of eyes", at=w.clock())
    unasked.helped_by(w.ben.number, by=w.eve, category="review", title="A brief", at=w.clock())
    unasked.helped_by(w.dan.number, by=w.eve, category="review", title="A brief", at=w.clock())


# What a third member can find


def everything(w: World, who: str) -> dict[str, str]:
    """All that somebody can open, export or receive: by address, by command, by letter."""
    w.begin = {"posts": first(Post), "favors": first(Favor), "categories": first(Category), "rules": first(GroupRule)}
    w.begin |= {"desk": first(Case), "decisions": first(Decision), "reports/post": first(Post), "reports/profile": 0}
    w.begin |= {"reports/answer": first(Response), "reports/favor": first(Favor), "reports/thanks": first(Favor)}
    member = w.people[who]
    found = crawled(w, member)
    found |= {"$ exchange " + " ".join(words): same(w, unsalted(told(words))) for words in telling(member)}
    found["the weekly letter"] = same(w, previewed(member))
    found |= taken_along(member)
    return found | {f"letter {place}": letter for place, letter in enumerate(letters(w, member))}


def crawled(w: World, member: Membership) -> dict[str, str]:
    """Every page that the member can open, by link, by filter and by number; refusals too."""
    reader = Reader(w.app, member)
    coming, pages, chosen = [*starts(w)], {}, chooser(w)
    while coming:
        path = coming.pop()
        if path in pages or not chosen(path):
            continue
        response = reader.send("GET", path)
        assert response.status_code < 500
        if response.status_code in {301, 302, 308}:
            pages[path] = f"to {same(w, response.headers['Location'])}"
            coming.append(response.headers["Location"])
            continue
        pages[path] = f"{response.status_code}\n{said_in(w, path, response)}"
        if response.mimetype == "text/html":
            # Of the pages of older entries every third is enough.
            coming += [link for link in linked(response.text) if "before=" not in link]
    opened = {endpoint_of(w.app, path) for path in pages}
    missed = {endpoint for endpoint in DOORS if endpoint not in opened and endpoint in readable(w.app)}
    assert not missed, f"nobody has looked at {missed}"
    return {same(w, path): text for path, text in pages.items()}


def chooser(w: World) -> Callable[[str], bool]:
    """Whether an address is to be opened: in both worlds the same ones are."""
    if WHOLE or db.engines[None].dialect.name == "sqlite":
        return lambda _path: True
    families = Counter[str]()

    def chosen(path: str) -> bool:
        family = re.sub(r"\d+", "N", path)
        families[family] += 1
        if family == path or families[family] <= FEW:
            return True
        return random.Random(f"{SEED} {same(w, path)}").random() < SHARE  # noqa: S311 (nothing secret)

    return chosen


def said_in(w: World, path: str, response: TestResponse) -> str:
    """What a page or a file says, without what is different in every world."""
    if response.status_code == 200 and response.mimetype in {"application/octet-stream", "application/zip"}:
        return of_file(path, response.get_data())
    if response.status_code == 200 and response.mimetype == "message/rfc822":
        return same(w, of_letter(message_from_bytes(response.get_data(), policy=default)))
    return same(w, unsalted(response.text))


def starts(w: World) -> list[str]:
    """Where a curious member begins: the board, every filter of the log, and every number that could be something."""
    here = [f"/g/bar/{page}" for page in ("", "log", "members/", "posts/new", "favors/new", "ties", "me", "categories")]
    here += ["/g/bar/settings/archive", "/g/bar/invitations/list"]
    numbers = [member.number for member in w.people.values()]
    slugs = [category.slug for category in w.olga.group.categories]
    here += [f"/g/bar/log?member={number}" for number in [*numbers, max(numbers) + 1]]
    here += [f"/g/bar/log?category={slug}" for slug in slugs]
    here += [f"/g/bar/log?member={number}&category=advice" for number in numbers]
    size = log.size(db.session(), w.olga.group_id)
    here += [f"/g/bar/log?before={index}" for index in range(1, size + 1, 3)]
    here += [f"/g/bar/log?kind={kind}" for kind in KINDS]
    here += [f"/g/bar/log/{index}/take-out" for index in range(30)]
    here += [f"/g/bar/?kind={kind}&category={slug}" for kind in ("", "need") for slug in slugs[:4]]
    # Names, words and categories of both pairs, in every corner of the search.
    typed = [*(name.split()[1] for name in NAMES), *WORDS.split()[-2:], "gap", "advice", "brief", "golf", "pereira"]
    here += [f"/g/bar/search?q={word}{more}" for word in typed for more in ("", "&in=posts", "&in=people", "&in=log")]
    here += [f"/g/bar/search?q=ada+{word}" for word in ("escrow", "hour", "advice")]
    here += [f"/g/bar/?state={state}&sort={sort}" for state in ("closed", "all") for sort in ("", "newest", "event")]
    here += [f"/g/bar/members/?{name}=escrow" for name in ("q", "help", "love", "firm")]
    here += [f"/g/bar/members/{number}" for number in [*numbers, max(numbers) + 1]]
    here += [f"/g/bar/posts/{first(Post) + n}" for n in range(16)]
    here += [f"/g/bar/favors/{first(Favor) + n}{page}" for n in range(28) for page in ("", "/receipt")]
    here += [f"/g/bar/log/{page}" for page in ("mine", "check", "download", "checkpoint", "vkey", *range(size + 1))]
    here += [f"/g/bar/settings{page}" for page in ("", "/archive", "/delete", "/change", "/rules")]
    here += [f"/g/bar/settings/rules/{first(GroupRule)}"]
    here += [f"/g/bar/{page}" for page in ("organisers", "organisers/step-down", "election", "invitations/list")]
    here += [f"/g/bar/categories/{first(Category)}"]
    here += [f"/g/bar/desk{page}" for page in ("", *(f"/{first(Case) + n}" for n in range(3)))]
    numbered = [first(Decision) + n for n in range(4)]
    here += ["/g/bar/reports", "/g/bar/decisions"]
    here += [f"/g/bar/members/{number}/forget" for number in numbers]
    here += [f"/g/bar/decisions/{number}{page}" for number in numbered for page in ("", "/edit")]
    here += [f"/g/bar/reports/post/{first(Post) + n}" for n in range(8)]
    here += [f"/g/bar/reports/{kind}/{first(Favor) + n}" for kind in ("favor", "thanks") for n in range(14)]
    here += [f"/g/bar/weekly{page}" for page in ("", "/preview", "/preview/letter", "/letter.css", "/preview.eml")]
    here += [f"/g/bar/weekly/members/{number}" for number in numbers]
    here += [f"/g/bar/log/tile/{tile}.p/{n}" for tile in ("0/000", "entries/000") for n in (1, size, size + 1)]
    return [*here, "/", "/me", "/me/password", "/me/tokens", "/healthz", "/demo/letters"]


def linked(text: str) -> list[str]:
    """The addresses on this site that a page links to."""
    return [unescape(href) for href in re.findall(r'<a\b[^>]*?href="(/[^"#]*)', text)]


def endpoint_of(app: Flask, path: str) -> str:
    found: Any = app.url_map.bind("exchange.example").match(urlsplit(path).path)
    return str(found[0])


def readable(app: Flask) -> set[str]:
    """The pages of a group."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and DOORS.get(rule.endpoint) in {MEMBERS, ORGANISERS, PROGRAMS}
    } - {"invitations.all"}


def telling(member: Membership) -> list[list[str]]:
    """The commands that tell of a group, as they are used for this member."""
    own = ["--as", member.person.email]
    return [
        ["balances", "bar"],
        ["balances", "bar", "--json"],
        ["export", "favors", "bar"],
        ["export", "favors", "bar", *own],
        ["log", "checkpoint", "bar"],
        ["log", "vkey", "bar"],
    ]


def previewed(member: Membership) -> str:
    """What the next weekly letter would tell."""
    said = told(["digest", "preview", member.person.email])
    return of_letter(message_from_string(said, policy=default)) if "Subject: " in said else said


def taken_along(member: Membership) -> dict[str, str]:
    """What the commands write into files: the whole log, as anybody and as this member, and some receipts."""
    found = {}
    with TemporaryDirectory() as place:
        for name, own in (("anybody", []), ("own", ["--as", member.person.email])):
            folder = Path(place) / name
            told(["log", "export", "bar", "-o", str(folder), *own])
            for file in folder.rglob("*"):
                if file.is_file():
                    path = f"{name}/{file.relative_to(folder)}"
                    found[path] = of_file(f"/{path}", file.read_bytes())
            for index in range(0, log.size(db.session(), member.group_id), 5):
                told(["log", "receipt", "bar", str(index), "-o", str(folder / f"{index}.tlog-proof"), *own])
                found[f"{name}, receipt {index}"] = unsalted((folder / f"{index}.tlog-proof").read_text())
    return found


def told(words: list[str]) -> str:
    """What a command says."""
    db.session.commit()
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result.output


def letters(w: World, member: Membership) -> list[str]:
    """Every letter to the member, as it would be sent."""
    rows = db.session.scalars(select(Letter).filter_by(email=member.person.email).order_by(Letter.id)).all()
    settings = w.app.extensions["settings"]
    return [
        same(w, "\n".join([str(sent["Subject"]), str(letter.due_at), of_letter(sent)]))
        for letter in rows
        for sent in (render(letter, settings=settings),)
    ]


def first(table: type[Any]) -> int:
    """The first number of a kind of row in this world: PostgreSQL does not count from 1 again after a rollback."""
    return db.session.scalar(select(func.min(table.id))) or 1


def same(w: World, text: str) -> str:
    """A page without what is different whenever it is opened: tokens, and where numbers begin.

    To be asked after `unsalted`: a hash in a receipt may hold the letters of an address by chance.
    """
    text = re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1-", text)
    text = re.sub(r'name="rule" type="radio" value="\d+"', 'name="rule" type="radio"', text)
    text = re.sub(r"/(do|letters/stop|me/sessions)/[\w.()-]+", r"/\1/-", text)
    return re.sub(
        r"/(posts|favors|categories|rules|desk|decisions|reports/\w+)/(\d+)",
        lambda found: f"/{found[1]}/#{int(found[2]) - w.begin[found[1]]}",
        text,
    )


def difference(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The lines that are said in only one of two worlds, with their page."""
    found = []
    for page in sorted({*one, *other}):
        here, there = (
            [" ".join(line.split()) for line in told.get(page, "(no such page)").splitlines()] for told in (one, other)
        )
        if here != there:
            found.append(f"{page}: {[x for x in here if x not in there]} / {[x for x in there if x not in here]}")
    return found


def in_both(app: Flask, who: Sequence[str], *happens: Callable[[World], None]) -> list[str]:
    """What somebody could tell the two worlds apart by, after all of this has happened in each."""
    found: list[list[dict[str, str]]] = []
    for pair in (PAIR, OTHER_PAIR):
        with world(app, pair) as w:
            for what in happens:
                what(w)
            _after(w)
            found.append([everything(w, one) for one in who])
            found[-1].append({f"leaf {place}": json.dumps(leaf) for place, leaf in enumerate(leaves())})
            for one in who:
                nothing_names_them(w, one)
    return [line for pair in zip(*found, strict=True) for line in difference(*pair)]


def nothing_names_them(w: World, who: str) -> None:
    """Beside a withheld entry stands no name, no word and no day."""
    page = Reader(w.app, w.people[who]).visit("/g/bar/log")
    withheld = [li.get_text(" ") for li in page.soup.find_all("li", class_="entry") if "withheld" in li.get_text()]
    assert withheld
    for said in withheld:
        assert not set(re.findall(r"\w+", said)) & {word for name in NAMES for word in name.split()}, said
        assert not [words for words in (WORDS, THANKS, *DAYS) if words in said], said


# What happens between the two


def asked_for(w: World) -> None:
    """Advice without a post: the receiver asks for it, then confirms."""
    favor = unasked.helped(w.receiver.number, by=w.giver, category="advice", title=WORDS, at=w.clock())
    favors.withhold(favor.id, by=w.receiver)
    w.clock.pass_by(hours=1)
    favors.confirm(favor.id, by=w.receiver, at=w.clock(), thanks=THANKS)


def written_down(w: World) -> None:
    """ "I was helped", withheld from the beginning."""
    w.made["favor"] = unasked.helped_by(
        w.giver.number, by=w.receiver, category="mentoring", title=WORDS, at=w.clock(), thanks=THANKS, withheld=True
    )


def not_me(w: World) -> None:
    """And it was somebody else."""
    written_down(w)
    w.clock.pass_by(days=3)
    unasked.not_me(w.made["favor"].id, by=w.giver, at=w.clock())


def corrected_by_both(w: World) -> None:
    """The two correct it together."""
    written_down(w)
    correction = corrections.propose(w.made["favor"].id, by=w.giver, why="It was somebody’s brief.", at=w.clock())
    w.clock.pass_by(days=2)
    corrections.agree(correction.id, by=w.receiver, at=w.clock())


def tied(w: World) -> None:
    """The two have a tie, which others may know, but not that it stands beside this entry."""
    ties.declare(w.ben.number, by=w.ada, kind=TieKind.CLIENT, at=w.clock())
    ties.declare(w.dan.number, by=w.cleo, kind=TieKind.CLIENT, at=w.clock())
    written_down(w)


def across_a_month(w: World) -> None:
    """On another day of the month, after a whole month without entries."""
    w.clock.pass_by(days=40)
    written_down(w)


def come_to_nothing(w: World) -> None:
    """Withheld and never confirmed: one denied, one lapsed, one still waiting."""
    for _ in range(3):
        favor = unasked.helped(w.receiver.number, by=w.giver, category="review", title=WORDS, at=w.clock())
        favors.withhold(favor.id, by=w.giver)
        if "denied" not in w.made:
            w.made["denied"] = unasked.deny(favor.id, by=w.receiver, at=w.clock())
        elif "lapsed" not in w.made:
            w.made["lapsed"] = favor
            w.clock.pass_by(days=30)
            clocks.due(at=w.clock())


WITHOUT_A_POST = [asked_for, written_down, not_me, corrected_by_both, tied, across_a_month, come_to_nothing]


def test_who_the_two_are_makes_no_difference_to_anybody_else(app):
    assert in_both(app, ["eve", "olga"], *WITHOUT_A_POST) == []


def test_on_which_day_it_was_makes_no_difference_either(app):
    found = []
    for day in (5, 11):
        with world(app, PAIR) as w:
            for at, happens in ((2, _after), (day, written_down), (20, _after)):
                w.clock.at = NOON.replace(month=11, day=at)
                happens(w)
            found.append(everything(w, "eve"))

    assert difference(*found) == []


# What comes of a post that was hidden from somebody


def hidden_post(w: World, *, category: str = "event_place", by_firm: bool = False) -> Favor:
    """Both givers post the same, hidden alike; only the post of the pair's giver is answered."""
    posts = {
        author.id: offered(
            author,
            category=category,
            title="An hour on golf and escrow",
            closes_at=w.clock() + timedelta(days=3),
            event_at=w.clock() + timedelta(days=4),
            at=w.clock(),
            hidden_from_firm=by_firm,
            hidden_from=[w.eve.number] if by_firm else [w.eve.number, w.gita.number],
        )
        for author in w.authors
    }
    answered(posts[w.giver.id], w.receiver, "With pleasure.", at=w.clock())
    (favor,) = favors_of(db.session(), posts[w.giver.id])
    return favor


def hidden_from_a_member(w: World) -> None:
    favors.confirm(hidden_post(w).id, by=w.receiver, at=w.clock(), thanks=THANKS)


def hidden_from_a_firm(w: World) -> None:
    favors.confirm(hidden_post(w, by_firm=True).id, by=w.receiver, at=w.clock(), thanks=THANKS)


def hidden_and_confirmed_by_itself(w: World) -> None:
    favor = hidden_post(w)
    w.clock.pass_by(days=5)
    favors.deliver(favor.id, by=w.giver, at=w.clock())
    for _ in range(3):
        w.clock.pass_by(days=7)
        clocks.due(at=w.clock())
    assert db.session.get_one(Favor, favor.id).how == "time"


def hidden_and_neutral(w: World) -> None:
    for category in w.olga.group.categories:
        category.neutral = category.neutral or category.slug == "other"
    db.session.commit()
    favors.confirm(hidden_post(w, category="other").id, by=w.receiver, at=w.clock())


def hidden_and_settled(w: World) -> None:
    favor = hidden_post(w)
    favors.deliver(favor.id, by=w.giver, at=w.clock())
    disputes.dispute(favor.id, by=w.receiver, why="I was ill.", at=w.clock())
    disputes.settle(favor.id, by=w.olga, happened=True, why="You were seen there.", at=w.clock())


def hidden_and_dropped_out(w: World) -> None:
    favor = hidden_post(w)
    assert favor.post_id
    waits = responses.answer(favor.post_id, by=w.finn, text="Me too.", at=w.clock(), standing_by=True)
    favors.cancel(favor.id, by=w.receiver, at=w.clock(), why="The hearing moved.")
    favors.confirm(responses.accept_place(waits.id, by=w.finn, at=w.clock()).id, by=w.finn, at=w.clock())


def hidden_and_settled_by_whoever_is_free(w: World) -> None:
    """Olga is close to Ada, which is known: to tell who settled it would tell whether Ada is one of them."""
    ties.declare(w.ada.number, by=w.olga, kind=TieKind.FAMILY, at=w.clock())
    otto = db.session.scalars(select(Membership).join(Person).where(Person.email == "otto@bar.example")).one()
    favor = hidden_post(w)
    favors.deliver(favor.id, by=w.giver, at=w.clock())
    disputes.dispute(favor.id, by=w.receiver, why="I was ill.", at=w.clock())
    w.clock.pass_by(days=2)
    decider = otto if w.ada in (w.giver, w.receiver) else w.olga
    disputes.settle(favor.id, by=decider, happened=False, why=f"{w.giver.name} waited in vain.", at=w.clock())


def suspended(w: World) -> None:
    """Others read that it happened, by whom and why, never whom it was about."""
    with transaction() as session:
        log.record_decision(
            session,
            act="suspended",
            by=[w.olga],
            rule="Rule 3",
            why="Nothing is given for a client.",
            at=w.clock(),
            about=[w.giver],
            withheld={"target"},
        )


HIDDEN = [
    hidden_from_a_member,
    hidden_from_a_firm,
    hidden_and_confirmed_by_itself,
    hidden_and_neutral,
    hidden_and_settled,
    hidden_and_settled_by_whoever_is_free,
    hidden_and_dropped_out,
]


def test_whoever_a_post_was_hidden_from_finds_neither_what_came_of_it_nor_whom_a_decision_was_about(app):
    assert in_both(app, ["eve"], *HIDDEN, suspended) == []


# What comes of a post that everybody could read


def on_the_board(w: World, **said: Any) -> None:
    """Both givers offer an hour of advice; it is that of the pair which somebody takes, and both ask for silence."""
    for author in w.authors:
        post = offered(
            author,
            category="advice",
            title=f"{author.name} offers an hour",
            kind=PostKind.OFFER,
            rule=Rule.CHOICE,
            closes_at=w.clock() + timedelta(days=3),
            event_at=None,
            at=w.clock(),
            **said,
        )
        if author.id == w.giver.id:
            w.made["post"] = post
    response = answered(w.made["post"], w.receiver, "Please.", at=w.clock())
    favor = responses.accept(w.made["post"].id, response.id, by=w.giver, at=w.clock())
    w.made["favor"] = favors.withhold(favor.id, by=w.receiver)


def after_its_time(w: World) -> None:
    """Its time is over: the other post has closed unanswered, with one place and with two."""
    for slots in (1, 2):
        on_the_board(w, slots=slots)
        favors.confirm(w.made["favor"].id, by=w.receiver, at=w.clock(), thanks=THANKS)
    w.clock.pass_by(days=4)
    clocks.due(at=w.clock())


def one_of_two_places(w: World) -> None:
    """Another place is still free, so both posts stand on the board."""
    on_the_board(w, slots=2)
    favors.confirm(w.made["favor"].id, by=w.receiver, at=w.clock(), thanks=THANKS)


def in_the_letter(w: World) -> None:
    """Another place is still free when the weekly letter says of the other post that nobody has answered it."""
    w.clock.pass_by(days=(SATURDAY - w.clock().weekday()) % 7)
    one_of_two_places(w)


def in_dispute(w: World) -> None:
    """The two do not agree, and an organiser settles it."""
    on_the_board(w)
    favors.deliver(w.made["favor"].id, by=w.giver, at=w.clock())
    disputes.dispute(w.made["favor"].id, by=w.receiver, why="I was ill.", at=w.clock())
    w.clock.pass_by(days=1)
    disputes.settle(w.made["favor"].id, by=w.olga, happened=True, why="You were seen there.", at=w.clock())
    w.clock.pass_by(days=3)
    clocks.due(at=w.clock())


ON_THE_BOARD = [after_its_time, one_of_two_places, in_the_letter, in_dispute]


@pytest.mark.parametrize("what", ON_THE_BOARD, ids=lambda what: what.__name__)
def test_a_post_on_the_board_does_not_tell_that_its_favor_is_the_withheld_one(app, what):
    assert in_both(app, ["eve"], what) == []


def test_while_it_can_still_be_withheld_nobody_else_reads_whom_a_place_went_to(app):
    with world(app, PAIR) as w:
        post = offered(w.ada, category="advice", slots=2, at=w.clock(), closes_at=w.clock() + WEEK, event_at=None)
        answered(post, w.ben, at=w.clock())
        page = Reader(app, w.eve).visit(f"/g/bar/posts/{post.id}")

        assert page.status == 200
        assert "Ben" not in page.main()


def test_a_closed_post_whose_favor_is_withheld_is_not_there_for_others(app):
    with world(app, PAIR) as w:
        on_the_board(w)
        path = f"/g/bar/posts/{w.made['post'].id}"

        assert Reader(app, w.eve).visit(path).status == 404
        assert Reader(app, w.olga).visit(path).status == 404
        assert Reader(app, w.ada).visit(path).status == 200
        assert Reader(app, w.ben).visit(path).status == 200


def test_who_stands_by_for_a_hidden_post_can_open_it(app):
    with world(app, PAIR) as w:
        favor = hidden_post(w)
        assert favor.post_id
        path = f"/g/bar/posts/{favor.post_id}"
        responses.answer(favor.post_id, by=w.finn, text="Me too.", at=w.clock(), standing_by=True)
        assert Reader(app, w.finn).visit(path).status == 200

        favors.cancel(favor.id, by=w.ben, at=w.clock(), why="The hearing moved.")
        page = Reader(app, w.finn).visit(path)
        assert page.status == 200
        assert "I take the place" in page.main()


# Asking by hand what no page links to

DOINGS = (
    "confirm", "deliver", "cancel", "withhold", "deny", "not-me", "dispute", "settle", "propose", "correct",
    "corrections/{c}/agree", "corrections/{c}/refuse",
)  # fmt: skip


def each_state(w: World) -> dict[str, Favor]:
    """A withheld favor in every state, and one with a proposal."""
    made: dict[str, Favor] = {}
    offers = [
        offered(w.ada, category="advice", at=w.clock(), closes_at=w.clock() + WEEK, event_at=None) for _ in range(3)
    ]
    for name, post in zip(("agreed", "delivered", "disputed"), offers, strict=True):
        answered(post, w.ben, at=w.clock())
        (made[name],) = favors_of(db.session(), post)
        favors.withhold(made[name].id, by=w.ben)
        if name != "agreed":
            favors.deliver(made[name].id, by=w.ada, at=w.clock())
    disputes.dispute(made["disputed"].id, by=w.ben, why="I was ill.", at=w.clock())
    for name in ("confirmed", "proposed"):
        written_down(w)
        made[name] = w.made["favor"]
    w.made["correction"] = corrections.propose(made["proposed"].id, by=w.ben, why="It was a brief.", at=w.clock())
    return made


@pytest.mark.parametrize("doing", DOINGS)
def test_every_door_of_a_withheld_favor_answers_as_if_there_were_none(app, monkeypatch, doing):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    with world(app, PAIR) as w:
        found = each_state(w)
        correction = w.made["correction"].id
        eve = Reader(app, w.eve)
        sent = {"why": "A reason.", "happened": "1"}
        nothing = eve.post(f"/g/bar/favors/987654/{doing.format(c=987654)}", **sent)
        assert nothing.status == 404
        for state, favor in found.items():
            answer = eve.post(f"/g/bar/favors/{favor.id}/{doing.format(c=correction)}", **sent)

            assert (state, answer.status, answer.title) == (state, 404, nothing.title)
            assert eve.visit(f"/g/bar/favors/{favor.id}").title == eve.visit("/g/bar/favors/987654").title


def test_an_organiser_cannot_correct_what_nobody_may_know(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    with world(app, PAIR) as w:
        written_down(w)
        olga = Reader(app, w.olga)
        for doing in ("correct", "settle"):
            answer = olga.post(f"/g/bar/favors/{w.made['favor'].id}/{doing}", why="A reason.", happened="0")
            nothing = olga.post(f"/g/bar/favors/987654/{doing}", why="A reason.", happened="0")

            assert (answer.status, answer.title) == (404, nothing.title)
        assert db.session.get_one(Favor, w.made["favor"].id).voided_by is None


# The bytes of the log, which every member can take along


def leaves() -> list[dict[str, Any]]:
    """What the leaves say in clear; the digests are salted and different every time."""
    rows = db.session.execute(select(LogLeaf.idx, LogLeaf.leaf).order_by(LogLeaf.idx))
    said = [json.loads(leaf) | {"idx": idx} for idx, leaf in rows]
    return [leaf | {"sd": sorted(leaf["sd"])} if "sd" in leaf else leaf for leaf in said]


@pytest.mark.parametrize("gone", ["ada", "olga"])
def test_forgetting_somebody_tells_neither_which_withheld_entries_were_theirs_nor_whom_they_decided_about(app, gone):
    def forgotten(w: World) -> None:
        leaving.erase(w.people[gone].id, at=w.clock())

    assert in_both(app, ["eve"], written_down, suspended, hidden_and_settled, forgotten) == []


def test_forgetting_somebody_with_nothing_but_withheld_entries_leaves_no_gap_either(app):
    found = []
    for pair in (PAIR, OTHER_PAIR):
        with world(app, pair) as w:
            newcomer = joined(db.session(), w.olga.group, "Hana Novak")
            other = newcomer if pair == PAIR else w.cleo
            unasked.helped_by(other.number, by=w.dan, category="advice", title=WORDS, at=w.clock(), withheld=True)
            leaving.erase(newcomer.id, at=w.clock())
            _after(w)
            found.append(unsalted(Reader(app, w.eve).visit("/g/bar/log").main()))

    assert found[0] == found[1]


# The two themselves


def test_the_two_see_it_on_their_pages(app):
    with world(app, PAIR) as w:
        written_down(w)
        favor = f"/g/bar/favors/{w.made['favor'].id}"
        for member, sentence in ((w.ada, "You helped Ben Castellanos"), (w.ben, "Ada Farouk helped you")):
            reader = Reader(app, member)
            log = reader.visit("/g/bar/log")

            assert f"{sentence}: {WORDS}" in log.main()
            assert THANKS in log.main()
            assert "Only the two of you see the names" in log.main()
            assert WORDS in reader.visit("/g/bar/log", member=w.ada.number).main()
            assert reader.visit(favor).title == sentence
            assert THANKS in reader.visit(favor).main()
            mine = reader.visit(f"/g/bar/members/{member.number}")
            assert WORDS in mine.main()
            assert "Only you see this part" in mine.main()


def test_on_their_own_page_it_counts_and_on_the_page_that_others_see_it_does_not(app):
    with world(app, PAIR) as w:
        path = f"/g/bar/members/{w.ada.number}"
        before = Reader(app, w.eve).visit(path).main()
        assert "Gave 1, received 0, with 1 other person" in before
        written_down(w)

        mine = Reader(app, w.ada).visit(path).main()
        assert "gave 2, received 0, 2 people" in mine
        assert "Gave 1, received 0, with 1 other person" in mine
        assert Reader(app, w.eve).visit(path).main() == before
        assert Reader(app, w.ben).visit(path).main() != before
        assert "gave 2" not in Reader(app, w.ben).visit(path).main()


def test_the_command_counts_it_for_nobody(app):
    with world(app, PAIR) as w:
        before = told(["balances", "bar", "--json"])
        written_down(w)

        assert told(["balances", "bar", "--json"]) == before


def test_every_command_is_known_to_tell_or_not(app):
    assert set(COMMANDS) == TELLING | NOT_TELLING


# A post that was hidden from somebody


def life_of_a_hidden_post(w: World, **hidden: Any) -> None:
    """It is posted, answered, called off, stood by for and asked about; nothing of it enters the log yet."""
    post = offered(
        w.ada, title="A round of golf", closes_at=w.clock() + WEEK, event_at=w.clock() + WEEK, at=w.clock(), **hidden
    )
    answered(post, w.ben, at=w.clock())
    responses.answer(post.id, by=w.dan, text="Me too.", at=w.clock(), standing_by=True)
    (favor,) = favors_of(db.session(), post)
    favors.cancel(favor.id, by=w.ben, at=w.clock(), why="The hearing moved.")
    clocks.due(at=w.clock())
    w.made["open"] = offered(
        w.ada, title="Another round of golf", closes_at=w.clock() + WEEK, event_at=None, at=w.clock(), **hidden
    )


def test_a_hidden_post_leaves_no_trace_for_whom_it_is_hidden_from(app):
    found = []
    for there in (True, False):
        with world(app, PAIR) as w:
            if there:
                life_of_a_hidden_post(w, hidden_from=[w.gita.number])
                life_of_a_hidden_post(w, hidden_from_firm=True)
            found.append(everything(w, "gita"))

    assert difference(*found) == []


@pytest.mark.parametrize("how", ["by name", "by firm"])
def test_a_hidden_post_stands_on_the_board_of_all_others(app, how):
    with world(app, PAIR) as w:
        before = Reader(app, w.eve).visit("/g/bar/").main()
        hidden = {"hidden_from": [w.gita.number]} if how == "by name" else {"hidden_from_firm": True}
        life_of_a_hidden_post(w, **hidden)
        page = Reader(app, w.eve).visit("/g/bar/")

        assert "One open offer" in before
        assert "2 open offers" in page.main()
        assert len(page.soup.select("#offers, #all")) == 2
        for part_of_the_board in page.soup.select("#offers, #all"):
            assert "Another round of golf" in part_of_the_board.get_text()
        assert Reader(app, w.eve).visit(f"/g/bar/posts/{w.made['open'].id}").status == 200
        assert "Kept from some members" not in Reader(app, w.eve).visit(f"/g/bar/posts/{w.made['open'].id}").main()
        assert "Kept from some members" in Reader(app, w.ada).visit(f"/g/bar/posts/{w.made['open'].id}").main()


def test_a_board_with_nothing_but_a_hidden_post_looks_as_if_there_never_was_one(app):
    found = []
    for there in (True, False):
        with world(app, PAIR) as w:
            empty = founded(db.session(), "empty", "An empty group", "otto@bar.example")
            ada, gita = (joined(db.session(), empty, name) for name in ("Ada Farouk", "Gita Rao"))
            if there:
                offered(ada, hidden_from=[gita.number], closes_at=w.clock() + WEEK, event_at=None, at=w.clock())
            found.append(Reader(app, gita).visit("/g/empty/").main())

    assert found[0] == found[1]


@pytest.mark.parametrize(
    "doing", ["answer", "take-back", "choose", "stand-by", "places/{r}/accept", "places/{r}/pass", "extend", "withdraw"]
)
def test_every_door_of_a_hidden_post_answers_as_if_there_were_none(app, monkeypatch, doing):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    with world(app, PAIR) as w:
        gita = Reader(app, w.gita)
        life_of_a_hidden_post(w, hidden_from=[w.gita.number])
        waits = db.session.scalars(select(Response.id)).all()
        for post in db.session.scalars(select(Post.id).filter_by(author_id=w.ada.id)).all():
            sent = {"response": waits[-1], "others": "standby"}
            answer = gita.post(f"/g/bar/posts/{post}/{doing.format(r=waits[-1])}", **sent)
            nothing = gita.post(f"/g/bar/posts/987654/{doing.format(r=987654)}", **sent)

            assert (answer.status, answer.title) == (404, nothing.title)
            assert gita.visit(f"/g/bar/posts/{post}").title == gita.visit("/g/bar/posts/987654").title


@pytest.mark.parametrize("named", ["étude pereira", "ÉTUDE PEREIRA", "Étude  Pereira "])
def test_a_firm_is_the_same_however_its_name_is_written(app, named):
    with world(app, PAIR) as w:
        Reader(app, w.finn).visit("/g/bar/me").press("Keep this", firm=named)
        post = offered(w.ada, hidden_from_firm=True, closes_at=w.clock() + WEEK, event_at=None, at=w.clock())

        assert Reader(app, w.finn).visit(f"/g/bar/posts/{post.id}").status == 404


def test_a_colleague_does_not_find_a_hidden_post_by_naming_another_firm(app):
    with world(app, PAIR) as w:
        post = offered(w.ada, hidden_from_firm=True, closes_at=w.clock() + WEEK, event_at=None, at=w.clock())
        gita = Reader(app, w.gita)
        assert gita.visit(f"/g/bar/posts/{post.id}").status == 404
        gita.visit("/g/bar/me").press("Keep this", firm="")

        assert gita.visit(f"/g/bar/posts/{post.id}").status == 404


def test_the_old_firm_does_not_find_a_hidden_post_when_its_author_has_moved(app):
    with world(app, PAIR) as w:
        post = offered(w.ada, hidden_from_firm=True, closes_at=w.clock() + WEEK, event_at=None, at=w.clock())
        Reader(app, w.ada).visit("/g/bar/me").press("Keep this", firm="Another firm")

        assert Reader(app, w.gita).visit(f"/g/bar/posts/{post.id}").status == 404
