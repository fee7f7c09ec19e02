"""exchange export favors: what members may see, as a file that can be imported again."""

import csv
import io

from exchange.cli import main
from exchange.domain import favors, imports, unasked
from tests.people import NOON, founded, joined


def rows(runner, *words):
    result = runner.invoke(main, ["export", "favors", *words])
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_every_favor_is_a_line_oldest_first(runner, favor, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON)
    unasked.helped_by(ben.number, by=ada, category="review", title="A clause", at=NOON)

    assert rows(runner, "bar") == [
        {
            "giver": "ada@bar.example",
            "receiver": "ben@bar.example",
            "at": "2026-10-15",
            "category": "advice",
            "title": "An hour on the escrow clause",
            "withheld": "0",
        },
        {
            "giver": "ben@bar.example",
            "receiver": "ada@bar.example",
            "at": "2026-10-15",
            "category": "review",
            "title": "A clause",
            "withheld": "0",
        },
    ]


def test_a_withheld_pair_is_named_to_its_two_only(runner, favor, ada, ben, cleo):
    favors.withhold(favor.id, by=ada)
    favors.confirm(favor.id, by=ben, at=NOON)

    for words in (["bar"], ["bar", "--as", "cleo@bar.example"]):
        (row,) = rows(runner, *words)
        assert (row["giver"], row["receiver"], row["title"], row["at"]) == ("", "", "", "2026-10-01")
    (row,) = rows(runner, "bar", "--as", "ada@bar.example")
    assert (row["giver"], row["receiver"]) == ("ada@bar.example", "ben@bar.example")


def test_what_was_made_void_is_left_out(runner, favor, ada, ben):
    unasked.not_me(unasked.helped_by(ada.number, by=ben, category="advice", title="x", at=NOON).id, by=ada, at=NOON)

    assert rows(runner, "bar") == []


def test_an_export_can_be_imported_into_another_group(session, runner, favor, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON)
    other = founded(session, "two", "Another circle", "otto@two.example")
    for name, member in (("Ada Farouk", ada), ("Ben Castellanos", ben)):
        joined(session, other, name, email=member.person.email)
    exported = runner.invoke(main, ["export", "favors", "bar"]).stdout

    assert imports.favors("two", exported.encode(), at=NOON).added == 1


def test_a_stranger_is_refused(runner, group, sam):
    result = runner.invoke(main, ["export", "favors", "bar", "--as", "sam@med.example"])

    assert (result.exit_code, "no active member" in result.stderr) == (1, True)
