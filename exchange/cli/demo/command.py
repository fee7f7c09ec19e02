"""exchange demo: a group to try out, served with a worker until Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
from flask import current_app

from exchange.cli.app import in_app
from exchange.cli.demo.make import SIGN_IN, SLUG, make
from exchange.config import kept, random_password
from exchange.domain import groups
from exchange.storage import migrate
from exchange.storage.db import db

GRACE_SECONDS = 10.0


@click.command()
@click.option("--no-serve", is_flag=True, help="Make the group and stop.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@in_app
def demo(no_serve: bool, port: int) -> None:
    """Make a group of invented members to try out, and serve it."""
    settings = current_app.extensions["settings"]
    if settings.production:
        click.echo("The demo is not for production: EXCHANGE_ENV is “production”.", err=True)
        sys.exit(1)
    migrate.upgrade(db.engine)
    if SLUG not in groups.all_slugs():
        click.echo("Making an example: 120 invented members, two years of favors, thirty open posts …")
        make(at=current_app.extensions["clock"](), host=settings.host, passwords=_passwords(settings.instance))
    base = f"http://127.0.0.1:{port}"
    click.echo(f"\nThe Business Law Section of the Marlow County Bar, an example: {base}/g/{SLUG}/\n")
    for who, part in SIGN_IN.items():
        click.echo(f"  {part:<24} {who:<42} password {_passwords(settings.instance)[who]}")
    click.echo(f"\nLetters are not sent; they stand at {base}/demo/letters")
    if not no_serve:
        db.session.remove()
        sys.exit(_serve(port, base))


def _passwords(instance: Path) -> dict[str, str]:
    """Random passwords, made once and kept where only the owner can read them."""
    text = kept(instance / "demo-passwords.json", lambda: json.dumps({who: random_password() for who in SIGN_IN}))
    found: dict[str, str] = json.loads(text)
    return found


def _serve(port: int, base: str) -> int:
    """Two children, each in a process group of its own; both end together, whichever ends first."""
    env = os.environ | {"EXCHANGE_DEMO": "1", "EXCHANGE_BASE_URL": base, "EXCHANGE_SUPERVISOR": str(os.getpid())}
    program = [sys.executable, "-m", "exchange"]
    signal.signal(signal.SIGTERM, _stop)
    children: list[subprocess.Popen[bytes]] = []
    try:
        for arguments in (["serve", "--port", str(port)], ["worker"]):
            child = subprocess.Popen([*program, *arguments], env=env, process_group=0)  # noqa: S603 (ours)
            children.append(child)
        click.echo("Ctrl-C ends it.\n")
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        click.echo("\nEnding …")
    finally:
        _end(children)
    failed = [child.returncode for child in children if child.returncode not in {0, -signal.SIGTERM}]
    return 1 if failed else 0


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """One SIGTERM each; whatever is left after the grace period is killed with its group."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
