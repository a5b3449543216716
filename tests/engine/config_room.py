"""An engine with a config.toml on the disk, a played octoplant behind it, and a keyring in memory."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.clock import FakeClock
from tests.engine.keyrings import MemoryBackend, of_module
from tests.engine.octoplant_web import PlayedOctoplant
from tui import config
from tui.engine.engine import Engine, Surroundings
from tui.engine.secrets.keyring_guard import GuardedKeyring

PLANT = """# by hand
[connections.plant]
vendor = "octoplant"
base_url = "https://localhost:64023"
username = "versiondog"  # the usual one
"""


@dataclass
class ConfigRoom:
    home: Path
    clock: FakeClock = field(default_factory=FakeClock)
    plant: PlayedOctoplant = field(default_factory=PlayedOctoplant)
    environ: dict[str, str] = field(default_factory=lambda: {"JOBDECK_SECRET_PLANT_PASSWORD": "canary-of-a-room"})

    @property
    def path(self) -> Path:
        return self.home / "config.toml"

    @asynccontextmanager
    async def engine(self, keyring: GuardedKeyring | None = None) -> AsyncIterator[Engine]:
        around = Surroundings(
            self.clock,
            random.Random(1),
            self.environ,
            keyring or GuardedKeyring(trouble="none here"),
            self.plant.transport,
            config_file=self.path,
        )
        engine = Engine(config.load(self.path), self.home / "board.sqlite", around)
        await engine.open()
        try:
            yield engine
        finally:
            await engine.close()

    def secrets(self) -> MemoryBackend:
        return of_module(MemoryBackend, "keyring.backends.SecretService")
