"""Memberships, corrections and ties: every state and every event of the tables of docs/lives.md."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.domain import corrections, favors, invitations, leaving, ties, unasked
from exchange.domain.errors import Refusal
from exchange.storage.db import db, transaction
from exchange.storage.favor import Correction, Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, MembershipState, Role
from exchange.storage.tie import Tie
from tests.builders import answered, offered
from tests.domain.lives import every_row, last_letter, table, time_comes, told, undone, wrong
from tests.people import NOON, joined

WHY = "It was another day."
A_YEAR = timedelta(days=365)


class Stage:
    """Ada has helped Ben, Olga organises, Cleo looks on; the life that is looked at is Ben's membership."""

    def __init__(self, session: Session, **people: Membership) -> None:
        otis = joined(session, people["olga"].group, "Otis Vale", role=Role.ORGANISER)
        self.ids = {name: member.id for name, member in people.items()} | {"otis": otis.id}
        self.emails = {name: member.person.email for name, member in people.items()}
        self.token = ""
        self.tie_id = self.favor_id = self.correction_id = 0

    def __getattr__(self, name: str) -> Membership:
        return db.session().get_one(Membership, self.ids[name])

    def invited(self) -> str:
        """An invitation from before anything happened."""
        with transaction() as session:
            group = self.olga.group
            before = NOON - timedelta(hours=1)
            return invitations.issue(session, group, self.emails["ben"], role=Role.MEMBER, by=self.olga, at=before)

    def invited_by_letter(self) -> str:
        invitations.invite(self.emails["ben"], by=self.olga, at=NOON)
        newest = select(Letter).filter_by(kind="invitation").order_by(Letter.id.desc()).limit(1)
        return str(db.session.scalars(newest).one().facts["path"]).rpartition("/")[2]

    def is_set(self, state: str) -> None:
        self.token = self.invited()
        if state == "applied":
            self.ben.state = MembershipState.APPLIED
            db.session.commit()
        for verb in {"suspended": ("suspend",), "ended": ("end",), "erased": ("erase",)}.get(state, ()):
            getattr(leaving, verb)(self.ids["ben"], at=NOON)
        if state == "left":
            leaving.leave(by=self.ben, at=NOON)

    def stands(self) -> str:
        return "erased" if self.ben.erased_by_entry is not None else self.ben.state.value

    def joins(self, token: str) -> object:
        session = db.session()
        found = invitations.invited(invitations.look(token, at=NOON))
        person = found if found is not None and found.active else None
        member = invitations.accept(token, at=NOON, by=person, name="Ben Castellanos", password="x")
        session.expire_all()
        return member


Event = Callable[[Stage], object]
MEMBERSHIP: dict[str, Event] = {
    "leaves": lambda stage: leaving.leave(by=stage.ben, at=NOON),
    "is suspended": lambda stage: leaving.suspend(stage.ids["ben"], at=NOON),
    "is reinstated": lambda stage: leaving.reinstate(stage.ids["ben"], at=NOON),
    "is removed": lambda stage: leaving.end(stage.ids["ben"], at=NOON),
    "is erased": lambda stage: leaving.erase(stage.ids["ben"], at=NOON),
    "uses an old invitation": lambda stage: stage.joins(stage.token),
    "is invited again and joins": lambda stage: stage.joins(stage.invited_by_letter()),
    "a year passes": lambda _stage: time_comes(NOON + A_YEAR),
}
MEMBERSHIPS = table("""
                           | active    suspended left   ended  erased    applied
leaves                     | left      -         -      -      -         -
is suspended               | suspended -         -      -      -         -
is reinstated              | -         active    -      -      -         -
is removed                 | ended     ended     ended  -      -         -
is erased                  | erased    erased    erased erased erased    erased
uses an old invitation     | active    -         active -      -         active
is invited again and joins | -         -         active active erased    active
a year passes              | active    suspended left   ended  erased    applied
""")


@pytest.fixture
def stage(session, olga, ada, ben, cleo):
    return Stage(session, olga=olga, ada=ada, ben=ben, cleo=cleo)


@pytest.mark.parametrize("state", MEMBERSHIPS)
def test_every_event_of_a_membership_leads_where_the_table_says_or_is_refused(stage, state):
    stage.is_set(state)

    assert wrong(MEMBERSHIPS[state], MEMBERSHIP, stage, stage.stands) == []


def test_erasing_twice_changes_nothing_more(session, stage):
    stage.is_set("erased")
    before = every_row(session)
    leaving.erase(stage.ids["ben"], at=NOON + A_YEAR)

    assert every_row(db.session()) == before


def test_who_was_erased_and_comes_back_is_somebody_new(stage):
    stage.is_set("erased")
    member = stage.joins(stage.invited_by_letter())

    assert member.id != stage.ids["ben"]
    assert member.number != stage.ben.number


def test_who_comes_back_continues_the_same_membership(session, stage):
    stage.is_set("left")
    member = stage.joins(stage.invited_by_letter())

    assert (member.id, member.state, member.suspended_at) == (stage.ids["ben"], MembershipState.ACTIVE, None)


def test_the_last_organiser_cannot_leave_while_others_are_there(session, stage):
    leaving.leave(by=stage.otis, at=NOON)
    for organiser in session.scalars(select(Membership).filter_by(role=Role.ORGANISER, state="active")).all():
        if organiser.id != stage.ids["olga"]:
            leaving.leave(by=organiser, at=NOON)

    with pytest.raises(Refusal, match="last organiser"):
        leaving.leave(by=stage.olga, at=NOON)


# Corrections of the entry "Ada helped Ben"; Ada proposes.


def is_corrected(stage: Stage, state: str) -> None:
    began = unasked.helped_by(stage.ada.number, by=stage.ben, category="advice", title="A call", at=NOON)
    stage.favor_id = began.id
    stage.correction_id = corrections.propose(began.id, by=stage.ada, why=WHY, at=NOON).id
    if state == "made":
        corrections.agree(stage.correction_id, by=stage.ben, at=NOON)
    if state == "refused":
        corrections.refuse(stage.correction_id, by=stage.ben, at=NOON)


def proposal(name: str, verb: Callable[..., object]) -> Event:
    return lambda stage: verb(stage.correction_id, by=getattr(stage, name), at=NOON)


def of_entry(name: str, verb: Callable[..., object], **said: object) -> Event:
    return lambda stage: verb(stage.favor_id, by=getattr(stage, name), at=NOON, **said)


CORRECTION: dict[str, Event] = {
    "the other side agrees": proposal("ben", corrections.agree),
    "who proposed it agrees": proposal("ada", corrections.agree),
    "a third agrees": proposal("cleo", corrections.agree),
    "the other side refuses": proposal("ben", corrections.refuse),
    "who proposed it refuses": proposal("ada", corrections.refuse),
    "another is proposed": of_entry("ben", corrections.propose, why=WHY),
    "a third proposes": of_entry("cleo", corrections.propose, why=WHY),
    "an organiser corrects": of_entry("olga", corrections.correct, why=WHY),
    "the giver says not me": of_entry("ada", unasked.not_me),
    "who proposed it leaves": lambda stage: leaving.leave(by=stage.ada, at=NOON),
    "who proposed it is suspended": lambda stage: leaving.suspend(stage.ids["ada"], at=NOON),
    "who proposed it is erased": lambda stage: leaving.erase(stage.ids["ada"], at=NOON),
    "the other side is suspended": lambda stage: leaving.suspend(stage.ids["ben"], at=NOON),
    "the other side leaves": lambda stage: leaving.leave(by=stage.ben, at=NOON),
    "the other side is removed": lambda stage: leaving.end(stage.ids["ben"], at=NOON),
    "the other side is erased": lambda stage: leaving.erase(stage.ids["ben"], at=NOON),
}
CORRECTIONS = table("""
                             | proposed made refused
the other side agrees        | made     -    -
who proposed it agrees       | -        -    -
a third agrees               | -        -    -
the other side refuses       | refused  -    -
who proposed it refuses      | -        -    -
another is proposed          | -        -    refused
a third proposes             | -        -    -
an organiser corrects        | refused  -    refused
the giver says not me        | refused  -    refused
who proposed it leaves       | refused  made refused
who proposed it is suspended | refused  made refused
who proposed it is erased    | refused  made refused
the other side is suspended  | proposed made refused
the other side leaves        | refused  made refused
the other side is removed    | refused  made refused
the other side is erased     | refused  made refused
""")


@pytest.mark.parametrize("state", CORRECTIONS)
def test_every_event_of_a_correction_leads_where_the_table_says_or_is_refused(stage, state):
    is_corrected(stage, state)

    def stands() -> str:
        return db.session().get_one(Correction, stage.correction_id).state.value

    assert wrong(CORRECTIONS[state], CORRECTION, stage, stands) == []


def test_both_hear_of_a_correction_that_both_wanted(stage):
    is_corrected(stage, "proposed")
    since = last_letter(db.session())
    corrections.agree(stage.correction_id, by=stage.ben, at=NOON)

    session = db.session()
    assert [told(session, stage.ada, since=since), told(session, stage.ben, since=since)] == [["corrected"]] * 2
    assert session.get_one(Favor, stage.favor_id).voided_by is not None


# Ties: Ada has declared one with Ben.


def is_tied(stage: Stage, state: str) -> None:
    stage.tie_id = ties.declare(stage.ben.number, by=stage.ada, kind=ties.TieKind.CLIENT, at=NOON).id
    if state == "answered":
        ties.answer(stage.tie_id, by=stage.ben, agreed=False, at=NOON)
    if state == "withdrawn":
        ties.withdraw(stage.tie_id, by=stage.ada, at=NOON)


def declares(one: str, other: str) -> Event:
    return lambda stage: ties.declare(
        getattr(stage, other).number, by=getattr(stage, one), kind=ties.TieKind.FAMILY, at=NOON
    )


def answers(name: str) -> Event:
    return lambda stage: ties.answer(stage.tie_id, by=getattr(stage, name), agreed=True, at=NOON)


def withdraws(name: str) -> Event:
    return lambda stage: ties.withdraw(stage.tie_id, by=getattr(stage, name), at=NOON)


TIE: dict[str, Event] = {
    "who declared it declares it again": declares("ada", "ben"),
    "the other declares one too": declares("ben", "ada"),
    "somebody declares one with themself": declares("ada", "ada"),
    "the other answers": answers("ben"),
    "who declared it answers": answers("ada"),
    "a third answers": answers("cleo"),
    "who declared it withdraws": withdraws("ada"),
    "the other withdraws": withdraws("ben"),
    "a third withdraws": withdraws("cleo"),
    "who declared it leaves": lambda stage: leaving.leave(by=stage.ada, at=NOON),
    "the other leaves": lambda stage: leaving.leave(by=stage.ben, at=NOON),
    "the other is suspended": lambda stage: leaving.suspend(stage.ids["ben"], at=NOON),
    "the other is erased": lambda stage: leaving.erase(stage.ids["ben"], at=NOON),
    "a year passes": lambda _stage: time_comes(NOON + A_YEAR),
}
TIES = table("""
                                    | declared  answered  withdrawn
who declared it declares it again   | -         -         withdrawn
the other declares one too          | declared  answered  withdrawn
somebody declares one with themself | -         -         -
the other answers                   | answered  answered  -
who declared it answers             | -         -         -
a third answers                     | -         -         -
who declared it withdraws           | withdrawn withdrawn -
the other withdraws                 | -         -         -
a third withdraws                   | -         -         -
who declared it leaves              | declared  answered  withdrawn
the other leaves                    | declared  answered  withdrawn
the other is suspended              | declared  answered  withdrawn
the other is erased                 | withdrawn withdrawn withdrawn
a year passes                       | declared  answered  withdrawn
""")


@pytest.mark.parametrize("state", TIES)
def test_every_event_of_a_tie_leads_where_the_table_says_or_is_refused(stage, state):
    is_tied(stage, state)

    def stands() -> str:
        tie = db.session().get_one(Tie, stage.tie_id)
        return "withdrawn" if tie.withdrawn_at else "answered" if tie.answered_at else "declared"

    assert wrong(TIES[state], TIE, stage, stands) == []


@pytest.mark.parametrize("agreed", [True, False])
def test_one_sides_word_makes_a_tie_whatever_the_other_answers(stage, agreed):
    is_tied(stage, "declared")
    ties.answer(stage.tie_id, by=stage.ben, agreed=agreed, at=NOON)

    assert ties.tied_to(stage.ben, [stage.ids["ada"]]) == {stage.ids["ada"]}
    assert told(db.session(), stage.ben) == ["tie_declared"]


@pytest.mark.parametrize("how", ["leave", "suspend", "end", "erase"])
@pytest.mark.parametrize("who", ["ada", "ben"])
def test_the_other_side_of_what_was_agreed_is_told_once_and_without_the_cause(stage, how, who):
    post = offered(stage.ada, category="advice", event_at=None)
    answered(post, stage.ben)
    since = last_letter(db.session())
    other = "ben" if who == "ada" else "ada"
    with undone() as session:
        if how == "leave":
            leaving.leave(by=getattr(stage, who), at=NOON)
        else:
            getattr(leaving, how)(stage.ids[who], at=NOON)

        assert told(session, getattr(stage, other), since=since) == ["no_longer"]
        favor = session.scalars(select(Favor)).one()
        assert (favor.state.value, favor.cancelled_because, favor.cancelled_by_id) == ("cancelled", "left", None)
        assert (favor.cancelled_why, favor.dropped_out) == ("", False)
        with pytest.raises(Refusal):
            favors.cancel(favor.id, by=getattr(stage, other), at=NOON)
