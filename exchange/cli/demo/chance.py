"""Two years of favors with the shape of a real group, drawn from a fixed seed: the same group every time.

Some help much, some little, a few not at all; one firm keeps to itself, and four people trade among themselves.
"""

from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from exchange.cli.demo import phrases
from exchange.cli.demo.more_people import CIRCLE, COLDHARBOR, HELPERS, LISTENING, NEWCOMERS, QUIET
from exchange.cli.demo.people import Person

SEED = 20_240_615
YEARS = 725  # days
EVERYWHERE, INSIDE, AROUND = 560, 48, 44  # favors among all, inside the firm, within the four
NEWEST = 2.3  # days: what happened since then is told by the verbs themselves
KINDS = {"advice": 40, "review": 22, "introduction": 12, "event_place": 9, "mentoring": 8, "other": 7, "referral": 2}
PRIVATE = {"advice", "review", "mentoring"}
THANKED, WITHHELD = 0.28, 0.05
# Skills that make no subject of a favor, and words that keep their capital letter.
NO_SUBJECT = """
works|Latin|patience|soup|sheriff|German|French|Turkish|Dutch|Persian|Spanish|Portuguese|Japanese|Arabic|Korean|Mandarin
|Norwegian|Polish|Czech|Twi|Russian|Croatian|Dari|closings|sole arbitrator|interrupted|on demand|at the port
""".replace("\n", "").split("|")
PROPER = ("UCC", "LLC", "Form", "Section", "Nordic", "Gulf", "Chapter", "Regulation", "I-9", "S elections")


# Who decides about somebody lately must not have helped them, nor been helped.
DECIDERS = {"grace", "tomas"}
DECIDED = {"harlan", "abe", "desmond", "jonas", "wilma", "clement", "darnell", "gideon", "alden"}


@dataclass(frozen=True)
class Drawn:
    """A favor of the past that chance made: who helped whom, how many days ago, and with what."""

    days_ago: float
    giver: str
    receiver: str
    category: str
    title: str
    thanks: str
    withheld: bool


def drawn(people: Sequence[Person]) -> list[Drawn]:
    """Every favor that chance makes, the oldest first."""
    chance = Random(SEED)  # noqa: S311 (a demo is to be the same each time)
    by_key = {person.key: person for person in people}
    titles = _Titles(chance)
    found: list[Drawn] = []
    for giver, receiver, days_ago in _who(chance, by_key):
        category = chance.choices([*KINDS], [*KINDS.values()])[0]
        both = {by_key[giver].role, by_key[receiver].role}
        hidden = category in PRIVATE and both == {"member"} and chance.random() < WITHHELD
        thanks = titles.thanks() if chance.random() < THANKED else ""
        title = titles.of(category, by_key[giver])
        insort(found, Drawn(days_ago, giver, receiver, category, title, thanks, hidden), key=lambda one: -one.days_ago)
    return found


def _who(chance: Random, people: Mapping[str, Person]) -> Iterator[tuple[str, str, float]]:
    gives = {key: _weight(chance, key, person) for key, person in people.items()}
    receives = {key: _weight(chance, key, person, busy=1.2) for key, person in people.items()}
    inside = [key for key, person in people.items() if person.firm == COLDHARBOR]
    pairs = [
        *((_one(chance, gives), receives, 0.22) for _ in range(EVERYWHERE)),
        *((chance.choice(inside), dict.fromkeys(inside, 1.0), 1.0) for _ in range(INSIDE)),
        *((chance.choice(CIRCLE), dict.fromkeys(CIRCLE, 1.0), 0.0) for _ in range(AROUND)),
    ]
    for giver, among, near in pairs:
        others = {key: weight for key, weight in among.items() if key != giver}
        if chance.random() < near:
            others = {key: weight for key, weight in others.items() if people[key].firm == people[giver].firm} or others
        receiver = _one(chance, others)
        since = min(YEARS, people[giver].joined_days_ago, people[receiver].joined_days_ago) - 1
        judged = {giver, receiver} & DECIDERS and {giver, receiver} & DECIDED
        if since > NEWEST and not judged:
            yield giver, receiver, chance.uniform(NEWEST, since)


def _weight(chance: Random, key: str, person: Person, *, busy: float = 5.0) -> float:
    if key in QUIET or key in LISTENING:
        return 0.0
    if person.firm == COLDHARBOR or key in CIRCLE:
        return 0.12
    usual = chance.uniform(0.35, 1.6)
    return 0.8 if key in NEWCOMERS else busy + usual if key in HELPERS else usual


def _one(chance: Random, weights: Mapping[str, float]) -> str:
    return chance.choices([*weights], [*weights.values()])[0]


class _Titles:
    """What favors were, the least used first, and words of thanks one after another."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.used = Counter[str]()
        self.words = cycle(chance.sample(phrases.THANKS, len(phrases.THANKS)))

    def thanks(self) -> str:
        """The next words of thanks."""
        return next(self.words)

    def of(self, category: str, giver: Person) -> str:
        """A title for what this helper gave; the least used of some."""
        title = min((self._any(category, giver) for _ in range(8)), key=self.used.__getitem__)
        self.used[title] += 1
        return title

    def _any(self, category: str, giver: Person) -> str:
        if category == "introduction":
            return f"An introduction to {self.chance.choice(phrases.PEOPLE_TO_MEET)}"
        if plain := {"event_place": phrases.PLACES, "other": phrases.OTHER, "referral": phrases.PASSED_ON}.get(
            category
        ):
            return self.chance.choice(plain)
        pool = {"advice": phrases.ADVICE, "review": phrases.REVIEW, "mentoring": phrases.MENTORING}[category]
        topic = self.chance.choice(subjects(giver))
        return self.chance.choice(pool).format(topic=topic, Topic=topic[:1].upper() + topic[1:])


def subjects(person: Person) -> list[str]:
    """What somebody can help with, as words in the middle of a sentence."""
    said = [part.strip() for part in person.can_help_with.replace("،", ",").split(",")]
    fit = [part for part in said if part and not any(word in part for word in NO_SUBJECT)] or [person.practice]
    return [part if part.startswith(PROPER) else part[:1].lower() + part[1:] for part in fit]
