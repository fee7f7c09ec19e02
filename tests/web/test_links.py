"""Signed links in letters: opening one shows what would happen, its button does it, and nobody is signed in by it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from exchange.domain import clocks, corrections, favors, leaving, responses, unasked
from exchange.mail import VERBS, links
from exchange.mail.render import render
from exchange.storage.db import Base, db
from exchange.storage.favor import Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership, MembershipState
from exchange.storage.post import Post, Response
from tests.builders import answered, favors_of, needed, offered
from tests.mail.reading import part
from tests.people import NOON, Clock, joined
from tests.web.reader import Page, Reader

DAY = timedelta(days=1)
ALL = sorted(VERBS)
Database = dict[str, list[Any]]


@dataclass
class Sent:
    """A letter that asks for something: to whom, the path of its link, and what the page says."""

    verb: str
    to: Membership
    row: int
    path: str
    title: str
    button: str
    done: Callable[[], bool]


def link_to(member: Membership, kind: str, verb: str) -> str:
    """The path of a signed link, as it stands in the newest letter of a kind to a member."""
    letter = db.session.scalars(
        select(Letter).filter_by(kind=kind, person_id=member.person_id).order_by(Letter.id.desc())
    ).first()
    assert letter is not None, f"no {kind} was written to {member.name}"
    found = re.findall(r"http://exchange\.example(/do/\S+)", part(render(letter, settings=_settings()), "plain"))
    (path,) = {address for address in found if f".{verb}." in address}
    return str(path)


def _settings() -> Any:
    from flask import current_app

    return current_app.extensions["settings"]


def favor_now(favor: Favor) -> Favor:
    return db.session.get_one(Favor, favor.id)


def test_a_link_from_before_somebody_left_stays_dead_when_they_are_back(reader, session, ada, ben, cleo, clock):
    letter = _confirm(ada, ben, cleo, clock)
    leaving.leave(by=ben, at=clock.pass_by(hours=1))
    ben.state = MembershipState.ACTIVE  # as an invitation does; `ended_at` stays
    session.commit()
    clock.pass_by(hours=1)
    page = reader.visit(letter.path)

    assert page.status == 410
    assert "ended with your membership" in page.text
    assert favor_now(session.get_one(Favor, letter.row)).state == "delivered"


@pytest.fixture
def sent(request: pytest.FixtureRequest, ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    """A letter with a link that does what the parameter says, written by the verbs that write it."""
    made: Callable[..., Sent] = globals()[f"_{request.param}"]
    return made(ada, ben, cleo, clock)


def _confirm(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    favor = unasked.helped(ben.number, by=ada, category="advice", title="An hour on tax", at=NOON)
    path = link_to(ben, "please_confirm", "confirm")
    done = lambda: favor_now(favor).state == "confirmed"  # noqa: E731
    return Sent("confirm", ben, favor.id, path, "Did Ada Farouk help you?", "It happened, thank you", done)


def _deliver(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    post = needed(ben, title="An hour on tax")
    favor = responses.accept(post.id, answered(post, ada).id, by=ben, at=NOON)
    clocks.due(at=clock.pass_by(days=14))
    path = link_to(ada, "did_it_happen", "deliver")
    done = lambda: favor_now(favor).state == "delivered"  # noqa: E731
    return Sent("deliver", ada, favor.id, path, "Have you helped Ben Castellanos?", "It happened", done)


def _offered_place(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Response:
    post = offered(ada, title="An hour on tax")
    answered(post, ben)
    waits = responses.answer(post.id, by=cleo, text="", at=NOON, standing_by=True)
    favors.cancel(favors_of(db.session(), post)[0].id, by=ben, at=clock.pass_by(hours=1))
    return waits


def _accept_place(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    response = _offered_place(ada, ben, cleo, clock)
    path = link_to(cleo, "offered", "accept_place")
    done = lambda: db.session.get_one(Response, response.id).state == "accepted"  # noqa: E731
    return Sent("accept_place", cleo, response.id, path, "A place is free for you", "I take the place", done)


def _pass_place(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    response = _offered_place(ada, ben, cleo, clock)
    path = link_to(cleo, "offered", "pass_place")
    done = lambda: db.session.get_one(Response, response.id).state == "passed"  # noqa: E731
    title = "You would rather not have the place?"
    return Sent("pass_place", cleo, response.id, path, title, "Let it go to the next", done)


def _extend(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    post = needed(ada, title="An hour on tax", closes_at=NOON + 3 * DAY)
    clocks.due(at=clock.pass_by(days=2, hours=1))
    path = link_to(ada, "closing_soon", "extend")
    done = lambda: db.session.get_one(Post, post.id).closes_at == NOON + 10 * DAY  # noqa: E731
    return Sent("extend", ada, post.id, path, "Nobody has answered yet", "Give it another week", done)


def _not_me(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title="An hour on tax", at=NOON)
    path = link_to(ada, "helped_by", "not_me")
    done = lambda: favor_now(favor).voided_by is not None  # noqa: E731
    return Sent("not_me", ada, favor.id, path, "Was it you who helped Ben Castellanos?", "That was not me", done)


def _agree_correction(ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> Sent:
    favor = unasked.helped_by(ada.number, by=ben, category="advice", title="An hour on tax", at=NOON)
    correction = corrections.propose(favor.id, by=ben, why="It was two hours.", at=NOON)
    path = link_to(ada, "correction_proposed", "agree_correction")
    done = lambda: favor_now(favor).voided_by is not None  # noqa: E731
    title = "Ben Castellanos proposes a correction"
    return Sent("agree_correction", ada, correction.id, path, title, "I agree", done)


def database() -> Database:
    """Every row there is."""
    db.session.commit()
    tables = Base.metadata.sorted_tables
    return {table.name: sorted(map(repr, db.session.execute(select(table)))) for table in tables}


every_verb = pytest.mark.parametrize("sent", ALL, indirect=True)


@every_verb
def test_opening_it_shows_what_will_happen_and_does_nothing(reader: Reader, sent: Sent) -> None:
    before = database()
    for _ in range(2):
        page = reader.visit(sent.path)

        assert (page.status, page.title) == (200, sent.title)
        assert page.soup.main is not None
        assert [" ".join(b.get_text().split()) for b in page.soup.main.find_all("button")] == [sent.button]
        assert len(page.soup.main.find_all("form")) == 1
        assert "An hour on tax" in page.main()
        assert "Opening this page changed nothing" in page.main()
    assert database() == before


@every_verb
def test_what_programs_do_with_links_does_nothing(reader: Reader, sent: Sent) -> None:
    before = database()

    assert reader.send("HEAD", sent.path).status_code == 200
    assert reader.send("OPTIONS", sent.path).status_code == 200
    for header in ("Purpose", "Sec-Purpose", "X-Moz"):
        assert reader.send("GET", sent.path, headers={header: "prefetch"}).status_code == 200
    for method in ("PUT", "DELETE", "PATCH"):
        assert reader.send(method, sent.path).status_code == 405
    assert database() == before


@every_verb
def test_its_button_does_it_and_signs_nobody_in(reader: Reader, sent: Sent) -> None:
    page = reader.visit(sent.path).press(sent.button)

    assert (page.status, page.title) == (200, "Done")
    assert sent.done()
    assert page.soup.main is not None
    assert page.soup.main.find("form") is None
    nobody_is_signed_in(reader)


def nobody_is_signed_in(reader: Reader) -> None:
    for path in ("/g/bar/", "/g/bar/log", "/me"):
        answer = reader.send("GET", path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in")
    with reader.client.session_transaction() as cookie:
        assert "_user_id" not in cookie


@every_verb
def test_a_second_press_is_refused_with_a_sentence(reader: Reader, sent: Sent) -> None:
    page = reader.visit(sent.path)
    page.press(sent.button)
    before = database()
    again = page.press(sent.button)

    assert again.status == 409
    assert again.title.endswith(".")
    assert "Nothing of yours was lost or changed." in again.main()
    assert database() == before
    nobody_is_signed_in(reader)


def changed(path: str) -> list[str]:
    """The link as somebody could have changed it."""
    base, _, token = path.rpartition("/")
    signature, said = token.split(".", 1)
    verb, row, member, issued = said.split(".")
    other = "deliver" if verb == "confirm" else "confirm"
    forged = [
        f"{signature}.{other}.{row}.{member}.{issued}",
        f"{signature}.{verb}.{int(row) + 1}.{member}.{issued}",
        f"{signature}.{verb}.{row}.{int(member) + 1}.{issued}",
        f"{signature}.{verb}.{row}.{member}.{int(issued) + 1}",
        f"{signature[:-1]}.{said}",
        f".{said}",
        token[:-1],
        "nonsense",
    ]
    return [f"{base}/{token}" for token in forged]


@every_verb
def test_a_changed_link_is_not_there(reader: Reader, sent: Sent, monkeypatch: Any, app: Any) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    before = database()
    for path in changed(sent.path):
        assert reader.visit(path).status == 404, path
        assert reader.post(path).status == 404, path
    assert database() == before


@every_verb
def test_it_is_good_for_60_days(reader: Reader, sent: Sent, clock: Clock) -> None:
    page = reader.visit(sent.path)
    issued = int(sent.path.rpartition(".")[2])
    clock.at = clock.at.fromtimestamp(issued, tz=clock.at.tzinfo) + 60 * DAY
    assert reader.visit(sent.path).status == 200

    clock.pass_by(seconds=1)
    before = database()
    late, pressed = reader.visit(sent.path), page.press(sent.button)
    assert late.status == pressed.status == 410
    assert "60 days" in late.title
    assert database() == before


@pytest.mark.parametrize(
    "how", [leaving.suspend, leaving.end, leaving.erase, "leave"], ids=lambda how: getattr(how, "__name__", how)
)
@pytest.mark.parametrize("sent", ALL, indirect=True)
def test_it_ends_with_the_membership(reader: Reader, olga: Membership, sent: Sent, clock: Clock, how: Any) -> None:
    page = reader.visit(sent.path)
    if how == "leave":
        leaving.leave(by=sent.to, at=clock())
    else:
        how(sent.to.id, at=clock())
    before = database()

    assert reader.visit(sent.path).status == 410
    assert page.press(sent.button).status == 410
    assert database() == before


@every_verb
def test_a_link_of_one_member_is_of_no_use_for_another(
    reader: Reader, sent: Sent, olga: Membership, sam: Membership, session: Any, group: Any, monkeypatch: Any, app: Any
) -> None:
    """Even if our own letters had a mistake in them."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    dora = joined(session, group, "Dora Weiss")
    before = database()
    for member in (olga, sam, dora):
        address = links.link(_settings(), verb=sent.verb, row=sent.row, member=member.id, at=NOON)
        path = address.removeprefix("http://exchange.example")

        assert reader.visit(path).status == 404
        assert reader.post(path).status == 404
    assert database() == before


@pytest.mark.parametrize("verb", ["confirm", "deliver", "not_me", "agree_correction"])
def test_a_link_of_one_side_is_of_no_use_for_the_other(
    reader: Reader,
    ada: Membership,
    ben: Membership,
    cleo: Membership,
    clock: Clock,
    monkeypatch: Any,
    app: Any,
    verb: str,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    sent: Sent = globals()[f"_{verb}"](ada, ben, cleo, clock)
    other = ben if sent.to.id == ada.id else ada
    path = links.link(_settings(), verb=verb, row=sent.row, member=other.id, at=NOON)
    before = database()

    assert reader.post(path.removeprefix("http://exchange.example")).status == 403
    assert database() == before


@every_verb
def test_without_the_token_of_its_form_nothing_happens(reader: Reader, sent: Sent) -> None:
    before = database()

    assert reader.send("POST", sent.path).status_code == 400
    stranger = Reader(reader.app)
    stolen = reader.visit(sent.path).form(sent.button).find("input", attrs={"name": "csrf_token"})
    assert stolen is not None
    answer = stranger.send("POST", sent.path, data={"csrf_token": str(stolen.get("value"))})
    assert answer.status_code == 400
    assert database() == before


@every_verb
def test_it_is_done_for_its_reader_whoever_is_signed_in(reader: Reader, olga: Membership, sent: Sent) -> None:
    as_olga = reader.as_(olga)
    assert as_olga.visit(sent.path).press(sent.button).title == "Done"

    assert sent.done()
    assert as_olga.visit("/me").main().count("olga@bar.example") == 1


def test_thanks_go_along(reader: Reader, ada: Membership, ben: Membership, cleo: Membership, clock: Clock) -> None:
    sent = _confirm(ada, ben, cleo, clock)
    too_long: Page = reader.visit(sent.path).press(sent.button, thanks="x" * 1001)
    assert too_long.status == 422
    assert "1,001 characters; 1,000 fit" in too_long.main()
    assert not sent.done()

    too_long.press(sent.button, thanks="You found the gap in clause 9.")
    assert db.session.get_one(Favor, sent.row).thanks == "You found the gap in clause 9."


@every_verb
def test_what_is_done_is_not_promised_again(reader: Reader, sent: Sent) -> None:
    reader.visit(sent.path).press(sent.button)
    page = reader.visit(sent.path)

    assert page.status == 200
    assert page.soup.main is not None
    assert page.soup.main.find("button") is None
    assert "cannot be done any more" in page.main() or "already" in page.main()


def test_every_verb_has_its_test() -> None:
    assert {f"_{verb}" for verb in VERBS} <= set(globals())
