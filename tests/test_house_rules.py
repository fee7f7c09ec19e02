"""The rules of the house: words that do not appear, pages and letters that are whole, files that stay small."""

import ast
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from exchange import log
from exchange.cli.demo.make import SIGN_IN, SLUG
from exchange.domain import groups, listing
from exchange.domain.members import names
from exchange.domain.waiting import waiting
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from tests.people import NOON
from tests.states import each_state
from tests.web.reader import FORBIDDEN, Reader

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 250
OF_EACH = 6  # pages of one family; the states in which they look different are opened besides


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.*")), ids=lambda path: path.name)
def test_the_interface_never_speaks_of_what_people_would_keep_score_with(path):
    assert not FORBIDDEN.search(path.read_text())


@pytest.mark.parametrize("path", sorted((ROOT / "exchange").rglob("*.py")), ids=lambda path: path.name)
def test_neither_do_the_sentences_in_the_code(path):
    for found in ast.walk(ast.parse(path.read_text())):
        if isinstance(found, ast.Call) and getattr(found.func, "id", "") in {
            "_",
            "gettext",
            "ngettext",
            "lazy_gettext",
        }:
            said = " ".join(str(word.value) for word in found.args if isinstance(word, ast.Constant))
            assert not FORBIDDEN.search(said), said
            assert "!" not in said, said


@pytest.mark.parametrize("path", sorted((ROOT / "exchange").rglob("*.py")), ids=lambda path: path.name)
def test_no_file_grows_past_250_lines(path):
    if path.parent.name != "demo":  # what invented people say is content, not code
        assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_every_template_can_be_loaded(app):
    for name in app.jinja_env.list_templates(extensions=["html", "txt"]):
        if not name.startswith("mail/"):  # letters have an environment of their own
            app.jinja_env.get_template(name)


def test_every_sentence_of_a_page_can_be_translated():
    """Text in a template that is not inside _() would stay English for ever."""
    loud = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(), flags=re.DOTALL)
        soup = BeautifulSoup(re.sub(r"<style.*?</style>", " ", bare, flags=re.DOTALL), "html.parser")
        loud += [f"{path.name}: {text.strip()}" for text in soup.find_all(string=re.compile(r"[A-Za-z]{2,} [a-z]{2,}"))]
    assert [said for said in loud if "DOCTYPE" not in said and "[if mso]" not in said] == []


def test_every_day_in_a_template_is_written_as_its_reader_writes_days():
    """A pattern such as “MMMM y” is a sentence: Spanish says “MMMM 'de' y”."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        assert not re.search(r"""(?:date|time)format\(["']""", path.read_text()), path.name


@pytest.mark.once
def test_every_page_of_the_demo_keeps_the_rules(app, session, demo):
    """Each family of pages that links lead to, and each state, as a member and as an organiser."""
    for address in list(SIGN_IN)[::2]:
        member = session.query(Membership).join(Person).filter(Person.email == address).one()
        reader = Reader(app, member)
        states = each_state(session, member)
        for path in states:
            assert reader.visit(path).status in {200, 403, 404}, path
        ahead = [f"/g/{SLUG}/", "/me", f"/g/{SLUG}/log?category=advice"]
        seen, families = set(states), Counter[str]()
        while ahead:
            path = ahead.pop()
            family = re.sub(r"\d+", "N", path)
            if path in seen or families[family] == OF_EACH:
                continue
            seen.add(path)
            families[family] += 1
            page = reader.visit(path)
            assert page.status == 200, path
            for link in page.soup.find_all("a", href=True):
                parts = urlsplit(str(link["href"]))
                if parts.netloc == "" and parts.path.startswith("/") and "before=" not in parts.query:
                    ahead.append(parts.path + (f"?{parts.query}" if parts.query else ""))
        assert len(seen) > 90
        assert len(families) > 30


def test_the_demo_shows_what_it_promises(session, demo):
    ada = session.query(Membership).join(Person).filter(Person.email.like("ada.%")).one()
    found = listing.board(seen_by=ada, at=NOON)
    titles = " ".join(post.title for post in found.posts)

    assert groups.named(SLUG).invented
    assert len(names(seen_by=ada, most=150) or ()) == 119
    assert (found.needs, found.offers) == (13, 17)
    assert "golf" in titles
    assert any(post.category == "Introduction" for post in found.posts)
    assert len(waiting(seen_by=ada, at=NOON)) >= 3
    assert log.compare(session, ada.group_id).differences == []
    assert log.size(session, ada.group_id) > 800
