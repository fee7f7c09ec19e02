"""What is read for a batch of letters is what each reader may know, for their own window, in so many statements."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from exchange.config import Settings
from exchange.digest.compose import compose
from exchange.digest.facts import Candidate, Counts, Digest, Due, GroupWeek, Part, Reader, Wait
from exchange.digest.gather import gather
from exchange.digest.kept import Kept
from exchange.domain import clocks, corrections, disputes, favors, leaving, numbers, posts, responses, ties, unasked
from exchange.domain.desk import cases, reports, rules
from exchange.domain.ties import TieKind
from exchange.domain.waiting import waiting
from exchange.log import kept, signing
from exchange.storage.db import db
from exchange.storage.desk import TargetKind
from exchange.storage.digest import (
    DigestGroupWish,
    DigestIssue,
    DigestNote,
    DigestRun,
    DigestTimes,
    DigestWish,
    IssueState,
    Rhythm,
)
from exchange.storage.favor import Favor
from exchange.storage.group import Category, Group
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.person import Person
from exchange.storage.post import Post, PostKind, PostState, Rule
from tests.builders import answered, favors_of, needed, offered
from tests.digest.samples import DAY, MOMENT, items, shown
from tests.people import NOON, joined

WEEK = timedelta(days=7)
FROM, UNTIL = NOON, NOON + WEEK
LATER = UNTIL + 9 * DAY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


def due(*readers: Membership, start: datetime = FROM, end: datetime = UNTIL) -> list[Due]:
    """An issue for each of them."""
    return [Due(9000 + one.person_id, one.person_id, start, end) for one in readers]


def gathered(
    reader: Membership, folder: Path, *, start: datetime = FROM, end: datetime = UNTIL, at: datetime | None = None
) -> tuple[Reader, list[GroupWeek]]:
    """What is known for one reader."""
    [(found, weeks)] = gather(db.session(), due(reader, start=start, end=end), folder=folder, at=at).values()
    return found, weeks


def week(reader: Membership, folder: Path, **said: Any) -> GroupWeek:
    """What is known for one reader in their only group."""
    [found] = gathered(reader, folder, **said)[1]
    return found


def letter(reader: Membership, folder: Path, **said: Any) -> Digest | None:
    """What one reader gets."""
    return compose(*gathered(reader, folder, **said))


def wants(session: Session, reader: Membership) -> Membership:
    """They say what they can help with and would love."""
    reader.can_help_with, reader.would_love = "marine insurance", "golf"
    session.commit()
    return reader


def lonely(by: Membership, **said: Any) -> Post:
    """A need about nothing that anybody can help with."""
    return needed(by, **{"title": "A driver for Sunday", "closes_at": LATER} | said)


def test_readers_are_who_they_are(session, ada, ben, folder):
    session.add(DigestWish(person_id=ben.person_id, rhythm=Rhythm.DAILY, weekday=3, hour=18))
    ada.person.zone, ada.person.language = "Asia/Kathmandu", "es"
    session.commit()
    found = [reader for reader, _ in gather(session, due(ada, ben), folder=folder).values()]

    assert [(one.name, one.email, one.language, one.zone) for one in found] == [
        ("Ada Farouk", "ada@bar.example", "es", "Asia/Kathmandu"),
        ("Ben Castellanos", "ben@bar.example", "en", "UTC"),
    ]
    assert [(one.rhythm, one.weekday, one.hour) for one in found] == [("weekly", 0, 8), ("daily", 3, 18)]
    assert [(one.window_from, one.window_until, one.now) for one in found] == [(FROM, UNTIL, UNTIL)] * 2


def test_by_issue_and_nothing_for_none(session, ada, folder):
    assert gather(session, [], folder=folder) == {}
    assert list(gather(session, [Due(7, ada.person_id, FROM, UNTIL)], folder=folder)) == [7]


def test_a_group_is_named_with_its_active_organisers_who_have_been_there_longest_first(
    session, group, ada, olga, folder
):
    wen = joined(session, group, "Wen Li", role=Role.ORGANISER)
    gone = joined(session, group, "Gone Away", role=Role.ORGANISER)
    wen.joined_at, gone.state = olga.joined_at - DAY, MembershipState.SUSPENDED
    session.commit()

    found = week(ada, folder).group
    assert (found.slug, found.name, found.invented) == ("bar", group.name, False)
    assert found.organisers == ("Wen Li", "Olga Petrenko")


def test_one_letter_is_about_all_groups_of_a_person(session, ada, sam, folder):
    there = joined(session, sam.group, "Ada Farouk", email="ada@bar.example")
    here, other = gathered(ada, folder)[1]

    assert there.person_id == ada.person_id
    assert [here.group.slug, other.group.slug] == ["bar", "med"]
    assert [here.member.id, other.member.id] == [ada.id, there.id]


@pytest.mark.parametrize("state", [state for state in MembershipState if state is not MembershipState.ACTIVE])
def test_nothing_of_a_group_reaches_whoever_is_not_active_in_it(session, ada, folder, state):
    ada.state = state
    session.commit()

    assert gathered(ada, folder)[1] == []


def test_a_group_that_the_reader_left_out_is_out(session, ada, folder):
    session.add(DigestGroupWish(membership_id=ada.id, off=True))
    session.commit()

    assert gathered(ada, folder)[1] == []


def test_a_post_at_the_start_of_the_window_is_in_and_at_its_end_in_the_next(session, ada, ben, folder):
    ids = [lonely(ben, title=f"A driver {at}", at=at).id for at in (FROM - MOMENT, FROM, UNTIL - MOMENT, UNTIL)]
    first = [item.post.id for item in items(letter(ada, folder), Part.UNANSWERED) if item.new]
    second = [
        item.post.id for item in items(letter(ada, folder, start=UNTIL, end=UNTIL + WEEK), Part.UNANSWERED) if item.new
    ]

    assert (first, second) == (ids[1:3], ids[3:])


def test_each_reader_of_a_batch_has_their_own_window(session, ada, cleo, ben, folder):
    early, late = lonely(ben, title="Early"), lonely(ben, title="Late", at=NOON + 5 * DAY)
    issues = due(ada, start=NOON - WEEK, end=NOON + DAY) + due(cleo, start=NOON + DAY, end=NOON + 6 * DAY)
    first, second = (compose(*one) for one in gather(session, issues, folder=folder).values())

    assert shown(first) == [early.id]
    assert [item.post.id for item in items(second, Part.UNANSWERED) if item.new] == [late.id]


def test_a_candidate_says_what_the_letter_needs(session, ada, ben, folder):
    wants(session, ada)
    ben.firm = "Tamarind Legal"
    session.commit()
    offer = offered(ben, closes_at=LATER, event_at=LATER + DAY)
    need = needed(ben, closes_at=LATER, text="marine insurance, please")
    answered(need, ada)
    found = week(ada, folder).board.by_id

    one, two = found[offer.id], found[need.id]
    assert (one.kind, one.category, one.author, one.firm) == (
        "offer",
        "Event place",
        "Ben Castellanos",
        "Tamarind Legal",
    )
    assert (one.author_id, one.author_person_id, one.author_joined_at) == (ben.id, ben.person_id, ben.joined_at)
    assert (one.created_at, one.closes_at, one.event_at) == (NOON, LATER, LATER + DAY)
    assert (one.first_come, one.gift, one.private, one.answered) == (True, True, False, False)
    assert (two.first_come, two.gift, two.private, two.answered) == (False, False, False, True)
    assert "marine insurance, please" in two.text


def test_closed_past_and_withdrawn_posts_are_not_on_the_board(session, ada, ben, folder):
    open_one = lonely(ben)
    withdrawn = lonely(ben, title="Withdrawn")
    posts.withdraw(withdrawn.id, by=ben, at=NOON + DAY)
    lonely(ben, title="Over", closes_at=UNTIL)
    offered(ben, closes_at=UNTIL - DAY, event_at=UNTIL)

    assert list(week(ada, folder).board.by_id) == [open_one.id]


def test_what_closes_until_it_is_sent_is_not_in_it(session, ada, ben, folder):
    lonely(ben, closes_at=UNTIL + timedelta(hours=10))

    assert letter(ada, folder, at=UNTIL + timedelta(hours=9))
    assert letter(ada, folder, at=UNTIL + timedelta(hours=10)) is None


def test_nobody_reads_of_a_post_that_is_hidden_from_them(session, ada, ben, cleo, folder):
    ada.firm = ben.firm = "Étude Pereira"
    session.commit()
    from_firm = lonely(ben, hidden_from_firm=True)
    from_cleo = lonely(ada, title="A new position", hidden_from=[cleo.number])

    assert shown(letter(ada, folder)) == []
    assert shown(letter(ben, folder)) == [from_cleo.id]
    assert shown(letter(cleo, folder)) == [from_firm.id]
    assert all(post.private for post in week(cleo, folder).board.posts)


def test_a_post_that_was_held_is_new_when_it_is_released(session, group, ada, folder):
    wen = joined(session, group, "Wen Li")
    wen.joined_at = NOON - 10 * DAY
    session.commit()
    held_one, by_itself = lonely(wen, at=FROM - DAY), lonely(wen, title="Another", at=FROM - DAY)
    assert held_one.state is PostState.HELD
    assert letter(ada, folder, start=FROM - WEEK, end=FROM) is None

    clocks.due(at=FROM + DAY)
    found = items(letter(ada, folder), Part.UNANSWERED)
    assert [(item.post.id, item.new) for item in found] == [(held_one.id, True), (by_itself.id, True)]
    assert letter(ada, folder, start=UNTIL, end=UNTIL + WEEK) is None


def test_what_one_answers_already_is_known(session, ada, ben, cleo, folder):
    post = lonely(ben, slots=2)
    answered(post, ada)
    answered(post, cleo)
    responses.take_back(post.id, by=cleo, at=NOON)

    assert week(ada, folder).answered == {post.id}
    assert week(cleo, folder).answered == frozenset()


def run(session: Session, moment: datetime) -> DigestRun:
    found = DigestRun(moment=moment, begun_at=moment)
    session.add(found)
    session.flush()
    return found


def sent(session: Session, reader: Membership, until: datetime, *shows: Post, **said: Any) -> DigestIssue:
    """A letter that went out with these posts."""
    moment = session.scalar(select(DigestRun).filter_by(moment=until)) or run(session, until)
    number = int(until.timestamp()) * 1000 + reader.person_id
    issue = DigestIssue(
        id=number,
        person_id=reader.person_id,
        run_id=moment.id,
        period=f"{until.date()}",
        window_from=until - WEEK,
        window_until=until,
        due_at=until,
        next_try_at=until,
        shown=[post.id for post in shows],
        **{"state": IssueState.SENT, "sent_at": until} | said,
    )
    session.add(issue)
    session.commit()
    return issue


def test_what_earlier_letters_showed_is_known(session, ada, ben, folder):
    post, other = lonely(ben, at=NOON - 3 * WEEK), lonely(ben, title="Another", at=NOON - 3 * WEEK)
    sent(session, ada, FROM - WEEK, post)
    sent(session, ada, FROM, post, other)
    sent(session, ada, UNTIL, post, other)
    sent(session, ben, FROM, post)

    assert week(ada, folder).seen == {post.id: 2, other.id: 1}


def test_what_a_run_showed_counts_from_the_next_run_on(session, ada, ben, cleo, folder):
    post = lonely(ben)
    for moment, times in ((FROM, 5), (FROM + DAY, 3), (UNTIL, 100)):
        session.add(DigestTimes(run_id=run(session, moment).id, post_id=post.id, times=times))
    session.commit()
    issues = due(ada) + due(cleo, end=FROM + DAY)
    weeks = [weeks[0] for _, weeks in gather(session, issues, folder=folder).values()]

    assert [one.board.by_id[post.id].shown for one in weeks] == [8, 5]


def test_readers_of_one_run_share_a_board(session, ada, cleo, ben, folder):
    lonely(ben)
    first, second = (weeks[0].board for _, weeks in gather(session, due(ada, cleo), folder=folder).values())

    assert first is second


def test_a_post_that_is_read_anew_is_the_one_that_letters_know_as_long_as_it_says_the_same(session, ada, ben, folder):
    kept, stays, changes = Kept(), lonely(ben, title="Cargo for Rotterdam"), lonely(ben, title="A reader of leases")

    def board() -> dict[int, Candidate]:
        kept.forget()
        [(_, weeks)] = gather(session, due(ada), folder=folder, kept=kept).values()
        return {post.id: post for post in weeks[0].board.posts}

    before = board()
    changes.title = "A reader of deeds"
    session.flush()
    after = board()

    assert after[stays.id] is before[stays.id]
    assert (before[changes.id].title, after[changes.id].title) == ("A reader of leases", "A reader of deeds")


def as_pairs(reader: Membership, at: datetime) -> set[tuple[str, Any, str]]:
    """What the page says waits for them: the kind, the title and who it is."""
    found = waiting(seen_by=reader, at=at)
    return {
        *((Wait.CONFIRM, one.title, one.giver.name) for one in found.confirm),
        *((Wait.GAVE, one.title, one.receiver.name) for one in found.happened if one.giver_id == reader.id),
        *((Wait.GOT, one.title, one.giver.name) for one in found.happened if one.receiver_id == reader.id),
        *((Wait.CHOOSE, one.title, str(count)) for one, count in found.choose),
        *((Wait.PLACE, one.post.title, one.post.author.name) for one in found.offers),
        *((Wait.CORRECTION, one.favor.title, one.by.name) for one in found.corrections),
        *((Wait.DISPUTE, one.title, one.giver.name) for one in found.disputes),
        *((Wait.CLOSING, one.title, "") for one in found.closing),
    }


def at_desk(reader: Membership, at: datetime) -> set[tuple[str, Any, str]]:
    """One line about all that waits for them at the desk, but for disputes, which stand for themselves."""
    if not reader.is_organiser:
        return set()
    found = [line for line in cases.desk(seen_by=reader, at=at).waiting if line.case_id]
    return {(Wait.DESK, "", str(len(found)))} if found else set()


def compared(session: Session, folder: Path, at: datetime) -> dict[Wait, int]:
    """Holds what is gathered for everybody to what each one's page says; how many of each kind there were."""
    everybody = list(session.scalars(select(Membership).filter_by(state=MembershipState.ACTIVE)))
    found = gather(session, due(*everybody, start=at - WEEK, end=at), folder=folder)
    counts = dict.fromkeys(Wait, 0)
    for reader, (_, weeks) in zip(everybody, found.values(), strict=True):
        told = weeks[0].waiting
        desk = at_desk(reader, at)
        assert {(one.kind, one.title, str(one.count) if one.count else one.name) for one in told} == as_pairs(
            reader, at
        ) | desk
        assert len(told) == len(waiting(seen_by=reader, at=at)) + len(desk)
        for one in told:
            counts[one.kind] += 1
    return counts


def test_what_waits_is_what_the_page_says(session, demo, folder):
    for days in (0, 1, 2, 5, 15, 40):
        counts = compared(session, folder, NOON + days * DAY)
        if days == 0:
            assert counts[Wait.CONFIRM] > 2
            assert counts[Wait.CHOOSE] > 2


def test_what_is_rare_waits_as_the_page_says(session, group, ada, ben, cleo, olga, folder):
    otto = joined(session, group, "Otto Lindqvist", role=Role.ORGANISER)
    ties.declare(ben.number, by=otto, kind=TieKind.FAMILY, at=NOON)
    lonely(ada, title="Closes soon", closes_at=UNTIL + timedelta(hours=20))
    lonely(ada, title="Chosen from", closes_at=UNTIL + timedelta(hours=20))
    answered(session.scalars(select(Post).filter_by(title="Chosen from")).one(), ben)
    disputed, corrected, *_others = some_favors(session, ada, ben)
    disputes.dispute(disputed.id, by=ben, why="It was another day", at=NOON)
    corrections.propose(corrected.id, by=ada, why="It was Cleo", at=NOON)
    golf = offered(ada, closes_at=UNTIL - DAY, event_at=UNTIL + DAY, slots=1)
    answered(golf, ben, at=NOON)
    responses.answer(golf.id, by=cleo, text="", at=NOON, standing_by=True)
    favors.cancel(favors_of(session, golf)[0].id, by=ben, why="", at=UNTIL - timedelta(hours=1))

    reports.report(TargetKind.PROFILE, cleo.id, by=ben, rule=rules.rules(seen_by=ben)[0].id, note="", at=NOON)
    counts = compared(session, folder, UNTIL)
    assert {kind for kind, count in counts.items() if count} == set(Wait) - {Wait.MORE}


def some_favors(session: Session, ada: Membership, ben: Membership) -> tuple[Favor, ...]:
    """Favors from Ada to Ben: delivered, confirmed, agreed, and delivered again."""
    found = []
    for number in range(4):
        post = lonely(ben, title=f"Need {number}", at=NOON - 20 * DAY, closes_at=NOON + DAY)
        answer = answered(post, ada, at=NOON - 20 * DAY)
        responses.accept(post.id, answer.id, by=ben, at=NOON - 20 * DAY)
        found.append(favors_of(session, post)[0])
    favors.deliver(found[0].id, by=ada, at=NOON - DAY)
    favors.confirm(found[1].id, by=ben, at=NOON - DAY)
    favors.deliver(found[3].id, by=ada, at=NOON - DAY)
    return tuple(found)


def helped(giver: Membership, receiver: Membership, at: datetime = NOON + DAY, **said: Any) -> Favor:
    """A favor without a post, in the log at once."""
    given = {"category": "advice", "title": f"What {giver.name} knows", "thanks": "You found the gap."}
    return unasked.helped_by(giver.number, by=receiver, at=at, **given | said)


def test_thanks_reach_whoever_gave_and_everybody_else_as_the_log_shows_them(session, ada, ben, cleo, folder):
    helped(ada, ben)

    assert [one.thanks for one in week(ada, folder).thanks] == ["You found the gap."]
    [told] = week(cleo, folder).happened.favors
    assert (told.giver, told.receiver, told.thanks) == ("Ada Farouk", "Ben Castellanos", "You found the gap.")
    assert week(cleo, folder).thanks == ()


def test_what_is_withheld_is_told_to_its_two_and_in_no_count_of_others(session, ada, ben, cleo, folder):
    helped(ada, ben, withheld=True)

    assert [one.thanks for one in week(ada, folder).thanks] == ["You found the gap."]
    found = letter(ada, folder)
    assert found is not None
    assert found.year == Counts(gave=1, received=0, people=1)
    for reader in (cleo, ben, ada):
        assert week(reader, folder).happened.favors == []


def test_what_was_corrected_is_told_to_nobody(session, ada, ben, cleo, folder):
    favor = helped(ada, ben)
    unasked.not_me(favor.id, by=ada, at=NOON + 2 * DAY)

    assert week(cleo, folder).happened.favors == []
    assert week(ada, folder).thanks == ()
    assert week(ada, folder).tally.gave == {}


def test_what_came_of_a_hidden_post_is_told_to_nobody(session, ada, ben, cleo, folder):
    dan = joined(session, ada.group, "Dan Okafor")
    for hidden in ([dan.number], []):
        post = lonely(ben, hidden_from=hidden, title=f"Hidden from {len(hidden)}")
        responses.accept(post.id, answered(post, ada).id, by=ben, at=NOON)
        favors.confirm(favors_of(session, post)[0].id, by=ben, at=NOON + DAY, thanks="Thank you.")

    [told] = week(dan, folder).happened.favors
    assert (told.title, told.met) == ("Hidden from 0", post.id)


def test_whoever_was_forgotten_is_not_named(session, ada, ben, cleo, folder):
    helped(ada, ben)
    leaving.erase(ada.id, at=NOON + 2 * DAY)

    [told] = week(cleo, folder).happened.favors
    assert (told.giver, told.title, told.thanks) == ("", "", "")


def test_newcomers_are_those_who_joined_within_the_span(session, group, ada, folder):
    wen = joined(session, group, "Wen Li")
    wen.joined_at = NOON + DAY
    session.commit()

    assert [one.name for one in week(ada, folder).happened.newcomers] == ["Wen Li"]


def test_the_year_is_what_the_readers_own_page_says(session, ada, ben, cleo, folder):
    helped(ada, ben, at=UNTIL - 365 * DAY)
    helped(ada, ben, at=NOON - DAY, withheld=True)
    helped(cleo, ada)
    session.scalars(select(Category).filter_by(group_id=ada.group_id, slug="review")).one().neutral = True
    session.commit()
    helped(ada, cleo, category="review")
    own = numbers.own(ada, at=UNTIL)[1].balance
    found = letter(ada, folder)

    assert found is not None
    assert (own.given, own.received, own.people) == (2, 1, 2)
    assert found.year == Counts(own.given, own.received, own.people)
    assert found.week == Counts(gave=0, received=1, people=1)


def test_notes_of_the_organisers_are_there(session, ada, olga, folder):
    for text, at in (("Before", FROM - MOMENT), ("Come on Friday", FROM), ("After", UNTIL)):
        session.add(DigestNote(group_id=ada.group_id, by_id=olga.id, text=text, written_at=at, used_at=at + 2 * WEEK))
    session.commit()

    assert [(one.by, one.text) for one in week(ada, folder).notes] == [("Olga Petrenko", "Come on Friday")]


def test_the_checkpoint_is_the_last_that_was_given_out_and_the_one_of_the_letter_before(
    session, ada, ben, folder, settings: Settings
):
    def sign() -> str:
        return signing.checkpoint(ada.group_id, key=settings.log_key, folder=folder, at=NOON)

    first = sign()
    helped(ben, ada)
    origin, size, *_ = first.splitlines()
    sent(session, ada, FROM - WEEK, carried={origin: 99})
    sent(session, ada, FROM, carried={origin: int(size)})
    sent(session, ada, UNTIL, carried={origin: 98})
    second = sign()
    found = week(ada, folder).checkpoint

    assert found is not None
    assert (found.origin, found.size, found.note) == (origin, int(size) + 1, second)
    assert (found.size_before, found.before) == (int(size), first)


def test_a_first_letter_has_no_checkpoint_before(session, ada, folder, settings: Settings):
    note = signing.checkpoint(ada.group_id, key=settings.log_key, folder=folder, at=NOON)
    found = week(ada, folder).checkpoint

    assert found is not None
    assert (found.note, found.size_before, found.before) == (note, 0, "")


def test_without_a_signed_checkpoint_there_is_none(session, ada, folder):
    assert week(ada, folder).checkpoint is None


def test_what_the_database_does_not_hold_is_not_carried(session, ada, folder, settings: Settings):
    note = signing.checkpoint(ada.group_id, key=settings.log_key, folder=folder, at=NOON)
    origin = note.splitlines()[0]
    kept.keep(folder, origin, note.replace("\n\n", "\nmore\n\n"))
    assert week(ada, folder).checkpoint is None

    kept.path_of(folder, origin).write_text("what is this")
    assert week(ada, folder).checkpoint is None


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    connection: Any = db.engines[None]
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


def crowd(session: Session, groups: Sequence[Group], number: int) -> list[Membership]:
    """So many people, in two groups each, whom things wait for."""
    people = [
        {"email": f"reader{n}@bar.example", "name": f"Reader {n}", "fs_uniquifier": f"u{n}", "created_at": NOON}
        for n in range(number)
    ]
    session.execute(insert(Person), people)
    ids = session.scalars(select(Person.id).where(Person.email.like("reader%")).order_by(Person.id)).all()
    rows = [
        {
            "group_id": group.id,
            "person_id": person,
            "number": 1000 + place,
            "joined_at": NOON - WEEK,
            "role": Role.ORGANISER if place == 0 else Role.MEMBER,
            "can_help_with": "marine insurance, trademark law",
            "would_love": "golf",
        }
        for group in groups
        for place, person in enumerate(ids)
    ]
    session.execute(insert(Membership), rows)
    session.commit()
    return list(
        session.scalars(select(Membership).filter_by(group_id=groups[0].id).where(Membership.person_id.in_(ids)))
    )


def busy(session: Session, readers: Sequence[Membership]) -> None:
    """Posts, favors, corrections and disputes among all of them."""
    advice = {row.group_id: row.id for row in session.scalars(select(Category).filter_by(slug="advice"))}
    session.execute(
        insert(Post),
        [
            {
                "group_id": one.group_id,
                "author_id": one.id,
                "category_id": advice[one.group_id],
                "kind": PostKind.NEED,
                "title": f"Marine insurance {one.number}",
                "text": "",
                "slots": 1,
                "taken": 0,
                "rule": Rule.CHOICE,
                "closes_at": LATER,
                "state": PostState.OPEN,
                "hidden_from_firm": False,
                "created_at": FROM + DAY,
            }
            for one in readers
        ],
    )
    session.commit()
    for giver, receiver in zip(readers, [*readers[1:], readers[0]], strict=True):
        if giver.number < 1010:
            done = helped(giver, receiver)
            unasked.helped(receiver.number, by=giver, category="advice", title="Tea", at=NOON)
            if giver.number < 1003:
                corrections.propose(done.id, by=giver, why="No", at=NOON + DAY)


@pytest.mark.parametrize("first", [True, False], ids=["a crowd", "a crowd that was read before"])
def test_two_hundred_readers_need_no_more_statements_than_five(session, group, sam, folder, settings, first):
    readers = crowd(session, [group, sam.group], 200)
    busy(session, readers)
    for one in readers:
        session.add(DigestWish(person_id=one.person_id))
    session.commit()
    for one in (group, sam.group):
        signing.checkpoint(one.id, key=settings.log_key, folder=folder, at=NOON)
    few, many = due(*readers[:5]), due(*readers)
    if not first:
        gather(session, many, folder=folder)
    session.expire_all()
    session.rollback()
    with statements() as five:
        gather(session, few, folder=folder)
    session.rollback()
    with statements() as two_hundred:
        found = gather(session, many, folder=folder)

    assert len(two_hundred) == len(five) <= 30
    letters = [compose(*one) for one in found.values()]
    assert sum(one is not None for one in letters) == 200
