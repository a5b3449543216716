"""How a command is added to the command line: its help, its examples, and the options that every command has."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from tui.cli.examples import EXAMPLES, as_text

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # it has no public name


def add_command(
    commands: Commands, name: str, says: str, everywhere: argparse.ArgumentParser, more: str = ""
) -> argparse.ArgumentParser:
    """A command with its examples, and `more` below them."""
    return commands.add_parser(
        name,
        help=says,
        description=f"{says[0].upper()}{says[1:]}.",
        epilog="\n\n".join(filter(None, (as_text(EXAMPLES[name]), more))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[everywhere],
        allow_abbrev=False,
    )
