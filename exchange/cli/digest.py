"""exchange digest: the weekly letter, from the operator's side."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app

from exchange.cli.app import in_app, up_to_date
from exchange.domain import accounts
from exchange.domain.errors import BadInput, NotFound
from exchange.storage.db import db

if TYPE_CHECKING:
    from exchange.digest.round import Done


@click.group()
def digest() -> None:
    """Look at the weekly letter, and send what is due."""


@digest.command()
@click.argument("email")
@click.option("-o", "--output", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write it to FILE.eml.")
@in_app
def preview(email: str, path: Path | None) -> None:
    """Show the next letter to somebody, as it would be sent if nothing happened until then."""
    from exchange.digest import upcoming

    up_to_date()
    person = accounts.by_email(db.session(), email)
    if person is None:
        raise NotFound(f"Nobody here has the address {email}.")
    settings = current_app.extensions["settings"]
    message = upcoming.preview(person, at=current_app.extensions["clock"](), settings=settings)
    if message is None:
        click.echo(f"Nothing is new for {person.email}: no letter would go out.", err=True)
        return
    if path is None:
        click.echo(message.as_bytes(), nl=False)
        return
    path.write_bytes(message.as_bytes())
    click.echo(f"The next letter to {person.email} is in {path}.")


@digest.command()
@click.option(
    "--at",
    "moment",
    metavar="ISO-TIME",
    help="What is due at this moment, which may lie ahead; UTC if no zone is named.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Counts for other programs.")
@in_app
def send(moment: str | None, dry_run: bool, as_json: bool) -> None:
    """Send the weekly letters that are due, and no others; return when each is sent, skipped or has failed."""
    from exchange.digest import rehearse
    from exchange.digest import send as sending

    up_to_date()
    settings = current_app.extensions["settings"]
    at = _moment(moment) if moment else current_app.extensions["clock"]()
    if dry_run:
        _say(rehearse.rehearse(at=at, settings=settings), "would be sent", as_json=as_json)
        return
    try:
        _say(sending.send_all(at=at, settings=settings), "sent", as_json=as_json)
    except sending.Silent as silent:
        click.echo(f"The mail server takes no letters: {silent}. What is due waits; the worker tries again.", err=True)
        sys.exit(1)


@click.command()
@click.argument("box", required=False)
@in_app
def bounces(box: str | None) -> None:
    """Read what came back, from BOX or from where EXCHANGE_BOUNCES_BOX says: a Maildir, or imaps://user:password@host/INBOX."""
    from exchange.digest import bounces as reading
    from exchange.digest import boxes

    up_to_date()
    settings = current_app.extensions["settings"]
    where = box or settings.bounces_box
    if not where:
        raise BadInput("Say where to read: exchange bounces MAILDIR, or set EXCHANGE_BOUNCES_BOX.")
    try:
        done = reading.read(boxes.contents(where), settings=settings, at=current_app.extensions["clock"]())
    except (OSError, boxes.IMAP4.error) as error:
        click.echo(f"The box could not be read: {error}", err=True)
        sys.exit(1)
    click.echo(
        f"{done.read:,} e-mails read, {done.bounces:,} of them letters that came back. "
        f"Addresses that get no more letters: {done.suppressed:,}."
    )


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"“{text}” is no moment. Write it like 2026-11-23T08:00+01:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _say(done: "Done", sent: str, *, as_json: bool) -> None:
    skipped = {skip.value: number for skip, number in sorted(done.skipped.items()) if number}
    if as_json:
        counts = {"due": done.due, "sent": done.sent, "skipped": skipped, "failed": done.failed}
        click.echo(json.dumps(counts))
        return
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in skipped.items())
    why = f" ({reasons})" if reasons else ""
    click.echo(
        f"Due: {done.due:,}. {done.sent:,} {sent}, {sum(skipped.values()):,} skipped{why}, {done.failed:,} failed."
    )
