"""What somebody wishes of the letter."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from exchange.digest import wishes
from exchange.digest.schedule import Plan
from exchange.domain import leaving
from exchange.domain.errors import BadInput
from exchange.storage.digest import DigestGroupWish, DigestWish, Rhythm
from exchange.storage.membership import Membership
from exchange.storage.suppression import Suppression
from tests.people import NOON

GIVEN: dict[str, Any] = {
    "rhythm": "weekly",
    "weekday": 0,
    "hour": 8,
    "zone": "UTC",
    "language": "en",
    "pause": None,
    "previewed": (),
    "at": NOON,
}


def chooses(member: Membership, **said: Any) -> wishes.Wishes:
    given = GIVEN | {"on": {member.id}} | said
    wishes.choose(member.person_id, **given)
    return wishes.own(member.person, at=given["at"])


def test_without_a_word_it_is_monday_at_eight_and_every_group(session, ada):
    found = wishes.own(ada.person, at=NOON)

    assert found.plan == Plan(Rhythm.WEEKLY, 0, 8, "UTC")
    assert [(part.membership, part.on, part.previewed) for part in found.parts] == [(ada, True, False)]
    assert found.paused_until is None


def test_everything_can_be_chosen(session, ada):
    found = chooses(ada, rhythm="daily", weekday=3, hour=19, zone="Asia/Kathmandu", previewed={ada.id})

    assert found.plan == Plan(Rhythm.DAILY, 3, 19, "Asia/Kathmandu")
    assert [(part.on, part.previewed) for part in found.parts] == [(True, True)]
    assert ada.person.zone == "Asia/Kathmandu"


def test_a_group_can_be_left_out_and_come_in_again(session, ada):
    assert not chooses(ada, on=()).parts[0].on
    assert chooses(ada, on={ada.id}).parts[0].on


def test_nobody_chooses_for_others(session, ada, ben):
    chooses(ada, on={ada.id}, previewed={ben.id})

    assert session.get(DigestGroupWish, ben.id) is None


def test_a_pause_lasts_for_some_weeks_and_can_be_ended(session, ada):
    assert chooses(ada, pause=3).paused_until == NOON + timedelta(weeks=3)
    assert chooses(ada, pause=None).paused_until == NOON + timedelta(weeks=3)
    assert wishes.own(ada.person, at=NOON + timedelta(weeks=3)).paused_until is None
    assert chooses(ada, pause=0).paused_until is None


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ({}, False),
        ({"pause": 2}, False),
        ({"on": ()}, False),
        ({"hour": 9}, True),
        ({"weekday": 1}, True),
        ({"zone": "Europe/London"}, True),
        ({"rhythm": "daily"}, True),
    ],
)
def test_a_new_plan_counts_from_now_on(session, ada, said, changed):
    chooses(ada, **said)

    assert (session.get_one(DigestWish, ada.person_id).changed_at == NOON) is changed


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"rhythm": "hourly"}, "rhythm"),
        ({"weekday": 7}, "weekday"),
        ({"weekday": -1}, "weekday"),
        ({"hour": 24}, "hour"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"language": "xx"}, "language"),
        ({"pause": 13}, "pause"),
        ({"pause": -1}, "pause"),
    ],
)
def test_what_cannot_be_chosen_is_refused_and_nothing_is_kept(session, ada, said, field):
    with pytest.raises(BadInput) as refusal:
        chooses(ada, **({"hour": 20} | said))

    assert refusal.value.field == field
    assert session.get(DigestWish, ada.person_id) is None


def test_stopping_and_beginning_again(session, ada):
    chooses(ada, weekday=4, hour=20)
    later = NOON + timedelta(days=40)
    wishes.stop(ada.person_id, at=NOON)
    assert wishes.own(ada.person, at=NOON).plan.rhythm is Rhythm.NEVER
    wishes.start(ada.person_id, at=later)

    assert wishes.own(ada.person, at=later).plan == Plan(Rhythm.WEEKLY, 4, 20, "UTC")
    assert session.get_one(DigestWish, ada.person_id).since == later


def test_stopping_twice_is_stopping_once_and_beginning_changes_no_daily_letter(session, ada, ben):
    wishes.stop(ada.person_id, at=NOON)
    wishes.stop(ada.person_id, at=NOON + timedelta(days=1))
    assert session.get_one(DigestWish, ada.person_id).changed_at == NOON

    chooses(ben, rhythm="daily")
    wishes.start(ben.person_id, at=NOON)
    assert wishes.own(ben.person, at=NOON).plan.rhythm is Rhythm.DAILY


def test_a_zone_that_is_changed_elsewhere_counts_from_now_on(session, ada):
    wishes.moved(ada.person_id, at=NOON)

    assert session.get_one(DigestWish, ada.person_id).changed_at == NOON


def test_who_is_forgotten_leaves_no_wishes_behind(session, ada):
    chooses(ada, hour=20, previewed={ada.id})
    session.add(Suppression(email=ada.person.email, since=NOON, why="5.1.1", score=1.0, scored_at=NOON))
    session.commit()
    leaving.erase(ada.id, at=NOON)

    for table in (DigestWish, DigestGroupWish, Suppression):
        assert session.scalars(select(table)).all() == []
