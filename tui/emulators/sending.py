"""Sending bodies: whole contents or ranges, paced, and with the faults that a test wished for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from aiohttp import web

from tui.clock import Clock
from tui.emulators.content import Content, Sums
from tui.emulators.faults import Fault, FaultKind, Faults, cut, hang_up
from tui.emulators.ranges import Slice, slice_for

_STEPS_A_SECOND = 10


class Sender:
    """Sends bodies for one site; `bandwidth` is bytes a second for each body, None for as fast as it goes."""

    def __init__(self, clock: Clock, faults: Faults, bandwidth: int | None = None) -> None:
        self.faults = faults
        self.bandwidth = bandwidth
        self._clock = clock

    async def send(
        self, request: web.Request, sums: Sums, part: Slice | None = None, headers: Mapping[str, str] | None = None
    ) -> web.StreamResponse:
        """Send the content, or the part of it that the request (or `part`) names. No body for 304, 412, 416."""
        sums = sums if part else sums.latest  # a part was cut for this one
        content = sums.content
        etag = await asyncio.to_thread(lambda: sums.etag)
        part = part or slice_for(request.headers, content.size, etag)
        response = web.StreamResponse(status=part.status, headers={"ETag": etag, "Accept-Ranges": "bytes"})
        response.content_type = content.media_type
        response.headers.update(headers or {})
        if part.status == 206:
            response.headers["Content-Range"] = f"bytes {part.first}-{part.stop - 1}/{content.size}"
        if part.status == 416:
            response.headers["Content-Range"] = f"bytes */{content.size}"
        response.content_length = part.stop - part.first
        fault = _swapping(self.faults.take_body(request), sums, part)
        return await self._pour(request, response, content, part, fault)

    async def stream(self, request: web.Request, content: Content) -> web.StreamResponse:
        """Send the whole content chunked, without a length."""
        response = web.StreamResponse(headers={"Content-Type": content.media_type})
        response.enable_chunked_encoding()
        fault = self.faults.take_body(request)
        return await self._pour(request, response, content, Slice(200, 0, content.size), fault)

    async def spoil(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """Send an ordinary answer with a body fault, if one is waiting for it."""
        if response.prepared or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            return response
        fault = self.faults.take_body(request)
        if fault is None:
            return response
        body = response.body
        again = web.StreamResponse(status=response.status, headers=response.headers)
        again.content_length = len(body)
        await again.prepare(request)
        return await self._write(request, again, iter([body]), fault)

    async def _pour(
        self, request: web.Request, response: web.StreamResponse, content: Content, part: Slice, fault: Fault | None
    ) -> web.StreamResponse:
        pieces = content.pieces(part.first, part.stop)
        # The first piece may need the checksums of hundreds of megabytes.
        start = await asyncio.to_thread(next, pieces, b"")
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        return await self._write(request, response, _chain(start, pieces), fault)

    async def _write(
        self, request: web.Request, response: web.StreamResponse, pieces: Iterator[bytes], fault: Fault | None
    ) -> web.StreamResponse:
        pace = fault.amount if fault and fault.kind is FaultKind.SLOW else self.bandwidth
        left = fault.amount if fault and fault.kind is FaultKind.CUT else None
        try:
            for piece in _small(pieces, pace):
                if left is not None and len(piece) > left:
                    await response.write(piece[:left])
                    return hang_up(request, flush=True)
                await response.write(piece)
                left = None if left is None else left - len(piece)
                if pace:
                    await self._clock.sleep(len(piece) / pace)
                else:
                    # A fast reader would keep the loop to itself.
                    await asyncio.sleep(0)
            await response.write_eof()
        except ConnectionError:
            # The client went away; nobody is left to tell.
            return response
        return response


def _swapping(fault: Fault | None, sums: Sums, part: Slice) -> Fault | None:
    """The fault as it meets this file: a swap is a cut for the file that it meets first, and nothing afterwards."""
    if fault is None or fault.kind is not FaultKind.SWAP:
        return fault
    half = (part.stop - part.first) // 2
    return cut(half) if half and sums.swap() else None


def _chain(start: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest


def _small(pieces: Iterator[bytes], pace: int | None) -> Iterator[bytes]:
    if not pace:
        yield from pieces
        return
    step = max(1, pace // _STEPS_A_SECOND)
    for piece in pieces:
        for at in range(0, len(piece), step):
            yield piece[at : at + step]
