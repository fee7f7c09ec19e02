"""`exchange balances`: the log's counts, for people and for programs."""

import csv
import json
from collections import Counter

from exchange.cli.balances import balances
from exchange.domain import favors, imports
from exchange.storage.membership import MembershipState
from tests.people import NOON


def counted_from(path):
    """Balances by e-mail, counted from the file itself."""
    with path.open(newline="") as file:
        pairs = [(row["giver"], row["receiver"]) for row in csv.DictReader(file) if row["giver"] != row["receiver"]]
    given, received = Counter(giver for giver, _ in pairs), Counter(receiver for _, receiver in pairs)
    helped, helped_by = Counter(giver for giver, _ in set(pairs)), Counter(receiver for _, receiver in set(pairs))
    return lambda email: {
        "member": email,
        "given": given[email],
        "received": received[email],
        "people_helped": helped[email],
        "people_helped_by": helped_by[email],
    }


def as_json(runner):
    result = runner.invoke(balances, ["bar", "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_every_active_member_is_there_with_zeros_by_e_mail(runner, session, favor, olga, ada, ben, cleo):
    favors.confirm(favor.id, by=ben, at=NOON)
    cleo.state = MembershipState.LEFT
    session.commit()

    assert as_json(runner) == [
        {"member": "ada@bar.example", "given": 1, "received": 0, "people_helped": 1, "people_helped_by": 0},
        {"member": "ben@bar.example", "given": 0, "received": 1, "people_helped": 0, "people_helped_by": 1},
        {"member": "olga@bar.example", "given": 0, "received": 0, "people_helped": 0, "people_helped_by": 0},
    ]


def test_people_read_a_table_by_name(runner, favor, olga, ada, ben):
    favors.confirm(favor.id, by=ben, at=NOON)

    assert runner.invoke(balances, ["bar"]).stdout.splitlines() == [
        "member                             gave  received  people helped  helped by people",
        "Ada Farouk       ada@bar.example      1         0              1                 0",
        "Ben Castellanos  ben@bar.example      0         1              0                 1",
        "Olga Petrenko    olga@bar.example     0         0              0                 0",
    ]


def test_the_lawyers_advice_adds_up_as_it_does_in_the_file(runner, group, shared_data):
    lazega = shared_data / "lazega"
    imports.members("bar", (lazega / "members.csv").read_bytes(), at=NOON)
    imports.favors("bar", (lazega / "advice.csv").read_bytes(), at=NOON)

    found = [row for row in as_json(runner) if row["member"].endswith("@lazega.example")]
    expected = counted_from(lazega / "advice.csv")
    assert len(found) == 71
    assert sum(row["given"] for row in found) == 892
    assert found == [expected(row["member"]) for row in found]


def test_an_unknown_group_is_a_sentence(runner, session):
    result = runner.invoke(balances, ["nowhere"])

    assert (result.exit_code, result.stderr) == (1, "There is no group “nowhere”.\n")
