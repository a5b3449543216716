"""How asks travel: small exchanges on the event loop, behind httpx's own surface.

httpx's own pool walks all its connections at every request and takes several tasks and locks for each; here an
exchange is one write, one wait and h11 (facts: performance, section A). What httpx adds above a transport stays:
logins, hooks, decoding. `httpx-aiohttp` costs the same, but writes URLs anew, which breaks signed ones, and reports a
server that hangs up after a request as one that was never reached, which would make a lost order look unsent.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import h11
import httpx

from tui.engine.loop_line import Line, Origin
from tui.engine.thread_transport import origin_of

_PIECE = 8192
"""A packed answer is handed on in pieces of so many bytes: whoever counts what comes out of one is not drowned."""
_HAPPY_EYEBALLS = 0.25
"""Seconds until a host's next address is tried beside the first (RFC 8305)."""
_SAFE = ("GET", "HEAD")


class _Body(httpx.AsyncByteStream):
    """An answer's bytes as they are sent."""

    def __init__(self, line: Line, request: httpx.Request, pool: _Pool) -> None:
        self._line: Line | None = line
        self._request = request
        self._pool = pool
        self._is_whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._line is not None and not self._is_whole:
            event = await self._line.next_event(self._request)
            if isinstance(event, h11.Data):
                for start in range(0, len(event.data), _PIECE):
                    yield bytes(event.data[start : start + _PIECE])
            else:
                self._is_whole = True

    async def aclose(self) -> None:
        """Keep the connection if this answer was read to its end; else close it."""
        line, self._line = self._line, None
        if line is not None:
            self._pool.give_back(line, keep=self._is_whole)


class _Pool:
    """The connections of one transport; used on one event loop."""

    def __init__(self, limits: httpx.Limits) -> None:
        self._most = limits.max_connections or 1
        self._keep_alive = limits.keepalive_expiry or 0.0
        self._turns = asyncio.Semaphore(self._most)
        self._idle: list[Line] = []
        """In the order in which they fell idle."""
        self._busy: set[Line] = set()
        self._is_closed = False

    async def turn(self, request: httpx.Request) -> None:
        """Wait until one more exchange may begin; it ends with `give_back` or `end_turn`. Raises PoolTimeout."""
        if not self._turns.locked():
            await self._turns.acquire()
            return
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._turns.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("all connections are busy", request=request) from error

    def end_turn(self) -> None:
        """An exchange for which there is no connection is over."""
        self._turns.release()

    def take(self, origin: Origin) -> Line | None:
        """An open connection, the one used last; None when there is none."""
        self._forget_old()
        for line in reversed(self._idle):
            if line.origin == origin:
                self._idle.remove(line)
                self._busy.add(line)
                return line
        return None

    def add(self, line: Line) -> None:
        """Take a new connection in; an idle one makes room for it."""
        self._busy.add(line)
        if self._is_closed:  # meanwhile
            line.abort()
        if len(self._busy) + len(self._idle) > self._most and self._idle:
            self._idle.pop(0).abort()

    def drop(self, line: Line) -> None:
        """Close a connection whose turn goes on with another one."""
        self._busy.discard(line)
        line.abort()

    def give_back(self, line: Line, *, keep: bool) -> None:
        """The exchange on it is over."""
        self._busy.discard(line)
        self._turns.release()
        if keep and not self._is_closed and line.is_ready_again():
            line.idle_since = asyncio.get_running_loop().time()
            self._idle.append(line)
        else:
            line.abort()

    def close(self) -> None:
        """Close them all, the busy ones too."""
        self._is_closed = True
        for line in (*self._idle, *self._busy):
            line.abort()
        self._idle.clear()

    def _forget_old(self) -> None:
        oldest = asyncio.get_running_loop().time() - self._keep_alive
        if self._idle and (self._idle[0].idle_since < oldest or not all(line.is_open for line in self._idle)):
            for line in self._idle:
                if line.idle_since < oldest:
                    line.abort()
            self._idle = [line for line in self._idle if line.is_open]


class LoopTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 on the running event loop; connections are kept alive. Goes through no proxy."""

    def __init__(self, trust: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._trust = trust
        self._pool = _Pool(limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, read the answer's head; the body is read as the caller likes."""
        content = await request.aread()
        pool, origin = self._pool, origin_of(request.url)
        await pool.turn(request)
        if request.method not in _SAFE:
            await asyncio.sleep(0)  # what kept connections have heard by now, their end too, is known then
        line = pool.take(origin)
        while True:
            is_kept = line is not None
            try:
                if line is None:
                    line = await self._connect(request, origin)
                    pool.add(line)
                line.send(request, content)
                head = await line.head(request)
            except BaseException as error:
                if line is None:
                    pool.end_turn()
                    raise
                # A connection that was kept may have been closed meanwhile; what changes something is not sent twice.
                if is_kept and not line.has_heard and request.method in _SAFE and _is_broken_line(error):
                    pool.drop(line)
                    line = None
                    continue
                pool.give_back(line, keep=False)
                raise
            return httpx.Response(
                head.status_code,
                headers=head.headers.raw_items(),
                stream=_Body(line, request, pool),
                extensions={"http_version": b"HTTP/" + head.http_version, "network_stream": line.wire},
            )

    async def aclose(self) -> None:
        """Close everything; what is under way fails."""
        self._pool.close()
        await asyncio.sleep(0)  # the event loop closes sockets in its next turn

    async def _connect(self, request: httpx.Request, origin: Origin) -> Line:
        scheme, host, port = origin
        server_name = str(request.extensions.get("sni_hostname") or host)
        seconds = request.extensions.get("timeout", {}).get("connect")
        try:
            async with asyncio.timeout(seconds):
                _, line = await asyncio.get_running_loop().create_connection(
                    lambda: Line(origin),
                    host,
                    port,
                    ssl=self._trust if scheme == "https" else None,
                    server_hostname=server_name if scheme == "https" else None,
                    happy_eyeballs_delay=_HAPPY_EYEBALLS,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time", request=request) from error
        except (OSError, ValueError) as error:  # a name that no host can have is a ValueError
            raise httpx.ConnectError(str(error), request=request) from error
        return line


def _is_broken_line(error: BaseException) -> bool:
    return isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
