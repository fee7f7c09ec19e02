"""What no verification can find, written down so that nobody believes otherwise; docs/log-format.md says what "
"counters it."""

from exchange.log import leaf
from exchange.log.verify import verify
from tests.log.attacks.attacker import a_favor
from tests.people import NOON


def test_a_favor_that_never_was_between_two_who_say_nothing(attacker, past, ada, ben, kept, signed, verified):
    """Appended like any other entry. Countered by receipts, which come to both by letter, and by looking at one's "
    "own."""
    letters = kept.letter(signed())
    entry = attacker.append(a_favor(ada.number, ben.number, title="Never was"))
    attacker.strike()

    assert verified(letters).sentences == []
    (note,) = verified(letters, mine={ben.number}).notes
    assert "Look at them: one that you know nothing of was invented." in note
    assert str(entry) in note


def test_a_favor_that_was_never_written_down(attacker, past, kept, signed, verified):
    """There is nothing to find. Countered by the receipt that comes with the confirmation, and is missed."""
    assert verified(kept.letter(signed())).sentences == []


def test_history_that_was_rewritten_before_anybody_remembered_it(attacker, past, kept, olga, ben, signed, verified):
    """Countered by the first letter, which carries a checkpoint, and by the receipt that comes with each favor."""
    attacker.replace(past[0], a_favor(olga.number, ben.number))
    attacker.strike()

    assert verified(kept.letter(signed())).sentences == []


def test_a_fork_that_is_shown_to_somebody_who_compares_with_nobody(attacker, past, kept, tmp_path):
    """Countered by the short code on the log's page and by any letter of another member."""
    attacker.replace(past[4], a_favor(3, 4, title="Something else"))
    attacker.strike()

    assert verify(attacker.export(tmp_path / "hers"), [kept.letter(attacker.note())]).sentences == []


def test_a_decision_that_nobody_made(attacker, past, kept, signed, verified):
    """A text may be taken out by a decision, and the log cannot know who pressed the button. Countered by its being
    public: whoever is said to have decided reads it, and both parties still hold the text in their receipts."""
    letters = kept.letter(signed())
    attacker.openings.pop((past[0], "what"))
    words = {"act": "redact", "by": "m1", "rule": "x", "target": f"e{past[0]}", "why": "x"}
    decision = attacker.append(leaf.decision_leaf(at=NOON, **words))
    attacker.append(leaf.redact_leaf(decision=decision, what=[(past[0], "what")], at=NOON))
    attacker.strike()

    report = verified(letters)

    assert report.sentences == []
    assert (report.openings["redact"], report.entries["decision"]) == (1, 1)


def test_a_member_who_is_erased_completely_and_has_kept_nothing(attacker, past, cleo, verified):
    """Countered by receipts, and by everybody who knows that the member has not left."""
    me = f"m{cleo.number}"
    mine = [place for place in attacker.openings if me in str(leaf.opened(attacker.openings[place])[1]).split(",")]
    texts = {(index, name) for index, _ in mine for name in ("what", "why") if (index, name) in attacker.openings}
    gone = sorted({*mine, *texts})
    for place in gone:
        attacker.openings.pop(place)
    attacker.append(leaf.erase_leaf(what=gone, at=NOON))
    attacker.strike()

    assert verified().sentences == []
