"""Posting, and what of it is refused."""

from datetime import timedelta

import pytest

from exchange.domain import board, listing, posts
from exchange.domain.errors import BadInput, NotFound, NotYours, Refusal
from exchange.storage.post import ClosedBecause, PostKind, PostState
from tests.builders import FRIDAY, SATURDAY, answered, letters_to, needed, offered
from tests.people import NOON


def test_a_post_stands_on_the_board_of_its_group_at_once(ada, ben):
    post = offered(ada)

    assert [found.id for found in listing.board(seen_by=ben, at=NOON).posts] == [post.id]


def test_another_group_sees_nothing_of_it(ada, sam):
    post = offered(ada)

    assert listing.board(seen_by=sam, at=NOON).posts == []
    with pytest.raises(NotFound):
        board.show(post.id, seen_by=sam, at=NOON)


def test_the_board_shows_first_what_closes_first(ada, ben):
    later = offered(ada, closes_at=SATURDAY, event_at=None)
    sooner = needed(ben)

    assert [post.id for post in listing.board(seen_by=ada, at=NOON).posts] == [sooner.id, later.id]


def test_the_board_can_be_filtered_by_kind_and_category(ada, ben):
    offered(ada)
    need = needed(ben)

    only = listing.board(seen_by=ada, at=NOON, kind=PostKind.NEED, category="introduction")
    assert [post.id for post in only.posts] == [need.id]
    assert (only.needs, only.offers) == (1, 0)


def test_a_post_leaves_the_board_when_its_time_is_over(ada):
    offered(ada)

    assert listing.board(seen_by=ada, at=FRIDAY).posts == []


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"title": "   "}, "title", "empty"),
        ({"title": "\u200b\u2060"}, "title", "empty"),
        ({"title": "x" * 121}, "title", "121 characters; 120 fit"),
        ({"text": "x" * 100_000}, "text", "100,000 characters; 5,000 fit"),
        ({"closes_at": NOON - timedelta(minutes=1)}, "closes_at", "in the past"),
        ({"closes_at": NOON + timedelta(days=400), "event_at": None}, "closes_at", "a year at most"),
        ({"closes_at": SATURDAY + timedelta(hours=1)}, "closes_at", "before the event"),
        ({"event_at": NOON - timedelta(days=1)}, "event_at", "in the past"),
        ({"slots": 0}, "slots", "1 to 99"),
        ({"slots": 100}, "slots", "1 to 99"),
        ({"category": "referral"}, "category", "Choose one of the categories"),
        ({"category": "nonsense"}, "category", "Choose one of the categories"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence_beside_its_field(ada, said, field, sentence):
    with pytest.raises(BadInput, match=sentence) as refused:
        offered(ada, **said)

    assert refused.value.field == field
    assert listing.board(seen_by=ada, at=NOON).posts == []


@pytest.mark.parametrize(("category", "rule"), [("event_place", "first_come"), ("advice", "choice")])
def test_places_go_as_usual_for_their_category_where_the_author_does_not_say(ada, category, rule):
    assert offered(ada, category=category, rule=None).rule == rule


def test_control_characters_are_taken_out_and_other_scripts_stay(ada):
    post = offered(ada, title="نصيحة\x00 قصيرة 🏌️\x07")

    assert post.title == "نصيحة قصيرة 🏌️"


def test_only_the_author_withdraws_a_post_and_those_who_waited_are_told(session, ada, ben):
    post = needed(ada)
    answered(post, ben)

    with pytest.raises(NotYours):
        posts.withdraw(post.id, by=ben, at=NOON)
    posts.withdraw(post.id, by=ada, at=NOON)

    assert (post.state, post.closed_because) == (PostState.CLOSED, ClosedBecause.WITHDRAWN)
    assert letters_to(session, ben) == ["declined"]
    with pytest.raises(Refusal, match="closed already"):
        posts.withdraw(post.id, by=ada, at=NOON)


def test_a_suspended_member_cannot_post(session, ada):
    ada.state = "suspended"
    session.commit()

    with pytest.raises(NotYours, match="not an active member"):
        offered(ada)


def test_only_the_author_sees_all_the_answers(ada, ben, cleo):
    post = needed(ada)
    answered(post, ben)

    assert [answer.member_id for answer in board.show(post.id, seen_by=ada, at=NOON).answers] == [ben.id]
    assert board.show(post.id, seen_by=cleo, at=NOON).answers == []
