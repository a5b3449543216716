"""Looking inside outputs on the user's word: members, previews, single members, unpacking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

from tui.clock import Clock
from tui.engine.abilities import refuse_if
from tui.engine.board import Board
from tui.engine.facts.archives import Contents, Member, Preview, TakenMember
from tui.engine.facts.jobs import Action
from tui.engine.inside.opened import Look, look_here, look_there, unpack_here
from tui.engine.inside.ranges import RangeSource
from tui.engine.inside.taking import take
from tui.engine.unbroken import in_thread, unbroken
from tui.engine.wire.sessions import Sessions
from tui.errors import DownloadError, UsageError
from tui.model import Connection, Job, JobKey, Output, OutputKind
from tui.vendors.contract import Vendor

_T = TypeVar("_T")


class Inside:
    """Coroutines raise JobdeckErrors. The output that was looked into last stays open, so that previews cost little."""

    def __init__(
        self,
        board: Board,
        sessions: Sessions,
        clock: Clock,
        *,
        connection_of: Callable[[str], Connection],
        vendor_of: Callable[[str], Vendor],
        folder_of: Callable[[Job], Path],
        keep: Callable[[JobKey, str, TakenMember], Coroutine[object, object, None]],
    ) -> None:
        """`keep` writes down a member that was fetched, and of which output."""
        self._board = board
        self._sessions = sessions
        self._clock = clock
        self._connection_of = connection_of
        self._vendor_of = vendor_of
        self._folder_of = folder_of
        self._keep = keep
        self._kept: tuple[JobKey, str, Look] | None = None
        self._one = asyncio.Lock()

    async def look(self, key: JobKey, output: str) -> Contents:
        """What is in a file output: of the fetched file where there is one, else of the vendor's."""
        async with self._one:
            self._drop()
            look = await self._open(key, output)
            if isinstance(look, Contents):
                return look
            self._kept = (key, output, look)
            return await self._work(look, look.opened.contents)

    async def preview(self, key: JobKey, output: str, member: Member) -> Preview:
        """How a member begins; of the archive that the member was found in, or DownloadError."""
        async with self._one:
            look = await self._archive(key, output)
            return await self._work(look, lambda: look.opened.preview(member))

    async def take(
        self,
        key: JobKey,
        output: str,
        members: tuple[Member, ...],
        folder: Path | None = None,
        told: Callable[[TakenMember], None] = lambda _: None,
    ) -> tuple[TakenMember, ...]:
        """Fetch members one by one, each under its own name, into the job's folder or this one.

        Those before an error stay. `told` hears of each when it is there.
        """
        folder = folder or self._folder_of(self._board.job(key))
        look = await self._open(key, output)
        if isinstance(look, Contents):
            raise DownloadError(f"{output} is no archive", hint="download it whole")
        try:
            taken = []
            for member in members:
                taken.append(await self._take(key, output, look, member, folder))
                told(taken[-1])
            return tuple(taken)
        finally:
            look.close()

    async def unpack(self, key: JobKey, output: str) -> Path:
        """Unpack a fetched archive into a new folder beside it."""
        path = await in_thread(fetched, self._board.job(key), output)
        if path is None:
            raise DownloadError(f"{output} is not downloaded", hint="download it, then unpack it")
        folder = await unpack_here(path)
        await self._board.note(key, "unpacked", f"{path.name} into {folder}")
        return folder

    def close(self) -> None:
        """Look at nothing any more."""
        self._drop()

    async def _take(self, key: JobKey, output: str, look: Look, member: Member, folder: Path) -> TakenMember:
        taken: list[TakenMember] = []
        try:
            await look.work(lambda: taken.append(take(look.opened, member, folder, key)))
        finally:
            if taken:  # it has its name: whoever stops waiting now, the board hears of it
                await unbroken(self._keep(key, output, taken[0]))
        return taken[0]

    async def _archive(self, key: JobKey, output: str) -> Look:
        if self._kept is not None and self._kept[:2] == (key, output):
            return self._kept[2]
        self._drop()
        look = await self._open(key, output)
        if isinstance(look, Contents):
            raise DownloadError(f"{output} is no archive", hint="download it whole")
        self._kept = (key, output, look)
        return look

    async def _work(self, look: Look, work: Callable[[], _T]) -> _T:
        """A look that ended with an error is not used again."""
        try:
            return await look.work(work)
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept[2].close()
        self._kept = None

    async def _open(self, key: JobKey, name: str) -> Look | Contents:
        job = self._board.job(key)
        output = _file_named(job, name)
        if (path := await in_thread(fetched, job, name)) is not None:
            return await look_here(path, output.name)
        connection = self._connection_of(job.connection)
        vendor = self._vendor_of(job.vendor)
        refuse_if(Action.DOWNLOAD_NAMED, job, vendor, read_only=False)
        session = await self._sessions.of(connection)
        return await look_there(RangeSource(session, vendor, job.ref, output, self._clock), output.name)


def fetched(job: Job, output: str) -> Path | None:
    """Where the output was fetched to last, if the file is still there. Blocks: it may lie far away."""
    done = [one for one in job.downloads if one.output == output and one.is_whole and one.path]
    newest = max(done, key=lambda one: one.id, default=None)
    return newest.path if newest and newest.path and newest.path.is_file() else None


def _file_named(job: Job, name: str) -> Output:
    for output in job.snapshot.outputs:
        if output.name == name and output.kind is OutputKind.FILE:
            return output
    files = ", ".join(one.name for one in job.snapshot.outputs if one.kind is OutputKind.FILE)
    raise UsageError(f"{job.title} has no file named {name}", hint=f"its files: {files or 'none'}")
