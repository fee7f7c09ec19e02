"""exchange serve, exchange worker: the two processes of a running site."""

import ctypes
import gc
import os
import signal
import sys
import threading
import time
from typing import Any

import click
from flask import current_app
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from exchange import create_app, logs
from exchange.cli.app import in_app, up_to_date
from exchange.digest import send
from exchange.domain import clocks
from exchange.mail import deliver
from exchange.storage.db import db

PR_SET_PDEATHSIG = 1
LOOKED_THROUGH_AFTER = 20_000  # new objects; Python itself does it after 700


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in each worker process. What it is made of is never looked through for garbage again:
        that takes longer than ten pages, and somebody waits for it. What pages leave is looked through once a page or
        so, not thirty times.
        """
        app = create_app()
        gc.collect()
        gc.freeze()
        gc.set_threshold(LOOKED_THROUGH_AFTER, *gc.get_threshold()[1:])
        return app


class OneLog(Logger):  # type: ignore[misc]
    """gunicorn's own lines, written the way of all others."""

    def setup(self, cfg: Any) -> None:
        """Leave the writing to the root of the loggers."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@in_app
def serve(host: str, port: int, workers: int) -> None:
    """Serve the pages."""
    _begin()
    # The children must not inherit a connection: with SQLite they would share its locks without holding them.
    db.session.remove()
    db.engine.dispose()
    # What is loaded here the children share, as long as nobody writes on it, as looking for garbage does.
    gc.collect()
    gc.freeze()
    Server(
        bind=f"{host}:{port}",
        workers=workers,
        threads=4,
        worker_class="gthread",
        timeout=60,
        graceful_timeout=20,
        control_socket_disable=True,
        logger_class=OneLog,
        loglevel="warning",
    ).run()


@click.command()
@in_app
def worker() -> None:
    """Send letters and do what is due. SIGTERM and Ctrl-C finish what is in hand."""
    _begin()
    current_app.extensions["jobs"].run()


@click.command()
@in_app
def tick() -> None:
    """Do once what is due now, and send the letters that are, as the worker does every minute."""
    up_to_date()
    at = current_app.extensions["clock"]()
    happened = clocks.due(at=at)
    settings = current_app.extensions["settings"]
    done = deliver(at=at, settings=settings)
    click.echo(f"{happened} things were due. Letters: {done.sent} sent, {done.failed} failed, {done.later} later.")
    digest = send.send(at=at, settings=settings)
    click.echo(f"Weekly letters: {digest.sent} sent, {digest.skipped.total()} skipped, {digest.failed} failed.")


def _begin() -> None:
    logs.configure(production=current_app.extensions["settings"].production)
    up_to_date()
    end_with_parent()


def end_with_parent() -> None:
    """Under a supervisor of ours, end when it does, even if it was killed.

    Linux tells the process itself; elsewhere, and for a worker whose threads would miss it, we look every second.
    """
    parent = os.getppid()
    if os.environ.get("EXCHANGE_SUPERVISOR") != str(parent):
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
