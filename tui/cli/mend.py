"""`jobdeck mend`."""

from __future__ import annotations

from argparse import Namespace

from tui.cli.context import now, paths_of
from tui.cli.notes import note
from tui.engine.storage.mending import mend
from tui.errors import ExitCode


def run(options: Namespace) -> int:
    """Put a damaged board aside and begin a new one; prints where the damaged one is now."""
    paths = paths_of(options)
    paths.make_state()
    mended = mend(paths.database, now())
    if mended is None:
        note(options, "the board is whole; nothing was done")
        return int(ExitCode.OK)
    read = f"jobs that could be read: {mended.jobs}, and {mended.archived} in the archive"
    note(options, f"a new board was begun; {read}; the damaged one is kept:")
    print(mended.aside)
    return int(ExitCode.OK)
