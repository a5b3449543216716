"""What the screen knows of downloads: the latest of each, and its job put together once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.clock import START
from tui.engine.facts.jobs import Changes
from tui.model import Download, DownloadState, Job, JobKey, Reference, Safe
from tui.screens.desk import Desk

JOB = Job("plant", "scripted", Reference("A"), START)
FILES = tuple(
    Download(number, JobKey("plant:A"), Safe(f"{number}.bin"), Path("/got"), DownloadState.QUEUED)
    for number in range(1, 6)
)


def test_only_what_is_new_of_a_job_s_downloads_is_touched() -> None:
    desk = Desk()
    assert desk.apply(Changes(jobs=(replace(JOB, downloads=FILES),))).downloads == FILES
    moves = replace(FILES[2], state=DownloadState.RUNNING)
    job = replace(JOB, downloads=(*FILES[:2], moves, *FILES[3:]))
    touched = desk.apply(Changes(jobs=(job,), downloads=(moves,)))
    assert (touched.jobs, touched.downloads) == ((job,), (moves,))
    assert touched.jobs[0] is job
    assert list(desk.downloads.values()) == list(job.downloads)


def test_a_job_that_was_told_without_them_gets_them_in_their_order() -> None:
    desk = Desk()
    desk.apply(Changes(jobs=(JOB,)))
    touched = desk.apply(Changes(downloads=(FILES[3], FILES[0])))
    assert [one.downloads for one in touched.jobs] == [(FILES[0], FILES[3])]
    assert desk.jobs[JOB.key].downloads == (FILES[0], FILES[3])
    assert desk.apply(Changes(downloads=(FILES[3],))).jobs == ()


def test_what_moves_for_an_earlier_run_stays_out_of_the_job() -> None:
    desk = Desk()
    anew = replace(JOB, begun_anew_at=START)
    desk.apply(Changes(jobs=(anew,)))
    late = replace(FILES[0], id=int(START.timestamp() * 1_000_000) + 1)
    touched = desk.apply(Changes(downloads=(FILES[0], late)))
    assert touched.downloads == (FILES[0], late)
    assert desk.jobs[JOB.key].downloads == (late,)
