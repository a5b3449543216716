"""What the engine is given from outside."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tui.clock import Clock, SystemClock
from tui.engine.secrets.keyring_guard import GuardedKeyring

if TYPE_CHECKING:  # an HTTP client, which the board loads after its first frame
    from tui.engine.wire.clients import Transport


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the engine is given from outside, so that a test can give something else."""

    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)
    environ: Mapping[str, str] = field(default_factory=dict)
    keyring: GuardedKeyring = field(default_factory=GuardedKeyring)
    transport: Transport = lambda _: None
    read_only: bool = False
    config_file: Path | None = None
    """The config.toml that is obeyed when it changes, and that connections are written to."""
