"""An organiser has somebody forgotten who has left and asks for it: who may, what goes, and what the log says."""

import pytest

from exchange import log
from exchange.domain import departed, favors, leaving
from exchange.domain.errors import BadInput, NotFound, NotYours
from exchange.log import signing
from exchange.log.export import export
from exchange.log.verify import verify
from tests.builders import index_of, line
from tests.people import NOON

WHY = "At their own request, by letter."


@pytest.fixture
def entry(favor, ben):
    return index_of(favors.confirm(favor.id, by=ben, at=NOON, thanks="It saved my week."))


@pytest.fixture
def gone(entry, ada):
    return leaving.leave(by=ada, at=NOON)


def test_their_name_and_words_go_and_the_counts_of_others_stay(session, group, gone, entry, olga, ben):
    departed.forget_for(gone.number, by=olga, why=WHY, at=NOON)

    found = line(session, group.id, entry)
    assert (found.what, found.thanks) == ("", "")
    assert (gone.person.name, gone.name) == ("", "A former member")
    assert log.balance(session, ben).received == 1
    assert log.compare(session, group.id).differences == []


def test_the_log_says_who_decided_it_and_why_and_not_about_whom(session, group, gone, olga, cleo):
    index = departed.forget_for(gone.number, by=olga, why=WHY, at=NOON)

    erased, decision = log.entries(session, group.id, limit=2, seen_by_id=cleo.id)
    assert (erased.index, erased.kind) == (index, "erase")
    assert (decision.told["act"], decision.by, decision.about, decision.what) == ("forgot", (olga,), (), WHY)


@pytest.mark.parametrize("said", ["", "Mrs. Farouk wrote to me.", "By a letter of ada@example.com of 3 November."])
def test_a_reason_is_needed_and_names_nobody(session, group, gone, olga, said):
    size = log.size(session, group.id)
    with pytest.raises(BadInput) as refused:
        departed.forget_for(gone.number, by=olga, why=said.replace("ada@example.com", gone.person.email), at=NOON)

    assert refused.value.field == "why"
    assert log.size(session, group.id) == size


def test_only_organisers_do_it(gone, ben):
    with pytest.raises(NotYours):
        departed.forget_for(gone.number, by=ben, why=WHY, at=NOON)


def test_a_member_does_it_for_themselves_and_nobody_is_forgotten_twice(session, olga, ben, gone):
    with pytest.raises(NotFound):
        departed.forget_for(ben.number, by=olga, why=WHY, at=NOON)
    departed.forget_for(gone.number, by=olga, why=WHY, at=NOON)
    with pytest.raises(NotFound):
        departed.forget_for(gone.number, by=olga, why=WHY, at=NOON)


def test_an_export_made_afterwards_accounts_for_what_is_gone(session, group, gone, olga, cleo, tmp_path):
    departed.forget_for(gone.number, by=olga, why=WHY, at=NOON)
    key = b"a key that nobody else has, 32 b"
    note = signing.checkpoint(group.id, key=key, folder=tmp_path / "kept", at=NOON)
    vkey = signing.vkey(session, group.id, key=key)
    export(session, group.id, tmp_path / "export", seen_by=cleo, note=note, vkey=vkey)

    report = verify(tmp_path / "export")
    assert report.holds, report.sentences
