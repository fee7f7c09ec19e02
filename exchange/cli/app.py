"""What the commands share: an application made from the environment, and refusals as plain sentences."""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click
from flask import current_app, has_app_context
from sqlalchemy.exc import OperationalError

from exchange import create_app
from exchange.config import Misconfigured
from exchange.domain.errors import Refusal
from exchange.storage import migrate
from exchange.storage.db import db

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


def in_app(command: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Run a command inside the application. What is refused or misconfigured is a sentence and exit status 1."""

    @functools.wraps(command)
    def wrapped(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        try:
            if has_app_context():
                return command(*args, **kwargs)
            with create_app().app_context():
                try:
                    return command(*args, **kwargs)
                finally:
                    db.session.remove()
                    db.engine.dispose()
        except (Misconfigured, Refusal) as refusal:
            click.echo(str(refusal), err=True)
        except OperationalError as error:
            click.echo(f"The database did not answer: {error.orig}", err=True)
        sys.exit(1)

    return wrapped


def up_to_date() -> None:
    """Refuse to work on a database that is older or newer than this code.

    Raises:
        exchange.config.Misconfigured: with the way out.
    """
    if migrate.current(db.engine) != migrate.newest():
        raise Misconfigured("The database is not up to date. Run: exchange init")


def at_base(path: str) -> str:
    """The full address of a page."""
    return str(current_app.extensions["settings"].base_url) + path
