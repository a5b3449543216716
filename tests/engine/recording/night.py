"""A recording of a short night, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from tests.clock import START
from tui.engine.facts.jobs import Changes
from tui.engine.recording.growing_file import GrowingFile
from tui.engine.recording.writer import RecordingWriter
from tui.model import (
    Condition,
    ConnectionHealth,
    Download,
    DownloadState,
    Event,
    Inert,
    Job,
    JobState,
    Reference,
    Safe,
    Snapshot,
)

HEALTH = ConnectionHealth("plant", "octoplant", Safe("octoplant"), Condition.OK)
MOST = 1_000_000


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def job(number: int, state: JobState = JobState.RUNNING, *, minutes: float = 0, raw: str = "") -> Job:
    snapshot = Inert(Snapshot(state=state, vendor_status=Safe(state.value.upper()), raw=Safe(raw)))
    return Job("plant", "octoplant", Reference(f"j{number}"), START, snapshot=snapshot, changed_at=at(minutes))


def download(number: int, of: Job, *, bytes: int = 0) -> Download:  # noqa: A002  # the field's name
    return Download(number, of.key, Safe("a.zip"), Path("/got"), DownloadState.RUNNING, bytes=bytes, size=100)


def write(path: Path, rounds: Iterable[tuple[float, Changes, tuple[Event, ...]]], *, ends: bool = True) -> None:
    """Write down what was new after so many minutes."""
    file = GrowingFile(path, MOST)
    writer = RecordingWriter(file, {"bad": "state:failed"})
    last = 0.0
    for minutes, changes, events in rounds:
        writer.write(at(minutes), changes, events)
        last = minutes
    if ends:
        writer.end(at(last), "the board was closed")
    file.close()


def night(path: Path, *, ends: bool = True) -> Path:
    """Ten minutes: 1 fails after 2, 2 comes with a download after 3 and ends after 8, 1 is taken off after 9."""
    first, second = job(1), job(2)
    got = download(7, second)
    failed = job(1, JobState.FAILED, minutes=2)
    done = replace(job(2, JobState.SUCCEEDED, minutes=8), downloads=(replace(got, bytes=100),))
    event = Event(at(2), first.key, "state", Safe("failed (FAILED)"))
    down = replace(HEALTH, condition=Condition.DOWN, since=at(4))
    rounds: list[tuple[float, Changes, tuple[Event, ...]]] = [
        (0, Changes(jobs=(first,), connections=(HEALTH,)), (Event(at(-9), first.key, "tracked", Safe("tracked")),)),
        (1, Changes(jobs=(replace(first, checked_at=at(1), next_check_at=at(2)),)), ()),
        (2, Changes(jobs=(failed,), told=(Safe("plant: something is odd"),)), (event,)),
        (3, Changes(jobs=(replace(second, downloads=(got,)),), downloads=(got,)), ()),
        (4, Changes(connections=(down,)), ()),
        (6, Changes(jobs=(replace(second, downloads=(replace(got, bytes=50),)),)), ()),
        (8, Changes(jobs=(done,), connections=(HEALTH,)), ()),
        (9, Changes(gone=(first.key,)), ()),
        (10, Changes(), ()),
    ]
    write(path, rounds, ends=ends)
    return path
