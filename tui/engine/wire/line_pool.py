"""Connections for files that wait for their next request."""

from __future__ import annotations

import threading

from tui.engine.wire.blocking_line import Line
from tui.engine.wire.origin import Origin

_MOST_OF_ONE = 16
_MOST = 64


class Pool:
    """Connections by origin; used by the event loop and by threads."""

    def __init__(self, most: int = _MOST) -> None:
        """At most so many of all origins together: a vendor may have a new host for each file."""
        self._most = most
        self._lock = threading.Lock()
        self._idle: list[Line] = []
        """In the order in which they fell idle."""
        self._is_closed = False

    def take(self, origin: Origin) -> Line | None:
        """An open connection on which nothing came meanwhile, the one used last; None when there is none."""
        while line := self._last(origin):
            if line.is_quiet:
                return line
            line.close()
        return None

    def keep_or_close(self, line: Line) -> None:
        """Keep a connection for the next request, if its answer was read to its end."""
        left_over = self._put(line) if line.is_ready_again else line
        if left_over:
            left_over.close()

    def close(self) -> None:
        """Close them all."""
        with self._lock:
            self._is_closed = True
        self.let_go()

    def let_go(self) -> None:
        """Close those that wait; others may be kept again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def _last(self, origin: Origin) -> Line | None:
        with self._lock:
            for place in range(len(self._idle) - 1, -1, -1):
                if self._idle[place].origin == origin:
                    return self._idle.pop(place)
        return None

    def _put(self, line: Line) -> Line | None:
        """Keep the connection; returns the one that has to be closed instead: itself, or the one idle for longest."""
        with self._lock:
            if self._is_closed or sum(one.origin == line.origin for one in self._idle) >= _MOST_OF_ONE:
                return line
            self._idle.append(line)
            return self._idle.pop(0) if len(self._idle) > self._most else None
