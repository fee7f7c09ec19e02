"""Privacy, imprint and retention: open to everybody, and in the operator's own words once they write some."""

import pytest

from exchange.storage.site_text import SiteText, TextKind
from tests.web.reader import Reader


@pytest.fixture
def as_cleo(session, reader, cleo):
    """Cleo administers the site."""
    cleo.person.is_administrator = True
    session.commit()
    return reader.as_(cleo)


@pytest.mark.parametrize("kind", TextKind)
def test_strangers_read_the_usual_words(reader, kind):
    page = reader.visit(f"/{kind}")

    assert page.status == 200
    assert len(page.main()) > 150
    assert "#" not in page.main()


def test_every_page_leads_there(reader, ada):
    assert reader.visit("/sign-in").follow("Privacy").title == "Privacy"
    assert reader.as_(ada).visit("/g/bar/").follow("Who runs this site").title == "Who runs this site"


def test_the_administrator_writes_them_anew(as_cleo, reader):
    page = as_cleo.visit("/me").follow("Texts of this site").follow("Change: Privacy")
    assert "What is held" in page.soup.textarea.get_text()
    page = page.press("Keep this", text="## We\n\nHold *little*. <script>alert(1)</script> [x](javascript:alert(1))")

    assert page.path == "/privacy"
    text = reader.visit("/privacy").soup.select_one("main .text")
    assert text.h2.get_text() == "We"
    assert text.em.get_text() == "little"
    assert text.script is None
    assert not [link for link in text.select("a") if "javascript" in str(link.get("href"))]


@pytest.mark.parametrize("back", ["", "  ", "usual"])
def test_empty_or_unchanged_goes_back_to_the_usual_words(session, as_cleo, back):
    page = as_cleo.visit("/admin/texts/imprint")
    usual = page.soup.textarea.get_text()
    page.press("Keep this", text="Harbor Software, 1 Quay Street.")
    assert "1 Quay Street" in as_cleo.visit("/imprint").main()
    as_cleo.visit("/admin/texts/imprint").press("Keep this", text=usual if back == "usual" else back)

    assert session.query(SiteText).count() == 0
    assert "has not written here yet" in as_cleo.visit("/imprint").main()


def test_what_is_too_long_is_kept_in_the_form(as_cleo):
    page = as_cleo.visit("/admin/texts/privacy").press("Keep this", text="a" * 20_001)

    assert page.status == 422
    assert "20,000 fit" in page.main()
    assert len(page.soup.textarea.get_text().strip()) == 20_001


def test_for_members_there_is_no_such_page(reader, ada):
    for path in ("/admin/texts", "/admin/texts/privacy"):
        assert reader.as_(ada).visit(path).status == 404
    assert "Change this text" not in reader.as_(ada).visit("/privacy").text


def test_there_are_three_and_no_more(as_cleo):
    assert as_cleo.visit("/admin/texts/terms").status == 404


def test_a_reader_who_is_somewhere_else_reads_them_too(app, sam):
    assert Reader(app, sam).visit("/retention").status == 200
