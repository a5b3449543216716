"""One small file's exchange, from its connection to its last byte, in one thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

import httpx

from tui.engine.wire.blocking_line import Line, Timeouts, as_httpx_errors
from tui.engine.wire.line_pool import Pool
from tui.engine.wire.origin import Origin
from tui.engine.wire.plain_answer import Answer, PlainAnswer, fields_of

Read = Callable[[memoryview], int]
"""Some bytes of a body, as soon as there are any; not to be asked at its end. Blocks. Raises httpx's errors."""


class Taker(Protocol):
    """Takes an answer in the very thread that read its head: small files are not worth a second thread."""

    def take(self, status: int, headers: Mapping[str, str], read: Read) -> bool:
        """Read the body to its end, or leave it alone; says which. The headers' names are in lower case.

        Whatever it raises is raised where the request was sent.
        """
        ...


class Trip:
    """One GET over a kept connection, or a new one. `go` runs in a thread, once; the rest on the event loop."""

    def __init__(
        self, pool: Pool, origin: Origin, fresh: Callable[[], Line], words: bytes, timeouts: Timeouts, taker: Taker
    ) -> None:
        """`fresh` makes a new connection to the origin; `words` are the whole request as it is sent."""
        self._pool = pool
        self._origin = origin
        self._fresh = fresh
        self._words = words
        self._timeouts = timeouts
        self._taker = taker
        self._holding = threading.Lock()
        """An abort must not meet whoever has the connection next."""
        self._line: Line | None = None
        self._is_aborted = False

    def go(self) -> tuple[Line, Answer] | None:
        """The answer that its taker left alone, and what it comes on; None for one that was taken.

        Blocks. Raises httpx's errors, and the taker's.
        """
        line, answer = self._pool.take(self._origin), None
        if line is not None:
            with suppress(httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):  # closed meanwhile
                answer = self._answer_on(line)
        if line is None or answer is None:
            line = self._fresh()
            answer = self._answer_on(line)
        if not offer(line, answer, self._taker):
            return line, answer
        with self._holding:
            self._line = None
        self._pool.keep_or_close(line)
        return None

    def abort(self) -> None:
        """Bring `go` to its end, wherever it is."""
        with self._holding:
            self._is_aborted = True
            if self._line:
                self._line.abort()

    def leave(self) -> None:
        """Close the connection after an aborted `go` has ended: nobody reads its answer."""
        if self._line:
            self._line.close()

    def _answer_on(self, line: Line) -> Answer:
        self._hold(line)
        return line.say(self._words, self._timeouts)

    def _hold(self, line: Line) -> None:
        with self._holding:
            if not self._is_aborted:
                self._line = line
                return
        line.close()
        raise httpx.ConnectError("given up meanwhile")


def offer(line: Line, answer: Answer, taker: Taker) -> bool:
    """Offer an answer whose length is known and whose connection stays; says whether it was taken.

    Blocks. Raises the taker's errors.
    """

    def read(view: memoryview) -> int:
        with as_httpx_errors(None):
            count = plain.read_some(view)
        if not count:
            raise broken_off()
        return count

    if not isinstance(answer, PlainAnswer):
        return False
    plain = answer
    try:
        return taker.take(plain.status, fields_of(plain.raw_headers), read)
    except BaseException:
        line.close()
        raise


def broken_off() -> httpx.ReadError:
    """What to raise where a body ends too early."""
    return httpx.ReadError("the server closed the connection in mid-file")
