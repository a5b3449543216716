"""Completion: what may come next in a line, without asking anybody; and the shells themselves, where they are here."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.warm import ROOT
from tests.clock import START, FakeClock
from tui.cli.complete import what_fits
from tui.cli.completion import SCRIPTS
from tui.engine.board import Board
from tui.engine.storage.store import Store
from tui.model import Job, Reference, Safe

CONFIG = """
[filters]
night = "age:<9h"

[connections.plant]
vendor = "octoplant"

[connections.media]
vendor = "aspera"
"""
KEYS = ["media:4711/Package clip", "plant:0c5b9c1e", "plant:0d11"]


async def _fill(path: Path) -> None:
    store = Store(path)
    jobs = [
        Job(key.partition(":")[0], "octoplant", Reference(key.partition(":")[2]), START, given_title=Safe("nightly"))
        for key in KEYS
    ]
    await Board(store, FakeClock()).add(jobs, "tracked")
    await store.close()


@pytest.fixture
def known(jobdeck: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    jobdeck.config.write_text(CONFIG)
    jobdeck.state.mkdir()
    asyncio.run(_fill(jobdeck.state / "board.sqlite"))
    for name, value in jobdeck.environment().items():
        monkeypatch.setenv(name, value)
    return jobdeck


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("jobdeck wa", ["watch"]),
        ("jobdeck --read-only ca", ["cancel"]),
        ("jobdeck --state /none untr", ["untrack"]),
        ("jobdeck show --re", ["--report", "--refresh", "--reveal"]),
        ("jobdeck track -c ", ["plant", "media"]),
        ("jobdeck submit --connection=x -c p", ["plant"]),
        ("jobdeck watch plant:0c5b9c1e plant:0", ["plant:0c5b9c1e", "plant:0d11"]),
        ("jobdeck show 47", ["4711/Package clip"]),
        ("jobdeck show media:4711/Package\\ c", ["media:4711/Package clip"]),
        ("jobdeck show 'media:4711/Package c", ["media:4711/Package clip"]),
        ("jobdeck show *", []),
        ("jobdeck connections re", ["rename", "remove"]),
        ("jobdeck connections edit m", ["media"]),
        ("jobdeck connections add new --vendor o", ["octoplant"]),
        ("jobdeck secret set p", ["plant"]),
        ("jobdeck completion ", ["bash", "zsh", "fish"]),
        (
            "jobdeck list state:failed is:",
            ["is:active", "is:stale", "is:downloaded", "is:alert", "is:slow", "is:archived"],
        ),
        ("jobdeck list -state:running,fa", ["-state:running,failed"]),
        ("jobdeck list connection:p", ["connection:plant"]),
        ("jobdeck list @n", ["@night"]),
        ("jobdeck list v", ["vendor:"]),
        ("jobdeck download plant:0d11 --output ", []),
        ("jobdeck nonsense --x y ", []),
        ("jobdeck download x --to ", None),
        ("jobdeck submit -c plant ", None),
        ("jobdeck --config ", None),
    ],
)
def test_what_may_come_next(line: str, words: list[str] | None, known: Command) -> None:
    found = what_fits(line)
    told = None if found is None else [one.word for one in found]
    assert (told and sorted(told)) == (words and sorted(words))


def test_nothing_known_is_no_error(jobdeck: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in jobdeck.environment().items():
        monkeypatch.setenv(name, value)
    jobdeck.config.write_text("[broken")
    assert what_fits("jobdeck show ") == []
    assert what_fits("jobdeck track -c ") == []
    assert not jobdeck.state.exists()


SHELLS = {
    # Each line is completed as the shell does it; what it would put in is printed.
    "bash": """
        source {script}
        for COMP_LINE in 'jobdeck unt' 'jobdeck show plant:0c'; do
            COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=(jobdeck); _jobdeck; printf '%s\\n' "${{COMPREPLY[@]}}"
        done
    """,
    "zsh": """
        compdef() {{}}
        source {script}
        compadd() {{ print -l -- $found }}
        for last in unt 'show plant:0c'; do words=(jobdeck ${{=last}}); CURRENT=${{#words}}; _jobdeck; done
    """,
    "fish": """
        source {script}
        complete -C 'jobdeck unt' | string split -f 1 \\t
        complete -C 'jobdeck show plant:0c' | string split -f 1 \\t
    """,
}


@pytest.mark.parametrize("shell", sorted(SHELLS))
def test_the_shells_complete(shell: str, known: Command) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    script = known.folder / "completion"
    script.write_text(SCRIPTS[shell])
    command = known.folder / "jobdeck"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui "$@"\n')
    command.chmod(0o755)
    environ = {**known.environment(), "PATH": f"{known.folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [path, "-c", SHELLS[shell].format(script=script)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    second = "0c5b9c1e" if shell == "bash" else "plant:0c5b9c1e"  # bash puts it in behind the colon
    assert (done.stdout.split(), done.stderr) == (["untrack", second], "")


def test_completing_loads_no_engine(known: Command) -> None:
    code = (
        "import sys\nfrom tui.cli.main import run\nrun(['__complete', 'bash'])\n"
        "print(sorted({'asyncio', 'httpx', 'textual', 'ssl'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=known.environment() | {"JOBDECK_LINE": "jobdeck show plant:0c"},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert done.stdout.splitlines() == ["0c5b9c1e", "[]"]
