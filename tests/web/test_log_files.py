"""The addresses that programs read: what they give, to whom, and for how long."""

import gzip
import json
import re

import pytest

from exchange.domain import unasked
from exchange.log import signing
from exchange.log.append import head_of
from exchange.log.checkpoint import read
from exchange.log.tiles import tiles_of, unbundled
from exchange.log.tree import EMPTY_ROOT, root
from tests.log.growing import grown, leaf_hashes, plain
from tests.log.refusing import set_back
from tests.people import NOON

LOG = "/g/bar/log"


@pytest.fixture
def get(reader, ada):
    """Ada's browser fetches a file of the log."""
    return lambda path, **headers: reader.as_(ada).send("GET", f"{LOG}/{path}", headers=headers)


@pytest.fixture
def grow(session, group):
    """More entries, whatever they say."""
    return lambda count: grown(session, group.id, plain(count))


def test_the_checkpoint_is_signed_by_the_key_beside_it_over_all_entries(session, group, get, grow):
    head = grow(20)
    answer, key = get("checkpoint"), get("vkey")
    stated = read(answer.data, key.text.strip())

    assert (answer.content_type, key.content_type) == ("text/plain; charset=utf-8",) * 2
    assert (stated.size, stated.root) == (head.size, root(leaf_hashes(session, head.log_id)))
    assert key.text.endswith("\n")
    assert stated.root != EMPTY_ROOT


def test_a_checkpoint_is_fresh_after_seconds_and_a_tile_for_days_and_both_for_one_reader(get, grow):
    grow(300)

    assert get("checkpoint").headers["Cache-Control"] == get("vkey").headers["Cache-Control"] == "private, max-age=5"
    for tile in ("tile/0/000", "tile/0/001.p/7", "tile/entries/000"):
        assert get(tile).headers["Cache-Control"] == "private, max-age=604800, immutable"
        assert {"Authorization", "Cookie"} <= set(get(tile).vary)


def test_the_tiles_give_the_whole_log(session, get, grow):
    head = grow(300)
    get("checkpoint")
    served = {tile.path: get(tile.path) for tile in tiles_of(head.size)}

    assert {answer.status_code for answer in served.values()} == {200}
    assert {answer.content_type for answer in served.values()} == {"application/octet-stream"}
    hashes = b"".join(served[path].data for path in sorted(served) if path.startswith("tile/0/"))
    assert hashes == b"".join(leaf_hashes(session, head.log_id))
    entries = [entry for path in sorted(served) if "entries" in path for entry in unbundled(served[path].data)]
    assert entries[-300:] == plain(300)


def test_whatever_width_a_signed_log_has_reached_is_there_and_nothing_wider(get, grow):
    size = grow(40).size
    get("checkpoint")
    for width in range(1, size + 1):
        assert len(get(f"tile/0/000.p/{width}").data) == 32 * width
        assert len(unbundled(get(f"tile/entries/000.p/{width}").data)) == width

    for tile in (f"0/000.p/{size + 1}", "0/000", f"entries/000.p/{size + 1}", "entries/000", "1/000.p/1", "0/001.p/1"):
        assert get(f"tile/{tile}").status_code == 404, tile


def test_what_is_not_signed_yet_is_not_served(get, grow):
    size = grow(5).size
    assert get("tile/0/000.p/1").status_code == 404
    get("checkpoint")
    assert get(f"tile/0/000.p/{size}").status_code == 200

    grow(5)
    assert get(f"tile/0/000.p/{size + 1}").status_code == 404
    get("checkpoint")
    assert get(f"tile/0/000.p/{size + 1}").status_code == 200


OTHERWISE = [
    "0/0", "0/00", "0/0000", "00/000", "0/x000/000", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "64/000",
    "0/-01", "entries/1", "Entries/000.p/1", "0/٠٠٠.p/1", "0/000.p/1/", "0//000.p/1", "/0/000.p/1", "8/000.p/1",
    "data/000.p/1", "0/000.P/1", "0/000%20.p/1", "0/000.p/+1", "0/999999999999999999999",
]  # fmt: skip


@pytest.mark.parametrize("path", OTHERWISE)
def test_a_path_that_is_written_otherwise_is_not_there(get, grow, path):
    grow(300)
    get("checkpoint")

    assert get(f"tile/{path}").status_code == 404


def test_entries_come_compressed_to_whoever_can_read_that(get, grow):
    grow(300)
    get("checkpoint")
    packed, bare = get("tile/entries/000", **{"Accept-Encoding": "gzip"}), get("tile/entries/000")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in bare.headers
    assert "Accept-Encoding" in packed.vary
    assert gzip.decompress(packed.data) == bare.data
    assert len(packed.data) < len(bare.data) / 2
    assert "Content-Encoding" not in get("tile/0/000", **{"Accept-Encoding": "gzip"}).headers


def test_a_bundle_holds_no_name_and_no_word(get, ada, ben):
    unasked.helped_by(ada.number, by=ben, category="advice", title="An hour on tax", at=NOON)
    size = read(get("checkpoint").data, get("vkey").text.strip()).size
    said = get(f"tile/entries/000.p/{size}").data

    assert json.loads(unbundled(said)[-1])["k"] == "favor"
    said = re.sub(rb'"[\w-]{43}"', b'"(digest)"', said)  # in which any two letters stand side by side now and then
    for word in (b"Ada", b"Ben", b"tax", b"m2", b"advice"):
        assert word not in said


def test_a_server_that_does_not_sign_says_so_and_shows_no_path_of_its_own(session, settings, group, get, grow):
    grow(5)
    get("checkpoint")
    set_back(session, group.id, settings)
    answer = get("checkpoint")

    assert answer.status_code == 503
    assert "The server does not sign the log at the moment" in answer.text
    assert str(settings.instance) not in answer.text
    assert get("tile/0/000.p/3").status_code == 200


def test_each_group_has_a_key_of_its_own(session, reader, group, ada, sam):
    keys = {reader.as_(who).send("GET", f"/g/{who.group.slug}/log/vkey").text for who in (ada, sam)}

    assert len(keys) == 2
    assert head_of(session, group.id).origin in "".join(keys)


def test_a_log_that_nobody_asked_about_is_not_signed(session, group, get, grow):
    size = grow(3).size
    assert get("vkey").status_code == 200

    assert signing.stored(session, group.id, size) is None
