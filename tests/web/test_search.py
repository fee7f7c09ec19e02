"""Searching the group: who finds what, and what nobody finds."""

import re
from datetime import timedelta

import pytest

from exchange.domain import directory, favors, leaving, members, posts, redaction, responses, unasked
from exchange.domain import search as finding_all
from exchange.domain.posts import PostKind
from exchange.storage.post import PostState
from tests.builders import FRIDAY, answered, favors_of, index_of, needed, offered
from tests.people import NOON, joined


@pytest.fixture
def words(session, ada, ben):
    """What Ada and Ben say of themselves."""
    members.change(
        by=ada,
        firm="Étude Pereira",
        practice="Marine",
        office="Lisbon",
        contact="ada@secret.example",
        can_help_with="Cargo insurance, arbitraje",
        would_love="Opera",
    )
    members.change(
        by=ben, firm="Castellanos", practice="", office="Madrid", contact="", can_help_with="opera", would_love="Golf"
    )


@pytest.fixture
def search(reader):
    """What somebody finds for some words."""

    def find(member, typed, **more):
        return reader.as_(member).visit("/g/bar/search", q=typed, **more).main()

    return find


def test_posts_people_and_the_log_stand_on_one_page(reader, words, ada, ben, favor):
    needed(ada, title="Somebody for the opera on Friday")
    favors.confirm(favor.id, by=ben, at=NOON, thanks="The opera was wonderful.")
    page = reader.as_(ben).visit("/g/bar/search", q="ÓPERAS")

    assert [h2.get_text() for h2 in page.soup.main.find_all("h2")] == ["Posts", "People", "The log"]
    for said in ("Somebody for the opera", "Ada Farouk", "Ben Castellanos", "An hour on the escrow clause"):
        assert said in page.main()
    assert "Posts 1" in page.main()
    assert "People 2" in page.main()
    assert "Log 1" in page.main()


def test_one_sort_alone_has_filters_and_stays_in_the_address(reader, words, ada, ben):
    needed(ada, title="Opera on Friday")
    offered(ada, title="A seat at the opera", event_at=FRIDAY, place="São Paulo")
    page = reader.as_(ben).visit("/g/bar/search", q="opera").follow("Posts")

    assert "A seat at the opera" in page.main()
    only = page.press("Show", place="sao paulo")
    assert "A seat at the opera" in only.main()
    assert "Opera on Friday" not in only.main()
    assert only.response.request.full_path == "/g/bar/search?q=opera&in=posts&place=sao+paulo"


def test_a_name_finds_what_its_bearer_posted_and_gave(search, ada, ben, cleo, favor):
    needed(ada, title="Somebody at Harborline")
    favors.confirm(favor.id, by=ben, at=NOON)

    assert "Somebody at Harborline" in search(cleo, "farouk")
    assert "An hour on the escrow clause" in search(cleo, "Ada escrow")
    assert "Nothing was found" in search(cleo, "Cleo escrow")


def test_a_category_finds_what_stands_in_it(search, ada, cleo):
    needed(ada, title="Somebody at Harborline")

    assert "Somebody at Harborline" in search(cleo, "introductions")


def test_nothing_found_says_what_to_try_and_begins_a_need(reader, ben):
    page = reader.as_(ben).visit("/g/bar/search", q="submarine permits")

    assert "Nothing was found for “submarine permits”" in page.main()
    assert page.soup.main.find("a", href="/g/bar/search?q=submarine")
    form = page.follow("Post it as a need")
    assert form.soup.find("input", attrs={"name": "title"})["value"] == "submarine permits"
    assert form.soup.find("input", attrs={"name": "kind", "value": "need"}).has_attr("checked")


@pytest.mark.parametrize("typed", ["", "   ", "🎉", '"', "((", "AND", "x" * 10_000, "a* OR b:c -d", "%", "\ud7ff"])
def test_whatever_is_typed_is_answered(reader, ben, typed):
    for sort in ("", "posts", "people", "log"):
        assert reader.as_(ben).visit("/g/bar/search", q=typed, **{"in": sort}).status == 200


ADDRESSES = """
page=99999999999999999999 before=99999999999999999999 after=-1 in=x kind=x&category=x sort=x since=x
since=0001-01-01&until=9999-12-31 state=x place=%22%27 page=0
"""


@pytest.mark.parametrize("asked", ADDRESSES.split())
def test_whatever_the_address_says_is_answered(reader, ada, ben, asked):
    needed(ada)
    for page in ("search?q=harborline&in=posts&", "search?q=ada&in=people&", "search?q=x&in=log&", "?", "members/?"):
        assert reader.as_(ben).visit(f"/g/bar/{page}{asked}").status == 200


def test_a_post_that_is_hidden_is_found_by_its_author_alone(search, session, words, ada, ben, cleo):
    cleo.firm = "étude pereira"
    session.commit()
    needed(ada, title="A new job, in shipping", hidden_from_firm=True)
    needed(ada, title="Shipping clerks", hidden_from=[ben.number])
    held = needed(ada, title="Shipping held")
    held.state = PostState.HELD
    session.commit()

    assert "found" in search(ben, "shipping clerks")
    assert "A new job" in search(ben, "shipping")
    assert "Posts 1" in search(ben, "shipping")
    assert "Shipping clerks" in search(cleo, "shipping")
    assert "Posts 1" in search(cleo, "shipping")
    assert "Posts 3" in search(ada, "shipping")


def test_who_is_not_there_any_more_is_not_found_at_once(search, words, ada, ben, cleo):
    needed(ada, title="Opera on Friday")
    assert "People 2" in search(cleo, "opera")
    leaving.suspend(ada.id, at=NOON)

    assert "Farouk" not in search(cleo, "opera")
    assert "Posts 0" in search(cleo, "opera")
    leaving.leave(by=ben, at=NOON)
    assert "Nothing was found" in search(cleo, "opera")


def test_nobody_is_found_by_how_they_can_be_reached(search, words, cleo):
    assert "Nothing was found" in search(cleo, "secret")


def test_a_stranger_to_the_group_changes_nothing(search, sam, ada):
    needed(ada, title="Opera on Friday")

    assert "Posts 0" not in search(ada, "opera")
    assert "Sam" not in search(ada, "oduya")


def test_a_withheld_favor_is_found_by_the_two_and_counts_for_nobody_else(search, ada, ben, cleo, olga):
    unasked.helped_by(ada.number, by=ben, category="advice", title="Zanzibar", at=NOON, thanks="Pemba", withheld=True)

    for typed in ("zanzibar", "pemba", "zanzibar farouk"):
        assert "Log 1" in search(ada, typed)
        assert "Log 1" in search(ben, typed)
        assert "Nothing was found" in search(cleo, typed)
        assert "Nothing was found" in search(olga, typed)
    assert "Log 0" in search(cleo, "farouk")
    assert "Log 0" in search(cleo, "advice farouk") or "Nothing" in search(cleo, "advice farouk")


def test_what_was_taken_out_of_an_entry_is_found_by_nobody(search, favor, ada, ben, olga, cleo):
    favors.confirm(favor.id, by=ben, at=NOON, thanks="Mrs. Vale is relieved.")
    assert "Log 1" in search(cleo, "vale")
    redaction.take_out(index_of(favor), by=olga, why="It names a client.", at=NOON)

    for member in (ada, ben, cleo, olga):
        assert "Nothing was found" in search(member, "vale")
        assert "Nothing was found" in search(member, "escrow")


def test_who_was_forgotten_is_found_by_no_word(search, words, favor, ada, ben, cleo):
    needed(ada, title="Zanzibar")
    favors.confirm(favor.id, by=ben, at=NOON, thanks="Pemba.")
    leaving.erase(ada.id, at=NOON)

    for typed in ("farouk", "zanzibar", "pemba", "pereira", "escrow", "arbitraje"):
        for member in (ben, cleo):
            assert "Nothing was found" in search(member, typed), typed


def test_a_closed_post_is_found_by_those_inside_and_while_one_can_stand_by(search, ada, ben, cleo):
    full = offered(ada, title="Zanzibar", slots=1)
    kept = offered(ada, title="Zanzibar for two", category="advice", slots=1)
    gone = needed(ada, title="Zanzibar at last")
    answered(full, ben)
    answered(kept, ben)
    posts.withdraw(gone.id, by=ada, at=NOON)

    assert "Posts 3" in search(ada, "zanzibar")
    assert "Posts 2" in search(ben, "zanzibar")
    assert "Posts 1" in search(cleo, "zanzibar")


def test_of_another_group_nothing_is_found_whatever_its_state(session, search, sam, ada, ben, cleo):
    elsewhere = joined(session, sam.group, "Ada Farouk", email=ada.person.email)
    needed(elsewhere, title="Zanzibar")
    posts.withdraw(needed(elsewhere, title="Zanzibar at last").id, by=elsewhere, at=NOON)
    answered(offered(elsewhere, title="Zanzibar for one", slots=1), sam)

    assert "Nothing was found" in search(ada, "zanzibar")
    assert "Nothing was found" in search(ada, "zanzibar farouk")


def test_of_more_than_are_counted_the_newest_come_first_and_all_of_them_page_by_page(
    reader, search, ada, ben, cleo, monkeypatch
):
    monkeypatch.setattr(finding_all, "FEW", 2)
    monkeypatch.setattr(finding_all, "MOST", 3)
    monkeypatch.setattr(finding_all, "PAGE", 2)
    for n in range(7):
        at, withheld = NOON + timedelta(minutes=n), n in {0, 6}
        unasked.helped_by(ada.number, by=ben, category="advice", title=f"Zanzibar {n}", withheld=withheld, at=at)
        needed(ada, title=f"Pemba {n}", at=at)

    for member, newest in ((ben, 6), (cleo, 5)):
        first = search(member, "zanzibar")
        assert "Log 4" in first  # one more than are counted: "more than", where as many are
        assert [f"Zanzibar {n}" in first for n in range(7)] == [n in {newest, newest - 1} for n in range(7)]
        page, seen = reader.as_(member).visit("/g/bar/search", q="zanzibar", **{"in": "log"}), []
        seen += re.findall(r"Zanzibar (\d)", page.main())
        while page.soup.main.find("a", string=re.compile("Older entries")):
            page = page.follow("Older entries")
            seen += re.findall(r"Zanzibar (\d)", page.main())
        assert seen == ([*"6543210"] if member is ben else [*"54321"])
    assert [n for n in range(7) if f"Pemba {n}" in search(cleo, "pemba")] == [5, 6]
    assert "Posts 4" in search(cleo, "pemba")


@pytest.mark.parametrize("who", ["ada", "ben", "cleo", "olga"])
def test_what_is_found_is_what_can_be_opened(session, reader, ada, ben, cleo, olga, who):
    """Every sort of post in every state, against the page of each."""
    people = {"ada": ada, "ben": ben, "cleo": cleo, "olga": olga}
    made = []
    for number in range(30):
        kind = {"kind": PostKind.OFFER if number % 2 else PostKind.NEED}
        post = offered(
            ada,
            title=f"Zanzibar {number}",
            category="advice" if number % 3 else "other",
            slots=1 + number % 2,
            hidden_from=[cleo.number] if number % 5 == 0 else [],
            event_at=None if number % 4 else FRIDAY,
            closes_at=NOON + timedelta(hours=1 + number % 3),
            **kind,
        )
        if number % 7 < 3:
            response = answered(post, ben)
            if number % 7 == 2 and response.state == "waiting":
                responses.take_back(post.id, by=ben, at=NOON)
        for favor in favors_of(session, post)[:1]:
            if number % 11 == 0:
                favors.cancel(favor.id, by=ben, at=NOON)
        if number % 7 == 5:
            posts.withdraw(post.id, by=ada, at=NOON)
        if number % 8 == 7:
            post.state, post.was, post.closed_because = PostState.HIDDEN, post.closed_because, None
            session.commit()
        made.append(post.id)
    reader.app.extensions["clock"].pass_by(hours=2)
    here = reader.as_(people[who])
    opened = {post_id for post_id in made if here.send("GET", f"/g/bar/posts/{post_id}").status_code == 200}
    page = here.visit("/g/bar/search", q="zanzibar", **{"in": "posts"})
    found = {int(a["href"].rsplit("/", 1)[1]) for a in page.soup.select(".lines h3 a")}

    assert found == opened
    assert opened


def test_the_directory_finds_by_help_wish_firm_practice_and_office(reader, words, ada, ben, cleo):
    here = reader.as_(cleo).visit("/g/bar/members/")

    assert "Ada Farouk" in here.press("Show", help="insur").main()
    assert "Ben Castellanos" not in here.press("Show", help="arbitrajes").main()
    assert "Ada Farouk" in here.press("Show", love="opera").main()
    assert "Ben Castellanos" not in here.press("Show", love="opera").main()
    assert "Ada Farouk" in here.press("Show", firm="etude", practice="marine", office="lisbon").main()
    alone = here.press("Show", office="Madrid", q="ben")
    assert "One member fits." in alone.main()
    assert alone.response.request.full_path == "/g/bar/members/?q=ben&office=Madrid"
    nobody = here.press("Show", help="insurance", office="Reykjavik")
    assert "Nobody has written that" in nobody.main()
    assert "Posts that have closed" not in nobody.main()
    assert nobody.follow("Show everybody").main() == here.main()
    everywhere = nobody.follow("Look for it on the board and in the log, too.").response.request
    assert everywhere.full_path == "/g/bar/search?q=insurance+Reykjavik"


def test_the_directory_is_read_page_by_page_in_order(session, reader, group, cleo, monkeypatch):
    monkeypatch.setattr(directory, "PAGE", 3)
    for name in ("Zoë Ax", "Ábel Berg", "Mia Cruz", "Søren Dahl", "Li Wei", "Éva Fodor"):
        joined(session, group, name)
    pages = [reader.as_(cleo).visit("/g/bar/members/")]
    while pages[-1].soup.find("a", string="Next page"):
        pages.append(pages[-1].follow("Next page"))
    names = [[h2.get_text() for h2 in page.soup.select(".lines h2")] for page in pages]

    assert names[0] == ["Ábel Berg", "Cleo Marchetti", "Éva Fodor"]
    assert names[1:] == [["Li Wei", "Mia Cruz", "olga"], ["Søren Dahl", "Zoë Ax"]]
    assert [h2.get_text() for h2 in pages[2].follow("Previous page").soup.select(".lines h2")] == names[1]


def test_many_members_who_fit_are_not_counted_but_all_of_them_are_shown(reader, group, session, cleo, monkeypatch):
    monkeypatch.setattr(directory, "PAGE", 3)
    monkeypatch.setattr(directory, "MOST_FITTING", 2)
    for name in ("Zoë Ax", "Mia Ax", "Li Ax", "Éva Ax"):
        joined(session, group, name)
    first = reader.as_(cleo).visit("/g/bar/members/").press("Show", q="ax")

    assert "More than 2 members fit, by name." in first.main()
    shown = [h2.get_text() for page in (first, first.follow("Next page")) for h2 in page.soup.select(".lines h2")]
    assert shown == ["Éva Ax", "Li Ax", "Mia Ax", "Zoë Ax"]
    assert "6 members, by name." in first.follow("Show everybody").main()


@pytest.fixture(params=[2, 1_500])
def first_of_all(request, monkeypatch):
    """How many members are looked through by name before all who fit are found; the statements are made again."""
    monkeypatch.setattr(directory, "FIRST", request.param)
    made = (directory.ids, finding_all._everywhere)
    for one in made:
        one.cache_clear()
    yield
    for one in made:
        one.cache_clear()


@pytest.mark.usefixtures("first_of_all")
def test_people_are_found_by_name_wherever_they_stand(session, group, search, reader, cleo):
    for name in ("Abel Berg", "Mia Ax", "Zoë Ax", "Éva Ax", "Yves Dahl"):
        joined(session, group, name)
    page = reader.as_(cleo).visit("/g/bar/search", q="ax")

    assert [h3.get_text() for h3 in page.soup.select(".lines h3")] == ["Éva Ax", "Mia Ax", "Zoë Ax"]
    assert "Nothing was found" in search(cleo, "falconry")


def test_the_board_is_filtered_and_ordered_by_plain_forms(reader, ada, ben):
    needed(ada, title="First", closes_at=FRIDAY)
    offered(ada, title="Second", event_at=FRIDAY + timedelta(days=9), closes_at=FRIDAY, place="Lyon")
    offered(ada, title="Third", event_at=FRIDAY + timedelta(days=3), closes_at=NOON + timedelta(hours=9))
    here = reader.as_(ben).visit("/g/bar/")

    def titles(page):
        return [h3.get_text() for h3 in page.soup.select("#all .lines h3")]

    assert titles(here) == ["Third", "First", "Second"]
    newest = here.press("Show", sort="newest")
    assert titles(newest) == ["Third", "Second", "First"]
    assert newest.response.request.full_path == "/g/bar/?sort=newest"
    assert titles(here.press("Show", sort="event")) == ["Third", "Second", "First"]
    assert titles(here.press("Show", since="2026-10-20")) == ["Second"]
    assert titles(here.press("Show", until="2026-10-19")) == ["Third"]
    assert titles(here.press("Show", place="lyon")) == ["Second"]
    nothing = here.press("Show", place="Atlantis", kind="need")
    assert "No open post fits that." in nothing.main()
    assert "Look among closed posts, too" in nothing.main()


def test_a_place_stands_on_the_post_and_on_the_board(reader, ada, ben):
    post = offered(ada, place="  Fernhill  House ")

    assert "Fernhill House" in reader.as_(ben).visit(f"/g/bar/posts/{post.id}").main()
    assert "Saturday, 17 October, Fernhill House" in reader.as_(ben).visit("/g/bar/").main()
