"""How files come: blocking reads in threads, behind httpx's own surface.

Reading with `readinto` in a thread moves bytes at curl's speed for a third of the CPU that httpx's own transport
takes, and leaves the event loop free (facts: performance, section B). Logins, hooks and tests see httpx.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

import httpx

from tui.engine.wire.blocking_line import (
    Connect,
    Line,
    Origin,
    Timeouts,
    as_httpx_errors,
    connect_anywhere,
    origin_of,
)
from tui.engine.wire.daemon import in_daemon
from tui.engine.wire.paying import pay_again
from tui.engine.wire.plain_answer import Answer, PlainAnswer, fields_of

BODY = "jobdeck_body"
"""The response's extension that holds its `Body`."""
TAKER = "jobdeck_taker"
"""The request's extension that holds a `Taker`."""
_MOST_IDLE = 16
_CHUNK = 65_536

Read = Callable[[memoryview], int]
"""Some bytes of a body, as soon as there are any; not to be asked at its end. Blocks. Raises httpx's errors."""


class Taker(Protocol):
    """Takes an answer in the very thread that read its head: small files are not worth a second thread."""

    def take(self, status: int, headers: Mapping[str, str], read: Read) -> bool:
        """Read the body to its end, or leave it alone; says which. The headers' names are in lower case.

        Whatever it raises is raised where the request was sent.
        """
        ...


class Body(httpx.AsyncByteStream):
    """An answer's bytes as they are sent. Either `readinto` in a thread, or iterate."""

    def __init__(self, line: Line, response: Answer, request: httpx.Request | None, pool: Pool) -> None:
        self._line = line
        self._response = response
        self._request = request
        self._pool = pool

    def readinto(self, view: memoryview) -> int:
        """Fill the view; 0 at the end. Blocks. Raises httpx's errors, also for an end that comes too early."""
        with as_httpx_errors(self._request):
            count = self._response.readinto(view)
        missing = self._response.length
        if count == 0 and (missing or (missing is None and self._line.is_cut)):
            raise _broken_off()
        return count

    def abort(self) -> None:
        """Wake a blocked `readinto`; it then fails."""
        self._line.abort()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        view = memoryview(bytearray(_CHUNK))
        while count := await in_daemon(lambda: self.readinto(view), self.abort):
            yield bytes(view[:count])

    async def aclose(self) -> None:
        """Keep the connection for the next request if this answer was read to its end; else close it."""
        self._pool.keep_or_close(self._line)


class Pool:
    """Connections that wait for their next request, by origin; used on the event loop only."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Line]] = {}
        self._is_closed = False

    def take(self, origin: Origin) -> Line | None:
        """An open connection on which nothing came meanwhile, the one used last; None when there is none."""
        lines = self._idle.get(origin, [])
        while lines:
            line = lines.pop()
            if line.is_quiet:
                return line
            line.close()
        return None

    def keep_or_close(self, line: Line) -> None:
        """Keep a connection for the next request, if its answer was read to its end."""
        if not line.is_ready_again:
            line.close()
            return
        lines = self._idle.setdefault(line.origin, [])
        if self._is_closed or len(lines) >= _MOST_IDLE:
            line.close()
        else:
            lines.append(line)

    def close(self) -> None:
        """Close them all."""
        self._is_closed = True
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()


class ThreadTransport(httpx.AsyncBaseTransport):
    """One thread per exchange; connections are kept alive. Goes through no proxy."""

    def __init__(self, trust: ssl.SSLContext, connect: Connect = connect_anywhere) -> None:
        self._trust = trust
        self._connect = connect
        self._pool = Pool()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, read the answer's head; the body is read as the caller likes."""
        content = await request.aread()
        # Only a GET may be sent twice: a connection that was kept may have been closed meanwhile.
        line = self._pool.take(origin_of(request.url)) if request.method == "GET" else None
        if line is not None:
            try:
                return await self._exchange(line, request, content)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                await pay_again(request)
        server_name: str | None = request.extensions.get("sni_hostname")
        fresh = Line(origin_of(request.url), self._trust, self._connect, server_name)
        return await self._exchange(fresh, request, content)

    async def _exchange(self, line: Line, request: httpx.Request, content: bytes) -> httpx.Response:
        def work() -> httpx.Response:
            answer = line.exchange(request, content, is_small=taker is not None)
            if taker is not None:
                _offer(line, answer, taker)
            return self._response(line, answer, request)

        taker: Taker | None = request.extensions.get(TAKER)
        return await in_daemon(work, line.abort, left=line.close)

    async def express(self, origin: Origin, words: bytes, timeouts: Timeouts, taker: Taker) -> httpx.Response:
        """Send a GET in words that were judged before. Raises httpx's errors, and the taker's.

        The response is an empty one where the taker took it.
        """
        line = self._pool.take(origin)
        if line is not None:
            try:
                return await self._expressed(line, words, timeouts, taker)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                pass
        return await self._expressed(Line(origin, self._trust, self._connect), words, timeouts, taker)

    async def _expressed(self, line: Line, words: bytes, timeouts: Timeouts, taker: Taker) -> httpx.Response:
        def work() -> httpx.Response | None:
            answer = line.say(words, timeouts)
            return None if _offer(line, answer, taker) else self._response(line, answer, None)

        response = await in_daemon(work, line.abort, left=line.close)
        if response is None:
            self._pool.keep_or_close(line)
        return response or httpx.Response(200)

    def _response(self, line: Line, answer: Answer, request: httpx.Request | None) -> httpx.Response:
        body = Body(line, answer, request, self._pool)
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=body, extensions={BODY: body})

    async def aclose(self) -> None:
        """Close what waits; what is under way ends with its reader."""
        self._pool.close()


def _offer(line: Line, answer: Answer, taker: Taker) -> bool:
    """Offer an answer whose length is known and whose connection stays; says whether it was taken.

    Blocks. Raises the taker's errors.
    """

    def read(view: memoryview) -> int:
        with as_httpx_errors(None):
            count = plain.read_some(view)
        if not count:
            raise _broken_off()
        return count

    if not isinstance(answer, PlainAnswer):
        return False
    plain = answer
    try:
        return taker.take(plain.status, fields_of(plain.raw_headers), read)
    except BaseException:
        line.close()
        raise


def _broken_off() -> httpx.ReadError:
    return httpx.ReadError("the server closed the connection in mid-file")
