"""What every emulated vendor shares: its surroundings, its jobs, its faults and what it says of itself."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Middleware

from tui.emulators.faults import Faults
from tui.emulators.sending import Sender
from tui.emulators.store import Store
from tui.emulators.worldtime import WorldTime

Settings = Mapping[str, str | float]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a site is given: time, the store, a seed, its own address, and bytes a second for each body."""

    time: WorldTime
    store: Store
    seed: str
    base_url: str
    bandwidth: int | None = None

    def rng(self, *names: object) -> random.Random:
        """Chance that is the same for the same seed and names."""
        return random.Random("/".join([self.seed, *map(str, names)]))


@dataclass(frozen=True, slots=True)
class SiteDescription:
    """How to reach one emulated vendor, and what it has (CONTRACT section 6, `emulate --json`).

    `cast` names the REFs of `jobs` by what happens to them, e.g. `quick`, `slow`. `outputs` and `titles`, where there
    are any, stand in the order of `jobs`; titles are what people call jobs that the vendor has no name for.
    """

    vendor: str
    base_url: str
    connection: Settings
    secrets: Mapping[str, str] = field(repr=False)
    cast: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    rsa_public_key: str | None = None
    """For the EnOS Python SDK: what its own recipient key is replaced by."""

    @property
    def jobs(self) -> tuple[str, ...]:
        """The REFs of the jobs that were there from the start."""
        return tuple(self.cast.values())


@dataclass(frozen=True, slots=True)
class Arrival:
    """A job that has just appeared at a vendor.

    `outputs` are `BUCKET/KEY` names that only Autodesk needs, `title` is what people call it where the vendor has no
    name for it.
    """

    vendor: str
    ref: str
    outputs: tuple[str, ...] = ()
    title: str | None = None


class Site(ABC):
    """One emulated vendor."""

    name: str
    """The word in config.toml."""
    retention: float = 86_400.0
    """Seconds for which a finished job is known."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.time = around.time
        self.store = around.store
        self.base_url = around.base_url
        self.faults = Faults()
        self.sender = Sender(around.time.clock, self.faults, around.bandwidth)

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Its calls."""

    def middlewares(self) -> list[Middleware]:
        """What stands before its calls, after the faults."""
        return []

    @abstractmethod
    def describe(self) -> SiteDescription:
        """How to reach it, and what it had from the start."""

    @abstractmethod
    def newcomer(self, number: int, born: float) -> Arrival:
        """Let the job with that number of the stream appear."""

    @abstractmethod
    def forget(self) -> None:
        """Drop jobs that ended longer ago than the vendor remembers."""

    @abstractmethod
    def revoke_tokens(self) -> None:
        """End all logins at once."""
