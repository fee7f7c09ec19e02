"""Every state of a post and of an answer, and every event: the tables of docs/lives.md."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import board, favors, leaving, posts, responses
from exchange.domain.errors import Refusal
from exchange.storage.db import db
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership
from exchange.storage.post import Post, Response, ResponseState
from tests.builders import FRIDAY, SATURDAY, needed, offered
from tests.domain.lives import last_letter, table, time_comes, told, wrong
from tests.people import NOON, joined


class Stage:
    """Ada posts, Ben answers, Cleo is there before him, Dan comes late; Olga organises."""

    def __init__(self, session: Session, **people: Membership) -> None:
        dan = joined(session, people["olga"].group, "Dan Osei")
        self.ids = {name: member.id for name, member in people.items()} | {"dan": dan.id}
        self.at: datetime = NOON
        self.post_id = 0

    def __getattr__(self, name: str) -> Membership:
        return db.session().get_one(Membership, self.ids[name])

    @property
    def post(self) -> Post:
        return db.session().get_one(Post, self.post_id)

    def answer(self, name: str, *, standing_by: bool = True) -> Response:
        return responses.answer(self.post_id, by=getattr(self, name), text="", at=self.at, standing_by=standing_by)

    def answer_of(self, name: str) -> Response:
        """The latest answer of somebody. A refusal if there is none, so that "nobody to choose" reads as refused."""
        mine = select(Response).filter_by(post_id=self.post_id, member_id=self.ids[name]).order_by(Response.id.desc())
        found = db.session().scalar(mine.limit(1))
        if found is None:
            raise Refusal("There is no answer.")
        return found

    def calls_off(self, name: str, by: str = "") -> None:
        """Somebody's favor is called off, by themself or by the author."""
        favor = db.session().scalar(select(Favor).filter_by(response_id=self.answer_of(name).id))
        if favor is None:
            raise Refusal("There is no favor.")
        favors.cancel(favor.id, by=getattr(self, by or name), at=self.at)

    def is_set(self, state: str) -> None:
        """The post, and with it the moment, come to this state."""
        chosen = state in {"open", "asked", "time", "withdrawn"}
        kind = needed if chosen else offered
        event_at = None if state == "time" else SATURDAY
        self.post_id = kind(self.ada, slots=2 if state in {"half", "late"} else 1, event_at=event_at).id
        for name in {"open": (), "withdrawn": (), "queued": ("ben", "cleo")}.get(state, ("ben",)):
            self.answer(name)
        if state == "withdrawn":
            posts.withdraw(self.post_id, by=self.ada, at=NOON)
        self.at = {"time": FRIDAY, "late": FRIDAY, "over": SATURDAY}.get(state, NOON)
        time_comes(self.at)

    def stands(self) -> str:
        return self.post.closed_because.value if self.post.closed_because else "open"

    def answers(self, state: str) -> None:
        """Ben's answer comes to this state."""
        early = state in {"standby", "offered", "passed", "expired"}
        self.post_id = (needed if state in {"waiting", "declined", "withdrawn"} else offered)(
            self.ada, event_at=SATURDAY
        ).id
        if early:
            self.answer("cleo")
        self.answer("ben")
        if state == "declined":
            other = self.answer("cleo")
            responses.accept(self.post_id, other.id, by=self.ada, at=NOON, others="decline")
        if state == "withdrawn":
            responses.take_back(self.post_id, by=self.ben, at=NOON)
        if state in {"offered", "passed", "expired"}:
            self.calls_off("cleo")
        if state == "passed":
            responses.pass_place(self.answer_of("ben").id, by=self.ben, at=NOON)
        if state == "expired":
            self.at = NOON + timedelta(hours=12)
            time_comes(self.at)
        if state == "dropped_out":
            self.calls_off("ben")


Event = Callable[[Stage], object]


def until(moment: datetime) -> Event:
    return lambda _stage: time_comes(moment)


def goes(name: str, verb: Callable[..., object]) -> Event:
    return lambda stage: verb(stage.ids[name], at=stage.at)


def leaves(name: str) -> Event:
    return lambda stage: leaving.leave(by=getattr(stage, name), at=stage.at)


def by(name: str, verb: Callable[..., object]) -> Event:
    return lambda stage: verb(stage.post_id, by=getattr(stage, name), at=stage.at)


def chooses(name: str) -> Event:
    return lambda stage: responses.accept(
        stage.post_id, stage.answer_of("ben").id, by=getattr(stage, name), at=stage.at
    )


def place(name: str, verb: Callable[..., object]) -> Event:
    return lambda stage: verb(stage.answer_of("ben").id, by=getattr(stage, name), at=stage.at)


EVENTS: dict[str, Event] = {
    "somebody answers": lambda stage: stage.answer("dan", standing_by=False),
    "somebody answers or stands by": lambda stage: stage.answer("dan"),
    "the author answers": lambda stage: stage.answer("ada"),
    "the author extends": by("ada", posts.extend),
    "another extends": by("ben", posts.extend),
    "the author withdraws": by("ada", posts.withdraw),
    "another withdraws": by("ben", posts.withdraw),
    "the author chooses": chooses("ada"),
    "another chooses": chooses("cleo"),
    "who has a place calls off": lambda stage: stage.calls_off("ben"),
    "the author calls off": lambda stage: stage.calls_off("ben", by="ada"),
    "the answerer leaves": leaves("ben"),
    "the author leaves": leaves("ada"),
    "the author is suspended": goes("ada", leaving.suspend),
    "the author is removed": goes("ada", leaving.end),
    "the author is erased": goes("ada", leaving.erase),
    "the closing time comes": until(FRIDAY),
    "the event comes": until(SATURDAY),
    "14 days more pass": until(FRIDAY + timedelta(days=14)),
    "answers": lambda stage: stage.answer("ben"),
    "takes back": by("ben", responses.take_back),
    "takes the place": place("ben", responses.accept_place),
    "passes": place("ben", responses.pass_place),
    "another takes the place": place("dan", responses.accept_place),
    "another passes": place("dan", responses.pass_place),
    "calls off": lambda stage: stage.calls_off("ben"),
    "leaves": leaves("ben"),
    "is suspended": goes("ben", leaving.suspend),
    "is removed": goes("ben", leaving.end),
    "is erased": goes("ben", leaving.erase),
}

# `open` nobody answered, `asked` one waits, `half` one of two places is given, `full` all are, `queued` and one
# stands by, `time` closed by time with one waiting, `late` the same with a place left before the event, `over` past it.
POSTS = table("""
                              | open      asked     half      full      queued    time      late      withdrawn over
somebody answers              | open      open      filled    -         -         -         -         -         -
somebody answers or stands by | open      open      filled    filled    filled    -         -         -         -
the author answers            | -         -         -         -         -         -         -         -         -
the author extends            | open      open      open      -         -         open      open      -         -
another extends               | -         -         -         -         -         -         -         -         -
the author withdraws          | withdrawn withdrawn withdrawn withdrawn withdrawn -         withdrawn -         -
another withdraws             | -         -         -         -         -         -         -         -         -
the author chooses            | -         filled    -         -         -         filled    -         -         -
another chooses               | -         -         -         -         -         -         -         -         -
who has a place calls off     | -         -         open      open      filled    -         time      -         time
the author calls off          | -         -         open      withdrawn withdrawn -         time      -         withdrawn
the answerer leaves           | open      open      open      open      filled    time      time      withdrawn time
the closing time comes        | time      time      time      filled    filled    time      time      withdrawn filled
the event comes               | time      time      time      filled    filled    time      time      withdrawn filled
14 days more pass             | time      time      time      filled    filled    time      time      withdrawn filled
""")  # noqa: E501 (a table is read across)

ANSWERS = table("""
                        | waiting     accepted    declined standby     offered     passed   expired  dropped_out withdrawn
answers                 | -           -           -        -           -           accepted accepted accepted    waiting
takes back              | withdrawn   -           -        withdrawn   -           -        -        -           -
takes the place         | -           -           -        -           accepted    -        -        -           -
passes                  | -           -           -        -           passed      -        -        -           -
another takes the place | -           -           -        -           -           -        -        -           -
another passes          | -           -           -        -           -           -        -        -           -
the author chooses      | accepted    -           -        -           -           -        -        -           -
another chooses         | -           -           -        -           -           -        -        -           -
calls off               | -           dropped_out -        -           -           -        -        -           -
the author calls off    | -           dropped_out -        -           -           -        -        -           -
the author withdraws    | declined    accepted    declined declined    declined    passed   expired  dropped_out withdrawn
the closing time comes  | waiting     accepted    declined standby     expired     passed   expired  dropped_out withdrawn
the event comes         | declined    accepted    declined declined    expired     passed   expired  dropped_out withdrawn
leaves                  | withdrawn   dropped_out declined withdrawn   withdrawn   passed   expired  dropped_out withdrawn
is suspended            | withdrawn   dropped_out declined withdrawn   withdrawn   passed   expired  dropped_out withdrawn
is removed              | withdrawn   dropped_out declined withdrawn   withdrawn   passed   expired  dropped_out withdrawn
is erased               | withdrawn   dropped_out declined withdrawn   withdrawn   passed   expired  dropped_out withdrawn
the author leaves       | declined    dropped_out declined declined    declined    passed   expired  dropped_out withdrawn
the author is suspended | declined    dropped_out declined declined    declined    passed   expired  dropped_out withdrawn
the author is removed   | declined    dropped_out declined declined    declined    passed   expired  dropped_out withdrawn
the author is erased    | declined    dropped_out declined declined    declined    passed   expired  dropped_out withdrawn
""")  # noqa: E501 (a table is read across)


@pytest.fixture
def stage(session, olga, ada, ben, cleo):
    return Stage(session, olga=olga, ada=ada, ben=ben, cleo=cleo)


@pytest.mark.parametrize("state", POSTS)
def test_every_event_of_a_post_leads_where_the_table_says_or_is_refused_and_changes_nothing(stage, state):
    stage.is_set(state)

    assert wrong(POSTS[state], EVENTS, stage, stage.stands) == []


@pytest.mark.parametrize("state", ANSWERS)
def test_every_event_of_an_answer_leads_where_the_table_says_or_is_refused_and_changes_nothing(stage, state):
    stage.answers(state)

    assert wrong(ANSWERS[state], EVENTS, stage, lambda: stage.answer_of("ben").state.value) == []


@pytest.mark.parametrize("how", ["leaves", "is suspended", "is removed", "is erased"])
@pytest.mark.parametrize("state", POSTS)
def test_when_the_author_is_gone_nobody_hopes_and_nobody_can_begin_to(stage, state, how):
    stage.is_set(state)
    EVENTS[f"the author {how}"](stage)

    assert stage.stands() != "open"
    states = set(db.session.scalars(select(Response.state).filter_by(post_id=stage.post_id)))
    assert not states & {ResponseState.WAITING, ResponseState.STANDBY, ResponseState.OFFERED}
    with pytest.raises(Refusal):
        stage.answer("dan", standing_by=True)


# What each side hears: (state of the post, event, Ada who posted, Ben who answered, Cleo or Dan).
HEARD = [
    ("open", "somebody answers", ["answer"], [], []),
    ("half", "somebody answers", ["agreed"], [], ["agreed"]),
    ("full", "somebody answers or stands by", [], [], ["standby"]),
    ("asked", "the author chooses", ["agreed"], ["agreed"], []),
    ("asked", "the author withdraws", [], ["declined"], []),
    ("queued", "the author withdraws", [], [], ["declined"]),
    ("queued", "who has a place calls off", ["dropped_out"], [], ["offered"]),
    ("queued", "the answerer leaves", ["no_longer"], [], ["offered"]),
    ("queued", "the author calls off", [], ["cancelled"], ["declined"]),
    ("queued", "the author leaves", [], ["no_longer"], ["declined"]),
    ("queued", "the author is suspended", [], ["no_longer"], ["declined"]),
    ("queued", "the event comes", [], [], ["declined"]),
    ("full", "who has a place calls off", ["dropped_out"], [], []),
    ("half", "the author calls off", [], ["cancelled"], []),
    ("asked", "the answerer leaves", [], [], []),
    ("asked", "the event comes", [], ["declined"], []),
    ("open", "the closing time comes", [], [], []),
    ("time", "14 days more pass", [], ["declined"], []),
]


@pytest.mark.parametrize(("state", "event", "author", "answerer", "others"), HEARD, ids=str)
def test_who_hears_what_once(stage, state, event, author, answerer, others):
    stage.is_set(state)
    since = last_letter(db.session())
    EVENTS[event](stage)

    session = db.session()
    heard = [told(session, getattr(stage, name), since=since) for name in ("ada", "ben", "cleo", "dan")]
    assert [heard[0], heard[1], sorted(heard[2] + heard[3])] == [author, answerer, others]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("who", ["ben", "ada"])
def test_a_drop_out_counts_after_the_closing_time_or_when_it_is_the_authors(stage, who, after):
    stage.is_set("full")
    stage.at = FRIDAY + timedelta(hours=1) if after else NOON
    stage.calls_off("ben", by=who)

    favor = db.session.scalars(select(Favor)).one()
    assert favor.dropped_out is (after or who == "ada")


def test_a_drop_out_is_shown_for_twelve_months_to_the_author_and_to_the_member(stage):
    stage.is_set("full")
    stage.at = FRIDAY + timedelta(hours=1)
    stage.calls_off("ben")
    year = stage.at + timedelta(days=365)

    ben = stage.ids["ben"]
    assert board.drop_outs([ben], at=year - timedelta(seconds=1)) == {ben: 1}
    assert board.drop_outs([ben], at=year) == {}


def test_a_place_that_is_free_goes_to_the_first_who_stands_by_and_then_to_the_next(stage):
    stage.is_set("queued")
    stage.answer("dan")
    stage.calls_off("ben")

    assert [stage.answer_of(name).state.value for name in ("cleo", "dan")] == ["offered", "standby"]
    responses.pass_place(stage.answer_of("cleo").id, by=stage.cleo, at=NOON)
    assert stage.answer_of("dan").state is ResponseState.OFFERED
    responses.accept_place(stage.answer_of("dan").id, by=stage.dan, at=NOON)
    assert (stage.stands(), stage.post.taken) == ("filled", 1)


def test_a_reopened_post_gives_the_place_to_whoever_answers_first(stage):
    stage.is_set("full")
    stage.calls_off("ben")

    assert (stage.stands(), stage.post.taken) == ("open", 0)
    assert stage.answer("dan").state is ResponseState.ACCEPTED
    assert stage.stands() == "filled"


def test_somebody_who_stands_by_keeps_their_turn_when_the_post_is_extended(stage):
    """Extended in the minute before the clocks run: the free place is theirs before anybody else's."""
    stage.post_id = offered(stage.ada, category="advice", event_at=None).id
    stage.answer("ben")
    stage.answer("cleo")
    stage.at = FRIDAY
    stage.calls_off("ben")
    with suppress(Refusal):
        posts.extend(stage.post_id, by=stage.ada, at=FRIDAY)

    free = stage.post.taken < stage.post.slots
    assert not (stage.stands() == "open" and free and stage.answer_of("cleo").state is ResponseState.STANDBY)
