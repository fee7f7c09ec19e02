"""Deleting a group takes two people and a week, leaves nothing but a gravestone, and touches nobody else."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, true, update
from sqlalchemy.exc import DatabaseError

from exchange import log
from exchange.domain import (
    archiving,
    clearing,
    deleted,
    deleting,
    deletion_page,
    download,
    favors,
    groups,
    invitations,
    leaving,
    ties,
    unasked,
)
from exchange.domain.deleting import LAPSES, WAITS
from exchange.domain.errors import BadInput, Gone, NotFound, NotYours, Refusal
from exchange.domain.ties import TieKind
from exchange.log.verify.run import verify
from exchange.mail.wanted import DELETED, why_not
from exchange.storage import whole
from exchange.storage.db import Base
from exchange.storage.deletion import DeletedGroup, Deletion
from exchange.storage.entry import LogHead, LogLeaf
from exchange.storage.letter import Letter, LetterState
from exchange.storage.membership import Role
from exchange.storage.person import Person
from tests.builders import answered, letters_to, needed
from tests.domain.desk.casework import reported
from tests.people import HOST, NOON, joined

NAME = "Harbor County Bar, Business Law"
THEN = NOON + WAITS


@pytest.fixture
def orla(session, group):
    """Organises as well."""
    return joined(session, group, "Orla Byrne", role=Role.ORGANISER)


@pytest.fixture
def administrator(session, sam):
    sam.person.is_administrator = True
    session.commit()
    return sam.person


@pytest.fixture
def archived(olga):
    return archiving.archive(by=olga, at=NOON)


@pytest.fixture
def proposed(archived, olga):
    return deleting.propose(by=olga, name=NAME, at=NOON)


@pytest.fixture
def agree(group, settings):
    def agree(by, *, at=THEN, name=NAME):
        return deleting.agree(group.id, by=by, name=name, settings=settings, at=at)

    return agree


def cleared(group_id: int) -> None:
    while clearing.step(group_id):
        pass


def test_only_what_is_archived_can_be_deleted(olga):
    with pytest.raises(Refusal, match="Archive it first"):
        deleting.propose(by=olga, name=NAME, at=NOON)


def test_only_organisers_propose_and_only_with_its_name(archived, olga, ada):
    with pytest.raises(NotYours):
        deleting.propose(by=ada, name=NAME, at=NOON)
    with pytest.raises(BadInput, match="not the name of the group"):
        deleting.propose(by=olga, name="Another group", at=NOON)

    assert deleting.propose(by=olga, name=f"  {NAME.lower()} ", at=NOON).by_id == olga.id


def test_it_is_proposed_once(olga, orla, proposed):
    with pytest.raises(Refusal, match="proposed already"):
        deleting.propose(by=orla, name=NAME, at=NOON)


def test_everybody_is_told_and_so_is_the_log(session, olga, orla, ada, administrator, proposed):
    deleting.call_off(by=orla, at=NOON)
    deleting.propose(by=olga, name=NAME, at=NOON)

    assert letters_to(session, ada) == ["deletion_proposed", "deletion_called_off", "deletion_proposed"]
    parts = {
        one.email: one.facts["part"] for one in session.scalars(select(Letter).filter_by(kind="deletion_proposed"))
    }
    assert parts == {"ada@bar.example": "member", "orla@bar.example": "organiser"}
    told = [entry.told["setting"] for entry in log.entries(session, olga.group_id, kinds=("setting",))]
    assert told == ["deletion", "deletion", "deletion", "archived"]


def test_one_person_alone_cannot(session, olga, orla, proposed, agree):
    with pytest.raises(NotYours, match="you proposed it"):
        agree(olga)
    olga.person.is_administrator = True
    session.commit()

    with pytest.raises(NotYours, match="you proposed it"):
        agree(olga.person)


def test_a_member_cannot_be_the_second(orla, ada, proposed, agree):
    with pytest.raises(NotYours):
        agree(ada)


def test_the_administrator_is_the_second_only_where_nobody_else_organises(
    session, orla, administrator, proposed, agree
):
    with pytest.raises(NotYours, match="Another organiser is there"):
        agree(administrator)
    orla.role = Role.MEMBER
    session.commit()

    assert agree(administrator).slug == "bar"


def test_nobody_else_is_the_second(ben, proposed, agree):
    with pytest.raises(NotFound):
        agree(ben.person)


def test_it_waits_a_week_to_the_second(orla, proposed, agree):
    with pytest.raises(Refusal, match="have a week"):
        agree(orla, at=THEN - timedelta(seconds=1))

    assert agree(orla, at=THEN).deleted_at == THEN


def test_after_a_month_it_has_to_be_proposed_anew(session, olga, orla, proposed, agree):
    with pytest.raises(Refusal, match="30 days"):
        agree(orla, at=NOON + LAPSES)
    assert deletion_page.proposed(seen_by=olga, at=NOON + LAPSES) is None
    deleting.propose(by=orla, name=NAME, at=NOON + LAPSES)

    assert session.get_one(Deletion, proposed.id).ended_at == NOON + LAPSES
    assert agree(olga, at=NOON + LAPSES + WAITS).slug == "bar"


def test_who_does_not_organise_any_more_has_proposed_nothing(session, olga, orla, proposed, agree):
    olga.role = Role.MEMBER
    session.commit()

    with pytest.raises(Refusal, match="does not organise any more"):
        agree(orla)


def test_the_second_types_the_name_too(orla, proposed, agree):
    with pytest.raises(BadInput, match="not the name"):
        agree(orla, name="Bar")


@pytest.mark.parametrize("way", [deleting.call_off, archiving.take_up])
def test_any_organiser_calls_it_off(session, olga, orla, ada, proposed, agree, way):
    way(by=orla, at=NOON)

    with pytest.raises(Refusal, match="Nobody wants"):
        agree(orla)
    assert letters_to(session, ada)[-1] == "deletion_called_off"
    assert session.get_one(Deletion, proposed.id).ended_by_id == orla.id


def test_nothing_is_called_off_twice(olga, orla, proposed):
    deleting.call_off(by=olga, at=NOON)
    with pytest.raises(Refusal, match="Nobody wants"):
        deleting.call_off(by=orla, at=NOON)


def test_who_comes_second_to_agree_is_told_so(orla, proposed, agree):
    agree(orla)
    with pytest.raises(Refusal, match="a moment before"):
        agree(orla)
    cleared(orla.group_id)

    with pytest.raises(Refusal, match="a moment before"):
        agree(orla)


# What goes, and what stays


def rows(session, which=lambda _table: true()):
    """Every row of every table, or those that are asked for."""
    asked = {table: which(table) for table in Base.metadata.sorted_tables}
    return {
        table.name: {tuple(map(repr, row)) for row in session.execute(select(table).where(of))}
        for table, of in asked.items()
        if of is not None
    }


@pytest.fixture
def lived(session, group, olga, orla, ada, ben, cleo, sam, favor, settings):
    """A group in which about everything has happened, and another one beside it."""
    needed(sam)
    post = needed(ada)
    answered(post, ben)
    case = reported(post, ben)
    invitations.invite("new@bar.example", by=olga, at=NOON)
    ties.declare(ada.number, by=ben, kind=TieKind.FAMILY, at=NOON)
    favors.confirm(favor.id, by=ben, at=NOON, thanks="Thank you.")
    unasked.helped_by(ada.number, by=ben, category="advice", title="An hour on tax", at=NOON)
    leaving.erase(cleo.id, at=NOON)
    assert case.group_id == group.id
    archiving.archive(by=olga, at=NOON)
    return group


def test_nothing_of_it_is_left_in_any_table_and_nothing_of_others_is_changed(session, lived, olga, orla, agree):
    group_id = lived.id
    of_group, before = rows(session, lambda table: whole.of_group(table, group_id)), rows(session)
    deleting.propose(by=olga, name=NAME, at=NOON)
    agree(orla)
    cleared(group_id)
    after = rows(session)

    gone = {"deletion", "letter", "person", "deleted_group"}
    assert {name: after[name] for name in after if name not in gone} == {
        name: before[name] - of_group.get(name, set()) for name in before if name not in gone
    }
    assert after["deletion"] == set()
    assert session.scalars(select(Letter.group_id).where(Letter.group_id == group_id)).all() == []
    assert sum(map(len, of_group.values())) > 60


def test_every_table_is_a_groups_or_is_known_not_to_be():
    """A new table has to be thought of: whether its rows go with the group."""
    of_nobody = {table.name for table in Base.metadata.sorted_tables if whole.of_group(table, 1) is None}

    assert of_nobody == {
        *("person", "sign_in", "read_token", "suppression", "site_text", "digest_wish"),
        *("digest_issue", "digest_run", "mail_pace", "mail_breaker"),
        *("letter", "deleted_group"),
    }


def test_a_letter_stays_only_as_the_fact_that_somebody_was_written_to(session, lived, olga, orla, agree):
    waiting = session.scalars(select(Letter).filter_by(group_id=lived.id, state=LetterState.DUE)).first()
    assert waiting is not None
    number, group_id = waiting.id, lived.id
    deleting.propose(by=olga, name=NAME, at=NOON)
    agree(orla)
    assert why_not(session, waiting) == DELETED
    cleared(group_id)

    letter = session.get_one(Letter, number)
    assert (letter.state, letter.why_failed, letter.facts, letter.group_id) == (LetterState.FAILED, DELETED, {}, None)
    told = session.scalars(select(Letter).filter_by(kind="group_deleted", email="ada@bar.example")).one()
    assert (told.facts["name"], told.facts["second"]) == ("Olga Petrenko", "Orla Byrne")


def test_accounts_stay_and_who_was_forgotten_is_called_after_no_number_of_the_group(session, lived, olga, orla, agree):
    people, group_id = session.scalar(select(func.count(Person.id))), lived.id
    deleting.propose(by=olga, name=NAME, at=NOON)
    agree(orla)
    cleared(group_id)

    assert session.scalar(select(func.count(Person.id))) == people
    assert session.scalar(select(Person.email).where(Person.name == "")).startswith("erased-person-")


def test_it_goes_on_where_it_was_stopped(session, monkeypatch, lived, olga, orla, agree):
    monkeypatch.setattr(clearing, "AT_ONCE", 5)
    group_id = lived.id
    deleting.propose(by=olga, name=NAME, at=NOON)
    agree(orla)
    every = clearing.rows(group_id)
    assert clearing.due(at=NOON, steps=3)
    assert 0 < clearing.rows(group_id) < every

    assert not clearing.due(at=NOON, steps=1_000)
    assert clearing.rows(group_id) == 0
    assert not clearing.due(at=NOON)


def test_an_address_is_never_given_again(session, group, olga, orla, proposed, agree):
    number = group.id
    agree(orla)
    with pytest.raises(Gone, match="was deleted on 2026-10-22"):
        groups.named("bar")
    cleared(number)
    with pytest.raises(Refusal, match="was deleted"):
        groups.create("bar", "Another", organiser="o@bar.example", host=HOST, at=NOON)

    made, _token = groups.create("pub", "Another", organiser="o@bar.example", host=HOST, at=NOON)
    assert made.id > number


# What the database refuses by itself


def refused(session, statement, sentence):
    with pytest.raises(DatabaseError, match=sentence), session.begin_nested():
        session.execute(statement)


def test_an_entry_can_be_taken_out_only_once_its_group_has_a_gravestone(
    session, group, sam, olga, orla, proposed, agree
):
    other, ours = sam.group_id, select(LogHead.log_id).where(LogHead.group_id == group.id)
    refused(session, delete(LogLeaf), "never changed")
    agree(orla)

    refused(session, delete(LogLeaf), "never changed")
    refused(session, delete(LogLeaf).where(LogLeaf.log_id.not_in(ours)), "never changed")
    refused(session, update(LogLeaf).where(LogLeaf.log_id.in_(ours)).values(leaf=b"x"), "never changed")
    cleared(group.id)
    assert session.scalars(select(LogHead.group_id)).all() == [other]
    assert session.scalar(select(func.count()).select_from(LogLeaf)) > 0


def test_a_gravestone_takes_two_people_and_stays(session, group, olga, orla, proposed, agree):
    stone = {"slug": "bar", "group_id": group.id, "deleted_at": THEN, "checkpoint": "", "earlier": {}}
    stone |= {"vkey": "", "last_member": 0}
    refused(session, insert(DeletedGroup).values(stone), "by two people")
    one = {"group_id": group.id, "by_id": olga.id, "proposed_at": NOON, "agreed_at": THEN, "ended_at": None}
    refused(session, update(Deletion).values(agreed_at=THEN), "somebody_agrees")
    refused(session, update(Deletion).values(agreed_at=THEN, second_id=olga.id), "two_people")
    refused(session, insert(Deletion).values(one | {"second_id": orla.id}), "(?i)unique")
    agree(orla)

    refused(session, delete(DeletedGroup), "stays as it is")
    refused(session, update(DeletedGroup).values(slug="pub"), "stays as it is")
    cleared(group.id)
    again = 'INSERT INTO "group" (id, slug, name, zone, invented, last_number, withholding, created_at) VALUES '
    refused(
        session, text(f"{again} (99, 'bar', '', '', false, 0, false, '2026-10-15 12:00:00+00:00')"), "not given again"
    )


# Copies that were kept


def kept(member, settings, tmp_path: Path, name: str) -> Path:
    """The log as a member downloads it, unpacked."""
    file_name, file = download.packed(seen_by=member, settings=settings, at=NOON)
    with file, zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / name)
    return tmp_path / name / file_name.removesuffix(".zip")


def test_a_copy_from_the_week_is_verified_against_what_stays(
    session, lived, olga, orla, ada, ben, settings, tmp_path, agree
):
    deleting.propose(by=olga, name=NAME, at=NOON)
    first = kept(ada, settings, tmp_path, "first")
    leaving.erase(ben.id, at=NOON)
    last = kept(ada, settings, tmp_path, "last")
    agree(orla)
    stone = deleted.last_word("bar")
    assert stone is not None
    (earlier,) = stone.earlier.values()

    for folder, note in ((first, earlier), (last, stone.checkpoint)):
        against = folder.parent / "kept-checkpoint"
        against.write_text(note)
        report = verify(folder, [against])
        assert report.holds, report.sentences
        assert report.compared
        assert (folder / "vkey").read_text() == f"{stone.vkey}\n"


# Numbers that the database may give again


def test_a_link_to_somebody_of_the_group_is_nobody_elses(session, group, sam, ada, olga, orla, proposed, agree):
    number = ada.id
    deleted.links_ended(number, NOON)
    agree(orla)
    cleared(group.id)
    another = joined(session, sam.group, "Nora Comer", email="nora@med.example")

    deleted.links_ended(sam.id, NOON)
    deleted.links_ended(another.id, THEN + timedelta(seconds=1))
    with pytest.raises(Gone):
        deleted.links_ended(number, NOON)
