"""What is searched, and how: the same rows are found on both databases, whatever somebody types."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from exchange import log
from exchange.log import searched
from exchange.log.append import head_of
from exchange.log.tree import leaf_hash
from exchange.storage import search, stems
from exchange.storage.entry import LogEntry, LogLeaf
from exchange.storage.post import Post
from exchange.storage.search import LogWords, MemberWords, PostWords
from tests.builders import needed
from tests.people import NOON

TEXTS = [
    "Notificación judicial en Bogotá, mañana",
    "A second pair of eyes on the ESCROW clause",
    "Contratos de arrendamiento: notificaciones y plazos",
    "Cargo insurance, marine; 2026 renewals (3.5%)",
    "Søren Kierkegaard reading group: “Either/Or”",
    "Реклама и право",
    "Straße, Œuvre, Łódź 🚢",
    "don’t/won’t e-mail http://a.example/?q=1 1e5 007",
    "日本語 を話す",
]


@pytest.fixture
def posts(session, ada):
    return {title: needed(ada, title=title) for title in TEXTS}


def found(session, typed: str) -> set[str]:
    """The titles of the posts in which all that was typed stands."""
    query = [stems.stems_of(word) for word in stems.asked(typed)]
    if not query:
        return set()
    ids = search.matches(session, PostWords, query)
    return set(session.scalars(select(Post.title).where(Post.id.in_(ids))))


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("notificacion", 0),
        ("NOTIFICACIONES bogota", 0),
        ("clauses", 1),
        ("arrendamientos contrato", 2),
        ("insuring cargo", 3),
        ("2026", 3),
        ("soren", 4),
        ("право", 5),
        ("strasse oeuvre lodz", 6),
        ("007", 7),
        ("日本語", 8),
        ("🚢 Lodz", 6),
    ],
)
def test_a_post_is_found_without_accents_case_and_endings(session, posts, typed, title):
    assert TEXTS[title] in found(session, typed)


def test_every_word_has_to_stand_there(session, posts):
    assert found(session, "escrow clause") == {TEXTS[1]}
    assert found(session, "escrow cargo") == set()


@pytest.mark.parametrize("typed", ['"escrow', "escrow*", "escrow AND", "the-escrow", "ESCROW OR (", "in:escrow\x00%_"])
def test_signs_mean_nothing_to_the_engine(session, posts, typed):
    assert found(session, typed) == {TEXTS[1]}


@pytest.mark.parametrize("typed", ["NOT OR NEAR(", "()", "\x00", "a'b\"c;--", "*", ""])
def test_and_where_nothing_fits_nothing_is_found(session, posts, typed):
    assert found(session, typed) == set()


typed_words = st.one_of(
    st.text(max_size=30),
    st.text(alphabet=string.printable, max_size=60),
    st.lists(st.sampled_from(" ".join(TEXTS).split()), max_size=4).map(" ".join),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=typed_words)
def test_the_engine_finds_what_a_plain_look_at_the_words_finds(session, posts, typed):
    query = [stems.stems_of(word) for word in stems.asked(typed)]
    rows = {row.post_id: set(row.words.split()) for row in session.scalars(select(PostWords))}
    plain = {post_id for post_id, words in rows.items() if query and all(words & set(one) for one in query)}

    assert {post.id for post in posts.values() if post.title in found(session, typed)} == plain


def test_very_long_words_and_texts_are_cut_alike(session, ada):
    post = needed(ada, title="x" * 120, text="y" * 900)

    assert found(session, "x" * 10_000) == {post.title}
    assert stems.asked("word " * 10_000) == ["word"]


def test_common_words_count_only_where_there_are_no_others():
    assert stems.asked("who is the organiser of it") == ["organiser"]
    assert stems.asked("de la") == ["de", "la"]


def test_a_name_is_found_by_its_new_words_only(session, ada):
    def found_by(name: str) -> list[int]:
        return list(
            session.scalars(search.matches(session, MemberWords, [[f"n{stem[1:]}" for stem in stems.stems_of(name)]]))
        )

    ada.person.name = "Ada Lovelace"
    session.commit()

    assert found_by("lovelace") == [ada.id]
    assert found_by("farouk") == []


def test_what_was_taken_out_is_in_no_corner_of_the_engine(session, ada, database_kind):
    post = needed(ada, title="Zanzibar")
    post.title = "Elsewhere"
    session.commit()
    search.forget(session)

    assert found(session, "zanzibar") == set()
    kept = session.scalars(text("SELECT words FROM post_words")).all()
    if database_kind == "sqlite":
        kept = [*kept, *(str(block) for block in session.scalars(text("SELECT block FROM post_search_data")))]
    assert not [words for words in kept if "zanzibar" in words]


def test_what_is_gone_is_not_searched(session, ada, favor, ben):
    post = needed(ada, title="Zanzibar")
    session.delete(post)
    session.commit()

    assert found(session, "zanzibar") == set()
    assert session.get(PostWords, post.id) is None
    assert session.scalars(select(LogWords)).all()


@pytest.fixture
def old_log(session, group, ada, ben):
    """A log of many runs of which some entries are about Zanzibar, by their indexes."""
    about = [7, 4_095, 4_096, 9_000, 30_001, 40_000, 40_001]
    log_id = head_of(session, group.id).log_id
    for index in [*about, 41_000]:
        session.add(LogLeaf(log_id=log_id, idx=index, leaf=b"%d" % index, hash=leaf_hash(b"%d" % index)))
        session.flush()
        session.add(
            LogEntry(
                log_id=log_id,
                idx=index,
                group_id=group.id,
                kind="favor",
                day=NOON.date(),
                counts=True,
                giver_id=ada.id,
                receiver_id=ben.id,
                category="advice",
                what="A word",
            )
        )
    session.flush()
    readers = {40_000: [ada.number, ben.number]}
    words = {
        index: searched.of_entry("On Zanzibar", "", "advice", {}, [ada.number, ben.number], readers.get(index))
        for index in about
    }
    searched.put(session, log_id, words | {41_000: searched.of_entry("A word", "", "advice", {}, [ada.number], None)})
    session.commit()
    return log_id


def entries_found(session, log_id, typed, reader, *, most=101, before=None):
    """The entries that somebody finds, by their indexes."""
    query = [stems.stems_of(word) for word in stems.asked(typed)]
    said = log.looked_for(session, log_id, query, seen_by=reader, before=before)
    keys = session.scalars(log.found_ids(sqlite=search.on_sqlite(session)), said | {"most": most})
    return [log.index_of(key) for key in keys]


def test_entries_of_all_times_are_found_newest_first(session, old_log, ada, cleo):
    assert entries_found(session, old_log, "zanzibar", ada) == [40_001, 40_000, 30_001, 9_000, 4_096, 4_095, 7]
    assert entries_found(session, old_log, "zanzibar", cleo) == [40_001, 30_001, 9_000, 4_096, 4_095, 7]
    assert entries_found(session, old_log, "atlantis", ada) == []


def test_only_so_many_entries_are_found_from_one_on(session, old_log, ada):
    assert entries_found(session, old_log, "zanzibar", ada, most=2) == [40_001, 40_000]
    assert entries_found(session, old_log, "zanzibar", ada, most=3) == [40_001, 40_000, 30_001]
    assert entries_found(session, old_log, "zanzibar", ada, before=40_000) == [30_001, 9_000, 4_096, 4_095, 7]
    assert entries_found(session, old_log, "zanzibar", ada, before=4_096) == [4_095, 7]
    assert entries_found(session, old_log, "zanzibar", ada, before=7) == []
