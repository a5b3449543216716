"""The scene of the pictures and snapshots: a whole morning at five vendors, with something of everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.board.demo import demo_jobs
from tests.board.fakes import CONNECTIONS, OFFERS, REPORT, FakeDoor, ago, make_job
from tui.engine.border import inert
from tui.model import (
    Condition,
    ConnectionHealth,
    Download,
    DownloadState,
    Event,
    Job,
    JobKey,
    JobState,
    Output,
    ReportInfo,
    Safe,
    Snapshot,
    Usual,
    UsualStage,
    Verified,
)

RUNNING = demo_jobs()[0].key
ALERTED, FAILED, FETCHED = JobKey("windfarm:id-0004"), JobKey("aps-prod:id-0300"), JobKey("windfarm:chan-7/20260302")
WAITING = JobKey("orchestrator:id-0007")
USUAL = Usual(
    12, 170.0, 240.0, (UsualStage(Safe("queued"), 3), UsualStage(Safe("download"), 2), UsualStage(Safe("run"), 165))
)
_PAST = (
    ("aps-prod", "autodesk", "acme.RenderDwg+prod", "success", "drawing.zip"),
    ("windfarm", "enos", "solar-2026-01 export", "3", "solar-2026-01.zip"),
    ("orchestrator", "aspera", "Deliver proxy-71{number:02d}", "Complete", "proxy.mov"),
    ("sourcing", "jaggaer", "RFQ 46{number:02d} bid documents", "completed", "bids.zip"),
    ("plant", "octoplant", "Paint line 2 nightly export", "Finished", "export.zip"),
    ("aps-prod", "autodesk", "acme.RevitToIfc+v2", "success", "hall-7.ifc"),
    ("plant", "octoplant", "Boiler house job results", "Finished", "results.zip"),
)


def connections() -> list[ConnectionHealth]:
    """Two of five are in trouble."""
    throttled = {"condition": Condition.THROTTLED, "message": Safe("the quota is used up"), "next_try_at": ago(-300)}
    return [
        replace(one, **throttled, since=ago(40)) if one.name == "sourcing" else one  # type: ignore[arg-type]
        for one in CONNECTIONS
    ]


def jobs() -> list[Job]:
    """What is under way, what went wrong, and what has been done since yesterday."""
    changes: dict[JobKey, Callable[[Job], Job]] = {
        ALERTED: lambda job: replace(job, alert=True),
        RUNNING: lambda job: replace(job, usual=USUAL),
        WAITING: lambda job: replace(
            job, given_title=Safe("Freigabe Rohschnitt Förderband 3")
        ),  # any font has its letters
    }
    under_way = [changes[job.key](job) if job.key in changes else job for job in demo_jobs()]
    failed = make_job(
        300,
        JobState.FAILED,
        title="acme.InventorBom+prod",
        status="failedInstructions",
        submitted=2400,
        notice="the activity ended with exit code 2",
        has_report=True,
    )
    failed = replace(failed, report=ReportInfo(ago(60), len(REPORT)))
    told = [*under_way, failed, *(_past(number) for number in range(44))]
    return [replace(job, changed_at=job.changed_at or ago(600)) for job in told]


def _past(number: int) -> Job:
    connection, vendor, title, status, name = _PAST[number % len(_PAST)]
    size = 40_000 + 7_700_000 * (number % 9)
    job = make_job(
        100 + number,
        JobState.SUCCEEDED,
        title=title.format(number=number),
        connection=connection,
        vendor=vendor,
        status=status,
        submitted=11_000 + 1900 * number,
        checked=3000 + 700 * number,
        outputs=(Output(name, size=size),),
    )
    if number % 3 == 0:
        return job
    download = Download(
        500 + number,
        job.key,
        Safe(name),
        Path("/home/ops/Downloads/jobdeck"),
        DownloadState.DONE,
        path=Path("/home/ops/Downloads/jobdeck") / name,
        bytes=size,
        size=size,
        verified=Verified.SHA256,
    )
    return replace(job, downloads=(download,))


def morning_door() -> FakeDoor:
    """An engine that knows all this."""
    door = FakeDoor(jobs(), connections())
    door.offered = OFFERS
    door.events[FETCHED] = (
        Event(ago(840), FETCHED, "tracked", Safe("tracked")),
        Event(ago(200), FETCHED, "state", Safe("succeeded (3)")),
    )
    return door


def news() -> Job:
    """A job that has just changed: it is marked until somebody looks at it."""
    changed = next(job for job in jobs() if job.snapshot.title is None and job.title == "Export Line 3 PLC")
    said: Snapshot = changed.snapshot
    return replace(changed, snapshot=inert(replace(said, vendor_status="Packing")), changed_at=ago(-1))
