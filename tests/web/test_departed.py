"""The page on which an organiser has somebody forgotten who has left."""

import pytest

from exchange.domain import leaving
from tests.people import NOON

WHY = "At their own request, by letter."


@pytest.fixture
def gone(ada):
    return leaving.leave(by=ada, at=NOON)


def test_from_the_page_of_a_former_member_to_the_line_in_the_log(reader, gone, olga, cleo):
    page = reader.as_(olga).visit(f"/g/bar/members/{gone.number}").follow("Have Ada forgotten")
    assert "Nobody can bring them back." in page.text

    log = page.press("Have them forgotten", why=WHY)
    assert "A former member is forgotten." in log.text
    said = reader.as_(cleo).visit("/g/bar/log").text
    assert "Olga Petrenko had a former member forgotten who had asked for it." in said
    assert WHY in said
    assert "Ada Farouk" not in said


def test_a_reason_that_names_them_comes_back_with_what_was_typed(reader, gone, olga):
    page = reader.as_(olga).visit(f"/g/bar/members/{gone.number}/forget")
    again = page.press("Have them forgotten", why="Ada wrote to me.")

    assert again.status == 422
    assert "Say how they asked, not who they are." in again.text
    assert "Ada wrote to me." in again.text


def test_others_find_neither_the_link_nor_the_page(reader, gone, ben, olga):
    reader = reader.as_(ben)
    assert "forgotten" not in reader.visit(f"/g/bar/members/{gone.number}").text
    assert reader.send("GET", f"/g/bar/members/{gone.number}/forget").status_code == 403
    assert reader.as_(olga).send("GET", f"/g/bar/members/{ben.number}/forget").status_code == 404
