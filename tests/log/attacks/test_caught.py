"""With the database, the files and the key in hand: what members kept shows every change, and a sentence says what it "
"is."""

import json

import pytest

from exchange.domain import favors
from exchange.log import leaf, note
from exchange.log.checkpoint import Checkpoint, short_code
from exchange.log.keys import signer
from exchange.log.tree import leaf_hash, root
from exchange.log.verify import verify
from tests.log.attacks.attacker import KEY, a_favor
from tests.log.test_projection import _agreed as agreed
from tests.people import NOON

FORK = "the log's own key signed"


def only(report):
    """The one failure of a report."""
    (failure,) = report.findings.kept
    return failure


def changed(attacker, past, olga, ben):
    """Ada's help for Ben becomes the organiser's."""
    attacker.replace(past[0], a_favor(olga.number, ben.number))


def dropped(attacker, past, olga, ben):
    """What the organiser received disappears."""
    attacker.drop(past[4])


def swapped(attacker, past, olga, ben):
    """Two favors change places."""
    attacker.swap(past[1], past[3])


def invented(attacker, past, olga, ben):
    """A favor that never was, in between."""
    attacker.insert(past[2], a_favor(olga.number, ben.number))


REWRITINGS = [changed, dropped, swapped, invented]


@pytest.mark.parametrize("attack", REWRITINGS)
def test_rewritten_history_is_caught_by_a_letter(attacker, past, olga, ben, kept, signed, verified, attack):
    letters = kept.letter(signed())
    attack(attacker, past, olga, ben)
    attacker.strike()

    assert verified().sentences == [], "a clever attacker leaves nothing that an export alone would show"
    sentence = verified(letters).sentences[0]

    size = len(attacker.leaves)
    if attack is dropped:
        assert sentence.startswith(f"The export is older than ada.mbox, letter 1 (checkpoint-bar-{size + 1}.txt)")
        assert f"entries {size} to {size} were taken back" in sentence
    else:
        assert sentence.startswith("This is not the log that ada.mbox, letter 1 (checkpoint-bar-")
        assert FORK in sentence
        assert "ask the organisers" in sentence


@pytest.mark.parametrize("attack", REWRITINGS)
def test_and_as_soon_as_the_log_has_grown_again(attacker, past, olga, ben, kept, signed, verified, attack):
    letters = kept.letter(signed())
    attack(attacker, past, olga, ben)
    for _ in range(3):
        attacker.append(a_favor(ben.number, olga.number))
    attacker.strike()

    assert verified().sentences == []
    assert FORK in only(verified(letters)).sentence


@pytest.mark.parametrize(
    ("attack", "place"), [(changed, 0), (dropped, 4), (swapped, 1), (swapped, 3), (invented, 2), (invented, 5)]
)
def test_the_receipt_of_an_entry_names_it(session, attacker, past, olga, ben, receipt, verified, attack, place):
    """Receipts hold the entry itself, so they say which one was touched."""
    holder = {0: ben, 4: olga}.get(place, ben)
    saved = receipt(past[place], holder)
    attack(attacker, past, olga, ben)
    attacker.append(a_favor(ben.number, olga.number))
    attacker.strike()

    failures = verified(saved).findings.kept

    assert verified().sentences == []
    assert failures[-1].entry == past[place]
    assert f"Entry {past[place]} is not the entry that entry-{past[place]}.tlog-proof proves" in failures[-1].sentence
    assert "show it to the group" in failures[-1].sentence


def test_the_letters_around_a_change_say_where_it_is(attacker, past, ada, ben, cleo, olga, kept, signed, verified):
    """Each letter repeats last week's checkpoint; so the change lies between two of them."""
    older = note.signed(
        Checkpoint(attacker.head.origin, 3, root([leaf_hash(data) for data in attacker.leaves[:3]])).text(),
        signer(KEY, attacker.head.origin),
    )
    letters = kept.letter(older, signed())
    attacker.replace(past[3], a_favor(olga.number, cleo.number))
    attacker.strike()

    failure = only(verified(letters))

    assert failure.entry == 3
    assert f"so the difference lies in entries 3 to {len(attacker.leaves) - 1}" in failure.sentence


def test_a_withheld_opening_needs_no_memory_to_be_caught(attacker, past, verified):
    attacker.hide(past[0], "from")

    failure = only(verified())

    assert failure.entry == past[0]
    assert failure.sentence == (
        f"The opening “from” of entry {past[0]} is missing, and no later entry says that it was taken out: whoever "
        "made this export hides it. Ask them for it, and ask the parties, whose receipts still open it."
    )


def test_nor_does_one_that_a_redaction_without_a_decision_covers(attacker, past, verified):
    attacker.openings.pop((past[0], "what"))
    entry = attacker.append(leaf.redact_leaf(decision=past[1], what=[(past[0], "what")], at=NOON))
    attacker.strike()

    failure = only(verified())

    assert failure.entry == entry
    assert "somebody hides a text for which nobody answers" in failure.sentence


def test_a_redaction_cannot_take_out_who_helped_whom(attacker, past, verified):
    attacker.openings.pop((past[0], "from"))
    words = {"act": "redact", "by": "m1", "rule": "x", "target": f"e{past[0]}", "why": "x"}
    decision = attacker.append(leaf.decision_leaf(at=NOON, **words))
    attacker.append(leaf.redact_leaf(decision=decision, what=[(past[0], "from")], at=NOON))
    attacker.strike()

    assert "somebody hides who did what" in only(verified()).sentence


def test_an_opening_that_tells_something_else_needs_no_memory_either(attacker, past, olga, verified):
    attacker.openings[past[0], "from"] = leaf.disclosure("from", f"m{olga.number}")
    attacker.strike()

    assert f"Entry {past[0]} does not contain its opening “from”" in only(verified()).sentence


def fake_erasure(attacker, *places):
    """An `erase` entry for nobody, behind which openings disappear."""
    for place in places:
        attacker.openings.pop(place)
    entry = attacker.append(leaf.erase_leaf(what=list(places), at=NOON))
    attacker.strike()
    return entry


def test_a_faked_erasure_is_caught_by_the_receipt_of_whom_it_concerns(
    attacker, past, ada, ben, kept, signed, receipt, verified
):
    """It is appended honestly, so letters fit; but whoever was forgotten is named nowhere any more, and Ada is."""
    letters, saved = kept.letter(signed()), receipt(past[0], ben)
    entry = fake_erasure(attacker, (past[0], "from"), (past[0], "what"))

    assert verified(letters).sentences == []
    failure = only(verified(letters, saved))

    assert failure.entry == entry
    assert failure.sentence.startswith(
        f"Entry {entry} took “from” out of entry {past[0]} as if somebody was forgotten, and "
        f"entry-{past[0]}.tlog-proof proves that it was m{ada.number}, whom entry "
    )
    assert "so somebody hides this entry behind an erasure" in failure.sentence


def test_a_member_who_is_erased_completely_and_never_left_knows_it(attacker, past, cleo, receipt, verified):
    saved = receipt(past[2], cleo)
    me = f"m{cleo.number}"
    mine = [place for place in attacker.openings if me in str(leaf.opened(attacker.openings[place])[1]).split(",")]
    texts = {(index, name) for index, _ in mine for name in ("what", "why") if (index, name) in attacker.openings}
    entry = fake_erasure(attacker, *sorted({*mine, *texts}))

    failure = only(verified(saved, mine={cleo.number}))

    assert failure.entry == entry
    assert f"it was you, {me}" in failure.sentence


def test_and_so_does_everybody_as_long_as_the_export_lists_them(attacker, past, cleo, receipt, verified):
    saved = receipt(past[2], cleo)
    me = f"m{cleo.number}"
    mine = [place for place in attacker.openings if me in str(leaf.opened(attacker.openings[place])[1]).split(",")]
    texts = {(index, name) for index, _ in mine for name in ("what", "why") if (index, name) in attacker.openings}
    fake_erasure(attacker, *sorted({*mine, *texts}))

    assert f"it was {me}, whom members.jsonl still lists" in only(verified(saved)).sentence


def test_an_erasure_that_forgets_no_party_is_no_erasure(attacker, past, verified):
    fake_erasure(attacker, (past[0], "what"))

    assert "forgets neither of its two" in only(verified()).sentence


@pytest.fixture
def today(session, group, ada, ben, attacker, kept, signed):
    """Ada helps Ben once more, and the letter comes. The attacker's lists are yesterday's backup."""
    index = favors.confirm(agreed(session, group, ada, ben).id, by=ben, at=NOON).entry or 0
    kept.letter(signed())
    return index


def test_yesterdays_backup_is_caught_by_todays_letter(attacker, today, kept, verified):
    attacker.strike()

    assert verified().sentences == []
    failure = only(verified(kept.letters))

    assert failure.entry == today
    assert failure.sentence.startswith(
        f"The export is older than ada.mbox, letter 1 (checkpoint-bar-{today + 1}.txt): it has {today} entries, and "
        f"{today + 1} were signed there."
    )
    assert "when yesterday's backup is put in place of the log" in failure.sentence


def test_and_when_the_log_went_on_from_the_backup(attacker, today, kept, verified):
    for _ in range(4):
        attacker.append(a_favor(1, 2))
    attacker.strike()

    assert verified().sentences == []
    assert FORK in only(verified(kept.letters)).sentence


def test_a_fork_for_one_member_is_caught_as_soon_as_she_compares(
    attacker, past, olga, kept, signed, verified, tmp_path
):
    """Ada gets letters, pages and exports of another log than everybody else; both are signed with the log's key."""
    everybody = kept.file("ben.txt", signed())
    attacker.replace(past[4], a_favor(3, 4, title="Something else"))
    attacker.strike()
    hers = attacker.export(tmp_path / "hers")
    letter = kept.letter(attacker.note())

    assert verify(hers, [letter]).sentences == [], "her own letters fit what she is shown"
    sentence = only(verify(hers, [everybody])).sentence

    assert sentence.startswith("This is not the log that ben.txt remembers")
    assert "or shows different logs to different people" in sentence
    assert "compare the code with other members" in sentence
    assert short_code(everybody.read_text()) in sentence
    assert short_code(everybody.read_text()) != verify(hers).code


def test_a_new_key_for_a_rewritten_log_is_caught_by_letters_of_the_old_one(attacker, past, kept, signed, tmp_path):
    letters = kept.letter(signed())
    hers = attacker.export(tmp_path / "hers")
    other = signer(KEY[::-1], attacker.head.origin)
    text = (hers / "checkpoint").read_text().rpartition("\n\n")[0] + "\n"
    (hers / "checkpoint").write_text(note.signed(text, other))
    (hers / "vkey").write_text(other.vkey)

    assert verify(hers).sentences == []
    assert "or the log has another key now than it had then" in only(verify(hers, [letters])).sentence


def test_a_careless_attacker_who_leaves_the_tree_as_it_was(session, attacker, past, signed, tmp_path):
    """Without computing the hashes again not even the export holds."""
    folder = attacker.export(tmp_path / "export")
    bundle = folder / f"tile/entries/000.p/{len(attacker.leaves)}"
    day = json.loads(attacker.leaves[past[0]])["day"].encode()
    bundle.write_bytes(bundle.read_bytes().replace(b'"day":"' + day, b'"day":"2025-01-01', 1))

    sentences = verify(folder).sentences

    assert f"Entry {past[0]} is not what tile/0/000.p/{len(attacker.leaves)} says it was" in sentences[0]
    assert "entries do not give the root that the checkpoint signs" in sentences[1]
