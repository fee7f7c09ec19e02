"""Exchange: needs and offers among the members of a professional group.

`create_app` is the only place where the floors are joined.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from exchange.config import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: "Settings | None" = None, *, clock: Callable[[], datetime] | None = None) -> "Flask":
    """The application. `clock` gives the moment of each request; tests hand in their own.

    Raises:
        exchange.config.Misconfigured: the environment lacks what the server needs.
    """
    # Imported here, so that a command that needs one floor does not load all of them.
    from flask import Flask

    from exchange import config, jobs, web
    from exchange.storage import tables
    from exchange.storage.db import db

    settings = settings or config.from_environment()
    app = Flask("exchange", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secrets_before),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": settings.production,  # what people typed never reaches the program's logs
        },
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
    )
    app.extensions["settings"] = settings
    app.extensions["clock"] = clock or config.clock(settings)
    db.init_app(app)
    web.init_app(app, people=tables.person.Person, database=db)
    jobs.init_app(app)
    return app
