"""exchange log verify: check an exported log, on any machine."""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from exchange.cli.bar import bar
from exchange.log.verify import Report, Row
from exchange.log.verify import verify as verified
from exchange.log.verify.report import counted

SHOWN = 20
COLUMNS = ("given", "received", "people_helped", "people_helped_by")
HEADINGS = ("member", "", "gave", "received", "people helped", "helped by people")
MANY = {
    "favor": ("favor", "favors"),
    "correction": ("correction", "corrections"),
    "role": ("change of role", "changes of role"),
    "setting": ("change of a setting", "changes of settings"),
    "decision": ("decision", "decisions"),
    "redact": ("redaction", "redactions"),
    "erase": ("erasure", "erasures"),
}
CAUSES = (
    ("withheld", "withheld by their own entry"),
    ("erase", "gone because somebody was forgotten"),
    ("redact", "taken out by a decision"),
    ("hidden", "missing, and nobody says why"),
)


def _number(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> set[int]:
    for one in given:
        if not re.fullmatch(r"m?[1-9][0-9]*", one):
            raise click.BadParameter(f"“{one}” is no member's number. It looks like m17.")
    return {int(one.removeprefix("m")) for one in given}


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("more", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--against",
    "files",
    metavar="FILE ...",
    multiple=True,
    type=click.Path(path_type=Path),
    help="What you kept: older checkpoints, letters (.eml), mailboxes (.mbox), receipts, the key, or a folder of them.",
)
@click.option(
    "--mine",
    metavar="NUMBER",
    multiple=True,
    callback=_number,
    help="Your member number, such as m17: then nothing of yours may have been forgotten.",
)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object, for other programs.")
def verify(folder: Path, more: tuple[Path, ...], files: tuple[Path, ...], mine: set[int], as_json: bool) -> None:
    """Check the log that “exchange log export” wrote to DIR, without the server that wrote it.

    The exit status is 0 only if all of it holds, and else 1. It finds out most if you compare with what you kept: the
    checkpoints in your weekly letters, and your receipts.
    """
    with bar("Checking the log") as progress:
        report = verified(folder, [*files, *more], mine=mine, progress=progress)
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=1, ensure_ascii=False))
    else:
        for line in said(report):
            click.echo(line)
    if not report.holds:
        sys.exit(1)


def said(report: Report) -> Iterator[str]:
    """What people read: what was found, the balances, and what does not hold."""
    yield from _facts(report)
    yield from (f"Note        {note}" for note in report.notes)
    if report.holds:
        yield ""
        yield from _table(report.balances)
        yield ""
        yield "All of it holds."
        return
    yield from (f"WRONG       {sentence}" for sentence in report.sentences[:SHOWN])
    if (rest := report.findings.total - SHOWN) > 0:
        yield f"            and {counted(rest, 'failure', 'failures')} more."
    yield "This log does not hold, so no balances are shown."


def _facts(report: Report) -> Iterator[str]:
    if not report.origin:
        return
    yield f"Log         {report.origin}"
    yield f"Checkpoint  {counted(report.size, 'entry', 'entries')}, code {report.code}"
    if report.entries:
        kinds = [counted(report.entries[kind], *words) for kind, words in MANY.items() if report.entries[kind]]
        yield f"Entries     {', '.join(kinds) or 'nothing but its beginning'}"
        yield (
            f"Favors      {report.favors['counted']:,} count, {report.favors['neutral']:,} are neutral, "
            f"{report.favors['withheld']:,} withheld, {report.favors['void']:,} void"
        )
        causes = [f"{report.openings[cause]:,} {words}" for cause, words in CAUSES if report.openings[cause]]
        yield f"Openings    {report.openings['here']:,} are here; {', '.join(causes) or 'none is missing'}"
    for one in report.compared[:SHOWN]:
        yield f"Fits        {one}"
    if (rest := len(report.compared) - SHOWN) > 0:
        yield f"            and {rest:,} more."


def _table(rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        yield "No favor counts yet."
        return
    cells = [HEADINGS, *((row.member, row.name, *(f"{getattr(row, name):,}" for name in COLUMNS)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
