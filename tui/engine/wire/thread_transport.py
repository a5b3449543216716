"""How files come: blocking reads in threads, behind httpx's own surface.

`http.client` with `readinto` in a thread moves bytes at curl's speed for a third of the CPU that httpx's own
transport takes, and leaves the event loop free (facts: performance, section B). Logins, hooks and tests see httpx.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from http import HTTPStatus

import httpx

from tui.engine.wire.daemon import in_daemon

BODY = "jobdeck_body"
"""The response's extension that holds its `Body`."""
_MOST_IDLE = 16
_MOST_BEFOREHAND = 32
"""So many answers (1xx) may come before the answer itself."""
_CHUNK = 65_536
_Origin = tuple[str, str, int]


Connect = Callable[[str, int, float | None], socket.socket]
"""Makes a line to host and port in so many seconds; blocks. Raises OSError."""


def connect_anywhere(host: str, port: int, seconds: float | None) -> socket.socket:
    """A line to whatever addresses the host has. Blocks. Raises OSError."""
    return socket.create_connection((host, port), seconds)


class _Answer(http.client.HTTPResponse):
    """Steps over what a server says beforehand (103 Early Hints, 102); the library itself steps over 100 only."""

    def begin(self) -> None:
        for _ in range(_MOST_BEFOREHAND):
            super().begin()
            if self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                return
            self.headers = self.msg = None  # type: ignore[assignment]  # as before the first head
        raise http.client.HTTPException("no end of what comes beforehand")


class Line:
    """One connection to a server; its methods block and raise httpx's errors."""

    def __init__(self, request: httpx.Request, trust: ssl.SSLContext, connect: Connect) -> None:
        url = request.url
        self.origin = origin_of(url)
        self._connect_to = connect
        self._trust = trust if url.scheme == "https" else None
        self._server_name = str(request.extensions.get("sni_hostname") or self.origin[1])
        self._http = http.client.HTTPConnection(self.origin[1], self.origin[2])
        self._http.response_class = _Answer
        self._socket: socket.socket | None = None
        self._answer: http.client.HTTPResponse | None = None
        self.is_aborted = False

    def exchange(self, request: httpx.Request, content: bytes) -> http.client.HTTPResponse:
        """Send the request and read the answer's head; the connection is closed when that fails."""
        self._answer = None
        try:
            self._answer = self._exchange(request, content)
            return self._answer
        finally:
            if self._answer is None or self.is_aborted:  # nobody may be there any more to close it
                self.close()

    def _exchange(self, request: httpx.Request, content: bytes) -> http.client.HTTPResponse:
        timeouts = request.extensions.get("timeout", {})
        if self._http.sock is None:
            self._connect(timeouts.get("connect"))
        if self.is_aborted:
            raise httpx.ConnectError("given up meanwhile")
        self._http.sock.settimeout(timeouts.get("read"))
        with _as_httpx_errors(request):
            target = request.url.raw_path.decode("ascii")
            self._http.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.raw:
                self._http.putheader(name, value)
            self._http.endheaders(content or None)
            return self._http.getresponse()

    def _connect(self, seconds: float | None) -> None:
        _, host, port = self.origin
        try:
            plain = self._connect_to(host, port, seconds)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._http.sock = self._socket = plain
        if self._trust and not self.is_aborted:
            try:
                self._http.sock = self._socket = self._trust.wrap_socket(plain, server_hostname=self._server_name)
            except TimeoutError as error:
                raise httpx.ConnectTimeout("no TLS handshake in time") from error
            except (OSError, ValueError) as error:
                raise httpx.ConnectError(str(error)) from error

    def abort(self) -> None:
        """Wake whoever is at it; may be called from any thread."""
        self.is_aborted = True
        if self._socket is not None:
            with suppress(OSError):  # it is down already
                # The socket's own method: that of a TLS socket would take the encryption away under its reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, and the answer that may still hold it."""
        self._http.close()
        if self._answer is not None:
            self._answer.close()


class Body(httpx.AsyncByteStream):
    """An answer's bytes as they are sent. Either `readinto` in a thread, or iterate."""

    def __init__(self, line: Line, response: http.client.HTTPResponse, request: httpx.Request, pool: Pool) -> None:
        self._line = line
        self._response = response
        self._request = request
        self._pool = pool

    def readinto(self, view: memoryview) -> int:
        """Read some bytes; 0 at the end. Blocks. Raises httpx's errors, also for an end that comes too early."""
        with _as_httpx_errors(self._request):
            count = self._response.readinto(view)
        if count == 0 and self._response.length:
            raise httpx.ReadError("the server closed the connection in mid-file")
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
        # One that broke off counts as closed too; its `length` then says what is missing.
        was_read = self._response.isclosed() and not self._response.length
        is_last = self._response.status >= 200  # what the server says beforehand (1xx) is followed by the answer
        if was_read and is_last and not self._response.will_close and not self._line.is_aborted:
            self._pool.keep(self._line)
        else:
            self._line.close()


class Pool:
    """Connections that wait for their next request, by origin; used on the event loop only."""

    def __init__(self) -> None:
        self._idle: dict[_Origin, list[Line]] = {}
        self._is_closed = False

    def take(self, origin: _Origin) -> Line | None:
        """An open connection, the one used last; None when there is none."""
        lines = self._idle.get(origin)
        return lines.pop() if lines else None

    def keep(self, line: Line) -> None:
        """Keep a connection for later."""
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
                pass
        return await self._exchange(Line(request, self._trust, self._connect), request, content)

    async def _exchange(self, line: Line, request: httpx.Request, content: bytes) -> httpx.Response:
        answer = await in_daemon(lambda: line.exchange(request, content), line.abort, left=line.close)
        body = Body(line, answer, request, self._pool)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders()]  # as sent
        return httpx.Response(answer.status, headers=headers, stream=body, extensions={BODY: body})

    async def aclose(self) -> None:
        """Close what waits; what is under way ends with its reader."""
        self._pool.close()


class _as_httpx_errors:  # noqa: N801  # used as a `with` statement, reads as a phrase
    """Turns the standard library's errors into httpx's."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise httpx.ReadTimeout("no byte in time", request=self._request) from error
        if isinstance(error, http.client.HTTPException | ValueError):
            raise httpx.RemoteProtocolError(type(error).__name__, request=self._request) from error
        if isinstance(error, OSError):
            raise httpx.ReadError(error.strerror or type(error).__name__, request=self._request) from error


def origin_of(url: httpx.URL) -> _Origin:
    """Scheme, host and port."""
    return url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
