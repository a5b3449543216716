"""Downloads of a scripted vendor's outputs, from a web that the test writes, into a real folder."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path

import httpx

from tests.clock import START, FakeClock
from tests.engine.scripted import ScriptedVendor
from tests.engine.waiting import until
from tests.engine.webs import Chunks, Web
from tui.engine.board import Board
from tui.engine.downloads import Downloads
from tui.engine.fetching.around import Around
from tui.engine.fetching.progress import PieceSizes
from tui.engine.locks import Claims
from tui.engine.next_ask import NextAsk
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.storage.store import Store
from tui.engine.wire.sessions import Sessions
from tui.model import Connection, Download, DownloadState, Job, JobKey, JobState, Output, Reference, Snapshot
from tui.vendors.contract import Link

KEY = JobKey("plant:job1")
CONTENT = bytes(range(256)) * 4096
SHA1 = hashlib.sha1(CONTENT).hexdigest()
BARE = Link("https://bucket.example/out.bin?X-Amz-Signature=canary", size=len(CONTENT), sha1=SHA1)

Answer = Callable[[httpx.Request], httpx.Response]


def whole(_: httpx.Request, content: bytes = CONTENT, **headers: str) -> httpx.Response:
    """The content as a server sends it, with its length."""
    pieces = [content[at : at + 100_000] for at in range(0, len(content), 100_000)]
    return httpx.Response(200, stream=Chunks(pieces), headers={"Content-Length": str(len(content)), **headers})


class Desk:
    """One program: a board with one finished job, and its downloads."""

    def __init__(
        self,
        home: Path,
        answer: Answer = whole,
        *,
        at_once: int = 3,
        clock: FakeClock | None = None,
        disk: Executor | None = None,
        streams: int = 1,
        sizes: PieceSizes | None = None,
    ) -> None:
        self.folder = home / "got"
        self.vendor = ScriptedVendor()
        self.vendor.links = [(BARE,)]
        self.clock = clock or FakeClock()
        self.web = Web(answer)
        self.store = Store(home / "board.sqlite", disk)
        self.board = Board(self.store, self.clock)
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), self.clock)
        self.sessions = Sessions(self.clock, finder, lambda _: self.vendor, self.web.transport)
        around = Around(
            self.board,
            self.sessions,
            self.clock,
            connection_of=lambda name: Connection(name, "scripted", "https://vendor.example"),
            vendor_of=lambda _: self.vendor,
            streams=streams,
            sizes=sizes or PieceSizes(),
            rng=random.Random(1),
        )
        self.downloads = Downloads(around, Claims(home / "fetching.lock"), at_once=at_once)

    async def open(self, *outputs: Output) -> Desk:
        """Read the board; with outputs, put the finished job on it."""
        await self.board.load()
        if outputs:
            await self.board.add([Job("plant", "scripted", Reference("job1"), START)], "tracked")
            done = Snapshot(JobState.SUCCEEDED, "done", outputs=outputs)
            await self.board.answered(KEY, done, lambda _: NextAsk())
        return self

    async def fetch(self, *names: str) -> Download:
        """Download and return how it ended; the clock moves whenever somebody waits for it."""
        return (await self.fetch_all(*names))[0]

    async def fetch_all(self, *names: str) -> tuple[Download, ...]:
        queued = await self.downloads.queue(self.board.job(KEY), names, self.folder)
        return await self.rest(one.id for one in queued)

    async def rest(self, ids: Iterable[int]) -> tuple[Download, ...]:
        """Wait until these downloads rest; the clock moves whenever somebody waits for it."""
        waiting = asyncio.create_task(self.downloads.wait(tuple(ids)))
        while not waiting.done():
            await self.clock.advance(1.0)
        return await waiting

    async def started(self, *names: str) -> tuple[Download, ...]:
        """Queue, and return when the first bytes have come."""
        queued = await self.downloads.queue(self.board.job(KEY), names, self.folder)
        first = queued[0].id
        await until(lambda: self.board.downloads[first].state is DownloadState.RUNNING and self.web.sent)
        return queued

    def files(self) -> dict[str, bytes]:
        """What lies in the folder; a file that is renamed by a thread while we look is not there any more."""
        found: dict[str, bytes] = {}
        for path in sorted(self.folder.iterdir()) if self.folder.exists() else ():
            with suppress(FileNotFoundError):
                found[path.name] = path.read_bytes()
        return found

    def on_disk(self) -> bytes:
        """Every byte of the state folder."""
        return b"".join(path.read_bytes() for path in self.folder.parent.iterdir() if path.is_file())

    async def events(self) -> list[str]:
        return [event.text for event in await self.store.events(KEY) if event.kind == "download"]

    async def close(self) -> None:
        await self.downloads.close()
        await self.sessions.close()
        await self.store.close()
