"""exchange: the commands. One file per noun; each says what it did."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

# Loaded when asked for: `exchange --help` need not load the whole house.
COMMANDS = {
    "admin": "exchange.cli.admin:admin",
    "backup": "exchange.cli.backup:backup",
    "balances": "exchange.cli.balances:balances",
    "bounces": "exchange.cli.digest:bounces",
    "demo": "exchange.cli.demo.command:demo",
    "desk": "exchange.cli.desk:desk",
    "digest": "exchange.cli.digest:digest",
    "doctor": "exchange.cli.doctor:doctor",
    "export": "exchange.cli.export:export",
    "group": "exchange.cli.group:group",
    "import": "exchange.cli.imports:imports",
    "init": "exchange.cli.init:init",
    "log": "exchange.cli.log:log",
    "restore": "exchange.cli.backup:restore",
    "serve": "exchange.cli.serve:serve",
    "tick": "exchange.cli.serve:tick",
    "worker": "exchange.cli.serve:worker",
}


class Noun(click.Group):
    """Commands by name, each loaded when it is used. `homes` says where each is: `module:name`."""

    def __init__(self, *args: Any, homes: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.homes = homes

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (signature is Click's)
        """Every command."""
        return sorted(self.homes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in self.homes:
            return None
        module, _, name = self.homes[cmd_name].partition(":")
        command: Any = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=Noun, homes=COMMANDS)
def main() -> None:
    """Needs and offers among the members of a professional group."""
