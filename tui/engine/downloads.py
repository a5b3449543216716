"""Fetching outputs: resolve the link right before use, stream to `.part`, verify, rename.

A link is asked anew for every attempt and never stored; a file gets its name only when size and checksum are right.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import httpx

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.locks import Claims
from tui.engine.names import safe_name
from tui.engine.part_file import PartFile
from tui.engine.sessions import LiveSession, Sessions
from tui.engine.verify import Expected, verify
from tui.errors import AskError, DownloadError, ExitCode, JobdeckError, StateError
from tui.model import Connection, Download, DownloadState, Job, Output, OutputKind, ProblemKind, Verified
from tui.redact import redact
from tui.text import safe_line
from tui.vendors.contract import ExplainsFiles, Link, Part, Reply, Vendor

ATTEMPTS = 4
"""So many times a file is tried before its download counts as failed."""
_WORTH_ANOTHER_TRY = frozenset({ProblemKind.UNREACHABLE, ProblemKind.RATE_LIMITED})
_log = logging.getLogger("jobdeck.downloads")
_TELL_SECONDS = 0.25
_STORE_SECONDS = 1.0

_MOST_OF_AN_ERROR = 65_536

_P = ParamSpec("_P")
_T = TypeVar("_T")


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
                await self._fetch(download, output, link, session, vendor)
                return
            except AskError as error:  # the next way to the same bytes
                errors.append(error)
        raise next((error for error in errors if error.kind in _WORTH_ANOTHER_TRY), errors[-1])

    async def _fetch(
        self, download: Download, output: Output, link: Link, session: LiveSession, vendor: Vendor
    ) -> None:
        began = self._clock.monotonic()
        size = link.size if link.size is not None else output.size
        running = replace(download, state=DownloadState.RUNNING, size=size, bytes=0)
        await self._board.put_download(running, f"{output.name}: started" if download.attempts == 1 else None)
        part = PartFile(download.folder, safe_name(link.file_name or output.name))
        try:
            expected = await self._stream(running, part, link, session, vendor)
            _refuse_short(expected, part)
            expected = replace(expected, sha1=link.sha1 or output.sha1)
            verified = await self._verified(expected, part, vendor)
        except BaseException:
            part.discard()
            raise
        # From here on the file is whole: nothing comes between its name and the board's word that it is there.
        await _whole(self._finish(running, part, verified, began))

    async def _finish(self, running: Download, part: PartFile, verified: Verified, began: float) -> None:
        try:
            path = await asyncio.to_thread(part.finish)
        except DownloadError:
            part.discard()
            raise
        done = replace(
            running,
            state=DownloadState.DONE,
            path=path,
            bytes=part.size,
            size=part.size,
            verified=verified,
            sha256=part.sha256,
            seconds=self._clock.monotonic() - began,
            speed=None,
        )
        await self._board.put_download(done, f"{running.output}: done, {part.size} bytes, checked by {verified}")

    async def _verified(self, expected: Expected, part: PartFile, vendor: Vendor) -> Verified:
        """The check that the file passed; where it broke off with an error behind a part, the vendor's own words."""
        try:
            return await asyncio.to_thread(verify, expected, part.received())
        except DownloadError:
            end = await asyncio.to_thread(_end_of, part.path)
            if error := self._told(vendor, Reply(200, httpx.Headers(), end, self._clock.now())):
                raise error from None
            raise

    def _told(self, vendor: Vendor, reply: Reply) -> AskError | None:
        return vendor.file_error(reply) if isinstance(vendor, ExplainsFiles) else None

    async def _stream(
        self, running: Download, part: PartFile, link: Link, session: LiveSession, vendor: Vendor
    ) -> Expected:
        """Write the bytes behind the link; returns what the server said that they should be."""
        meter = _Meter(running, part, self._board, self._clock)
        if link.parts:
            for piece in link.parts:
                await self._piece(meter, part, piece, session)
            return Expected(size=link.size, is_zip=link.is_zip)
        async with _open(session, link) as response:
            if not response.is_success:
                reply = Reply(response.status_code, response.headers, await _start_of(response), self._clock.now())
                if error := self._told(vendor, reply):
                    raise error
            _expect_bytes(response)
            _refuse_web_page(response, part.name)
            meter.size = running.size if running.size is not None else _length(response)
            await _copy(response, part, meter)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_zip = link.is_zip or media_type == "application/zip"
        return Expected(size=meter.size, etag=response.headers.get("etag"), is_zip=is_zip)

    async def _piece(self, meter: _Meter, part: PartFile, piece: Part, session: LiveSession) -> None:
        if piece.first != part.size:
            raise DownloadError("the vendor's map of the file's pieces has a hole")
        async with session.stream_bare(piece.url, {"Accept-Encoding": "identity"}) as response:
            _expect_bytes(response)
            await _copy(response, part, meter)
        if part.size != piece.last + 1:
            raise AskError(ProblemKind.UNREACHABLE, "a piece of the file came short")


class _Meter:
    """Tells the board of progress four times a second, and the disk once."""

    def __init__(self, download: Download, part: PartFile, board: Board, clock: Clock) -> None:
        self._download = download
        self._part = part
        self._board = board
        self._clock = clock
        self.size = download.size
        self._began = self._told = self._stored = clock.monotonic()

    async def tick(self) -> None:
        """Tell, if it is time."""
        now = self._clock.monotonic()
        if now - self._told < _TELL_SECONDS:
            return
        self._told = now
        speed = self._part.size / max(now - self._began, 0.001)
        download = replace(self._download, bytes=self._part.size, size=self.size, speed=speed)
        if now - self._stored >= _STORE_SECONDS:
            self._stored = now
            await self._board.put_download(download)
        else:
            self._board.show_progress(download)


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


def _open(session: LiveSession, link: Link) -> AbstractAsyncContextManager[httpx.Response]:
    headers = {"Accept-Encoding": "identity"}  # sizes and hashes are those of the bytes as stored
    if link.signed_in:
        return session.stream("GET", link.url, headers=headers)
    return session.stream_bare(link.url, headers)


def _expect_bytes(response: httpx.Response) -> None:
    status = response.status_code
    coding = response.headers.get("content-encoding", "identity")
    if status == 200 and coding == "identity":
        return
    if status == 200:
        raise AskError(ProblemKind.BAD_REPLY, f"the file's server packs the bytes ({coding}) although told not to")
    if status in (408, 429) or status >= 500:
        raise AskError(ProblemKind.UNREACHABLE, f"the file's server answered {status}")
    if status in (401, 403):
        # The link was made a moment ago; a server that has not heard of it yet, or a dead one: ask for a new link.
        raise AskError(ProblemKind.UNREACHABLE, f"the file's server refused the link ({status})")
    if status in (404, 410):
        raise AskError(ProblemKind.GONE, f"the file is not there ({status})")
    raise AskError(ProblemKind.BAD_REPLY, f"the file's server answered {status}, which is no file")


async def _start_of(response: httpx.Response) -> bytes:
    """The beginning of an answer that is no file: an error text is short."""
    start = b""
    async for chunk in response.aiter_bytes():
        start += chunk
        if len(start) > _MOST_OF_AN_ERROR:
            break
    return start[:_MOST_OF_AN_ERROR]


def _end_of(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, _MOST_OF_AN_ERROR), os.SEEK_END)
        return file.read()


def _refuse_short(expected: Expected, part: PartFile) -> None:
    """Less than was due is a broken line, worth another try; all other differences are told by `verify`."""
    if expected.size is not None and part.size < expected.size:
        raise AskError(ProblemKind.UNREACHABLE, f"the file came short: {part.size} of {expected.size} bytes")


def _refuse_web_page(response: httpx.Response, name: str) -> None:
    """A sign-in or error page that comes with status 200 is not the file."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") and not name.lower().endswith((".html", ".htm", ".xhtml")):
        raise AskError(ProblemKind.BAD_REPLY, "the file's server sent a web page instead of the file")


def _length(response: httpx.Response) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


async def _copy(response: httpx.Response, part: PartFile, meter: _Meter) -> None:
    async for chunk in response.aiter_raw():  # as it comes: gathering would hide the progress on a slow line
        await _in_thread(part.write, chunk)
        await meter.tick()


async def _in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Like `asyncio.to_thread`, but a cancelled wait ends only when the thread has let go of the file."""
    return await _whole(asyncio.to_thread(work, *args, **kwargs))


async def _whole(work: Coroutine[object, object, _T]) -> _T:
    """What the work gives; it is done to its end even if nobody waits for it any more."""
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait((running,))
        raise


def _sentence(error: JobdeckError) -> str:
    text = f"{error.message}; {error.hint}" if error.hint else error.message
    return safe_line(redact(text))
