"""Many commands in one process, one after the other: `python -m tests.cli.many` reads them as JSON and answers in JSON.

Each starts with the environment, the config and the state folder as they were at the beginning, so that none depends
on another; a process for each would cost ten times as much.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.cli.conftest import Command
from tui.cli.main import run

_KEPT = "as-it-was"


@dataclass(frozen=True)
class Line:
    """A command's words behind `jobdeck`, and what stands on its stdin."""

    words: tuple[str, ...]
    stdin: str = ""
    without: str = ""
    """A connection that config.toml does not have yet."""
    keeps: bool = False
    """What it changes stays for the lines behind it."""


@dataclass(frozen=True)
class Told:
    """How a command ended."""

    code: int
    out: str
    err: str


def run_many(jobdeck: Command, lines: Iterable[Line]) -> list[Told]:
    """Run the lines; gives how each ended."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.cli.many"],
        env=jobdeck.environment(),
        cwd=jobdeck.folder,
        input=json.dumps([asdict(line) for line in lines]),
        capture_output=True,
        text=True,
        timeout=160,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Told(**told) for told in json.loads(done.stdout)]


def _run_one(line: Line) -> Told:
    sys.stdin, out, err = io.StringIO(line.stdin), io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = run(list(line.words))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Told(code, out.getvalue(), err.getvalue())


def _take_out(config: Path, name: str) -> None:
    first, *sections = f"\n{config.read_text('utf-8')}".split("\n[")
    kept = [f"\n[{section}" for section in sections if not section.startswith(f"connections.{name}]")]
    config.write_text("".join((first, *kept)), "utf-8")


def _main() -> None:
    given = [Line(**{**one, "words": tuple(one["words"])}) for one in json.load(sys.stdin)]
    environ = dict(os.environ)
    config, state, kept = Path(environ["JOBDECK_CONFIG"]), Path(environ["JOBDECK_STATE"]), Path(_KEPT)
    answer = []
    for line in given:
        if not kept.exists():
            kept.mkdir()
            _copy(config, state, kept / "config", kept / "state")
        os.environ.clear()
        os.environ |= environ
        if line.without:
            _take_out(config, line.without)
        answer.append(_run_one(line))
        if line.keeps:
            shutil.rmtree(kept)
        else:
            _copy(kept / "config", kept / "state", config, state)
    json.dump([asdict(told) for told in answer], sys.__stdout__ or sys.stdout)


def _copy(config: Path, state: Path, to_config: Path, to_state: Path) -> None:
    to_config.unlink(missing_ok=True)
    shutil.rmtree(to_state, ignore_errors=True)
    if config.exists():
        shutil.copy2(config, to_config)
    if state.is_dir():
        shutil.copytree(state, to_state)


if __name__ == "__main__":
    _main()
