"""exchange log: the transparency log, for whoever operates the server and for whoever checks it."""

import click

from exchange.cli import Noun

# `verify` must start without the house: it runs where there is neither a database nor a server.
HOMES = {
    "checkpoint": "exchange.cli.log.signed:checkpoint",
    "export": "exchange.cli.log.signed:export",
    "receipt": "exchange.cli.log.signed:receipt",
    "renew": "exchange.cli.log.signed:renew",
    "verify": "exchange.cli.log.verify:verify",
    "vkey": "exchange.cli.log.signed:vkey",
}


@click.group(cls=Noun, homes=HOMES)
def log() -> None:
    """The log of a group that anyone in it can check."""
