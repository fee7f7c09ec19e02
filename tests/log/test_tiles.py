"""Tiles and bundles: each has one path, and a log of a size has exactly these."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.log.tiles import TileAt, bundle, bundle_path, parsed_path, tile_path, tiles_of, unbundled


def test_paths_are_those_of_the_specification():
    assert tile_path(0, 5) == "tile/0/005"
    assert tile_path(63, 1_234_067) == "tile/63/x001/x234/067"
    assert tile_path(1, 0, 17) == "tile/1/000.p/17"
    assert tile_path(0, 999) == "tile/0/999"
    assert tile_path(0, 1000) == "tile/0/x001/000"
    assert bundle_path(273, 112) == "tile/entries/273.p/112"


levels = st.none() | st.integers(0, 63)


@settings(deadline=None)
@given(levels, st.integers(0, 10**18 - 1), st.integers(1, 256))
def test_every_path_leads_back(level, n, width):
    at = TileAt(level, n, width)

    assert parsed_path(at.path) == at


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0/",
        "tile/0/5",
        "tile/0/05",
        "tile/0/0005",
        "tile/0/x005",
        "tile/0/x000/005",
        "tile/0/x001/x000/x234",
        "tile/0/001/234",
        "tile/0/X001/234",
        "tile/00/005",
        "tile/01/005",
        "tile/64/005",
        "tile/-1/005",
        "tile/0/-05",
        "tile/0/005.p",
        "tile/0/005.p/",
        "tile/0/005.p/0",
        "tile/0/005.p/05",
        "tile/0/005.p/256",
        "tile/0/005.p/-1",
        "tile/0/005.p/1/2",
        "tile/0/005/",
        "tile/0/005\n",
        "/tile/0/005",
        "Tile/0/005",
        "tile/8/0/005/..",
        "tile/data/005",
        "tile/entries/5",
        "tile/٠/005",
        "tile/0/٠٠٥",
        "tile/0/x001" + "/x000" * 6 + "/000",
    ],
)
def test_a_path_that_is_not_the_one_is_refused(path):
    with pytest.raises(ValueError, match="not the path"):
        parsed_path(path)


@pytest.mark.parametrize(("level", "n", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_there_are_no_other_tiles(level, n, width):
    with pytest.raises(ValueError, match="There is no tile"):
        tile_path(level, n, width)


def test_a_log_of_70_000_entries_has_the_tiles_that_the_specification_counts():
    found = tiles_of(70_000)

    assert [at.path for at in found if at.level == 0] == [
        *(f"tile/0/{n:03}" for n in range(273)),
        "tile/0/273.p/112",
    ]
    assert [at.path for at in found if at.level == 1] == ["tile/1/000", "tile/1/001.p/17"]
    assert [at.path for at in found if at.level == 2] == ["tile/2/000.p/1"]
    assert [(at.n, at.width) for at in found if at.level is None] == [*((n, 256) for n in range(273)), (273, 112)]
    assert max(at.level or 0 for at in found) == 2


def test_256_entries_fill_a_tile_and_begin_the_one_above():
    assert [at.path for at in tiles_of(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert [at.path for at in tiles_of(255)] == ["tile/entries/000.p/255", "tile/0/000.p/255"]
    assert tiles_of(0) == []


@settings(deadline=None)
@given(st.integers(0, 2**18))
def test_tiles_hold_every_complete_subtree_of_their_levels_once(size):
    for level in (None, 0, 1, 2, 3):
        tiles = [at for at in tiles_of(size) if at.level == level]
        stops = [at.indexes.stop for at in tiles]
        assert [0, *stops] == [*(at.indexes.start for at in tiles), size >> 8 * (level or 0)]
        assert all(at.node_level == 8 * (level or 0) and at.is_within(size) for at in tiles)


def test_a_tile_is_served_once_the_log_has_come_so_far():
    assert TileAt(0, 1, 5).is_within(261)
    assert not TileAt(0, 1, 5).is_within(260)
    assert TileAt(0, 1, 5).is_within(600)
    assert not TileAt(1, 0, 1).is_within(255)
    assert TileAt(1, 0, 1).is_within(256)
    assert TileAt(None, 0).is_within(256)
    assert not TileAt(None, 0).is_within(255)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_entries_back(entries):
    assert unbundled(bundle(entries)) == entries


def test_a_bundle_is_lengths_and_entries():
    assert bundle([b"one", b"", b"\xff" * 258]) == b"\x00\x03one\x00\x00\x01\x02" + b"\xff" * 258
    assert unbundled(bundle([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(ValueError, match="65,536 bytes"):
        bundle([b"x" * 65_536])


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_bundle_that_is_cut_off_is_refused(cut):
    whole = bundle([b"three", b"four"])
    if cut == 6:  # between two entries
        assert unbundled(whole[:-cut]) == [b"three"]
        return
    with pytest.raises(ValueError, match="in the middle"):
        unbundled(whole[:-cut])
