"""What is written into a recording: each round of changes as a line, and the whole board again from time to time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import tui
from tui.engine.changed import changed
from tui.engine.facts.jobs import Changes
from tui.engine.recording.growing_file import GrowingFile
from tui.engine.recording.lines import VERSION, Asked, Head, Line, encoded
from tui.engine.recording.scene import Scene
from tui.model import Event, Job

WHOLE_AFTER = timedelta(minutes=5)
"""So long after one, the whole board is written again: what lies between is read again at each jump into it."""
WHOLE_AFTER_BYTES = 8_000_000
"""The same by the size of what lies between."""


class RecordingWriter:
    """Each method may raise RecordingEndError."""

    def __init__(self, file: GrowingFile, filters: Mapping[str, str]) -> None:
        self._file = file
        self._head = Head(jobdeck_recording=VERSION, by=tui.__version__, filters=filters)
        self._scene = Scene()
        self._last: datetime | None = None
        self._whole_at: datetime | None = None
        self._whole_size = self._since = 0

    def write(self, now: datetime, changes: Changes, events: tuple[Event, ...] = ()) -> None:
        """Write down what is new; a clock that was put back stands still meanwhile."""
        at = self._last = max(now, self._last or now)
        line = self._line(at, changes, events)
        self._scene.take(line)
        if self._whole_at is None:
            self._file.write(encoded(self._head))
            self._write_whole(line)
            return
        text = encoded(line)
        self._since += len(text)
        self._file.write(text)
        if self._is_time_for_whole(at, self._whole_at):
            self._file.begin_member()
            self._write_whole(Line(at=at))  # says nothing new: who plays on passes over it

    def end(self, now: datetime, why: str) -> None:
        """Write the last line: that nothing follows, and why."""
        self._file.write(encoded(Line(at=max(now, self._last or now), ended=why)))

    def _is_time_for_whole(self, at: datetime, last: datetime) -> bool:
        """Whether the whole board is due again: only after as many bytes as it had; so a recording never doubles."""
        is_due = at - last >= WHOLE_AFTER or self._since >= WHOLE_AFTER_BYTES
        return is_due and self._since >= self._whole_size

    def _write_whole(self, line: Line) -> None:
        """Write the whole board; what the line tells besides, e.g. events, goes along."""
        whole = self._scene.whole(line.at)
        text = encoded(
            Line(
                at=line.at,
                whole=True,
                jobs=whole.jobs,
                connections=whole.connections,
                downloads=whole.downloads,
                told=line.told,
                slept=line.slept,
                events=line.events,
            )
        )
        self._file.write(text)
        self._whole_at, self._whole_size, self._since = line.at, len(text), 0

    def _line(self, at: datetime, changes: Changes, events: tuple[Event, ...]) -> Line:
        """A job only where more than its downloads has changed; of archived ones, which a filter shows, nothing."""
        scene = self._scene
        jobs = [_bare(job) for job in changes.jobs if job.archived_at is None]
        jobs = [job for job in jobs if scene.jobs.get(job.key) != job]
        asked = tuple(said for job in jobs if (said := _asked(scene.jobs.get(job.key), job)))
        stand_as_before = {one.key for one in asked}
        downloads = {one.id: one for job in changes.jobs if job.archived_at is None for one in job.downloads}
        downloads |= {one.id: one for one in changes.downloads}
        return Line(
            at=at,
            jobs=tuple(job for job in jobs if job.key not in stand_as_before),
            asked=asked,
            gone=changes.gone,
            connections=changes.connections,
            connections_gone=changes.connections_gone,
            downloads=tuple(one for number, one in downloads.items() if scene.downloads.get(number) != one),
            told=changes.told,
            slept=changes.slept,
            events=events,
        )


def _bare(job: Job) -> Job:
    """The job without its downloads, and without what only starting it again would take."""
    return replace(job, downloads=(), order_body=None, callback=None)


def _asked(before: Job | None, now: Job) -> Asked | None:
    """What is new of a job that stands as before; None for one that does not."""
    asked = Asked(now.key, now.checked_at, now.next_check_at, now.fresh_until)
    if (
        before is None
        or changed(
            before, checked_at=asked.checked_at, next_check_at=asked.next_check_at, fresh_until=asked.fresh_until
        )
        != now
    ):
        return None
    return asked
