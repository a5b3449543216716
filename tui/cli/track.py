"""`jobdeck track REF...`."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from tui.cli.context import complete, opened
from tui.cli.notes import note
from tui.cli.standard_files import BYTE_ORDER_MARK
from tui.cli.terminal import tell
from tui.engine.engine import Engine
from tui.engine.facts.jobs import TrackWish
from tui.engine.pasting.references import Found
from tui.errors import ExitCode, UsageError

_AT_ONCE = 500
"""So many are written down in one transaction or two."""


def run(options: Namespace) -> int:
    """Put jobs on the board; one is asked at its vendor first, many are only written down."""
    texts = _texts(options.refs)
    if options.title and len(texts) != 1:
        raise UsageError("--title goes with one REF")
    return complete(_track(options, texts))


def _texts(refs: list[str]) -> list[str]:
    texts: list[str] = []
    for ref in refs:
        texts += _lines(sys.stdin.read()) if ref == "-" else [ref]
    if not texts:
        raise UsageError("stdin named no job", hint="write one REF a line")
    return texts


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.removeprefix(BYTE_ORDER_MARK).split("\n") if line.strip()]


def _of_cut(engine: Engine, wish: TrackWish) -> str | None:
    """That credentials were cut off, and the command that keeps them; None where there were none."""
    cut = engine.pasted.cut_off(wish)
    if cut is None:
        return None
    told = "credentials in it are cut off and not stored"
    if not cut.fields:
        return f"{told}: {cut.why_not}"
    commands = "; ".join(f"jobdeck secret set {cut.connection} {field}" for field in cut.fields)
    return f"{told}\n  to keep them in the keyring, run: {commands}"


def _found(engine: Engine, wishes: list[TrackWish], number: int) -> Found:
    """What one of them names. Raises UsageError; of many it says which one, not its text: secrets may be in it."""
    try:
        return engine.asking.find(wishes[number])
    except UsageError as error:
        if len(wishes) == 1:
            raise
        which = f"REF {number + 1} of {len(wishes)}: {error.message}; none is tracked"
        raise UsageError(which, hint=error.hint) from error


async def _track(options: Namespace, texts: list[str]) -> int:
    check = len(texts) == 1 and not options.no_check
    wishes = [
        TrackWish(
            text=text,
            connection=options.connection,
            title=options.title,
            outputs=tuple(options.output),
            expires_in=options.expires_in,
            check=check,
        )
        for text in texts
    ]
    async with opened(options) as engine:
        found = [_found(engine, wishes, number) for number in range(len(wishes))]  # all, before any is written down
        for told in dict.fromkeys(told for wish in wishes if (told := _of_cut(engine, wish))):
            note(options, told)
        for first in range(0, len(wishes), _AT_ONCE):
            some = zip(wishes[first : first + _AT_ONCE], found[first : first + _AT_ONCE], strict=True)
            for job in await asyncio.gather(*(engine.asking.track(wish, known) for wish, known in some)):
                print(job.key)
                if job.problem:
                    tell(f"jobdeck: tracked, but not asked: {job.problem.message}")
    return int(ExitCode.OK)
