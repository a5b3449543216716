"""The emulated vendors on a clock that tests move, and the real command in processes of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tomli_w

from tests.cli.warm import FIXED, Ended, Warm, kept
from tests.clock import FakeClock
from tests.emulators.thread import EmulatorThread
from tui.emulators.description import WorldDescription
from tui.emulators.server import EmulatedVendors
from tui.engine.secrets.ways import variable


@dataclass
class World:
    """Five vendors whose time stands still until `pass_time`."""

    thread: EmulatorThread
    clock: FakeClock

    @property
    def description(self) -> WorldDescription:
        return self.thread.description

    @property
    def vendors(self) -> EmulatedVendors:
        return self.thread.call(lambda world: world)

    def pass_time(self, seconds: float) -> None:
        self.thread.call(lambda _: self.clock.jump(seconds))


@pytest.fixture
def world() -> Iterator[World]:
    clock = FakeClock(datetime.now(UTC))  # EnOS compares its clock with the client's
    with EmulatorThread(EmulatedVendors(clock=clock)) as thread:
        yield World(thread, clock)


@dataclass
class Command:
    """`jobdeck` with a config, a state folder and secrets of its own."""

    folder: Path
    warm: Warm
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def environment(self) -> dict[str, str]:
        files = {"HOME": self.folder, "JOBDECK_CONFIG": self.config, "JOBDECK_STATE": self.state}
        return kept() | FIXED | {name: str(path) for name, path in files.items()} | self.environ

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A process that runs while the test goes on, and that has loaded the command itself."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tui", *words],
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *words: str, stdin: str = "", code: int = 0) -> str:
        """Run to the end; the exit code must be `code`. Returns stdout, or stderr where a failure is expected."""
        ended = self.end(*words, stdin=stdin)
        assert ended.code == code, f"exit {ended.code}\n{ended.out}\n{ended.err}"
        assert "Traceback" not in ended.err
        return ended.err if code else ended.out

    def end(self, *words: str, stdin: str = "") -> Ended:
        """Run to the end, whatever it is."""
        return self.warm.run(words, self.environment(), self.folder, stdin)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    with Warm() as process:
        yield process


@pytest.fixture
def jobdeck(tmp_path: Path, warm: Warm) -> Command:
    return Command(tmp_path, warm)


@pytest.fixture
def connected(world: World, jobdeck: Command) -> Command:
    """The command with a connection for each emulated vendor, named like the vendor."""
    sites = world.description.sites
    document = {"connections": {name: {**site.connection, "min_interval": 0.2} for name, site in sites.items()}}
    jobdeck.config.write_text(tomli_w.dumps(document), "utf-8")
    for name, site in sites.items():
        jobdeck.environ |= {variable(name, secret): value for secret, value in site.secrets.items()}
    return jobdeck


Fetch = Callable[[EmulatedVendors, str], bytes]
