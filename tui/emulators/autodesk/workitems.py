"""The WorkItems of the emulated Design Automation, and their status documents."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import datetime

from tui.emulators.content import ZipContent
from tui.emulators.parcels import mesh
from tui.emulators.script import STUBBORN, Beat, Phase, Run, Script
from tui.emulators.worldtime import WorldTime

Json = dict[str, object]
OWNER = "acme"
BUCKET = "acme-results"
OPTIONAL = "failedUploadOptional"
_ACTIVITIES = ("ExportFbx+prod", "RenderDwg+prod", "RevitToIfc+v2", "InventorBom+prod")
_STAGES_OF_FAILURE = {
    "failedDownload": 1,
    "failedInstructions": 2,
    "failedLimitProcessingTime": 2,
    "failedUpload": 3,
}
_TIMES = ("timeDownloadStarted", "timeInstructionsStarted", "timeInstructionsEnded", "timeUploadEnded")


@dataclass(slots=True)
class AutodeskOptions:
    """What differs between days; may be changed while it runs."""

    wrong_sha1: bool = False
    """Tell a checksum that does not fit."""
    status_word: str | None = None
    """Answer this status for every WorkItem that is over."""
    failure_word: str | None = None
    """Answer this status for every WorkItem that failed."""
    without_stats: bool = False
    """Leave out all figures but `timeQueued`."""
    lag: float = 0.0
    """Seconds by which the status of many lags behind the status of one (section 3.5)."""
    cancel_conflicts: bool = False
    """Answer every cancel with 409."""
    dead_links: bool = False
    """Hand out download and report links that have died already."""


@dataclass(frozen=True)
class WorkItem:
    """One WorkItem; its stages are download, instructions, upload and clearing up.

    `ends_as` is the status that it ends with by itself. `key` names its output in the bucket. A `chunked` output is
    still in pieces when it is asked for.
    """

    id: str
    activity: str
    run: Run
    key: str
    content: ZipContent
    ends_as: str = "success"
    bucket: str = BUCKET
    chunked: bool = False
    bytes_downloaded: int = field(default=56_546)
    has_debug: bool = False
    """Whether it was submitted with `adskDebug`, and keeps an archive of its folder."""

    @property
    def object_name(self) -> str:
        """`BUCKET/KEY`."""
        return f"{self.bucket}/{self.key}"

    def has_output(self, now: float) -> bool:
        """Whether its output is there."""
        return self.run.beat(now).phase is Phase.SUCCEEDED


def script(born: float, wait: float, run: float, ends_as: str = "success", *, cancel_takes: float = 4.0) -> Script:
    """The life of a WorkItem whose instructions take `run` seconds; a failing one ends where it fails."""
    lengths = (1.5, run, 1.2, 0.4)[: _STAGES_OF_FAILURE.get(ends_as, 4)]
    return Script(born, wait, lengths, succeeds=ends_as not in _STAGES_OF_FAILURE, cancel_takes=cancel_takes)


def workitem(
    rng: random.Random,
    run: Run,
    size: int,
    *,
    ends_as: str = "success",
    activity: str = "",
    folder: str = "exports",
    chunked: bool = False,
) -> WorkItem:
    """A WorkItem with that life and about that many bytes of output."""
    made = f"{rng.getrandbits(128):032x}"
    name = activity or f"{OWNER}.{rng.choice(_ACTIVITIES)}"
    key = f"{folder}/{made[:8]}.zip"
    loaded = rng.randint(20_000, 9_000_000)
    content = mesh(made, made[:8], size)
    return WorkItem(made, name, run, key, content, ends_as, chunked=chunked, bytes_downloaded=loaded)


def opening(rng: random.Random) -> dict[str, WorkItem]:
    """The WorkItems that are under way when the world starts, by what happens to them."""

    def make(run: Run, size: int, ends_as: str = "success", folder: str = "exports") -> WorkItem:
        return workitem(rng, run, size, ends_as=ends_as, folder=folder)

    failing, missing = "failedInstructions", "failedDownload"
    cancelled = Run(script(-12, 3, 300), cancelled_at=40.0)
    fbx = f"{OWNER}.ExportFbx+prod"
    chunked = workitem(rng, Run(script(-4, 2, 16)), 7_340_032, activity=fbx, chunked=True)
    return {
        "quick": workitem(rng, Run(script(-2, 3, 6)), 2_000_000, activity=fbx),
        "failing": make(Run(script(-3, 4, 12, failing)), 1, failing),
        "chunked": chunked,
        "optional": make(Run(script(-5, 3, 20)), 350_000, OPTIONAL, "a dir"),
        "done": make(Run(script(-300, 9, 120)), 90_000_000),
        "missing": make(Run(script(-10, 30, 60, missing)), 1, missing),
        "cancelled": make(cancelled, 1),
        "stubborn": make(Run(script(-20, 5, 80, cancel_takes=STUBBORN)), 600_000),
        "waiting": make(Run(script(-30, 150, 40)), 1_000_000),
        "slow": make(Run(script(-60, 20, 1500)), 200_000_000),
    }


def newcomer(rng: random.Random, born: float) -> WorkItem:
    """A WorkItem that somebody else has started."""
    ends_as = rng.choices(("success", OPTIONAL, *_STAGES_OF_FAILURE), (74, 5, 4, 9, 4, 4))[0]
    run = Run(script(born, rng.uniform(1, 25), rng.uniform(6, 110), ends_as))
    return workitem(rng, run, int(10 ** rng.uniform(4.1, 7.6)), ends_as=ends_as)


def status_word(job: WorkItem, phase: Phase, options: AutodeskOptions) -> str:
    """The WorkItem's status (section 3.1)."""
    if phase.is_over and options.status_word:
        return options.status_word
    if phase is Phase.CANCELLED:
        return "cancelled"
    if phase is Phase.FAILED and options.failure_word:
        return options.failure_word
    if phase.is_over:
        return job.ends_as
    return "pending" if phase is Phase.WAITING else "inprogress"


def status(job: WorkItem, time: WorldTime, options: AutodeskOptions, now: float | None = None) -> Json:
    """The status document as of `now` (in seconds of the world), without its links."""
    now = time.seconds() if now is None else now
    beat = job.run.beat(now)
    document: Json = {
        "status": status_word(job, beat.phase, options),
        "activityId": job.activity,
        "stats": _stats(job, beat, time, options),
        "id": job.id,
    }
    if beat.phase is Phase.WAITING:
        document["approximateQueuePosition"] = max(1, math.ceil((job.run.script.starts - now) / 3))
    return document


def _stats(job: WorkItem, beat: Beat, time: WorldTime, options: AutodeskOptions) -> Json:
    stats: Json = {"timeQueued": _instant(time.moment(job.run.script.born))}
    if options.without_stats:
        return stats
    for name, entered in zip(_TIMES, beat.entered, strict=False):
        stats[name] = _instant(time.moment(entered))
    if beat.ended is None:
        return stats
    if len(beat.entered) == 2:
        stats["timeInstructionsEnded"] = _instant(time.moment(beat.ended))
    stats["timeFinished"] = _instant(time.moment(beat.ended))
    stats["bytesDownloaded"] = job.bytes_downloaded if len(beat.entered) > 1 else 0
    stats["bytesUploaded"] = job.content.size if beat.phase is Phase.SUCCEEDED else 0
    return stats


def _instant(moment: datetime) -> str:
    """Up to seven fraction digits, trailing zeros trimmed."""
    fraction = f"{moment.microsecond:06d}{moment.microsecond % 7}".rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"
