"""The numbers on a member's page: words beside each, a picture with its table, and what only the member sees."""

from datetime import timedelta

from exchange.domain import unasked
from tests.people import NOON

DAY = timedelta(days=1)


def helped(giver, receiver, *, at=NOON - DAY, category="advice", withheld=False):
    return unasked.helped_by(
        giver.number, by=receiver, category=category, title="An hour on tax", withheld=withheld, at=at
    )


def test_the_picture_has_a_title_words_and_its_table(reader, ada, ben, cleo):
    helped(ada, ben)
    helped(ada, cleo, at=NOON - 40 * DAY)
    page = reader.as_(ben).visit(f"/g/bar/members/{ada.number}")
    picture = page.soup.select_one(".strip svg")
    table = page.soup.select_one("main table")

    assert picture.title.get_text() == "Advice, month by month"
    assert picture.find("desc").get_text().startswith("Above the line 2 given")
    assert len(picture.find_all("circle", class_="gave")) == 2
    assert page.soup.select_one(".strip .figures").get_text() == "gave 2"
    assert "September 2026 gave 1 October 2026 gave 1" in " ".join(table.get_text(" ").split())
    assert "Gave 2, received 0, with 2 different people in the last twelve months" in page.main()


def test_a_month_never_has_more_than_five_dots_and_says_how_many_each_stands_for(reader, ada, ben):
    for _ in range(12):
        helped(ada, ben)
    page = reader.as_(ben).visit(f"/g/bar/members/{ada.number}")

    assert len(page.soup.select(".strip circle")) == 4
    assert "Each dot is up to three favors" in page.main()


def test_only_the_member_sees_what_is_withheld_and_that_it_is_too_early_to_say(reader, ada, ben):
    helped(ada, ben, withheld=True)
    path = f"/g/bar/members/{ada.number}"
    own = reader.as_(ada).visit(path).soup.select_one(".private")

    assert own.select_one(".only").get_text().strip() == "Only you see this part"
    said = " ".join(own.get_text(" ").split())
    assert "Too early to say" in said
    assert "There is one favor so far" in said
    assert "Advice : gave 1" in said
    assert reader.as_(ben).visit(path).soup.select_one(".private") is None
    assert "Nothing given or received" in reader.as_(ben).visit(path).main()


def test_after_ten_favors_the_member_sees_with_whom_it_went_both_ways(reader, ada, ben, cleo):
    for _ in range(8):
        helped(ada, ben)
    helped(ben, ada)
    helped(cleo, ada)
    own = reader.as_(ada).visit(f"/g/bar/members/{ada.number}").soup.select_one(".private")

    assert "1 person with whom it went both ways" in own.get_text()
    assert own.select_one("svg[role=img] desc").get_text().startswith("Both ways with 1")
    assert "Not once in the last twelve months" in own.get_text()


def test_the_groups_page_tells_its_totals_with_words_and_a_table(reader, ada, ben, cleo, olga):
    helped(olga, ben, at=NOON - 40 * DAY)
    helped(ada, ben)
    helped(cleo, ben, withheld=True)
    page = reader.as_(cleo).visit("/g/bar/numbers")
    said = page.main()

    assert page.title == "Our giving"
    assert "3 favors since October 2025" in said
    assert "The organisers first" in said
    assert "Olga Petrenko gave 1, received 0, 1 person" in said
    assert "Of 3 favors, one stands in the log without names" in said
    assert "3 favors, 1 without names" in said
    table = " ".join(page.soup.select_one("main table").get_text(" ").split())
    assert "September 2026 1 1 October 2026 2 2 1" in table
    assert page.soup.select_one("#months-h").find_next("svg").title.get_text() == "Favors by month"


def test_no_member_but_the_organisers_stands_on_the_groups_page(reader, ada, ben, cleo):
    helped(ada, ben)
    page = reader.as_(cleo).visit("/g/bar/numbers")

    assert "Ada" not in page.main()
    assert "Ben" not in page.main()


def test_a_group_without_favors_is_asked_to_begin(reader, ada):
    page = reader.as_(ada).visit("/g/bar/numbers")

    assert "No favor stands in the log of the last twelve months" in page.main()
    assert page.follow("Post a need or an offer").status == 200
