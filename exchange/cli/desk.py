"""exchange desk: what waits for a decision in a group, without names and without words."""

import json

import click
from flask import current_app

from exchange.cli.app import in_app, up_to_date
from exchange.domain import groups
from exchange.domain.desk import cases
from exchange.domain.desk.pages import Line, TargetKind

WHAT = {
    TargetKind.POST: "a post",
    TargetKind.ANSWER: "an answer",
    TargetKind.THANKS: "a thank-you",
    TargetKind.PROFILE: "a profile",
    TargetKind.FAVOR: "the words of a favor",
    TargetKind.HELD_POST: "a post that waits for a yes",
    TargetKind.APPLICATION: "a request to join",
    TargetKind.DISPUTE: "a disputed favor",
}


@click.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list, for other programs.")
@in_app
def desk(slug: str, as_json: bool) -> None:
    """What waits for a decision in the group SLUG, the oldest first.

    Never who reported it, whom it concerns, or what was written.
    """
    up_to_date()
    lines = cases.of_group(groups.named(slug).id, at=current_app.extensions["clock"]())
    if as_json:
        click.echo(json.dumps([_row(line) for line in lines], indent=1, ensure_ascii=False))
    elif not lines:
        click.echo("Nothing waits for a decision.")
    else:
        for line in lines:
            click.echo(_sentence(line))


def _row(line: Line) -> dict[str, object]:
    return {
        "case": line.case_id,
        "kind": line.kind.value,
        "appeal": line.appeal_id is not None,
        "since": line.since.isoformat(),
        "until": line.until.isoformat() if line.until else None,
        "reports": line.reports,
        "free": line.free,
        "asides": line.asides,
    }


def _sentence(line: Line) -> str:
    what = f"an appeal about {WHAT[line.kind]}" if line.appeal_id else WHAT[line.kind]
    parts = [f"{line.since:%Y-%m-%d %H:%M} UTC", what]
    if line.reports:
        parts.append(f"reports: {line.reports}")
    if line.until:
        parts.append(f"ends by itself {line.until:%Y-%m-%d %H:%M} UTC")
    parts.append(
        f"open to {line.free}, standing aside: {line.asides}" if line.free else "nobody is free: administrator"
    )
    return "  ".join(parts)
