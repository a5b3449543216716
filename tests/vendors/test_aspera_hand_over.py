"""Aspera: a `fasp:` link of the emulated server, handed to a program on the PATH by the whole engine (section 8)."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.vendors.live import engine_at
from tui.emulators.server import EmulatedVendors
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import TrackWish
from tui.engine.secrets.ways import variable
from tui.errors import UsageError
from tui.model import JobKey, OutputKind

NAME = "package_post_url"
RECORD = f"""#!{sys.executable}
import json, os, sys
open(os.path.join(os.environ["HOME"], "seen"), "w").write(json.dumps([sys.argv, os.environ["TS"]]))
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[EmulatedVendors]:
    async with EmulatedVendors(clock=clock) as running:
        yield running


@pytest.fixture
async def engine(world: EmulatedVendors, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine whose PATH holds a program that records how it was called."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ascli").write_text(RECORD)
    (tmp_path / "bin" / "ascli").chmod(0o755)
    async with engine_at(world, "aspera", clock, tmp_path) as plain:
        config = plain.config
    config = replace(config, downloads=replace(config.downloads, folder=tmp_path / "got"))
    secrets = world.describe()["aspera"].secrets.items()
    environ = {variable("aspera", name): value for name, value in secrets}
    environ |= {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}
    engine = Engine(config, tmp_path / "board.sqlite", Surroundings(clock=clock, environ=environ))
    await engine.open()
    yield engine
    await engine.close()


async def tracked(engine: Engine, world: EmulatedVendors, clock: FakeClock) -> JobKey:
    clock.jump(60)
    job = await engine.asking.track(TrackWish(world.describe()["aspera"].cast["fasp"].partition("/")[0]))
    assert next(one.kind for one in job.snapshot.outputs if one.name == NAME) is OutputKind.LINK
    return job.key


def all_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("board.sqlite*"))


async def test_the_program_fetches_it_and_nothing_is_shown_as_downloaded(
    engine: Engine, world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    key = await tracked(engine, world, clock)
    (offer,) = engine.vendor_desk.offers()
    assert offer.fetcher == "ascli"
    assert await engine.links.hand_over(key, NAME) == f"ascli fetched it into {tmp_path / 'got'}"
    argv, given = json.loads((tmp_path / "seen").read_text())
    assert json.loads(given)["token"].startswith("ATM3_")
    assert "ATM3_" not in " ".join(argv)
    assert engine.board.job(key).downloads == ()
    told = [event.text for event in await engine.store.events(key) if event.kind == "handed over"]
    assert told == [f"{NAME}: ascli is started", f"ascli fetched it into {tmp_path / 'got'}"]
    assert b"ATM3_" not in all_in(tmp_path)


async def test_the_command_is_given_when_asked_for_and_noted(
    engine: Engine, world: EmulatedVendors, clock: FakeClock, tmp_path: Path
) -> None:
    key = await tracked(engine, world, clock)
    copied = await engine.links.command(key, NAME)
    assert copied.what == "the ascli command"
    assert "ATM3_" in copied.text.reveal()
    assert "ATM3_" not in repr(copied)
    told = [event.text for event in await engine.store.events(key) if event.kind == "handed over"]
    assert told == [f"{NAME}: the ascli command was asked for, to be copied"]
    assert b"ATM3_" not in all_in(tmp_path)
    link = await engine.links.address(key, NAME)
    assert (link.what, link.text.reveal().startswith("fasp://")) == (f"the link {NAME}", True)
    assert "ATM3_" in link.text.reveal()
    assert b"ATM3_" not in all_in(tmp_path)
    with pytest.raises(UsageError, match="no link named disks"):
        await engine.links.command(key, "disks")
    assert not (tmp_path / "seen").exists()
