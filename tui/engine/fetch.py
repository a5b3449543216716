"""Fetching one file: stream to `.part`, verify, rename; the file gets its name only when it is right."""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import httpx

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.names import safe_name
from tui.engine.part_file import PartFile
from tui.engine.sessions import LiveSession
from tui.engine.unbroken import in_thread, unbroken
from tui.engine.verify import Expected, verify
from tui.errors import AskError, DownloadError
from tui.model import Download, DownloadState, Output, ProblemKind, Verified
from tui.vendors.contract import ExplainsFiles, Link, Part, Reply, Vendor

_TELL_SECONDS = 0.25
_STORE_SECONDS = 1.0
_MOST_OF_AN_ERROR = 65_536


class Fetcher:
    """Fetches what a link leads to; coroutines raise AskError, DownloadError or StateError."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock

    async def fetch(self, download: Download, output: Output, link: Link, session: LiveSession, vendor: Vendor) -> None:
        """Fetch the file behind one link, and tell the board of it from its start to its end."""
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
        await unbroken(self._finish(running, part, verified, began))

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
        await in_thread(part.write, chunk)
        await meter.tick()
