"""Proofs, roots, tiles and bundles out of the tables are those of the pure tree, in one query each.

EXCHANGE_ENTRIES says how many entries the large log has (7,000).
"""

import os
import random
import time

import pytest
from sqlalchemy import text

from exchange.log import nodes, tree
from exchange.log.proofs import inclusion_places, verify_consistency, verify_inclusion
from exchange.log.regrown import torn
from exchange.log.tiles import WIDTH, TileAt, tiles_of, unbundled
from tests.log.growing import bare, grown, leaf_hashes, plain, statements, tampered

ENTRIES = int(os.environ.get("EXCHANGE_ENTRIES", "7000"))
SMALL = 23


@pytest.fixture
def group(session):
    return bare(session)


@pytest.fixture
def small(session, group):
    """The id of a log of SMALL entries, and their hashes."""
    head = grown(session, group.id, plain(SMALL - 1))
    return head.log_id, leaf_hashes(session, head.log_id)


def test_every_entry_of_every_size_is_proven(session, small):
    log_id, hashes = small
    for size in range(1, SMALL + 1):
        root = tree.root(hashes[:size])
        assert nodes.root_at(session, log_id, size) == root
        for index in range(size):
            proof = nodes.inclusion(session, log_id, index, size)
            assert verify_inclusion(proof, leaf=hashes[index], index=index, size=size, root=root)


def test_every_size_is_proven_to_be_the_beginning_of_every_later_one(session, small):
    log_id, hashes = small
    for size in range(1, SMALL + 1):
        for old in range(size + 1):
            proof = nodes.consistency(session, log_id, old, size)
            roots = {"old_root": tree.root(hashes[:old]), "root": tree.root(hashes[:size])}
            assert verify_consistency(proof, old_size=old, size=size, **roots)


def test_a_proof_takes_one_query(session, small):
    log_id, _ = small
    for ask in (
        lambda: nodes.inclusion(session, log_id, 5, SMALL),
        lambda: nodes.consistency(session, log_id, 11, SMALL),
        lambda: nodes.roots_at(session, log_id, [3, 11, SMALL]),
    ):
        with statements(session) as said:
            ask()
        assert len(said) == 1


def test_two_logs_do_not_see_each_other(session, small):
    other = grown(session, bare(session, slug="other").id, plain(SMALL - 1, word="other"))

    assert nodes.root_at(session, other.log_id, SMALL) == tree.root(leaf_hashes(session, other.log_id))
    assert nodes.root_at(session, other.log_id, SMALL) != nodes.root_at(session, small[0], SMALL)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_what_a_log_of_that_size_does_not_hold_cannot_be_proven(session, small, index, size):
    with pytest.raises(ValueError, match="has no entry"):
        nodes.inclusion(session, small[0], index, size)


def test_more_than_the_database_holds_is_a_sentence(session, small):
    with pytest.raises(nodes.TornTree, match="lacks: 1, the first at level 5, place 0"):
        nodes.root_at(session, small[0], 32)
    assert nodes.hashes(session, small[0], []) == {}


def test_every_tile_and_bundle_of_a_log_is_what_its_entries_give(session, group):
    head = grown(session, group.id, plain(2 * WIDTH + 87))
    hashes, entries = leaf_hashes(session, head.log_id), [b'{"k":"genesis","prev":"","v":1}', *plain(2 * WIDTH + 87)]
    wanted = tiles_of(head.size)

    assert [at.path for at in wanted if at.level == 1] == ["tile/1/000.p/2"]
    for at in wanted:
        if at.level is None:
            found = nodes.bundle(session, head.log_id, at, head.size)
            assert found is not None
            assert unbundled(found) == [entries[index] for index in at.indexes]
        else:
            width = WIDTH**at.level
            right = [tree.root(hashes[index * width : (index + 1) * width]) for index in at.indexes]
            assert nodes.tile(session, head.log_id, at, head.size) == b"".join(right)


def test_a_tile_that_a_checkpoint_does_not_reach_is_not_served_though_its_entries_are_there(session, small):
    log_id, hashes = small

    assert nodes.tile(session, log_id, TileAt(0, 0, 20), 20) == b"".join(hashes[:20])
    assert nodes.tile(session, log_id, TileAt(0, 0, 21), 20) is None
    assert nodes.bundle(session, log_id, TileAt(None, 0, 21), 20) is None
    assert nodes.tile(session, log_id, TileAt(1, 0, 1), 20) is None
    assert nodes.tile(session, log_id, TileAt(None, 0, 20), 20) is None
    assert nodes.bundle(session, log_id, TileAt(0, 0, 20), 20) is None


def test_a_tile_of_which_rows_are_gone_is_a_sentence(session, small):
    tampered(session, "log_leaf", "DELETE FROM log_leaf WHERE idx = 22")

    with pytest.raises(nodes.TornTree, match=r"lacks 1 of what tile/0/000\.p/23 holds"):
        nodes.tile(session, small[0], TileAt(0, 0, 23), SMALL)


@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        ("log_node", "UPDATE log_node SET hash = (SELECT hash FROM log_leaf WHERE idx = 0) WHERE level = 2 AND idx = 3",
         "not what the entries give: 1, the first at level 2, place 3"),
        ("log_node", "DELETE FROM log_node WHERE level = 1", "not what the entries give: 11, the first at level 1"),
        ("log_leaf", "UPDATE log_leaf SET leaf = hash WHERE idx = 3", "not what the entries give: 5, "),
        ("log_leaf", "DELETE FROM log_leaf WHERE idx = 9", "says 23 entries; without a gap there are 9"),
        ("log_node", "INSERT INTO log_node SELECT log_id, 40, 7, hash FROM log_node WHERE level = 4",
         "holds hashes of entries that are not there"),
        ("log_head", "UPDATE log_head SET frontier = (SELECT hash FROM log_leaf WHERE idx = 0)",
         "The head of exchange.example/g/"),
    ],
)  # fmt: skip
def test_whoever_tampers_with_the_tree_is_found(session, group, small, table, change, sentence):
    assert torn(session, group.id) == []
    tampered(session, table, change)

    assert any(sentence in said for said in torn(session, group.id)), torn(session, group.id)


def test_a_large_log_answers_at_once(session, group):
    head = grown(session, group.id, plain(ENTRIES - 1))
    log_id, size, hashes = head.log_id, head.size, leaf_hashes(session, head.log_id)
    root, took = tree.root(hashes), []
    chance = random.Random(1)  # noqa: S311 (nothing secret)
    for index in [chance.randrange(size) for _ in range(200)]:
        began = time.perf_counter()
        proof = nodes.inclusion(session, log_id, index, size)
        took.append(time.perf_counter() - began)
        assert verify_inclusion(proof, leaf=hashes[index], index=index, size=size, root=root)

    # How long the slowest take depends on who else uses the machine; benchmarks/log.py holds them to 5 ms.
    assert sorted(took)[100] <= 0.005, "half of the inclusion proofs take at most 5 ms"


def test_a_proof_looks_into_an_index_while_statistics_are_old(session, small, database_kind):
    session.execute(text("ANALYZE log_node"))
    session.execute(text("ANALYZE log_leaf"))
    log_id = grown(session, bare(session, slug="other").id, plain(600)).log_id
    plan = explained(session, database_kind, log_id)

    if database_kind == "sqlite":
        assert "SEARCH n USING PRIMARY KEY (log_id=? AND level=? AND idx=?)" in plan
        assert "SEARCH f USING PRIMARY KEY (log_id=? AND idx=?)" in plan
    else:
        assert len([line for line in plan.splitlines() if "Index Cond: ((log_id = " in line and "idx = " in line]) == 2


def explained(session, database_kind, log_id):
    """How the database looks up the hashes of a proof."""
    told = "EXPLAIN QUERY PLAN " if database_kind == "sqlite" else "EXPLAIN "
    places = [place for some in inclusion_places(300, 600) for place in some]
    statement = nodes._looked_up(len(places), "?" if database_kind == "sqlite" else "%s")
    given = [number for place in places for number in place]
    rows = session.connection().exec_driver_sql(told + statement, (*given, log_id, log_id))
    return "\n".join(str(row[-1]) for row in rows)


def test_every_hash_of_a_large_log_is_served_and_what_is_stored_is_what_its_entries_give(session, group):
    head = grown(session, group.id, plain(ENTRIES - 1))
    tiles = [nodes.tile(session, head.log_id, at, head.size) for at in tiles_of(head.size) if at.level == 0]

    assert b"".join(one or b"" for one in tiles) == b"".join(leaf_hashes(session, head.log_id))
    assert torn(session, group.id) == []
