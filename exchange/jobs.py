"""The queue and its periodic tasks. The queue only wakes workers: what there is to do stands in our own tables.

Huey hands a task out at most once and loses it when a worker is killed, so nothing may depend on a task. Each
task looks into the tables for what is due, and a periodic one does so every minute even when nobody wakes it.
"""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, current_app
from huey import Huey, SqliteHuey, crontab

from exchange.config import Misconfigured
from exchange.mail import deliver
from exchange.storage.db import db

if TYPE_CHECKING:
    from exchange.config import Settings

log = structlog.get_logger()
SQLITE = "sqlite:///"
IDLE_SECONDS = 2.0


class Jobs:
    """The application's queue: `wake` from a web process, `run` in a worker."""

    def __init__(self, app: Flask) -> None:
        self.huey = _queue(app.extensions["settings"])

        def letters() -> None:
            """Send what is due."""
            with app.app_context():
                deliver(at=app.extensions["clock"](), settings=app.extensions["settings"])

        self._letters = self.huey.task(name="letters")(letters)
        self.huey.periodic_task(crontab(), name="letters_every_minute")(letters)

    def wake(self) -> None:
        """Say that there is something to send. A queue that does not answer delays it by a minute, no more."""
        try:
            self._letters()
        except sqlite3.Error as error:
            log.warning("queue did not answer", error=str(error))

    def run(self) -> None:
        """Work until SIGTERM; what is in hand is finished first."""
        consumer = self.huey.create_consumer(
            workers=1, initial_delay=0.1, max_delay=IDLE_SECONDS, graceful_signal="TERM"
        )
        consumer.run()


def init_app(app: Flask) -> None:
    """Wake the worker after every request that wrote a letter."""
    app.extensions["jobs"] = Jobs(app)
    app.after_request(_wake)


def _wake(response: Response) -> Response:
    if db.session().info.pop("letters_written", False):
        current_app.extensions["jobs"].wake()
    return response


def _queue(settings: "Settings") -> Huey:
    if not settings.queue_url.startswith(SQLITE):
        raise Misconfigured("EXCHANGE_QUEUE_URL has to begin with sqlite:/// in this version.")
    path = Path(settings.queue_url.removeprefix(SQLITE))
    options: dict[str, Any] = {"filename": str(path), "results": False, "timeout": 30, "fsync": False}
    return SqliteHuey("exchange", **options)
