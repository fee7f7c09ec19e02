"""An append writes the tree with the leaf, and all of it or nothing is kept."""

import pytest
from sqlalchemy import func, select, text

from exchange.log.append import append, found, head_of, locked_head
from exchange.log.leaf import Leaf
from exchange.log.regrown import torn
from exchange.log.tree import Frontier
from exchange.storage.entry import LogHead, LogNode
from tests.log.growing import bare, grown, leaf_hashes, plain, statements


@pytest.fixture
def group(session):
    return bare(session)


def nodes(session, log_id):
    rows = select(LogNode.level, LogNode.idx, LogNode.hash).filter_by(log_id=log_id)
    return [tuple(row) for row in session.execute(rows.order_by(LogNode.level, LogNode.idx))]


def rebuilt(session, head):
    frontier = Frontier()
    return [tuple(node) for node in frontier.extend(leaf_hashes(session, head.log_id))], frontier


@pytest.mark.parametrize("at_once", [1, 2, 7, 100])
def test_one_by_one_and_many_at_once_write_the_same_tree(session, group, at_once):
    head = grown(session, group.id, plain(61), at_once=at_once)

    expected, frontier = rebuilt(session, head)
    assert head.size == frontier.size == 62
    assert nodes(session, head.log_id) == expected
    assert head.frontier == frontier.packed()
    assert torn(session, group.id) == []


def test_a_log_of_only_its_first_line_has_its_hash_as_frontier(session, group):
    head = head_of(session, group.id)

    assert (head.size, [head.frontier]) == (1, leaf_hashes(session, head.log_id))
    assert nodes(session, head.log_id) == []


def test_an_append_of_one_leaf_takes_four_statements_on_average(session, group):
    grown(session, group.id, plain(3))
    with statements(session) as said:
        for number in range(64):
            append(session, locked_head(session, group.id), [(Leaf(b"%d" % number, {}), {})])
            session.flush()

    assert [
        word for word in {statement.split()[0] for statement in said} if word not in {"SELECT", "INSERT", "UPDATE"}
    ] == []
    assert len(said) / 64 <= 4


def test_what_is_rolled_back_leaves_no_node_and_the_next_entry_takes_its_place(session, group):
    grown(session, group.id, plain(6))
    lost = session.begin_nested()
    append(session, locked_head(session, group.id), [(Leaf(b"lost", {}), {})])
    session.flush()
    lost.rollback()
    head = locked_head(session, group.id)

    assert append(session, head, [(Leaf(b"kept", {}), {})]) == range(7, 8)
    session.flush()
    assert nodes(session, head.log_id) == rebuilt(session, head)[0]


def test_an_entry_that_is_too_long_is_refused_and_changes_nothing(session, group):
    head = locked_head(session, group.id)

    with pytest.raises(ValueError, match="65,535"):
        append(session, head, [(Leaf(b"x" * 65_536, {}), {})])
    assert (head.size, session.scalar(select(func.count()).select_from(LogNode))) == (1, 0)


def test_nothing_is_appended_to_a_head_whose_frontier_is_damaged(session, group):
    session.execute(text("UPDATE log_head SET size = 9"))

    with pytest.raises(ValueError, match="frontier"):
        append(session, locked_head(session, group.id), [(Leaf(b"x", {}), {})])


def test_a_group_has_one_log_that_goes_on(session, group):
    refused = "uq_log_head_one_goes_on" if session.get_bind().dialect.name == "postgresql" else "log_head.group_id"

    with pytest.raises(Exception, match=refused), session.begin_nested():
        found(session, group.id, host="exchange.example")
    assert session.scalar(select(func.count()).select_from(LogHead)) == 1
