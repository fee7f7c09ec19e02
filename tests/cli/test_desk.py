"""`exchange desk`: what waits, without a name and without a word of it."""

import json
import re
from pathlib import Path

import pytest

from exchange import cli
from exchange.cli.desk import desk
from exchange.domain import disputes, favors, ties
from exchange.domain.ties import TieKind
from exchange.storage.desk import Act
from tests.builders import offered
from tests.domain.desk.casework import DAY, made, reported
from tests.people import NOON


def said(runner, *options):
    result = runner.invoke(desk, ["bar", *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_nothing_waits(runner, olga):
    assert said(runner) == "Nothing waits for a decision.\n"
    assert json.loads(said(runner, "--json")) == []


def test_the_oldest_stands_first(runner, olga, ada, ben, favor):
    favors.deliver(favor.id, by=ada, at=NOON)
    disputes.dispute(favor.id, by=ben, why="It was another day.", at=NOON)
    reported(offered(ada), ben, at=NOON - DAY)

    assert said(runner).splitlines() == [
        "2026-10-14 12:00 UTC  a post  reports: 1  open to 1, standing aside: 0",
        "2026-10-15 12:00 UTC  a disputed favor  ends by itself 2026-11-14 12:00 UTC  open to 1, standing aside: 0",
    ]
    first = json.loads(said(runner, "--json"))[0]
    assert (first["kind"], first["reports"], first["appeal"], first["until"]) == ("post", 1, False, None)


def test_where_nobody_is_free_it_says_so(runner, olga, ada, ben):
    ties.declare(ada.number, by=olga, kind=TieKind.FAMILY, at=NOON)
    reported(offered(ada), ben)

    assert "nobody is free: administrator" in said(runner)


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_it_tells_neither_who_nor_what(runner, olga, ada, ben, options):
    reported(offered(ada), ben, note="A trade in clients.")
    second = reported(offered(ada, title="A second place"), ben)
    made(second, olga, Act.HIDE)

    told = said(runner, *options)
    assert told.count("post") == 1
    for word in ("Ada", "Ben", "golf", "second", "trade", "@"):
        assert word not in told


def test_a_group_that_is_not_there_is_said_so(runner, olga):
    assert runner.invoke(desk, ["nowhere"]).exit_code == 1


def test_no_command_decides_anything():
    """Who operates the machine reads what waits and says who organises; deciding takes a seat at a desk."""
    found: set[str] = set()
    for file in (Path(cli.__file__).parent).rglob("*.py"):
        if "demo" not in file.parts:
            found |= set(re.findall(r"exchange\.domain\.desk(?:\.| import )(\w+)", file.read_text()))

    assert found <= {"cases", "handover", "pages", "rules"}
