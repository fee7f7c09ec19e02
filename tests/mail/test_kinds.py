"""Every kind of letter is known by name, and the two floors agree on which are small."""

from exchange.domain import letters
from exchange.mail import KINDS, MUST, SMALL
from tests.mail.facts import FACTS


def test_the_domain_and_the_mail_call_the_same_letters_small():
    assert letters.SMALL == SMALL


def test_what_is_small_or_must_go_is_a_kind():
    assert set(KINDS) == set(FACTS)
    assert set(KINDS) >= MUST | SMALL
    assert not MUST & SMALL


def test_each_kind_has_a_sentence_of_its_own(app):
    sentences = [str(sentence) for sentence in KINDS.values()]

    assert len(set(sentences)) == len(sentences)
    assert all(sentence[0].isupper() and sentence[-1].isalpha() for sentence in sentences)
