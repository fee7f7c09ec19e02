"""What people type never reaches the program's own lines: no password, token, note or letter, whatever fails."""

import io
import json
import logging
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from exchange import create_app, logs
from exchange.domain import posts, responses
from exchange.domain.desk import reports
from exchange.mail import deliver
from exchange.storage.letter import Letter
from tests.builders import needed
from tests.mail.bag import SILENT, UNKNOWN, Bag
from tests.web.reader import Reader

PASSWORD = "a long and quiet river"
NOTE = "She sells watches in the lobby"
WORDS = "The escrow of the Tamarind deal"


@pytest.fixture
def said(monkeypatch):
    """Everything that the program and its libraries say, at their most talkative, as production writes it."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logs.configure(production=True)
    root.setLevel(logging.INFO)
    yield stream
    root.handlers, root.level = before, level


@contextmanager
def broken(monkeypatch, module, name):
    """A verb fails in the database, with what was typed among the parameters of its statement."""

    def fails(*_args, **typed):
        raise OperationalError("INSERT INTO post VALUES (?)", None, RuntimeError("disk I/O error"))

    with monkeypatch.context() as here:
        here.setattr(module, name, fails)
        yield


def test_passwords_and_tokens_stay_out(app, session, said, ada):
    ada.person.password = hash_password(PASSWORD)
    session.commit()
    Reader(app).visit("/sign-in").press("Sign in", email=ada.person.email, password="a wrong quiet guess")
    Reader(app).visit("/sign-in").press("Sign in", email=ada.person.email, password=PASSWORD)
    Reader(app).visit("/reset").press("Send the link", email=ada.person.email)
    path = session.scalars(select(Letter.facts).filter_by(kind="reset")).one()["path"]
    Reader(app).visit(path)
    page = Reader(app, ada).visit("/me/tokens").press("Make a token", name="At home")
    token = page.soup.find(string=lambda text: "exchange-read-" in text)

    for secret in (PASSWORD, "a wrong quiet guess", path.rpartition("/")[2], str(token).strip()):
        assert secret not in said.getvalue()


@pytest.mark.parametrize(
    ("module", "verb", "path", "typed"),
    [
        (posts, "post", "/g/bar/posts/new", {"title": WORDS, "text": WORDS, "category": "advice", "kind": "need"}),
        (responses, "answer", "/g/bar/posts/{post}/answer", {"text": WORDS}),
        (reports, "report", "/g/bar/reports/post/{post}", {"note": NOTE, "rule": "1"}),
    ],
)
def test_what_fails_is_written_down_without_what_was_typed(app, monkeypatch, said, ada, ben, module, verb, path, typed):
    post = needed(ada)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setattr(app, "testing", False)
    with broken(monkeypatch, module, verb):
        Reader(app, ben).send("POST", path.format(post=post.id), data=typed)

    for words in (WORDS, NOTE, ben.person.email):
        assert words not in said.getvalue()


def test_a_page_that_fails_says_where_and_no_values(app, monkeypatch, said, ada):
    monkeypatch.setattr(app, "testing", False)

    def fails():
        secret = PASSWORD
        raise RuntimeError(f"{len(secret)} characters")

    monkeypatch.setitem(app.view_functions, "account.show", fails)
    answer = Reader(app, ada).send("GET", "/me")
    line = json.loads(said.getvalue().splitlines()[-1])

    assert answer.status_code == 500
    assert line["event"] == "A page failed"
    assert "test_silence.py" in line["exception"]
    assert PASSWORD not in said.getvalue()


def test_letters_stay_out_even_where_they_cannot_be_sent(app, session, clock, said, settings, ada, ben):
    responses.answer(needed(ada).id, by=ben, text=WORDS, at=clock.at)
    clock.pass_by(minutes=11)

    done = deliver(at=clock.at, settings=settings, transport=Bag(UNKNOWN, SILENT))

    assert done
    for words in (WORDS, "Gladly", ada.person.email):
        assert words not in said.getvalue()


def test_in_production_the_database_says_nothing_of_values(settings):
    app = create_app(replace(settings, production=True, base_url="https://exchange.example"))

    assert app.config["SQLALCHEMY_ENGINE_OPTIONS"]["hide_parameters"] is True
