"""Downloads over real sockets from a misbehaving server; the clock runs ahead whenever somebody waits for it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.clock import FakeClock
from tests.engine.fetching import KEY, Desk
from tests.engine.scripted import ScriptedVendor
from tests.engine.webs import HeaderLogin
from tui.clock import Clock
from tui.engine.downloads import Downloads
from tui.engine.fetching.around import Around
from tui.engine.fetching.progress import PieceSizes
from tui.engine.locks import Claims
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.model import Connection, Download, Output, Reference
from tui.vendors.contract import Link, Secrets, Session

VENDOR_KEY = "canary-vendor-key"
SMALL_PIECES = PieceSizes(most=65_536, least=8_192, split_from=65_536)
_REAL_SECOND = 0.02
"""How long one second of a `RunningClock` takes, and how long any wait takes at most is half of that."""


class RunningClock(FakeClock):
    """Time for code that waits for threads as well: a wait is short, and afterwards its time has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        end = self.elapsed + seconds
        self.waits.append(seconds)
        await asyncio.sleep(min(seconds, 0.5) * _REAL_SECOND)
        self.elapsed = max(self.elapsed, end)


async def eventually(condition: Callable[[], object]) -> None:
    """Return when the condition holds. It comes from other threads and processes: spinning would take their core."""
    while not condition():  # noqa: ASYNC110  # what is waited for knows no event
        await asyncio.sleep(0.002)


class Signer(Protocol):
    """Where the files are."""

    @property
    def origin(self) -> str: ...

    def sign(self, path: str = "/out.bin") -> str: ...


class SigningVendor(ScriptedVendor):
    """Gives a link with a new signature whenever it is asked; its login is a header that no other host may see."""

    def __init__(self, server: Signer, link: Link, path: str) -> None:
        super().__init__()
        self._signer = server
        self._link = link
        self._path = path

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        return HeaderLogin({"X-Vendor-Key": VENDOR_KEY})

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        return (replace(self._link, url=self._signer.sign(self._path)),)


def records_in(folder: Path) -> list[dict[str, Any]]:
    """What lies beside the parts."""
    return [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.part.json"))]


class LoopbackDesk(Desk):
    """A desk whose one job has its files on a misbehaving server."""

    def __init__(
        self,
        home: Path,
        server: Signer,
        *,
        connections: int = 1,
        link: Link | None = None,
        path: str = "/out.bin",
        **settings: Any,
    ) -> None:
        running = RunningClock()
        super().__init__(home, clock=running)
        self.running = running
        self.vendor = SigningVendor(server, link or Link(""), path)
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), self.clock)
        self.sessions = Sessions(self.clock, finder, lambda _: self.vendor)
        settings = {"timeout": 60.0, **settings}
        around = Around(
            self.board,
            self.sessions,
            self.clock,
            connection_of=lambda name: Connection(name, "scripted", server.origin, **settings),
            vendor_of=lambda _: self.vendor,
            streams=connections,
            sizes=SMALL_PIECES,
            rng=random.Random(7),
        )
        self.downloads = Downloads(around, Claims(home / "fetching.lock"), at_once=3)

    async def fetch_all(self, *names: str) -> tuple[Download, ...]:
        queued = await self.downloads.queue(self.board.job(KEY), names, self.folder)
        return await self.downloads.wait(tuple(one.id for one in queued))

    def records(self) -> list[dict[str, Any]]:
        return records_in(self.folder)
