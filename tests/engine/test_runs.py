"""What a finished job tells of its kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.clock import START
from tui.engine.border import inert
from tui.engine.runs import kind_of, run_of
from tui.model import Job, JobState, Reference, Safe, Snapshot, Stage, UsualStage
from tui.usual import Kind


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_job(said: Snapshot, *, vendor: str = "autodesk", ref: str = "1", **more: object) -> Job:
    return replace(Job("home", vendor, Reference(ref), START, snapshot=inert(said)), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("vendor", "ref", "title", "name"),
    [
        ("autodesk", "a1", "acme.ExportFbx+prod", "acme.ExportFbx+prod"),
        ("enos", "chan-7/20260302", None, "chan-7"),
        ("aspera", "4711", "Ingest 07 of 2026-03-02", "Ingest # of #-#-#"),
        ("aspera", "4711", None, ""),
        ("jaggaer", "pid", None, ""),
        ("octoplant", "export-order-1", None, ""),
        ("no longer a vendor", "1", "a title", ""),
    ],
)
def test_a_kind_is_the_vendors_own(vendor: str, ref: str, title: str | None, name: str) -> None:
    job = a_job(Snapshot(title=title), vendor=vendor, ref=ref, given_title="my own words")
    assert kind_of(job) == Kind("home", name)


def test_a_run_is_told_by_the_vendor_else_by_what_was_seen() -> None:
    stages = (Stage("queued", at(0), at(4)), Stage("run", at(4), at(64)), Stage("run", at(64), at(70)), Stage("x"))
    told = Snapshot(JobState.SUCCEEDED, started_at=at(4), finished_at=at(70), stages=stages)
    run = run_of(a_job(told, changed_at=at(75), seen_running_at=at(9)))
    assert run is not None
    assert run.seconds == 66
    assert run.stages == (UsualStage(Safe("queued"), 4), UsualStage(Safe("run"), 66))
    seen = run_of(a_job(Snapshot(JobState.SUCCEEDED), changed_at=at(75), seen_running_at=at(15)))
    assert seen is not None
    assert seen.seconds == 60


def test_what_failed_or_has_no_times_is_no_run() -> None:
    over = {"started_at": at(0), "finished_at": at(9)}
    assert run_of(a_job(Snapshot(JobState.FAILED, **over))) is None  # type: ignore[arg-type]
    assert run_of(a_job(Snapshot(JobState.SUCCEEDED, started_at=at(9), finished_at=at(0)))) is None
    assert run_of(a_job(Snapshot(JobState.SUCCEEDED), changed_at=at(5))) is None
