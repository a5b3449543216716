"""What the screen has not yet seen: the latest of each thing once, and one wake for it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from tests.clock import START
from tui.engine.outbox import Outbox
from tui.model import Condition, ConnectionHealth, Download, DownloadState, Job, JobKey, Reference, Safe

JOB = Job("plant", "octoplant", Reference("A"), START)
NEWER = replace(JOB, given_title=Safe("newer"))
OTHER = replace(JOB, ref=Reference("B"))
HEALTH = ConnectionHealth("plant", "octoplant", Safe("plant"))
DOWNLOAD = Download(1, JOB.key, Safe("a.zip"), Path("/x"), DownloadState.RUNNING)


class Bell:
    def __init__(self) -> None:
        self.rung = 0

    def __call__(self) -> None:
        self.rung += 1


def test_the_latest_of_each_thing_comes_out_once() -> None:
    outbox = Outbox()
    outbox.put(jobs=(JOB, OTHER), connections=(HEALTH,), downloads=(DOWNLOAD,))
    down, done = replace(HEALTH, condition=Condition.DOWN), replace(DOWNLOAD, state=DownloadState.DONE)
    outbox.put(jobs=(NEWER,), connections=(down,), downloads=(done,))
    changes = outbox.drain()
    assert (changes.jobs, changes.connections, changes.downloads) == ((NEWER, OTHER), (down,), (done,))
    assert changes
    assert not outbox.drain()


def test_a_job_is_there_or_gone_never_both() -> None:
    outbox = Outbox()
    outbox.put(jobs=(JOB, OTHER))
    outbox.put(gone=(JOB.key,))
    changes = outbox.drain()
    assert (changes.jobs, changes.gone) == ((OTHER,), (JOB.key,))
    outbox.put(gone=(JOB.key,))
    outbox.put(jobs=(JOB,))
    changes = outbox.drain()
    assert (changes.jobs, changes.gone) == ((JOB,), ())


def test_a_connection_is_there_or_gone_never_both() -> None:
    outbox = Outbox()
    outbox.put(connections=(HEALTH,))
    outbox.put(connections_gone=(HEALTH.name,))
    changes = outbox.drain()
    assert changes
    assert (changes.connections, changes.connections_gone) == ((), (HEALTH.name,))
    outbox.put(connections_gone=(HEALTH.name,))
    outbox.put(connections=(HEALTH,))
    changes = outbox.drain()
    assert (changes.connections, changes.connections_gone) == ((HEALTH,), ())


def test_the_screen_is_woken_once_until_it_has_looked() -> None:
    outbox, bell = Outbox(), Bell()
    outbox.on_changes(bell)
    assert bell.rung == 0
    for _ in range(5):
        outbox.put(jobs=(JOB,))
    outbox.put()
    assert bell.rung == 1
    outbox.drain()
    outbox.put()
    assert bell.rung == 1
    outbox.put(connections=(HEALTH,))
    assert bell.rung == 2


def test_who_begins_to_listen_late_is_woken_for_what_is_there() -> None:
    outbox, bell = Outbox(), Bell()
    outbox.put(jobs=(JOB,))
    outbox.on_changes(bell)
    assert bell.rung == 1


def test_a_stalled_screen_costs_one_entry_per_job() -> None:
    outbox = Outbox()
    for number in range(10_000):
        outbox.put(jobs=(replace(JOB, ref=Reference(f"{number % 7}"), given_title=Safe(f"{number}")),))
    changes = outbox.drain()
    assert sorted(job.title for job in changes.jobs) == sorted(f"{number}" for number in range(9993, 10_000))


def test_nothing_is_lost_between_two_threads() -> None:
    outbox, seen, ready = Outbox(), set[JobKey](), threading.Semaphore(0)
    outbox.on_changes(ready.release)
    jobs = [replace(JOB, ref=Reference(f"{number}")) for number in range(2000)]

    def write() -> None:
        for job in jobs:
            outbox.put(jobs=(job,))

    writer = threading.Thread(target=write)
    writer.start()
    while len(seen) < len(jobs):
        assert ready.acquire(timeout=30)
        seen |= {job.key for job in outbox.drain().jobs}
    writer.join()
    assert not outbox.drain()


def test_what_is_told_comes_out_once_and_only_the_latest_of_much() -> None:
    outbox = Outbox()
    bell = Bell()
    outbox.on_changes(bell)
    for number in range(100):
        outbox.put(told=(f"{number}.zip: cp ended with 1",))
    assert outbox.drain().told == tuple(f"{number}.zip: cp ended with 1" for number in range(95, 100))
    assert (bell.rung, bool(outbox.drain())) == (1, False)
