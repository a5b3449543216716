"""One connection on the event loop: bytes in and out, and h11 between them and httpx."""

from __future__ import annotations

import asyncio
import threading
from typing import cast

import h11
import httpx

from tui.engine.wire.errors import NoHttpError
from tui.engine.wire.origin import Origin
from tui.engine.wire.plain_exchange import HEAD_PATIENCE, Answer, Words, whole_answer

_MOST_AT_ONCE = 262_144
"""Bytes of one read."""
_MOST_BUFFERED = 262_144
_LONGEST_HEAD = 102_400
_MOST_HINTS = 100
"""Of answers before the answer (1xx)."""
_OPENING = b"HTTP/"
"""How every answer begins."""
_TOO_EARLY = ("peer ", "can't handle event type ConnectionClosed")
"""How h11 begins to say that the connection ended before the answer did."""


class _Tray(threading.local):
    """What the lines of a thread's event loop read into: it is empty again before the loop does anything else.

    `asyncio.Protocol` has new memory mapped for every read, which costs as much as all else at that end of the line.
    """

    def __init__(self) -> None:
        self.room = memoryview(bytearray(_MOST_AT_ONCE))


_TRAY = _Tray()


class Line(asyncio.BufferedProtocol):
    """One connection to a server; an exchange at a time."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.idle_since = 0.0
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._words = Words()
        self._plain: httpx.Request | None = None
        """What was sent without h11, while its answer may still be plain."""
        self._whole: Answer | None = None
        self._unread = b""
        """What of the whole answer's body nobody has taken yet."""
        self._opening = b""
        """The first bytes of an answer that is not plain."""
        self._loop = asyncio.get_running_loop()
        self._wire: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._buffered = 0
        self._sent_at = 0.0
        self._has_heard = False
        self._is_lost = False
        self._error: Exception | None = None

    @property
    def wire(self) -> asyncio.Transport:
        """What asyncio made of the socket."""
        assert self._wire is not None  # noqa: S101  # made before anybody has the line
        return self._wire

    @property
    def is_open(self) -> bool:
        """Whether something may be sent on it."""
        return not self._is_lost and not self.wire.is_closing()

    @property
    def has_heard(self) -> bool:
        """Whether any byte came since the last request."""
        return self._has_heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._wire = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # there is always more room than that
        """See `asyncio.BufferedProtocol`."""
        return _TRAY.room

    def buffer_updated(self, nbytes: int) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._hear(bytes(_TRAY.room[:nbytes]))

    def eof_received(self) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._hear_end()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BufferedProtocol`."""
        self._error = self._error or exc
        self._hear_end()

    def send(self, request: httpx.Request, content: bytes) -> None:
        """Write the request. Raises httpx's errors."""
        self._has_heard, self._whole, self._opening, self._sent_at = False, None, b"", self._loop.time()
        if self.is_open and (words := self._words.of(request, content)):
            self._plain = request
            self.wire.write(words)
            return
        try:
            self.wire.write(self._written_by_h11(request, content))
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error), request=request) from error

    async def head(self, request: httpx.Request) -> Answer:
        """The answer's head; what comes before it (1xx) is passed over. Raises httpx's errors."""
        while self._plain is not None:
            await self._more(request, is_headless=True)
        if self._whole is not None:
            return self._whole
        for _ in range(_MOST_HINTS):
            event = await self.next_event(request)
            if isinstance(event, h11.Response):
                return Answer(event.status_code, event.headers.raw_items(), event.http_version)
            if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                raise NoHttpError("the server left HTTP", request=request)
        raise NoHttpError("the server gives hints and no answer", request=request)

    async def next_event(self, request: httpx.Request) -> h11.Event:
        """What comes next of an answer. Raises httpx's errors, ReadTimeout after so many seconds without a byte."""
        if self._whole is not None:
            data, self._unread = self._unread, b""
            return h11.Data(data=data) if data else h11.EndOfMessage()
        while True:
            is_headless = self._http.their_state is h11.SEND_RESPONSE
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise self._judged(error, request, is_headless=is_headless) from error
            if event is h11.NEED_DATA:
                if is_headless and not _OPENING.startswith(self._opening):
                    raise _no_http(request)
                if self._is_lost:
                    raise httpx.ReadError(str(self._error or "closed"), request=request) from self._error
                await self._more(request, is_headless=is_headless)
            elif event is h11.PAUSED:
                raise NoHttpError("the server said more than it was asked for", request=request)
            else:
                return cast("h11.Event", event)

    def _judged(
        self, error: h11.RemoteProtocolError, request: httpx.Request, *, is_headless: bool
    ) -> httpx.RemoteProtocolError:
        """An end that came too early, or something that nobody can read; without h11's words: they show the bytes."""
        if not self._is_lost or not str(error).startswith(_TOO_EARLY):
            return _no_http(request)
        if not is_headless:
            return httpx.RemoteProtocolError("the server hung up in mid-answer", request=request)
        if not _OPENING.startswith(self._opening):
            return _no_http(request)
        return httpx.RemoteProtocolError("the server hung up without an answer", request=request)

    def is_ready_again(self) -> bool:
        """Make it ready for the next request, if the last exchange allows it."""
        http = self._http
        if self._whole is not None and self.is_open:
            return True  # h11 has not heard of it
        if not self.is_open or http.our_state is not h11.DONE or http.their_state is not h11.DONE:
            return False
        if http.trailing_data[0]:
            return False
        self._read_on()
        http.start_next_cycle()
        return True

    def abort(self) -> None:
        """Close it at once; an answer that is not whole by then has broken off."""
        self._error = self._error or ConnectionAbortedError("closed by jobdeck")
        if self._wire is not None:
            self._wire.abort()

    async def _more(self, request: httpx.Request, *, is_headless: bool) -> None:
        self._read_on()
        seconds = request.extensions.get("timeout", {}).get("read")
        if is_headless and seconds is not None and self._loop.time() > self._sent_at + seconds * HEAD_PATIENCE:
            raise httpx.ReadTimeout("no whole head in time", request=request)
        while True:
            unsent = self.wire.get_write_buffer_size()
            waiter = self._waiter = self._loop.create_future()
            timer = None if seconds is None else self._loop.call_later(seconds, _time_is_up, waiter, request)
            try:
                await waiter
                return
            except httpx.ReadTimeout:
                if self.wire.get_write_buffer_size() >= unsent:
                    raise
            finally:
                self._waiter = None
                if timer:
                    timer.cancel()

    def _read_on(self) -> None:
        if self._buffered > _MOST_BUFFERED:
            self.wire.resume_reading()
        self._buffered = 0

    def _take_to_h11(self) -> None:
        """Have h11 hear of a request that was sent without it."""
        request, self._plain = self._plain, None
        if request is not None:
            self._written_by_h11(request, request.content)

    def _written_by_h11(self, request: httpx.Request, content: bytes) -> bytes:
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        events = (head, h11.Data(data=content), h11.EndOfMessage()) if content else (head, h11.EndOfMessage())
        return b"".join(self._http.send(event) or b"" for event in events)

    def _hear(self, data: bytes) -> None:
        self._has_heard = True
        if self._plain is not None:
            if answer := whole_answer(data):
                self._whole, self._plain, self._unread = answer, None, answer.body or b""
                self._call_reader()
                return
            self._take_to_h11()
        if self._http.our_state is h11.IDLE:  # nobody asked for it
            self.abort()
            return
        self._opening += data[: len(_OPENING) - len(self._opening)]
        self._http.receive_data(data)
        self._buffered += len(data)
        if self._buffered > _MOST_BUFFERED:
            self.wire.pause_reading()
        self._call_reader()

    def _hear_end(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._take_to_h11()
            # A line that broke did not end: a body that lasts until the end would count as whole.
            if self._error is None and self._http.their_state is not h11.ERROR:
                self._http.receive_data(b"")
        self._call_reader()

    def _call_reader(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


def _time_is_up(waiter: asyncio.Future[None], request: httpx.Request) -> None:
    if not waiter.done():
        waiter.set_exception(httpx.ReadTimeout("no byte in time", request=request))


def _no_http(request: httpx.Request) -> NoHttpError:
    return NoHttpError("what came is no answer in HTTP", request=request)
