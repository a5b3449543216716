"""What is done with a job of the board on the user's word: told to its vendor, its files named, its results queued.

What needs no job of the board, and starting one, is in `vendor_desk`; how a job stands is asked in `asking`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tui import vendors
from tui.clock import Clock
from tui.config import Config
from tui.engine.abilities import refuse_if, why_not
from tui.engine.asking import outputs_named
from tui.engine.board import Board
from tui.engine.contacts import Contacts
from tui.engine.downloads import Downloads
from tui.engine.facts.archives import Inventory
from tui.engine.facts.jobs import Action, Queued
from tui.engine.fetching.layout import folder_of
from tui.engine.fetching.missing import missing_results
from tui.engine.inventory import MOST_SHOWN, inventories
from tui.engine.lost.search import Search
from tui.engine.polling.once import Once
from tui.engine.polling.poller import Poller
from tui.engine.wire.as_curl import status_command
from tui.errors import AskError, JobdeckError, StateError, UsageError
from tui.model import Download, Job, JobKey, Safe
from tui.text import safe_line
from tui.vendors.contract import Cancels, Resets

_LONGEST_COMMAND = 100_000


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the desk works with. `config` gives the one in force, `read_only` whether changes at vendors are refused."""

    config: Callable[[], Config]
    read_only: Callable[[], bool]
    clock: Clock
    board: Board
    contacts: Contacts
    poller: Poller
    search: Search
    downloads: Downloads


class JobDesk:
    """Coroutines raise JobdeckErrors."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._board = rooms.board
        self._contacts = rooms.contacts
        self._once = Once(rooms.board, rooms.clock)

    def why_not(self, action: Action, job: Job) -> str | None:
        """Why the action cannot be done with this job now; None when it can."""
        vendor, read_only = self._contacts.vendor_of(job), self._rooms.read_only()
        return why_not(action, job, vendor, read_only=read_only, not_asked=self._why_not_asked(job))

    def refuse_if(self, action: Action, job: Job) -> None:
        """Raise JobdeckError when the action cannot be done."""
        vendor, read_only = self._contacts.vendor_of(job), self._rooms.read_only()
        refuse_if(action, job, vendor, read_only=read_only, not_asked=self._why_not_asked(job))

    async def cancel(self, key: JobKey) -> None:
        """Tell a vendor to stop a job, once, and ask for it. Errors as in `reset`."""
        await self._change(key, self._cancel(key))

    async def reset(self, key: JobKey) -> None:
        """Have a vendor put a job that is over back to its start: written down, sent once; then it is asked for.

        Raises JobdeckError before anything is sent, AskError when the vendor refused; with UNREACHABLE nobody knows
        whether it was done, unless the error says `not_sent`.
        """
        await self._change(key, self._reset(key))

    async def follow_up(self) -> None:
        """After a start: ask for jobs whose cancel or reset an earlier run sent in vain. Raises StateError."""
        await self._once.follow_up(lambda job: self._rooms.poller.refresh((job,)))

    async def attach(self, key: JobKey, outputs: tuple[str, ...]) -> Job:
        """Attach output files to a job whose vendor does not name them, and ask for it. Raises UsageError."""
        job = self._board.job(key)
        names = outputs_named(vendors.load(job.vendor), outputs)
        await self._board.attach(key, names)
        await self._rooms.poller.refresh((self._board.job(key),))
        return self._board.job(key)

    async def download(
        self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None
    ) -> tuple[Download, ...]:
        """Queue outputs of a job, into the layout's folder or right into this one.

        Raises UsageError or DownloadError when that cannot be done.
        """
        job = self._board.job(key)
        self.refuse_if(Action.DOWNLOAD_NAMED if outputs else Action.DOWNLOAD, job)
        into = folder or folder_of(job, self._rooms.config().downloads)
        return await self._rooms.downloads.queue(job, outputs, into)

    async def download_finished(self) -> Queued:
        """Queue every result of a succeeded job that is not here yet, as far as it can be had. Raises StateError."""
        files = jobs = skipped = 0
        for job in tuple(self._board.jobs.values()):
            names = missing_results(job, self._rooms.clock.now())
            if not names:
                continue
            try:
                files += len(await self.download(job.key, names))
                jobs += 1
            except StateError:
                raise
            except JobdeckError:  # e.g. its connection is not in config.toml: the board says so on its own `d`
                skipped += 1
        return Queued(files, jobs, skipped)

    async def inventory(self, key: JobKey) -> tuple[Inventory, ...]:
        """What the fetched archives of a job hold, where their vendor tells. Raises UsageError."""
        job = self._board.job(key)
        return await asyncio.to_thread(inventories, job, vendors.load(job.vendor), MOST_SHOWN)

    async def status_command(self, key: JobKey) -> Safe:
        """The curl command that asks how a job stands, without the login."""
        job, rooms = self._board.job(key), self._rooms
        connection = rooms.config().connection(job.connection)
        command = await status_command(vendors.load(connection.vendor), connection, job.ref, rooms.clock)
        return safe_line(command, _LONGEST_COMMAND)

    def _why_not_asked(self, job: Job) -> str | None:
        """Why a job is not to be asked for now: its user paused the connection, or the answer to its start may come."""
        if self._rooms.poller.is_paused(job.connection):
            return f"asking {job.connection} is paused by you"
        return self._rooms.search.why_not_yet(job)

    async def _cancel(self, key: JobKey) -> None:
        job = self._board.job(key)
        self.refuse_if(Action.CANCEL, job)
        vendor, session = await self._contacts.of(job.connection)
        if not isinstance(vendor, Cancels):
            raise UsageError(f"{vendor.label} knows no cancel")
        await self._once.send(key, Action.CANCEL, lambda: vendor.cancel(session, job.ref), take_turn=session.take_turn)

    async def _reset(self, key: JobKey) -> None:
        job = self._board.job(key)
        self.refuse_if(Action.RESET, job)
        vendor, session = await self._contacts.of(job.connection)
        if not isinstance(vendor, Resets):
            raise UsageError(f"{vendor.label} knows no reset")
        await self._once.send(key, Action.RESET, lambda: vendor.reset(session, job.ref), take_turn=session.take_turn)
        await self._board.reopened(key)

    async def _change(self, key: JobKey, change: Awaitable[None]) -> None:
        try:
            await change
        except AskError as error:
            if not error.leaves_open:
                raise
            await self._ask_soon(key)  # it may have been done: the job's state tells
            raise
        await self._ask_soon(key)

    async def _ask_soon(self, key: JobKey) -> None:
        if job := self._board.jobs.get(key):  # another program may have taken it off the board meanwhile
            await self._rooms.poller.refresh((job,))
