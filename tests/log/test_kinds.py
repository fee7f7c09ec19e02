"""Roles, settings, decisions and redactions: what each writes, who may read it, and what is left when somebody goes."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from exchange import log
from exchange.domain import favors, groups, leaving, unasked
from exchange.storage.db import transaction
from exchange.storage.entry import LogEntry, LogLeaf, LogOpening, LogOpeningSubject, LogPart
from exchange.storage.membership import Role
from tests.builders import index_of, line, sides
from tests.people import NOON, joined

WHY = "Rule 3 asks for it."


@pytest.fixture
def otto(session, group):
    """Organises, too."""
    return joined(session, group, "Otto Brandt", role=Role.ORGANISER)


def decided(**said: Any) -> int:
    given: dict[str, Any] = {"act": "suspended", "rule": "3", "why": WHY, "at": NOON}
    with transaction() as session:
        return log.record_decision(session, **given | said)


def newest(session, group, reader=None):
    return log.entries(session, group.id, seen_by_id=reader.id if reader else None, limit=1)[0]


def leaf(session, index):
    return json.loads(session.scalars(select(LogLeaf.leaf).filter_by(idx=index)).one())


def subjects(session, index):
    rows = select(LogOpeningSubject.field, LogOpeningSubject.member_id).filter_by(idx=index)
    return {(field, member) for field, member in session.execute(rows)}


def test_a_group_begins_with_its_organiser(session, group):
    entry = newest(session, group)

    assert (entry.index, entry.kind, entry.told, entry.by) == (1, "role", {"role": "organiser"}, ())
    assert [member.person.email for member in entry.about] == ["olga@bar.example"]


def test_a_role_names_the_member_and_who_gave_it(session, group, olga, ada):
    with transaction() as own:
        index = log.record_role(own, ada, role="organiser", by=olga, at=NOON)

    entry = newest(session, group)
    assert (entry.about, entry.by, entry.told) == ((ada,), (olga,), {"role": "organiser"})
    assert subjects(session, index) == {("member", ada.id), ("by", olga.id)}
    assert log.compare(session, group.id).differences == []


@pytest.mark.parametrize("gone", ["olga", "ada"])
def test_either_side_of_a_role_can_be_forgotten(session, group, olga, otto, ada, gone):
    with transaction() as own:
        index = log.record_role(own, ada, role="organiser", by=olga, at=NOON)
    leaving.erase({"olga": olga, "ada": ada}[gone].id, at=NOON)

    field = {"olga": "by", "ada": "member"}[gone]
    erased = log.entries(session, group.id, kinds=["erase"])[0]
    assert [index, field] in leaf(session, erased.index)["what"]
    entry = line(session, group.id, index)
    assert [member.erased_by_entry for member in (entry.by if gone == "olga" else entry.about)] == [erased.index]
    assert log.compare(session, group.id).differences == []


def test_a_setting_says_what_it_was_and_what_it_is(session, group, olga):
    referral = next(category for category in olga.group.categories if category.slug == "referral")
    groups.switch(referral.id, by=olga, at=NOON)

    entry = newest(session, group)
    assert (entry.category, entry.by) == ("referral", (olga,))
    assert entry.told == {"setting": "enabled", "old": 0, "new": 1}
    assert log.compare(session, group.id).differences == []


def test_others_read_that_somebody_was_suspended_and_why_and_never_whom(session, group, olga, ada, ben):
    index = decided(by=[olga], about=[ada], withheld={"target"})

    for reader in (None, ben):
        entry = newest(session, group, reader)
        assert (entry.by, entry.about, entry.what, entry.told.get("target")) == ((olga,), (), WHY, None)
        assert (entry.closed, entry.day) == (False, NOON.date())
    for reader in (olga, ada):
        assert newest(session, group, reader).about == (ada,)
    assert log.entries(session, group.id, seen_by_id=ben.id, member_id=ada.id) == []
    assert [entry.index for entry in log.entries(session, group.id, seen_by_id=ada.id, member_id=ada.id)] == [index]


def test_when_the_one_it_was_about_is_forgotten_no_entry_says_that_it_was_them(session, group, olga, ada):
    index = decided(by=[olga], about=[ada], withheld={"target"})
    leaving.erase(ada.id, at=NOON)

    openings = session.scalars(select(LogOpening.field).filter_by(idx=index)).all()
    assert sorted(openings) == ["act", "by", "rule", "why"]
    assert leaf(session, index + 1) == {"day": "2026-10-15", "k": "erase", "v": 1, "what": []}
    assert newest(session, group, olga).told == {"openings": 0}
    assert line(session, group.id, index, seen_by_id=olga.id).told.get("target") is None
    assert log.compare(session, group.id).differences == []


def test_when_the_one_who_decided_is_forgotten_their_reason_goes_with_their_name(session, group, olga, otto, ada):
    index = decided(by=[olga, otto], about=[ada], withheld={"target"})
    leaving.erase(olga.id, at=NOON)

    said = leaf(session, log.entries(session, group.id, kinds=["erase"])[0].index)["what"]
    assert [pair for pair in said if pair[0] == index] == [[index, "by"], [index, "why"]]
    entry = line(session, group.id, index)
    assert (entry.what, entry.by) == ("", (olga, otto))
    assert log.compare(session, group.id).differences == []


def test_what_would_tell_about_somebody_forgotten_is_never_kept(session, group, olga, ada, ben):
    leaving.erase(ada.id, at=NOON)
    index = decided(act="settled", by=[olga], about=[ada, ben], withheld=log.SETTLED)

    assert sorted(session.scalars(select(LogOpening.field).filter_by(idx=index))) == ["act", "by", "rule"]
    assert newest(session, group, ben).about == (ada, ben)
    assert log.compare(session, group.id).differences == []
    with pytest.raises(ValueError, match="does not name them"):
        decided(by=[olga], about=[ada])


def test_of_a_decision_that_is_withheld_as_a_whole_others_read_the_month(session, group, olga, ada, ben, cleo):
    decided(act="settled", by=[olga], about=[ada, ben], withheld=log.ALL_OF_IT)

    seen = newest(session, group, cleo)
    assert (seen.closed, seen.day, seen.by, seen.about, seen.what) == (True, NOON.date().replace(day=1), (), (), "")
    assert seen.told == {"act": "settled", "rule": "3", "withheld": ["by", "target", "why"]}
    for reader in (olga, ada, ben):
        own = newest(session, group, reader)
        assert (own.closed, own.by, own.about, own.what) == (False, (olga,), (ada, ben), WHY)
    assert log.entries(session, group.id, seen_by_id=cleo.id, member_id=olga.id, kinds=["decision"]) == []


def test_a_text_that_is_taken_out_cannot_be_read_and_everything_else_can(session, group, favor, olga, ada, ben):
    entry = index_of(favors.confirm(favor.id, by=ben, at=NOON, thanks="Thank you."))
    decision = decided(act="redacted", rule="redaction", by=[olga], about=[ada, ben], entry=entry)
    with transaction() as own:
        index = log.record_redaction(own, decision=decision, group_id=group.id, what=[(entry, "what")], at=NOON)

    found = line(session, group.id, entry)
    assert (found.what, found.redacted_by, found.category) == ("", index, "advice")
    assert sides(found) == [ada.id, ben.id]
    assert session.scalars(select(LogOpening).filter_by(idx=entry, field="what")).all() == []
    assert line(session, group.id, index).of == entry
    assert log.balance(session, ada).given == 1
    assert log.compare(session, group.id).differences == []


def test_a_text_cannot_be_taken_out_twice(session, group, favor, olga, ben):
    entry = index_of(favors.confirm(favor.id, by=ben, at=NOON))
    decision = decided(act="redacted", by=[olga], entry=entry)
    taken = partial(log.record_redaction, decision=decision, group_id=group.id, what=[(entry, "what")], at=NOON)
    with transaction() as own:
        taken(own)
    size = log.size(session, group.id)

    with pytest.raises(ValueError, match="a text that is there"), transaction() as own:
        taken(own)
    assert log.size(session, group.id) == size


def test_forgetting_somebody_after_their_text_was_taken_out(session, group, favor, olga, ada, ben):
    entry = index_of(favors.confirm(favor.id, by=ben, at=NOON))
    decision = decided(act="redacted", by=[olga], about=[ada, ben], entry=entry)
    with transaction() as own:
        log.record_redaction(own, decision=decision, group_id=group.id, what=[(entry, "what")], at=NOON)
    leaving.erase(ada.id, at=NOON)

    erased = leaf(session, log.entries(session, group.id, kinds=["erase"])[0].index)["what"]
    assert erased == [[entry, "from"], [decision, "why"]]
    assert log.compare(session, group.id).differences == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (update(LogPart).values(part="somebody"), "Entry 1 is shown with another “member” than the log says."),
        (delete(LogPart), "Entry 1 is shown with another “member” than the log says."),
        (update(LogEntry).values(told={"role": "member"}), "Entry 1 is shown with another “told” than the log says."),
        (update(LogEntry).values(redacted_by=1), "Entry 1 is shown with another “redacted_by” than the log says."),
        (update(LogEntry).values(kind="favor"), "Entry 1 is shown with another “kind” than the log says."),
    ],
)
def test_whoever_tampers_with_what_is_shown_of_a_role_is_found(session, group, change, sentence):
    session.execute(change)

    assert sentence in log.compare(session, group.id).differences


def test_somebody_who_is_named_beside_the_log_is_found(session, group, olga, ada):
    index = decided(by=[olga], about=[ada], withheld={"target"})
    leaving.erase(olga.id, at=NOON)
    head = session.scalars(select(LogPart.log_id)).first()
    part = {"log_id": head, "idx": index, "part": "by"}
    session.execute(delete(LogPart).where(LogPart.idx == index, LogPart.part == "by"))
    session.execute(insert(LogPart), [part | {"member_id": ada.id}])

    assert f"Entry {index} is shown with another “by” than the log says." in log.compare(session, group.id).differences


def test_a_redaction_without_a_decision_is_found(session, group, favor, ben):
    entry = index_of(favors.confirm(favor.id, by=ben, at=NOON))
    with transaction() as own:
        index = log.record_redaction(own, decision=entry, group_id=group.id, what=[(entry, "what")], at=NOON)

    found = log.compare(session, group.id).differences
    assert found == [f"Entry {index} takes a text out by what is no decision."]


def test_an_erasure_with_very_many_openings_is_told_in_several_entries(session, group, ada, ben, monkeypatch):
    monkeypatch.setattr("exchange.log.amend.AT_MOST", 3)
    for day in range(3):
        at = NOON + timedelta(days=day)
        unasked.helped_by(ada.number, by=ben, category="advice", title="An hour", at=at)
    leaving.erase(ada.id, at=NOON)

    later, first = log.entries(session, group.id, kinds=["erase"])
    assert (first.told, later.told, later.of, ada.erased_by_entry) == (
        {"openings": 3},
        {"openings": 3},
        first.index,
        first.index,
    )
    assert log.compare(session, group.id).differences == []


def test_entries_are_found_by_kind_and_by_who_made_them(session, group, olga, ada, ben):
    unasked.helped_by(ada.number, by=ben, category="advice", title="An hour", at=NOON)
    decided(by=[olga], about=[ada], withheld={"target"})

    assert [entry.kind for entry in log.entries(session, group.id)] == ["decision", "favor", "role"]
    assert [entry.kind for entry in log.entries(session, group.id, kinds=["role", "decision"])] == ["decision", "role"]
    assert [entry.kind for entry in log.entries(session, group.id, member_id=olga.id)] == ["decision", "role"]
    assert [entry.kind for entry in log.entries(session, group.id, member_id=ada.id)] == ["favor"]
