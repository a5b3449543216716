"""`jobdeck download` stopped half-way, and the same command once more; its layout, and the command afterwards."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tomli_w

from tests.cli.conftest import Command, World
from tests.cli.test_every_vendor import track, watch
from tests.clock import FakeClock
from tests.emulators.thread import EmulatorThread
from tui.emulators.server import EmulatedVendors
from tui.engine.secrets.ways import variable


@pytest.fixture
def slow_world() -> Iterator[World]:
    """Vendors whose files stand still until time passes."""
    clock = FakeClock(datetime.now(UTC))
    with EmulatorThread(EmulatedVendors(clock=clock, bandwidth=400_000)) as thread:
        yield World(thread, clock)


def finish(process: subprocess.Popen[str], world: World) -> tuple[str, str]:
    while process.poll() is None:
        world.pass_time(1)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    return process.communicate(timeout=100)


def test_it_goes_on_where_it_was(slow_world: World, jobdeck: Command, tmp_path: Path) -> None:
    site = slow_world.description["autodesk"]
    keep = ["sh", "-c", 'cp "$1" kept && echo "no room" && exit 3', "sh", "{path}"]
    downloads = {"folder": str(tmp_path / "got"), "layout": "{connection}/{id}/{output}", "after": keep}
    connection = {**site.connection, "min_interval": 0.2}
    jobdeck.config.write_text(tomli_w.dumps({"downloads": downloads, "connections": {"autodesk": connection}}), "utf-8")
    jobdeck.environ |= {variable("autodesk", secret): value for secret, value in site.secrets.items()}
    key = track(jobdeck, slow_world, "autodesk", "quick")
    watch(jobdeck, slow_world, key)

    process = jobdeck.start("download", key, "--json")
    folder = tmp_path / "got" / "autodesk" / key.partition(":")[2]
    passed = 0.0
    while not any(sizes := [path.stat().st_size for path in folder.glob("*.part")]):
        assert process.poll() is None
        if sizes and passed < 1:  # the whole file would take five
            slow_world.pass_time(0.1)
            passed += 0.1
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert (process.returncode, out) == (130, "")
    assert "what came is kept where it can be gone on with" in err

    again = jobdeck.start("download", key, "--json")
    out, err = finish(again, slow_world)
    assert again.returncode == 0, err
    answer = json.loads(out)
    assert answer["resumed_from"] > 0
    assert answer["verified"] == "sha1"
    path = Path(answer["path"])
    assert path.parent == folder
    assert (tmp_path / "kept").read_bytes() == path.read_bytes()
    assert "sh ended with 3: no room" in err
    (stored,) = json.loads(jobdeck("show", key, "--json"))["downloads"]
    assert (stored["state"], stored["resumed_from"]) == ("done", answer["resumed_from"])
    assert stored.keys() >= {"streams", "attempts", "renewals", "speed", "message", "priority"}
