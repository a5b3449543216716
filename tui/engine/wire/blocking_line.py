"""One connection for blocking reads in threads: requests out, an answer's head in, in httpx's errors."""

from __future__ import annotations

import http.client
import math
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from tui.engine.wire.origin import Origin
from tui.engine.wire.plain_answer import Answer, FullAnswer, answer_on
from tui.engine.wire.plain_exchange import HEAD_PATIENCE, Words

Timeouts = Mapping[str, float | None]
"""As in httpx's request extension."""
Connect = Callable[[str, int, float | None], socket.socket]
"""Makes a line to host and port in so many seconds; blocks. Raises OSError."""


def connect_anywhere(host: str, port: int, seconds: float | None) -> socket.socket:
    """A line to whatever addresses the host has. Blocks. Raises OSError."""
    return socket.create_connection((host, port), seconds)


class _TlsSocket(ssl.SSLSocket):
    """Takes a connection that was closed without TLS's closing message as ended, and remembers that."""

    is_cut = False

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002  # as the library has it
        try:
            return super().read(len, buffer)
        except ssl.SSLEOFError:
            self.is_cut = True
            return b"" if buffer is None else 0


def head_seconds(timeouts: Timeouts) -> float:
    """So long may an answer's head take after its first byte, however it drips."""
    seconds = timeouts.get("read")
    return math.inf if seconds is None else seconds * HEAD_PATIENCE


class Line:
    """One connection to a server; its methods block and raise httpx's errors."""

    def __init__(self, origin: Origin, trust: ssl.SSLContext, connect: Connect, server_name: str | None = None) -> None:
        """`server_name` is the one that the certificate is checked for; None: the host."""
        self.origin = origin
        self._connect_to = connect
        self._trust = trust if origin[0] == "https" else None
        self._server_name = server_name or origin[1]
        self._http = http.client.HTTPConnection(self.origin[1], self.origin[2])
        self._http.response_class = FullAnswer
        self._words = Words()
        self._socket: socket.socket | None = None
        self._patience: float | None = None
        """What the socket was told to wait for each byte, in seconds."""
        self._answer: Answer | None = None
        self.is_aborted = False

    def exchange(self, request: httpx.Request, content: bytes, *, is_small: bool = False) -> Answer:
        """Send the request and read the answer's head; the connection is closed when that fails.

        `is_small` chooses our own reader, which is faster over the head; the library is faster over a large body.
        """
        timeouts: Timeouts = request.extensions.get("timeout", {})
        words = self._words.of(request) if is_small and not content else None
        if words is not None:
            return self.say(words, timeouts, request)
        with self._until_answered(timeouts):
            self._answer = self._exchange(request, content)
        return self._answer

    def say(self, words: bytes, timeouts: Timeouts, request: httpx.Request | None = None) -> Answer:
        """The same for a GET in these words."""
        with self._until_answered(timeouts) as line, as_httpx_errors(request):
            line.sendall(words)
            self._answer = answer_on(line, time.monotonic() + head_seconds(timeouts))
        return self._answer

    @contextmanager
    def _until_answered(self, timeouts: Timeouts) -> Iterator[socket.socket]:
        self._answer, is_answered = None, False
        try:
            yield self._ready(timeouts)
            is_answered = True
        finally:
            if not is_answered or self.is_aborted:  # nobody may be there any more to close it
                self.close()

    def _ready(self, timeouts: Timeouts) -> socket.socket:
        if self._http.sock is None and not self.is_aborted:
            self._connect(timeouts.get("connect"))
        if self.is_aborted:
            raise httpx.ConnectError("given up meanwhile")
        line: socket.socket = self._http.sock
        if self._patience is None or self._patience != timeouts.get("read"):
            self._patience = timeouts.get("read")
            line.settimeout(self._patience)
        return line

    def _exchange(self, request: httpx.Request, content: bytes) -> Answer:
        with as_httpx_errors(request):
            target = request.url.raw_path.decode("ascii")
            self._http.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.raw:
                self._http.putheader(name, value)
            self._http.endheaders(content or None)
            answer = self._http.getresponse()
            assert isinstance(answer, FullAnswer)  # noqa: S101  # it was told to make them so
            return answer

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
                self._http.sock = self._socket = self._wrapped(self._trust, plain)
            except TimeoutError as error:
                raise httpx.ConnectTimeout("no TLS handshake in time") from error
            except (OSError, ValueError) as error:
                raise httpx.ConnectError(str(error)) from error

    def _wrapped(self, trust: ssl.SSLContext, plain: socket.socket) -> ssl.SSLSocket:
        trust.sslsocket_class = _TlsSocket
        return trust.wrap_socket(plain, server_hostname=self._server_name, suppress_ragged_eofs=False)

    @property
    def is_cut(self) -> bool:
        """Whether it ended without TLS's closing message: a body without a length may then be cut off."""
        return isinstance(self._socket, _TlsSocket) and self._socket.is_cut

    @property
    def is_ready_again(self) -> bool:
        """Whether another request may be sent on it."""
        answer = self._answer
        if answer is None or answer.will_close or self.is_aborted:
            return False
        # One that broke off counts as closed too; its `length` says what is missing. 1xx is followed by the answer.
        return answer.isclosed() and not answer.length and answer.status >= 200

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came since its last answer: the server's end, or what would be read as the next answer."""
        line = self._socket
        if line is None or line.fileno() < 0 or (isinstance(line, ssl.SSLSocket) and line.pending()):
            return False
        look = select.poll()
        look.register(line, select.POLLIN)
        return not look.poll(0)

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


class as_httpx_errors:  # noqa: N801  # used as a `with` statement, reads as a phrase
    """Turns the standard library's errors into httpx's."""

    def __init__(self, request: httpx.Request | None) -> None:
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
