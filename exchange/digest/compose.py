"""Composing a weekly letter: which of all that is known is said to this reader. A pure function of plain data.

At most ten things are listed. What waits for the reader comes first and is never cut: beyond ten, the last line says
how many more there are. Then come the thanks that they got, then posts, a section at a time in turn, so that none
crowds out another. What came of things among others takes what is left, and one place in any case.

Who is shown gets a fair turn: posts that were seldom shown come first, then the older, then the lower id; each group
has its first before another has its second, and each author, too.

A post is new in exactly one letter of a reader: the one in whose window it was posted. What nobody has answered may
come back among the overlooked, once to the same reader; but it makes no letter by itself (except for who has joined in
the window, to whom all of it is new), nor do counts, nor what others gave each other. Where nothing waits, nothing is
new, nobody gave thanks and no organiser says a word, there is no letter.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, zip_longest

from exchange.digest.board import turn
from exchange.digest.facts import (
    Candidate,
    Counts,
    Digest,
    GroupWeek,
    Item,
    News,
    Part,
    Reader,
    Reason,
    Section,
    Told,
    Wait,
    Waiting,
)
from exchange.matching import Index

MOST = 10
THANKS = 3
AMONG_OTHERS = 3
TIMES = 2
NEVER = datetime.max.replace(tzinfo=UTC)
PASSING = frozenset({Wait.PLACE, Wait.CLOSING})
ORDER = {kind: place for place, kind in enumerate(Wait)}


def compose(reader: Reader, groups: Sequence[GroupWeek]) -> Digest | None:
    """The reader's letter over all their groups, or None where there is nothing new for them.

    The same facts give the same letter, in whatever order groups and posts are handed in.
    """
    weeks = sorted(groups, key=lambda week: (week.group.name.casefold(), week.group.id))
    waiting = _waiting(reader, weeks)
    news = [_news(reader, week) for week in weeks]
    thanks = _thanks(reader, weeks)[: MOST - len(waiting)]
    told = _told(weeks, news)
    room = MOST - len(waiting) - len(thanks)
    posts = _posts(reader, weeks, room - (1 if told and room > 1 else 0))
    room -= sum(map(len, posts.values()))
    notes = tuple(note for week in weeks for note in week.notes if _in_window(reader, note.written_at))
    new = any(item.new for items in posts.values() for item in items)
    if not (waiting or thanks or notes or new):
        return None
    lists: dict[Part, Sequence[Told]] = {
        Part.WAITING: waiting,
        **posts,
        Part.CAME_OF: thanks + told[: min(AMONG_OTHERS, room)],
    }
    return Digest(
        reader=reader,
        groups=tuple(week.group for week in weeks),
        notes=notes,
        sections=tuple(Section(part, tuple(lists[part])) for part in Part if lists[part]),
        week=_counts((week.tally.gave_in_window, week.tally.received_in_window) for week in weeks),
        year=_counts((week.tally.gave, week.tally.received) for week in weeks),
        news=tuple(one for one in news if one.favors or one.joined),
        checkpoints=tuple(week.checkpoint for week in weeks if week.checkpoint),
        members=frozenset(week.member.id for week in weeks),
        silent=tuple(week.group for week in weeks if not (week.member.can_help_with or week.member.would_love)),
    )


def _in_window(reader: Reader, moment: datetime) -> bool:
    return reader.window_from <= moment < reader.window_until


def _waiting(reader: Reader, weeks: Sequence[GroupWeek]) -> list[Told]:
    """What waits, one kind after another; beyond ten, the last one stands for all the others."""
    found = [one for week in weeks for one in week.waiting if not _is_over(reader, one)]
    found.sort(key=lambda one: (ORDER[one.kind], one.until or NEVER))
    if len(found) <= MOST:
        return list(found)
    kept, others = found[: MOST - 1], found[MOST - 1 :]
    group = others[0].group
    return [*kept, Waiting(Wait.MORE, group, f"/g/{group.slug}/", count=len(others))]


def _is_over(reader: Reader, one: Waiting) -> bool:
    return one.kind in PASSING and one.until is not None and one.until <= reader.now


def _thanks(reader: Reader, weeks: Sequence[GroupWeek]) -> list[Told]:
    """What the reader was thanked for, in its order."""
    found = [one for week in weeks for one in week.thanks if one.thanks and _in_window(reader, one.confirmed_at)]
    return list(sorted(found, key=lambda one: (one.confirmed_at, one.favor_id))[:THANKS])


def _news(reader: Reader, week: GroupWeek) -> News:
    """The group's news, in which the reader is not new."""
    news = week.happened.within(week.group, reader.window_from, reader.window_until)
    if not _in_window(reader, week.member.joined_at):
        return news
    others = tuple(one for one in news.newcomers if one.member_id != week.member.id)
    return replace(news, joined=news.joined - 1, newcomers=others)


def _told(weeks: Sequence[GroupWeek], news: Sequence[News]) -> list[Told]:
    """What others gave each other, a group after another in turn."""
    lists = (
        (favor for favor in one.told if week.member.id not in (favor.giver_id, favor.receiver_id))
        for week, one in zip(weeks, news, strict=True)
    )
    rounds = zip_longest(*(islice(some, AMONG_OTHERS) for some in lists))
    return [favor for some in rounds for favor in some if favor is not None]


def _posts(reader: Reader, weeks: Sequence[GroupWeek], room: int) -> dict[Part, list[Item]]:
    """Posts for each section, from one after another until there is no more room."""
    queues = {
        Part.NEEDS: Queue(_in_turn([_new(reader, week, *_needs(week)) for week in weeks])),
        Part.OFFERS: Queue(_in_turn([_new(reader, week, *_offers(week)) for week in weeks])),
        Part.UNANSWERED: Queue(_in_turn([islice(_overlooked(reader, week), MOST) for week in weeks])),
    }
    taken: dict[Part, list[Item]] = {part: [] for part in queues}
    known: set[tuple[int, str, str]] = set()
    authors: set[int] = set()
    waiting = list(queues)
    while room > 0 and waiting:
        for part in tuple(waiting):
            item = queues[part].next(known, authors) if room > 0 else None
            if item is None:
                waiting.remove(part)
                continue
            known.add(_same(item.post))
            authors.add(item.post.author_person_id)
            taken[_part(item, part)].append(item)
            room -= 1
    return taken


def _part(item: Item, found: Part) -> Part:
    """Where a post stands: what is new and fits the reader's words under needs and offers, wherever it was found."""
    if not item.new:
        return found
    return Part.NEEDS if item.reason.helps else Part.OFFERS if item.reason.loves else found


class Queue:
    """Posts in turn, of which no more is looked at than has to be."""

    def __init__(self, items: Iterator[Item]) -> None:
        self._rest, self._passed = items, list[Item]()

    def next(self, known: Set[tuple[int, str, str]], authors: Set[int]) -> Item | None:
        """The next one that is not told yet, of somebody new if there is any; None where there is no more."""
        self._passed = [item for item in self._passed if _same(item.post) not in known]
        for item in self._rest:
            if _same(item.post) in known:
                continue
            if item.post.author_person_id not in authors:
                return item
            self._passed.append(item)
        return self._passed.pop(0) if self._passed else None


def _same(post: Candidate) -> tuple[int, str, str]:
    """What somebody posts in two groups, or twice, is told once."""
    return post.author_person_id, post.kind, post.title.casefold()


def _needs(week: GroupWeek) -> tuple[Index, str]:
    """The words of the needs, and what the reader says that they fit."""
    return week.board.needs, week.member.can_help_with


def _offers(week: GroupWeek) -> tuple[Index, str]:
    return week.board.offers, week.member.would_love


def _new(reader: Reader, week: GroupWeek, index: Index, said: str) -> Iterator[Item]:
    """What was posted in the window and fits the reader's words, in turn."""
    for post, phrase in week.board.new(index, said, reader.window_from, reader.window_until):
        if _may_be_shown(reader, week, post):
            yield _item(week, post, phrase)


def _overlooked(reader: Reader, week: GroupWeek) -> Iterator[Item]:
    """What nobody has answered, and what newcomers posted in the window, in turn."""
    just_joined = _in_window(reader, week.member.joined_at)
    for post in week.board.overlooked:
        new = _in_window(reader, post.created_at)
        back = post.created_at < reader.window_from and not post.answered and week.seen.get(post.id, 0) < TIMES
        if (new or back) and _may_be_shown(reader, week, post):
            index, said = _needs(week) if post.kind == "need" else _offers(week)
            phrase = next((phrase for phrase, keys in index.fitting(said) if post.id in keys), "")
            yield _item(week, post, phrase, new=new or just_joined)


def _may_be_shown(reader: Reader, week: GroupWeek, post: Candidate) -> bool:
    """Whether the reader may know of a post, could answer it, and reads it nowhere else in the letter."""
    theirs = post.author_id == week.member.id or post.author_person_id == reader.person_id
    over = post.closes_at <= reader.now or (post.event_at is not None and post.event_at <= reader.now)
    refused = (post.gift and not week.member.accepts_gifts) or (post.private and week.member.organiser)
    elsewhere = post.id in week.answered or any(post.id == one.post_id for one in week.waiting)
    return not (theirs or over or refused or elsewhere or post.id in week.hidden)


def _item(week: GroupWeek, post: Candidate, phrase: str, *, new: bool = True) -> Item:
    need = post.kind == "need"
    return Item(
        group=week.group,
        post=post,
        reason=Reason(
            helps=phrase if need else "",
            loves="" if need else phrase,
            unanswered=not post.answered,
            new_since=post.author_joined_at if post.by_newcomer else None,
        ),
        new=new,
    )


def _in_turn(lists: Sequence[Iterable[Item]]) -> Iterator[Item]:
    """The posts of several groups: the first of each, in turn, before the second of any."""
    if len(lists) == 1:
        yield from lists[0]
        return
    for some in zip_longest(*lists):
        yield from sorted((item for item in some if item is not None), key=lambda item: turn(item.post))


def _counts(pairs: Iterable[tuple[Mapping[int, int], Mapping[int, int]]]) -> Counts:
    """One count over all groups; whoever is met in two of them is one person."""
    gave, received = Counter[int](), Counter[int]()
    for given, got in pairs:
        gave.update(given)
        received.update(got)
    return Counts(gave.total(), received.total(), len(gave | received))
