"""Links that act without signing in: whole, of this house, and not older than 60 days."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.config import Settings
from exchange.mail import VERBS, Act, Expired, links
from exchange.mail.render import render
from tests.mail.reading import part
from tests.mail.samples import letter
from tests.people import NOON

SIXTY_DAYS = timedelta(days=60)


def token(settings: Settings, *, verb: str = "confirm", row: int = 812, member: int = 17) -> str:
    address = links.link(settings, verb=verb, row=row, member=member, at=NOON)
    assert address.startswith(f"{settings.base_url}/do/")
    return address.removeprefix(f"{settings.base_url}/do/")


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_link_reads_back_as_what_it_was_written_for(verb: str, settings: Settings) -> None:
    assert links.read(settings, token(settings, verb=verb), at=NOON) == Act(verb, 812, 17, NOON)


def test_the_same_letter_has_the_same_link(settings: Settings) -> None:
    assert token(settings) == token(settings)


def test_a_link_is_one_part_of_an_address_and_ends_in_a_digit(settings: Settings) -> None:
    for row in range(50):
        found = token(settings, row=row)
        assert found.isascii()
        assert not set(found) & set("/?#%& +=")
        assert found[-1].isdigit()


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.replace("confirm", "deliver"),
        lambda found: found.replace(".812.", ".813."),
        lambda found: found.replace(".17.", ".18."),
        lambda found: found[:-1] + ("0" if found[-1] != "0" else "1"),
        lambda found: found[:-1],
        lambda found: found[1:],
        lambda found: found + ".1",
        lambda found: found.partition(".")[2],
        lambda found: found.partition(".")[0],
        lambda _found: "",
        lambda _found: "....",
        lambda _found: "ß.confirm.812.17.1",
    ],
)
@pytest.mark.usefixtures("app")
def test_a_changed_link_is_refused(change, settings: Settings) -> None:
    with pytest.raises(ValueError, match="not whole"):
        links.read(settings, change(token(settings)), at=NOON)


@pytest.mark.usefixtures("app")
def test_a_link_of_another_house_is_refused(settings: Settings) -> None:
    elsewhere = replace(settings, secret_key="another secret that is also long enough")

    with pytest.raises(ValueError, match="not whole"):
        links.read(settings, token(elsewhere), at=NOON)


@pytest.mark.usefixtures("app")
def test_a_link_works_for_60_days(settings: Settings) -> None:
    found = token(settings)

    assert links.read(settings, found, at=NOON + SIXTY_DAYS).verb == "confirm"
    with pytest.raises(Expired, match="older than 60 days"):
        links.read(settings, found, at=NOON + SIXTY_DAYS + timedelta(seconds=1))


@pytest.mark.usefixtures("app")
def test_a_changed_link_does_not_say_that_it_is_old(settings: Settings) -> None:
    with pytest.raises(ValueError, match="not whole") as refused:
        links.read(settings, token(settings).replace("812", "813"), at=NOON + 2 * SIXTY_DAYS)

    assert not isinstance(refused.value, Expired)


def test_a_letter_asks_only_for_what_there_is(settings: Settings) -> None:
    with pytest.raises(ValueError, match="erase"):
        links.link(settings, verb="erase", row=1, member=1, at=NOON)


@pytest.mark.usefixtures("app")
def test_the_links_of_a_letter_are_for_its_reader(settings: Settings) -> None:
    text = part(render(letter("offered"), settings=settings), "plain")

    found = [line.rpartition("/do/")[2] for line in text.splitlines() if "/do/" in line]
    acts = [links.read(settings, each, at=NOON) for each in found]
    assert acts == [Act("accept_place", 77, 17, NOON), Act("pass_place", 77, 17, NOON)]


@pytest.mark.usefixtures("app")
def test_an_act_of_nobody_is_an_error(settings: Settings) -> None:
    nobodys = letter("offered")
    del nobodys.facts["member"]

    with pytest.raises(KeyError):
        render(nobodys, settings=settings)
