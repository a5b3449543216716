"""`jobdeck doctor`: what works here, what does not, and what to do about it. Changes nothing; shows no secret."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Iterable

from tui.cli.context import complete, paths_of
from tui.cli.doctor.files import folders, read_config
from tui.cli.doctor.finding import Finding, doubtful, fine, skipped
from tui.cli.doctor.programs import programs
from tui.cli.doctor.surface import copies_in_tmux, surface
from tui.cli.terminal import board_trouble, wants_ascii, width
from tui.engine.facts.connections import StepState
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.secret_service import LOCKED, LOCKED_HINT
from tui.errors import ExitCode
from tui.redact import redact
from tui.text import safe_line

_SIGNS = {StepState.OK: "✓", StepState.WARNING: "!", StepState.BROKEN: "✗", StepState.SKIPPED: "·"}
_ASCII = {StepState.OK: "+", StepState.WARNING: "!", StepState.BROKEN: "x", StepState.SKIPPED: "-"}
_INDENT = 27
_NARROWEST = 60


def run(options: Namespace) -> int:
    """Look at everything; 1 when something is broken, 0 else."""
    return complete(_run(options))


async def _run(options: Namespace) -> int:
    printer = _Printer()
    found: list[Finding] = []
    async for finding in _findings(options):
        found.append(Finding(finding.topic, finding.name, finding.state, _shown(finding.told), _shown(finding.remedy)))
        if not options.json:
            printer.show(found[-1])
    if options.json:
        print(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
    else:
        printer.sum_up(found)
    return int(ExitCode.FAILED if _count(found, StepState.BROKEN) else ExitCode.OK)


async def _findings(options: Namespace) -> AsyncIterator[Finding]:
    paths = paths_of(options)
    for finding in programs():
        yield finding
    encoding, size = getattr(sys.__stderr__, "encoding", None), shutil.get_terminal_size()
    copies = await copies_in_tmux(os.environ)
    for finding in surface(os.environ, encoding, size, board_trouble(), copies):
        yield finding
    settings, told = read_config(paths.config)
    for finding in (*told, *folders(paths, settings.downloads.folder if settings else None)):
        yield finding
    yield await _keyring()
    try:
        from tui.cli.doctor import network  # noqa: PLC0415  # a library may be missing: that was said already
    except ImportError as error:
        yield skipped("connections", "all", f"not tried: {error.name} cannot be loaded")
        return
    for finding in network.surroundings(os.environ):
        yield finding
    if settings is None:
        yield skipped("connections", "all", "not tried: config.toml is broken")
        return
    async for finding in network.connections(options, settings):
        yield finding


async def _keyring() -> Finding:
    keyring, began = GuardedKeyring(), time.monotonic()
    trouble = await keyring.state()
    if trouble is None:
        return fine("keyring", "keyring", f"{keyring.source}, answers in {(time.monotonic() - began) * 1000:.0f} ms")
    remedy = LOCKED_HINT if trouble == LOCKED else "use environment variables, secret_command, or type secrets in"
    return doubtful("keyring", "keyring", trouble, remedy)


def _shown(text: str) -> str:
    return safe_line(redact(text), 500)


def _count(found: Iterable[Finding], state: StepState) -> int:
    return sum(one.state is state for one in found)


def _as_json(found: list[Finding]) -> dict[str, object]:
    return {
        "broken": _count(found, StepState.BROKEN),
        "warnings": _count(found, StepState.WARNING),
        "checks": [
            {"topic": one.topic, "name": one.name, "state": one.state.value, "told": one.told, "remedy": one.remedy}
            for one in found
        ],
    }


class _Printer:
    """The lines for people, under a heading for each topic, as they come."""

    def __init__(self) -> None:
        self._signs = _ASCII if wants_ascii("auto", os.environ, sys.stdout.encoding) else _SIGNS
        columns = width(sys.stdout)
        self._columns = None if columns is None else max(columns, _NARROWEST)
        self._topic = ""

    def show(self, finding: Finding) -> None:
        if finding.topic != self._topic:
            self._topic = finding.topic
            print(finding.topic)
        start = f"  {self._signs[finding.state]} {finding.state:<8} {finding.name:<13} "
        for text in filter(None, (finding.told, finding.remedy and f"-> {finding.remedy}")):
            for line in self._wrapped(text):
                print(f"{start}{line}", flush=True)
                start = " " * _INDENT

    def _wrapped(self, text: str) -> list[str]:
        return [text] if self._columns is None else textwrap.wrap(text, self._columns - _INDENT)

    def sum_up(self, found: list[Finding]) -> None:
        broken, warnings = _count(found, StepState.BROKEN), _count(found, StepState.WARNING)
        print(f"\n{broken} broken, {warnings} {'warning' if warnings == 1 else 'warnings'}")
