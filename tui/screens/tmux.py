"""A command for the tmux around us, which may hang like any other program."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tui.engine.unbroken import begun

_SECONDS = 2.0
"""So long tmux may take."""
_QUIET, _PIPE = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE


async def ask_tmux(program: str, *words: str, stdin: bytes | None = None) -> str | None:
    """What tmux prints; None where it cannot be run, refuses, or does not answer."""
    try:
        starting = asyncio.create_subprocess_exec(
            program, *words, stdin=_QUIET if stdin is None else _PIPE, stdout=_PIPE, stderr=_QUIET
        )
        process = await begun(starting, _ended)
    except OSError:
        return None
    try:
        async with asyncio.timeout(_SECONDS):
            answer, _ = await process.communicate(stdin)
    except TimeoutError:
        return None
    finally:
        await _ended(process)
    return None if process.returncode else answer.decode("utf-8", "replace")


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
