"""The board says in a sentence who could be helped, and by whom."""

import pytest

from tests.builders import needed, offered
from tests.people import NOON, joined


@pytest.fixture
def cleo_can_help(session, cleo):
    cleo.can_help_with, cleo.would_love = "cargo insurance", "golf"
    session.commit()


def opening(page):
    """The sentence under the greeting."""
    return " ".join(page.soup.select_one("main .lead").get_text().split())


def test_everybody_who_needs_something_is_named_once(reader, session, group, ada, ben, cleo, cleo_can_help):
    needed(ada, title="Cargo insurance for a first year")
    needed(ada, title="Cargo insurance for a second year")
    needed(ben, title="A word on cargo insurance")
    offered(joined(session, group, "Ruth Adeyemi", email="ruth@bar.example"))

    page = reader.as_(cleo).visit("/g/bar/")

    assert opening(page).startswith("Ada and Ben need something that you could give; Ruth offers something that you")


def test_whoever_needs_two_things_needs_something(reader, ada, cleo, cleo_can_help):
    needed(ada, title="Cargo insurance for a first year", at=NOON)
    needed(ada, title="Cargo insurance for a second year", at=NOON)

    assert opening(reader.as_(cleo).visit("/g/bar/")).startswith("Ada needs something that you could give")
