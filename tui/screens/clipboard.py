"""Copying out of a terminal: which way a text went is told, since no way tells whether it arrived (facts: tmux)."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from textual.app import App

_SECONDS = 2.0
"""So long tmux may take."""
_BY_TMUX = "went into tmux's paste buffer, and through it to the terminal's clipboard"
_BY_TERMINAL = "was sent to the terminal's clipboard (OSC 52); if it does not paste, the terminal forbids that"


class Clipboard:
    """`tmux` is the tmux program when the board runs inside it: there OSC 52 is swallowed by default."""

    def __init__(self, app: App[int], tmux: str | None) -> None:
        self._app = app
        self._tmux = tmux

    async def put(self, text: str) -> str:
        """Send the text on its way; returns which one, to be said behind what was copied."""
        if self._tmux is not None and await _load(self._tmux, text):
            return _BY_TMUX
        self._app.copy_to_clipboard(text)
        return _BY_TERMINAL


async def _load(tmux: str, text: str) -> bool:
    """Give tmux the text through its stdin, never as an argument; whether it took it."""
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            tmux, "load-buffer", "-w", "-", stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_SECONDS):
            await process.communicate(text.encode("utf-8", "replace"))
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode == 0
