"""Pages in the language of whoever reads them."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from exchange.cli import main
from exchange.cli.demo.make import SIGN_IN
from exchange.cli.demo.people import SLUG
from exchange.domain import groups, invitations
from exchange.domain.desk import rules
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership
from exchange.storage.person import Person
from tests import catalogue
from tests.people import HOST, NOON
from tests.web.reader import Page, Reader


def stranger(app: Flask, languages: str) -> Reader:
    """Somebody whose browser asks for these languages."""
    reader = Reader(app)
    reader.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = languages
    return reader


@pytest.fixture
def spanish_ben(session, ben: Membership) -> Membership:
    ben.person.language = "es"
    session.commit()
    return ben


def language_of(page: Page) -> str:
    assert page.soup.html is not None
    return str(page.soup.html["lang"])


@pytest.mark.parametrize(
    ("asked", "language", "title"),
    [
        ("es", "es", "Iniciar sesión"),
        ("es-MX,es;q=0.9,en;q=0.5", "es", "Iniciar sesión"),
        ("de,es;q=0.5,en;q=0.4", "es", "Iniciar sesión"),
        ("en-GB,es;q=0.5", "en", "Sign in"),
        ("de", "en", "Sign in"),
        ("", "en", "Sign in"),
        ("*", "en", "Sign in"),
        (";;q=x,", "en", "Sign in"),
    ],
)
def test_a_stranger_reads_what_the_browser_asks_for(app, session, asked, language, title):
    page = stranger(app, asked).visit("/sign-in")

    assert (language_of(page), page.title) == (language, title)


def test_a_member_reads_what_they_chose_whatever_the_browser_asks_for(app, spanish_ben):
    reader = Reader(app, spanish_ben)
    reader.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = reader.visit("/g/bar/")

    assert language_of(page) == "es"
    assert "Publicar la primera oferta" in page.text


def test_one_person_s_language_is_not_another_s(app, ada, spanish_ben):
    for _again in range(2):
        assert Reader(app, spanish_ben).visit("/g/bar/log").title == "Lo que dimos y recibimos"
        assert Reader(app, ada).visit("/g/bar/log").title == "What we gave and received"


def test_the_language_is_chosen_on_the_account_page(reader, session, ada):
    page = reader.as_(ada).visit("/me").press("Keep this", language="es")

    assert "Guardado." in page.text
    assert "Español" in page.text
    assert page.press("Guardar esto", language="en").title == "Account"


def test_and_on_the_page_of_letters(reader, session, ada):
    page = reader.as_(ada).visit("/g/bar/me/letters").press("Keep this", language="es")

    assert language_of(page) == "es"
    assert page.title == "Qué cartas recibe"


def test_a_language_that_nobody_has_written_is_refused(reader, session, ada):
    page = reader.as_(ada).visit("/me").press("Keep this", language="tlh")

    assert page.status in {400, 422}
    assert "Nothing is written in this language yet." in page.text
    assert session.get_one(Person, ada.person_id).language == "en"


def test_refusals_and_errors_are_in_it_too(app, spanish_ben):
    reader = Reader(app, spanish_ben)

    assert "No existe esa publicación." in reader.visit("/g/bar/posts/999").text
    assert "No existe esa página." in reader.visit("/nowhere").text
    at_the_door = stranger(app, "es").visit("/sign-in").press("Iniciar sesión", email="a@bar.example")
    assert "El correo o la contraseña no son correctos." in at_the_door.text


def test_what_the_libraries_say_is_in_it_too(app, session):
    with app.test_request_context(headers={"Accept-Language": "es"}):
        assert app.extensions["security"].i18n_domain.gettext("Invalid code") == "Código inválido"


def test_who_joins_keeps_the_language_of_the_invitation_s_page(app, session, olga, clock):
    invitations.invite("eva@bar.example", by=olga, at=NOON)
    session.commit()
    path = session.scalars(select(Letter).filter_by(kind="invitation")).one().facts["path"]
    page = stranger(app, "es-AR").visit(path)
    page.press("Ingresar al grupo", name="Eva Ruiz", password="un río largo y tranquilo")

    assert session.scalars(select(Person).filter_by(email="eva@bar.example")).one().language == "es"


def test_an_invitation_is_written_in_the_language_of_who_invites(session, olga):
    olga.person.language = "es"
    session.commit()
    invitations.invite("eva@bar.example", by=olga, at=NOON)

    assert session.scalars(select(Letter).filter_by(kind="invitation")).one().facts["language"] == "es"


def test_a_new_group_begins_with_words_in_the_language_of_who_makes_it(session):
    group, _token = groups.create(
        "colegio", "Colegio de Abogados", organiser="eva@colegio.example", language="es", host=HOST, at=NOON
    )

    assert [category.name for category in group.categories][:3] == ["Lugar en un evento", "Presentación", "Consejos"]
    assert rules.of(session, group.id)[0].text == "Diga de qué se trata y para quién es."
    assert session.scalars(select(Person).filter_by(email="eva@colegio.example")).one().language == "es"


def test_the_operator_says_in_which_language_a_group_begins(runner, session):
    given = ["group", "create", "colegio", "Colegio de Abogados", "--organiser", "eva@colegio.example"]
    made = runner.invoke(main, [*given, "--language", "es"])

    assert made.exit_code == 0, made.output
    assert "Colegio de Abogados is made" in made.output
    assert groups.named("colegio").categories[0].name == "Lugar en un evento"
    assert runner.invoke(main, [*given, "--language", "tlh"]).exit_code == 2


# What a page of the demo says in English without being ours: words with which its invented group began.
NAMES = {name for _kind, name, _neutral, _enabled in groups.CATEGORIES} | set(rules.USUAL)


def literal_parts(language: str) -> Iterator[str]:
    """What stands between the placeholders of each English sentence, if it is long enough to be known again."""
    for message in catalogue.kept(language):
        for sentence in {message.id} - NAMES if isinstance(message.id, str) else message.id:
            for part in re.split(r"%\(\w+\)s", sentence):
                if len(part.split()) > 3 and len(part) > 18:
                    yield " ".join(part.split())


def short_ones(language: str) -> set[str]:
    """Labels, buttons and titles: sentences that stand alone."""
    return {
        message.id
        for message in catalogue.kept(language)
        if isinstance(message.id, str) and message.id and "%(" not in message.id and message.id != message.string
    } - NAMES


def alone(soup: BeautifulSoup) -> set[str]:
    """Every piece of text of a page that stands alone, and what only a screen reader says."""
    said = {" ".join(text.split()) for text in soup.find_all(string=True)}
    for name in ("aria-label", "title", "placeholder", "alt", "data-done"):
        said |= {str(tag[name]) for tag in soup.select(f"[{name}]")}
    return said


@pytest.mark.once
def test_a_spanish_member_reads_no_english_sentence_of_ours(app, session, demo):
    """One page of each kind, as a member and as an organiser."""
    parts, labels = sorted(set(literal_parts("es"))), short_ones("es")
    urls, kinds = app.url_map.bind("exchange.example"), set()
    for address in list(SIGN_IN)[::2]:
        member = session.query(Membership).join(Person).filter(Person.email == address).one()
        member.person.language = "es"
        reader, ahead = Reader(app, member), [f"/g/{SLUG}/", "/me"]
        while ahead:
            path = ahead.pop()
            kind = address, urls.match(urlsplit(path).path)[0]
            if kind in kinds or kind[1] == "static":
                continue
            kinds.add(kind)
            page = reader.visit(path)
            if page.response.mimetype != "text/html":
                continue
            said = " ".join(page.soup.get_text(" ").split())
            assert [part for part in parts if part in said] == [], path
            assert alone(page.soup) & labels == set(), path
            links = (urlsplit(str(link["href"])) for link in page.soup.find_all("a", href=True))
            ahead += [one.path for one in links if not one.netloc and one.path.startswith("/")]
    assert len(kinds) > 40
