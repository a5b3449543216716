"""What the commands that fetch have in common: progress on a terminal, and how a file that is not here is told."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui.cli.progress import Progress
from tui.cli.redraw import can_redraw
from tui.cli.terminal import tell, wants_ascii
from tui.engine.engine import Engine
from tui.model import Download, DownloadState, JobKey
from tui.wording import size


@contextmanager
def shown_progress(
    engine: Engine, wanted: Callable[[JobKey], bool], *, quiet: bool = False
) -> Iterator[Callable[[], None]]:
    """Draw the downloads of these jobs while the work goes on; gives what clears the lines for other words.

    Work that is cancelled while a file moves says that the file can be gone on with.
    """
    ascii_only = wants_ascii(engine.config.ui.glyphs, os.environ, sys.stderr.encoding)
    progress = Progress(sys.stderr, wanted, ascii=ascii_only)
    if can_redraw(sys.stderr) and not quiet:
        engine.board.listen(progress.hear)

    def told(text: str) -> None:
        progress.clear()
        tell(f"jobdeck: {text}")

    engine.after.on_failure(told)
    try:
        yield progress.clear
    except asyncio.CancelledError:
        if any(wanted(one.job) and engine.downloads.is_ours(one.id) for one in engine.board.downloads.values()):
            told("stopped; what came is kept where it can be gone on with: give the same command again")
        raise
    finally:
        progress.close()


def trouble_of(download: Download) -> str:
    """Why a file is not here; and of a paused one, that it goes on."""
    told = f"{download.output}: {download.message or download.state}"
    if download.state is not DownloadState.PAUSED:
        return told
    return f"{told}; the same command goes on at {size(download.bytes)}"
