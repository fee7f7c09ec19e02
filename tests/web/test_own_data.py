"""Everything that is held about somebody, as one file, and nothing of what others said in confidence."""

import json

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select

from exchange.domain import favors, leaving, own_data
from exchange.domain.desk import reports
from exchange.domain.desk.reports import TargetKind
from exchange.storage.db import Base
from exchange.storage.policy import GroupRule
from tests.people import NOON

PASSWORD = "a long and quiet river"

# Columns that name a person or a member, and why the file does not go by them.
LEFT_OUT = {
    "membership.person_id": "the groups of the file",
    "desk_case.about_id": "the decisions are told, what others reported is not",
    "desk_case.claimed_by_id": "who looks at a case is forgotten after half an hour",
    "deletion.second_id": "with it the group is gone, and the file has nothing of it any more",
    "deletion.administrator_id": "with it the group is gone",
    "deletion.ended_by_id": "the log says who called it off",
    "digest_issue.asked_by_id": "it is the letter of whom it went to",
    "election.elected_id": "the log says who became an organiser",
    "log_count.member_id": "added up from the log, which has its own download",
    "log_pair.giver_id": "added up from the log",
    "log_pair.receiver_id": "added up from the log",
    "log_entry.giver_id": "the log has its own download",
    "log_entry.receiver_id": "the log has its own download",
    "log_part.member_id": "the log has its own download",
    "log_opening_subject.member_id": "the log has its own download",
    "member_words.member_id": "the words of one's own page, as the search keeps them",
    "decision.administrator_id": "what the operator decides is told where it was decided",
    "election_vote.for_id": "who voted for somebody is the voter's",
    "objection.organiser_id": "what others said in confidence",
    "objection.decided_by_id": "the objection is the member's who made it",
    "post_hidden.member_id": "from whom a post is hidden is the author's",
    "desk_question.administrator_id": "asked in confidence of the office",
    "favor.cancelled_by_id": "always one of the two",
    "favor.disputed_by_id": "always one of the two",
    "favor.settled_by_id": "the favor is the two's",
    "favor.withheld_by_id": "always one of the two",
    "proposal.by_id": "half a decision, which the desk shows to those who may decide",
    "proposal.administrator_id": "half a decision",
}


@pytest.fixture
def entry(favor, ben):
    return favors.confirm(favor.id, by=ben, at=NOON, thanks="It saved my week.")


@pytest.fixture
def download(reader, person_password):
    """The file, as somebody gets it."""

    def get(member):
        page = reader.as_(member).visit("/me").follow("Everything that is held about me")
        return page.press("Download the file", password=person_password(member))

    return get


@pytest.fixture
def person_password(session):
    """Give somebody a password, and say it."""

    def give(member):
        member.person.password = hash_password(PASSWORD)
        session.commit()
        return PASSWORD

    return give


def rule_of(session, member):
    return session.scalars(select(GroupRule.id).filter_by(group_id=member.group_id)).first()


def test_it_holds_what_one_wrote_gave_and_was_thanked_for(download, entry, ada):
    page = download(ada)
    told = json.loads(page.response.text)

    assert page.response.mimetype == "application/json"
    assert page.response.headers["Content-Disposition"] == 'attachment; filename="exchange-2026-10-15.json"'
    assert told["account"]["email"] == ada.person.email
    (group,) = told["groups"]
    assert (group["group"], group["profile"]["number"]) == ("Harbor County Bar, Business Law", ada.number)
    (favor,) = group["favors"]
    assert (favor["giver"], favor["receiver"], favor["thanks"]) == (
        "Ada Farouk",
        "Ben Castellanos",
        "It saved my week.",
    )


def test_it_is_only_for_the_password(reader, ada, person_password):
    person_password(ada)
    page = reader.as_(ada).visit("/me/data").press("Download the file", password="something else")

    assert page.status == 422
    assert "This is not your password." in page.text


def test_it_tells_neither_secrets_nor_who_reported_somebody(session, download, entry, ada, ben, cleo):
    said = {"rule": rule_of(session, ada), "note": "She sells watches.", "at": NOON}
    reports.report(TargetKind.PROFILE, ada.id, by=cleo, **said)
    text = download(ada).response.text

    assert "She sells watches." not in text
    assert "Cleo" not in text
    assert ada.person.password not in text
    assert ada.person.fs_uniquifier not in text


def test_ones_own_report_is_in_it(session, download, ada, cleo):
    reports.report(TargetKind.PROFILE, ada.id, by=cleo, rule=rule_of(session, ada), note="She sells watches.", at=NOON)
    (group,) = json.loads(download(cleo).response.text)["groups"]

    assert [report["note"] for report in group["reports"]] == ["She sells watches."]


def test_whoever_was_forgotten_is_nameless_in_it(download, entry, ada, ben):
    leaving.erase(ada.id, at=NOON)
    (group,) = json.loads(download(ben).response.text)["groups"]

    assert [favor["giver"] for favor in group["favors"]] == ["A former member"]


def test_every_table_that_names_people_is_told_or_left_out_for_a_reason():
    told = {
        f"{part.table.__tablename__}.{column}"
        for part in (*own_data.OF_PERSONS, *own_data.OF_MEMBERS)
        for column in part.whose
    }
    naming = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.target_fullname in {"person.id", "membership.id"} for key in column.foreign_keys)
    }
    assert told | set(LEFT_OUT) == naming
    assert not told & set(LEFT_OUT)
