"""Reading texts once finds what reading them for each member finds."""

from hypothesis import given
from hypothesis import strategies as st

from exchange.matching import Index, Match, matches

WORDS = st.sampled_from(
    [
        "marine",
        "insurance",
        "insurers",
        "trademark",
        "law",
        "laws",
        "golf",
        "an",
        "and",
        ",",
        "Études",
        "mediating",
        ".",
    ]
)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


@given(TEXTS, st.dictionaries(st.integers(0, 99), TEXTS, max_size=8))
def test_an_index_finds_what_matching_each_text_finds(said: str, texts: dict[int, str]) -> None:
    assert Index(texts).matches(said) == matches(said, texts)


def test_the_phrase_is_told_as_its_member_wrote_it() -> None:
    found = Index({7: "A question of trademark laws", 8: "Golf"}).matches("sailing, Trademark law and golf")

    assert found == [Match(7, 1, "Trademark law"), Match(8, 1, "golf")]
