"""Answers, and how places go."""

from datetime import timedelta

import pytest

from exchange.domain import posts, responses
from exchange.domain.errors import NotFound, NotYours, Refusal
from exchange.storage.favor import FavorState
from exchange.storage.post import ClosedBecause, PostState, ResponseState
from tests.builders import FRIDAY, answered, favors_of, letters_to, needed, offered
from tests.people import NOON


def test_where_the_first_gets_it_the_place_is_given_at_once(session, ada, ben):
    post = offered(ada)
    answer = answered(post, ben)

    (favor,) = favors_of(session, post)
    assert answer.state is ResponseState.ACCEPTED
    assert (favor.giver_id, favor.receiver_id, favor.state) == (ada.id, ben.id, FavorState.AGREED)
    assert (post.state, post.closed_because) == (PostState.CLOSED, ClosedBecause.FILLED)
    assert letters_to(session, ada) == ["agreed"]
    assert letters_to(session, ben) == ["agreed"]


def test_the_last_place_is_given_once(session, ada, ben, cleo):
    post = offered(ada)
    answered(post, ben)

    with pytest.raises(Refusal, match="given a moment before you asked"):
        answered(post, cleo)
    assert len(favors_of(session, post)) == 1


def test_on_a_need_the_poster_receives_and_whoever_answers_gives(session, ada, ben):
    post = needed(ben)
    favor = responses.accept(post.id, answered(post, ada).id, by=ben, at=NOON)

    assert (favor.giver_id, favor.receiver_id) == (ada.id, ben.id)


def test_the_author_hears_of_an_answer_and_chooses(session, ada, ben, cleo):
    post = needed(ada)
    chosen, other = answered(post, ben), answered(post, cleo)

    assert letters_to(session, ada) == ["answer", "answer"]
    responses.accept(post.id, chosen.id, by=ada, at=NOON, others="decline")

    assert chosen.state is ResponseState.ACCEPTED
    assert other.state is ResponseState.DECLINED
    assert letters_to(session, ben) == ["agreed"]
    assert letters_to(session, cleo) == ["declined"]


def test_with_places_left_the_others_go_on_waiting(ada, ben, cleo):
    post = needed(ada, slots=2)
    first, second = answered(post, ben), answered(post, cleo)
    responses.accept(post.id, first.id, by=ada, at=NOON)

    assert second.state is ResponseState.WAITING
    assert post.state is PostState.OPEN


def test_only_the_author_chooses(ada, ben, cleo):
    post = needed(ada)
    answer = answered(post, ben)

    with pytest.raises(NotYours):
        responses.accept(post.id, answer.id, by=ben, at=NOON)
    with pytest.raises(NotYours):
        responses.accept(post.id, answer.id, by=cleo, at=NOON)


def test_an_answer_is_chosen_once_and_never_for_another_post(ada, ben):
    post, other = needed(ada, slots=2), needed(ada)
    answer = answered(post, ben)
    with pytest.raises(NotFound):
        responses.accept(other.id, answer.id, by=ada, at=NOON)
    responses.accept(post.id, answer.id, by=ada, at=NOON)

    with pytest.raises(Refusal, match="does not wait any more"):
        responses.accept(post.id, answer.id, by=ada, at=NOON)


def test_nobody_answers_their_own_post(ada):
    with pytest.raises(Refusal, match="your own post"):
        answered(offered(ada), ada)


def test_a_second_answer_to_the_same_post_is_refused(ada, ben):
    post = needed(ada)
    answered(post, ben)

    with pytest.raises(Refusal, match="answered this post already"):
        answered(post, ben)


def test_after_taking_an_answer_back_one_may_answer_again(ada, ben):
    post = needed(ada)
    answered(post, ben)
    responses.take_back(post.id, by=ben, at=NOON)

    assert answered(post, ben, "On second thought, yes.").state is ResponseState.WAITING


def test_what_was_decided_cannot_be_taken_back(ada, ben):
    post = offered(ada)
    answered(post, ben)

    with pytest.raises(Refusal, match="decided already"):
        responses.take_back(post.id, by=ben, at=NOON)


def test_no_answer_after_the_closing_time_or_a_withdrawal(ada, ben):
    post, withdrawn = needed(ada), needed(ada)
    posts.withdraw(withdrawn.id, by=ada, at=NOON)

    with pytest.raises(Refusal, match="have closed"):
        answered(post, ben, at=FRIDAY + timedelta(seconds=1))
    with pytest.raises(Refusal, match="Ada Farouk has withdrawn"):
        answered(withdrawn, ben)


def test_a_post_of_another_group_does_not_exist(ada, sam):
    with pytest.raises(NotFound):
        answered(needed(ada), sam)
