"""The small lives: somebody posts, somebody answers, it is agreed, it happens, it is confirmed."""

import random
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask_security.utils import hash_password

from exchange.storage.db import db
from tests.jobs.running import inside
from tests.kill.visitor import Lost, Visitor
from tests.people import founded, joined

SLUG = "harbor"
PASSWORD = "correct horse battery"
PAIRS = 4
FAVOR = re.compile(rf"/g/{SLUG}/favors/(\d+)")


@dataclass
class Life:
    """What one life was told: each of these was acknowledged by a redirect, or seen on a page afterwards."""

    number: int
    title: str
    author: str
    helper: str
    post: int = 0
    favor: int = 0
    giver: str = ""
    unsure: list[str] = field(default_factory=list)


@dataclass
class Pair:
    """Two people who live small lives with each other, one after the other."""

    one: Visitor
    other: Visitor
    names: tuple[str, str]
    chance: random.Random
    lives: list[Life] = field(default_factory=list)

    def live(self, number: int) -> Life:
        """One life from the post to the thanks."""
        author, helper = self.chance.sample([self.one, self.other], 2)
        names = self.names if author is self.one else self.names[::-1]
        life = Life(number, f"Life {number:05}", *names)
        need, first = self.chance.random() < 0.5, self.chance.random() < 0.5
        life.post = _post(life, author, need=need, first_come=first)
        here = f"/g/{SLUG}/posts/{life.post}"
        went_on = helper.insist(here, f"{here}/answer", text=f"Gladly, life {number}.")
        if not first:
            went_on = author.insist(here, f"{here}/choose")
        life.favor = _number(FAVOR, went_on) or _number(FAVOR, str(author.page(here).main))
        there = f"/g/{SLUG}/favors/{life.favor}"
        giver, receiver = (helper, author) if need else (author, helper)
        life.giver = life.helper if need else life.author
        if self.chance.random() < 0.3:
            giver.insist(there, f"{there}/deliver")
        receiver.insist(there, f"{there}/confirm", thanks="Thank you.")
        self.lives.append(life)
        return life


def _post(life: Life, author: Visitor, *, need: bool, first_come: bool) -> int:
    """A post, under another title each time: whether a lost one stands on the board, nobody knows."""
    path, title = f"/g/{SLUG}/posts/new", life.title
    for attempt in range(2, 50):
        try:
            went_on = author.send(
                path,
                path,
                kind="need" if need else "offer",
                title=life.title,
                category="advice",
                rule="first_come" if first_come else "choice",
            )
        except Lost:
            author.lost += 1
            life.unsure.append(life.title)
            life.title = f"{title}, attempt {attempt}"
        else:
            return _number(re.compile(r"/posts/(\d+)"), went_on)
    raise AssertionError(f"{title} could not be posted")


def _number(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0


def people(env: dict[str, str]) -> list[str]:
    """A group of pairs with passwords; their addresses."""
    names = [f"{name}{number}" for number in range(PAIRS) for name in ("Ada", "Ben")]
    with inside(env) as app, app.test_request_context():
        group = founded(db.session(), SLUG, "Harbor County Bar", "olga@bar.example")
        password = hash_password(PASSWORD)
        members = [joined(db.session(), group, f"{name} Farouk", password=password) for name in ("Olga", *names)]
        return [member.person.email for member in members[1:]]


def pairs(base: str, emails: list[str], chance: random.Random) -> Iterator[Pair]:
    """The pairs, signed in."""
    for one, other in zip(emails[::2], emails[1::2], strict=True):
        first, second = Visitor(base, one, PASSWORD), Visitor(base, other, PASSWORD)
        yield Pair(first, second, (one, other), random.Random(chance.random()))  # noqa: S311 (nothing secret)


def live(all_pairs: list[Pair], lives: int) -> list[Exception]:
    """So many lives, all pairs at once; what went wrong in one of them."""
    numbers, lock, wrong = iter(range(1, lives + 1)), threading.Lock(), list[Exception]()

    def run(pair: Pair) -> None:
        try:
            while not wrong:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                pair.live(number)
        except Exception as failure:
            wrong.append(failure)

    threads = [threading.Thread(target=run, args=(pair,), daemon=True) for pair in all_pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong
