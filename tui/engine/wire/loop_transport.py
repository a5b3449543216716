"""How asks travel: small exchanges on the event loop, behind httpx's own surface.

httpx's own pool walks all its connections at every request and takes several tasks and locks for each; here an
exchange is one write, one wait and h11 (facts: performance, section A). What httpx adds above a transport stays:
logins, hooks, decoding. `httpx-aiohttp` costs the same, but writes URLs anew, which breaks signed ones, and reports a
server that hangs up after a request as one that was never reached, which would make a lost order look unsent.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from itertools import count

import h11
import httpx

from tui.engine.wire.changing import changes_something
from tui.engine.wire.dial import Dialer
from tui.engine.wire.loop_line import Line
from tui.engine.wire.origin import Origin, origin_of
from tui.engine.wire.paying import pay_again
from tui.engine.wire.spare_lines import with_files

_PIECE = 8192
"""A packed answer is passed on in pieces of so many bytes, so that whoever unpacks it can stop at a limit."""
_FAIR = 100
"""After so many chunks of an answer others have their turn: one may consist of chunks of a single byte."""
WHOLE = "jobdeck_whole"
"""The response's extension that holds all of its body as it was sent, where it came together with the head."""


class _Body(httpx.AsyncByteStream):
    """An answer's bytes as they are sent."""

    def __init__(self, line: Line, request: httpx.Request, pool: _Pool, *, is_whole: bool) -> None:
        self._line: Line | None = line
        self._request = request
        self._pool = pool
        self._is_whole = is_whole
        self._is_read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for turn in count(1):
            if self._line is None or self._is_read:
                return
            if turn % _FAIR == 0:  # what has come already is taken without a wait
                await asyncio.sleep(0)
            event = await self._line.next_event(self._request)
            if isinstance(event, h11.Data):
                for start in range(0, len(event.data), _PIECE):
                    yield bytes(event.data[start : start + _PIECE])
            else:
                self._is_whole = self._is_read = True

    async def aclose(self) -> None:
        """Keep the connection if this answer was read to its end; else close it."""
        line, self._line = self._line, None
        if line is not None:
            self._pool.give_back(line, keep=self._is_whole)


class _Pool:
    """The connections of one transport; used on one event loop."""

    def __init__(self, limits: httpx.Limits, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._most = limits.max_connections or 1
        self._keep_alive = limits.keepalive_expiry or 0.0
        self._turns = asyncio.Semaphore(self._most)
        self._idle: list[Line] = []
        """In the order in which they fell idle."""
        self._busy: set[Line] = set()
        self._is_closed = False

    async def turn(self, request: httpx.Request) -> None:
        """Wait until one more exchange may begin; it ends with `give_back` or `end_turn`.

        Raises PoolTimeout, or ConnectError when all is closed.
        """
        if self._is_closed:
            raise httpx.ConnectError("closed", request=request)
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

    def add(self, line: Line, request: httpx.Request) -> None:
        """Take a new connection in; an idle one makes room for it. Raises ConnectError when all is closed by now."""
        self._busy.add(line)
        if self._is_closed:
            raise httpx.ConnectError("closed meanwhile", request=request)
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
            line.idle_since = self._wall()
            self._idle.append(line)
        else:
            line.abort()

    def close(self) -> None:
        """Close them all, the busy ones too."""
        self._is_closed = True
        self.let_go()
        for line in self._busy:
            line.abort()

    def let_go(self) -> None:
        """Close the idle ones."""
        for line in self._idle:
            line.abort()
        self._idle.clear()

    def _forget_old(self) -> None:
        now = self._wall()  # the machine's own seconds stand still while a laptop sleeps, and its lines die
        for line in self._idle:
            if abs(now - line.idle_since) > self._keep_alive:
                line.abort()
        if not all(line.is_open for line in self._idle):
            self._idle = [line for line in self._idle if line.is_open]


class LoopTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 on the running event loop; connections are kept alive. Goes through no proxy."""

    def __init__(self, trust: ssl.SSLContext, limits: httpx.Limits, wall: Callable[[], float] = time.time) -> None:
        """`wall` is the wall clock, in seconds."""
        self._trust = trust
        self._pool = _Pool(limits, wall)
        self._dialer = Dialer()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, read the answer's head; the body is read as the caller likes."""
        content = await request.aread()
        pool, origin = self._pool, origin_of(request.url)
        await pool.turn(request)
        line = pool.take(origin)
        if line is not None and changes_something(request):
            # A new connection instead: if a kept one ended just then, nobody would know whether the request arrived.
            pool.drop(line)
            line = None
        is_second = False
        while True:
            is_kept = line is not None
            try:
                if is_second:
                    await pay_again(request)
                if line is None:
                    line = await with_files(pool, lambda: self._connect(request, origin))
                    pool.add(line, request)
                line.send(request, content)
                head = await line.head(request)
            except BaseException as error:
                if line is None:
                    pool.end_turn()
                    raise
                # A connection that was kept may have been closed meanwhile.
                if is_kept and not line.has_heard and _is_broken_line(error):
                    pool.drop(line)
                    line, is_second = None, True
                    continue
                pool.give_back(line, keep=False)
                raise
            extensions: dict[str, object] = {"http_version": b"HTTP/" + head.version, "network_stream": line.wire}
            if head.body is not None:
                extensions[WHOLE] = head.body
            body = _Body(line, request, pool, is_whole=head.body is not None)
            return httpx.Response(head.status_code, headers=head.headers, stream=body, extensions=extensions)

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
                    sock=await self._dialer.dial(host, port),
                    ssl=self._trust if scheme == "https" else None,
                    server_hostname=server_name if scheme == "https" else None,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time", request=request) from error
        except (OSError, ValueError) as error:  # a name that no host can have is a ValueError
            raise httpx.ConnectError(str(error), request=request) from error
        return line


def _is_broken_line(error: BaseException) -> bool:
    return isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError)
