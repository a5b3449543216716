"""The queue of downloads: who goes next, paused, stopped, taken up again; `engine.fetching` brings the bytes."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tui.engine.facts.archives import TakenMember
from tui.engine.fetching.around import Around, Fleet
from tui.engine.fetching.course import Course
from tui.engine.fetching.part_file import Owner, discard_parts
from tui.engine.fetching.wanted import chosen
from tui.engine.locks import Claims
from tui.engine.unbroken import in_thread
from tui.errors import AskError, DiskFullError, DownloadError, ExitCode, JobdeckError, ProblemKind, StateError
from tui.model import Download, DownloadState, Job, JobKey, Output, Safe, Verified
from tui.redact import redact
from tui.text import safe_line

_log = logging.getLogger("jobdeck.downloads")

Change = tuple[Download, str | None]
"""A download as it is from now on, with a line for its job's history."""


class Downloads:
    """At most `at_once` files move at the same time, those of higher priority first."""

    def __init__(self, around: Around, claims: Claims, *, at_once: int) -> None:
        self._around = around
        self._fleet = Fleet(around)
        self._board = around.board
        self._claims = claims
        self._at_once = at_once
        self._waiting: set[int] = set()
        self._line: list[tuple[int, int]] = []
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._moving: set[int] = set()
        """Those of the tasks whose files have no names yet."""
        self._taken: set[int] = set()
        """Members that are being written down."""
        self._taken_up: set[int] = set()
        """Those that an earlier program had begun."""
        self._stopping: set[int] = set()
        self._rests: dict[int, asyncio.Event] = {}
        self._exit_codes: dict[int, ExitCode] = {}
        self._last_id = 0
        self._is_closed = False

    async def queue(self, job: Job, names: tuple[str, ...], folder: Path) -> tuple[Download, ...]:
        """Queue files of a job: those named, or all. Raises DownloadError for what is no file, or under way already.

        One that is paused, or whose program has ended, goes on where it was.
        """
        self._look_at_ids()
        mine = {one.output: one for one in self._board.downloads.values() if one.job == job.key and one.member is None}
        planned = {one.name: self._planned(job, one, mine.get(one.name), folder) for one in chosen(job, names)}
        wanted = [change for change in planned.values() if change is not None]
        if not wanted:
            hint = "the downloads pane shows how far it is"
            raise DownloadError(f"{', '.join(planned)}: being fetched already", hint=hint)
        await self._put_in(wanted)
        return tuple(self._board.downloads[download.id] for download, _ in wanted)

    def _planned(self, job: Job, output: Output[Safe], known: Download | None, folder: Path) -> Change | None:
        """What is to be queued for an output, claimed; None when it is under way already."""
        if known is not None and not known.state.is_over:
            if known.state.is_moving and self.is_ours(known.id):
                return None
            if known.folder == folder:
                if not self._claim(known.id):
                    return None
                if known.state.is_moving:
                    self._taken_up.add(known.id)
                return _again(known)
        download = Download(self._next_id(), job.key, output.name, folder, DownloadState.QUEUED, size=output.size)
        self._claim(download.id)
        return download, f"{output.name}: queued"

    async def _put_in(self, changes: Sequence[Change]) -> None:
        """Queue what is claimed."""
        try:
            await self._board.put_downloads(changes)
        except BaseException:
            for download, _ in changes:
                self._claims.release(download.id)
            raise
        for download, _ in changes:
            self._enter(download.id)
        self._fill()

    async def record_member(self, key: JobKey, output: str, taken: TakenMember) -> None:
        """Put a member that was fetched alone among the downloads; its CRC was found right. Raises StateError."""
        self._look_at_ids()
        done = Download(
            self._next_id(),
            key,
            safe_line(output),
            taken.path.parent,
            DownloadState.DONE,
            path=taken.path,
            bytes=taken.bytes,
            size=taken.bytes,
            verified=Verified.ZIP,
            attempts=1,
            member=taken.name,
        )
        self._taken.add(done.id)
        try:
            told = f"{taken.name} of {output}: fetched, {taken.bytes} bytes: {taken.path}"
            await self._board.put_download(done, told)
        finally:
            self._taken.discard(done.id)

    def take_up(self) -> None:
        """Go on with what was under way when its program ended; what another one is fetching is left to it."""
        for download in tuple(self._board.downloads.values()):
            if download.state.is_moving and self._claim(download.id):
                self._taken_up.add(download.id)
                self._board.show_progress(replace(download, state=DownloadState.QUEUED, speed=None, streams=0))
                self._enter(download.id)
        self._fill()

    async def wait(self, ids: tuple[int, ...]) -> tuple[Download, ...]:
        """Wait until these downloads rest: are over, or paused."""
        for number in ids:
            if self.is_ours(number):
                await self._rest_of(number).wait()
        return tuple(self._board.downloads[number] for number in ids)

    def exit_code(self, number: int) -> ExitCode:
        """What a download that did not end well means for the command's exit code."""
        return self._exit_codes.get(number, ExitCode.FAILED)

    async def pause(self, number: int) -> None:
        """Hold a download; what came is kept. Raises DownloadError when it runs elsewhere."""
        download = await self._halt(number)
        if download is not None and download.state.is_moving:
            paused = replace(download, state=DownloadState.PAUSED, speed=None, streams=0, message=None)
            await self._board.put_download(paused, f"{download.output}: paused at {download.bytes} bytes")

    async def resume(self, number: int) -> None:
        """Go on with a paused download, or try one again that failed or was stopped."""
        download = self._board.downloads.get(number)
        if download is None or download.state.is_moving or download.state is DownloadState.DONE:
            return
        if number in self._stopping:
            raise DownloadError(f"{download.output} is being stopped", hint="try again when it is")
        if not self._claim(number):
            raise DownloadError(f"{download.output} is fetched by another program", hint="look there")
        await self._put_in([_again(download)])

    async def hurry(self, number: int) -> None:
        """Have a download be the next to move."""
        download = self._board.downloads.get(number)
        if download is None or not download.state.is_moving:
            return
        first = max((one.priority for one in self._board.downloads.values() if one.state.is_moving), default=0)
        await self._board.put_download(replace(download, priority=first + 1), f"{download.output}: goes first")
        if number in self._waiting:
            heapq.heappush(self._line, self._turn(number))

    async def stop(self, number: int) -> None:
        """Stop one download for good; what came of it is removed. One that failed keeps what came: that goes too.

        Raises DownloadError when it runs elsewhere, or failed and a later try goes on with what came.
        """
        if number in self._stopping:
            return
        self._stopping.add(number)
        try:
            await self._stop(number)
        finally:
            self._stopping.discard(number)

    async def _stop(self, number: int) -> None:
        download = await self._halt(number)
        if download is None or (download.state.is_over and download.state is not DownloadState.FAILED):
            return
        if download.state is DownloadState.FAILED and self._is_tried_again(download):
            raise DownloadError("a later try goes on with what came", hint="stop that one")
        if not self._claim(number):
            raise DownloadError(f"{download.output} goes on in another program", hint="stop it there")
        try:
            await in_thread(discard_parts, download.folder, Owner(download.job, download.output))
            stopped = replace(download, state=DownloadState.CANCELLED, speed=None, streams=0, bytes=0)
            await self._board.put_download(stopped, f"{download.output}: stopped")
        finally:
            self._leave(number)

    def _is_tried_again(self, download: Download) -> bool:
        """Whether a later try is under way that goes on with what came of it."""
        return any(
            (one.job, one.output, one.folder) == (download.job, download.output, download.folder)
            for one in self._board.downloads.values()
            if not one.state.is_over
        )

    async def close(self) -> None:
        """Interrupt everything; the next start goes on with it."""
        self._is_closed = True
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._fleet.meter.close()
        for number in tuple(self._waiting):
            self._leave(number)
        self._claims.close()

    async def _halt(self, number: int) -> Download | None:
        """The download as it is when nothing of ours moves it any more."""
        download = self._board.downloads.get(number)
        if download is None or download.state.is_over:
            return download
        if self.is_ours(number):
            self._waiting.discard(number)
            if task := self._tasks.get(number):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        elif not self._claim(number):
            raise DownloadError(f"{download.output} is fetched by another program", hint="stop it there")
        self._leave(number)
        return self._board.downloads[number]

    def is_ours(self, number: int) -> bool:
        """Whether this program moves the download, or has it waiting, or writes it down as a member."""
        return number in self._tasks or number in self._waiting or number in self._taken

    def _look_at_ids(self) -> None:
        """The clock may stand before the newest that there is."""
        self._last_id = max(self._last_id, max(self._board.downloads, default=0))

    def _next_id(self) -> int:
        self._last_id = max(self._last_id + 1, Download.id_at(self._around.clock.now()))
        return self._last_id

    def _claim(self, number: int) -> bool:
        try:
            return self._claims.take(number)
        except OSError as error:
            raise StateError(
                f"the state folder takes no file: {error.strerror}", hint="make room or mend its permissions"
            ) from error

    def _enter(self, number: int) -> None:
        self._rest_of(number).clear()
        self._waiting.add(number)
        heapq.heappush(self._line, self._turn(number))

    def _leave(self, number: int) -> None:
        self._waiting.discard(number)
        self._claims.release(number)
        self._rest_of(number).set()

    def _rest_of(self, number: int) -> asyncio.Event:
        rest = self._rests.get(number)
        if rest is None:
            rest = self._rests[number] = asyncio.Event()
        return rest

    def _fill(self) -> None:
        while self._waiting and len(self._moving) < self._at_once and not self._is_closed:
            turn = heapq.heappop(self._line)
            number = turn[1]
            if number not in self._waiting:
                continue
            if turn != self._turn(number):  # it has another place in the line by now
                heapq.heappush(self._line, self._turn(number))
                continue
            self._waiting.discard(number)
            self._moving.add(number)
            task = asyncio.create_task(self._run(number), name=f"download {number}")
            self._tasks[number] = task
            task.add_done_callback(lambda done, number=number: self._ended(number, done))  # type: ignore[misc]

    def _turn(self, number: int) -> tuple[int, int]:
        return self._board.downloads[number].turn

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        del self._tasks[number]
        self._moving.discard(number)
        self._leave(number)
        if not task.cancelled() and (error := task.exception()):
            _log.error("download %s ended: %s", number, error)  # the disk did not even take the failure
        self._fill()

    async def _run(self, number: int) -> None:
        download = self._board.downloads[number]
        try:
            is_taken_up = number in self._taken_up
            course = Course(
                self._around, self._fleet, download, lambda: self._let_next(number), is_taken_up=is_taken_up
            )
            await course.run()
        except DiskFullError as error:
            await self._put_down(number, DownloadState.PAUSED, error)
        except JobdeckError as error:
            await self._put_down(number, DownloadState.FAILED, error)
        except Exception as error:  # noqa: BLE001  # a border: no fault of ours leaves a download "running"
            _log.error("a fault while downloading", exc_info=error)
            told = DownloadError(f"jobdeck cannot fetch it ({type(error).__name__})", hint="please report it")
            await self._put_down(number, DownloadState.FAILED, told)

    def _let_next(self, number: int) -> None:
        self._moving.discard(number)
        self._fill()

    async def _put_down(self, number: int, state: DownloadState, error: JobdeckError) -> None:
        self._exit_codes[number] = _exit_code(error)
        last, message = self._board.downloads[number], _sentence(error)
        ended = replace(last, state=state, speed=None, streams=0, message=message)
        await self._board.put_download(ended, f"{last.output}: {message}")


def _exit_code(error: JobdeckError) -> ExitCode:
    """A bad reply is FAILED here, not UNREACHABLE: the server was reached."""
    is_other = isinstance(error, AskError) and error.kind is ProblemKind.BAD_REPLY
    return ExitCode.FAILED if is_other else error.exit_code


def _again(download: Download) -> Change:
    fresh = replace(download, state=DownloadState.QUEUED, message=None, attempts=0, renewals=0, streams=0, speed=None)
    return fresh, f"{download.output}: goes on"


def _sentence(error: JobdeckError) -> Safe:
    text = f"{error.message}; {error.hint}" if error.hint else error.message
    return safe_line(redact(text))
