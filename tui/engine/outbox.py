"""What the screen has not yet seen: the latest version of each changed thing, once.

Filled on the engine's thread, emptied on the screen's. While a stalled terminal holds the screen up, this grows by at
most one entry per job, whatever happens meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from tui.engine.facts.jobs import Changes, Slept
from tui.model import ConnectionHealth, Download, Job, JobKey, Safe
from tui.text import safe_line

_log = logging.getLogger("jobdeck.outbox")
_MOST_TOLD = 5
"""So many sentences are kept for the user, the latest."""


class Outbox:
    """Coalesces changes per job, connection and download; `wake` is called when it stops being empty."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[JobKey, Job | None] = {}
        self._connections: dict[str, ConnectionHealth | None] = {}
        self._downloads: dict[int, Download] = {}
        self._told: dict[Safe, None] = {}
        self._slept: Slept | None = None
        self._wake: Callable[[], None] | None = None
        self._other: Outbox | None = None

    def copy_to(self, other: Outbox) -> None:
        """Put into `other` too whatever is put here from now on."""
        self._other = other

    def on_changes(self, wake: Callable[[], None]) -> None:
        """Call `wake` when there is something after there was nothing; at once if there is something now."""
        with self._lock:
            self._wake = wake
            waiting = self._has_something()
        if waiting:
            wake()

    def put(
        self,
        *,
        jobs: tuple[Job, ...] = (),
        gone: tuple[JobKey, ...] = (),
        connections: tuple[ConnectionHealth, ...] = (),
        connections_gone: tuple[str, ...] = (),
        downloads: tuple[Download, ...] = (),
        told: tuple[str, ...] = (),
        slept: Slept | None = None,
    ) -> None:
        """Note changes; a later one of the same thing replaces an earlier one. What is told becomes harmless here."""
        with self._lock:
            was_empty = not self._has_something()
            self._jobs.update({job.key: job for job in jobs})
            self._jobs.update(dict.fromkeys(gone))
            self._connections.update({health.name: health for health in connections})
            self._connections.update(dict.fromkeys(connections_gone))
            self._downloads.update({download.id: download for download in downloads})
            self._told.update(dict.fromkeys(map(safe_line, told)))
            while len(self._told) > _MOST_TOLD:
                del self._told[next(iter(self._told))]
            self._slept = slept or self._slept
            wake = self._wake if was_empty and self._has_something() else None
        if wake:
            _call(wake)
        if self._other is not None:
            self._other.put(
                jobs=jobs,
                gone=gone,
                connections=connections,
                connections_gone=connections_gone,
                downloads=downloads,
                told=told,
                slept=slept,
            )

    def drain(self) -> Changes:
        """Take what there is."""
        with self._lock:
            jobs, self._jobs = self._jobs, {}
            connections, self._connections = self._connections, {}
            downloads, self._downloads = self._downloads, {}
            told, self._told = self._told, {}
            slept, self._slept = self._slept, None
        return Changes(
            jobs=tuple(job for job in jobs.values() if job is not None),
            gone=tuple(key for key, job in jobs.items() if job is None),
            connections=tuple(health for health in connections.values() if health is not None),
            connections_gone=tuple(name for name, health in connections.items() if health is None),
            downloads=tuple(downloads.values()),
            told=tuple(told),
            slept=slept,
        )

    def _has_something(self) -> bool:
        return bool(self._jobs or self._connections or self._downloads or self._told or self._slept)


def _call(wake: Callable[[], None]) -> None:
    try:
        wake()
    except Exception as error:  # noqa: BLE001  # a border: the screen may be closing, and the engine goes on
        _log.debug("the screen did not take the news", exc_info=error)
