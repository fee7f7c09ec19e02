"""What time does, to the second: not a moment before, at the moment, and never twice."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import clocks, disputes, favors, leaving, places, posts, responses, unasked
from exchange.domain.errors import Refusal
from exchange.storage.favor import Favor, FavorState
from exchange.storage.membership import Membership
from exchange.storage.post import ClosedBecause, Post, PostState, Response, ResponseState
from tests.builders import FRIDAY, SATURDAY, answered, favors_of, needed, offered
from tests.domain.lives import A_MOMENT, every_row, last_letter, time_comes, told
from tests.people import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEXT_WEEK = NOON + 7 * DAY


class Stage:
    """Ada posts or gives, Ben answers or receives, Cleo was there before him."""

    def __init__(self, session: Session, **people: Membership) -> None:
        self.session = session
        self.__dict__ |= people
        self.olga: Membership
        self.ada: Membership
        self.ben: Membership
        self.cleo: Membership

    def open_post(self, **said: object) -> Post:
        return needed(self.ada, closes_at=NEXT_WEEK, **said)

    def waiting(self, **said: object) -> Response:
        return answered(self.open_post(**said), self.ben)

    def standby(self, **said: object) -> Response:
        post = offered(self.ada, **said)
        answered(post, self.cleo)
        return responses.answer(post.id, by=self.ben, text="", at=NOON, standing_by=True)

    def offer(self, *, at: datetime = NOON, **said: object) -> Response:
        response = self.standby(**said)
        (favor,) = favors_of(self.session, response.post)
        favors.cancel(favor.id, by=self.cleo, at=at)
        return response

    def agreed(self, event_at: datetime | None = None) -> Favor:
        post = offered(self.ada, category="advice", event_at=event_at)
        answered(post, self.ben)
        return favors_of(self.session, post)[0]

    def delivered(self) -> Favor:
        return favors.deliver(self.agreed().id, by=self.ada, at=NOON)

    def unasked(self) -> Favor:
        return unasked.helped(self.ben.number, by=self.ada, category="advice", title="A call", at=NOON)

    def disputed(self) -> Favor:
        return disputes.dispute(self.delivered().id, by=self.ben, why="It was not so.", at=NOON)


@pytest.fixture
def stage(session, olga, ada, ben, cleo):
    return Stage(session, olga=olga, ada=ada, ben=ben, cleo=cleo)


Make = Callable[[Stage], Post | Response | Favor]

# What is set, when it is due, the state afterwards, and who gets which letter.
CLOCKS: dict[str, tuple[Make, datetime, str, dict[str, str]]] = {
    "the author of an unanswered post is warned a day before it closes": (
        lambda stage: stage.open_post(),
        NEXT_WEEK - DAY,
        "open",
        {"ada": "closing_soon"},
    ),
    "a post closes": (lambda stage: stage.open_post(), NEXT_WEEK, "closed", {}),
    "who waits for a choice is told 14 days after the closing time": (
        lambda stage: stage.waiting(),
        NEXT_WEEK + 14 * DAY,
        "declined",
        {"ben": "declined"},
    ),
    "who waits for a choice is told when the event comes": (
        lambda stage: stage.waiting(event_at=NEXT_WEEK + 3 * DAY),
        NEXT_WEEK + 3 * DAY,
        "declined",
        {"ben": "declined"},
    ),
    "who stands by is told when the event comes, long after the closing time": (
        lambda stage: stage.standby(),
        SATURDAY,
        "declined",
        {"ben": "declined"},
    ),
    "who stands by where there is no event is told when it closes": (
        lambda stage: stage.standby(event_at=None),
        FRIDAY,
        "declined",
        {"ben": "declined"},
    ),
    "an offered place expires": (
        lambda stage: stage.offer(closes_at=NEXT_WEEK, event_at=NEXT_WEEK),
        NOON + DAY,
        "expired",
        {"ben": "offer_over"},
    ),
    "both are asked the day after the event": (
        lambda stage: stage.agreed(SATURDAY),
        SATURDAY + DAY,
        "agreed",
        {"ada": "did_it_happen", "ben": "did_it_happen"},
    ),
    "and again 7 days later": (
        lambda stage: stage.agreed(SATURDAY),
        SATURDAY + 8 * DAY,
        "agreed",
        {"ada": "did_it_happen", "ben": "did_it_happen"},
    ),
    "both are asked 14 days after what has no date": (
        lambda stage: stage.agreed(),
        NOON + 14 * DAY,
        "agreed",
        {"ada": "did_it_happen", "ben": "did_it_happen"},
    ),
    "and again 7 days after that": (
        lambda stage: stage.agreed(),
        NOON + 21 * DAY,
        "agreed",
        {"ada": "did_it_happen", "ben": "did_it_happen"},
    ),
    "what nobody spoke of lapses on day 30": (
        lambda stage: stage.agreed(),
        NOON + 30 * DAY,
        "lapsed",
        {"ada": "lapsed", "ben": "lapsed"},
    ),
    "and with a date 30 days after it": (
        lambda stage: stage.agreed(SATURDAY),
        SATURDAY + 30 * DAY,
        "lapsed",
        {"ada": "lapsed", "ben": "lapsed"},
    ),
    "the receiver of what was delivered is asked again after 7 days": (
        lambda stage: stage.delivered(),
        NOON + 7 * DAY,
        "delivered",
        {"ben": "please_confirm"},
    ),
    "what was delivered confirms by itself after 14 days": (
        lambda stage: stage.delivered(),
        NOON + 14 * DAY,
        "confirmed",
        {"ada": "confirmed", "ben": "confirmed"},
    ),
    "who is said to have been helped is asked again after 7 days": (
        lambda stage: stage.unasked(),
        NOON + 7 * DAY,
        "delivered",
        {"ben": "please_confirm"},
    ),
    "and one side's word alone lapses after 30": (
        lambda stage: stage.unasked(),
        NOON + 30 * DAY,
        "lapsed",
        {"ada": "lapsed", "ben": "lapsed"},
    ),
    "a dispute that nobody settles ends after 30 days": (
        lambda stage: stage.disputed(),
        NOON + 30 * DAY,
        "cancelled",
        {"ada": "settled", "ben": "settled"},
    ),
}


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda said: str(said).replace(" ", "_"))
def test_not_a_moment_before_then_once_and_never_again(stage, session, clock):
    make, due, state, letters = CLOCKS[clock]
    row = make(stage)
    time_comes(due - A_MOMENT)
    before = every_row(session)
    assert clocks.due(at=due - A_MOMENT) == 0
    assert every_row(session) == before
    since = last_letter(session)

    assert clocks.due(at=due) == 1
    session.expire_all()
    assert row.state.value == state
    heard = {name: told(session, getattr(stage, name), since=since) for name in ("ada", "ben", "cleo", "olga")}
    assert heard == {name: [letters[name]] if name in letters else [] for name in heard}

    after = every_row(session)
    assert clocks.due(at=due) == 0
    assert every_row(session) == after


@pytest.mark.parametrize("make", ["agreed", "unasked", "delivered"])
def test_nobody_is_asked_more_than_twice(stage, session, make):
    getattr(stage, make)()
    for day in range(1, 30):
        time_comes(NOON + day * DAY)

    asked = [kind for kind in told(session, stage.ben) if kind in {"did_it_happen", "please_confirm"}]
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("left", "held"),
    [
        (10 * DAY, DAY),
        (4 * DAY, DAY),
        (4 * DAY - 4 * A_MOMENT, DAY - A_MOMENT),
        (2 * DAY, 12 * HOUR),
        (2 * HOUR, HOUR / 2),
        (HOUR, HOUR / 2),
        (HOUR / 6, HOUR / 2),
    ],
    ids=str,
)
def test_a_place_is_held_for_a_day_or_a_quarter_of_the_time_left_and_never_under_half_an_hour(stage, left, held):
    event = NOON + 20 * DAY
    response = stage.offer(at=event - left, closes_at=NOON + DAY, event_at=event)

    assert response.offered_until == event - left + held
    favor = responses.accept_place(response.id, by=stage.ben, at=event - left + held - A_MOMENT)
    assert favor.state is FavorState.AGREED


def test_an_offered_place_cannot_be_taken_at_the_moment_it_is_over(stage, session):
    response = stage.offer()
    assert response.offered_until is not None
    before = every_row(session)
    with pytest.raises(Refusal, match="time for this place is over"):
        responses.accept_place(response.id, by=stage.ben, at=response.offered_until)

    assert every_row(session) == before


def test_standby_goes_on_after_the_closing_time_until_the_event(stage, session):
    response = stage.standby()
    time_comes(SATURDAY - 4 * HOUR)
    (favor,) = favors_of(session, response.post)
    favors.cancel(favor.id, by=stage.cleo, at=SATURDAY - 4 * HOUR)

    assert response.state is ResponseState.OFFERED
    assert response.offered_until == SATURDAY - 3 * HOUR


def test_at_the_event_a_free_place_is_offered_to_nobody(stage, session):
    response = stage.standby()
    (favor,) = favors_of(session, response.post)
    favors.cancel(favor.id, by=stage.cleo, at=SATURDAY)
    time_comes(SATURDAY)

    assert response.state is ResponseState.DECLINED
    assert response.post.taken == 0


def test_when_an_offer_is_over_the_next_is_asked_and_with_nobody_left_the_post_opens_again(stage, session, olga):
    first = stage.offer(closes_at=NOON + 10 * DAY, event_at=NOON + 20 * DAY)
    post = first.post
    second = responses.answer(post.id, by=olga, text="", at=NOON, standing_by=True)
    time_comes(NOON + DAY)

    assert (first.state, second.state) == (ResponseState.EXPIRED, ResponseState.OFFERED)
    assert post.state is PostState.CLOSED
    time_comes(NOON + 2 * DAY)
    assert second.state is ResponseState.EXPIRED
    assert (post.state, post.taken) == (PostState.OPEN, 0)


def test_a_post_that_opens_again_is_warned_of_no_second_time(stage, session):
    """Within its last day somebody takes the place and drops out; the author was told of this closing time."""
    post = offered(stage.ada, closes_at=NEXT_WEEK, event_at=NEXT_WEEK + DAY)
    time_comes(NEXT_WEEK - 20 * HOUR)
    assert told(session, stage.ada) == ["closing_soon"]
    answered(post, stage.ben, at=NEXT_WEEK - 19 * HOUR)
    (favor,) = favors_of(session, post)
    favors.cancel(favor.id, by=stage.ben, at=NEXT_WEEK - 18 * HOUR)
    assert post.state is PostState.OPEN
    time_comes(NEXT_WEEK - 17 * HOUR)

    assert told(session, stage.ada).count("closing_soon") == 1


def test_a_post_that_is_open_for_less_than_a_day_is_warned_of_at_half_of_its_time(stage, session):
    offered(stage.ada, closes_at=NOON + 6 * HOUR, event_at=NEXT_WEEK)
    time_comes(NOON + 3 * HOUR - A_MOMENT)
    assert told(session, stage.ada) == []
    time_comes(NOON + 3 * HOUR)

    assert told(session, stage.ada) == ["closing_soon"]


@pytest.mark.parametrize(("early", "counts"), [(A_MOMENT, False), (timedelta(), True)])
def test_calling_off_counts_as_a_drop_out_from_the_closing_time_on(stage, session, early, counts):
    post = offered(stage.ada)
    answered(post, stage.ben)
    (favor,) = favors_of(session, post)
    favors.cancel(favor.id, by=stage.ben, at=post.closes_at - early)

    assert favor.dropped_out is counts


def test_an_extended_post_is_warned_of_again_before_its_new_time(stage, session):
    post = stage.open_post()
    time_comes(NEXT_WEEK - HOUR)
    posts.extend(post.id, by=stage.ada, at=NEXT_WEEK - HOUR)
    time_comes(NEXT_WEEK + 6 * DAY)

    assert post.closes_at == NEXT_WEEK + 7 * DAY
    assert told(session, stage.ada) == ["closing_soon", "closing_soon"]


def test_an_extended_post_never_goes_on_past_its_event(stage):
    post = stage.open_post(event_at=NEXT_WEEK + 2 * DAY)
    posts.extend(post.id, by=stage.ada, at=NOON)

    assert post.closes_at == NEXT_WEEK + 2 * DAY
    with pytest.raises(Refusal, match="cannot be given more time"):
        posts.extend(post.id, by=stage.ada, at=NOON)


def test_a_closed_post_opens_again_for_a_week_from_now(stage):
    post = stage.open_post()
    time_comes(NEXT_WEEK + 3 * DAY)
    assert post.closed_because is ClosedBecause.TIME
    posts.extend(post.id, by=stage.ada, at=NEXT_WEEK + 3 * DAY)

    assert (post.state, post.closes_at) == (PostState.OPEN, NEXT_WEEK + 10 * DAY)


@pytest.mark.parametrize("answered_it", [True, False])
def test_only_the_author_of_an_unanswered_post_is_warned(stage, session, answered_it):
    post = stage.open_post()
    if answered_it:
        answered(post, stage.ben)
    since = last_letter(session)
    time_comes(NEXT_WEEK - HOUR)

    assert told(session, stage.ada, since=since) == ([] if answered_it else ["closing_soon"])


@pytest.mark.parametrize("last", [timedelta(seconds=-1), timedelta(0)])
def test_that_was_not_me_can_be_said_for_thirty_days(stage, session, last):
    favor = unasked.helped_by(stage.ada.number, by=stage.ben, category="advice", title="A call", at=NOON)
    at = NOON + 30 * DAY + last
    if last:
        assert unasked.not_me(favor.id, by=stage.ada, at=at).voided_by is not None
        return
    before = every_row(session)
    with pytest.raises(Refusal, match="30 days"):
        unasked.not_me(favor.id, by=stage.ada, at=at)
    assert every_row(session) == before


# Suspension: the clocks that need the suspended person stand still, and go on where they stood.


@pytest.mark.parametrize(("make", "span", "state"), [("delivered", 14, "confirmed"), ("unasked", 30, "lapsed")])
def test_suspending_the_receiver_stops_the_clock_and_reinstating_goes_on(stage, session, make, span, state):
    favor = getattr(stage, make)()
    leaving.suspend(stage.ben.id, at=NOON + 3 * DAY)
    time_comes(NOON + 43 * DAY)
    assert favor.state is FavorState.DELIVERED
    leaving.reinstate(stage.ben.id, at=NOON + 43 * DAY)
    due = NOON + (40 + span) * DAY

    time_comes(due - A_MOMENT)
    assert favor.state is FavorState.DELIVERED
    time_comes(due)
    assert favor.state.value == state


def test_being_suspended_twice_stops_it_twice(stage):
    favor = stage.delivered()
    for day in (2, 22):
        leaving.suspend(stage.ben.id, at=NOON + day * DAY)
        leaving.reinstate(stage.ben.id, at=NOON + (day + 10) * DAY)

    assert favors.by_itself(favor) == NOON + 34 * DAY


@pytest.mark.parametrize(("make", "state"), [("delivered", "confirmed"), ("unasked", "lapsed")])
def test_who_is_removed_while_suspended_stops_no_clock_for_ever(stage, make, state):
    favor = getattr(stage, make)()
    leaving.suspend(stage.ben.id, at=NOON + DAY)
    leaving.end(stage.ben.id, at=NOON + 2 * DAY)
    time_comes(NOON + 400 * DAY)

    assert favor.state.value == state


def test_the_right_to_say_not_me_waits_for_who_is_suspended(stage):
    favor = unasked.helped_by(stage.ada.number, by=stage.ben, category="advice", title="A call", at=NOON)
    leaving.suspend(stage.ada.id, at=NOON + DAY)
    leaving.reinstate(stage.ada.id, at=NOON + 61 * DAY)

    assert unasked.not_me(favor.id, by=stage.ada, at=NOON + 62 * DAY).voided_by is not None


# Late workers.


def test_a_clock_moved_a_year_in_one_call_ends_every_life_and_says_each_thing_once(stage, session):
    for make in ("open_post", "waiting", "standby", "offer", "agreed", "delivered", "unasked", "disputed"):
        getattr(stage, make)()
    stage.agreed(SATURDAY)
    time_comes(NOON + 400 * DAY)

    assert clocks.due(at=NOON + 400 * DAY) == 0
    assert not session.scalars(select(Post).where(Post.state == PostState.OPEN)).all()
    hoping = (ResponseState.WAITING, ResponseState.STANDBY, ResponseState.OFFERED)
    assert not session.scalars(select(Response).where(Response.state.in_(hoping))).all()
    assert not session.scalars(select(Favor).where(Favor.state.in_(favors.OPEN))).all()


def test_what_is_not_due_yet_keeps_nothing_that_is_due_from_happening(stage, session, monkeypatch):
    """A worker takes some at a time; those that are looked at and not due must not be all that it ever takes."""
    monkeypatch.setattr(clocks, "AT_ONCE", 2)
    for _ in range(3):
        stage.waiting(event_at=NOON + 40 * DAY)
    time_comes(NEXT_WEEK)
    late = needed(stage.cleo, at=NEXT_WEEK, closes_at=NEXT_WEEK + DAY)
    time_comes(NEXT_WEEK + DAY)

    assert late.state is PostState.CLOSED


def test_posts_with_answers_keep_no_author_from_being_warned(stage, session, monkeypatch):
    monkeypatch.setattr(clocks, "AT_ONCE", 2)
    for _ in range(3):
        stage.waiting()
    needed(stage.cleo, closes_at=NEXT_WEEK)
    time_comes(NEXT_WEEK - HOUR)

    assert told(session, stage.cleo) == ["closing_soon"]


def test_what_fails_for_one_stops_nothing_for_the_others(stage, session, monkeypatch):
    """One row that cannot be handled must not keep the clocks of every group from running."""
    bad, good = stage.open_post(), stage.open_post()
    close = places.close

    def breaks(session, post, *what):
        if post.id == bad.id:
            raise RuntimeError("a row that cannot be handled")
        return close(session, post, *what)

    monkeypatch.setattr(posts, "close", breaks)
    favor = stage.delivered()
    with suppress(Exception):  # it is reported, once everything else was done
        time_comes(NEXT_WEEK + 14 * DAY)
    session.rollback()

    assert good.state is PostState.CLOSED
    assert favor.state is FavorState.CONFIRMED


def test_a_post_can_be_extended_once_its_last_week_has_begun(stage, session):
    post = stage.open_post(event_at=NOON + 60 * DAY)
    posts.extend(post.id, by=stage.ada, at=NOON)
    before = every_row(session)
    with pytest.raises(Refusal, match="cannot be given more time"):
        posts.extend(post.id, by=stage.ada, at=NOON + 7 * DAY - A_MOMENT)

    assert every_row(session) == before
    posts.extend(post.id, by=stage.ada, at=NOON + 7 * DAY)
    assert post.closes_at == NOON + 21 * DAY
