"""Reads a recording: looked through once from end to end, then by chapters, so that a long night fits into memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from tui.engine.recording.lines import VERSION, Head, Line, checked, harmless, read_head
from tui.engine.recording.unpacking import lines_from
from tui.errors import UsageError
from tui.model import Event, JobKey, JobState, Safe
from tui.moments import usable
from tui.text import safe_line


@dataclass(frozen=True, slots=True)
class Turn:
    """That a job came to another state, or onto the board."""

    at: datetime
    key: JobKey
    title: Safe
    state: JobState
    number: int
    """Its place among all turns."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Lines that can be read without those before: from which byte on, behind how many others, from which line on."""

    offset: int
    skipped: int
    first: int


@dataclass(slots=True)
class Recording:
    """A recording's table of contents; its lines stay in the file. There is at least one."""

    path: Path
    head: Head
    moments: list[datetime] = field(default_factory=list)
    """Of each line; the later is never before the earlier."""
    turns: list[Turn] = field(default_factory=list)
    events: list[tuple[datetime, Event]] = field(default_factory=list)
    """The lines of histories, each with the moment from which on it was known."""
    chapters: list[Chapter] = field(default_factory=list)
    ended: Safe | None = None
    """Why nothing follows; None where the recording breaks off."""

    def chapter_of(self, line: int) -> tuple[int, list[bytes]]:
        """The number of the first line of the line's chapter, and the chapter's texts. Raises UsageError."""
        number = bisect_right(self.chapters, line, key=lambda one: one.first) - 1
        chapter = self.chapters[number]
        end = self.chapters[number + 1].first if number + 1 < len(self.chapters) else len(self.moments)
        try:
            with self.path.open("rb") as opened:
                first, last = chapter.skipped, chapter.skipped + end - chapter.first
                return chapter.first, [text for _, text in islice(lines_from(opened, chapter.offset), first, last)]
        except (OSError, ValueError) as error:
            raise self._stopped(error) from error

    def lines(self, texts: Sequence[bytes]) -> list[Line]:
        """Lines that follow upon each other, harmless, without their events, which are known already.

        What a later one says anew of a job is left out of the earlier. Raises UsageError.
        """
        found, told, asked = list[Line](), set[JobKey](), set[JobKey]()
        try:
            for text in reversed(texts):
                line = checked(text)
                last_asked = tuple(one for one in line.asked if one.key not in asked)
                last_told = tuple(job for job in line.jobs if job.key not in told)
                told.update(job.key for job in last_told)
                asked.update((one.key for one in last_asked), (job.key for job in last_told))
                found.append(harmless(msgspec.structs.replace(line, jobs=last_told, asked=last_asked, events=())))
        except ValueError as error:
            raise self._stopped(error) from error
        return found[::-1]

    def _stopped(self, error: Exception) -> UsageError:
        return UsageError(f"{self.path} cannot be played on: {error}")


def read_recording(path: Path) -> Recording:
    """Look through a recording. Raises UsageError for what is none, or is damaged, or of a newer jobdeck."""
    reading = _Reading(path)
    try:
        with path.open("rb") as opened:
            for offset, text in lines_from(opened, 0):
                reading.take(offset, text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="name a file of jobdeck --record") from error
    except ValueError as error:
        raise reading.trouble(error) from error
    if not reading.found or not reading.found.moments:
        raise reading.trouble(None)
    return reading.found


class _Reading:
    """The first look: keeps what must be known of every line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: dict[JobKey, JobState] = {}
        self._offset = -1
        self._in_member = 0
        self.found: Recording | None = None

    def trouble(self, error: ValueError | None) -> UsageError:
        """What to say of a file that cannot be played."""
        found = self.found
        if found is None or not found.moments:
            what = "is no recording of jobdeck, or damaged where it begins"
            return UsageError(f"{self._path} {what}", hint="jobdeck --record FILE makes one")
        at = found.moments[-1].astimezone().strftime("%Y-%m-%d %H:%M:%S")
        return UsageError(f"{self._path} is damaged behind {at}: {error}", hint="play another copy of it")

    def take(self, offset: int, text: bytes) -> None:
        """One line more. Raises ValueError, and UsageError for a newer jobdeck's."""
        self._in_member = self._in_member + 1 if offset == self._offset else 0
        self._offset = offset
        if self.found is None:
            self.found = Recording(self._path, self._head(text))
            return
        line, found = checked(text), self.found
        if usable(line.at) is None or (found.moments and line.at < found.moments[-1]):
            raise ValueError("its moments are in disorder")
        if line.whole:
            found.chapters.append(Chapter(offset, self._in_member, len(found.moments)))
        elif not found.moments:
            raise ValueError("it has no beginning")
        self._note_turns(line, is_start=not found.moments)
        if line.events:
            found.events += [(line.at, event) for event in harmless(Line(at=line.at, events=line.events)).events]
        found.moments.append(line.at)
        found.ended = safe_line(line.ended) or None

    def _head(self, text: bytes) -> Head:
        head = read_head(text)
        if head.jobdeck_recording > VERSION:
            raise UsageError(
                f"{self._path} was recorded by a newer jobdeck{f' ({head.by})' if head.by else ''}",
                hint="replay it with that one, or a later one",
            )
        return head

    def _note_turns(self, line: Line, *, is_start: bool) -> None:
        states = self._states
        for job in line.jobs:
            if states.get(job.key) is not job.state:
                states[job.key] = job.state
                if not is_start and self.found is not None:
                    key, turns = JobKey(safe_line(job.key)), self.found.turns
                    turns.append(Turn(line.at, key, safe_line(job.title), job.state, len(turns)))
        for key in line.gone:
            states.pop(key, None)
