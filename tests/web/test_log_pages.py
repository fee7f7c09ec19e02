"""What members see of the proof: the panel, an entry's page, their entries checked, what they kept, the download."""

import io
import json
import re
import zipfile
from base64 import b64decode
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from exchange.domain import corrections, disputes, favors, leaving, proofs, redaction, unasked
from exchange.log import signing
from exchange.log.append import head_of
from exchange.log.checkpoint import Checkpoint, read, short_code
from exchange.log.keys import signer
from exchange.log.leaf import digest
from exchange.log.note import signed
from exchange.log.receipt import checked
from exchange.log.renew import renew
from exchange.log.tree import leaf_hash, node_hash
from exchange.log.verify import verify
from exchange.storage.membership import Role
from tests.log.growing import tampered
from tests.log.refusing import set_back
from tests.people import HOST, NOON, joined

TITLE = "An hour on the escrow clause"
LOG = "/g/bar/log"
SECOND = 2  # behind the first line and who organises


@pytest.fixture
def as_(reader):
    """`as_(ada)` is a browser with Ada signed in."""
    return reader.as_


@pytest.fixture
def entry(favor, ben):
    """The entry that Ada helped Ben."""
    index = favors.confirm(favor.id, by=ben, at=NOON, thanks="You found the gap in clause 9.").entry
    assert index is not None
    return index


@pytest.fixture
def more(ada, ben, olga, entry):
    """Six entries after it, so that there is a way to go."""
    for number in range(6):
        unasked.helped_by(olga.number, by=ben, category="review", title=f"Brief {number}", at=NOON)
    return entry


@pytest.fixture
def free(session, group):
    """An organiser who has nothing to do with anybody in it."""
    return joined(session, group, "Paula Novak", role=Role.ORGANISER)


@pytest.fixture
def note(group, settings):
    """`note()` is what the server signs now."""
    return lambda: signing.checkpoint(group.id, key=settings.log_key, folder=settings.checkpoints, at=NOON)


@pytest.fixture
def vkey(session, group, settings):
    return signing.vkey(session, group.id, key=settings.log_key)


@pytest.fixture
def receipt(favor, entry, ben, settings):
    """Ben's receipt, as text."""
    return proofs.receipt(favor.id, seen_by=ben, settings=settings, at=NOON)[1]


def panel(page):
    found = page.soup.find(id="true")
    return " ".join(found.get_text().split()), found


# The panel


def test_the_panel_says_how_many_and_the_code_to_compare(as_, entry, ada, ben, note, vkey):
    codes = set()
    for member in (ada, ben):
        said, found = panel(as_(member).visit(LOG))
        codes.add(found.select_one(".code").get_text())

    assert codes == {short_code(note())}
    assert f"all {read(note(), vkey).size} entries" in said
    assert "How do I know that this is true?" in said
    assert "for the same number of entries it has to be the same" in said
    assert note() in found.get_text()
    assert vkey in found.get_text()


def test_the_panel_leads_to_everything(as_, entry, ada):
    page = as_(ada).visit(LOG)

    assert page.follow("Check my own entries").title == "Your entries, checked"
    assert page.follow("Check a receipt").title == "Check what you have kept"
    assert page.follow("Make a read token").title == "Read tokens"
    assert "exchange log verify bar-log" in panel(page)[0]
    assert "curl -H" in panel(page)[0]


def test_while_the_server_does_not_sign_every_page_says_so(session, group, as_, entry, ada, settings):
    set_back(session, group.id, settings)

    said, found = panel(as_(ada).visit(LOG))
    assert "At the moment the server does not sign" in said
    assert found.select_one(".code") is None
    page = as_(ada).visit(f"{LOG}/{entry}")
    assert page.status == 200
    assert f"Ada Farouk helped Ben Castellanos: {TITLE}".replace("Ada Farouk", "You") in page.main()
    assert "nothing can be shown here" in page.main()
    for path in ("mine", "download"):
        assert as_(ada).visit(f"{LOG}/{path}").status == 503


# An entry's own page


def recomputed(page):
    """The root that somebody finds who has nothing but an entry's page."""
    leaf = page.soup.select_one("pre").get_text().encode()
    top = leaf_hash(leaf)
    for row in page.soup.select("tbody tr"):
        other = b64decode(row.select("td code")[0].get_text())
        top = node_hash(other, top) if "before it" in row.th.get_text() else node_hash(top, other)
        assert b64decode(row.select("td code")[1].get_text()) == top
    return leaf, top


def test_anybody_can_work_out_the_signed_fingerprint_from_an_entrys_page(as_, more, cleo, note, vkey):
    stated = read(note(), vkey)
    for index in range(stated.size):
        leaf, top = recomputed(as_(cleo).visit(f"{LOG}/{index}"))

        assert top == stated.root
        assert json.loads(leaf)["v"] == 1


def test_what_opens_the_fingerprints_stands_beside_them(as_, more, cleo):
    page = as_(cleo).visit(f"{LOG}/{more}")
    leaf, _top = recomputed(page)
    lines = [line.get_text() for line in page.soup.select("details dl.facts code")]

    assert sorted(map(digest, lines)) == sorted(json.loads(leaf)["sd"].values())
    told = {dt.get_text(): " ".join(dd.get_text().split()) for dt, dd in pairs(page)}
    assert told == {
        "Who helped": "Ada Farouk (m2)",
        "Who was helped": "Ben Castellanos (m3)",
        "What it was": TITLE,
        "Category": "Advice",
        "How it was confirmed": "by the one who was helped",
        "A tie was declared": "no",
    }
    assert list(told)[:3] == ["Who helped", "Who was helped", "What it was"]


def pairs(page):
    facts = page.soup.select_one("dl.told")
    return list(zip(facts.find_all("dt"), facts.find_all("dd"), strict=True))


def test_the_picture_says_in_words_what_it_shows(as_, more, cleo, note, vkey):
    page = as_(cleo).visit(f"{LOG}/{more}")
    picture = page.soup.select_one("svg.halves")
    size = read(note(), vkey).size
    labels = [text.get_text() for text in picture.select("text.ours")]

    assert picture["role"] == "img"
    assert {picture.find(id=name).name for name in picture["aria-labelledby"].split()} == {"title", "desc"}
    assert (labels[0], labels[-1]) == (f"all {size} entries", f"entry {more}")
    assert len(picture.select("rect.other")) == len(page.soup.select("tbody tr"))
    spans = [[int(n) for n in re.findall(r"\d+", text.get_text())] for text in picture.select("text")][1:]
    above = range(size)
    for one, two in zip(spans[::2], spans[1::2], strict=True):
        assert (one[0], one[-1] + 1, two[-1]) == (above[0], two[0], above[-1])
        above = next(range(span[0], span[-1] + 1) for span in (one, two) if span[0] <= more <= span[-1])
    assert f"entry {more} goes on" in picture.find("desc").get_text()


def test_a_log_of_one_entry_is_its_own_fingerprint(session, as_, sam, settings):
    other = joined(session, sam.group, "Tess Moreau")
    index = head_of(session, other.group_id).size - 1
    page = as_(other).visit(f"/g/med/log/{index}")

    assert page.status == 200
    assert len(page.soup.select("tbody tr")) == (0 if index == 0 else len(page.soup.select("rect.other")))


def test_the_first_line_and_every_kind_of_entry_have_a_page(as_, group, favor, entry, olga, ada, ben):
    corrections.correct(favor.id, by=olga, why="It was entered twice.", at=NOON)
    titles = [as_(olga).visit(f"{LOG}/{index}") for index in range(entry + 3)]

    assert "The first line of the log" in titles[0].main()
    assert "became an organiser" in titles[1].main()
    assert all(page.status == 200 for page in titles)
    assert as_(olga).visit(f"{LOG}/{entry + 3}").status == 404
    assert as_(olga).visit(f"{LOG}/999999999999999999999999").status == 404


def test_it_leads_to_its_neighbours_and_back_into_the_log(as_, more, cleo):
    page = as_(cleo).visit(LOG)
    link = page.soup.select_one(f"#e{more} a.no")["href"]
    page = as_(cleo).visit(link)

    assert page.title == f"Entry {more}"
    assert page.follow(f"Entry {more - 1}, before it").title == f"Entry {more - 1}"
    assert page.follow(f"Entry {more + 1}, after it").title == f"Entry {more + 1}"
    assert page.follow("In the log").soup.select_one(f"#e{more}")


def test_only_the_two_find_the_receipt_on_it(as_, more, ada, ben, cleo):
    for member, there in ((ada, True), (ben, True), (cleo, False)):
        page = as_(member).visit(f"{LOG}/{more}")
        assert ("Download the receipt" in page.main()) is there, member.name


def test_of_a_withheld_entry_others_see_the_proof_and_neither_names_nor_bytes_nor_day(as_, ada, ben, cleo):
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON, withheld=True)
    theirs, mine = (as_(member).visit(f"{LOG}/{favor.entry}") for member in (cleo, ada))

    assert "stays with those two" in theirs.main()
    assert theirs.soup.select("svg.halves")
    for word in ("Ada", "Ben", TITLE, "15 October", "2026-10-15", "(m2)"):
        assert word not in theirs.main(), word
    assert "Ada Farouk (m2)" in mine.main()
    assert "2026-10-15" in mine.main()


def test_what_is_gone_is_said_to_be_gone_and_by_which_entry(as_, more, favor, olga, free, ada, cleo, session):
    redaction.take_out(more, by=free, why="It names a client.", at=NOON)
    page = as_(cleo).visit(f"{LOG}/{more}")
    gone = {dt.get_text(): dd for dt, dd in pairs(page)}["What it was"]
    assert "says so" in gone.get_text()
    assert as_(cleo).visit(gone.a["href"]).soup.select(f"#e{head_of(session, olga.group_id).size - 1}")

    leaving.erase(ada.id, at=NOON)
    page = as_(cleo).visit(f"{LOG}/{more}")
    said = {dt.get_text(): " ".join(dd.get_text().split()) for dt, dd in pairs(page)}
    assert said["Who helped"].startswith("Gone; entry")
    assert "Ada" not in page.main()
    assert recomputed(page)


def test_what_is_gone_without_a_word_is_said_to_be_missing(session, as_, more, cleo):
    assert more == SECOND
    tampered(session, "log_opening", "DELETE FROM log_opening WHERE idx = 2 AND field = 'to'")

    assert "Missing, and no entry says why. Ask the organisers." in as_(cleo).visit(f"{LOG}/{more}").main()


# One's own entries, checked


def test_ones_own_entries_are_checked_and_it_is_said_what_that_is_worth(as_, more, ben, ada):
    page = as_(ben).visit(f"{LOG}/mine")

    assert "All 7 entries with you stand in the log as they were written." in page.main()
    assert len(page.soup.select("li.entry")) == 7
    assert "Here the server speaks about itself." in page.main()
    assert "The one entry with you stands in the log as it was written." in as_(ada).visit(f"{LOG}/mine").main()


def test_withheld_ones_are_checked_too(as_, ada, ben, olga):
    unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON, withheld=True)
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON, withheld=True)
    unasked.not_me(favor.id, by=ada, at=NOON)

    for member, count in ((ada, 3), (ben, 2)):
        page = as_(member).visit(f"{LOG}/mine")
        assert f"All {count} entries with you" in page.main(), member.name


def test_settled_forgotten_and_redacted_ones_hold_as_well(as_, session, more, favor, ada, ben, olga, free):
    second = unasked.helped(ben.number, by=ada, category="advice", title="A brief", at=NOON)
    favors.confirm(second.id, by=ben, at=NOON)
    redaction.take_out(more, by=free, why="It names a client.", at=NOON)
    leaving.erase(ada.id, at=NOON)

    for member in (ben, olga):
        page = as_(member).visit(f"{LOG}/mine")
        assert "stand in the log as they were written" in page.main()
        assert not page.soup.find(id="wrong-h")


def test_a_newcomer_has_nothing_to_check(as_, cleo):
    assert "No entry of the log names you so far" in as_(cleo).visit(f"{LOG}/mine").main()


def test_a_change_in_the_rows_that_pages_show_is_found(session, as_, more, ben):
    assert more == SECOND
    tampered(session, "log_entry", "UPDATE log_entry SET what = 'Two hours' WHERE idx = 2")
    page = as_(ben).visit(f"{LOG}/mine")

    assert "Of the 7 entries with you, one does not hold." in page.main()
    assert "The page of the log shows it otherwise than the entry itself tells." in page.main()


def test_an_opening_that_was_exchanged_is_found(session, as_, more, ben):
    assert more == SECOND
    exchanged = "UPDATE log_opening SET disclosure = 'WyJhIiwid2hhdCIsImIiXQ' WHERE idx = 2 AND field = 'what'"
    tampered(session, "log_opening", exchanged)

    assert "What is shown under “what” is not what it was written with." in as_(ben).visit(f"{LOG}/mine").main()


def test_an_opening_that_was_taken_is_found(session, as_, more, ben):
    assert more == SECOND
    tampered(session, "log_opening", "DELETE FROM log_opening WHERE idx = 2 AND field = 'what'")

    assert "What stood under “what” is gone, and no entry of the log says why." in as_(ben).visit(f"{LOG}/mine").main()


@pytest.mark.parametrize("table", ["log_leaf", "log_node"])
def test_an_entry_whose_bytes_or_whose_tree_was_changed_is_found(session, as_, more, ben, note, table):
    assert more == SECOND
    note()
    changed = {
        "log_leaf": "UPDATE log_leaf SET leaf = (SELECT leaf FROM log_leaf AS other WHERE other.idx = 3) WHERE idx = 2",
        "log_node": "UPDATE log_node SET hash = (SELECT hash FROM log_leaf WHERE idx = 0) WHERE level = 1 AND idx = 0",
    }
    tampered(session, table, changed[table])
    page = as_(ben).visit(f"{LOG}/mine")

    assert "Its bytes do not lead to the signed fingerprint" in page.main()
    assert "one does not hold" in page.main() or "7 do not hold" in page.main() or "2 do not hold" in page.main()


# What somebody kept


def hold(as_, member, text="", file=None):
    page = as_(member).visit(f"{LOG}/check")
    return page.press("Hold it against the log", text=text, file=file or (io.BytesIO(b""), ""))


def verdict(page):
    found = page.soup.find(id="verdict-h")
    return found.get_text() if found else ""


def test_a_receipt_that_holds_says_what_it_proves(as_, receipt, entry, ada, ben, note, more):
    page = hold(as_, ben, receipt)

    assert verdict(page) == "The receipt holds"
    for words in ("Ada Farouk (m2)", "Ben Castellanos (m3)", TITLE, f"Entry {entry} says what your receipt says"):
        assert words in page.main()
    assert page.soup.select_one(".code").get_text() == short_code(receipt.partition("\n\n")[2])


def test_it_can_be_the_file(as_, receipt, ben):
    page = hold(as_, ben, file=(io.BytesIO(receipt.encode()), "bar-2.tlog-proof"))

    assert verdict(page) == "The receipt holds"


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "".join(f"> {line}\n" for line in text.split("\n")),
        lambda text: f"Dear all,\n\nhere it is:\n\n{text}\nYours\n",
        lambda text: f"\ufeff{text}".replace("\n", "  \n"),
    ],
    ids=["other line ends", "quoted", "in a letter", "with blanks"],
)
def test_what_mail_programs_do_to_it_does_no_harm(as_, receipt, note, ben, changed):
    for text in (receipt, note()):
        assert verdict(hold(as_, ben, changed(text))) in {"The receipt holds", "The log still begins with exactly this"}


def test_an_older_checkpoint_is_still_the_beginning(as_, entry, note, ben, ada):
    older = note()
    unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON)
    page = hold(as_, ben, older)

    assert verdict(page) == "The log still begins with exactly this"
    assert f"{entry + 1} entries were signed then; not one of them was changed" in page.main()


def signed_by(session, group, settings, size, root=bytes(32), key=None):
    origin = head_of(session, group.id).origin
    return signed(Checkpoint(origin, size, root).text(), signer(key or settings.log_key, origin))


def test_another_log_under_the_same_key_is_called_by_its_name(session, group, settings, as_, entry, ben):
    page = hold(as_, ben, signed_by(session, group, settings, entry))

    assert verdict(page) == "The log is not the one that was signed then"
    assert "Your file proves it: keep it, show it to others" in page.main()


def test_a_log_that_was_set_back_is_found(session, group, settings, as_, entry, ben):
    page = hold(as_, ben, signed_by(session, group, settings, entry + 100))

    assert verdict(page) == "The log has fewer entries than were signed"
    assert f"{entry + 101 - 1} entries were signed, and the log holds {entry + 1}" in page.main()


def test_a_signature_of_somebody_else_is_not_believed(session, group, settings, as_, entry, ben, note):
    forged = signed_by(session, group, settings, entry, key=b"another key that nobody has, 32.")
    page = hold(as_, ben, forged)
    assert verdict(page) == "The signature is not that of this log"

    assert verdict(hold(as_, ben, note().replace(f"\n{entry + 1}\n", f"\n{entry}\n"))) == verdict(page)


def test_a_receipt_that_was_changed_does_not_hold_together(as_, receipt, ben):
    head, body = receipt.split("\nindex ", 1)
    number, rest = body.split("\n", 1)
    for broken in (f"{head}\nindex {int(number) - 1}\n{rest}", receipt.replace("\nextra ", "\nextra AAAA", 1)):
        assert verdict(hold(as_, ben, broken)) == "The receipt does not hold together"


def test_what_is_of_another_group_is_left_aside(session, as_, ben, sam, settings):
    other = signing.checkpoint(sam.group_id, key=settings.log_key, folder=settings.checkpoints, at=NOON)
    page = hold(as_, ben, other)

    assert verdict(page) == "This is of another log"
    assert head_of(session, sam.group_id).origin in page.main()


def test_what_was_kept_of_an_earlier_log_of_the_group_is_held_against_that(group, settings, as_, receipt, note, ben):
    older = note()
    renew(group.id, key=settings.log_key, folder=settings.checkpoints, host=HOST, at=NOON)

    for text in (receipt, older):
        page = hold(as_, ben, text)
        assert verdict(page) in {"The receipt holds", "The log still begins with exactly this"}
        assert "made for an earlier log of this group" in page.main()


def test_it_works_while_the_server_does_not_sign(session, group, settings, as_, receipt, ben):
    set_back(session, group.id, settings)

    assert verdict(hold(as_, ben, receipt)) == "The receipt holds"


@pytest.mark.parametrize("text", ["", "Good morning.", "c2sp", "a\nb\nc\n\nd", "\n" * 50, "— "])
def test_what_is_neither_is_refused_beside_the_field(as_, ben, text):
    page = hold(as_, ben, text)

    assert page.status == 422
    assert "there is neither a receipt nor a signed fingerprint" in page.main()


def test_a_head_without_the_rest_does_not_hold_together(as_, ben):
    assert verdict(hold(as_, ben, "c2sp.org/tlog-proof@v1\nindex 2\n\n")) == "The receipt does not hold together"


def test_what_is_far_too_long_is_refused(as_, ben):
    page = hold(as_, ben, file=(io.BytesIO(b"x" * 200_001), "x"))

    assert (page.status, "longer than any receipt" in page.main()) == (422, True)


# The receipt, and the whole of it


def test_the_two_download_their_receipts_and_nobody_else_does(as_, favor, entry, ada, ben, cleo, olga, vkey):
    for member in (ada, ben):
        answer = as_(member).send("GET", f"/g/bar/favors/{favor.id}/receipt")
        assert answer.headers["Content-Disposition"] == f"attachment; filename=bar-{entry}.tlog-proof"
        assert checked(answer.text, vkey).told["what"] == TITLE
        assert "Download your receipt" in as_(member).visit(f"/g/bar/favors/{favor.id}").main()
    for member in (cleo, olga):
        assert as_(member).send("GET", f"/g/bar/favors/{favor.id}/receipt").status_code == 404
        assert "receipt" not in as_(member).visit(f"/g/bar/favors/{favor.id}").main()


def test_before_it_stands_in_the_log_there_is_none(as_, favor, ada):
    assert as_(ada).send("GET", f"/g/bar/favors/{favor.id}/receipt").status_code == 404


def test_an_older_receipt_holds_beside_a_newer_one(as_, receipt, more, favor, ben, vkey):
    newer = as_(ben).send("GET", f"/g/bar/favors/{favor.id}/receipt").text

    assert newer != receipt
    assert checked(newer, vkey).leaf == checked(receipt, vkey).leaf


def unpacked(answer, folder):
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        archive.extractall(folder)
    return folder / "bar-log"


def test_the_download_can_be_verified_by_the_program_with_the_receipt(as_, more, receipt, ben, tmp_path):
    answer = as_(ben).send("GET", f"{LOG}/download")
    folder = unpacked(answer, tmp_path)
    (tmp_path / "mine.tlog-proof").write_text(receipt, encoding="utf-8")
    report = verify(folder, [tmp_path / "mine.tlog-proof"])

    assert report.sentences == []
    assert any("the one that it proves" in line for line in report.compared)
    assert answer.headers["Content-Disposition"] == "attachment; filename=bar-log.zip"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "exchange log verify bar-log" in (folder / "README.txt").read_text()


def test_the_download_holds_what_is_withheld_only_for_the_two(as_, ada, ben, cleo, tmp_path):
    unasked.helped_by(ada.number, by=ben, category="advice", title=TITLE, at=NOON, withheld=True)
    openings = {
        member.number: (unpacked(as_(member).send("GET", f"{LOG}/download"), tmp_path / member.name) / "openings.jsonl")
        .read_text()
        .count('"field":"what"')
        for member in (ada, ben, cleo)
    }

    assert openings == {ada.number: 1, ben.number: 1, cleo.number: 0}


def test_a_download_leaves_no_trace_in_the_log(session, group, as_, entry, olga):
    before = head_of(session, group.id).size
    assert as_(olga).send("GET", f"{LOG}/download").status_code == 200

    assert head_of(session, group.id).size == before


def test_a_dispute_that_waits_changes_nothing_of_it(as_, session, favor, ada, ben, group):
    favors.deliver(favor.id, by=ada, at=NOON)
    disputes.dispute(favor.id, by=ben, why="I was ill.", at=NOON + timedelta(hours=1))

    assert as_(ada).send("GET", f"/g/bar/favors/{favor.id}/receipt").status_code == 404


def test_the_picture_is_one_that_every_browser_can_read(as_, more, cleo):
    text = str(as_(cleo).visit(f"{LOG}/{more}").soup.select_one("svg.halves"))

    assert BeautifulSoup(text, "html.parser").svg is not None
    assert "style=" not in text
    assert "NaN" not in text
