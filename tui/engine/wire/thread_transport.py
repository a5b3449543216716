"""How files come: blocking reads in threads, behind httpx's own surface.

Reading with `readinto` in a thread moves bytes at curl's speed for a third of the CPU that httpx's own transport
takes, and leaves the event loop free (facts: performance, section B). Logins, hooks and tests see httpx.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncIterator

import httpx

from tui.engine.wire.blocking_line import (
    Connect,
    Line,
    Timeouts,
    as_httpx_errors,
    connect_anywhere,
    head_seconds,
)
from tui.engine.wire.changing import changes_something
from tui.engine.wire.daemon import in_daemon
from tui.engine.wire.lanes import Lanes
from tui.engine.wire.line_pool import Pool
from tui.engine.wire.origin import Origin, origin_of
from tui.engine.wire.paying import pay_again
from tui.engine.wire.plain_answer import Answer
from tui.engine.wire.spare_lines import with_files
from tui.engine.wire.trip import Taker, Trip, broken_off, offer

BODY = "jobdeck_body"
"""The response's extension that holds its `Body`."""
TAKER = "jobdeck_taker"
"""The request's extension that holds a `Taker`."""
_CHUNK = 65_536
_TAKEN = httpx.Response(200)


class Body(httpx.AsyncByteStream):
    """An answer's bytes as they are sent. Either `readinto` in a thread, or iterate."""

    def __init__(self, line: Line, response: Answer, request: httpx.Request | None, pool: Pool) -> None:
        self._line = line
        self._response = response
        self._request = request
        self._pool = pool
        self.is_begun = False
        """Whether somebody iterates: what is left then comes from whoever holds what was read."""
        self.is_proven = False
        """Whether the bytes themselves will prove that they are all: then their end need not be signed."""

    def readinto(self, view: memoryview) -> int:
        """Fill the view; 0 at the end. Blocks. Raises httpx's errors, also for an end that comes too early."""
        with as_httpx_errors(self._request):
            count = self._response.readinto(view)
        missing = self._response.length
        if count == 0 and (missing or (missing is None and self._line.is_cut and not self.is_proven)):
            raise broken_off()
        return count

    def abort(self) -> None:
        """Wake a blocked `readinto`; it then fails."""
        self._line.abort()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.is_begun = True
        view = memoryview(bytearray(_CHUNK))
        while count := await in_daemon(lambda: self.readinto(view), self.abort):
            yield bytes(view[:count])

    async def aclose(self) -> None:
        """Keep the connection for the next request if this answer was read to its end; else close it."""
        self._pool.keep_or_close(self._line)


class ThreadTransport(httpx.AsyncBaseTransport):
    """One thread per exchange, few threads for all small ones; connections are kept alive. Goes through no proxy."""

    def __init__(self, trust: ssl.SSLContext, connect: Connect = connect_anywhere) -> None:
        self._trust = trust
        self._connect = connect
        self._pool = Pool()
        self._lanes = Lanes()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, read the answer's head; the body is read as the caller likes."""
        content = await request.aread()
        # A connection that was kept may have been closed meanwhile; what changes something is not sent twice.
        line = None if changes_something(request) else self._pool.take(origin_of(request.url))
        if line is not None:
            try:
                return await self._exchange(line, request, content)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                await pay_again(request)
        server_name: str | None = request.extensions.get("sni_hostname")
        origin = origin_of(request.url)

        def fresh() -> Line:
            return Line(origin, self._trust, self._connect, server_name)

        return await with_files(self._pool, lambda: self._exchange(fresh(), request, content))

    async def _exchange(self, line: Line, request: httpx.Request, content: bytes) -> httpx.Response:
        def work() -> httpx.Response:
            answer = line.exchange(request, content, is_small=taker is not None)
            if taker is not None:
                offer(line, answer, taker)
            return self._response(line, answer, request)

        taker: Taker | None = request.extensions.get(TAKER)
        if taker is not None:
            return await self._lanes.do(work, line.abort, line.close)
        timeouts: Timeouts = request.extensions.get("timeout", {})
        seconds = (timeouts.get("connect") or 0.0) + head_seconds(timeouts)
        try:
            async with asyncio.timeout(None if math.isinf(seconds) else seconds):
                return await in_daemon(work, line.abort, left=line.close)
        except TimeoutError as error:
            raise httpx.ReadTimeout("no whole head in time", request=request) from error

    async def express(self, origin: Origin, words: bytes, timeouts: Timeouts, taker: Taker) -> httpx.Response:
        """Send a GET in words that were judged before. Raises httpx's errors, and the taker's.

        The response is an empty one where the taker took it.
        """

        async def go() -> tuple[Line, Answer] | None:
            trip = Trip(self._pool, origin, lambda: Line(origin, self._trust, self._connect), words, timeouts, taker)
            return await self._lanes.do(trip.go, trip.abort, trip.leave)

        left_alone = await with_files(self._pool, go)
        return _TAKEN if left_alone is None else self._response(*left_alone, None)

    def _response(self, line: Line, answer: Answer, request: httpx.Request | None) -> httpx.Response:
        body = Body(line, answer, request, self._pool)
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=body, extensions={BODY: body})

    async def aclose(self) -> None:
        """Close what waits; what is under way ends with its reader."""
        self._pool.close()
