"""Every state of a favor and every event: the table of docs/lives.md."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from exchange.domain import corrections, disputes, favors, leaving, responses, ties, unasked
from exchange.domain.ties import TieKind
from exchange.storage.db import db
from exchange.storage.favor import Favor
from exchange.storage.membership import Membership, Role
from tests.builders import offered
from tests.domain.lives import table, time_comes, wrong
from tests.people import NOON, joined

WHY = "It was not so."


class Stage:
    """Ada gives, Ben receives, Olga organises, Otis organises and is tied to Ada, Cleo looks on; and one favor."""

    def __init__(self, session: Session, **people: Membership) -> None:
        otis = joined(session, people["olga"].group, "Otis Vale", role=Role.ORGANISER)
        ties.declare(people["ada"].number, by=otis, kind=TieKind.FAMILY, at=NOON)
        self.ids = {name: member.id for name, member in people.items()} | {"otis": otis.id}
        self.favor_id = 0

    def __getattr__(self, name: str) -> Membership:
        return db.session().get_one(Membership, self.ids[name])

    @property
    def favor(self) -> Favor:
        return db.session().get_one(Favor, self.favor_id)

    def is_set(self, state: str) -> None:
        """The favor from Ada to Ben comes to this state; all of it happened at noon."""
        if state == "unasked":
            favor = unasked.helped(self.ben.number, by=self.ada, category="advice", title="A call", at=NOON)
        elif state == "told":
            favor = unasked.helped_by(self.ada.number, by=self.ben, category="advice", title="A call", at=NOON)
        else:
            post = offered(self.ada, category="advice", rule="choice", event_at=None, slots=2)
            response = responses.answer(post.id, by=self.ben, text="", at=NOON)
            favor = responses.accept(post.id, response.id, by=self.ada, at=NOON)
        self.favor_id = favor.id
        for done in BEFORE.get(state, ()):
            EVENTS[done](self)

    def stands(self) -> str:
        """The state as the table names it: an entry that was corrected is void."""
        return "void" if self.favor.voided_by is not None else self.favor.state.value


BEFORE = {
    "delivered": ("the giver delivers",),
    "disputed": ("the giver delivers", "the receiver disputes"),
    "contested": ("the giver delivers", "the giver disputes"),
    "confirmed": ("the receiver confirms",),
    "void": ("the receiver confirms", "an organiser corrects"),
    "cancelled": ("the receiver cancels",),
    "lapsed": ("30 days pass",),
}


Event = Callable[[Stage], object]


def by(name: str, verb: Callable[..., object], **said: object) -> Event:
    """The verb, done by one of the people on the stage, at noon."""
    return lambda stage: verb(stage.favor_id, by=getattr(stage, name), at=NOON, **said)


def withhold(name: str) -> Event:
    """Somebody asks for the names to be kept."""
    return lambda stage: favors.withhold(stage.favor_id, by=getattr(stage, name))


def passes(days: int) -> Event:
    """Time passes."""
    return lambda _stage: time_comes(NOON + timedelta(days=days))


def goes(name: str, *steps: Callable[..., object], days: int = 0) -> Event:
    """Something happens to a membership at noon, leaving if nothing else, and then, perhaps, time passes."""

    def happens(stage: Stage) -> None:
        if not steps:
            leaving.leave(by=getattr(stage, name), at=NOON)
        for step in steps:
            step(stage.ids[name], at=NOON)
        if days:
            time_comes(NOON + timedelta(days=days))

    return happens


suspend, end, erase = leaving.suspend, leaving.end, leaving.erase
EVENTS: dict[str, Event] = {
    "the giver delivers": by("ada", favors.deliver),
    "the receiver delivers": by("ben", favors.deliver),
    "the receiver confirms": by("ben", favors.confirm),
    "the giver confirms": by("ada", favors.confirm),
    "the giver cancels": by("ada", favors.cancel),
    "the receiver cancels": by("ben", favors.cancel),
    "the giver disputes": by("ada", disputes.dispute, why=WHY),
    "the receiver disputes": by("ben", disputes.dispute, why=WHY),
    "the receiver denies": by("ben", unasked.deny),
    "the giver denies": by("ada", unasked.deny),
    "the giver says not me": by("ada", unasked.not_me),
    "the receiver says not me": by("ben", unasked.not_me),
    "it is settled as happened": by("olga", disputes.settle, happened=True, why=WHY),
    "it is settled as not so": by("olga", disputes.settle, happened=False, why=WHY),
    "a tied organiser settles": by("otis", disputes.settle, happened=True, why=WHY),
    "the giver settles": by("ada", disputes.settle, happened=True, why=WHY),
    "the giver proposes": by("ada", corrections.propose, why=WHY),
    "the receiver proposes": by("ben", corrections.propose, why=WHY),
    "an organiser corrects": by("olga", corrections.correct, why=WHY),
    "a tied organiser corrects": by("otis", corrections.correct, why=WHY),
    "the receiver corrects alone": by("ben", corrections.correct, why=WHY),
    "the giver withholds": withhold("ada"),
    "the receiver withholds": withhold("ben"),
    "7 days pass": passes(7),
    "14 days pass": passes(14),
    "30 days pass": passes(30),
    "the giver leaves": goes("ada"),
    "the receiver leaves": goes("ben"),
    "the giver is suspended": goes("ada", suspend),
    "the receiver is suspended": goes("ben", suspend),
    "the giver is removed": goes("ada", end),
    "the receiver is removed": goes("ben", end),
    "the giver is erased": goes("ada", erase),
    "the receiver is erased": goes("ben", erase),
    "the giver leaves, a month": goes("ada", days=30),
    "the receiver leaves, a month": goes("ben", days=30),
    "the giver is suspended a month": goes("ada", suspend, days=30),
    "the receiver is suspended a month": goes("ben", suspend, days=30),
    "the receiver is removed, a month": goes("ben", end, days=30),
    "the giver is erased, a month": goes("ada", erase, days=30),
    "the receiver is erased, a month": goes("ben", erase, days=30),
    "suspended, then removed, a month": goes("ben", suspend, end, days=30),
    "suspended, then erased, a month": goes("ben", suspend, erase, days=30),
}

# `unasked`: delivered by the giver's word alone ("I helped Ben"). `told`: confirmed as "I was helped by Ada".
# `disputed` by the receiver, `contested` by the giver; both are the state `disputed`. `-` is refused.
TABLE = """
                                    | agreed    delivered unasked   disputed  contested confirmed told      void cancelled lapsed
the giver delivers                  | delivered -         -         -         -         -         -         -    -         -
the receiver delivers               | -         -         -         -         -         -         -         -    -         -
the receiver confirms               | confirmed confirmed confirmed confirmed -         -         -         -    -         -
the giver confirms                  | -         -         -         -         -         -         -         -    -         -
the giver cancels                   | cancelled -         -         -         -         -         -         -    -         -
the receiver cancels                | cancelled -         -         -         -         -         -         -    -         -
the giver disputes                  | -         disputed  -         -         -         -         -         -    -         -
the receiver disputes               | -         disputed  -         -         -         -         -         -    -         -
the receiver denies                 | -         -         cancelled -         -         -         -         -    -         -
the giver denies                    | -         -         -         -         -         -         -         -    -         -
the giver says not me               | -         -         -         -         -         -         void      -    -         -
the receiver says not me            | -         -         -         -         -         -         -         -    -         -
it is settled as happened           | -         -         -         confirmed confirmed -         -         -    -         -
it is settled as not so             | -         -         -         cancelled cancelled -         -         -    -         -
a tied organiser settles            | -         -         -         -         -         -         -         -    -         -
the giver settles                   | -         -         -         -         -         -         -         -    -         -
the giver proposes                  | -         -         -         -         -         confirmed confirmed -    -         -
the receiver proposes               | -         -         -         -         -         confirmed confirmed -    -         -
an organiser corrects               | -         -         -         -         -         void      void      -    -         -
a tied organiser corrects           | -         -         -         -         -         -         -         -    -         -
the receiver corrects alone         | -         -         -         -         -         -         -         -    -         -
the giver withholds                 | agreed    delivered delivered disputed  disputed  -         -         -    -         -
the receiver withholds              | agreed    delivered delivered disputed  disputed  -         -         -    -         -
7 days pass                         | agreed    delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
14 days pass                        | agreed    confirmed delivered disputed  disputed  confirmed confirmed void cancelled lapsed
30 days pass                        | lapsed    confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
the giver leaves                    | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the receiver leaves                 | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the giver is suspended              | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the receiver is suspended           | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the giver is removed                | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the receiver is removed             | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the giver is erased                 | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the receiver is erased              | cancelled delivered delivered disputed  disputed  confirmed confirmed void cancelled lapsed
the giver leaves, a month           | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
the receiver leaves, a month        | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
the giver is suspended a month      | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
the receiver is suspended a month   | cancelled delivered delivered cancelled cancelled confirmed confirmed void cancelled lapsed
the receiver is removed, a month    | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
the giver is erased, a month        | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
the receiver is erased, a month     | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
suspended, then removed, a month    | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
suspended, then erased, a month     | cancelled confirmed lapsed    cancelled cancelled confirmed confirmed void cancelled lapsed
"""  # noqa: E501 (a table is read across)


LIVES = table(TABLE)


@pytest.fixture
def stage(session, olga, ada, ben, cleo):
    return Stage(session, olga=olga, ada=ada, ben=ben, cleo=cleo)


@pytest.mark.parametrize("state", LIVES)
def test_every_event_leads_where_the_table_says_or_is_refused_and_changes_nothing(stage, state):
    stage.is_set(state)

    assert wrong(LIVES[state], EVENTS, stage, stage.stands) == []
