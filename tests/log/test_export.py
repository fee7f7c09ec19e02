"""A log written out as a folder: it can be verified, tells each reader what they may read, and is whole or not "
"there."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from exchange import log
from exchange.domain import corrections, favors, leaving, redaction, unasked
from exchange.log import export as exporting
from exchange.log import keys, renew, signing
from exchange.log.append import head_of
from exchange.log.export import CannotExport, Outrun, export
from exchange.log.note import BadNote
from exchange.log.verify import verify
from exchange.storage.entry import LogOpening
from exchange.storage.favor import Correction
from exchange.storage.membership import Membership, MembershipState
from tests.log.growing import bare, grown
from tests.log.test_projection import _agreed as agreed
from tests.people import HOST, NOON, joined

KEY = b"a key that nobody else has, 32 b"


@pytest.fixture
def written(session, group, tmp_path):
    """Write the group's log out, as a member may see it or as all may, into a folder of its own."""
    group_id = group.id
    done = []

    def write(reader=None, **changes):
        done.append(reader)
        note = signing.checkpoint(group_id, key=KEY, folder=tmp_path / "kept", at=NOON)
        given = {"seen_by": reader, "note": note, "vkey": signing.vkey(session, group_id, key=KEY)} | changes
        folder = tmp_path / f"export-{len(done)}"
        export(session, group_id, folder, **given)
        return folder

    return write


@pytest.fixture
def lives(session, group, ada, ben, cleo, olga):
    """Ada and Ben help each other, one favor is withheld, one void, and one text is taken out by a decision."""
    for giver, receiver in ((ada, ben), (ada, ben), (ben, ada), (cleo, ada)):
        favors.confirm(agreed(session, group, giver, receiver).id, by=receiver, at=NOON)
    withheld = agreed(session, group, ben, cleo)
    favors.withhold(withheld.id, by=ben)
    favors.confirm(withheld.id, by=cleo, at=NOON)
    mistaken = unasked.helped_by(cleo.number, by=ben, category="advice", title="Not her", at=NOON)
    unasked.not_me(mistaken.id, by=cleo, at=NOON)
    wrong = favors.confirm(agreed(session, group, ada, cleo).id, by=cleo, at=NOON)
    corrections.propose(wrong.id, by=ada, why="It was another day.", at=NOON)
    corrections.agree(session.scalars(select(Correction).filter_by(favor_id=wrong.id)).one().id, by=cleo, at=NOON)
    unkind = favors.confirm(agreed(session, group, ada, ben).id, by=ben, at=NOON)
    assert unkind.entry is not None
    redaction.take_out(unkind.entry, by=olga, why="It names a client.", at=NOON)


def openings(folder):
    """By entry, the fields that an export opens."""
    found: dict[int, set[str]] = {}
    for line in (folder / "openings.jsonl").read_text().splitlines():
        said = json.loads(line)
        found.setdefault(said["index"], set()).add(said["field"])
    return found


def test_an_export_holds_and_its_balances_are_those_of_the_pages(session, group, written, lives):
    report = verify(written())

    assert report.sentences == []
    members = session.scalars(select(Membership).filter_by(group_id=group.id))
    numbers = {member.id: f"m{member.number}" for member in members}
    shown = {numbers[member]: balance for member, balance in log.balances(session, group.id).items()}
    assert {row.member: (row.given, row.received, row.people_helped, row.people_helped_by, row.people) for row in (
        report.balances
    )} == {
        member: (one.given, one.received, one.people_helped, one.people_helped_by, one.people)
        for member, one in shown.items()
    }  # fmt: skip
    assert report.favors["withheld"] == 1
    assert report.favors["void"] == 2


def test_balances_stay_as_they_are_when_somebody_is_forgotten(session, group, written, lives, ben):
    before = {row.member: row for row in verify(written()).balances}
    leaving.erase(ben.id, at=NOON)

    report = verify(written())

    assert report.sentences == []
    assert {row.member: row for row in report.balances} == {
        member: row for member, row in before.items() if member != f"m{ben.number}"
    }


def test_what_is_withheld_goes_to_its_two_only(written, lives, ada, ben, cleo, olga):
    index = next(
        index for index, fields in openings(written(ben)).items() if "from" in fields and "from" not in (
            openings(written()).get(index, ())
        )
    )  # fmt: skip

    for reader in (None, ada, olga):
        assert openings(written(reader))[index] == {"how", "kind"}
    for reader in (ben, cleo):
        assert openings(written(reader))[index] == {"from", "how", "kind", "tie", "to", "what"}
        assert verify(written(reader)).sentences == []


def test_the_correction_of_a_withheld_favor_goes_to_its_two_only(session, group, written, ada, ben, cleo):
    withheld = agreed(session, group, ben, cleo)
    favors.withhold(withheld.id, by=ben)
    favors.confirm(withheld.id, by=cleo, at=NOON)
    corrections.propose(withheld.id, by=ben, why="It was not her.", at=NOON)
    proposed = session.scalars(select(Correction).filter_by(favor_id=withheld.id)).one().id
    voided_by = corrections.agree(proposed, by=cleo, at=NOON).entry

    assert voided_by not in openings(written(ada))
    assert openings(written(cleo))[voided_by] == {"by", "why"}
    assert verify(written(cleo)).sentences == []


def test_a_party_whose_partner_was_forgotten_keeps_what_is_their_own(session, group, written, ben, cleo):
    withheld = agreed(session, group, ben, cleo)
    favors.withhold(withheld.id, by=ben)
    index = favors.confirm(withheld.id, by=cleo, at=NOON).entry
    leaving.erase(ben.id, at=NOON)

    assert openings(written(cleo))[index] == {"how", "kind", "tie", "to"}
    assert verify(written(cleo)).sentences == []


def test_what_was_delivered_before_somebody_was_forgotten_is_covered(session, group, written, ada, ben):
    delivered = agreed(session, group, ada, ben)
    favors.deliver(delivered.id, by=ada, at=NOON)
    leaving.erase(ada.id, at=NOON)
    favors.confirm(delivered.id, by=ben, at=NOON + timedelta(days=1))

    report = verify(written())

    assert report.sentences == []
    assert report.entries["erase"] == 2


def test_members_are_named_but_not_those_who_were_forgotten_or_only_asked_to_join(session, group, written, ada, ben):
    applied = joined(session, group, "Noor Haddad")
    applied.state = MembershipState.APPLIED
    session.commit()
    leaving.leave(by=ben, at=NOON)
    leaving.erase(ada.id, at=NOON)

    lines = (written() / "members.jsonl").read_text().splitlines()

    assert [json.loads(line)["name"] for line in lines] == ["olga", "Ben Castellanos"]


def test_an_export_of_the_log_as_it_was_at_an_older_checkpoint(session, group, written, favor, ben, tmp_path):
    note = signing.checkpoint(group.id, key=KEY, folder=tmp_path / "kept", at=NOON)
    favors.confirm(favor.id, by=ben, at=NOON)

    assert verify(written(note=note)).size == parsed_size(note)


def parsed_size(note):
    return int(note.splitlines()[1])


def test_a_log_of_several_bundles(session, tmp_path):
    """Entries that are no leaves do not verify, but every tile and bundle is there and right."""
    group = bare(session)
    grown(session, group.id, [b'{"day":"2026-01-01","k":"erase","v":1,"what":[]}'] * 600)
    note = signing.checkpoint(group.id, key=KEY, folder=tmp_path / "kept", at=NOON)
    seen = []

    export(
        session,
        group.id,
        tmp_path / "export",
        seen_by=None,
        note=note,
        vkey=signing.vkey(session, group.id, key=KEY),
        progress=lambda done, of: seen.append((done, of)),
    )

    assert seen == [(256, 601), (512, 601), (601, 601)]
    assert verify(tmp_path / "export").sentences == []
    assert (tmp_path / "export/tile/entries/002.p/89").is_file()


def test_a_log_that_was_begun_anew_tells_how_the_one_before_it_began(session, group, written, lives, tmp_path):
    first = signing.checkpoint(group.id, key=KEY, folder=tmp_path / "kept", at=NOON)
    for _ in range(2):
        renew.renew(group.id, key=KEY, folder=tmp_path / "kept", host=HOST, at=NOON)
    (tmp_path / "first.txt").write_text(first)

    folder = written()
    report = verify(folder, [tmp_path / "first.txt"])

    assert report.sentences == []
    assert len((folder / "former.jsonl").read_text().splitlines()) == 2
    assert len(report.notes) == 2


def test_a_folder_with_something_in_it_is_left_alone(session, group, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/a").write_text("mine")
    note = signing.checkpoint(group.id, key=KEY, folder=tmp_path / "kept", at=NOON)
    vkey = signing.vkey(session, group.id, key=KEY)

    for place in (tmp_path / "full", tmp_path / "full/a"):
        with pytest.raises(CannotExport, match="is not empty"):
            export(session, group.id, place, seen_by=None, note=note, vkey=vkey)
    with pytest.raises(CannotExport, match="cannot be written"):
        export(session, group.id, tmp_path / "full/a/b", seen_by=None, note=note, vkey=vkey)
    assert (tmp_path / "full/a").read_text() == "mine"


def test_an_empty_folder_may_be_there_already(session, group, written, tmp_path):
    (tmp_path / "export-1").mkdir()

    assert verify(written()).holds


def test_nothing_is_left_behind_where_an_export_fails(session, group, written, tmp_path, monkeypatch):
    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "_write_members", fails)

    with pytest.raises(CannotExport, match="No space left on device"):
        written()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]


def test_an_erasure_while_it_is_written_outruns_the_export(session, group, written, lives, ben, tmp_path, monkeypatch):
    members = exporting._write_members

    def meanwhile(*given):
        leaving.erase(ben.id, at=NOON)
        members(*given)

    monkeypatch.setattr(exporting, "_write_members", meanwhile)

    with pytest.raises(Outrun):
        written()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]


def test_a_favor_while_it_is_written_does_no_harm(session, group, written, favor, ben, monkeypatch):
    members = exporting._write_members

    def meanwhile(*given):
        favors.confirm(favor.id, by=ben, at=NOON)
        members(*given)

    monkeypatch.setattr(exporting, "_write_members", meanwhile)

    assert verify(written()).holds


def test_a_checkpoint_of_another_key_is_refused(written):
    with pytest.raises(BadNote):
        written(vkey=keys.signer(KEY[::-1], "exchange.example/g/1").vkey)


def test_an_opening_that_somebody_deleted_is_missed(session, group, written, lives):
    session.execute(
        delete(LogOpening).where(LogOpening.log_id == head_of(session, group.id).log_id, LogOpening.idx == 2)
    )
    session.commit()

    assert "of entry 2 is missing, and no later entry says" in verify(written()).sentences[0]


def test_everything_that_the_demo_lives_through_can_be_verified(session, demo, tmp_path):
    group_id = demo.id
    note = signing.checkpoint(group_id, key=KEY, folder=tmp_path / "kept", at=NOON)

    vkey = signing.vkey(session, group_id, key=KEY)
    export(session, group_id, tmp_path / "export", seen_by=None, note=note, vkey=vkey)
    report = verify(tmp_path / "export")

    assert report.sentences == []
    assert report.size > 150
    assert len(report.balances) > 30
