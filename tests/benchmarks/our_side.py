"""The real engine's downloads, as a running program does them: its queue, its board, its disk, its hashes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import Measured, measured_here
from tests.benchmarks.nginx import File
from tests.engine.scripted import ScriptedVendor
from tui.clock import SystemClock
from tui.engine.board import Board, BoardChange
from tui.engine.downloads import Downloads
from tui.engine.fetching.around import Around
from tui.engine.locks import Claims
from tui.engine.next_ask import NextAsk
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.storage.store import Store
from tui.engine.wire.sessions import Sessions
from tui.model import Connection, Download, DownloadState, Job, JobState, Output, Reference, Snapshot
from tui.vendors.contract import Link, Session

_MOST_OUTPUTS = 1000
"""So many outputs a job keeps."""


class NginxVendor(ScriptedVendor):
    """Its outputs lie on nginx under their own names, behind bare links."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        return (Link(f"{self._base_url}/{output.name}", size=output.size),)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be fetched, and how."""

    base_url: str
    files: Sequence[File]
    folder: Path
    ca_file: Path
    connections: int = 1
    at_once: int = 1


def fetch(wish: Wish) -> Measured:
    """Fetch the files; from the wish to the last file under its name, hashed and synced."""
    with tempfile.TemporaryDirectory() as home:
        return asyncio.run(_fetch(wish, Path(home)))


async def _fetch(wish: Wish, home: Path) -> Measured:
    async with Fetching(wish, home) as fetching:
        with measured_here() as measured:
            downloads = await fetching.all()
    wrong = [one for one in downloads if one.state is not DownloadState.DONE]
    if wrong:
        raise SystemExit(f"{len(wrong)} files did not come, e.g. {wrong[0].output}: {wrong[0].message}")
    return measured


class Fetching:
    """An engine's downloads with the jobs on its board whose files are to be fetched."""

    def __init__(self, wish: Wish, home: Path, listener: Callable[[BoardChange], None] = lambda _: None) -> None:
        clock, vendor = SystemClock(), NginxVendor(wish.base_url)
        self._wish = wish
        self._store = Store(home / "board.sqlite")
        self._board = Board(self._store, clock)
        self._board.listen(listener)
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), clock)
        self._sessions = Sessions(clock, finder, lambda _: vendor)
        connection = Connection("nginx", "scripted", wish.base_url, ca_file=wish.ca_file)
        around = Around(
            self._board,
            self._sessions,
            clock,
            connection_of=lambda _: connection,
            vendor_of=lambda _: vendor,
            streams=wish.connections,
        )
        self.downloads = Downloads(around, Claims(home / "fetching.lock"), at_once=wish.at_once)
        self._connection = connection

    async def __aenter__(self) -> Fetching:
        await self._board.load()
        await self._sessions.of(self._connection)
        outputs = tuple(Output(file.name, size=file.size) for file in self._wish.files)
        for number, first in enumerate(range(0, len(outputs), _MOST_OUTPUTS)):
            job = Job("nginx", "scripted", Reference(f"job{number}"), SystemClock().now())
            done = Snapshot(JobState.SUCCEEDED, "done", outputs=outputs[first : first + _MOST_OUTPUTS])
            await self._board.add([job], "tracked")
            await self._board.answered(job.key, done, lambda _: NextAsk())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.downloads.close()
        await self._sessions.close()
        await self._store.close()

    async def all(self) -> tuple[Download, ...]:
        """Fetch everything; how it ended."""
        queued: list[Download] = []
        for job in tuple(self._board.jobs.values()):
            queued += await self.downloads.queue(job, (), self._wish.folder)
        return await self.downloads.wait(tuple(one.id for one in queued))
