"""A question that is asked before something is done that cannot be undone."""

from __future__ import annotations

import sys

from tui.cli.ending import end, on_signals
from tui.cli.terminal import is_terminal
from tui.errors import UsageError


def confirm(what: str) -> None:
    """Return when the user says yes to it. Raises UsageError for a no, and where nobody can be asked."""
    if not is_terminal(sys.stdin):
        raise UsageError(f"not confirmed: {what[0].lower()}{what[1:]}", hint="say --yes where nobody can be asked")
    sys.stderr.write(f"{what}? [y/N] ")
    sys.stderr.flush()
    with on_signals(end):  # the loop, which would hear them, stands still meanwhile
        answer = sys.stdin.readline()
    if answer.strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was changed")
