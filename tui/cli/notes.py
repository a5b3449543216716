"""What is said on stderr besides errors; `--quiet` leaves it out."""

from __future__ import annotations

from argparse import Namespace

from tui.cli.terminal import tell


def note(options: Namespace, text: str) -> None:
    """Say a line, unless the user wants to hear of errors only."""
    if not options.quiet:
        tell(f"jobdeck: {text}")
