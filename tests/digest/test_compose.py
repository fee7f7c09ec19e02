"""What a letter says, and what it never does."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.digest.compose import compose
from exchange.digest.facts import (
    Board,
    Carried,
    Counts,
    GroupWeek,
    Item,
    Newcomer,
    Note,
    Part,
    Tally,
    Wait,
    Waiting,
)
from tests.digest.samples import (
    ADA,
    BAR,
    DAY,
    FROM,
    LONG_AGO,
    MED,
    MOMENT,
    UNTIL,
    WEDNESDAY,
    composed,
    favor,
    items,
    member,
    need,
    nothing,
    offer,
    post,
    reader,
    shown,
    waiting,
    week,
)

LISTS = [Part.NEEDS, Part.OFFERS, Part.UNANSWERED]


def test_a_need_comes_with_the_readers_own_words():
    found = composed(week(post(title="Who knows trademark law?", answered=True)))

    [item] = items(found, Part.NEEDS)
    assert (item.reason.helps, item.reason.loves, item.reason.unanswered) == ("trademark law", "", False)


def test_an_offer_comes_with_what_the_reader_would_love():
    found = composed(week(offer(answered=False)))

    [item] = items(found, Part.OFFERS)
    assert (item.reason.helps, item.reason.loves, item.reason.unanswered) == ("", "golf", True)


def test_what_one_can_help_with_fits_no_offer_and_what_one_would_love_no_need():
    posts = offer(title="A course on marine insurance"), need(title="Somebody to play golf with")

    assert nothing(week(*posts))


def test_what_nobody_has_answered_is_shown_to_everybody():
    found = composed(week(lonely := post()))

    [item] = items(found, Part.UNANSWERED)
    assert (item.post, item.reason.unanswered, item.reason.helps) == (lonely, True, "")


def test_a_newcomers_post_is_shown_though_it_is_answered():
    found = composed(week(post(answered=True, author_joined_at=WEDNESDAY - 20 * DAY)))

    [item] = items(found, Part.UNANSWERED)
    assert (item.reason.new_since, item.reason.unanswered) == (WEDNESDAY - 20 * DAY, False)


def test_whoever_came_more_than_six_weeks_before_is_no_newcomer():
    assert nothing(week(post(answered=True, author_joined_at=WEDNESDAY - 42 * DAY - MOMENT)))
    assert shown(composed(week(post(answered=True, author_joined_at=WEDNESDAY - 42 * DAY))))


def test_what_is_answered_and_fits_nobodys_words_is_not_shown():
    assert nothing(week(post(answered=True)))


@pytest.mark.parametrize("make", [need, offer, post])
@pytest.mark.parametrize(
    "why_not",
    [
        {"author_id": ADA},
        {"author_person_id": 1},
        {"closes_at": UNTIL},
        {"event_at": UNTIL},
        {"created_at": UNTIL},
    ],
    ids=["own", "own in another group", "closed", "past", "of the next letter"],
)
def test_some_posts_are_never_shown(make: Any, why_not: dict[str, Any]):
    assert nothing(week(make(**why_not)))


@pytest.mark.parametrize("make", [need, offer, post])
def test_what_closes_until_a_late_letter_is_sent_is_not_in_it(make: Any):
    one = make(closes_at=UNTIL + timedelta(hours=20))

    assert shown(composed(week(one), now=UNTIL + timedelta(hours=19))) == [one.id]
    assert nothing(week(one), now=UNTIL + timedelta(hours=20))


@pytest.mark.parametrize("make", [need, offer, post])
def test_a_hidden_post_is_not_shown_to_whom_it_is_hidden_from(make: Any):
    one = make(private=True)

    assert nothing(week(one, hidden=frozenset([one.id])))
    assert shown(composed(week(one))) == [one.id]


@pytest.mark.parametrize("make", [need, offer, post])
def test_organisers_are_not_shown_what_they_may_not_answer(make: Any):
    assert nothing(week(make(private=True), member=member(organiser=True)))


@pytest.mark.parametrize("make", [need, offer, post])
def test_what_the_reader_answers_already_is_not_shown(make: Any):
    one = make()

    assert nothing(week(one, answered=frozenset([one.id])))


def test_what_waits_is_not_shown_again_below():
    one = need()
    found = composed(week(one, waiting=[waiting(Wait.PLACE, post_id=one.id)]))

    assert [section.part for section in found.sections] == [Part.WAITING]


def test_whoever_accepts_no_gifts_is_offered_no_place_at_an_event():
    assert nothing(week(offer(gift=True), member=member(accepts_gifts=False)))
    assert shown(composed(week(offer(gift=True))))
    assert shown(composed(week(need(gift=False), member=member(accepts_gifts=False))))


def test_a_post_that_fits_and_is_unanswered_stands_in_one_section_only():
    found = composed(week(one := need(answered=False)))

    assert shown(found) == [one.id]
    assert items(found, Part.NEEDS)[0].reason.unanswered


def test_what_fits_the_readers_words_stands_under_needs_and_offers_though_nobody_has_answered():
    needs, offers = [need(answered=False) for _ in range(3)], [offer(answered=False) for _ in range(2)]
    found = composed(week(*needs, *offers, lonely := post()))

    assert [shown(found, part) for part in LISTS] == [
        [one.id for one in needs],
        [one.id for one in offers],
        [lonely.id],
    ]


def test_to_who_has_just_joined_too():
    old = need(created_at=FROM - DAY, answered=False)

    assert shown(composed(week(old, member=member(joined_at=FROM))), Part.NEEDS) == [old.id]


def test_what_somebody_posts_in_two_groups_is_told_once():
    here = need(title="Marine insurance", author_person_id=77)
    there = need(title="Marine Insurance", author_person_id=77)
    found = composed(week(here), week(there, group=MED, member=member(id=90)))

    assert len(found.shown) == 1


def test_two_people_may_need_the_same():
    found = composed(week(need(title="Marine insurance"), need(title="Marine insurance")))

    assert len(found.shown) == 2


def test_a_post_at_the_start_of_the_window_is_in_and_at_its_end_in_the_next():
    first, last, next_one = need(created_at=FROM), need(created_at=UNTIL - MOMENT), need(created_at=UNTIL)

    assert shown(composed(week(first, last, next_one))) == [first.id, last.id]
    assert shown(composed(week(first, last, next_one), window_from=UNTIL, window_until=UNTIL + DAY)) == [next_one.id]


def test_every_post_is_new_in_one_letter_over_the_weeks():
    posts = [need(created_at=FROM + hours * timedelta(hours=7), closes_at=UNTIL + 90 * DAY) for hours in range(60)]
    edges = [FROM + days * DAY for days in (0, 2, 4, 6, 9, 11, 14, 16, 18)]
    letters = [compose(reader(window_from=start, window_until=end), [week(*posts)]) for start, end in pairwise(edges)]
    told = [one for letter in letters for one in shown(letter)]

    assert sorted(told) == [one.id for one in posts]


def test_what_nobody_has_answered_may_come_back_once():
    old = post(created_at=FROM - MOMENT)
    fresh = need()

    assert shown(composed(week(old, fresh, seen={old.id: 1})), Part.UNANSWERED) == [old.id]
    assert shown(composed(week(old, fresh, seen={old.id: 2}))) == [fresh.id]


def test_to_who_has_just_joined_all_that_waits_for_an_answer_is_new():
    old = post(created_at=FROM - DAY), need(created_at=FROM - DAY)
    [item] = items(composed(week(*old, member=member(joined_at=FROM))), Part.UNANSWERED)

    assert (item.post, item.new) == (old[0], True)
    assert nothing(week(*old, member=member(joined_at=FROM - MOMENT)))


def test_what_comes_back_says_whether_it_fits():
    old = post(title="Who knows trademark law?", created_at=FROM - DAY)
    [item] = items(composed(week(old, need())), Part.UNANSWERED)

    assert (item.reason.helps, item.reason.unanswered) == ("trademark law", True)


def test_what_was_answered_meanwhile_does_not_come_back():
    old = need(created_at=FROM - DAY), post(created_at=FROM - DAY, answered=True, author_joined_at=FROM - 2 * DAY)

    assert shown(composed(week(*old, fresh := need()))) == [fresh.id]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"seen": {1: 1}},
        {"favors": [favor(met=1, thanks="Thank you")]},
        {"tally": Tally(gave={2: 3}, gave_in_window={2: 1})},
        {"checkpoint": Carried(BAR, "exchange.example/g/1", 12, "note")},
        {"notes": [Note(BAR, "Olga", "Come on Friday", FROM - MOMENT), Note(BAR, "Olga", "Welcome", UNTIL)]},
        {"waiting": [waiting(Wait.PLACE, until=UNTIL)]},
        {"thanks": [favor(thanks="Thank you", confirmed_at=FROM - MOMENT)]},
    ],
)
def test_where_nothing_is_new_for_the_reader_there_is_no_letter(said: dict[str, Any]):
    assert nothing(week(post(created_at=FROM - DAY), **said))


def test_without_a_group_there_is_no_letter():
    assert nothing()


@pytest.mark.parametrize(
    "said",
    [
        {"waiting": [waiting()]},
        {"thanks": [favor(thanks="Thank you", confirmed_at=FROM)]},
        {"notes": [Note(BAR, "Olga", "Come on Friday", FROM)]},
        {"board": Board([need()])},
    ],
)
def test_one_new_thing_makes_a_letter(said: dict[str, Any]):
    assert composed(week(**said))


def test_the_sections_come_in_their_order_and_only_those_that_hold_something():
    whole = composed(
        week(
            post(),
            offer(),
            need(),
            waiting=[waiting()],
            thanks=[favor(thanks="Thank you")],
        )
    )

    assert [section.part for section in whole.sections] == list(Part)
    assert [section.part for section in composed(week(offer(), post())).sections] == [Part.OFFERS, Part.UNANSWERED]


def test_what_waits_stands_in_order_whatever_group_it_is_in():
    here = week(waiting=[waiting(Wait.DISPUTE), waiting(Wait.CHOOSE)])
    there = week(group=MED, waiting=[waiting(Wait.CONFIRM), waiting(Wait.PLACE, until=UNTIL + DAY)])

    found = [one.kind for one in items(composed(here, there), Part.WAITING)]
    assert found == [Wait.PLACE, Wait.CONFIRM, Wait.CHOOSE, Wait.DISPUTE]


def test_a_place_that_went_on_meanwhile_waits_no_longer():
    gone = [waiting(Wait.PLACE, until=UNTIL), waiting(Wait.CLOSING, until=UNTIL)]
    still = waiting(Wait.CHOOSE, until=UNTIL - DAY)

    assert items(composed(week(waiting=[*gone, still])), Part.WAITING) == [still]


def test_a_letter_lists_ten_things_at_most():
    posts = [make() for make in (need, offer, post) for _ in range(9)]
    said: dict[str, Any] = {
        "waiting": [waiting(), waiting(Wait.CHOOSE)],
        "thanks": [favor(thanks="Thank you") for _ in range(5)],
        "favors": [favor(met=number) for number in range(5)],
    }
    found = composed(week(*posts, **said))

    assert [len(section.items) for section in found.sections] == [2, 2, 1, 1, 4]
    assert sum(len(section.items) for section in found.sections) == 10


def test_no_section_of_posts_crowds_out_another():
    found = composed(week(*(need() for _ in range(20)), *(offer() for _ in range(20)), *(post() for _ in range(20))))

    assert [len(shown(found, part)) for part in LISTS] == [4, 3, 3]


def test_what_waits_is_never_cut():
    many = [waiting(path=f"/g/bar/favors/{number}") for number in range(14)]
    found = composed(week(need(), waiting=many))

    [section] = found.sections
    assert section.items[:9] == tuple(many[:9])
    assert section.items[9] == Waiting(Wait.MORE, BAR, "/g/bar/", count=5)
    assert len(items(composed(week(waiting=many[:10])), Part.WAITING)) == 10


def test_what_came_of_things_has_one_place_in_any_case():
    posts = [need() for _ in range(20)]
    told = favor(met=5)

    found = composed(week(*posts, favors=[told, favor(met=6)]))
    assert items(found, Part.CAME_OF) == [told]
    assert len(shown(found)) == 9


def test_with_room_left_three_things_that_others_gave_are_told():
    found = composed(week(need(), favors=[favor(met=number) for number in range(9)]))

    assert len(items(found, Part.CAME_OF)) == 3


def test_needs_met_and_thanked_for_are_told_first_and_favors_that_say_nothing_never():
    silent, thanked, met, both = favor(), favor(thanks="Thank you"), favor(met=1), favor(met=2, thanks="Thank you")
    found = composed(week(need(), favors=[silent, thanked, met, both]))

    assert items(found, Part.CAME_OF) == [both, met, thanked]


def test_nobodys_gifts_are_told_twice():
    first, second = favor(giver_id=12, met=1), favor(giver_id=12, met=2)

    assert items(composed(week(need(), favors=[second, first])), Part.CAME_OF) == [first]


@pytest.mark.parametrize("side", ["giver_id", "receiver_id"])
def test_the_readers_own_favors_are_no_news_to_them(side: str):
    own = favor(met=1, thanks="Thank you", **{side: ADA})

    assert items(composed(week(need(), favors=[own])), Part.CAME_OF) == []


def test_thanks_to_the_reader_come_before_what_others_gave():
    mine = [favor(giver_id=ADA, thanks=f"Thank you {number}") for number in range(4)]
    found = composed(week(thanks=mine, favors=[other := favor(met=1)]))

    assert items(found, Part.CAME_OF) == [*mine[:3], other]


def test_those_seldom_shown_come_first_then_the_older_then_the_lower_id():
    often, later, second, first = (
        need(shown=5, created_at=FROM, id=1),
        need(shown=2, id=2),
        need(shown=2, created_at=FROM, id=4),
        need(shown=2, created_at=FROM, id=3),
    )

    assert shown(composed(week(often, later, second, first))) == [3, 4, 2, 1]


def test_everybody_overlooked_has_their_turn_over_the_weeks():
    """Twelve posts that nobody answers, three places each week: after four weeks everybody was shown once."""
    posts = [post(closes_at=UNTIL + 90 * DAY) for _ in range(12)]
    counts = dict.fromkeys((one.id for one in posts), 0)
    for number in range(4):
        start, end = FROM + number * 7 * DAY, UNTIL + number * 7 * DAY
        board = [replace(one, shown=counts[one.id]) for one in posts]
        fresh = [make(created_at=start, closes_at=end + DAY) for make in (need, offer) for _ in range(7)]
        letter = compose(reader(window_from=start, window_until=end), [week(*board, *fresh)])
        for one in shown(letter, Part.UNANSWERED):
            counts[one] += 1

    assert set(counts.values()) == {1}


def test_nobodys_second_post_comes_before_another_authors_first():
    busy = [need(author_person_id=5, created_at=FROM) for _ in range(12)]
    found = composed(week(*busy, quiet := need()))

    assert shown(found)[:2] == [busy[0].id, quiet.id]
    assert len(shown(found)) == 10


def test_each_group_has_its_first_before_another_has_its_second():
    here = [need(created_at=FROM) for _ in range(4)]
    there = [need(shown=9) for _ in range(2)]
    found = composed(week(*here), week(*there, group=MED))

    assert shown(found) == [here[0].id, there[0].id, here[1].id, there[1].id, here[2].id, here[3].id]


def test_whoever_is_met_in_two_groups_is_one_person():
    here = Tally({2: 3, 4: 1}, {2: 1}, {2: 1}, {})
    there = Tally({2: 1}, {7: 2}, {}, {7: 1})
    found = composed(week(need(), tally=here), week(group=MED, tally=there))

    assert found.year == Counts(gave=5, received=3, people=3)
    assert found.week == Counts(gave=1, received=1, people=2)


def test_the_groups_week_counts_what_lies_in_the_window():
    inside = [favor(giver_id=2, receiver_id=3, met=7), favor(giver_id=3, receiver_id=2, met=7), favor(giver_id=4)]
    outside = [favor(confirmed_at=FROM - MOMENT), favor(confirmed_at=UNTIL)]
    [news] = composed(week(need(), favors=inside + outside)).news

    assert (news.favors, news.people, news.needs_met, news.joined) == (3, 4, 1, 0)


def test_a_group_in_which_nothing_happened_has_no_news():
    assert composed(week(need(), favors=[favor(confirmed_at=UNTIL)])).news == ()


def test_newcomers_are_named_and_the_reader_is_none_of_them():
    wen, theo = Newcomer(60, "Wen Li", FROM), Newcomer(61, "Theo Nakamura", UNTIL)
    ada = Newcomer(ADA, "Ada Farouk", FROM)
    [news] = composed(week(need(), favors=[], newcomers=[theo, ada, wen], member=member(joined_at=FROM))).news

    assert (news.joined, news.newcomers) == (1, (wen,))


def test_notes_of_the_window_stand_on_top_a_group_after_another():
    here = [Note(BAR, "Olga", "On Friday", FROM), Note(BAR, "Tomás", "On Sunday", UNTIL - MOMENT)]
    there = [Note(MED, "Otto", "Rounds", WEDNESDAY)]

    assert composed(week(notes=here), week(group=MED, notes=there)).notes == (*there, *here)


def test_each_group_brings_its_checkpoint():
    here = Carried(BAR, "exchange.example/g/1", 12, "twelve", 9, "nine")
    there = Carried(MED, "exchange.example/g/2", 5, "five")
    found = composed(week(need(), checkpoint=here), week(group=MED, checkpoint=there))

    assert found.checkpoints == (there, here)
    assert found.carried == {"exchange.example/g/1": 12, "exchange.example/g/2": 5}


def test_a_group_in_which_one_said_nothing_of_oneself_is_named():
    here = week(post())
    there = week(group=MED, member=member(can_help_with="", would_love=""))

    assert composed(here, there).silent == (MED,)


MANY = st.builds(
    post,
    kind=st.sampled_from(["need", "offer"]),
    title=st.sampled_from(["Marine insurance", "Golf", "A driver", "Trademark law and golf"]),
    author_id=st.sampled_from([ADA, 21, 22, 23, 24]),
    author_person_id=st.integers(1, 30),
    created_at=st.integers(-3, 9).map(lambda days: FROM + days * DAY),
    closes_at=st.integers(-1, 9).map(lambda days: UNTIL + days * DAY),
    event_at=st.none() | st.integers(-1, 9).map(lambda days: UNTIL + days * DAY),
    author_joined_at=st.sampled_from([LONG_AGO, FROM - DAY]),
    gift=st.booleans(),
    private=st.booleans(),
    answered=st.booleans(),
    shown=st.integers(0, 2),
)
ANY_WEEK = st.builds(
    lambda posts, hidden, answered, favors, waits, group: week(
        *posts,
        group=group,
        favors=[favor(met=1, giver_id=number) for number in range(favors)],
        waiting=[waiting()] * waits,
        hidden=frozenset(one.id for one, gone in zip(posts, hidden, strict=False) if gone),
        answered=frozenset(one.id for one, gone in zip(posts, answered, strict=False) if gone),
    ),
    st.lists(MANY, max_size=25),
    st.lists(st.booleans(), max_size=25),
    st.lists(st.booleans(), max_size=25),
    st.integers(0, 4),
    st.integers(0, 14),
    st.sampled_from([BAR, MED]),
)


@given(st.lists(ANY_WEEK, min_size=1, max_size=3, unique_by=lambda one: one.group.id), st.randoms())
def test_no_letter_breaks_a_rule(weeks: list[GroupWeek], chance: Any):
    letter = compose(reader(), weeks)
    if letter is None:
        assert not any(one.waiting for one in weeks)
        return
    told = [item for section in letter.sections for item in section.items]
    posts = [item.post for item in told if isinstance(item, Item)]
    assert len(told) <= 10
    assert all(section.items for section in letter.sections)
    assert len({(one.author_person_id, one.kind, one.title) for one in posts}) == len(posts)
    hidden = {number for one in weeks for number in one.hidden | one.answered}
    for one in posts:
        assert one.author_id != ADA
        assert one.author_person_id != 1
        assert one.closes_at > UNTIL
        assert one.event_at is None or one.event_at > UNTIL
        assert one.created_at < UNTIL
        assert one.id not in hidden
    for item in told:
        if isinstance(item, Item):
            reason = item.reason
            assert reason.helps or reason.loves or reason.unanswered or reason.new_since

    assert compose(reader(), shuffled(weeks, chance)) == letter


def shuffled(weeks: list[GroupWeek], chance: Any) -> list[GroupWeek]:
    """The same facts in another order."""
    boards = [Board(chance.sample(list(one.board.posts), len(one.board.posts))) for one in weeks]
    turned = [replace(one, board=board) for one, board in zip(weeks, boards, strict=True)]
    return list(chance.sample(turned, len(turned)))
