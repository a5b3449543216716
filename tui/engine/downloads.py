"""Fetching outputs: resolve the link right before use, stream to `.part`, verify, rename.

A link is asked anew for every attempt and never stored; a file gets its name only when size and checksum are right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.fetch import Fetcher
from tui.engine.locks import Claims
from tui.engine.sessions import Sessions
from tui.errors import AskError, DownloadError, ExitCode, JobdeckError, StateError
from tui.model import Connection, Download, DownloadState, Job, Output, OutputKind, ProblemKind
from tui.redact import redact
from tui.text import safe_line
from tui.vendors.contract import Vendor

ATTEMPTS = 4
"""So many times a file is tried before its download counts as failed."""
_WORTH_ANOTHER_TRY = frozenset({ProblemKind.UNREACHABLE, ProblemKind.RATE_LIMITED})
_log = logging.getLogger("jobdeck.downloads")


class Downloads:
    """The queue of downloads; at most `at_once` files move at the same time."""

    def __init__(
        self,
        board: Board,
        sessions: Sessions,
        clock: Clock,
        claims: Claims,
        *,
        at_once: int,
        connection_of: Callable[[str], Connection],
        vendor_of: Callable[[str], Vendor],
    ) -> None:
        self._board = board
        self._sessions = sessions
        self._clock = clock
        self._claims = claims
        self._fetcher = Fetcher(board, clock)
        self._room = asyncio.Semaphore(at_once)
        self._connection_of = connection_of
        self._vendor_of = vendor_of
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._exit_codes: dict[int, ExitCode] = {}
        self._last_id = 0

    async def queue(self, job: Job, names: tuple[str, ...], folder: Path) -> tuple[Download, ...]:
        """Queue files of a job: those named, or all. Raises DownloadError for a name that is no file."""
        mine = (self._board.downloads[number] for number in self._tasks)
        under_way = {one.output for one in mine if one.job == job.key and not one.state.is_over}
        chosen = [output for output in _chosen(job, names) if output.name not in under_way]
        if not chosen:
            raise DownloadError(f"{', '.join(sorted(under_way))}: being fetched already")
        queued = []
        for output in chosen:
            download = Download(
                id=self._next_id(),
                job=job.key,
                output=output.name,
                folder=folder,
                state=DownloadState.QUEUED,
                size=output.size,
            )
            await self._board.put_download(download, f"{output.name}: queued")
            self._start(download)
            queued.append(download)
        return tuple(queued)

    def resume(self) -> None:
        """Start again what was under way when its program ended; what another one is fetching is left to it."""
        for download in tuple(self._board.downloads.values()):
            if not download.state.is_over:
                self._start(replace(download, state=DownloadState.QUEUED, bytes=0, speed=None))

    async def wait(self, ids: tuple[int, ...]) -> tuple[Download, ...]:
        """Wait until these downloads are over."""
        await asyncio.gather(*(self._tasks[one] for one in ids if one in self._tasks), return_exceptions=True)
        return tuple(self._board.downloads[one] for one in ids)

    def exit_code(self, number: int) -> ExitCode:
        """What a download that did not end well means for the command's exit code."""
        return self._exit_codes.get(number, ExitCode.FAILED)

    async def stop(self, number: int) -> None:
        """Stop one download for good; what came of it is removed. Raises DownloadError when it runs elsewhere."""
        download = self._board.downloads.get(number)
        task = self._tasks.get(number)
        if download is None or download.state.is_over:
            return
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        elif not self._claim(number):
            raise DownloadError(f"{download.output} is fetched by another program", hint="stop it there")
        self._claims.release(number)
        last = self._board.downloads[number]
        if last.state.is_over:
            return  # it came to its end while it was being stopped
        stopped = replace(last, state=DownloadState.CANCELLED, speed=None)
        await self._board.put_download(stopped, f"{last.output}: stopped")

    async def close(self) -> None:
        """Interrupt everything; the next start goes on with it."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _next_id(self) -> int:
        newest = max(self._board.downloads, default=0)  # the clock may stand before it
        self._last_id = max(self._last_id + 1, newest + 1, int(self._clock.now().timestamp() * 1_000_000))
        return self._last_id

    def _claim(self, number: int) -> bool:
        try:
            return self._claims.take(number)
        except OSError as error:
            raise StateError(
                f"the state folder takes no file: {error.strerror}", hint="make room or mend its permissions"
            ) from error

    def _start(self, download: Download) -> None:
        if not self._claim(download.id):
            return  # another program is at it
        task = asyncio.create_task(self._run(download), name=f"download {download.id}")
        self._tasks[download.id] = task
        task.add_done_callback(lambda done: self._ended(download.id, done))

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        self._tasks.pop(number, None)
        self._claims.release(number)
        if not task.cancelled() and (error := task.exception()):
            _log.error("download %s ended: %s", number, error)  # the disk did not even take the failure

    async def _run(self, download: Download) -> None:
        async with self._room:
            try:
                await self._try_often(download)
            except JobdeckError as error:
                await self._fail(download, error)
            except Exception as error:  # noqa: BLE001  # a border: no fault of ours leaves a download "running"
                _log.error("a fault while downloading", exc_info=error)
                name = type(error).__name__
                await self._fail(download, DownloadError(f"jobdeck cannot fetch it ({name})", hint="please report it"))

    async def _fail(self, download: Download, error: JobdeckError) -> None:
        self._exit_codes[download.id] = error.exit_code
        last, message = self._board.downloads[download.id], _sentence(error)
        failed = replace(last, state=DownloadState.FAILED, speed=None, message=message)
        await self._board.put_download(failed, f"{download.output}: {message}")

    async def _try_often(self, download: Download) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._try(replace(download, attempts=attempt))
                return
            except AskError as error:
                if attempt == ATTEMPTS or error.kind not in _WORTH_ANOTHER_TRY:
                    raise
                await self._clock.sleep(error.retry_after or 2.0 ** (attempt - 1))

    async def _try(self, download: Download) -> None:
        job = self._board.jobs.get(download.job)
        if job is None:
            raise DownloadError("the job is not on the board any more")
        output = _chosen(job, (download.output,))[0]
        session = await self._sessions.of(self._connection_of(job.connection))
        vendor = self._vendor_of(job.vendor)
        links = await vendor.resolve(session, job.ref, output)
        if not links:
            raise DownloadError(f"{output.name} cannot be downloaded any more", hint="start the job again")
        errors: list[AskError] = []
        for link in links:
            try:
                await self._fetcher.fetch(download, output, link, session, vendor)
                return
            except AskError as error:  # the next way to the same bytes
                errors.append(error)
        raise next((error for error in errors if error.kind in _WORTH_ANOTHER_TRY), errors[-1])


def _chosen(job: Job, names: tuple[str, ...]) -> tuple[Output, ...]:
    files = {output.name: output for output in job.snapshot.outputs if output.kind is OutputKind.FILE}
    for name in names:
        if name not in files:
            known = ", ".join(files) or "none"
            raise DownloadError(f"{job.title} has no file named {name}", hint=f"its files: {known}")
    if names:
        return tuple(files[name] for name in names)
    results = tuple(output for output in files.values() if not output.only_by_name)
    if not results:
        hint = f"fetched by name only: {', '.join(files)}" if files else ""
        status = job.snapshot.vendor_status or job.state
        raise DownloadError(f"{job.title} has no file to download ({status})", hint=hint)
    return results


def _sentence(error: JobdeckError) -> str:
    text = f"{error.message}; {error.hint}" if error.hint else error.message
    return safe_line(redact(text))
